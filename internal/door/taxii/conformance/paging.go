package conformance

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// walk pages through a listing to its end and gives all ids. Between pages it
// calls between, if that is set.
func (s *suite) walk(t *testing.T, as Account, path, query string, between func()) []string {
	t.Helper()
	ids := []string{}
	next := ""
	for range 10_000 {
		q := query
		if next != "" {
			q = strings.Trim(q+"&next="+next, "&")
		}
		p := s.do(t, call{path: path, query: q, as: as}).page(t)
		if len(p.Versions) > 0 {
			ids = append(ids, p.Versions...)
		} else {
			ids = append(ids, p.ids(t)...)
		}
		if !p.More {
			return ids
		}
		if p.Next == next {
			t.Fatalf("next stays %q", next)
		}
		next = p.Next
		if between != nil {
			between()
		}
	}
	t.Fatal("there is no end")
	return nil
}

// paging: section 3.5.
func (s *suite) paging(t *testing.T) {
	c := s.take(t)
	objects, ids := indicators(25)
	s.add(t, c, objects...)
	types := ids
	other := newID("malware")
	s.add(t, c, malware(other, v1))
	ids = append(ids, other)
	for _, limit := range []string{"1", "2", "7", "24", "25", "26", "27", "1000", "999999999999999999999999"} {
		for name, path := range map[string]string{"objects": objectsOf(c), "manifest": manifestOf(c)} {
			t.Run("3.5 every object once at limit "+limit+" of "+name, func(t *testing.T) {
				equal(t, "ids", s.walk(t, s.Ana, path, "limit="+limit, nil), ids)
			})
		}
	}
	t.Run("3.4 no more objects than limit", func(t *testing.T) {
		for _, n := range []int{1, 3, 25} {
			if p := s.get(t, objectsOf(c), "limit="+itoa(n)).page(t); len(p.Objects) != n || !p.More {
				t.Errorf("%d objects at limit %d, more %v", len(p.Objects), n, p.More)
			}
		}
	})
	t.Run("3.4 a limit that is just met has no more", func(t *testing.T) {
		if p := s.get(t, objectsOf(c), "limit=26").page(t); len(p.Objects) != 26 || p.More {
			t.Errorf("%d objects, more %v", len(p.Objects), p.More)
		}
	})
	t.Run("3.5 with a filter every match once", func(t *testing.T) {
		equal(t, "ids", s.walk(t, s.Ana, objectsOf(c), "match[type]=indicator&limit=4", nil), types)
	})
	t.Run("3.5 the limit may change between pages", func(t *testing.T) {
		first := s.get(t, objectsOf(c), "limit=3").page(t)
		rest := s.get(t, objectsOf(c), "limit=100&next="+first.Next).page(t)
		equal(t, "ids", append(first.ids(t), rest.ids(t)...), ids)
	})
	t.Run("3.5 next does without limit", func(t *testing.T) {
		first := s.get(t, objectsOf(c), "limit=3").page(t)
		equal(t, "ids", s.get(t, objectsOf(c), "next="+first.Next).page(t).ids(t), ids[3:])
	})
	t.Run("3.5 next can be used twice", func(t *testing.T) {
		first := s.get(t, objectsOf(c), "limit=3").page(t)
		for range 2 {
			equal(t, "ids", s.get(t, objectsOf(c), "limit=2&next="+first.Next).page(t).ids(t), ids[3:5])
		}
	})
	t.Run("3.5 X-TAXII-Date-Added-Last goes on as added_after", func(t *testing.T) {
		var got []string
		for q := "limit=10"; ; {
			a := s.get(t, objectsOf(c), q)
			p := a.page(t)
			got = append(got, p.ids(t)...)
			if !p.More {
				break
			}
			q = "limit=10&added_after=" + a.header.Get("X-TAXII-Date-Added-Last")
		}
		equal(t, "ids", got, ids)
	})
	t.Run("3.5 added_after stays with next", func(t *testing.T) {
		after := "added_after=" + s.datesAdded(t, c)[ids[4]]
		equal(t, "ids", s.walk(t, s.Ana, objectsOf(c), after+"&limit=6", nil), ids[5:])
	})
	t.Run("3.5 next needs no escaping", func(t *testing.T) {
		next := s.get(t, objectsOf(c), "limit=1").page(t).Next
		if strings.ContainsFunc(next, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._~", r))
		}) {
			t.Errorf("%q", next)
		}
	})
	s.forgedNext(t, c)
}

