package taxii_test

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"entente/taxii"
)

func inMilliseconds(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
func inSeconds(t time.Time) string      { return t.UTC().Format("2006-01-02T15:04:05Z") }

// cut breaks the connection in the middle of an answer of n bytes or more.
func cut(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", taxii.MediaTAXII)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)+100))
	io.WriteString(w, body)
}

func sameDateAs(i int) func(int) time.Time {
	return func(int) time.Time { return firstDate.Add(time.Duration(i) * time.Microsecond) }
}

// orderByDate restores the order of added after objects were dated at will.
func orderByDate(f *foreign) {
	slices.SortStableFunc(f.entries, func(a, b entry) int { return a.added.Compare(b.added) })
}

func withHeader(name, value string) func(http.ResponseWriter, *http.Request, int) bool {
	return func(w http.ResponseWriter, r *http.Request, n int) bool {
		w.Header().Set(name, value)
		return false
	}
}

// oftenRefused answers two of three requests with code.
func oftenRefused(code int, retryAfter string) func(http.ResponseWriter, *http.Request, int) bool {
	return func(w http.ResponseWriter, r *http.Request, n int) bool {
		if n%3 == 0 {
			return false
		}
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		refuse(w, code, "not now")
		return true
	}
}

// exchanged writes the first date as the last and the last as the first.
type exchanged struct{ http.ResponseWriter }

func (e exchanged) Write(b []byte) (int, error) {
	h := e.Header()
	first, last := h.Get(taxii.HeaderDateAddedFirst), h.Get(taxii.HeaderDateAddedLast)
	h.Set(taxii.HeaderDateAddedFirst, last)
	h.Set(taxii.HeaderDateAddedLast, first)
	return e.ResponseWriter.Write(b)
}

// answerThrough answers as if there were no answer function, through w.
func (f *foreign) answerThrough(w http.ResponseWriter, r *http.Request) {
	answer := f.answer
	f.answer = nil
	f.mu.Unlock()
	f.objects(w, r)
	f.mu.Lock()
	f.answer = answer
}

type writer struct {
	http.ResponseWriter
	body io.Writer
}

func (w writer) Write(b []byte) (int, error) { return w.body.Write(b) }
