package taxii_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"entente/stix"
	"entente/taxii"
)

// Servers with a fault that cannot be got around: what could be read was
// delivered, the error names the fault, and nothing goes on for ever.
func TestFaultsThatEndARun(t *testing.T) {
	always := func(code int, body string, header ...string) func(*foreign) {
		return func(f *foreign) {
			f.hold(3)
			f.answer = func(w http.ResponseWriter, r *http.Request, n int) bool {
				for i := 0; i+1 < len(header); i += 2 {
					w.Header().Set(header[i], header[i+1])
				}
				w.WriteHeader(code)
				io.WriteString(w, body)
				return true
			}
		}
	}
	other := newForeign(t)
	for _, c := range []struct {
		name      string
		prepare   func(f *foreign)
		says      []string
		delivered int
		requests  int // at most
	}{
		{"pages by date, more share one than a page holds", func(f *foreign) {
			f.hold(5).holdAt(40, sameDateAs(4)).hold(9)
			orderByDate(f)
			f.noNext, f.most = true, 10
		}, []string{"server fault", "pages by date only", "10 objects at most", "2024-05-01T12:00:00.000004Z"}, 14, 5},
		{"newest first without next", func(f *foreign) {
			f.hold(50)
			f.noNext = true
			f.answer = func(w http.ResponseWriter, r *http.Request, n int) bool {
				f.answerThrough(exchanged{w}, r)
				return true
			}
		}, []string{"newest objects first"}, 10, 1},
		{"more without objects or next", func(f *foreign) {
			f.hold(3)
			f.shape = func(e map[string]any, n int) { clear(e); e["more"] = true }
		}, []string{"without objects and without a next"}, 0, 1},
		{"pages without objects for ever", func(f *foreign) {
			f.hold(3)
			f.shape = func(e map[string]any, n int) {
				clear(e)
				e["more"], e["next"] = true, strings.Repeat("n", n)
			}
		}, []string{"pages without objects"}, 0, 1100},
		{"no dates, no next, no manifest, small pages", func(f *foreign) {
			f.hold(30)
			f.noDates, f.noNext, f.noManifest, f.most = true, true, true, 7
		}, []string{"7 objects at most", "neither a next that leads on nor dates"}, 7, 3},
		{"an HTML page with 200", always(200, "<html><head><title>Log in</title></head><body onload='x()'>Welcome\x1b[31m", "Content-Type", "text/html"),
			[]string{"no TAXII 2.1", `"text/html"`, "Log in Welcome[31m"}, 0, 1},
		{"an HTML page with 403", always(403, "<html><title>Blocked</title> <p>by the <b>firewall</b></html>"),
			[]string{"answered 403: Blocked by the firewall"}, 0, 1},
		{"an error of TAXII", always(401, `{"title":"Unauthorised","description":"token expired"}`),
			[]string{"answered 401: Unauthorised: token expired", "check the account"}, 0, 1},
		{"TAXII 2.0 by its media type", always(200, `{"objects":[]}`, "Content-Type", "application/vnd.oasis.taxii+json; version=2.0"),
			[]string{"speaks TAXII 2.0"}, 0, 1},
		{"STIX 2.0 by its media type", always(200, `{"objects":[]}`, "Content-Type", "application/vnd.oasis.stix+json; version=2.0"),
			[]string{"speaks TAXII 2.0"}, 0, 1},
		{"406 to everything", always(406, ""), []string{"another version of TAXII"}, 0, 2},
		{"500 for ever", always(500, "oops"), []string{"answered 500: oops"}, 0, 6},
		{"429 for ever", always(429, "", "Retry-After", "86400"), []string{"answered 429"}, 0, 6},
		{"a list in place of an envelope", always(200, `[]`), []string{"no TAXII 2.1"}, 0, 1},
		{"objects that are no list", always(200, `{"objects":{}}`), []string{"objects is not a list"}, 0, 100},
		{"always cut", func(f *foreign) {
			f.hold(3)
			f.answer = func(w http.ResponseWriter, r *http.Request, n int) bool { cut(w, `{"objects":[`); return true }
		}, []string{"cut or broken"}, 0, 100},
		{"one object beyond the limit of bytes", func(f *foreign) {
			f.hold(3)
			f.shape = func(e map[string]any, n int) { e["next"] = strings.Repeat("x", 40<<10) }
		}, []string{"larger than 32768 bytes"}, 0, 10},
		{"a redirect to another host", func(f *foreign) {
			f.hold(3)
			f.answer = func(w http.ResponseWriter, r *http.Request, n int) bool {
				http.Redirect(w, r, other.URL+r.URL.String(), http.StatusPermanentRedirect)
				return true
			}
		}, []string{"redirects to " + other.URL, "not followed"}, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newForeign(t)
			c.prepare(f)
			r := f.reader(t, taxii.WithPageLimit(10), taxii.WithMaxPageBytes(32<<10))
			err := r.pull(-1)
			if err == nil {
				t.Fatalf("no error; delivered %s", short(r.ids))
			}
			for _, part := range append(c.says, "pull "+collectionID) {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q does not say %q", err, part)
				}
			}
			if len(r.ids) != c.delivered {
				t.Errorf("delivered %d objects before, want %d:%s", len(r.ids), c.delivered, short(r.ids))
			}
			if got := len(f.objectRequests()); got > c.requests {
				t.Errorf("%d requests, at most %d are called for", got, c.requests)
			}
			if len(other.log()) > 0 {
				t.Errorf("another host was asked %q", other.log())
			}
		})
	}
}

