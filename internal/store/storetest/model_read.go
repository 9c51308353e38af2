package storetest

import (
	"cmp"
	"slices"
	"strings"

	"entente/internal/store"
)

// row is a store.Row laid open, so that two can be compared.
type row struct {
	Collection store.Collection
	Added      store.Tick
	Class      store.ClassID
	ID         string
	Version    string
	Spec       string
	Source     string // of versions
	Body       string
}

// change is a store.Change laid open.
type change struct {
	Kind store.ChangeKind
	Row  row
	Was  store.Tick
}

func (m *model) open(e entry, bodies bool) row {
	r := row{
		Collection: e.collection, Added: e.added, Class: m.intern(e.class),
		ID: e.id, Version: e.version, Spec: e.spec,
	}
	if bodies {
		r.Body = string(m.bodies[e.digest])
	}
	return r
}

func (m *model) page(q store.PageQuery) (rows []row, more bool) {
	var size int
	for _, e := range m.rows {
		if e.collection != q.Collection || e.added <= q.After || !m.sees(q.Visible, e) || !m.matches(q, e) {
			continue
		}
		if len(rows) == q.Limit {
			return rows, true
		}
		r := m.open(e, q.Bodies)
		size += len(r.Body)
		if q.MaxBytes > 0 && size > q.MaxBytes && len(rows) > 0 {
			return rows, true
		}
		rows = append(rows, r)
	}
	return rows, false
}

func (m *model) sees(visible *store.Classes, e entry) bool {
	return visible.Has(m.intern(e.class))
}

func (m *model) matches(q store.PageQuery, e entry) bool {
	kind, _, _ := strings.Cut(e.id, "--")
	return oneOf(q.IDs, e.id) && oneOf(q.Types, kind) && oneOf(q.Specs, e.spec) && m.hasVersion(q, e)
}

func oneOf(list []string, s string) bool {
	return len(list) == 0 || slices.Contains(list, s)
}

func (m *model) hasVersion(q store.PageQuery, e entry) bool {
	f := q.Versions
	if f.All {
		return true
	}
	if f.Latest || !f.First && len(f.Exact) == 0 {
		if !m.anyVisible(q.Visible, func(o entry) bool { return newer(o, e) && oneOf(q.Specs, o.spec) }) {
			return true
		}
	}
	if f.First && !m.anyVisible(q.Visible, func(o entry) bool { return newer(e, o) && oneOf(q.Specs, o.spec) }) {
		return true
	}
	version := cmp.Or(e.version, stamp(e.added))
	for _, exact := range f.Exact {
		x, xok := parseInstant(exact)
		y, yok := parseInstant(version)
		if xok && yok && x == y {
			return true
		}
	}
	return false
}

func (m *model) anyVisible(visible *store.Classes, is func(entry) bool) bool {
	return slices.ContainsFunc(m.rows, func(o entry) bool { return is(o) && m.sees(visible, o) })
}

func (m *model) versions(c store.Collection, id string, visible *store.Classes) []row {
	var found []entry
	for _, e := range m.rows {
		if e.collection == c && e.id == id && m.sees(visible, e) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b entry) int {
		switch {
		case a.version == "" && b.version == "":
			return cmp.Compare(a.born, b.born)
		case a.version == "":
			return -1
		case b.version == "":
			return 1
		}
		return compareVersions(a.version, b.version)
	})
	var rows []row
	for _, e := range found {
		r := m.open(e, false)
		r.Source = e.source
		rows = append(rows, r)
	}
	return rows
}

func (m *model) lookup(kind uint8, text string, scope store.Scope, limit int) []store.Place {
	var places []store.Place
	for _, e := range m.rows {
		if m.sees(scope[e.collection], e) && slices.Contains(e.values, store.Value{Kind: kind, Text: text}) {
			places = append(places, m.place(e))
		}
	}
	slices.SortFunc(places, m.comparePlaces)
	return places[:min(limit, len(places))]
}

