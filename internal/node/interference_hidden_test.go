package node_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"entente/client"
	"entente/internal/trust/handling"
)

// hiddenActs are all kinds of what happens unseen. None may change what any
// reader is told. What is published goes under ids that visible things have, in
// versions that they do not have: who is first under an id and a version is the
// only one who is ever shown, so that a clash with what is unseen would make
// other projections, and not the same one.
var hiddenActs = []hiddenAct{
	{"objects come that the reader may not see", func(w *world, d draw) {
		var raws []string
		for i := range 1 + d.n {
			o := d.hiddenThing()
			o.k, o.kind = 50+d.k+i, kinds[(i+d.n)%len(kinds)]
			raws = append(raws, o.raw())
		}
		w.unseenFeed(d, raws...)
	}},
	{"a version comes that the reader may not see", func(w *world, d draw) { w.unseenFeed(d, d.hiddenThing().raw()) }},
	{"more of what carries the same values, words and ends comes unseen", func(w *world, d draw) {
		var raws []string
		for _, kind := range kinds {
			o := d.hiddenThing()
			o.kind = kind
			raws = append(raws, o.raw())
		}
		w.unseenFeed(d, raws...)
	}},
	{"many referrers come unseen", func(w *world, d draw) {
		var raws []string
		for i := range 40 {
			o := thing{kind: "note", k: d.k, odd: true, level: d.level}
			raws = append(raws, strings.Replace(o.raw(), o.id(), idOf("note", 200+i), 1))
		}
		w.unseenFeed(d, raws...)
	}},
	{"what leads to something hidden comes unseen", func(w *world, d draw) {
		end := thing{kind: "malware", k: 60 + d.k, version: d.version, level: d.level}
		seen := func(typ string, n int, more string) string {
			return fmt.Sprintf(`{"type":%q,"spec_version":"2.1","id":%q,"created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","object_marking_refs":[%q],%s}`,
				typ, idOf(typ, n), handling.Green.Definition(), more)
		}
		link := seen("relationship", 70+10*d.n+d.k, fmt.Sprintf(`"relationship_type":"indicates","source_ref":%q,"target_ref":%q`, idOf("indicator", d.k), end.id()))
		w.unseenFeed(d, end.raw(), link, seen("sighting", 70+10*d.n+d.k, fmt.Sprintf(`"sighting_of_ref":%q`, end.id())),
			seen("note", 70+10*d.n+d.k, fmt.Sprintf(`"content":"falcon","object_refs":[%q]`, end.id())))
	}},
	{"what is hidden goes", func(w *world, d draw) {
		o := d.hiddenThing()
		o.k += 20
		w.unseenFeed(d, o.raw())
		w.unseen(ask{as: "cura", method: "DELETE", path: taxiiRoot + "collections/feed/objects/" + o.id() + "/"})
	}},
	{"a hidden version goes", func(w *world, d draw) {
		o := d.hiddenThing()
		w.unseenFeed(d, o.raw())
		w.unseen(ask{as: "cura", method: "DELETE", path: taxiiRoot + "collections/feed/objects/" + o.id() + "/?match[version]=" + o.modified()})
	}},
	{"what is hidden is erased for good", func(w *world, d draw) {
		o := d.hiddenThing()
		o.k += 20
		w.unseenFeed(d, strings.Replace(o.raw(), "falcon", "bob@example.org falcon", 1))
		got := w.unseen(ask{as: "cura", method: "POST", path: "/api/v1/privacy/erase",
			header: map[string]string{"Content-Type": "application/json"}, body: fmt.Sprintf(`{"ids":[%q],"off_disk":%v}`, o.id(), d.n%4 == 0)})
		if got.Code != http.StatusOK && got.Code != http.StatusNotFound {
			w.t.Errorf("erasing answers %d: %s", got.Code, got.Body)
		}
	}},
	{"other content comes under an id and version", func(w *world, d draw) {
		o := thing{kind: d.kind, k: d.k, version: d.version, other: 7, level: "clear"}
		if o.kind != "ipv4-addr" && w.holds(o) {
			w.unseen(post("fern", "feed", o.raw()))
		}
	}},
	{"a collection without a grant fills", func(w *world, d draw) {
		var raws []string
		for i, kind := range kinds {
			raws = append(raws, thing{kind: kind, k: (d.k + i) % many, version: d.version % 3, other: d.n % 2}.raw(),
				thing{kind: kind, k: d.k, version: 5, odd: true, level: "clear"}.raw())
		}
		w.unseen(post("fern", "vault", raws...))
	}},
	{"a collection without a grant empties", func(w *world, d draw) {
		o := thing{kind: d.kind, k: d.k, level: "clear"}
		w.unseen(post("ina", "vault", o.raw()))
		w.unseen(ask{as: "ina", method: "DELETE", path: taxiiRoot + "collections/vault/objects/" + o.id() + "/"})
	}},
	{"a marking is explained, and still hides", func(w *world, d draw) {
		// The definition itself stands where no reader looks.
		def := fmt.Sprintf(`{"type":"marking-definition","spec_version":"2.1","id":%q,"created":"2024-01-01T00:00:00.000Z","definition_type":"tlp","definition":{"tlp":"red"}}`, unexplained)
		w.unseen(post("ina", "vault", def))
	}},
	{"collections come and go", func(w *world, d draw) {
		name := "aside-1"
		w.unseenJSON("", "POST", "/api/v1/collections", client.NewCollection{Alias: name})
		w.unseen(post("cura", name, d.hiddenThing().raw()))
		limit := int64(1 + d.n)
		w.unseenJSON("", "PATCH", "/api/v1/collections/"+name, client.CollectionChange{MaxObjects: &limit})
		if d.n%4 == 0 {
			w.unseenJSON("", "DELETE", "/api/v1/collections/"+name+"?objects=100", nil)
		}
	}},
	{"organisations and accounts come and go", func(w *world, d draw) {
		org, name := fmt.Sprintf("Org %d", d.n%3), fmt.Sprintf("account-%d", d.n%3)
		w.unseenJSON("", "POST", "/api/v1/orgs", client.NewOrg{Name: org})
		country := []string{"US", "DE", ""}[d.n%3]
		w.unseenJSON("", "PATCH", "/api/v1/orgs/"+strings.ReplaceAll(org, " ", "%20"), client.OrgChange{Country: &country})
		w.unseenJSON("", "PATCH", "/api/v1/orgs/Fern", client.OrgChange{Country: &country})
		w.unseenJSON("", "POST", "/api/v1/accounts", client.NewAccount{Name: name, Org: org, Grants: []client.Grant{{Collection: "feed", Access: "rw"}, {Collection: "vault", Access: "r"}}})
		w.unseenJSON("", "POST", "/api/v1/accounts/"+name+"/revoke", nil)
		if d.n%2 == 0 {
			w.unseenJSON("", "DELETE", "/api/v1/accounts/"+name, nil)
		}
	}},
	{"another's request ends otherwise", func(w *world, d draw) {
		if got := w.anothers("amber"); got != w.kept["status of another"] {
			w.t.Errorf("the id of a status is %s, and not seeded", got)
		}
	}},
	// Not on more than the reader may see: what they have said of that would become
	// stricter at one moment with what the reader sees, whose dates it would shift.
	{"others agree", func(w *world, d draw) {
		name := fmt.Sprintf("with-fern-%d", d.n%3)
		in := [][]string{nil, {"feed"}, {"vault", "box"}}[d.n%3]
		w.unseenJSON("", "POST", "/api/v1/agreements", client.NewAgreement{Name: name, To: []string{"org:Fern"}, TLP: "green", LegalGrounds: []string{"nis2-29", "gdpr-6-consent"}, Collections: in})
		if d.n%2 == 0 {
			w.unseenJSON("", "POST", "/api/v1/agreements/"+name+"/end", nil)
		}
	}},
	{"auditors look", func(w *world, d draw) {
		w.unseenJSON("ada", "POST", "/api/v1/audit/seals", nil)
		w.unseenJSON("ada", "GET", "/api/v1/audit/objects/"+idOf("indicator", d.k), nil)
		w.unseenJSON("ada", "GET", "/api/v1/audit/denials", nil)
	}},
	{"others read", func(w *world, d draw) {
		for _, as := range []string{"cedar", "fern", "ina", "cura"} {
			for _, path := range []string{taxiiRoot + "collections/feed/objects/", "/api/v1/search?q=falcon", "/api/v1/find?value=198.51.100." + fmt.Sprint(d.k),
				"/api/v1/objects/" + idOf("indicator", d.k) + "/show", "/api/v1/objects/" + idOf("indicator", d.k) + "/neighbours"} {
				w.unseen(ask{as: as, method: "GET", path: path})
			}
		}
	}},
	{"others watch", func(w *world, d draw) {
		for _, as := range []string{"fern", "ina", "cura"} {
			w.unseenJSON(as, "POST", "/api/v1/watches", map[string]any{"name": fmt.Sprint("w", d.n%3), "values": []string{"198.51.100.1", "198.51.100.2"}})
			w.unseenJSON(as, "POST", "/api/v1/watches/w1/check", nil)
		}
	}},
	{"others keep drafts", func(w *world, d draw) {
		for range 1 + d.n%3 {
			w.unseenJSON("ina", "POST", "/api/v1/drafts", map[string]any{"type": "indicator", "for": "198.51.100.1", "collection": "feed"})
		}
	}},
	{"others write what is hidden", func(w *world, d draw) {
		// In the own member's name, as a curator may; red is for no reader.
		w.unseenJSON("cura", "POST", "/api/v1/notes", map[string]any{"on": []string{idOf("indicator", d.k)}, "text": fmt.Sprint("unseen ", d.n), "tlp": "red", "collection": "feed"})
		w.unseenJSON("cura", "POST", "/api/v1/opinions", map[string]any{"on": idOf("indicator", d.k), "opinion": "strongly-disagree", "explanation": fmt.Sprint("unseen ", d.n), "tlp": "red", "collection": "feed"})
		w.unseenJSON("cura", "POST", "/api/v1/sightings", map[string]any{"of": idOf("indicator", d.k), "tlp": "red", "collection": "feed"})
		w.unseenJSON("cura", "POST", "/api/v1/author", map[string]any{"type": "indicator", "for": fmt.Sprintf("198.51.100.%d", d.k), "tlp": "red", "collection": "vault"})
	}},
	{"others start jobs", func(w *world, d draw) {
		w.unseen(ask{as: "fern", method: "POST", path: "/api/v1/collections/vault/imports", header: ndjsonBody, body: d.hiddenThing().raw()})
		w.pass()
		w.unseenJSON("ada", "POST", "/api/v1/jobs", client.NewJob{Kind: "verify"})
	}},
	{"followers are rebuilt", func(w *world, d draw) {
		for _, name := range []string{"search", "markings"} {
			w.unseenJSON("ada", "POST", "/api/v1/jobs", client.NewJob{Kind: "rebuild", On: name})
			w.pass()
		}
	}},
	{"others send with the reader's Idempotency-Key", func(w *world, d draw) {
		for _, as := range []string{"fern", "ina", "cura"} {
			a := ask{as: as, method: "POST", path: "/api/v1/watches", header: map[string]string{"Content-Type": "application/json", "Idempotency-Key": fmt.Sprint("once-", d.n%2)},
				body: `{"name":"once","values":["198.51.100.1"]}`}
			w.unseen(a)
		}
	}},
	{"others fail to sign in", func(w *world, d draw) {
		for range 1 + d.n {
			w.unseen(ask{method: "GET", path: "/api/v1/me", header: basic("fern", "wrong")})
			w.unseen(ask{method: "GET", path: taxiiRoot, header: basic("brookwater", "wrong")})
		}
	}},
	{"others fill the drop box", func(w *world, d draw) {
		// What the reader will bring in its next rounds, to the letter; other content
		// under the same id and version; and newer versions.
		var raws, newers []string
		for i := range 4 {
			o := (&round{world: w, n: (d.n + i/3) % 2}).own(kinds[i%3], i%3)
			if d.version == 3 {
				o.other = 8
			}
			newer := o
			newer.version, newer.odd = 6, true
			raws, newers = append(raws, o.raw()), append(newers, newer.raw())
		}
		w.unseen(post([]string{"fern", "ina"}[d.n%2], "box", append(raws, newers...)...))
		w.unseenJSON("cura", "GET", "/api/v1/collections/box/conflicts", nil)
	}},
}

// unseenFeed publishes what the reader may not see: by another organisation than
// those whose objects the reader sees, so that none stands for another's.
func (w *world) unseenFeed(d draw, raws ...string) {
	if rec := w.unseen(post("fern", "feed", raws...)); rec.Code != 202 {
		w.t.Fatalf("publish unseen: %d %s", rec.Code, rec.Body)
	}
}

func (w *world) unseenJSON(as, method, path string, body any) *httptest.ResponseRecorder {
	a := ask{as: as, local: as == "", method: method, path: path, header: map[string]string{}}
	if body != nil {
		var b bytes.Buffer
		if err := json.NewEncoder(&b).Encode(body); err != nil {
			w.t.Fatal(err)
		}
		a.body, a.header["Content-Type"] = b.String(), "application/json"
	}
	return w.unseen(a)
}

var ndjsonBody = map[string]string{"Content-Type": "application/x-ndjson"}

func basic(name, token string) map[string]string {
	r := httptest.NewRequest("GET", "/", nil)
	r.SetBasicAuth(name, token)
	return map[string]string{"Authorization": r.Header.Get("Authorization")}
}

func query(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return "?" + v.Encode()
}
