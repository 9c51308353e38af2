package conformance

import (
	"net/http"
	"strings"
	"testing"
)

// authentication: sections 1.6.9 and 8.2.2.
func (s *suite) authentication(t *testing.T) {
	c := s.take(t)
	paths := map[string]string{
		"discovery":          "/taxii2/",
		"api root":           root,
		"status":             root + "status/2d086da7-4bdc-4f91-900e-d77486753710/",
		"collections":        root + "collections/",
		"collection":         root + "collections/" + c.ID + "/",
		"manifest":           manifestOf(c),
		"objects":            objectsOf(c),
		"object":             objectsOf(c, newID("indicator")),
		"versions":           objectsOf(c, newID("indicator"), "versions"),
		"no such collection": root + "collections/24042009/manifest/",
		"no such api root":   "/taxii2/carbon1/collections/",
	}
	for name, path := range paths {
		t.Run("1.6.9 a stranger gets 401 at "+name, func(t *testing.T) {
			a := s.do(t, call{path: path})
			a.refuses(t, http.StatusUnauthorized)
			challenged(t, a)
		})
	}
	t.Run("1.6.9 a stranger's POST gets 401", func(t *testing.T) {
		s.do(t, call{method: http.MethodPost, path: objectsOf(c), body: envelope(indicator(newID("indicator"), v1))}).
			refuses(t, http.StatusUnauthorized)
	})
	t.Run("1.6.9 a stranger's DELETE gets 401", func(t *testing.T) {
		s.do(t, call{method: http.MethodDelete, path: objectsOf(c, newID("indicator"))}).refuses(t, http.StatusUnauthorized)
	})
	t.Run("1.6.9 a stranger with a wrong Accept gets 401", func(t *testing.T) {
		s.do(t, call{path: objectsOf(c), header: http.Header{"Accept": {"text/html"}}}).refuses(t, http.StatusUnauthorized)
	})
	headers := map[string]string{
		"a wrong token":             basic(Account{s.Ana.Name, "wrong"}),
		"an empty token":            basic(Account{s.Ana.Name, ""}),
		"another's token":           basic(Account{s.Ana.Name, s.Ben.Token}),
		"an unknown name":           basic(Account{"nobody", s.Ana.Token}),
		"base64 that is none":       "Basic !!!",
		"no colon":                  "Basic YWJj",
		"an unknown scheme":         "Digest username=ana",
		"a wrong bearer token":      "Bearer wrong",
		"an empty bearer token":     "Bearer ",
		"a scheme alone":            "Basic",
		"a bearer token with a tab": "Bearer a\tb",
	}
	for name, value := range headers {
		t.Run("1.6.9 401 for "+name, func(t *testing.T) {
			a := s.do(t, call{path: objectsOf(c), header: http.Header{"Authorization": {value}}})
			a.refuses(t, http.StatusUnauthorized)
			challenged(t, a)
		})
	}
	t.Run("8.2.2 Basic opens", func(t *testing.T) { s.get(t, objectsOf(c), "").page(t) })
	t.Run("8.2.2 Bearer opens", func(t *testing.T) {
		s.do(t, call{path: objectsOf(c), header: http.Header{"Authorization": {"Bearer " + s.Ana.Token}}}).page(t)
	})
	t.Run("8.2.2 schemes are read in any case", func(t *testing.T) {
		s.do(t, call{path: objectsOf(c), header: http.Header{"Authorization": {"bearer " + s.Ana.Token}}}).page(t)
		s.do(t, call{path: objectsOf(c), header: http.Header{"Authorization": {"basic" + strings.TrimPrefix(basic(s.Ana), "Basic")}}}).page(t)
	})
	t.Run("8.2.1 no User-Agent is needed", func(t *testing.T) {
		s.do(t, call{path: objectsOf(c), as: s.Ana, header: http.Header{"User-Agent": {""}}}).page(t)
	})
}

func challenged(t *testing.T, a answer) {
	t.Helper()
	all := strings.Join(a.header.Values("WWW-Authenticate"), ", ")
	for _, scheme := range []string{"Basic realm=", "Bearer realm="} {
		if !strings.Contains(all, scheme) {
			t.Errorf("WWW-Authenticate %q lacks %s", all, scheme)
		}
	}
}

