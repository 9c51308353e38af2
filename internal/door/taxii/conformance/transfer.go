package conformance

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// conditional: requests that ask whether something changed (RFC 9110 section 13).
func (s *suite) conditional(t *testing.T) {
	c := s.take(t)
	id := newID("indicator")
	s.add(t, c, indicator(id, v1))
	ask := func(t *testing.T, as Account, path, tag string) answer {
		return s.do(t, call{path: path, as: as, header: http.Header{"If-None-Match": {tag}}})
	}
	for name, path := range map[string]string{
		"discovery": "/taxii2/", "api root": root, "collections": root + "collections/", "collection": root + "collections/" + c.ID + "/",
		"objects": objectsOf(c), "manifest": manifestOf(c), "object": objectsOf(c, id), "versions": objectsOf(c, id, "versions"),
	} {
		t.Run("here: 304 when nothing changed at "+name, func(t *testing.T) {
			tag := s.get(t, path, "").header.Get("ETag")
			if tag == "" {
				t.Fatal("no ETag")
			}
			a := ask(t, s.Ana, path, tag)
			if a.status != http.StatusNotModified || len(a.body) != 0 || a.header.Get("ETag") != tag {
				t.Errorf("status %d, ETag %q of %q, body %q", a.status, a.header.Get("ETag"), tag, a.body)
			}
			for _, list := range []string{`"x", ` + tag, "*"} {
				if a := ask(t, s.Ana, path, list); a.status != http.StatusNotModified {
					t.Errorf("If-None-Match %s gives %d", list, a.status)
				}
			}
			ask(t, s.Ana, path, `W/"x"`).is(t, http.StatusOK)
			ask(t, s.Ana, path, `nonsense`).is(t, http.StatusOK)
		})
	}
	t.Run("here: a reader's tag depends on what the reader sees", func(t *testing.T) {
		if a, b := s.get(t, objectsOf(c), "").header.Get("ETag"), s.do(t, call{path: objectsOf(c), as: s.Rita}).header.Get("ETag"); a != b {
			t.Errorf("two readers of the same have %s and %s", a, b)
		}
	})
	t.Run("here: 200 when something was added", func(t *testing.T) {
		tag := s.get(t, objectsOf(c), "").header.Get("ETag")
		s.add(t, c, indicator(newID("indicator"), v1))
		if p := ask(t, s.Ana, objectsOf(c), tag).page(t); len(p.Objects) != 2 {
			t.Errorf("%d objects", len(p.Objects))
		}
	})
	t.Run("here: 200 when something was deleted", func(t *testing.T) {
		tag := s.get(t, objectsOf(c), "").header.Get("ETag")
		s.do(t, call{method: http.MethodDelete, path: objectsOf(c, id), as: s.Ana}).is(t, http.StatusOK)
		ask(t, s.Ana, objectsOf(c), tag).is(t, http.StatusOK)
	})
	t.Run("here: a tag opens nothing", func(t *testing.T) {
		ask(t, s.Will, objectsOf(c), "*").refuses(t, http.StatusForbidden)
		ask(t, s.Otto, objectsOf(c), "*").refuses(t, http.StatusNotFound)
		ask(t, Account{}, objectsOf(c), "*").refuses(t, http.StatusUnauthorized)
		ask(t, s.Ana, objectsOf(c, newID("indicator")), "*").refuses(t, http.StatusNotFound)
	})
}

// packing: Accept-Encoding of requests.
func (s *suite) packing(t *testing.T) {
	c := s.take(t)
	objects, _ := indicators(50)
	s.add(t, c, objects...)
	plain := s.get(t, objectsOf(c), "").is(t, http.StatusOK)
	get := func(t *testing.T, path, accept string) answer {
		return s.do(t, call{path: path, as: s.Ana, header: http.Header{"Accept-Encoding": {accept}}})
	}
	for accept, want := range map[string]string{
		"gzip": "gzip", "zstd": "zstd", "gzip, deflate": "gzip", "gzip, deflate, br, zstd": "zstd", "GZIP": "gzip", "x-gzip": "gzip",
		"gzip;q=0.8, zstd;q=0.3": "gzip", "*": "zstd", "br": "", "identity": "", "gzip;q=0": "", "": "", "identity;q=1, gzip;q=0.5": "",
		"zstd;q=0, *": "gzip", "gzip;q=x": "",
	} {
		t.Run("here: Accept-Encoding "+accept, func(t *testing.T) {
			for range 2 { // the second may come from memory
				a := get(t, objectsOf(c), accept).is(t, http.StatusOK)
				if got := a.header.Get("Content-Encoding"); got != want {
					t.Fatalf("Content-Encoding %q, want %q", got, want)
				}
				if !bytes.Equal(unpacked(t, want, a.body), plain.body) {
					t.Error("it unpacks to something else")
				}
				if want != "" && len(a.body) > len(plain.body)/2 {
					t.Errorf("%d octets of %d", len(a.body), len(plain.body))
				}
				if a.header.Get("Content-Length") != itoa(len(a.body)) {
					t.Errorf("Content-Length %s of %d", a.header.Get("Content-Length"), len(a.body))
				}
			}
		})
	}
	t.Run("here: Vary names what the answer depends on", func(t *testing.T) {
		if got := plain.header.Get("Vary"); !bytes.Contains([]byte(got), []byte("Accept-Encoding")) {
			t.Errorf("%q", got)
		}
	})
	t.Run("here: small answers are not packed", func(t *testing.T) {
		if got := get(t, root, "gzip").header.Get("Content-Encoding"); got != "" {
			t.Errorf("%q", got)
		}
	})
	t.Run("here: a packed answer has the plain one's tag", func(t *testing.T) {
		if a := get(t, objectsOf(c), "gzip"); a.header.Get("ETag") != plain.header.Get("ETag") {
			t.Errorf("%s and %s", a.header.Get("ETag"), plain.header.Get("ETag"))
		}
	})
	t.Run("here: HEAD of a packed answer", func(t *testing.T) {
		a := s.do(t, call{method: http.MethodHead, path: objectsOf(c), as: s.Ana, header: http.Header{"Accept-Encoding": {"gzip"}}}).is(t, http.StatusOK)
		if a.header.Get("Content-Encoding") != "gzip" || len(a.body) != 0 {
			t.Errorf("%q, %d octets", a.header.Get("Content-Encoding"), len(a.body))
		}
	})
}

func unpacked(t *testing.T, name string, b []byte) []byte {
	t.Helper()
	var (
		r   io.Reader = bytes.NewReader(b)
		err error
	)
	switch name {
	case "gzip":
		r, err = gzip.NewReader(r)
	case "zstd":
		r, err = zstd.NewReader(r)
	}
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
