package seen

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/stix"
)

// Settings say how much of what is seen is kept.
type Settings struct {
	Days  int   // for how many; 0: no history
	Bytes int64 // most of the history's files
}

// DefaultSettings are those unless others are given.
var DefaultSettings = Settings{Days: 30, Bytes: 512 << 20}

// Options are what a Seen stands on.
type Options struct {
	Matching Matching
	Dir      string            // of the history
	As       account.Principal // whose view is looked for: a custodian's
	Now      func() time.Time
	Logger   *slog.Logger
}

// Seen goes over events and keeps what was seen. Its methods are safe for concurrent use.
type Seen struct {
	x       *exchange.Exchange
	match   Matching
	as      account.Principal
	now     func() time.Time
	log     *slog.Logger
	history *history
	running atomic.Bool
	begin   chan struct{} // a place for the wish to look for indicators

	mu      sync.Mutex // held while a piece is gone over, and while the set changes
	set     Set        // nil while nothing is looked for
	point   exchange.Point
	waiting hits
	ready   chan struct{} // closed when there is a set

	count counts
}

// New opens what was seen beside an exchange. Nothing is taken before Run.
func New(x *exchange.Exchange, o Options) (*Seen, error) {
	h, err := openHistory(o.Dir, o.Now)
	if err != nil {
		return nil, fmt.Errorf("seen values: %w", err)
	}
	return &Seen{x: x, match: o.Matching, as: o.As, now: o.Now, log: o.Logger, history: h, begin: make(chan struct{}, 1), waiting: hits{}, ready: make(chan struct{})}, nil
}

// Source is one stream of events, as a request or a connection. It belongs to one goroutine.
type Source struct {
	s       *Seen
	values  Feed
	hits    Feed  // nil while nothing is looked for yet
	matched int64 // lines
	last    int64 // the line of the last hit
	fault   error
}

// Taken is what became of events.
type Taken struct {
	Lines   int64  `json:"lines" doc:"How many were read."`
	Bytes   int64  `json:"bytes"`
	Matched *int64 `json:"matched,omitempty" doc:"In how many of them something stands that an indicator asks for; told to curators and admins alone."`
}