func TestCollectionThatIsGoneIsNoEnd(t *testing.T) {
	f := newForeign(t).hold(3)
	r := f.reader(t)
	r.mustPull()
	f.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { refuse(w, 404, "no such collection") })
	if err := r.pull(-1); err == nil || !strings.Contains(err.Error(), "answered 404: no such collection") {
		t.Errorf("%v, want the 404", err)
	}
}

func TestRunGoesOnAfterTheServerWasMended(t *testing.T) {
	f := newForeign(t).hold(5).holdAt(40, sameDateAs(4)).hold(9)
	orderByDate(f)
	f.noNext, f.most = true, 10
	r := f.reader(t, taxii.WithPageLimit(10))
	if err := r.pull(-1); err == nil {
		t.Fatal("no error")
	}
	f.noNext, f.most = false, 0
	r.mustPull()
	r.has(f)
}

func TestBadObjectsAreToldAndTheOthersDelivered(t *testing.T) {
	f := newForeign(t).hold(12)
	good := f.entries
	for i, bad := range map[int]string{
		2:  `{"type":"indicator"}`,
		5:  `"text"`,
		6:  `null`,
		9:  `{"type":"malware","id":"malware--1","n":1e}`,
		11: `[[]]`,
	} {
		f.entries[i].raw = bad
	}
	r := f.reader(t, taxii.WithPageLimit(4))
	r.mustPull()
	if len(r.problems) != 5 {
		t.Errorf("problems %v, want 5", r.problems)
	}
	for _, p := range r.problems {
		if _, ok := errors.AsType[*taxii.BadObjectError](p); !ok {
			t.Errorf("%T: %v", p, p)
		}
	}
	var want []string
	for i, e := range good {
		if i != 2 && i != 5 && i != 6 && i != 9 && i != 11 {
			want = append(want, e.id)
		}
	}
	if strings.Join(r.ids, " ") != strings.Join(want, " ") {
		t.Errorf("delivered %s", short(r.ids))
	}
	if !strings.Contains(r.problems[0].Error(), "element 2") {
		t.Errorf("%q does not say which", r.problems[0])
	}
}

func TestLargestObjectIsASetting(t *testing.T) {
	f := newForeign(t).hold(3)
	f.entries[1].raw = strings.Replace(f.entries[1].raw, "<1>", strings.Repeat("x", 2000), 1)
	r := f.reader(t, taxii.WithMaxObjectBytes(1000))
	r.mustPull()
	if len(r.ids) != 2 || len(r.problems) != 1 || !errors.Is(r.problems[0], stix.ErrTooBig) {
		t.Errorf("delivered %s, problems %v", short(r.ids), r.problems)
	}
	r = f.reader(t)
	r.mustPull()
	r.has(f)
}

