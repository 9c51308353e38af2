package lookup

import (
	"context"
	"errors"
	"fmt"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
)

// Check is what became of a watch's answer since it was last kept.
type Check struct {
	Watch   string    `json:"watch"`
	Since   time.Time `json:"since"`
	Checked time.Time `json:"checked"`
	Changes []Turn    `json:"changes"`

	// More says that there is more of a value than is compared. An object that
	// comes among those compared is told as new, one that leaves them is not told.
	More bool `json:"more,omitempty"`
}

// Turn is what became of one object in the answer for one value.
type Turn struct {
	Value   string   `json:"value"`
	What    What     `json:"change"`
	ID      string   `json:"id"`
	Was     *Known   `json:"was,omitempty"`
	Finding *Finding `json:"finding,omitempty"` // as it is now; not of what is gone
}

// What says which way an answer turned.
type What string

// The ways. Gone is also what the watch's owner may not see any more, or what
// in its newest version carries another value: the three look alike.
const (
	New     What = "new"
	Changed What = "changed" // another version, another state, or seen more often
	Gone    What = "gone"
)

// checkTries is how often a check that another one came before begins anew.
const checkTries = 5

// Check tells what changed in the answer since the last check and keeps the
// answer of now; with peek it keeps nothing. Each change is told by one check
// alone, however many are under way. Errors: exchange.ErrNotFound;
// exchange.ErrStale when others check the watch all the time.
func (w *Watches) Check(ctx context.Context, by account.Principal, name string, peek bool) (Check, error) {
	watch, err := w.Get(by, name)
	if err != nil {
		return Check{}, err
	}
	for range checkTries {
		if c, err := w.check(ctx, by, &watch, peek); !errors.Is(err, exchange.ErrStale) {
			return c, err
		}
	}
	return Check{}, fmt.Errorf("watch %s was checked by others at the same time; what you would be told is %w", name, exchange.ErrStale)
}

// check looks before it opens the transaction, which must be quick. When
// another check was kept since the watch was read, the error is
// exchange.ErrStale, and the watch is as the other left it.
func (w *Watches) check(ctx context.Context, by account.Principal, watch *Watch, peek bool) (Check, error) {
	c := Check{Watch: watch.Name, Since: watch.Checked, Checked: w.moment(), Changes: []Turn{}}
	if !c.Checked.After(c.Since) {
		c.Checked = c.Since.Add(time.Microsecond)
	}
	answers, err := w.look(ctx, by, watch)
	if err != nil {
		return Check{}, err
	}
	err = w.x.Keep(ctx, func(tx store.Tx) error {
		row, err := tx.Get(watchTable, watchKey(by, watch.Name))
		if errors.Is(err, store.ErrNotFound) {
			return noWatch(watch.Name)
		}
		last, err := readRow[Watch](row, err)
		if err != nil {
			return err
		}
		if !last.Checked.Equal(watch.Checked) || !last.Made.Equal(watch.Made) {
			*watch = last
			return exchange.ErrStale
		}
		if err := c.compare(tx, watchKey(by, watch.Name), answers); err != nil || peek {
			return err
		}
		watch.Checked = c.Checked
		return watch.keep(tx, by, answers)
	})
	if err != nil {
		return Check{}, err
	}
	return c, nil
}

// compare tells what became of each value's answer.
func (c *Check) compare(tx store.Tx, key string, answers []Answer) error {
	known, err := readRow[[][]Known](tx.Get(knownTable, key))
	if err != nil {
		return err
	}
	if len(known) != len(answers) {
		return fmt.Errorf("watch %s: its rows do not belong together; remove it and add it anew", c.Watch)
	}
	for i := range answers {
		c.Changes = append(c.Changes, turns(known[i], &answers[i])...)
		c.More = c.More || answers[i].More
	}
	return nil
}

// turns compares an answer with what was known: what is new, then what
// changed, then what is gone. What an answer that is cut leaves out may be
// there still, and is not told.
func turns(was []Known, a *Answer) []Turn {
	before := make(map[string]*Known, len(was))
	for i := range was {
		before[was[i].ID] = &was[i]
	}
	var fresh, changed, gone []Turn
	for i := range a.Findings {
		f := &a.Findings[i]
		old, there := before[f.ID]
		delete(before, f.ID)
		switch {
		case !there:
			fresh = append(fresh, Turn{Value: a.Asked, What: New, ID: f.ID, Finding: f})
		case *old != f.known():
			changed = append(changed, Turn{Value: a.Asked, What: Changed, ID: f.ID, Was: old, Finding: f})
		}
	}
	for i := range was {
		if _, left := before[was[i].ID]; left && !a.More {
			gone = append(gone, Turn{Value: a.Asked, What: Gone, ID: was[i].ID, Was: &was[i]})
		}
	}
	return append(append(fresh, changed...), gone...)
}
