package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	wire "entente/client"
	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
)

// eventStream is the media type of server-sent events (the HTML standard).
const eventStream = "text/event-stream"

func (s *Server) streaming() {
	register(s, huma.Operation{OperationID: "streamObjects", Method: http.MethodGet, Path: "/stream", Tags: []string{"objects"},
		Summary: "Follow collections: objects as server-sent events, what is there and then what comes",
		Description: "Each event `object` holds a StreamedObject and has an `id`, behind which a later stream goes on: by the header `Last-Event-ID` or `cursor`. " +
			"The stream gives what a client that lists each collection again and again would be given, also what is opened to the account later. " +
			"A comment comes every 15 seconds. The event `cut`, with a StreamEnd, tells why the stream is ended before the client ends it: `slow`, `stopping`, `unauthorized`, `not_found`; " +
			"the event `end`, that `limit` or `wait` is reached. After a cut by a collection's or account's end nothing comes; after the others, go on with the cursor.",
		Responses: s.eventResponses()}, s.stream, NotFound, Forbidden, BadCursor, Busy)
}

func (s *Server) eventResponses() map[string]*huma.Response {
	for _, data := range []reflect.Type{reflect.TypeFor[wire.StreamedObject](), reflect.TypeFor[wire.StreamEnd]()} {
		s.api.OpenAPI().Components.Schemas.Schema(data, true, "")
	}
	return map[string]*huma.Response{"200": {Description: "Events, each on lines `event`, `id` and `data`.",
		Content: map[string]*huma.MediaType{eventStream: {Schema: &huma.Schema{Type: "string", Description: "Data of `object` is a StreamedObject, of `cut` and `end` a StreamEnd."}}}}}
}

type streamInput struct {
	Collections []string  `query:"collection" maxItems:"64" doc:"Collections, by alias or id, separated by commas; all that the account may read at each moment when absent."`
	Types       []string  `query:"type" doc:"Types of objects, separated by commas."`
	IDs         []string  `query:"id" maxItems:"1000" doc:"Ids of objects, separated by commas."`
	Versions    string    `query:"versions" enum:"latest,all" default:"latest" doc:"The latest version of each object, or all."`
	Fields      []string  `query:"fields" doc:"Names of properties to show, separated by commas. What is shown then is a view, not the object's bytes."`
	AddedAfter  time.Time `query:"added_after" doc:"Only what was added later; what is there from the start when absent."`
	From        string    `query:"from" enum:"start,now" default:"start" doc:"now: only what comes from now on."`
	Cursor      string    `query:"cursor" doc:"The id of an event: goes on behind it, whatever added_after and from say."`
	LastEvent   string    `header:"Last-Event-ID" doc:"As cursor, before which it counts: browsers send it when they connect again."`
	Limit       int       `query:"limit" minimum:"0" default:"0" doc:"Ends the stream after so many objects; 0 for never."`
	Wait        int       `query:"wait" minimum:"-1" maximum:"86400" default:"-1" doc:"Ends the stream when nothing has come for so many seconds, 0 as soon as all that is there was sent; -1 for never."`
}

func (in *streamInput) query() exchange.TailQuery {
	q := exchange.TailQuery{Collections: in.Collections, Types: in.Types, IDs: in.IDs, All: in.Versions == "all", Cursor: in.Cursor}
	if in.LastEvent != "" {
		q.Cursor = in.LastEvent
	}
	switch {
	case in.From == "now":
		q.After = store.Tick(time.Now().UnixMicro())
	case !in.AddedAfter.IsZero():
		q.After = store.Tick(max(in.AddedAfter.UnixMicro(), 0))
	}
	return q
}

// streamLimits bound the streams of a door.
type streamLimits struct {
	all, perAccount int
	patience        time.Duration // beyond it a reader is slow
}

const (
	defaultStreams        = 2048
	defaultAccountStreams = 16
	defaultPatience       = 10 * time.Second
)

// openStreams counts the streams that are open.
type openStreams struct {
	mu       sync.Mutex
	all      int
	of       map[string]int // by account
	stopping chan struct{}  // closed when they are to end
	stopped  sync.Once
}

func (o *openStreams) stop() { o.stopped.Do(func() { close(o.stopping) }) }

// enter counts one more, until release.
func (o *openStreams) enter(name string, most streamLimits) (release func(), err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.of[name] >= most.perAccount:
		return nil, problemf(Busy, "the account has %d streams open, which is as many as it may; end one, or ask for more collections in one", o.of[name])
	case o.all >= most.all:
		return nil, problemf(Busy, "as many streams are open as may be; try again later, or list the objects")
	}
	o.all++
	o.of[name]++
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.all--
		if o.of[name]--; o.of[name] == 0 {
			delete(o.of, name)
		}
	}, nil
}

// Streams is how many streams are open.
func (s *Server) Streams() int {
	s.open.mu.Lock()
	defer s.open.mu.Unlock()
	return s.open.all
}

func (s *Server) stream(ctx context.Context, in *streamInput) (*stream, error) {
	c := callOf(ctx)
	if err := exchange.CheckTypes(in.Types); err != nil {
		return nil, err
	}
	tail, err := s.Exchange.Tail(c.who, in.query())
	if err != nil {
		return nil, err
	}
	release, err := s.open.enter(c.who.ID, c.door.streams)
	if err != nil {
		return nil, err
	}
	return &stream{func(huma.Context) {
		defer release()
		newEvents(c, tail, in).run(c.Context())
	}}, nil
}

