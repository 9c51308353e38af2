package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"entente/internal/store"
	"entente/internal/trust/handling"
)

// owedTable has what a publication still has to make stricter, so that a kill in
// between leaves nothing loose. A row comes in the transaction of the publication
// and goes in one of a later one.
const owedTable = "owed"

// owed is the ticks of what a publication wrote.
type owed struct {
	From store.Tick `json:"from"`
	To   store.Tick `json:"to"`
}

// paid are rows of owedTable that can go.
type paid struct {
	mu   sync.Mutex
	keys []string
}

func (p *paid) add(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = append(p.keys, key)
}

// drop takes the rows away. A transaction that comes to nothing leaves some to be
// worked off again at the next start, which changes nothing.
func (p *paid) drop(tx store.Tx) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, key := range p.keys {
		tx.Delete(owedTable, key)
	}
	p.keys = nil
}

// owe notes in a publication's transaction what it makes stricter.
func (x *Exchange) owe(tx store.Tx, writings []*writing, classes []string) (key string, err error) {
	x.paid.drop(tx)
	may := false
	for _, w := range writings {
		may = may || w.mayTighten(classes)
	}
	if !may {
		return "", nil
	}
	row := owed{From: tx.Tick(), To: tx.Tick()}
	for _, w := range writings {
		for _, o := range w.outcomes {
			if isWritten(o.State) {
				row.From = min(row.From, o.Added)
			}
		}
	}
	key = strconv.FormatInt(int64(row.To), 16)
	return key, store.SetJSON(tx, owedTable, key, row)
}

// mayTighten tells whether a publication may make anything stricter, as far as its
// transaction can know.
func (w *writing) mayTighten(classes []string) bool {
	var notNew map[string]bool
	for i := range w.outcomes {
		o := &w.outcomes[i]
		if !isWritten(o.State) {
			continue
		}
		if o.Under || o.State == store.Older || w.exchange.order.bindsAny(w.shownText(i), classes) {
			return true
		}
		if w.weights[i].asks {
			if notNew == nil {
				notNew, _ = w.notNew()
			}
			if w.reliesOn(i, notNew) != nil {
				return true
			}
		}
	}
	return false
}

// payLater tries again to make stricter what could not be, until it is.
func (x *Exchange) payLater(key string, t *tightening) {
	x.again("what a publication makes stricter is not all so yet", func(ctx context.Context) error {
		row, err := store.GetJSON[owed](x.store, owedTable, key)
		switch {
		case err == nil: // some of it may be done
			err = x.payOne(ctx, row)
		case errors.Is(err, store.ErrNotFound):
			err = x.bring(ctx, t)
		}
		if err == nil && key != "" {
			x.paid.add(key)
		}
		return err
	})
}

// payOff makes stricter what publications before the last end of the process did
// not come to.
func (x *Exchange) payOff(ctx context.Context) error {
	if err := x.bringLeftFaces(ctx); err != nil {
		return fmt.Errorf("exchange: what is shown of objects that became stricter: %w", err)
	}
	var keys []string
	for row, err := range store.RowsJSON[owed](x.store, owedTable, "") {
		if err == nil {
			err = x.payOne(ctx, row.Value)
		}
		if err != nil {
			return fmt.Errorf("exchange: make stricter what was left over: %w", err)
		}
		keys = append(keys, row.Key)
	}
	if keys == nil {
		return nil
	}
	x.paid.keys = append(x.paid.keys, keys...)
	_, err := x.store.Commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		x.paid.drop(tx)
		return nil
	}})
	return err
}

// mostOwed is how many objects that stand differently are gone through at once.
const mostOwed = 1000

func (x *Exchange) payOne(ctx context.Context, row owed) error {
	t := &tightening{written: map[store.Tick]bool{}, past: past{map[store.Tick]step{}, map[entity]bool{}}}
	var moved []entity // what stands differently since
	for after, more := row.From-1, true; more; {
		sealed, err := x.store.Changes(ctx, after, MaxBatch)
		if err != nil {
			return err
		}
		changes, err := x.gate.ReleaseChanges(handling.Curator, sealed)
		if err != nil {
			return err
		}
		for i := range changes.Len() {
			c := changes.Change(i)
			after = c.Row.Added
			at := entity{c.Row.Collection, strings.Clone(c.Row.ID)}
			differs, err := t.past.note(x, at, &c)
			if err != nil {
				changes.Close()
				return err
			}
			origin := t.past.origin(after)
			switch {
			case c.Kind != store.ChangeRemoved && origin >= row.From && origin <= row.To && !x.isFace(c.Row.Class):
				t.versions, t.formerly = append(t.versions, at), append(t.formerly, at)
				t.again = append(t.again, wrote{entity: at, version: strings.Clone(c.Row.Version), stranger: true})
				t.written[after] = true
			case differs:
				moved = append(moved, at)
			}
		}
		more = changes.More()
		changes.Close()
	}
	if err := x.bring(ctx, t); err != nil {
		return err
	}
	// What was stopped may have come to some of what refers, and not to what refers to that.
	for some := range slices.Chunk(moved, mostOwed) {
		if err := x.bring(ctx, &tightening{formerly: some, written: t.written, past: t.past}); err != nil {
			return err
		}
	}
	return nil
}

// past is how objects stood when a publication came that still owes something: what was
// stopped has made some stricter already, and by how they stand nobody tells any more
// what a writer could read.
type past struct {
	steps map[store.Tick]step // by where a version stands since
	faces map[entity]bool     // of which others were shown
}

// step is where a version stood before it was of another class.
type step struct {
	from  store.Tick
	class store.ClassID
}

// note notes a change if the object stood otherwise before.
func (p *past) note(x *Exchange, at entity, c *store.Change) (differs bool, err error) {
	if c.Kind == store.ChangeAdded {
		return false, nil
	}
	f, err := store.GetJSON[formerPlace](x.store, placeTable, placeKey(at.collection, c.Was))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	case x.isFace(f.Class):
		p.faces[at] = true
	case f.To == 0: // it was removed
		return false, nil
	default:
		p.steps[f.To] = step{c.Was, f.Class}
	}
	return true, nil
}

// origin is where something stood that stands at a tick.
func (p *past) origin(at store.Tick) store.Tick {
	for s, moved := p.steps[at]; moved; s, moved = p.steps[at] {
		at = s.from
	}
	return at
}

// stood is how a version stood.
func (p *past) stood(s store.Standing) store.Standing {
	for was, moved := p.steps[s.Added]; moved; was, moved = p.steps[s.Added] {
		s.Added, s.Class = was.from, was.class
	}
	return s
}
