package conformance

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// manifest: section 5.3.
func (s *suite) manifest(t *testing.T) {
	c := s.take(t)
	id, md := newID("indicator"), newID("marking-definition")
	s.add(t, c, indicator(id, v1), marking(md))
	t.Run("5.3.1 a record has id, date_added, version and media_type", func(t *testing.T) {
		for _, raw := range s.get(t, manifestOf(c), "").page(t).Objects {
			var r map[string]string
			if err := json.Unmarshal(raw, &r); err != nil {
				t.Fatal(err)
			}
			if r["id"] == "" || r["version"] != v1 || !stampRule.MatchString(r["date_added"]) || r["media_type"] != "application/stix+json;version=2.1" || len(r) != 4 {
				t.Errorf("%s", raw)
			}
		}
	})
	t.Run("5.3 a manifest holds what objects does", func(t *testing.T) {
		equal(t, "ids", s.get(t, manifestOf(c), "").page(t).ids(t), s.get(t, objectsOf(c), "").page(t).ids(t))
	})
	t.Run("3.2 its dates added are those of objects", func(t *testing.T) {
		a, b := s.get(t, manifestOf(c), ""), s.get(t, objectsOf(c), "")
		for _, h := range []string{"X-TAXII-Date-Added-First", "X-TAXII-Date-Added-Last"} {
			if a.header.Get(h) != b.header.Get(h) {
				t.Errorf("%s: %q and %q", h, a.header.Get(h), b.header.Get(h))
			}
		}
	})
	t.Run("3.3 dates added rise and no two are one", func(t *testing.T) {
		objects, _ := indicators(50)
		s.add(t, c, objects...)
		last := ""
		for _, raw := range s.get(t, manifestOf(c), "").page(t).Objects {
			var r struct {
				DateAdded string `json:"date_added"`
			}
			if err := json.Unmarshal(raw, &r); err != nil || r.DateAdded <= last {
				t.Fatalf("%q after %q", r.DateAdded, last)
			}
			last = r.DateAdded
		}
	})
	t.Run("5.5 a duplicate keeps its date added", func(t *testing.T) {
		before := s.addedOf(t, c, id)
		s.add(t, c, indicator(id, v1))
		if after := s.addedOf(t, c, id); after != before {
			t.Errorf("%s became %s", before, after)
		}
	})
	t.Run("5.3.1 media types are those that the collection lists", func(t *testing.T) {
		s.add(t, c, malware20(newID("malware"), v1))
		var resource struct {
			MediaTypes []string `json:"media_types"`
		}
		if err := json.Unmarshal(s.get(t, root+"collections/"+c.ID+"/", "").body, &resource); err != nil {
			t.Fatal(err)
		}
		for _, spec := range []string{"2.2", "3.0", "1.2", `2.1\",\"x\":\"`, " 2.1", "two"} {
			odd := strings.Replace(malware(newID("malware"), v1), `"spec_version":"2.1"`, `"spec_version":"`+spec+`"`, 1)
			if r := s.do(t, call{method: http.MethodPost, path: objectsOf(c), as: s.Ana, body: envelope(odd)}).receipt(t, http.StatusAccepted); *r.FailureCount != 1 {
				t.Errorf("spec_version %s: %+v", spec, r)
			}
		}
		for _, raw := range s.get(t, manifestOf(c), "match[spec_version]=2.0,2.1").page(t).Objects {
			var r struct {
				MediaType string `json:"media_type"`
			}
			if err := json.Unmarshal(raw, &r); err != nil || !slices.Contains(resource.MediaTypes, r.MediaType) {
				t.Errorf("%s is not one of %v", raw, resource.MediaTypes)
			}
		}
	})
}

