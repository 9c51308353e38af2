package node_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"entente/internal/trust/handling"
)

// round is the reader asking everything there is to ask, once.
type round struct {
	*world
	n int
}

// ask goes through the endpoints: what writes comes first, so that it is read
// back, and what takes away comes last.
func (r *round) ask() {
	turn := func(name string) string {
		method, path, _ := strings.Cut(name, " ")
		switch {
		case method == "DELETE" || strings.HasSuffix(path, "/revoke"):
			return "4"
		case method == "POST":
			return "1"
		case method == "PATCH":
			return "2"
		}
		return "3"
	}
	names := slices.SortedFunc(maps.Keys(endpoints), func(a, b string) int { return strings.Compare(turn(a)+a, turn(b)+b) })
	for _, name := range names {
		endpoints[name](r)
	}
	for _, f := range exports {
		f(r)
	}
	r.taxiiDeletes()
	r.strangers()
}

// poll is what a reader asks again and again, between whatever happens: they see
// that nothing does, by the tag of what they have.
func (w *world) poll() {
	for _, path := range []string{"/taxii2/", taxiiRoot + "collections/feed/objects/?limit=3", taxiiRoot + "collections/feed/manifest/?added_after=2000-01-01T00:05:00Z",
		"/api/v1/collections/feed/objects?limit=3", "/api/v1/search?q=falcon"} {
		key := "last tag of " + path
		a := ask{as: w.reader.name, method: "GET", path: path}
		if tag := w.kept[key]; tag != "" {
			a.header = map[string]string{"If-None-Match": tag}
		}
		if tag := w.hear(a).Header().Get("ETag"); tag != "" {
			w.kept[key] = tag
		}
	}
}

// strangers: what is told to nobody, to a wrong token, and about what is not
// there.
func (r *round) strangers() {
	for _, path := range []string{"/api/v1/me", taxiiRoot + "collections/feed/objects/", "/api/v1/nothing", "/nothing", "/taxii2/nothing/"} {
		r.hear(ask{method: "GET", path: path})
		r.hear(ask{method: "GET", path: path, header: basic(r.reader.name, "wrong")})
		r.get(path)
		r.hear(ask{as: r.reader.name, method: "PUT", path: path})
	}
	r.hear(ask{as: r.reader.name, method: "GET", path: "/api/v1/me", header: map[string]string{"Entente-As": "cura"}})
}

// get reads a path as the reader, on the public listener.
func (r *round) get(path string) *httptest.ResponseRecorder {
	return r.hear(ask{as: r.reader.name, method: "GET", path: path})
}

// read reads a path by every way that a read may take: plainly, with the tag that
// the answer had, now and in the round before, and in turn by HEAD and, where verbs
// read by it, by the socket.
func (r *round) read(path string) *httptest.ResponseRecorder {
	rec := r.get(path)
	if r.n%2 == 0 {
		r.hear(ask{as: r.reader.name, method: "HEAD", path: path})
	} else if strings.HasPrefix(path, "/api/") {
		r.hear(ask{as: r.reader.name, local: true, method: "GET", path: path})
	}
	key := "tag of " + path
	for _, tag := range []string{r.kept[key], rec.Header().Get("ETag")} {
		if tag != "" {
			r.hear(ask{as: r.reader.name, method: "GET", path: path, header: map[string]string{"If-None-Match": tag}})
		}
	}
	r.kept[key] = rec.Header().Get("ETag")
	return rec
}

// pages reads a listing to its end, and goes on with the cursor that the round
// before was given on its first page.
func (r *round) pages(path string) {
	key := "cursor of " + path
	if old := r.kept[key]; old != "" {
		r.get(with(path, "next="+old))
	}
	rec := r.read(path)
	for range 30 {
		next := nextOf(rec)
		if next == "" {
			break
		}
		if _, ok := r.kept[key]; !ok {
			r.kept[key] = next
		}
		rec = r.get(with(path, "next="+next))
	}
}

func with(path, pair string) string {
	if strings.Contains(path, "?") {
		return path + "&" + pair
	}
	return path + "?" + pair
}

func nextOf(rec *httptest.ResponseRecorder) string {
	var page struct{ Next string }
	_ = json.Unmarshal(rec.Body.Bytes(), &page) // what is no page has none
	return page.Next
}

// send sends a JSON body as the reader.
func (r *round) send(method, path string, body any, header ...string) *httptest.ResponseRecorder {
	b, err := json.Marshal(body)
	if err != nil {
		r.t.Fatal(err)
	}
	a := ask{as: r.reader.name, method: method, path: path, body: string(b), header: map[string]string{"Content-Type": "application/json"}}
	for i := 0; i+1 < len(header); i += 2 {
		a.header[header[i]] = header[i+1]
	}
	return r.hear(a)
}

