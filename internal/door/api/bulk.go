package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	wire "entente/client"
	"entente/internal/exchange"
	"entente/internal/practice/intake"
	"entente/stix"
)

func (s *Server) bulk() {
	register(s, huma.Operation{OperationID: "addObjects", Method: http.MethodPost, Path: "/collections/{collection}/objects", Tags: []string{"objects"},
		Summary: "Bring objects into a collection",
		Description: "The body is JSON Lines, a bundle, a TAXII envelope or an array of objects, plain or packed by gzip, zstd or xz. " +
			"It is taken as it comes; what cannot be read or kept is told, and hides nothing else. " +
			"The answer has one Result a line, in the order of the body, and a Tally at the end: an answer without it is not whole. " +
			"At most 100,000 objects are taken of one body, and 256 MiB unless the node's operator set another bound (`max-bulk`); the tally says so, and the rest is to be sent again. Sending the same again changes nothing.",
		RequestBody: objectBody(),
		Responses:   streams("One ResultLine a line.")}, s.addObjects, NotFound, Forbidden, Busy)
}

// objectBody documents a body of objects.
func objectBody() *huma.RequestBody {
	anything := &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{ndjson: anything,
		"application/stix+json": anything, "application/taxii+json": anything}}
}

// Bounds of one body, and of bodies under way at once.
const (
	maxResults   = 100_000
	batchObjects = 1000
	batchBytes   = 4 << 20
	maxBodies    = 16
)

// bringing is one body on its way into a collection.
type bringing struct {
	*Server
	call       *call
	collection string
	batch      []stix.Object
	index      []int // of batch[i], in the body
	bytes      int
	results    bytes.Buffer // lines; they are sent when the body has been read, since many clients read nothing before
	tally      wire.Tally
}

func (s *Server) addObjects(ctx context.Context, in *InCollection) (*stream, error) {
	c, err := s.view(ctx).Collection(in.Collection)
	if err != nil {
		return nil, err
	}
	if !c.CanWrite {
		return nil, problemf(Forbidden, "publish to collection %q: the account has no grant to write", c.Alias)
	}
	if err := callOf(ctx).takeStream(callOf(ctx).door.maxBulk); err != nil {
		return nil, err
	}
	release, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer release()
	b := &bringing{Server: s, call: callOf(ctx), collection: c.ID}
	if err := b.read(ctx); err != nil && b.tally.Objects == 0 {
		return nil, err
	} else if err != nil {
		b.tally.Error = (*wire.Error)(s.problemOf(b.call, err))
	}
	b.line(wire.ResultLine{Tally: &b.tally})
	return &stream{func(huma.Context) {
		b.call.w.Header()["Content-Type"] = []string{ndjson}
		b.call.w.Write(b.results.Bytes())
	}}, nil
}

// enter lets a body of objects come in while there are not too many.
func (s *Server) enter() (release func(), err error) {
	select {
	case s.bringing <- struct{}{}:
		return func() { <-s.bringing }, nil
	default:
		return nil, problemf(Busy, "too many bodies of objects are on their way in; send this one again in a moment")
	}
}

// read takes the body in. An error is why the rest of it was not taken.
func (b *bringing) read(ctx context.Context) error {
	largest := b.call.door.maxObject
	content, err := intake.Open(b.call.Body, intake.Limits{MaxObject: largest, MaxBytes: b.call.door.maxBulk})
	if err != nil {
		return bodyFault(err)
	}
	defer content.Close()
	index := 0
	for o, err := range stix.Scan(content, stix.MaxObject(largest)) {
		if index == maxResults {
			err := b.publish(ctx)
			return errors.Join(err, problemf(TooLarge, "the body holds more than %d objects; send those from index %d on again", maxResults, index))
		}
		if err != nil {
			if err := b.fault(ctx, index, err); err != nil {
				return err
			}
			index++
			continue
		}
		b.batch, b.index = append(b.batch, *o.Clone()), append(b.index, index)
		b.bytes += len(o.Raw)
		index++
		if len(b.batch) == batchObjects || b.bytes >= batchBytes {
			if err := b.publish(ctx); err != nil {
				return err
			}
		}
	}
	return b.publish(ctx)
}

// fault notes an object that cannot be read. An error of the body itself ends
// it: what came before is kept.
func (b *bringing) fault(ctx context.Context, index int, err error) error {
	if err := b.publish(ctx); err != nil { // results stand in the order of the body
		return err
	}
	bad, ok := errors.AsType[*stix.ScanError](err)
	if !ok || bad.Err != nil && !errors.Is(err, stix.ErrBroken) && !errors.Is(err, stix.ErrTooBig) {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return bodyFault(err)
	}
	b.tally.Objects++
	b.tally.Refused++
	b.line(wire.ResultLine{Result: &wire.Result{Index: index, ID: bad.ID, Verdict: string(exchange.Refused), Reason: err.Error()}})
	return nil
}

// publish brings the batch in and notes what became of it.
func (b *bringing) publish(ctx context.Context) error {
	if len(b.batch) == 0 {
		return nil
	}
	results, err := b.Exchange.Publish(ctx, b.call.who, exchange.Publication{Collection: b.collection, Objects: b.batch})
	if err != nil {
		return err
	}
	for i := range results {
		r := &results[i]
		shown := wire.Result{Index: b.index[i], ID: r.ID, Version: r.Version, Verdict: string(r.Verdict), Reason: r.Reason, Warning: r.Warning}
		if r.Added != 0 {
			shown.Added = timeOf(r.Added)
		}
		b.count(r.Verdict)
		b.line(wire.ResultLine{Result: &shown})
	}
	b.batch, b.index, b.bytes = b.batch[:0], b.index[:0], 0
	return nil
}

func (b *bringing) count(v exchange.Verdict) {
	t := &b.tally
	t.Objects++
	switch v {
	case exchange.New:
		t.New++
	case exchange.Same:
		t.Same++
	case exchange.Older:
		t.Older++
	case exchange.Variant:
		t.Variant++
	case exchange.Conflict:
		t.Conflict++
	case exchange.Refused:
		t.Refused++
	}
}

func (b *bringing) line(v wire.ResultLine) {
	_ = json.NewEncoder(&b.results).Encode(v) // of strings and numbers, into memory
}
