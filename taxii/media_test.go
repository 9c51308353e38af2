package taxii_test

import (
	"testing"

	"entente/taxii"
)

func TestNegotiate(t *testing.T) {
	offers := []string{taxii.MediaTAXII}
	for _, c := range []struct {
		name   string
		accept []string
		ok     bool
	}{
		{"no header", nil, true},
		{"the type", []string{"application/taxii+json;version=2.1"}, true},
		{"white space", []string{" application/taxii+json ;  version=2.1 "}, true},
		{"quoted version", []string{`application/taxii+json;version="2.1"`}, true},
		{"no version is the latest", []string{"application/taxii+json"}, true},
		{"upper case", []string{"Application/TAXII+JSON;Version=2.1"}, true},
		{"any", []string{"*/*"}, true},
		{"any application", []string{"application/*"}, true},
		{"second element", []string{"text/html, application/taxii+json;version=2.1;q=0.1"}, true},
		{"second header", []string{"text/html", "application/taxii+json"}, true},
		{"comma in quotes", []string{`text/html;version="a,b", application/taxii+json`}, true},
		{"charset", []string{"application/taxii+json;version=2.1;charset=UTF-8"}, true},
		{"another version", []string{"application/taxii+json;version=2.0"}, false},
		{"a version to come", []string{"application/taxii+json;version=2.2"}, false},
		{"plain JSON", []string{"application/json"}, false},
		{"STIX", []string{"application/stix+json;version=2.1"}, false},
		{"TAXII 2.0", []string{"application/vnd.oasis.taxii+json; version=2.0"}, false},
		{"an empty header", []string{""}, false},
		{"noise", []string{";;;,,"}, false},
		{"quality nought", []string{"application/taxii+json;version=2.1;q=0"}, false},
		{"specific refusal beats the wildcard", []string{"*/*, application/taxii+json;q=0"}, false},
		{"quality out of range", []string{"application/taxii+json;q=2"}, false},
		{"unknown parameter", []string{"application/taxii+json;profile=x"}, false},
		{"text wildcard", []string{"text/*"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := taxii.Negotiate(c.accept, offers...)
			if ok != c.ok || (ok && got != taxii.MediaTAXII) {
				t.Errorf("Negotiate(%q) = %q, %v; want %v", c.accept, got, ok, c.ok)
			}
		})
	}
}

func TestNegotiateTakesTheBestQuality(t *testing.T) {
	got, ok := taxii.Negotiate(
		[]string{"application/taxii+json;q=0.4, application/stix+json;q=0.7"},
		taxii.MediaTAXII, taxii.MediaSTIX)
	if !ok || got != taxii.MediaSTIX {
		t.Errorf("got %q, %v; want %q", got, ok, taxii.MediaSTIX)
	}
}

func TestIsTAXII21(t *testing.T) {
	for contentType, want := range map[string]bool{
		"application/taxii+json;version=2.1":                true,
		"application/taxii+json; version=\"2.1\"":           true,
		"application/taxii+json":                            true,
		"application/taxii+json;version=2.1; charset=utf-8": true,
		"application/taxii+json;version=2.0":                false,
		"application/taxii+json;version=2.1;charset=latin1": false,
		"application/stix+json;version=2.1":                 false,
		"application/json":                                  false,
		"*/*":                                               false,
		"application/*":                                     false,
		"":                                                  false,
	} {
		if got := taxii.IsTAXII21(contentType); got != want {
			t.Errorf("IsTAXII21(%q) = %v, want %v", contentType, got, want)
		}
	}
}

func FuzzParseMediaType(f *testing.F) {
	f.Add("application/taxii+json;version=2.1")
	f.Add(`application/stix+json; version="2.1"; q=0.3`)
	f.Add("*/*;q=0")
	f.Add(`text/html;version="a\",b`)
	f.Fuzz(func(t *testing.T, s string) {
		m, err := taxii.ParseMediaType(s)
		if err != nil {
			return
		}
		if !m.Matches(m) {
			t.Errorf("%q reads as %+v, which does not match itself", s, m)
		}
	})
}