func (m *model) within(r store.Range, scope store.Scope, limit int) []store.Carrier {
	var found []store.Carrier
	for _, e := range m.rows {
		for _, v := range e.values {
			c := store.Carrier{Text: v.Text, Place: m.place(e)}
			if m.sees(scope[e.collection], e) && v.Kind == r.Kind && len(v.Text) == len(r.From) && v.Text >= r.From && v.Text <= r.To &&
				(r.After == store.Carrier{} || compareCarriers(c, r.After) > 0) && !slices.Contains(found, c) {
				found = append(found, c)
			}
		}
	}
	slices.SortFunc(found, compareCarriers)
	return found[:min(limit, len(found))]
}

func compareCarriers(a, b store.Carrier) int {
	return cmp.Or(cmp.Compare(a.Text, b.Text), comparePlaces(a.Place, b.Place))
}

func (m *model) edges(t store.Target, scope store.Scope, limit int) []store.Edge {
	var edges []store.Edge
	for _, e := range m.rows {
		if !m.sees(scope[e.collection], e) {
			continue
		}
		for _, ref := range e.edges {
			edge := store.Edge{Place: m.place(e), Path: ref.Path}
			if ref.ID == t.ID && !slices.Contains(edges, edge) && (t.After == store.Edge{} || m.compareEdges(edge, t.After) > 0) {
				edges = append(edges, edge)
			}
		}
	}
	slices.SortFunc(edges, m.compareEdges)
	return edges[:min(limit, len(edges))]
}

func (m *model) compareEdges(a, b store.Edge) int {
	return cmp.Or(m.comparePlaces(a.Place, b.Place), cmp.Compare(a.Path, b.Path))
}

// comparePlaces has classes in the order of their texts.
func (m *model) comparePlaces(a, b store.Place) int {
	return cmp.Or(cmp.Compare(a.Collection, b.Collection), cmp.Compare(m.classes[a.Class], m.classes[b.Class]), cmp.Compare(a.Added, b.Added))
}

func (m *model) place(e entry) store.Place {
	return store.Place{Collection: e.collection, Class: m.intern(e.class), Added: e.added}
}

func comparePlaces(a, b store.Place) int {
	return cmp.Or(cmp.Compare(a.Collection, b.Collection), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Added, b.Added))
}

func (m *model) fetch(places []store.Place, latest store.Scope) []row {
	var rows []row
	for _, p := range places {
		for _, e := range m.rows {
			superseded := latest != nil && m.anyVisible(latest[e.collection], func(o entry) bool { return newer(o, e) })
			if m.place(e) == p && !superseded {
				rows = append(rows, m.open(e, true))
			}
		}
	}
	return rows
}

func (m *model) changes(after store.Tick, limit int) (list []change, more bool) {
	for _, s := range m.steps {
		if s.at <= after {
			continue
		}
		if len(list) == limit {
			return list, true
		}
		c := change{Kind: s.kind, Was: s.was}
		if s.kind == store.ChangeRemoved {
			c.Row = row{Collection: s.row.collection, Added: s.at, ID: s.row.id, Version: s.row.version}
		} else {
			c.Row = m.open(s.row, true)
		}
		list = append(list, c)
	}
	return list, false
}

func (m *model) count(c store.Collection) map[store.ClassID]int64 {
	n := map[store.ClassID]int64{}
	for _, e := range m.rows {
		if e.collection == c {
			n[m.intern(e.class)]++
		}
	}
	return n
}

func (m *model) get(table, key string) ([]byte, bool) {
	v, found := m.member[member{table, key}]
	return v, found
}

func (m *model) keyed(table, prefix string) []store.Keyed {
	var list []store.Keyed
	for k, v := range m.member {
		if k.table == table && strings.HasPrefix(k.key, prefix) {
			list = append(list, store.Keyed{Key: k.key, Value: v})
		}
	}
	slices.SortFunc(list, func(a, b store.Keyed) int { return cmp.Compare(a.Key, b.Key) })
	return list
}