// Begin begins to take events, when what is looked for is there, or after a moment: what
// comes before is looked for in the history.
func (s *Seen) Begin(ctx context.Context) (*Source, error) {
	if !s.running.Load() {
		return nil, fmt.Errorf("%w: events are taken while the node is served; start it with entente serve", exchange.ErrInvalid)
	}
	s.want()
	select {
	case <-s.ready:
	case <-time.After(patience):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	o := &Source{s: s}
	o.values = s.match.Values(func(v stix.Value) {
		if err := s.history.add(v.Text); err != nil {
			o.fault = err
		}
	})
	return o, nil
}

// patience is how long events wait for what is looked for.
const patience = 10 * time.Second

// want asks for indicators to be looked for, once.
func (s *Seen) want() {
	select {
	case s.begin <- struct{}{}:
	default:
	}
}

// Add goes over some more.
func (o *Source) Add(b []byte) error {
	s := o.s
	s.mu.Lock()
	defer s.mu.Unlock()
	before := o.values.Lines()
	if err := o.values.Add(b); err != nil {
		return err
	}
	var err error
	if s.set != nil && o.hits == nil {
		o.hits = s.set.Feed(o.hit)
	}
	if o.hits != nil {
		if err = o.hits.Use(s.set); err == nil {
			err = o.hits.Add(b)
		}
	}
	return o.done(before, err)
}

func (o *Source) done(before int64, err error) error {
	o.s.count.lines.Add(o.values.Lines() - before)
	if err == nil && o.fault != nil {
		err, o.fault = o.fault, nil
	}
	return err
}

// End goes over what waits, and tells how much it was.
func (o *Source) End() (Taken, error) {
	s := o.s
	s.mu.Lock()
	defer s.mu.Unlock()
	before := o.values.Lines()
	lines, bytes, err := o.values.End()
	if o.hits != nil && err == nil {
		if err = o.hits.Use(s.set); err == nil {
			_, _, err = o.hits.End()
		}
	}
	err = o.done(before, err)
	return Taken{Lines: lines, Bytes: bytes, Matched: &o.matched}, err
}

// hit counts one; the lock is held.
func (o *Source) hit(h *Found) error {
	if h.Line != o.last {
		o.last = h.Line
		o.matched++
	}
	now := o.s.now()
	at, ok := o.s.match.Time(h.Start, now)
	if !ok || at.After(now) {
		at = now
	}
	o.s.count.live.Add(1)
	if !o.s.waiting.note(h, normal(h), 1, at, at, false) {
		o.s.count.dropped.Add(1)
	}
	return nil
}

// normal is what stands in a line in the form in which it is looked up.
func normal(h *Found) string {
	if h.How == "exact" {
		return h.Matched.Text
	}
	if v, ok := stix.NewValue(h.Matched.Kind, h.Value); ok {
		return v.Text
	}
	return h.Value
}

// Write writes what hit, so that it is known and survives a kill.
func (s *Seen) Write(ctx context.Context) error {
	s.mu.Lock()
	all := s.waiting
	s.waiting = hits{}
	s.mu.Unlock()
	fresh, err := s.writeHits(ctx, all)
	s.tellFresh(fresh)
	return err
}

// mostTold is how many lines the log has of one round.
const mostTold = 10

// tellFresh says in the log which indicators hit that had not before; what was seen stays
// out of it.
func (s *Seen) tellFresh(fresh []*Hit) {
	for i, h := range fresh {
		if i == mostTold {
			s.log.Warn("more indicators hit what was seen; entente seen hits tells all", "more", len(fresh)-i)
			return
		}
		s.log.Warn("an indicator hit what was seen; entente seen hits tells what", "indicator", h.Indicator, "before", h.Before, "count", h.Count, "first", h.First, "last", h.Last)
	}
}

// Forget erases a value from the history, and hits on it; all that was seen when all is
// asked for. It tells how often the value was seen. Errors: exchange.ErrForbidden.
func (s *Seen) Forget(ctx context.Context, by account.Principal, text string, all bool) (n uint64, err error) {
	if err := mayAsk(by, "forget what was seen"); err != nil {
		return 0, err
	}
	text = s.normalForm(text)
	if n, err = s.history.forget(text, all); err != nil {
		return n, fmt.Errorf("forget what was seen: %w", err)
	}
	s.mu.Lock()
	s.waiting = hits{}
	if s.set != nil {
		s.set.Forget()
	}
	s.mu.Unlock()
	var gone []Hit
	for row, err := range store.RowsJSON[Hit](s.x, table, "") {
		if err != nil {
			return n, err
		}
		if all || row.Value.Value == text {
			gone = append(gone, row.Value)
		}
	}
	return n, s.dropHits(ctx, gone)
}

// normalForm is the form in which a value is kept, the longest of a text: of a URL the
// whole of it, not its host.
func (s *Seen) normalForm(text string) string {
	form := ""
	f := s.match.Values(func(v stix.Value) {
		if len(v.Text) > len(form) {
			form = v.Text
		}
	})
	_ = f.Add([]byte(text)) // errors are those of a hit
	_, _, _ = f.End()
	return cmp.Or(form, text)
}

// State is what is kept, and what came since the start.
type State struct {
	Kept
	Hits    int   `json:"hits" doc:"How many were written."`
	Lines   int64 `json:"lines" doc:"Of events, since the start."`
	Dropped int64 `json:"dropped" doc:"Hits that were too many at once and are not counted, since the start."`
}

// State tells what is kept. Errors: exchange.ErrForbidden.
func (s *Seen) State(by account.Principal) (State, error) {
	if err := mayAsk(by, "ask what was seen"); err != nil {
		return State{}, err
	}
	t := State{Kept: s.history.kept(), Lines: s.count.lines.Load(), Dropped: s.count.dropped.Load()}
	for _, err := range s.x.Rows(table, "") {
		if err != nil {
			return t, err
		}
		t.Hits++
	}
	return t, nil
}

// counts are since the start.
type counts struct{ lines, live, before, dropped atomic.Int64 }

// Counts are what a scrape tells.
type Counts struct {
	Lines, Live, Before, Dropped int64
	Kept
}

// Counts are those since the start, over all readers.
func (s *Seen) Counts() Counts {
	c := &s.count
	return Counts{c.lines.Load(), c.live.Load(), c.before.Load(), c.dropped.Load(), s.history.kept()}
}
