package exchange

import (
	"context"
	"fmt"
	"maps"
	"sync"

	"entente/internal/store"
	"entente/internal/trust/handling"
)

// markings explains the marking definitions that the own member has brought
// in. The well-known ones are handling's.
type markings struct {
	mu      sync.RWMutex
	byID    meanings
	learned int // how often byID has become another
}

// meanings are what marking definitions mean, by id. They are replaced as a whole.
type meanings map[string]handling.Marking

// Marking explains a marking definition; the zero Marking when nothing does.
func (m meanings) Marking(id string) handling.Marking { return m[id] }

const markingTable = "marking"

func (x *Exchange) loadMarkings() error {
	byID := meanings{}
	for row, err := range store.RowsJSON[handling.Marking](x.store, markingTable, "") {
		if err != nil {
			return fmt.Errorf("exchange: read the marking definitions: %w", err)
		}
		byID[row.Key] = row.Value
	}
	x.markings.byID, x.markings.learned = byID, 1 // what waits is looked at once after each start
	return nil
}

// Marking explains a marking definition; the zero Marking when nothing does.
func (m *markings) Marking(id string) handling.Marking {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.byID[id]
}

// now is what is known, and how often that has become another.
func (m *markings) now() (meanings, int) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.byID, m.learned
}

// learn adds what definitions that stand say, and tells whether that is anything.
func (m *markings) learn(defs []definition) (more bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range defs {
		former := m.byID[d.id]
		meaning := former.With(d.meaning)
		if meaning.Is(former) {
			continue
		}
		if !more {
			more, m.byID = true, maps.Clone(m.byID)
			m.learned++
		}
		m.byID[d.id] = meaning
	}
	return more
}

// definition is a marking definition of the own member among the objects of a
// publication.
type definition struct {
	object  int // its index there
	id      string
	meaning handling.Marking
}

// readDefinitions reads the marking definitions among the objects, so that objects
// marked with them are classed right from the start: by those that will stand, as
// far as that is known.
func (w *writing) readDefinitions() {
	w.definitions = nil
	for i := range w.publication.Objects {
		o := &w.publication.Objects[i]
		if !w.trusted || o.Type != "marking-definition" || w.fallen[i] {
			continue
		}
		if m, err := handling.ReadMarking(o.Raw); err == nil && m.Known() {
			w.definitions = append(w.definitions, definition{i, o.ID, m})
		}
	}
}

// explained are the markings as they are known with those of the publication.
func (w *writing) explained() handling.Definitions {
	if len(w.definitions) == 0 {
		return &w.exchange.markings
	}
	known, _ := w.exchange.markings.now()
	own := make(meanings, len(w.definitions))
	for _, d := range w.definitions {
		m, met := own[d.id]
		if !met {
			m = known[d.id]
		}
		own[d.id] = m.With(d.meaning)
	}
	return overlay{own, &w.exchange.markings}
}

// overlay explains markings from a publication's own definitions first.
type overlay struct {
	own  meanings // with what is known of the same ids
	rest handling.Definitions
}

func (o overlay) Marking(id string) handling.Marking {
	if m, ok := o.own[id]; ok {
		return m
	}
	return o.rest.Marking(id)
}

// fallenDefinitions abandons a transaction in which definitions do not stand that
// objects were classed by.
type fallenDefinitions struct {
	writing *writing
	objects []int
}

func (*fallenDefinitions) Error() string { return "a definition among the objects does not stand" }

// learn keeps, in the transaction, what the definitions say. Those that were refused
// or kept aside nobody is shown: what they say does not count, and the publication
// has to be prepared without them.
func (w *writing) learn(tx store.Tx, outcomes []store.Outcome) error {
	if len(w.definitions) == 0 {
		return nil
	}
	stands := make(map[int]bool, len(outcomes))
	for i, o := range outcomes {
		stands[w.object[i]] = o.State != store.Conflict
	}
	fallen := &fallenDefinitions{writing: w}
	for _, d := range w.definitions {
		if !stands[d.object] {
			fallen.objects = append(fallen.objects, d.object)
		}
	}
	if len(fallen.objects) > 0 {
		return fallen
	}
	for _, d := range w.definitions {
		var former handling.Marking
		if has(tx, markingTable, d.id) {
			var err error
			if former, err = store.GetJSON[handling.Marking](tx, markingTable, d.id); err != nil {
				return err
			}
		}
		meaning := former.With(d.meaning)
		if meaning.Is(former) {
			continue
		}
		if err := store.SetJSON(tx, markingTable, d.id, meaning); err != nil {
			return err
		}
	}
	return nil
}

// without prepares the publication again, without some of its definitions.
func (w *writing) without(ctx context.Context, fallen *fallenDefinitions) error {
	if w.fallen == nil {
		w.fallen = map[int]bool{}
	}
	for _, i := range fallen.objects {
		w.fallen[i] = true
	}
	return w.prepare(ctx)
}