// object: section 5.6.
func (s *suite) object(t *testing.T) {
	c := s.take(t)
	id := newID("indicator")
	s.add(t, c, indicator(id, v1))
	s.add(t, c, indicator(id, v2))
	s.add(t, c, indicator(id, v3))
	other := newID("malware")
	s.add(t, c, malware(other, v1))
	path := objectsOf(c, id)
	for _, f := range []struct {
		name, query string
		want        []string
	}{
		{"none is last", "", []string{v3}},
		{"last", "match[version]=last", []string{v3}},
		{"first", "match[version]=first", []string{v1}},
		{"all", "match[version]=all", []string{v1, v2, v3}},
		{"first,last", "match[version]=first,last", []string{v1, v3}},
		{"one", "match[version]=" + v2, []string{v2}},
		{"one in another precision", "match[version]=2021-02-03T04:05:06.789000Z", []string{v2}},
		{"two", "match[version]=" + v1 + "," + v2, []string{v1, v2}},
		{"one and last", "match[version]=" + v1 + ",last", []string{v1, v3}},
		{"spec 2.1", "match[spec_version]=2.1&match[version]=all", []string{v1, v2, v3}},
		{"spec 2.0", "match[spec_version]=2.0", nil},
		{"added_after the last", "added_after=9999-01-01T00:00:00.000000Z", nil},
		{"added_after long ago", "added_after=2000-01-01T00:00:00.000000Z", []string{v3}},
	} {
		t.Run("5.6 object by "+f.name, func(t *testing.T) {
			equal(t, "versions", s.get(t, path, f.query).page(t).versions(t), f.want)
		})
	}
	t.Run("5.6 its versions in pages", func(t *testing.T) {
		if got := s.walk(t, s.Ana, path, "match[version]=all&limit=1", nil); len(got) != 3 {
			t.Errorf("%d", len(got))
		}
	})
	t.Run("3.2 the dates added are its own", func(t *testing.T) {
		a := s.get(t, path, "")
		if first, last := a.header.Get("X-TAXII-Date-Added-First"), a.header.Get("X-TAXII-Date-Added-Last"); first != last || first != s.addedOf(t, c, id) {
			t.Errorf("%s, %s", first, last)
		}
	})
	t.Run("5.6 404 for an object that is not there", func(t *testing.T) {
		for _, id := range []string{newID("indicator"), "indicator", "nothing--x", "%22", "..", strings.ToUpper(id), id + "x"} {
			if id == ".." {
				id = "%2e%2e"
			}
			for _, q := range []string{"", "match[version]=all", "match[version]=first", "limit=1", "match[spec_version]=2.0"} {
				s.get(t, root+"collections/"+c.ID+"/objects/"+id+"/", q).refuses(t, http.StatusNotFound)
			}
		}
	})
	t.Run("5.7 404 for a version that is not there", func(t *testing.T) {
		s.get(t, path, "match[version]=1999-01-01T00:00:00.000Z").refuses(t, http.StatusNotFound)
	})
	t.Run("5.6 an object of another collection is not there", func(t *testing.T) {
		elsewhere := s.take(t)
		s.get(t, objectsOf(elsewhere, id), "").refuses(t, http.StatusNotFound)
	})
}

