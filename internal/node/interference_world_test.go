package node_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"

	"entente/client"
	"entente/internal/node"
	"entente/internal/trust/account"
)

// world is a real node on a real store, in a bubble of its own: its clock
// begins where every world's does and stands still while anything runs, and
// its randomness is seeded anew before each act, so that two worlds in which
// the same is done hold the same bytes.
type world struct {
	t      *testing.T
	n      *node.Node
	public http.Handler
	local  http.Handler
	reader *reader
	which  int // of the two worlds
	tokens map[string]string

	acts   uint64            // done for all to see; the seed of the next
	hidden uint64            // done unseen
	told   []answer          // what the reader was told, in order
	names  map[string]string // of what is random whatever the seed; see rename
	kept   map[string]string // cursors and tags that the reader keeps from round to round
}

// ask is one request.
type ask struct {
	as           string // account; nobody when empty
	local        bool   // by the admin socket, as that account; as the operator when empty
	method, path string
	header       map[string]string
	body         string
}

func (a ask) String() string {
	door := "public"
	if a.local {
		door = "local"
	}
	text := fmt.Sprintf("%s as %s: %s %s %v", door, cmp.Or(a.as, "nobody"), a.method, a.path, a.header)
	if a.body != "" {
		text += " " + a.body
	}
	return text
}

// answer is all that a reader can tell of one.
type answer struct {
	ask    string
	status int
	header http.Header
	body   string
	took   time.Duration // by the world's clock
}

// exempt headers differ between any two answers and tell of nothing stored.
// A recorder leaves out Date, which is the wall clock's.
var exempt = []string{"Date", "X-Request-Id"}

func (a answer) head() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d after %v\n", a.status, a.took)
	for _, name := range slices.Sorted(maps.Keys(a.header)) {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(a.header[name], ", "))
	}
	return b.String()
}

// inWorld makes a world for a reader and lets f act in it.
func inWorld(t *testing.T, r *reader, f func(*world)) (told []answer) {
	synctest.Test(t, func(t *testing.T) {
		cryptotest.SetGlobalRandom(t, 1)
		dir, _ := newNode(t)
		n, err := node.Open(t.Context(), dir, node.Options{})
		if err != nil {
			t.Fatal(err)
		}
		public, end := n.Public(node.ServeOptions{Limits: node.Limits{Page: 7, Rate: -1}})
		w := &world{t: t, n: n, public: public, local: n.Admin(), reader: r, tokens: map[string]string{},
			names: map[string]string{}, kept: map[string]string{}}
		defer func() {
			if err := end(t.Context()); err != nil {
				t.Error(err)
			}
			if err := n.Close(); err != nil {
				t.Error(err)
			}
		}()
		w.furnish()
		f(w)
		told = w.told
	})
	return told
}

// pass lets the world's clock run on to a full second, and by at least one, so
// that what is done next is done at the same time in every world, whatever was
// done before.
func (w *world) pass() {
	synctest.Wait()
	<-time.After(time.Until(time.Now().Truncate(time.Second).Add(time.Second)))
	synctest.Wait()
}

// settle lets the clock run on by five minutes for each act, and beside the
// minutes and hours at which a node does things by itself: dates added are unique,
// so that of two writes of one microsecond the later is dated the next.
func (w *world) settle(i int) {
	synctest.Wait()
	<-time.After(time.Until(worldsBegin.Add(time.Duration(i+1)*5*time.Minute + 30*time.Second)))
	synctest.Wait()
}

// worldsBegin is when the clock of a bubble begins.
var worldsBegin = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// seen does what belongs to both worlds; unseen does what does not.
func (w *world) seen(a ask) *httptest.ResponseRecorder {
	w.acts++
	cryptotest.SetGlobalRandom(w.t, w.acts)
	return w.do(a)
}

func (w *world) unseen(a ask) *httptest.ResponseRecorder {
	w.hidden++
	cryptotest.SetGlobalRandom(w.t, 1<<40+w.hidden)
	return w.do(a)
}

func (w *world) do(a ask) *httptest.ResponseRecorder {
	var body io.Reader = http.NoBody
	if a.body != "" {
		body = strings.NewReader(a.body)
	}
	r := httptest.NewRequest(a.method, "http://node.example"+a.path, body)
	source := cmp.Or(a.as, "nobody") + ".example"
	r = r.WithContext(account.From(r.Context(), source))
	h := w.public
	if a.local {
		h = w.local
		if a.as != "" {
			r.Header.Set("Entente-As", a.as)
		}
	} else if a.as != "" {
		r.SetBasicAuth(a.as, w.tokens[a.as])
	}
	for name, value := range a.header {
		r.Header.Set(name, value)
	}
	rec := httptest.NewRecorder()
	func() {
		defer func() {
			if cut := recover(); cut != nil && cut != http.ErrAbortHandler {
				panic(cut)
			}
		}()
		h.ServeHTTP(rec, r)
	}()
	return rec
}