// bare sends a request without a body.
func (r *round) bare(method, path string) { r.hear(ask{as: r.reader.name, method: method, path: path}) }

// collectionNames are those of all that may be there or not, and of none.
var collectionNames = []string{"feed", "box", "vault", "default", "aside-1", "5f6c7d8e-0000-4000-8000-000000000000", "no such"}

// ids are of what may be seen, or hidden, or not there.
func ids() []string {
	var all []string
	for _, kind := range kinds {
		all = append(all, thing{kind: kind, k: 1}.id(), thing{kind: kind, k: 2}.id())
	}
	return append(all, idOf("indicator", 50), idOf("malware", 21), idOf("note", 200), unexplained, handling.Green.Definition(), idOf("indicator", 999), "nonsense")
}

// own is an object of the reader's, for round n.
func (r *round) own(kind string, i int) thing {
	return thing{kind: kind, k: (r.n + i) % many, version: i % 3, level: r.reader.visible[i%len(r.reader.visible)], other: i % 2}
}

func (r *round) taxiiPosts() {
	for _, c := range []string{"feed", "box", "vault", "default"} {
		var raws []string
		for i, kind := range kinds {
			raws = append(raws, r.own(kind, i).raw())
		}
		if c == "box" {
			raws = append(raws[:3], `{"type":"indicator"}`, `[]`, raws[0])
		}
		rec := r.hear(post(r.reader.name, c, raws...))
		r.hear(post(r.reader.name, c, raws[:2]...)) // the same again
		var status struct{ ID string }
		if rec.Code == http.StatusAccepted && json.Unmarshal(rec.Body.Bytes(), &status) == nil {
			r.read(taxiiRoot + "status/" + status.ID + "/")
			r.kept["status"] = status.ID
		}
	}
	r.hear(ask{as: r.reader.name, method: "POST", path: taxiiRoot + "collections/feed/objects/", body: "{}"})
}

// taxiiFilters are query strings for TAXII's listings.
func taxiiFilters() []string {
	odd := thing{kind: "indicator", odd: true, version: 1}.modified()
	return []string{"", "?limit=2", "?match[type]=indicator,malware", "?match[id]=" + idOf("indicator", 1) + "," + idOf("indicator", 50),
		"?match[spec_version]=2.0", "?match[spec_version]=2.0,2.1&match[version]=all", "?match[version]=all&limit=3", "?match[version]=first", "?match[version]=first,last",
		"?match[version]=" + thing{version: 1}.modified() + "," + odd, "?match[version]=" + odd, "?added_after=2000-01-01T00:10:40Z",
		"?added_after=2000-01-01T00:10:40Z&match[version]=all", "?limit=0", "?match[version]=all,last", "?next=AAAA"}
}

func (r *round) taxiiObject(suffix string) {
	for _, id := range ids() {
		path := taxiiRoot + "collections/feed/objects/" + id + suffix
		r.pages(path)
		r.pages(path + "?match[version]=all")
		r.get(path + "?match[version]=" + thing{version: 1, odd: true}.modified())
		r.get(path + "?match[spec_version]=2.0")
	}
	for _, c := range collectionNames {
		r.get(taxiiRoot + "collections/" + strings.ReplaceAll(c, " ", "%20") + "/objects/" + idOf("indicator", 1) + suffix)
	}
}

func (r *round) taxiiListing(what string) {
	base := taxiiRoot + "collections/feed/" + what + "/"
	for _, f := range taxiiFilters() {
		r.pages(base + f)
	}
	r.hear(ask{as: r.reader.name, method: "GET", path: base, header: map[string]string{"Accept-Encoding": "gzip"}})
	r.hear(ask{as: r.reader.name, method: "GET", path: base, header: map[string]string{"Accept-Encoding": "zstd"}})
	r.hear(ask{as: r.reader.name, method: "GET", path: base, header: map[string]string{"Accept": "application/json"}})
	for _, c := range collectionNames {
		r.read(taxiiRoot + "collections/" + strings.ReplaceAll(c, " ", "%20") + "/" + what + "/")
	}
}

func (r *round) taxiiDeletes() {
	for _, c := range []string{"feed", "box", "vault"} {
		for _, o := range []thing{{kind: "indicator", k: r.n}, {kind: "malware", k: 21}, {kind: "ipv4-addr", k: r.n + 1}, {kind: "note", k: 50}} {
			path := fmt.Sprintf("%scollections/%s/objects/%s/", taxiiRoot, c, o.id())
			r.bare("DELETE", path+"?match[version]="+thing{version: 1, odd: true}.modified())
			r.bare("DELETE", path+"?match[version]=first")
			if o.k != 50 {
				r.bare("DELETE", path)
			}
		}
	}
}