// objectVersions: section 5.8.
func (s *suite) objectVersions(t *testing.T) {
	c := s.take(t)
	id := newID("indicator")
	s.add(t, c, indicator(id, v1))
	s.add(t, c, indicator(id, v2))
	s.add(t, c, indicator(id, v3))
	path := objectsOf(c, id, "versions")
	all := []string{v1, v2, v3}
	t.Run("5.8 all versions, oldest first", func(t *testing.T) { equal(t, "versions", s.get(t, path, "").page(t).Versions, all) })
	t.Run("5.8 more is false at their end", func(t *testing.T) {
		if p := s.get(t, path, "").page(t); p.More {
			t.Error("it is true")
		}
	})
	t.Run("5.8 in pages", func(t *testing.T) {
		p := s.get(t, path, "limit=1").page(t)
		if len(p.Versions) != 1 || !p.More {
			t.Errorf("%+v", p)
		}
		equal(t, "versions", s.walk(t, s.Ana, path, "limit=1", nil), all)
		equal(t, "versions", s.walk(t, s.Ana, path, "limit=2", nil), all)
	})
	t.Run("5.8 added_after", func(t *testing.T) {
		first := s.get(t, path, "limit=1").header.Get("X-TAXII-Date-Added-Last")
		equal(t, "versions", s.get(t, path, "added_after="+first).page(t).Versions, all[1:])
		s.get(t, path, "added_after=9999-01-01T00:00:00.000000Z").page(t)
	})
	t.Run("5.8 spec_version", func(t *testing.T) {
		equal(t, "versions", s.get(t, path, "match[spec_version]=2.1").page(t).Versions, all)
		s.get(t, path, "match[spec_version]=2.0").page(t)
	})
	t.Run("3.2 the dates added are of its first and last version", func(t *testing.T) {
		a, b := s.get(t, path, ""), s.get(t, manifestOf(c), "match[version]=all")
		for _, h := range []string{"X-TAXII-Date-Added-First", "X-TAXII-Date-Added-Last"} {
			if a.header.Get(h) != b.header.Get(h) {
				t.Errorf("%s: %q and %q", h, a.header.Get(h), b.header.Get(h))
			}
		}
	})
	t.Run("5.8 404 for an object that is not there", func(t *testing.T) {
		s.get(t, objectsOf(c, newID("indicator"), "versions"), "").refuses(t, http.StatusNotFound)
		s.get(t, objectsOf(c, newID("indicator"), "versions"), "match[spec_version]=2.0").refuses(t, http.StatusNotFound)
	})
	t.Run("5.8 created where there is no modified", func(t *testing.T) {
		md := newID("marking-definition")
		s.add(t, c, marking(md))
		equal(t, "versions", s.get(t, objectsOf(c, md, "versions"), "").page(t).Versions, []string{v1})
	})
	t.Run("5.8 what has no version has the one of its status", func(t *testing.T) {
		ip := newID("ipv4-addr")
		r := s.add(t, c, address(ip, "198.51.100.9"))
		equal(t, "versions", s.get(t, objectsOf(c, ip, "versions"), "").page(t).Versions, []string{r.Successes[0].Version})
	})
}