// hear asks as the reader and writes down what is told.
func (w *world) hear(a ask) *httptest.ResponseRecorder {
	w.t.Helper()
	began := time.Now()
	rec := w.seen(a)
	took := time.Since(began)
	synctest.Wait() // a job that was begun, a follower that reads on
	if a.method != "GET" && a.method != "HEAD" {
		// What a write makes stricter unseen is re-classed, and dated, within the
		// microseconds that it takes: here they are none, unless the clock runs on.
		<-time.After(time.Millisecond)
		synctest.Wait()
	}
	told := answer{ask: a.String(), status: rec.Code, header: rec.Result().Header, body: rec.Body.String(), took: took}
	if rec.Code >= 500 {
		w.t.Errorf("a fault: %s\n%s", a, told.body)
	}
	for _, name := range exempt {
		delete(told.header, name)
	}
	for name, values := range told.header {
		for i, v := range values {
			values[i] = w.rename(v)
		}
		told.header[name] = values
	}
	told.ask, told.body = w.rename(told.ask), w.rename(told.body)
	if strings.Contains(a.path, "/neighbours") || strings.Contains(a.path, "/jobs") {
		told.ask, told.body = sealedNext.ReplaceAllStringFunc(told.ask, w.name), sealedNext.ReplaceAllStringFunc(told.body, w.name)
	}
	w.told = append(w.told, told)
	return rec
}

