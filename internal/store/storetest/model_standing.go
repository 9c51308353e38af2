package storetest

import (
	"cmp"
	"slices"

	"entente/internal/store"
)

// under tells whether an older version of an object is there.
func (m *model) under(e entry) bool {
	return slices.ContainsFunc(m.rows, func(o entry) bool {
		return o.collection == e.collection && o.id == e.id && o.version != "" && e.version != "" && compareVersions(o.version, e.version) < 0
	})
}

func (m *model) standings(id string, most int) (list []store.Standing) {
	var rows []entry
	for _, e := range m.rows {
		if e.id == id && !e.face {
			rows = append(rows, e)
		}
	}
	slices.SortFunc(rows, func(a, b entry) int {
		switch {
		case a.collection != b.collection:
			return cmp.Compare(a.collection, b.collection)
		case a.version == "" && b.version == "":
			return cmp.Compare(b.born, a.born)
		case a.version == "":
			return 1
		case b.version == "":
			return -1
		}
		return compareVersions(b.version, a.version)
	})
	given := map[store.Collection]int{}
	kindOf := func(s store.Standing) store.Standing {
		s.Added, s.Since = 0, 0
		return s
	}
	var rest []store.Standing // of the collection, below the newest
	for _, e := range rows {
		s := store.Standing{Place: m.place(e), Source: e.source, Since: e.born, Bare: e.version == ""}
		for _, o := range m.rows {
			if o.face && o.beside(&e) {
				s.Face = m.intern(o.class)
			}
		}
		if given[e.collection]++; s.Bare || given[e.collection] <= most {
			list, rest = append(list, s), nil
			continue
		}
		alike := func(o store.Standing) bool { return kindOf(o) == kindOf(s) }
		if first := slices.IndexFunc(rest, alike); first >= 0 {
			older := slices.IndexFunc(rest[first+1:], alike)
			came := rest[first+1+max(older, -1)]
			if came.Since < s.Since {
				continue
			}
			if older >= 0 { // another came first
				list = slices.DeleteFunc(list, func(o store.Standing) bool { return o == came })
				rest = slices.Delete(rest, first+1+older, first+2+older)
			}
		}
		list, rest = append(list, s), append(rest, s)
	}
	return list
}
