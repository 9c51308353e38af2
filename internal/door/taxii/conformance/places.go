package conformance

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// paths: sections 3.1 and 4.2.
func (s *suite) paths(t *testing.T) {
	c := s.take(t)
	id := newID("indicator")
	s.add(t, c, indicator(id, v1))
	for name, path := range map[string]string{
		"discovery": "/taxii2/", "api root": root, "collections": root + "collections/",
		"collection": root + "collections/" + c.ID + "/", "objects": objectsOf(c), "manifest": manifestOf(c),
		"object": objectsOf(c, id), "versions": objectsOf(c, id, "versions"),
	} {
		t.Run("here: no final slash means the same at "+name, func(t *testing.T) {
			with, without := s.get(t, path, "").is(t, http.StatusOK), s.get(t, strings.TrimSuffix(path, "/"), "").is(t, http.StatusOK)
			if string(with.body) != string(without.body) {
				t.Errorf("%s\ndiffers from\n%s", without.body, with.body)
			}
		})
		t.Run("5.2.1 HEAD is answered like GET at "+name, func(t *testing.T) {
			get := s.get(t, path, "")
			head := s.do(t, call{method: http.MethodHead, path: path, as: s.Ana}).is(t, http.StatusOK)
			if len(head.body) > 0 {
				t.Errorf("HEAD has a body: %q", head.body)
			}
			for _, h := range []string{"Content-Length", "Etag", "X-Taxii-Date-Added-First", "X-Taxii-Date-Added-Last"} {
				if head.header.Get(h) != get.header.Get(h) {
					t.Errorf("%s is %q at HEAD and %q at GET", h, head.header.Get(h), get.header.Get(h))
				}
			}
		})
	}
	for _, path := range []string{
		"/taxii2/carbon1/", "/taxii2/carbon1/collections/", "/taxii2/root/nothing/", "/taxii2/root/collections/" + c.ID + "/nothing/",
		objectsOf(c, id, "nothing"), objectsOf(c, id, "versions", "more"), root + "status/", "/taxii2/Root/",
		"/taxii2/root/collections/" + c.ID + "/Objects/", "/taxii2//root/", "/taxii2//", objectsOf(c) + "/",
		"/taxii2/root/collections/" + c.ID + "%2Fobjects/", "/taxii2/root/../root/", objectsOf(c) + "..%2F/",
	} {
		t.Run("4.2 404 for "+strings.ReplaceAll(path, "/", "|"), func(t *testing.T) { s.get(t, path, "").refuses(t, http.StatusNotFound) })
	}
	for name, id := range map[string]string{
		"one that is not there": uuid.NewString(), "one that is no UUID": "24042009", "an odd one": "%00", "one that climbs": "..%2f..",
		"one in upper case": strings.ToUpper(c.ID),
	} {
		t.Run("5.2 404 for a collection, "+name, func(t *testing.T) {
			for _, tail := range []string{"/", "/objects/", "/manifest/"} {
				s.get(t, root+"collections/"+id+tail, "").refuses(t, http.StatusNotFound)
			}
		})
	}
	for name, c := range map[string]struct {
		call
		status int
	}{
		"401": {call{path: objectsOf(c)}, 401},
		"400": {call{path: objectsOf(c), query: "limit=0", as: s.Ana}, 400},
		"403": {call{path: objectsOf(c), as: s.Will}, 403},
		"404": {call{path: objectsOf(c, newID("indicator")), as: s.Ana}, 404},
		"406": {call{path: objectsOf(c), as: s.Ana, header: http.Header{"Accept": {"text/html"}}}, 406},
	} {
		t.Run("3.1 HEAD is refused without a body: "+name, func(t *testing.T) {
			c.method = http.MethodHead
			if a := s.do(t, c.call).is(t, c.status); len(a.body) != 0 {
				t.Errorf("it has a body: %q", a.body)
			}
		})
	}
	t.Run("3.2 dates added stand with objects alone", func(t *testing.T) {
		for _, c := range []call{{path: "/taxii2/"}, {path: root}, {path: root + "collections/"}, {path: root + "collections/" + c.ID + "/"},
			{path: objectsOf(c), query: "limit=0"}, {path: objectsOf(c, newID("indicator"))},
			{path: objectsOf(c), method: http.MethodPost, body: envelope(indicator(newID("indicator"), v1))},
			{path: objectsOf(c, id), method: http.MethodDelete}} {
			c.as = s.Ana
			a := s.do(t, c)
			if v := a.header.Get("X-TAXII-Date-Added-First") + a.header.Get("X-TAXII-Date-Added-Last"); v != "" {
				t.Errorf("%s %s has %s", c.method, c.path, v)
			}
		}
	})
	t.Run("5.5 404 for a POST to a collection that is not there", func(t *testing.T) {
		s.do(t, call{method: http.MethodPost, path: root + "collections/" + uuid.NewString() + "/objects/", as: s.Ana,
			body: envelope(indicator(newID("indicator"), v1))}).refuses(t, http.StatusNotFound)
	})
}

