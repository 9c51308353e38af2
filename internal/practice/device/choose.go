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

	// Hear reads an indicator, as its producer wrote it, whatever the time is. It may write
	// over the values of what was heard before.
	Hear func(said *Reading, raw []byte)

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
	return c.choose(ctx, by, w, nil)
}

// choose is Choose out of a stock, which is brought up to date; of all there is where there
// is none.
func (c *Chooser) choose(ctx context.Context, by account.Principal, w Wish, s *stock) (*List, error) {
	kinds, err := w.Format.Choose(w.Kinds)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", exchange.ErrInvalid, err)
	}
	view := c.Exchange.View(by)
	l := &listener{chooser: c, view: view, scored: w.scored(), fed: w.Format == Feed}
	if l.collections, err = view.ReadableOf(w.Collections); err != nil {
		return nil, err
	}
	heard, err := l.rows(ctx, s)
	if err != nil {
		return nil, err
	}
	defer heard.close()
	j, err := c.judgement(ctx, by, view, w, kinds)
	if err != nil {
		return nil, err
	}
	j.again = heard.again
	sum := &judged{left: leftOut{}}
	a := &arranging{wish: w, temp: c.Temp, left: sum.left}
	list, err := a.list(j.all(heard.all(), sum))
	if err != nil {
		return nil, err
	}
	if err := heard.keep(); err != nil {
		list.Close()
		return nil, err
	}
	if heard.again {
		// What was heard before leaves once more: by a decision of now, and accounted for.
		if still, err := view.GiveAgain(ctx, sum.places); err != nil || !still {
			list.Close()
			if s.forget(); err != nil {
				return nil, err
			}
			return c.choose(ctx, by, w, s)
		}
	}
	if list.Left, list.Turns = sum.left.list(), sum.turns; j.worths != nil {
		list.Turns = sooner(list.Turns, j.worths.at.Add(24*time.Hour))
	}
	return list, nil
}

// judgement is by what rows are judged for an account.
func (c *Chooser) judgement(ctx context.Context, by account.Principal, view *exchange.View, w Wish, kinds []blocklist.Kind) (*judgement, error) {
	j := &judgement{wish: w, at: c.Now(), kinds: kinds}
	err := abreast.Two(func() (err error) { // each looks among all that the view has
		j.guards, err = c.guards(ctx, by, w.Format)
		return err
	}, func() error {
		opinions, err := c.opinionsFor(ctx, by, view)
		if err == nil {
			j.wrong, err = opinions.wrongs(ctx, view)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	j.worths, err = c.worthsFor(ctx, view, &w, j.at)
	return j, err
}

// guards are those that hold for a format: what only watches may watch one's own, too, and
// what is on a warninglist would have it cry all day.
func (c *Chooser) guards(ctx context.Context, by account.Principal, f *blocklist.Format) (g guarding, err error) {
	if g.insisted, err = c.insisted(); err != nil {
		return g, err
	}
	if c.Listed != nil {
		if g.listed, err = c.Listed(by); err != nil {
			return g, err
		}
	}
	if c.Own != nil && f.Blocks {
		g.own, err = c.Own(ctx, by)
	}
	return g, err
}

// guarding is what keeps values out of a list.
type guarding struct {
	own, listed Guards
	insisted    map[stix.Value]bool
}

// against tells why a value is not in a list; empty when it may be.
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
