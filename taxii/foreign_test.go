package taxii_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"entente/taxii"
)

// foreign stands for the servers of other people: right by itself, and with
// the faults that a test gives it.
type foreign struct {
	*httptest.Server

	mu       sync.Mutex
	entries  []entry // in order of added
	requests []string
	accepts  []string
	posted   [][]byte

	most       int                    // objects on a page at most; 0 for no bound
	noNext     bool                   // pages by date only
	noDates    bool                   // leaves the headers out
	noManifest bool                   // has none
	date       func(time.Time) string // how it writes dates
	// answer, when set, sees each request for objects first, counted from 1,
	// and reports whether it has dealt with it.
	answer func(w http.ResponseWriter, r *http.Request, n int) bool
	// shape, when set, changes an envelope before it is written.
	shape func(envelope map[string]any, n int)
	// post, when set, answers POSTs.
	post   func(w http.ResponseWriter, body []byte, n int)
	status func(n int) taxii.Status
	pages  int
	asked  int               // for a status
	issued map[string]string // each next, and the added_after it belongs to
}

type entry struct {
	id    string
	raw   string
	added time.Time
}

const collectionID = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"

var firstDate = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)

func newForeign(t tester) *foreign {
	f := &foreign{date: taxii.FormatTime, issued: make(map[string]string)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /taxii2/{$}", func(w http.ResponseWriter, r *http.Request) {
		reply(w, 200, taxii.Discovery{Title: "Foreign", Default: "/api/", APIRoots: []string{"/other/", "/api/"}})
	})
	mux.HandleFunc("GET /api/{$}", func(w http.ResponseWriter, r *http.Request) {
		reply(w, 200, taxii.APIRoot{Title: "Root", Versions: []string{taxii.MediaTAXII}, MaxContentLength: 4096})
	})
	mux.HandleFunc("GET /api/collections/{$}", func(w http.ResponseWriter, r *http.Request) {
		reply(w, 200, taxii.Collections{Collections: []taxii.Collection{{ID: collectionID, Title: "All", CanRead: true}}})
	})
	mux.HandleFunc("GET /api/collections/{id}/{$}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("id") != collectionID {
			refuse(w, 404, "no such collection")
			return
		}
		reply(w, 200, taxii.Collection{ID: collectionID, Title: "All", CanRead: true})
	})
	mux.HandleFunc("GET /api/collections/"+collectionID+"/objects/{$}", f.objects)
	mux.HandleFunc("GET /api/collections/"+collectionID+"/manifest/{$}", f.manifest)
	mux.HandleFunc("POST /api/collections/"+collectionID+"/objects/{$}", f.add)
	mux.HandleFunc("GET /api/status/{id}/{$}", func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.asked++
		reply(w, 200, f.status(f.asked))
	})
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.requests = append(f.requests, r.Method+" "+r.URL.String())
		f.accepts = append(f.accepts, r.Header.Get("Accept"))
		f.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

// hold puts n objects in, each a microsecond after the one before.
func (f *foreign) hold(n int) *foreign {
	return f.holdAt(n, func(i int) time.Time { return firstDate.Add(time.Duration(i) * time.Microsecond) })
}

func (f *foreign) holdAt(n int, at func(i int) time.Time) *foreign {
	f.mu.Lock()
	defer f.mu.Unlock()
	for range n {
		i := len(f.entries)
		id := fmt.Sprintf("indicator--00000000-0000-4000-8000-%012d", i)
		raw := fmt.Sprintf(`{"type": "indicator", "spec_version": "2.1", "id": %q, "created": "2024-01-01T00:00:00.000Z", "modified": "2024-01-01T00:00:00.000Z", "name": "<%d> \u00e9 }]"}`, id, i)
		f.entries = append(f.entries, entry{id, raw, at(i)})
	}
	return f
}

func (f *foreign) ids() []string {
	var ids []string
	for _, e := range f.entries {
		ids = append(ids, e.id)
	}
	return ids
}

// objectRequests are the queries of the requests for objects, in order.
func (f *foreign) objectRequests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []string
	for _, r := range f.requests {
		if _, query, ok := strings.Cut(r, "/objects/?"); ok {
			list = append(list, query)
		} else if strings.HasSuffix(r, "/objects/") {
			list = append(list, "")
		}
	}
	return list
}