// methods: what is not in the table of section 3.1 gets 405.
func (s *suite) methods(t *testing.T) {
	c := s.take(t)
	id := newID("indicator")
	places := []struct{ name, path, allow string }{
		{"discovery", "/taxii2/", "GET, HEAD"},
		{"api root", root, "GET, HEAD"},
		{"status", root + "status/" + uuid.NewString() + "/", "GET, HEAD"},
		{"collections", root + "collections/", "GET, HEAD"},
		{"collection", root + "collections/" + c.ID + "/", "GET, HEAD"},
		{"manifest", manifestOf(c), "GET, HEAD"},
		{"objects", objectsOf(c), "GET, HEAD, POST"},
		{"object", objectsOf(c, id), "GET, HEAD, DELETE"},
		{"versions", objectsOf(c, id, "versions"), "GET, HEAD"},
	}
	for _, p := range places {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} {
			if strings.Contains(p.allow, method) {
				continue
			}
			t.Run("3.1 405 for "+method+" at "+p.name, func(t *testing.T) {
				a := s.do(t, call{method: method, path: p.path, as: s.Ana})
				a.refuses(t, http.StatusMethodNotAllowed)
				if got := a.header.Get("Allow"); got != p.allow {
					t.Errorf("Allow %q, want %q", got, p.allow)
				}
			})
		}
	}
}

