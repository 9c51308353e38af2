package storetest

import (
	"bytes"

	"entente/internal/store"
)

// changesAfter reads the whole feed after a tick.
func (k *keeper) changesAfter(after store.Tick) []change {
	k.Helper()
	list, more := k.changesOf(k.Store, after, 100_000)
	if more {
		k.Fatalf("more than %d changes", len(list))
	}
	return list
}

func (k *keeper) changesOf(r store.Reader, after store.Tick, limit int) (list []change, more bool) {
	k.Helper()
	c, err := r.Changes(k.ctx(), after, limit)
	k.ok(err)
	defer c.Close()
	last := after
	for _, ch := range c.List {
		if ch.Row.Added <= last {
			k.Fatalf("changes after %d have %d behind %d", after, ch.Row.Added, last)
		}
		last = ch.Row.Added
		open := change{Kind: ch.Kind, Row: layRowOpen(ch.Row), Was: ch.Was}
		if ch.Kind == store.ChangeRemoved {
			// Of a removal the contract promises no more than these.
			open.Row = row{
				Collection: open.Row.Collection, Added: open.Row.Added,
				ID: open.Row.ID, Version: open.Row.Version, Body: open.Row.Body,
			}
		}
		list = append(list, open)
	}
	if c.More && len(list) == 0 {
		k.Fatalf("no changes after %d, and yet more", after)
	}
	return list, c.More
}

// versionsOf are the versions of an id, whatever their class.
func (k *keeper) versionsOf(c store.Collection, id string) []string {
	k.Helper()
	rows, err := k.Versions(k.ctx(), c, id, store.AllClasses())
	k.ok(err)
	var v []string
	for _, r := range rows {
		v = append(v, r.Version)
	}
	return v
}

// everywhere is a scope of all classes in the first nine collections.
func everywhere() store.Scope {
	s := store.Scope{}
	for c := store.Collection(1); c < 10; c++ {
		s[c] = store.AllClasses()
	}
	return s
}

func (k *keeper) lookup(kind uint8, text string) []store.Place {
	k.Helper()
	places, err := k.Lookup(k.ctx(), kind, text, everywhere(), 100_000)
	k.ok(err)
	return none(places)
}

func (k *keeper) edgesOf(id string) []store.Edge {
	k.Helper()
	edges, err := k.Edges(k.ctx(), []store.Target{{ID: id}}, everywhere(), 100_000)
	k.ok(err)
	return none(edges[0])
}

// none makes an empty list nil, so that the two compare as one.
func none[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

func (k *keeper) fetch(r store.Reader, places ...store.Place) []row {
	k.Helper()
	return k.fetchLatest(r, nil, places...)
}

func (k *keeper) fetchLatest(r store.Reader, scope store.Scope, places ...store.Place) []row {
	k.Helper()
	p, err := r.Fetch(k.ctx(), places, scope)
	k.ok(err)
	defer p.Close()
	return layOpen(p.Rows)
}

// member gives the member rows of a table that start with prefix.
func (k *keeper) member(r store.Reader, table, prefix string) []store.Keyed {
	k.Helper()
	var list []store.Keyed
	for row, err := range r.Rows(table, prefix) {
		k.ok(err)
		list = append(list, store.Keyed{Key: string([]byte(row.Key)), Value: bytes.Clone(row.Value)})
	}
	return list
}

// keep puts an object and says where it is.
func (k *keeper) keep(p store.Put) store.Place {
	k.Helper()
	o := k.put(p)
	return store.Place{Collection: p.Collection, Class: o.Class, Added: o.Added}
}
