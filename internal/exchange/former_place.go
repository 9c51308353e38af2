package exchange

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"entente/internal/store"
	"entente/internal/trust/personal"
)

// Where something stood that was given another class or removed, by collection and the
// date added that it had: what a report on personal data has to know of the past, and
// what nothing else tells any more.
const placeTable = "audit-place"

// formerPlace is what stood somewhere. Of what was removed there is only what held
// personal data.
type formerPlace struct {
	Class  store.ClassID `json:"class"`
	To     store.Tick    `json:"to,omitempty"`     // where it stood next, in another class; 0: it was removed
	Source string        `json:"source,omitempty"` // who had brought what was removed
	Kinds  []string      `json:"kinds,omitempty"`  // of the personal data that it held
}

func placeKey(c store.Collection, at store.Tick) string {
	return fmt.Sprintf("%08x %016x", uint32(c), int64(at))
}

func readPlaceKey(key string) (c store.Collection, at store.Tick, err error) {
	if _, err = fmt.Sscanf(key, "%08x %016x", &c, &at); err != nil {
		err = fmt.Errorf("audit: where an object stood: row %q: %w", key, err)
	}
	return c, at, err
}

// withPlaces is a batch that also keeps where what it removes or re-classes stood, in
// its transaction: afterwards nobody knows of what class it was.
func (x *Exchange) withPlaces(b *store.Batch) *store.Batch {
	if len(b.Removes)+len(b.Reclasses) == 0 {
		return b
	}
	with := *b
	with.Then = func(tx store.Tx, outcomes []store.Outcome) error {
		if err := keepPlaces(tx, b, outcomes[len(b.Puts):]); err != nil {
			return err
		}
		if b.Then == nil {
			return nil
		}
		return b.Then(tx, outcomes)
	}
	return &with
}

// keepPlaces writes where what was removed or re-classed stood.
func keepPlaces(tx store.Tx, b *store.Batch, outcomes []store.Outcome) error {
	for i := range b.Removes {
		if o := &outcomes[i]; o.State == store.Removed {
			if err := keepGone(tx, b.Removes[i].Collection, b.Removes[i].Added, o); err != nil {
				return err
			}
		}
	}
	for i, r := range b.Reclasses {
		if o := &outcomes[len(b.Removes)+i]; o.State == store.Reclassed {
			if err := store.SetJSON(tx, placeTable, placeKey(r.Collection, r.Added), formerPlace{Class: o.Was, To: o.Added}); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepGone writes where an object stood that was removed, if it held personal data, and
// its face; and where a face stood that was removed alone.
func keepGone(tx store.Tx, c store.Collection, at store.Tick, o *store.Outcome) error {
	p := formerPlace{Class: o.Class, Source: o.Source}
	if !o.Gone.Face {
		for _, v := range o.Gone.Values {
			if v.Kind == personalKind {
				p.Kinds = append(p.Kinds, v.Text)
			}
		}
		h, err := store.GetJSON[holding](tx, holdingTable, address(c, o.Gone.Digest))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if h.Personal && len(p.Kinds) == 0 {
			p.Kinds = []string{personal.Stated.String()}
		}
		if len(p.Kinds) == 0 {
			return nil
		}
	}
	if err := store.SetJSON(tx, placeTable, placeKey(c, at), p); err != nil || o.Gone.Shown == (store.Place{}) {
		return err
	}
	return store.SetJSON(tx, placeTable, placeKey(c, o.Gone.Shown.Added), formerPlace{Class: o.Gone.Shown.Class})
}

// placesKept is the row that says from when on places are kept, and on what readers are
// given something; 0 where that was always so.
const placesKept = "places-kept"

// notePlacesKept notes, once, from when on places are kept.
func (x *Exchange) notePlacesKept(ctx context.Context) error {
	if _, err := x.store.Get("exchange", placesKept); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	since := store.Tick(0)
	if len(x.store.Classes()) > 1 { // else there never was an object
		since = x.store.Now()
	}
	err := x.Keep(ctx, func(tx store.Tx) error {
		tx.Set("exchange", placesKept, strconv.AppendInt(nil, int64(since), 10))
		return nil
	})
	if errors.Is(err, store.ErrFull) { // it is noted when there is room
		return nil
	}
	return err
}

// placesKeptSince is that moment; 0 where they always were.
func (x *Exchange) placesKeptSince() (store.Tick, error) {
	row, err := x.store.Get("exchange", placesKept)
	if errors.Is(err, store.ErrNotFound) {
		return x.store.Now(), nil
	}
	if err != nil {
		return 0, err
	}
	since, err := strconv.ParseInt(string(row), 10, 64)
	return store.Tick(since), err
}