// delete: section 5.7.
func (s *suite) delete(t *testing.T) {
	c := s.take(t)
	remove := func(t *testing.T, as Account, id, query string) answer {
		return s.do(t, call{method: http.MethodDelete, path: objectsOf(c, id), query: query, as: as})
	}
	three := func(t *testing.T) string {
		id := newID("indicator")
		s.add(t, c, indicator(id, v1), indicator(id, v2), indicator(id, v3))
		return id
	}
	left := func(t *testing.T, id string) []string {
		return s.get(t, objectsOf(c, id, "versions"), "").page(t).Versions
	}
	t.Run("5.7 without a version the object goes whole", func(t *testing.T) {
		id := three(t)
		a := remove(t, s.Ana, id, "").is(t, http.StatusOK)
		if len(a.body) != 0 {
			t.Errorf("the answer has a payload: %s", a.body)
		}
		for _, q := range []string{"", "match[version]=all", "match[version]=first", "match[version]=" + v1} {
			s.get(t, objectsOf(c, id), q).refuses(t, http.StatusNotFound)
		}
		s.get(t, objectsOf(c, id, "versions"), "").refuses(t, http.StatusNotFound)
		for _, path := range []string{objectsOf(c), manifestOf(c)} {
			if p := s.get(t, path, "match[version]=all&match[id]="+id).page(t); len(p.Objects) != 0 {
				t.Errorf("%s shows a ghost: %s", path, p.Objects)
			}
		}
	})
	for _, f := range []struct {
		version string
		want    []string
	}{
		{v2, []string{v1, v3}}, {"first", []string{v2, v3}}, {"last", []string{v1, v2}}, {"first,last", []string{v2}},
		{v1 + "," + v3, []string{v2}}, {"2021-02-03T04:05:06.789000Z", []string{v1, v3}},
	} {
		t.Run("5.7 match[version]="+f.version, func(t *testing.T) {
			id := three(t)
			remove(t, s.Ana, id, "match[version]="+f.version).is(t, http.StatusOK)
			equal(t, "versions", left(t, id), f.want)
		})
	}
	t.Run("5.7 a deleted version gets 404, the others stay", func(t *testing.T) {
		id := three(t)
		remove(t, s.Ana, id, "match[version]="+v2).is(t, http.StatusOK)
		s.get(t, objectsOf(c, id), "match[version]="+v2).refuses(t, http.StatusNotFound)
		equal(t, "versions", s.get(t, objectsOf(c, id), "").page(t).versions(t), []string{v3})
	})
	t.Run("5.7 after the last, the one before is the last", func(t *testing.T) {
		id := three(t)
		remove(t, s.Ana, id, "match[version]=last").is(t, http.StatusOK)
		equal(t, "versions", s.get(t, objectsOf(c, id), "").page(t).versions(t), []string{v2})
		equal(t, "by id", s.get(t, objectsOf(c), "match[id]="+id).page(t).versions(t), []string{v2})
	})
	t.Run("5.7 match[version]=all", func(t *testing.T) {
		id := three(t)
		remove(t, s.Ana, id, "match[version]=all").is(t, http.StatusOK)
		s.get(t, objectsOf(c, id), "").refuses(t, http.StatusNotFound)
	})
	t.Run("5.7 match[spec_version]", func(t *testing.T) {
		id := newID("malware")
		s.add(t, c, malware(id, v1), malware20(id, v2))
		remove(t, s.Ana, id, "match[spec_version]=2.0").is(t, http.StatusOK)
		equal(t, "versions", left(t, id), []string{v1})
		remove(t, s.Ana, id, "match[spec_version]=2.0").refuses(t, http.StatusNotFound)
		remove(t, s.Ana, id, "match[spec_version]=2.1").is(t, http.StatusOK)
		s.get(t, objectsOf(c, id), "").refuses(t, http.StatusNotFound)
	})
	t.Run("here: a filter that no deletion has gets 400, and nothing goes", func(t *testing.T) {
		id := three(t)
		for _, q := range []string{"match[versions]=first", "match%5Bversions%5D=first", "Match[version]=first", "match[type]=malware", "match[id]=" + id} {
			remove(t, s.Ana, id, q).refuses(t, http.StatusBadRequest)
		}
		remove(t, s.Ana, id, "x=1&match[version]=last").is(t, http.StatusOK)
		equal(t, "versions", left(t, id), []string{v1, v2})
	})
	t.Run("5.7 404 for what is not there", func(t *testing.T) {
		remove(t, s.Ana, newID("indicator"), "").refuses(t, http.StatusNotFound)
		id := three(t)
		remove(t, s.Ana, id, "match[version]=1999-01-01T00:00:00.000Z").refuses(t, http.StatusNotFound)
		remove(t, s.Ana, id, "").is(t, http.StatusOK)
		remove(t, s.Ana, id, "").refuses(t, http.StatusNotFound)
	})
	id := three(t)
	t.Run("5.7 403 for who may only read", func(t *testing.T) { remove(t, s.Rita, id, "").refuses(t, http.StatusForbidden) })
	t.Run("5.7 403 for who may only write", func(t *testing.T) { remove(t, s.Will, id, "").refuses(t, http.StatusForbidden) })
	t.Run("5.7 404 for who may do neither", func(t *testing.T) { remove(t, s.Otto, id, "").refuses(t, http.StatusNotFound) })
	t.Run("5.7 406 for an Accept of json", func(t *testing.T) {
		s.do(t, call{method: http.MethodDelete, path: objectsOf(c, id), as: s.Ana, header: http.Header{"Accept": {"application/json"}}}).
			refuses(t, http.StatusNotAcceptable)
	})
	t.Run("5.7 what was refused is not deleted", func(t *testing.T) { equal(t, "versions", left(t, id), []string{v1, v2, v3}) })
	t.Run("5.7 what was deleted can be added again, and is new", func(t *testing.T) {
		id := newID("indicator")
		s.add(t, c, indicator(id, v1))
		before := s.addedOf(t, c, id)
		remove(t, s.Ana, id, "").is(t, http.StatusOK)
		s.add(t, c, indicator(id, v1))
		if after := s.addedOf(t, c, id); after <= before {
			t.Errorf("date added %s after %s", after, before)
		}
	})
	t.Run("5.7 another collection keeps its own", func(t *testing.T) {
		elsewhere := s.take(t)
		id := newID("indicator")
		s.add(t, c, indicator(id, v1))
		s.add(t, elsewhere, indicator(id, v1))
		remove(t, s.Ana, id, "").is(t, http.StatusOK)
		if p := s.get(t, objectsOf(elsewhere, id), "").page(t); len(p.Objects) != 1 || string(p.Objects[0]) != indicator(id, v1) {
			t.Errorf("%s", p.Objects)
		}
	})
}