// What is random whatever the seed is compared by when it appears: the first
// that appears in both worlds is the same, and so on. That leaves nothing out but
// the random bits. TAXII's tags are keyed by the process and stand for the bytes
// of an answer; ids of jobs count up over all that one process makes, and the
// cursors of their list hold them; a cursor of neighbours is sealed.
var (
	randomName = regexp.MustCompile(`W/"[0-9a-z]+"|[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)
	sealedNext = regexp.MustCompile(`[A-Za-z0-9_-]{50,}`)
)

func (w *world) rename(text string) string { return randomName.ReplaceAllStringFunc(text, w.name) }

func (w *world) name(random string) string {
	if _, ok := w.names[random]; !ok {
		w.names[random] = fmt.Sprintf("{%d}", len(w.names)+1)
	}
	return w.names[random]
}

// operator is an act of the operator; it must succeed.
func (w *world) operator(method, path string, body any) *httptest.ResponseRecorder {
	w.t.Helper()
	a := ask{local: true, method: method, path: path, header: map[string]string{}}
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			w.t.Fatal(err)
		}
		a.body, a.header["Content-Type"] = string(b), "application/json"
	}
	rec := w.seen(a)
	if rec.Code >= 300 {
		w.t.Fatalf("%s: %d %s", a, rec.Code, rec.Body)
	}
	return rec
}

// furnish opens the organisations, collections and accounts that every world
// has.
func (w *world) furnish() {
	for _, org := range []string{"Brookwater", "Birch", "Cedar", "Drift", "Fern", "Bay", "Sill"} {
		w.operator("POST", "/api/v1/orgs", client.NewOrg{Name: org})
	}
	// What is agreed with Bay covers personal data, and no transfer of it.
	for _, at := range [][2]string{{"CERT Example", "EE"}, {"Bay", "US"}, {"Birch", "DE"}} {
		w.operator("PATCH", "/api/v1/orgs/"+url.PathEscape(at[0]), client.OrgChange{Country: &at[1]})
	}
	for _, c := range []client.NewCollection{{Alias: "feed", Title: "Shared feed", Marking: "green", ReviewedOnly: true},
		{Alias: "box", Title: "Drop box", Marking: "green", ReviewedOnly: true}, {Alias: "vault", Title: "Vault", Marking: "clear"}} {
		w.operator("POST", "/api/v1/collections", c)
	}
	quota := int64(7) // which the reader who writes to it reaches in a round
	w.operator("PATCH", "/api/v1/collections/box", client.CollectionChange{SourceQuota: &quota})
	for _, a := range []struct{ name, org, role, grants string }{
		{"sill", "Sill", "", "feed:r"},
		{"brook", "Brookwater", "", "feed:r"},
		{"birch", "Birch", "", "feed:rw"},
		{"drift", "Drift", "", "box:w"},
		{"bay", "Bay", "", "feed:rw"},
		{"ola", "", "", "feed:rw default:rw"},
		{"cedar", "Cedar", "", "feed:rw"},
		{"fern", "Fern", "", "feed:rw box:rw vault:rw"},
		{"ina", "", "", "feed:rw box:rw vault:rw default:rw"},
		{"cura", "", "curator", ""},
		{"ada", "", "admin", ""},
	} {
		want := client.NewAccount{Name: a.name, Org: a.org, Role: a.role, Grants: []client.Grant{}}
		for _, g := range strings.Fields(a.grants) {
			collection, access, _ := strings.Cut(g, ":")
			want.Grants = append(want.Grants, client.Grant{Collection: collection, Access: access})
		}
		switch a.name {
		case "sill":
			want.Groups, want.Purpose, want.Use = []string{"water"}, "research", "block"
		case "cedar": // who publishes what readers see, knows no more than any of them
			want.Use = "block"
		}
		var made client.Account
		if err := json.Unmarshal(w.operator("POST", "/api/v1/accounts", want).Body.Bytes(), &made); err != nil {
			w.t.Fatal(err)
		}
		w.tokens[a.name] = made.Token
	}
	// Machines that may read no more than the reader beside whom they are.
	for _, d := range []struct{ of, org, format string }{{"birch", "Birch", "rpz"}, {"bay", "Bay", "csv"}, {"ola", "", "hosts"}} {
		var made client.Account
		rec := w.operator("POST", "/api/v1/devices", map[string]any{"name": d.of + "-list", "org": d.org, "format": d.format, "collections": []string{"feed"}, "max_change": 3})
		if err := json.Unmarshal(rec.Body.Bytes(), &made); err != nil {
			w.t.Fatal(err)
		}
		w.tokens[d.of+"-list"] = made.Token
	}
	// With the first that is written in the own member's name its identity comes,
	// which is for everybody.
	for _, c := range []string{"feed", "default"} {
		w.operator("POST", "/api/v1/author", map[string]any{"type": "indicator", "for": "203.0.113.9", "key": c, "tlp": "green", "collection": c})
	}
	w.operator("POST", "/api/v1/agreements", client.NewAgreement{Name: "with-bay", To: []string{"org:Bay"}, TLP: "amber", LegalGrounds: []string{"nis2-29", "gdpr-6-legitimate"}})
	for _, level := range defined {
		_, raw := definition(level)
		if rec := w.seen(post("ina", "vault", raw)); !strings.Contains(rec.Body.String(), `"success_count":1`) {
			w.t.Fatalf("a definition: %s", rec.Body)
		}
	}
	// A request whose status has an id that the reader happens to know.
	w.kept["status of another"] = w.anothers("green")
	w.pass()
}

// anothers sends a request of another's, whose status has the same id each time.
func (w *world) anothers(level string) (status string) {
	cryptotest.SetGlobalRandom(w.t, 1<<50)
	rec := w.do(post("fern", "vault", thing{kind: "malware", k: 30, version: 2, level: level}.raw()))
	var made struct{ ID string }
	if err := json.Unmarshal(rec.Body.Bytes(), &made); err != nil || made.ID == "" {
		w.t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	return made.ID
}

// post is a POST of objects to a TAXII collection.
func post(as, collection string, objects ...string) ask {
	return ask{as: as, method: "POST", path: taxiiRoot + "collections/" + collection + "/objects/",
		header: map[string]string{"Content-Type": "application/taxii+json;version=2.1"},
		body:   `{"objects":[` + strings.Join(objects, ",") + `]}`}
}

const taxiiRoot = "/taxii2/root/"

// dates are told to the microsecond; JSON leaves the zeros at their ends out.
var dates = regexp.MustCompile(`\d\d:\d\d:\d\d(\.\d{1,6})?Z`)

// derived is what is made of dates: cursors and tags.
var derived = regexp.MustCompile(`(next=|"next":"|"cursor":"|\nid: |Last-Event-ID:)[0-9A-Za-z_-]+|(ETag: )\S+`)

// blurred is a text without what dates of what changes its class together tell by their
// microseconds (docs/security.md): each date cut down to its millisecond.
func blurred(text string) string {
	text = derived.ReplaceAllString(text, "${1}${2}")
	return dates.ReplaceAllStringFunc(text, func(date string) string {
		second, fraction, _ := strings.Cut(strings.TrimSuffix(date, "Z"), ".")
		return second + "." + (fraction + "000")[:3]
	})
}

// difference is where two readers were told different things; empty when
// nowhere. Once microseconds of dates differ in an answer, and nothing else but what is
// made of them, they do not count from there on.
func difference(a, b []answer) string {
	blur := false
	same := func(x, y string) bool {
		switch {
		case x == y:
			return true
		case !blur && slices.Equal(dates.FindAllString(x, -1), dates.FindAllString(y, -1)):
			return false // in something else
		}
		blur = blurred(x) == blurred(y)
		return blur
	}
	for i := range min(len(a), len(b)) {
		if !same(a[i].ask, b[i].ask) {
			return fmt.Sprintf("request %d: one reader asks %s, the other %s", i, a[i].ask, b[i].ask)
		}
		x, y := a[i].head(), b[i].head()
		if !same(a[i].body, b[i].body) || !same(x, y) {
			at := firstDifference(a[i].body, b[i].body)
			return fmt.Sprintf("request %d: %s\nis answered\n%s\nand\n%s\nand the bodies differ from octet %d of %d and %d, around which stands\n  %s\n  %s",
				i, a[i].ask, x, y, at, len(a[i].body), len(b[i].body), around(a[i].body, at), around(b[i].body, at))
		}
	}
	if len(a) != len(b) {
		return fmt.Sprintf("one reader asks %d times, the other %d times", len(a), len(b))
	}
	return ""
}

func firstDifference(x, y string) int {
	at := 0
	for at < min(len(x), len(y)) && x[at] == y[at] {
		at++
	}
	return at
}

func around(text string, at int) string {
	return strings.ReplaceAll(text[max(0, at-300):min(len(text), at+600)], "\n", " | ")
}
