package exchange

import (
	"context"

	"entente/internal/store"
	"entente/internal/trust/handling"
)

// past reads where what the report is about stood before, and what of it is gone.
func (r *reporting) past(ctx context.Context) (err error) {
	if r.since, err = r.x.placesKeptSince(); err != nil {
		return err
	}
	for row, err := range store.RowsJSON[formerPlace](r.x.store, placeTable, "") {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		c, at, err := readPlaceKey(row.Key)
		if err != nil {
			return err
		}
		p := store.Place{Collection: c, Added: at}
		r.former[p] = row.Value
		if len(row.Value.Kinds) > 0 {
			if err := r.goneAt(p, &row.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

// goneAt adds an object that was removed, if the report is about it. What somebody asks
// about by a value is not known of it any more.
func (r *reporting) goneAt(p store.Place, f *formerPlace) error {
	if r.ask.Value != "" {
		return nil
	}
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
		now := map[store.Place]bool{}
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
			if h := r.heldAt(p, all, now); h != nil && r.shows(p, class) {
				places[p.Collection] = append(places[p.Collection], standingAt{p.Added, h, class})
			}
		}
	}
	return places, nil
}

// heldAt tells what of an object stood at a place: it is followed to where it stands
// now, or went. A face is of its version, as is what moved before that was kept.
func (r *reporting) heldAt(p stood, all []*heldPlace, now map[store.Place]bool) *heldPlace {
	at := store.Place{Collection: p.Collection, Added: p.Added}
	f, kept := r.former[at]
	moved := kept
	for kept && f.To != 0 {
		at.Added = f.To
		f, kept = r.former[at]
	}
	followed := !p.Parts && (moved || now[at] || p.Added > r.since)
	for _, h := range all {
		switch {
		case h.place.Collection != p.Collection || h.Version != p.Version:
		case !followed || h.place.Added == at.Added:
			return h
		}
	}
	return nil
}

// classAt is the class by which what stood at a place was released; nil when that was
// not kept.
func (r *reporting) classAt(p stood) (*handling.Class, error) {
	id := p.Class
	if p.Gone {
		f, kept := r.former[store.Place{Collection: p.Collection, Added: p.Added}]
		if !kept {
			return nil, nil
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
