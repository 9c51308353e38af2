package api

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"entente/internal/practice/intake"
	"entente/internal/practice/seen"
	"entente/internal/trust/account"
)

// sensing registers what is done with events, and with what was seen in them.
func (s *Server) sensing() {
	tags := []string{"seen"}
	lines := &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	register(s, huma.Operation{OperationID: "sendEvents", Method: http.MethodPost, Path: "/events", Tags: tags,
		Summary: "Send events: lines of any log",
		Description: "For sensors, curators and admins of the own member. The body is lines of text or of JSON, plain or packed by gzip, zstd or xz; it is gone over as it comes. " +
			"What indicators ask for is a hit at once, and the values that stand in it are kept for the days that the node's operator has set. At most 256 MiB are taken unless the operator set another bound (`max-bulk`). " +
			"What was read of a body that breaks off counts.",
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"text/plain": lines, ndjson: lines}}}, s.sendEvents, Forbidden, Busy, Invalid)
	register(s, huma.Operation{OperationID: "listSeenHits", Method: http.MethodGet, Path: "/seen/hits", Tags: tags,
		Summary: "List what was seen that indicators ask for, the last first", Description: "For curators and admins of the own member. Each value once for each indicator, however often it was seen, also before the indicator was known; while the indicator can be read, is not revoked, and asks for it."},
		s.listSeenHits, Forbidden, BadCursor)
	register(s, huma.Operation{OperationID: "getSeen", Method: http.MethodGet, Path: "/seen", Tags: tags,
		Summary: "Tell how much is kept of what was seen", Description: "For curators and admins of the own member."}, s.getSeen, Forbidden)
	register(s, huma.Operation{OperationID: "forgetSeen", Method: http.MethodPost, Path: "/seen/forget", Tags: tags,
		Summary: "Erase a value from what was seen, or all of it", Description: "For curators and admins of the own member. The hits on it go, too. What sightings tell of it stays."}, s.forgetSeen, Forbidden, StorageFull)
}

// errUnseen says that a node takes no events.
var errUnseen = problemf(Forbidden, "this node takes no events")

// pieceSize is how much of a body of events is gone over at once, in bytes.
const pieceSize = 256 << 10

func (s *Server) sendEvents(ctx context.Context, _ *struct{}) (*struct{ Body seen.Taken }, error) {
	by := who(ctx)
	if s.Seen == nil || !by.Senses() {
		return nil, problemf(Forbidden, "send events: this takes a sensor, a curator or an admin of the node's own member")
	}
	c := callOf(ctx)
	if err := c.takeStream(c.door.maxBulk); err != nil {
		return nil, err
	}
	select {
	case s.sensed <- struct{}{}:
		defer func() { <-s.sensed }()
	default:
		return nil, problemf(Busy, "too many bodies of events are on their way in; send this one again in a moment")
	}
	content, err := intake.Open(c.Body, intake.Limits{MaxBytes: c.door.maxBulk, MaxRatio: 100_000}) // logs repeat themselves
	if err != nil {
		return nil, bodyFault(err)
	}
	defer content.Close()
	source, err := s.Seen.Begin(ctx)
	if err != nil {
		return nil, err
	}
	fault := addAll(source, content)
	taken, err := source.End()
	if err = errors.Join(err, s.Seen.Write(ctx)); err != nil {
		return nil, err
	}
	if fault != nil {
		return nil, fault
	}
	if by.Role == account.Sensor {
		taken.Matched = nil // what is looked for is not for its eyes
	}
	return &struct{ Body seen.Taken }{taken}, nil
}

// addAll goes over a body. An error is one of the body, or of what goes over it.
func addAll(to *seen.Source, content io.Reader) error {
	b := make([]byte, pieceSize)
	for {
		n, err := io.ReadFull(content, b)
		if n > 0 {
			if err := to.Add(b[:n]); err != nil {
				return err
			}
		}
		switch {
		case err == io.EOF, err == io.ErrUnexpectedEOF: // ReadFull's own
			return nil
		case err != nil:
			return bodyFault(err)
		}
	}
}

func (s *Server) listSeenHits(ctx context.Context, in *Paging) (*listing[seen.Hit], error) {
	if s.Seen == nil {
		return nil, errUnseen
	}
	all, err := s.Seen.Hits(ctx, who(ctx))
	if err != nil {
		return nil, err
	}
	return pageOf(all, (*seen.Hit).Order, *in)
}

func (s *Server) getSeen(ctx context.Context, _ *struct{}) (*struct{ Body seen.State }, error) {
	if s.Seen == nil {
		return nil, errUnseen
	}
	t, err := s.Seen.State(who(ctx))
	return &struct{ Body seen.State }{t}, err
}

// Forgetting says what to erase.
type Forgetting struct {
	Value string `json:"value,omitempty" maxLength:"4096" doc:"An address, a name, a URL, an address of mail or a digest."`
	All   bool   `json:"all,omitempty" doc:"In place of a value: all that was seen."`
}

// Forgotten is what was erased.
type Forgotten struct {
	Count uint64 `json:"count" doc:"How often the value had been seen; 0 of all."`
}

func (s *Server) forgetSeen(ctx context.Context, in *struct{ Body Forgetting }) (*struct{ Body Forgotten }, error) {
	if s.Seen == nil {
		return nil, errUnseen
	}
	if in.Body.All == (in.Body.Value != "") {
		return nil, problemf(Invalid, "say what to forget: a value, or all; one of the two")
	}
	n, err := s.Seen.Forget(ctx, who(ctx), in.Body.Value, in.Body.All)
	return &struct{ Body Forgotten }{Forgotten{n}}, err
}