// forgedNext: Appendix B, next "MUST NOT be implicitly trusted".
func (s *suite) forgedNext(t *testing.T, c Collection) {
	elsewhere := s.take(t)
	objects, _ := indicators(5)
	s.add(t, elsewhere, objects...)
	next := s.get(t, objectsOf(c), "limit=3").page(t).Next
	for i := range len(next) {
		swapped := []byte(next)
		if swapped[i] = 'A'; next[i] == 'A' {
			swapped[i] = 'B'
		}
		if i == len(next)-1 || i%5 == 0 {
			t.Run("B next with octet "+itoa(i)+" changed gets 400", func(t *testing.T) {
				s.get(t, objectsOf(c), "limit=3&next="+string(swapped)).refuses(t, http.StatusBadRequest)
			})
		}
	}
	for name, f := range map[string]struct {
		as          Account
		path, query string
	}{
		"another type":       {s.Ana, objectsOf(c), "match[type]=malware"},
		"another version":    {s.Ana, objectsOf(c), "match[version]=first"},
		"another spec":       {s.Ana, objectsOf(c), "match[spec_version]=2.0"},
		"another id":         {s.Ana, objectsOf(c), "match[id]=" + newID("indicator")},
		"another collection": {s.Ana, objectsOf(elsewhere), ""},
		"one object":         {s.Ana, objectsOf(c, newID("indicator")), ""},
		"another account":    {s.Ben, objectsOf(c), ""},
		"a shortened next":   {s.Ana, objectsOf(c), "next=" + next[:len(next)-2] + "&x="},
	} {
		t.Run("B next of another listing gets 400: "+name, func(t *testing.T) {
			q := f.query + "&next=" + next
			if strings.Contains(f.query, "next=") {
				q = f.query
			}
			s.do(t, call{path: f.path, query: strings.Trim(q, "&"), as: f.as}).refuses(t, http.StatusBadRequest)
		})
	}
	t.Run("3.5 the order of values does not bind next", func(t *testing.T) {
		p := s.get(t, objectsOf(c), "match[type]=indicator,malware&limit=3").page(t)
		s.get(t, objectsOf(c), "match[type]=malware,indicator&limit=3&next="+p.Next).page(t)
	})
	t.Run("3.5 deleting what next stood on does not break it", func(t *testing.T) {
		first := s.get(t, objectsOf(elsewhere), "limit=2").page(t)
		all := s.walk(t, s.Ana, objectsOf(elsewhere), "", nil)
		s.do(t, call{method: http.MethodDelete, path: objectsOf(elsewhere, all[1]), as: s.Ana}).is(t, http.StatusOK)
		equal(t, "ids", s.get(t, objectsOf(elsewhere), "next="+first.Next).page(t).ids(t), all[2:])
	})
}

// arrivals: section 3.5 while objects arrive. Whatever the limit and the
// filter, a walk gives each object that was there at its start once, in order,
// and of those that arrive none twice.
func (s *suite) arrivals(t *testing.T) {
	c := s.take(t)
	var stored []string // in order of adding
	kinds := []string{"indicator", "malware"}
	arrive := func(rt *rapid.T, n int) {
		var objects []string
		for range n {
			id := newID(kinds[rapid.IntRange(0, 1).Draw(rt, "kind")])
			if stored = append(stored, id); strings.HasPrefix(id, "malware") {
				objects = append(objects, malware(id, v1))
			} else {
				objects = append(objects, indicator(id, v1))
			}
		}
		s.add(t, c, objects...)
	}
	rapid.Check(t, func(rt *rapid.T) {
		arrive(rt, rapid.IntRange(1, 12).Draw(rt, "before"))
		limit := rapid.IntRange(1, 60).Draw(rt, "limit")
		filter := rapid.SampledFrom([]string{"", "match[type]=malware", "match[type]=indicator,malware", "match[version]=all",
			"match[version]=first&match[type]=indicator"}).Draw(rt, "filter")
		path := rapid.SampledFrom([]string{objectsOf(c), manifestOf(c)}).Draw(rt, "path")
		// Of what earlier rounds left only the end is walked again.
		from := max(0, len(stored)-120)
		query := strings.Trim(filter+"&limit="+itoa(limit), "&")
		if from > 0 {
			query += "&added_after=" + s.addedOf(t, c, stored[from-1])
		}
		there := slices.Clone(stored[from:])
		batches := rapid.IntRange(0, 3).Draw(rt, "batches")
		got := s.walk(t, s.Ana, path, query, func() {
			if batches > 0 {
				batches--
				arrive(rt, rapid.IntRange(1, 5).Draw(rt, "arriving"))
			}
		})
		matches := func(ids []string) (out []string) {
			for _, id := range ids {
				if !strings.Contains(filter, "type") || strings.Contains(filter, strings.SplitN(id, "--", 2)[0]) {
					out = append(out, id)
				}
			}
			return out
		}
		must, may := matches(there), matches(stored[from:])
		if len(got) < len(must) || len(got) > len(may) || !slices.Equal(got, may[:len(got)]) {
			rt.Fatalf("a walk of %s?%s gave %d objects, not the first %d to %d of those stored, in order", path, query, len(got), len(must), len(may))
		}
	})
}

// addedOf is the date added of one object.
func (s *suite) addedOf(t *testing.T, c Collection, id string) string {
	t.Helper()
	return s.get(t, manifestOf(c), "match[id]="+id).header.Get("X-TAXII-Date-Added-First")
}
