package taxii_test

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"entente/taxii"
)

// Servers with a fault that can be got around: every object arrives, once, in
// order, and what was wrong is told where it is worth telling.
func TestFaultsThatAreGotAround(t *testing.T) {
	for _, c := range []struct {
		name    string
		limit   int
		prepare func(f *foreign)
		problem string // part of one problem; none when empty
	}{
		{name: "more without next", limit: 10, prepare: func(f *foreign) {
			f.hold(95)
			f.noNext = true
		}},
		{name: "more without next, one object a page", limit: 1, prepare: func(f *foreign) {
			f.hold(7)
			f.noNext = true
		}},
		{name: "pages by date, thousands share one", limit: 100, prepare: func(f *foreign) {
			f.hold(30).holdAt(3000, sameDateAs(29)).hold(3)
			orderByDate(f)
			f.noNext = true
		}},
		{name: "dates rounded down to milliseconds", limit: 5, prepare: func(f *foreign) {
			f.holdAt(90, func(i int) time.Time { return firstDate.Add(time.Duration(i) * 130 * time.Microsecond) })
			f.noNext, f.date = true, inMilliseconds
		}},
		{name: "dates rounded up to milliseconds", limit: 5, prepare: func(f *foreign) {
			f.holdAt(90, func(i int) time.Time { return firstDate.Add(time.Duration(i) * 130 * time.Microsecond) })
			f.noNext = true
			f.date = func(t time.Time) string { return inMilliseconds(t.Add(time.Millisecond - 1)) }
		}},
		{name: "dates rounded to seconds", limit: 5, prepare: func(f *foreign) {
			f.holdAt(60, func(i int) time.Time { return firstDate.Add(time.Duration(i) * 300 * time.Millisecond) })
			f.noNext, f.date = true, inSeconds
		}},
		{name: "dates without T and Z", limit: 5, prepare: func(f *foreign) {
			f.hold(23)
			f.noNext = true
			f.date = func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000000") }
		}},
		{name: "dates with an offset", limit: 5, prepare: func(f *foreign) {
			f.hold(23)
			f.noNext = true
			f.date = func(t time.Time) string {
				return t.In(time.FixedZone("", 7200)).Format("2006-01-02T15:04:05.000000-07:00")
			}
		}},
		{name: "dates missing, pages by next", limit: 5, prepare: func(f *foreign) {
			f.hold(23)
			f.noDates = true
		}},
		{name: "dates missing, pages by date, manifest has them", limit: 5, prepare: func(f *foreign) {
			f.hold(23)
			f.noDates, f.noNext = true, true
		}},
		{name: "dates and next and manifest missing", limit: 5, prepare: func(f *foreign) {
			f.hold(23)
			f.noDates, f.noNext, f.noManifest = true, true, true
		}},
		{name: "next repeats itself", limit: 10, problem: "its next repeats", prepare: func(f *foreign) {
			f.hold(95)
			f.shape = func(e map[string]any, n int) {
				if e["more"] == true {
					e["next"] = "at-10"
				}
			}
		}},
		{name: "next leads in a circle", limit: 10, problem: "is one that came before", prepare: func(f *foreign) {
			f.hold(95)
			f.shape = func(e map[string]any, n int) {
				if e["next"] == "at-40" {
					e["next"] = "at-0"
				}
			}
		}},
		{name: "next is always new and the page always the same", limit: 10, problem: "is one that came before", prepare: func(f *foreign) {
			f.hold(95)
			f.answer = func(w http.ResponseWriter, r *http.Request, n int) bool {
				if strings.HasPrefix(r.URL.Query().Get("next"), "fresh") {
					r.URL.RawQuery = "limit=10"
				}
				return false
			}
			f.shape = func(e map[string]any, n int) {
				if e["next"] == "at-10" {
					e["next"] = "fresh-" + strconv.Itoa(n)
				}
			}
		}},
		{name: "next grows old at once", limit: 10, problem: "answers 400 to a next", prepare: func(f *foreign) {
			f.hold(95)
			f.answer = func(w http.ResponseWriter, r *http.Request, n int) bool {
				if r.URL.Query().Get("next") == "at-50" {
					refuse(w, 400, "no such next")
					return true
				}
				return false
			}
		}},
		{name: "no next is ever good", limit: 10, problem: "answers 404 to a next", prepare: func(f *foreign) {
			f.hold(35).holdAt(30, sameDateAs(34)).hold(30)
			orderByDate(f)
			f.answer = func(w http.ResponseWriter, r *http.Request, n int) bool {
				if r.URL.Query().Has("next") {
					refuse(w, 404, "no such next")
				}
				return r.URL.Query().Has("next")
			}
		}},
		{name: "next answered with an empty body", limit: 10, problem: "empty body", prepare: func(f *foreign) {
			f.hold(25)
			f.answer = func(w http.ResponseWriter, r *http.Request, n int) bool { return r.URL.Query().Has("next") }
		}},
		{name: "next is a number", limit: 10, prepare: func(f *foreign) {
			f.hold(25)
			f.shape = func(e map[string]any, n int) {
				if next, ok := e["next"].(string); ok {
					e["next"], _ = strconv.Atoi(strings.TrimPrefix(next, "at-"))
				}
			}
		}},
		{name: "more is a text", limit: 10, prepare: func(f *foreign) {
			f.hold(25)
			f.shape = func(e map[string]any, n int) { e["more"] = map[any]string{true: "True", nil: "False"}[e["more"]] }
		}},
		{name: "more is left out where next is given", limit: 10, prepare: func(f *foreign) {
			f.hold(25)
			f.shape = func(e map[string]any, n int) { delete(e, "more") }
		}},
		{name: "next is given at the end, too", limit: 10, prepare: func(f *foreign) {
			f.hold(25)
			f.shape = func(e map[string]any, n int) {
				if e["more"] == nil {
					e["more"], e["next"] = false, "at-0"
				}
			}
		}},
		{name: "more is true at the end", limit: 10, prepare: func(f *foreign) {
			f.hold(30)
			f.shape = func(e map[string]any, n int) {
				if e["objects"] != nil && e["more"] == nil {
					e["more"], e["next"] = true, "at-30"
				}
			}
		}},
		{name: "pages without objects on the way", limit: 10, prepare: func(f *foreign) {
			f.hold(30)
			f.answer = func(w http.ResponseWriter, r *http.Request, n int) bool {
				next := r.URL.Query().Get("next")
				if !strings.HasPrefix(next, "at-") {
					return false
				}
				reply(w, 200, taxii.Envelope{More: true, Next: strings.TrimPrefix(next, "at-")})
				return true
			}
		}},
		{name: "first and last date exchanged", limit: 10, prepare: func(f *foreign) {
			f.hold(25)
			f.answer = func(w http.ResponseWriter, r *http.Request, n int) bool {
				f.answerThrough(exchanged{w}, r)
				return true
			}
		}},
		{name: "plain JSON as media type", limit: 10, prepare: func(f *foreign) {
			f.hold(25)
			f.answer = withHeader("Content-Type", "application/json")
		}},
		{name: "HTML as media type of JSON", limit: 10, prepare: func(f *foreign) {
			f.hold(25)
			f.answer = withHeader("Content-Type", "text/html; charset=utf-8")
		}},
		{name: "media type that cannot be read", limit: 10, prepare: func(f *foreign) {
			f.hold(25)
			f.answer = withHeader("Content-Type", "json;;;")
		}},
		{name: "406 to the exact media type", limit: 10, prepare: func(f *foreign) {
			f.hold(25)
			f.answer = func(w http.ResponseWriter, r *http.Request, n int) bool {
				if r.Header.Get("Accept") == taxii.MediaTAXII {
					refuse(w, 406, "not acceptable")
					return true
				}
				return false
			}
		}},
		{name: "400 to a limit beyond 100", limit: 1000, prepare: func(f *foreign) {
			f.hold(250)
			f.answer = func(w http.ResponseWriter, r *http.Request, n int) bool {
				if limit, _ := strconv.Atoi(r.URL.Query().Get("limit")); limit > 100 {
					refuse(w, 400, "limit too large")
					return true
				}
				return false
			}
		}},
		{name: "416 at the end", limit: 10, prepare: func(f *foreign) {
			f.hold(30)
			f.noNext = true
			f.shape = func(e map[string]any, n int) { e["more"] = true }
			f.answer = func(w http.ResponseWriter, r *http.Request, n int) bool {
				if start, end := f.span(r); end-start <= 1 {
					refuse(w, 416, "nothing there")
					return true
				}
				return false
			}
		}},
		{name: "404 at the end", limit: 10, prepare: func(f *foreign) {
			f.hold(30)
			f.noNext = true
			f.shape = func(e map[string]any, n int) { e["more"] = true }
			f.answer = func(w http.ResponseWriter, r *http.Request, n int) bool {
				if start, end := f.span(r); end-start <= 1 {
					refuse(w, 404, "nothing there")
					return true
				}
				return false
			}
		}},
		{name: "429 with seconds", limit: 10, prepare: func(f *foreign) {
			f.hold(25)
			f.answer = oftenRefused(429, "7")
		}},
		{name: "503 with a date", limit: 10, prepare: func(f *foreign) {
			f.hold(25)
			f.answer = oftenRefused(503, time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
		}},
		{name: "500 now and then", limit: 10, prepare: func(f *foreign) {
			f.hold(25)
			f.answer = oftenRefused(500, "")
		}},
		{name: "connection cut in the middle of a page", limit: 10, prepare: func(f *foreign) {
			f.hold(25)
			f.answer = func(w http.ResponseWriter, r *http.Request, n int) bool {
				if n%3 == 0 {
					return false
				}
				cut(w, `{"more":true,"next":"at-0","objects":[`+f.entries[0].raw+`,`)
				return true
			}
		}},
		{name: "body ends early, as if it were whole", limit: 10, prepare: func(f *foreign) {
			f.hold(25)
			f.answer = func(w http.ResponseWriter, r *http.Request, n int) bool {
				if n%3 == 0 {
					return false
				}
				io.WriteString(w, `{"objects":[`+f.entries[0].raw+`,{"type":"indi`)
				return true
			}
		}},
		{name: "large pages never arrive whole", limit: 64, prepare: func(f *foreign) {
			f.hold(100)
			f.answer = func(w http.ResponseWriter, r *http.Request, n int) bool {
				if start, end := f.span(r); end-start > 10 {
					cut(w, `{"objects":[`)
					return true
				}
				return false
			}
		}},
		{name: "pages beyond the limit of bytes", limit: 1000, prepare: func(f *foreign) { f.hold(300) }},
		{name: "gzip", limit: 10, prepare: func(f *foreign) {
			f.hold(25)
			f.answer = func(w http.ResponseWriter, r *http.Request, n int) bool {
				if r.Header.Get("Accept-Encoding") != "gzip" {
					refuse(w, 400, "gzip was not offered")
					return true
				}
				w.Header().Set("Content-Encoding", "gzip")
				z := gzip.NewWriter(w)
				f.answerThrough(writer{w, z}, r)
				z.Close()
				return true
			}
		}},
		{name: "redirect on the same host", limit: 10, prepare: func(f *foreign) {
			f.hold(25)
			f.answer = func(w http.ResponseWriter, r *http.Request, n int) bool {
				if r.URL.Query().Has("moved") {
					return false
				}
				http.Redirect(w, r, r.URL.String()+"&moved=1", http.StatusTemporaryRedirect)
				return true
			}
		}},
		{name: "a bundle in place of an envelope", limit: 0, prepare: func(f *foreign) {
			f.hold(3)
			f.answer = func(w http.ResponseWriter, r *http.Request, n int) bool {
				io.WriteString(w, `{"type":"bundle","id":"bundle--1","objects":[`+f.entries[0].raw+","+f.entries[1].raw+","+f.entries[2].raw+"]}")
				return true
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newForeign(t)
			c.prepare(f)
			r := f.reader(t, taxii.WithPageLimit(c.limit), taxii.WithMaxPageBytes(32<<10))
			if c.name == "pages by date, thousands share one" {
				r = f.reader(t, taxii.WithPageLimit(c.limit))
			}
			r.mustPull()
			r.has(f)
			told := slices.ContainsFunc(r.problems, func(err error) bool {
				_, ok := errors.AsType[*taxii.ServerFault](err)
				return ok && c.problem != "" && strings.Contains(err.Error(), c.problem)
			})
			if told != (c.problem != "") || (c.problem == "" && len(r.problems) > 0) {
				t.Errorf("problems %v, want %q", r.problems, c.problem)
			}
			requests := len(f.objectRequests())
			if r.pull(-1); len(r.ids) != len(f.entries) {
				t.Errorf("a second run delivers %d objects again", len(r.ids)-len(f.entries))
			}
			t.Logf("%d requests, then %d", requests, len(f.objectRequests())-requests)
		})
	}
}