// negotiation: section 1.6.8 and the rules on media types of section 3.1.
func (s *suite) negotiation(t *testing.T) {
	c := s.take(t)
	good := map[string][]string{
		"the type with its version":   {media},
		"the type alone":              {"application/taxii+json"},
		"a space before the version":  {"application/taxii+json; version=2.1"},
		"a quoted version":            {`application/taxii+json;version="2.1"`},
		"upper case":                  {"Application/TAXII+JSON;Version=2.1"},
		"anything":                    {"*/*"},
		"any application":             {"application/*"},
		"a list with others":          {"application/json, application/taxii+json;version=2.1"},
		"a list without spaces":       {"text/html,application/taxii+json;version=2.1,*/*;q=0.1"},
		"two versions":                {"application/taxii+json;version=2.0,application/taxii+json;version=2.1"},
		"a low quality":               {"application/taxii+json;version=2.1;q=0.001"},
		"a browser's list":            {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
		"several header lines":        {"text/html", media},
		"the manifest example of 5.3": {"application/taxii+json;version=2.1,application/stix+json;version=2.1"},
		"a charset":                   {"application/taxii+json;version=2.1;charset=utf-8"},
		"an empty header":             {""},
		"stix as well":                {"application/stix+json;version=2.1, application/taxii+json"},
		"no header":                   nil,
	}
	for name, accept := range good {
		t.Run("3.1 Accept, 200 for "+name, func(t *testing.T) {
			s.do(t, call{path: manifestOf(c), as: s.Ana, header: http.Header{"Accept": accept}}).is(t, http.StatusOK)
		})
	}
	bad := map[string][]string{
		"json":                      {"application/json"},
		"html":                      {"text/html"},
		"stix":                      {"application/stix+json;version=2.1"},
		"TAXII 2.0":                 {"application/taxii+json;version=2.0"},
		"TAXII 2.0's old name":      {"application/vnd.oasis.taxii+json; version=2.0"},
		"TAXII 1":                   {"application/xml"},
		"a later version":           {"application/taxii+json;version=2.2"},
		"a version that is none":    {"application/taxii+json;version=latest"},
		"quality 0":                 {"application/taxii+json;version=2.1;q=0"},
		"quality 0 beside anything": {"application/taxii+json;version=2.1;q=0, */*"},
		"any text":                  {"text/*"},
		"anything, quality 0":       {"*/*;q=0"},
		"nonsense":                  {"taxii please"},
	}
	for name, accept := range bad {
		t.Run("3.1 Accept, 406 for "+name, func(t *testing.T) {
			s.do(t, call{path: manifestOf(c), as: s.Ana, header: http.Header{"Accept": accept}}).refuses(t, http.StatusNotAcceptable)
		})
	}
	one := newID("indicator")
	for name, path := range map[string]string{
		"discovery": "/taxii2/", "api root": root, "collections": root + "collections/",
		"collection": root + "collections/" + c.ID + "/", "objects": objectsOf(c), "object": objectsOf(c, one),
		"versions": objectsOf(c, one, "versions"), "status": root + "status/" + "2d086da7-4bdc-4f91-900e-d77486753710/",
	} {
		t.Run("3.1 Accept, 406 for json at "+name, func(t *testing.T) {
			s.do(t, call{path: path, as: s.Ana, header: http.Header{"Accept": {"application/json"}}}).refuses(t, http.StatusNotAcceptable)
		})
	}
	s.contentTypes(t, s.take(t))
}

func (s *suite) contentTypes(t *testing.T, c Collection) {
	post := func(t *testing.T, header http.Header) answer {
		return s.do(t, call{method: http.MethodPost, path: objectsOf(c), as: s.Ana, header: header,
			body: envelope(indicator(newID("indicator"), v1))})
	}
	bad := map[string][]string{
		"json":                 {"application/json"},
		"a form":               {"application/x-www-form-urlencoded"},
		"stix":                 {"application/stix+json;version=2.1"},
		"TAXII 2.0":            {"application/taxii+json;version=2.0"},
		"TAXII 2.0's old name": {"application/vnd.oasis.stix+json; version=2.0"},
		"a range":              {"*/*"},
		"another charset":      {"application/taxii+json;version=2.1;charset=utf-16"},
		"nonsense":             {"taxii"},
		"nothing":              nil,
	}
	for name, value := range bad {
		t.Run("5.5 Content-Type, 415 for "+name, func(t *testing.T) {
			post(t, http.Header{"Content-Type": value}).refuses(t, http.StatusUnsupportedMediaType)
		})
	}
	t.Run("5.5 Accept, 406 at POST", func(t *testing.T) {
		post(t, http.Header{"Accept": {"application/json"}}).refuses(t, http.StatusNotAcceptable)
	})
	t.Run("5.5 what was refused is not stored", func(t *testing.T) { s.get(t, objectsOf(c), "").page(t) })
	good := []string{media, "application/taxii+json", "application/taxii+json; version=2.1", `application/taxii+json;version="2.1"`,
		"APPLICATION/TAXII+JSON;VERSION=2.1", "application/taxii+json;version=2.1;charset=utf-8"}
	for _, value := range good {
		t.Run("5.5 Content-Type, 202 for "+value, func(t *testing.T) {
			post(t, http.Header{"Content-Type": {value}}).receipt(t, http.StatusAccepted)
		})
	}
}

// errors: section 3.6.1 and what must not leak through an error.
func (s *suite) errors(t *testing.T) {
	c := s.take(t)
	t.Run("1.6.9 a collection without a grant looks like none", func(t *testing.T) {
		absent := "5a0f1f4e-0000-4000-8000-000000000000"
		for _, tail := range []string{"/", "/objects/", "/manifest/", "/objects/" + newID("malware") + "/"} {
			with := s.do(t, call{path: root + "collections/" + c.ID + tail, as: s.Otto})
			without := s.do(t, call{path: root + "collections/" + absent + tail, as: s.Otto})
			with.refuses(t, http.StatusNotFound)
			without.refuses(t, http.StatusNotFound)
			if got, want := strings.ReplaceAll(string(with.body), c.ID, absent), string(without.body); got != want {
				t.Errorf("%s: %s differs from %s", tail, got, want)
			}
		}
	})
	t.Run("1.6.9 POST without a grant looks like none", func(t *testing.T) {
		s.do(t, call{method: http.MethodPost, path: objectsOf(c), as: s.Otto, body: envelope(marking(newID("marking-definition")))}).
			refuses(t, http.StatusNotFound)
	})
	t.Run("1.6.9 DELETE without a grant looks like none", func(t *testing.T) {
		s.do(t, call{method: http.MethodDelete, path: objectsOf(c, newID("malware")), as: s.Otto}).refuses(t, http.StatusNotFound)
	})
	for name, path := range map[string]string{
		"objects": objectsOf(c), "manifest": manifestOf(c), "object": objectsOf(c, newID("malware")),
		"versions": objectsOf(c, newID("malware"), "versions"),
	} {
		t.Run("5.3-5.8 403 at "+name+" for who may only write", func(t *testing.T) {
			s.do(t, call{path: path, as: s.Will}).refuses(t, http.StatusForbidden)
		})
	}
	t.Run("5.5 403 for who may only read", func(t *testing.T) {
		s.do(t, call{method: http.MethodPost, path: objectsOf(c), as: s.Rita, body: envelope(indicator(newID("indicator"), v1))}).
			refuses(t, http.StatusForbidden)
		s.get(t, objectsOf(c), "").page(t)
	})
	t.Run("here: answers are for their reader alone", func(t *testing.T) {
		for _, a := range []answer{s.get(t, objectsOf(c), ""), s.do(t, call{path: objectsOf(c)})} {
			if cc := a.header.Get("Cache-Control"); !strings.Contains(cc, "private") && !strings.Contains(cc, "no-store") {
				t.Errorf("status %d has Cache-Control %q", a.status, cc)
			}
			if a.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("status %d lacks X-Content-Type-Options", a.status)
			}
		}
	})
	t.Run("here: no origin is admitted", func(t *testing.T) {
		a := s.do(t, call{path: objectsOf(c), as: s.Ana, header: http.Header{"Origin": {"https://example.org"}}})
		if got := a.header.Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("Access-Control-Allow-Origin %q", got)
		}
	})
	t.Run("3.4 the answer has a Date", func(t *testing.T) {
		if _, err := http.ParseTime(s.get(t, objectsOf(c), "").header.Get("Date")); err != nil {
			t.Error(err)
		}
	})
	t.Run("here: a query beyond any use gets 414", func(t *testing.T) {
		s.get(t, objectsOf(c), "x="+strings.Repeat("y", 56<<10)).refuses(t, http.StatusRequestURITooLong)
	})
}