// discovery: sections 4.1 and 4.2.
func (s *suite) discovery(t *testing.T) {
	read := func(t *testing.T, path string) map[string]any {
		var m map[string]any
		if err := json.Unmarshal(s.get(t, path, "").is(t, http.StatusOK).body, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	t.Run("4.1.1 discovery has a title", func(t *testing.T) {
		if title, _ := read(t, "/taxii2/")["title"].(string); title == "" {
			t.Error("none")
		}
	})
	t.Run("4.1.1 default is one of api_roots", func(t *testing.T) {
		m := read(t, "/taxii2/")
		roots, _ := m["api_roots"].([]any)
		if !slices.Contains(roots, m["default"]) {
			t.Errorf("%v is not in %v", m["default"], roots)
		}
	})
	t.Run("4.1.1 API roots are paths or https", func(t *testing.T) {
		for _, r := range read(t, "/taxii2/")["api_roots"].([]any) {
			u := r.(string)
			relative := strings.HasPrefix(u, "/") && !strings.HasPrefix(u, "//")
			if !relative && !strings.HasPrefix(u, "https://") || strings.Contains(u, "?") {
				t.Errorf("%q", u)
			}
		}
	})
	t.Run("4.1 the API root is where discovery says", func(t *testing.T) {
		if read(t, read(t, "/taxii2/")["default"].(string))["title"] == "" {
			t.Error("it has no title")
		}
	})
	t.Run("4.2.1 versions hold TAXII 2.1", func(t *testing.T) {
		if v, _ := read(t, root)["versions"].([]any); !slices.Contains(v, any(media)) {
			t.Errorf("%v", v)
		}
	})
	t.Run("4.2.1 max_content_length is a positive integer", func(t *testing.T) {
		if n, _ := read(t, root)["max_content_length"].(float64); n <= 0 || n != float64(s.MaxBody) {
			t.Errorf("%v, want %d", n, s.MaxBody)
		}
	})
	t.Run("4.2.1 the API root has a title", func(t *testing.T) {
		if title, _ := read(t, root)["title"].(string); title == "" {
			t.Error("none")
		}
	})
	t.Run("3.4 a filter where none is defined is ignored", func(t *testing.T) {
		s.get(t, "/taxii2/", "match[type]=indicator&limit=x").is(t, http.StatusOK)
		s.get(t, root+"collections/", "limit=0&added_after=x").is(t, http.StatusOK)
	})
}

// collections: sections 5.1 and 5.2.
func (s *suite) collections(t *testing.T) {
	c := s.take(t)
	type resource struct {
		ID         string
		Title      string
		Alias      string
		CanRead    *bool    `json:"can_read"`
		CanWrite   *bool    `json:"can_write"`
		MediaTypes []string `json:"media_types"`
	}
	list := func(t *testing.T, as Account) (out struct{ Collections []resource }) {
		if err := json.Unmarshal(s.do(t, call{path: root + "collections/", as: as}).is(t, http.StatusOK).body, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	one := func(t *testing.T, as Account, name string) (out resource) {
		if err := json.Unmarshal(s.do(t, call{path: root + "collections/" + name + "/", as: as}).is(t, http.StatusOK).body, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	t.Run("5.1.1 every collection has what is required", func(t *testing.T) {
		for _, r := range list(t, s.Ana).Collections {
			if id, err := uuid.Parse(r.ID); err != nil || id.Version() != 4 || r.Title == "" || r.CanRead == nil || r.CanWrite == nil {
				t.Errorf("%+v", r)
			}
		}
	})
	t.Run("5.1.1 without a collection the answer is an empty object", func(t *testing.T) {
		if a := s.do(t, call{path: root + "collections/", as: s.Otto}).is(t, http.StatusOK); string(a.body) != "{}" {
			t.Errorf("%s", a.body)
		}
	})
	t.Run("3.3 the order does not change", func(t *testing.T) {
		first := s.get(t, root+"collections/", "")
		for range 3 {
			if a := s.get(t, root+"collections/", ""); string(a.body) != string(first.body) {
				t.Errorf("%s\ndiffers from\n%s", a.body, first.body)
			}
		}
	})
	t.Run("5.2 one is as it is in the list", func(t *testing.T) {
		all := list(t, s.Ana).Collections
		if len(all) == 0 {
			t.Fatal("the list is empty")
		}
		if got := one(t, s.Ana, all[0].ID); got.ID != all[0].ID || got.Title != all[0].Title || got.Alias != all[0].Alias {
			t.Errorf("%+v differs from %+v", got, all[0])
		}
	})
	for name, want := range map[string]struct {
		as          Account
		read, write bool
	}{"both": {s.Ana, true, true}, "reading": {s.Rita, true, false}, "writing": {s.Will, false, true}} {
		t.Run("5.2.1 can_read and can_write are the asker's: "+name, func(t *testing.T) {
			if r := one(t, want.as, c.ID); *r.CanRead != want.read || *r.CanWrite != want.write {
				t.Errorf("can_read %v, can_write %v", *r.CanRead, *r.CanWrite)
			}
		})
	}
	t.Run("5.2.1 media_types hold STIX 2.1", func(t *testing.T) {
		if r := one(t, s.Ana, c.ID); !slices.Contains(r.MediaTypes, "application/stix+json;version=2.1") {
			t.Errorf("%v", r.MediaTypes)
		}
	})
	t.Run("5.2.1 the alias is given", func(t *testing.T) {
		if r := one(t, s.Ana, c.ID); r.Alias != c.Alias {
			t.Errorf("%q, want %q", r.Alias, c.Alias)
		}
	})
	t.Run("5.2.1 a collection is reached by its alias", func(t *testing.T) {
		id := newID("indicator")
		s.add(t, c, indicator(id, v1))
		if r := one(t, s.Ana, c.Alias); r.ID != c.ID {
			t.Errorf("%+v", r)
		}
		for _, tail := range []string{"/objects/", "/manifest/", "/objects/" + id + "/", "/objects/" + id + "/versions/"} {
			byID, byAlias := s.get(t, root+"collections/"+c.ID+tail, ""), s.get(t, root+"collections/"+c.Alias+tail, "")
			byAlias.page(t)
			if string(byID.body) != string(byAlias.body) {
				t.Errorf("%s by alias differs", tail)
			}
		}
		s.do(t, call{method: http.MethodPost, path: root + "collections/" + c.Alias + "/objects/", as: s.Ana,
			body: envelope(indicator(newID("indicator"), v1))}).receipt(t, http.StatusAccepted)
	})
}
