package exchange

import (
	"context"
	"errors"

	"entente/internal/store"
	"entente/internal/trust/handling"
)

// past finds what of that which the report is about is gone. It keeps nothing of all
// other places that objects have left: each new class of each object leaves one.
func (r *reporting) past(ctx context.Context) (err error) {
	if r.since, err = r.x.placesKeptSince(); err != nil || r.ask.Value != "" {
		return err
	}
	for row, err := range store.RowsJSON[formerPlace](r.x.store, placeTable, "") {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if len(row.Value.Kinds) == 0 {
			continue
		}
		c, at, err := readPlaceKey(row.Key)
		if err != nil {
			return err
		}
		if err := r.goneAt(store.Place{Collection: c, Added: at}, &row.Value); err != nil {
			return err
		}
	}
	return nil
}

// formerAt is what was kept of a place, without a class, that something has left.
func (r *reporting) formerAt(p store.Place) (f formerPlace, kept bool, err error) {
	f, err = store.GetJSON[formerPlace](r.x.store, placeTable, placeKey(p.Collection, p.Added))
	if errors.Is(err, store.ErrNotFound) {
		return f, false, nil
	}
	return f, err == nil, err
}

// goneAt adds an object that was removed, if the report is about it. What somebody asks
// about by a value is not known of it any more.
func (r *reporting) goneAt(p store.Place, f *formerPlace) error {
	for s, err := range r.x.former(formerKey(p.Added)) {
		if err != nil {
			return err
		}
		if s.Collection == p.Collection && (r.ask.Object == "" || s.ID == r.ask.Object) {
			h := &heldPlace{gone: true, place: p}
			h.Object, h.Version, h.Source = s.ID, s.Version, f.Source
			r.byID[s.ID] = append(r.byID[s.ID], h)
		}
	}
	return nil
}

// standingAt is a date that an object that is held, or was, has or had.
type standingAt struct {
	added store.Tick
	of    *heldPlace
	class *handling.Class // by which it was released; nil when that is not known
}

// everStood tells all dates that what is held, or was, has or had in each collection.
func (r *reporting) everStood(ctx context.Context) (map[store.Collection][]standingAt, error) {
	places := map[store.Collection][]standingAt{}
	for id, all := range r.byID {
		stand, err := r.x.everStood(ctx, id)
		if err != nil {
			return nil, err
		}
		now, ends := map[store.Place]bool{}, map[store.Place]ending{}
		for _, p := range stand {
			if !p.Gone {
				now[store.Place{Collection: p.Collection, Added: p.Added}] = true
			}
		}
		for _, p := range stand {
			class, err := r.classAt(p)
			if err != nil {
				return nil, err
			}
			h, err := r.heldAt(p, all, now, ends)
			if err != nil {
				return nil, err
			}
			if h != nil && r.shows(p, class) {
				places[p.Collection] = append(places[p.Collection], standingAt{p.Added, h, class})
			}
		}
	}
	return places, nil
}

// heldAt tells what of an object stood at a place: it is followed to where it stands
// now, or went. A face is of its version, as is what moved before that was kept.
func (r *reporting) heldAt(p stood, all []*heldPlace, now map[store.Place]bool, ends map[store.Place]ending) (*heldPlace, error) {
	at, moved, err := r.follow(store.Place{Collection: p.Collection, Added: p.Added}, ends)
	if err != nil {
		return nil, err
	}
	followed := !p.Parts && (moved || now[at] || p.Added > r.since)
	for _, h := range all {
		switch {
		case h.place.Collection != p.Collection || h.Version != p.Version:
		case !followed || h.place.Added == at.Added:
			return h, nil
		}
	}
	return nil, nil
}

// ending is where what stood at a place came to, and whether it is kept that it left.
type ending struct {
	at    store.Place
	moved bool
}

// follow tells where what stood at a place stands, or stood last. Ends are those found for
// the object before: each place is asked for once, however often it moved.
func (r *reporting) follow(from store.Place, ends map[store.Place]ending) (at store.Place, moved bool, err error) {
	var way []store.Place
	at = from
	for {
		if end, known := ends[at]; known {
			at = end.at
			break
		}
		f, kept, err := r.formerAt(at)
		if err != nil {
			return at, false, err
		}
		ends[at] = ending{at, kept}
		if !kept || f.To == 0 {
			break
		}
		way = append(way, at)
		at.Added = f.To
	}
	for _, p := range way {
		ends[p] = ending{at, true}
	}
	return at, ends[from].moved, nil
}

// classAt is the class by which what stood at a place was released; nil when that was
// not kept.
func (r *reporting) classAt(p stood) (*handling.Class, error) {
	id := p.Class
	if p.Gone {
		f, kept, err := r.formerAt(store.Place{Collection: p.Collection, Added: p.Added})
		if err != nil || !kept {
			return nil, err
		}
		id = f.Class
	}
	c, _, err := handling.ShownClass(r.x.store.Classes()[id])
	return &c, err
}

// shows tells whether what stands or stood there may have shown personal data.
func (r *reporting) shows(p stood, class *handling.Class) bool {
	switch {
	case !p.Parts:
		return true
	case !p.Gone:
		return r.faces[store.Place{Collection: p.Collection, Added: p.Added}]
	}
	return class == nil || class.Personal
}