// span finds what a query asks for: the entries from start to end.
func (f *foreign) span(r *http.Request) (start, end int) {
	q := r.URL.Query()
	if after := q.Get("added_after"); after != "" {
		at, err := time.Parse(time.RFC3339Nano, after)
		if err != nil {
			return 0, 0
		}
		start, _ = slices.BinarySearchFunc(f.entries, at, func(e entry, at time.Time) int {
			if e.added.After(at) {
				return 1
			}
			return -1
		})
	}
	if next := q.Get("next"); next != "" {
		start, _ = strconv.Atoi(strings.TrimPrefix(next, "at-"))
	}
	end = len(f.entries)
	if limit, err := strconv.Atoi(q.Get("limit")); err == nil {
		end = min(end, start+limit)
	}
	if f.most > 0 {
		end = min(end, start+f.most)
	}
	return start, end
}

func (f *foreign) objects(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pages++
	if f.answer != nil && f.answer(w, r, f.pages) {
		return
	}
	after := r.URL.Query().Get("added_after")
	if was, ok := f.issued[r.URL.Query().Get("next")]; ok && was != after {
		refuse(w, 400, "next belongs to another added_after")
		return
	}
	start, end := f.span(r)
	envelope := map[string]any{}
	if end < len(f.entries) {
		envelope["more"] = true
		if !f.noNext {
			next := "at-" + strconv.Itoa(end)
			envelope["next"], f.issued[next] = next, after
		}
	}
	if end > start {
		var list []json.RawMessage
		for _, e := range f.entries[start:end] {
			list = append(list, json.RawMessage(e.raw))
		}
		envelope["objects"] = list
		if !f.noDates {
			w.Header().Set(taxii.HeaderDateAddedFirst, f.date(f.entries[start].added))
			w.Header().Set(taxii.HeaderDateAddedLast, f.date(f.entries[end-1].added))
		}
	}
	if f.shape != nil {
		f.shape(envelope, f.pages)
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", taxii.MediaTAXII)
	}
	w.Write(plain(envelope))
}

// plain writes an envelope without changing its objects' bytes.
func plain(envelope map[string]any) []byte {
	b := []byte("{")
	for _, name := range []string{"more", "next", "objects"} {
		value, ok := envelope[name]
		if !ok {
			continue
		}
		if len(b) > 1 {
			b = append(b, ", "...)
		}
		b = append(b, `"`+name+`" : `...)
		if list, ok := value.([]json.RawMessage); ok {
			b = append(b, '[')
			for i, o := range list {
				if i > 0 {
					b = append(b, " ,\n"...)
				}
				b = append(b, o...)
			}
			b = append(b, ']')
			continue
		}
		text, _ := json.Marshal(value)
		b = append(b, text...)
	}
	return append(b, '}')
}

func (f *foreign) manifest(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.noManifest {
		refuse(w, 404, "no manifest")
		return
	}
	start, end := f.span(r)
	m := taxii.Manifest{More: end < len(f.entries)}
	for _, e := range f.entries[start:end] {
		m.Objects = append(m.Objects, taxii.ManifestRecord{ID: e.id, DateAdded: f.date(e.added), Version: "2024-01-01T00:00:00.000Z"})
	}
	reply(w, 200, m)
}

func reply(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", taxii.MediaTAXII)
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, code int, title string) {
	reply(w, code, taxii.Error{Title: title, HTTPStatus: strconv.Itoa(code)})
}

// answerNth does something beside the nth answer.
func answerNth(nth int, do func()) func(http.ResponseWriter, *http.Request, int) bool {
	return func(_ http.ResponseWriter, _ *http.Request, n int) bool {
		if n == nth {
			do()
		}
		return false
	}
}

// log is what was requested so far.
func (f *foreign) log() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.requests)
}

func (f *foreign) add(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil || r.Header.Get("Content-Type") != taxii.MediaTAXII {
		refuse(w, 415, "no TAXII")
		return
	}
	f.posted = append(f.posted, body)
	f.post(w, body, len(f.posted))
}

// tester is a test, a benchmark, or one round of a property test.
type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Cleanup(func())
}