// The pace of streams.
const (
	lookEvery  = 250 * time.Millisecond // a stream looks whether anything has come
	lookAnyway = time.Second            // and so often without anything written, for what a time opens
	beatEvery  = 15 * time.Second       // a comment, by which either side learns that the other has gone
	restFor    = 20                     // times as long as a look took that found nothing, it rests: what does not match is passed over anew
	pieceCount = 1000                   // objects of one piece
	pieceBytes = 256 << 10              // and about as many octets: what one stream keeps in memory
)

// events is one open stream. It looks on its own clock, in steps that depend on
// nothing that is written, and sends nothing but what it finds: what its reader
// may not see changes neither what comes nor when.
type events struct {
	*eventWriter
	call  *call
	tail  *exchange.Tail
	in    *streamInput
	begun time.Time // or when the last object was sent
	sent  int
}

// errEnded is why a stream ends that has reached what was asked for.
type errEnded struct{ code, detail string }

func (e *errEnded) Error() string { return e.detail }

// run sends what there is and what comes, until something ends it.
func (e *events) run(ctx context.Context) {
	err := e.open(e.tail.Cursor())
	if e.call.Method == http.MethodHead {
		return
	}
	look, beat := time.NewTicker(lookEvery), time.NewTicker(beatEvery)
	defer look.Stop()
	defer beat.Stop()
	seen, looked, rested := store.Tick(-1), time.Time{}, time.Time{}
	for err == nil {
		// The account is asked for at each step: who has lost it is told at once.
		who, lost := e.call.door.again(e.call.Request)
		if newest := e.call.door.Exchange.Newest(); lost != nil {
			err = lost
		} else if now := time.Now(); now.After(rested) && (newest != seen || now.Sub(looked) >= lookAnyway) {
			seen, looked = newest, now // before looking, so that nothing is missed
			sent := e.sent
			if err = e.sendAll(ctx, who); e.sent == sent {
				rested = time.Now().Add(restFor * time.Since(now))
			}
		}
		if err == nil {
			err = e.waited()
		}
		if err == nil {
			err = e.rest(ctx, look, beat)
		}
	}
	if ctx.Err() == nil {
		e.finish(err)
	}
}

// rest waits for the next step.
func (e *events) rest(ctx context.Context, look, beat *time.Ticker) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-e.call.door.open.stopping:
		return store.ErrClosed
	case <-beat.C:
		return e.beat()
	case <-look.C:
		return nil
	}
}

// waited ends a stream that is to wait no longer.
func (e *events) waited() error {
	if e.in.Wait < 0 || time.Since(e.begun) < time.Duration(e.in.Wait)*time.Second {
		return nil
	}
	return &errEnded{"wait", fmt.Sprintf("nothing more has come for %d seconds", e.in.Wait)}
}

// sendAll sends all that is there.
func (e *events) sendAll(ctx context.Context, who account.Principal) error {
	for {
		limit := pieceCount
		if e.in.Limit > 0 {
			limit = min(limit, e.in.Limit-e.sent)
		}
		page, err := e.tail.Read(ctx, who, limit, pieceBytes)
		if err != nil || page == nil {
			return err
		}
		err = e.sendPage(page)
		page.Close()
		if err != nil {
			return err
		}
		if who, err = e.call.door.again(e.call.Request); err != nil {
			return err
		}
		select {
		case <-e.call.door.open.stopping:
			return store.ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		default:
		}
	}
}

// sendPage sends what was released, and holds the reader to taking it.
func (e *events) sendPage(page *exchange.TailPage) error {
	began := time.Now()
	for i := range page.Len() {
		page.Pass(i)
		if err := e.object(page, i, e.in.Fields, e.tail.Cursor()); err != nil {
			return err
		}
		e.sent++
	}
	if err := e.flush(); err != nil {
		return err
	}
	e.begun = time.Now()
	if e.in.Limit > 0 && e.sent >= e.in.Limit {
		return &errEnded{"limit", fmt.Sprintf("%d objects were sent, as asked for", e.sent)}
	}
	if took := e.begun.Sub(began); took > e.call.door.streams.patience {
		return &errSlow{took}
	}
	return nil
}

// errSlow is why a reader is cut who took too long.
type errSlow struct{ took time.Duration }

func (e *errSlow) Error() string {
	return fmt.Sprintf("what was sent was taken only after %.1f seconds; go on with the cursor when you can take more", e.took.Seconds())
}

// finish tells why the stream ends, if its reader can still be told. What nobody
// foresaw goes to the log, as with other answers.
func (e *events) finish(err error) {
	if _, gone := errors.AsType[*errGone](err); gone {
		return
	}
	cursor := e.tail.Cursor()
	if ended, ok := errors.AsType[*errEnded](err); ok {
		_ = e.last("end", ended.code, ended.detail, cursor)
		return
	}
	if _, slow := errors.AsType[*errSlow](err); slow {
		_ = e.last("cut", "slow", err.Error(), cursor)
		return
	}
	p := e.call.door.problem(err, e.call.door.local, "path", e.call.URL.Path, "account", e.call.who.Account)
	if p.Code == string(Stopping) {
		p.Detail = "the server is stopping; go on with the cursor a little later"
	}
	_ = e.last("cut", p.Code, p.Detail, cursor)
}
