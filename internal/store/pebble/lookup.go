package pebble

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/store"
)

// Lookup gives the memberships whose object carries the value.
func (r reads) Lookup(ctx context.Context, kind uint8, text string, scope store.Scope, limit int) ([]store.Place, error) {
	found, err := r.Lookups(ctx, []store.Value{{Kind: kind, Text: text}}, scope, limit)
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// Lookups looks many values up by one iterator, the making of which costs more
// than finding by its filters that a value is not there.
func (r reads) Lookups(ctx context.Context, values []store.Value, scope store.Scope, limit int) ([][]store.Place, error) {
	found := make([][]store.Place, len(values))
	err := r.walkPlaces(ctx, kindValue, len(values), func(w *placeWalk) error {
		var prefix []byte
		for i, value := range values {
			prefix = appendValue(prefix[:0], value.Kind, value.Text)
			add := func(at store.Place, _ []byte) (bool, error) {
				if len(found[i]) >= limit {
					return false, nil
				}
				found[i] = append(found[i], at)
				return len(found[i]) < limit, nil
			}
			err := w.each(ctx, prefix, scope, add)
			if err == nil && len(found[i]) >= limit { // which of them depends on the order
				found[i] = found[i][:0]
				err = w.ordered(ctx, prefix, store.Place{}, scope, add)
			}
			if err != nil {
				return err
			}
			slices.SortFunc(found[i], w.compare)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// Edges gives the references into ids, which it looks up in the order of their
// keys: from one to the next costs less than to any other.
func (r reads) Edges(ctx context.Context, targets []store.Target, scope store.Scope, limit int) ([][]store.Edge, error) {
	found := make([][]store.Edge, len(targets))
	err := r.walkPlaces(ctx, kindEdge, len(targets), func(w *placeWalk) error {
		prefixes, order := make([][]byte, len(targets)), make([]int, len(targets))
		for i := range targets {
			prefixes[i], order[i] = appendID([]byte{kindEdge}, targets[i].ID), i
		}
		slices.SortFunc(order, func(a, b int) int { return bytes.Compare(prefixes[a], prefixes[b]) })
		for _, i := range order {
			t, prefix := &targets[i], prefixes[i]
			add := func(at store.Place, value []byte) (bool, error) {
				paths, ok := readPaths(value)
				if !ok {
					return false, damaged("the references of collection %d at %d cannot be read", at.Collection, at.Added)
				}
				for _, path := range paths {
					if at == t.After.Place && path <= t.After.Path {
						continue
					}
					if len(found[i]) >= limit {
						return false, nil
					}
					found[i] = append(found[i], store.Edge{Place: at, Path: path})
				}
				return len(found[i]) < limit, nil
			}
			if err := w.edges(ctx, prefix, t.After.Place, scope, limit, &found[i], add); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// Fetch gives the row at each place, with its body, in the order asked for.
func (r reads) Fetch(ctx context.Context, places []store.Place, latest store.Scope) (*store.Page, error) {
	v, err := r.acquireFor(ctx)
	if err != nil {
		return nil, err
	}
	defer v.release()
	b := newPageBuf()
	page, err := v.fetch(ctx, b, places, latest)
	if err != nil {
		b.recycle()
		return nil, v.store.readError(err)
	}
	return page, nil
}

func (v *view) fetch(ctx context.Context, b *pageBuf, places []store.Place, latest store.Scope) (*store.Page, error) {
	members := memberReader{view: v, single: true}
	defer members.close()
	for _, at := range places {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		row, err := members.at(at.Collection, at.Added)
		if errors.Is(err, pebble.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		m, ok := readMember(row)
		if ok && m.class == at.Class && (latest == nil || m.latest(latest[at.Collection])) {
			b.add(at.Collection, at.Added, row)
		}
		if !ok {
			return nil, damaged("the membership of collection %d at %d cannot be read", at.Collection, at.Added)
		}
	}
	if _, err := b.readBodies(v, false, true, 0); err != nil {
		return nil, err
	}
	if err := b.makeRows(true); err != nil {
		return nil, err
	}
	return &store.Page{Rows: b.rows, Free: b.free}, nil
}

// Versions gives the rows of one id in one collection, oldest first.
func (r reads) Versions(ctx context.Context, c store.Collection, id string, visible *store.Classes) ([]store.Row, error) {
	v, err := r.acquireFor(ctx)
	if err != nil {
		return nil, err
	}
	defer v.release()
	rows, err := v.versions(c, id, visible)
	return rows, v.store.readError(err)
}

func (v *view) versions(c store.Collection, id string, visible *store.Classes) ([]store.Row, error) {
	it, err := v.iterator(kindID)
	if err != nil {
		return nil, err
	}
	defer v.giveBack(kindID, it)
	chain, err := readChain(it, appendID(nil, id), c)
	if err != nil {
		return nil, err
	}
	members := memberReader{view: v}
	defer members.close()
	b := newPageBuf()
	defer b.recycle()
	var sources []string
	for i := range chain {
		if !visible.Has(chain[i].class) {
			continue
		}
		row, err := members.at(c, chain[i].tick)
		if err != nil {
			return nil, missing(err, "the membership of collection %d at %d", c, chain[i].tick)
		}
		b.add(c, chain[i].tick, row)
		sources = append(sources, chain[i].source)
	}
	if err := b.makeRows(false); err != nil {
		return nil, err
	}
	rows := slices.Clone(b.rows)
	for i := range rows { // the buffer goes back; the caller's rows stay
		rows[i].ID, rows[i].Version = id, string(bytes.Clone([]byte(rows[i].Version)))
		rows[i].Source = sources[i]
	}
	return rows, nil
}

// Count is the number of memberships of a collection, per class.
func (r reads) Count(c store.Collection) map[store.ClassID]int64 {
	v, err := r.acquire()
	if err != nil {
		return nil
	}
	defer v.release()
	counts := make(map[store.ClassID]int64)
	err = each(v.snap, append32([]byte{kindCount}, c), func(key, value []byte) error {
		if len(key) != 9 || len(value) != 8 {
			return damaged("a counter cannot be read: %s", keyText(key))
		}
		counts[read32[store.ClassID](key[5:])] = readNumber(value)
		return nil
	})
	if err != nil {
		v.store.log.Error("store: counters cannot be read", "collection", c, "error", v.store.readError(err))
	}
	return counts
}

// Now is the newest durable tick.
func (r reads) Now() store.Tick {
	v, err := r.acquire()
	if err != nil {
		return 0
	}
	defer v.release()
	return v.tick
}

// Classes lists the interned classes by their numbers.
func (r reads) Classes() []string {
	v, err := r.acquire()
	if err != nil {
		return nil
	}
	defer v.release()
	return v.classes
}

// missing says of which row pebble.ErrNotFound is.
func missing(err error, format string, args ...any) error {
	if errors.Is(err, pebble.ErrNotFound) {
		return damaged("%s is missing", fmt.Sprintf(format, args...))
	}
	return err
}