func TestWaits(t *testing.T) {
	answers := func(code int, retryAfter string) func(*foreign) {
		return func(f *foreign) { f.answer = oftenRefused(code, retryAfter) }
	}
	for _, c := range []struct {
		name     string
		prepare  func(*foreign)
		from, to time.Duration
	}{
		{"seconds", answers(429, "7"), 7 * time.Second, 7 * time.Second},
		{"too many seconds", answers(503, "86400"), 5 * time.Minute, 5 * time.Minute},
		{"a date", answers(503, time.Now().Add(30*time.Second).UTC().Format(http.TimeFormat)), 20 * time.Second, 31 * time.Second},
		{"a date gone by", answers(503, "Mon, 01 Jan 2024 00:00:00 GMT"), 250 * time.Millisecond, time.Second},
		{"nonsense", answers(503, "soon"), 250 * time.Millisecond, time.Second},
		{"nothing", answers(502, ""), 250 * time.Millisecond, time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newForeign(t).hold(3)
			c.prepare(f)
			r := f.reader(t)
			r.mustPull()
			r.has(f)
			if len(r.clock.waits) != 2 {
				t.Fatalf("waits %v, want 2", r.clock.waits)
			}
			if w := r.clock.waits[0]; w < c.from || w > c.to {
				t.Errorf("waited %s, want %s to %s", w, c.from, c.to)
			}
		})
	}
}

func TestWaitsGrowAndEnd(t *testing.T) {
	f := newForeign(t).hold(3)
	f.answer = func(w http.ResponseWriter, r *http.Request, n int) bool { refuse(w, 503, "never"); return true }
	r := f.reader(t, taxii.WithRetry(taxii.Retry{Attempts: 12, First: time.Second, Most: 20 * time.Second}))
	if err := r.pull(-1); err == nil {
		t.Fatal("no error")
	}
	if len(r.clock.waits) != 11 {
		t.Fatalf("%d waits, want 11", len(r.clock.waits))
	}
	for i, w := range r.clock.waits {
		most := min(time.Second<<i, 20*time.Second)
		if w < most/2 || w > most {
			t.Errorf("wait %d is %s, want %s to %s", i, w, most/2, most)
		}
	}
}

func TestTimeLimitEndsAServerThatNeverAnswers(t *testing.T) {
	f := newForeign(t).hold(3)
	f.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	client := f.client(t, taxii.WithTimeLimit(30*time.Millisecond))
	for _, err := range client.Pull(t.Context(), collectionID, taxii.Cursor{}, taxii.Filter{}) {
		if err == nil || !strings.Contains(err.Error(), "time limit of 30ms") {
			t.Errorf("%v, want the time limit", err)
		}
	}
	slow := f.client(t, taxii.WithRequestTimeout(30*time.Millisecond), taxii.WithRetry(taxii.Retry{Attempts: -1}))
	if _, err := slow.Discover(context.Background()); err == nil || !strings.Contains(err.Error(), "no whole answer within 30ms") {
		t.Errorf("%v, want the request's time limit", err)
	}
}

// guarded is a transport that refuses for good, as a guard of addresses does.
type guarded struct{ asked int }

func (g *guarded) RoundTrip(*http.Request) (*http.Response, error) {
	g.asked++
	return nil, refusal{}
}

type refusal struct{}

func (refusal) Error() string   { return "this address is guarded" }
func (refusal) Permanent() bool { return true }

func TestRefusalForGoodIsNotRepeated(t *testing.T) {
	f, g := newForeign(t), new(guarded)
	client := f.client(t, taxii.WithHTTPClient(&http.Client{Transport: g}))
	if _, err := client.Discover(t.Context()); !errors.Is(err, refusal{}) || g.asked != 1 {
		t.Errorf("%v after %d requests", err, g.asked)
	}
}

func TestPlainHTTPWhereTLSIsAwaitedIsNotAskedAgain(t *testing.T) {
	f := newForeign(t)
	client, err := taxii.New(strings.Replace(f.URL, "http:", "https:", 1))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := client.Discover(ctx); !errors.Is(err, http.ErrSchemeMismatch) || ctx.Err() != nil {
		t.Errorf("%v", err)
	}
}
