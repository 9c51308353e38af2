package device

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"entente/internal/abreast"
	"entente/internal/exchange"
	"entente/internal/format/blocklist"
	"entente/internal/score"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

// Reading is what an indicator says, as package detect hears it.
type Reading struct {
	Values     []stix.Value // each condemned by itself
	Together   bool         // it also asks for values that count only together
	Left       string       // why something of it is left out; empty when nothing is
	Since      time.Time
	Until      time.Time
	Confidence int    // 0 to 100; -1 when it says none
	Language   string // of a pattern in another language than STIX
	Pattern    string
}

// Guards tells why a value must not be blocked, in words that follow it, as "is on the
// warninglist Top 1000"; false when nothing speaks against it.
type Guards func(v stix.Value) (why string, guarded bool)

// Parts are what a Chooser is made of.
type Parts struct {
	Exchange *exchange.Exchange

	// Hear reads an indicator, as its producer wrote it, as it holds at a time. It may write
	// over the values of what was heard before.
	Hear func(said *Reading, raw []byte, at time.Time)

	// Own is what the member or others told to be their own, as a reader may know it;
	// nothing is told of it to others. Nil guards nothing.
	Own func(ctx context.Context, by account.Principal) (Guards, error)

	// Listed is what warninglists hold, as a reader may know it: values that a person may
	// insist on. Nil for none.
	Listed func(by account.Principal) (Guards, error)

	// Stamp is another value, by ==, after what Own and Listed answer by has changed but
	// for objects. Nil when it never does.
	Stamp func() (any, error)

	// Model is that by which indicators are scored; score.Usual when nil.
	Model func() (*score.Model, error)

	Temp string // folder for what does not fit in memory; the system's when empty
	Now  func() time.Time
}

// Chooser chooses what is exported. Its methods are safe for concurrent use.
type Chooser struct {
	Parts
	changes atomic.Uint64 // of what is to be chosen, by people
}

// NewChooser makes one. The clock is time.Now when nil.
func NewChooser(p Parts) *Chooser {
	if p.Now == nil {
		p.Now = time.Now
	}
	return &Chooser{Parts: p}
}

// Wish says what a list is to hold.
type Wish struct {
	Format        *blocklist.Format
	Kinds         []blocklist.Kind // the format's usual ones when empty
	Collections   []string         // ids or aliases; all that the reader may read when empty
	MinConfidence int              // 0 takes also what says none
	MinScore      int              // of 100, as of when the day began
	Limit         int              // the best so many by score; 0 for all
	Reviewed      bool             // without what a machine made and no person has reviewed
}

// scored tells whether the list depends on what indicators are worth: where it holds the
// best so many, has them first, or says it.
func (w *Wish) scored() bool {
	return w.Limit > 0 || w.MinScore > 0 || w.Format.Most > 0 || w.Format.Ranked || w.Format.Scored
}

// List is what was chosen, in the order in which it is written. Close it.
type List struct {
	Wish  Wish
	Len   int
	Left  []Left    // by reason
	Turns time.Time // when the choice may be another by time alone; zero for never
	*shelves
}

// Choose chooses by the view of an account. Errors: exchange.ErrNotFound,
// exchange.ErrForbidden for collections; exchange.ErrInvalid for the wish.
func (c *Chooser) Choose(ctx context.Context, by account.Principal, w Wish) (*List, error) {
	kinds, err := w.Format.Choose(w.Kinds)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", exchange.ErrInvalid, err)
	}
	r := &reading{chooser: c, wish: w, at: c.Now(), kinds: kinds, view: c.Exchange.View(by)}
	if r.collections, err = r.view.ReadableOf(w.Collections); err != nil {
		return nil, err
	}
	err = abreast.Two(func() (err error) { // each looks among all that the view has
		r.guards, err = c.guards(ctx, by, w.Format)
		return err
	}, func() (err error) {
		r.opinions, err = c.opinionsFor(ctx, by, r.view)
		return err
	})
	if err != nil {
		return nil, err
	}
	if r.worths, err = c.worthsFor(ctx, r.view, &w, r.at); err != nil {
		return nil, err
	}
	said := &sorter{dir: c.Temp}
	defer said.Close()
	if err := r.read(ctx, said); err != nil {
		return nil, err
	}
	return r.arrange(said)
}

// guards are those that hold for a format: what only watches may watch all.
func (c *Chooser) guards(ctx context.Context, by account.Principal, f *blocklist.Format) (g guarding, err error) {
	if g.insisted, err = c.insisted(); err != nil || !f.Blocks {
		return g, err
	}
	if c.Own != nil {
		if g.own, err = c.Own(ctx, by); err != nil {
			return g, err
		}
	}
	if c.Listed != nil {
		if g.listed, err = c.Listed(by); err != nil {
			return g, err
		}
	}
	return g, nil
}

// guarding is what keeps values out of a list.
type guarding struct {
	own, listed Guards
	insisted    map[stix.Value]bool
}

// against tells why a value is not blocked; empty when it may be.
func (g *guarding) against(v stix.Value) string {
	if g.own != nil {
		if why, is := g.own(v); is {
			return why
		}
	}
	if g.listed != nil && !g.insisted[v] {
		if why, is := g.listed(v); is {
			return why
		}
	}
	return ""
}

// mayBlock is the rule of PAP for readers of whom handling does not ask it.
func mayBlock(p handling.PAP) bool { return p <= handling.PAPGreen }
