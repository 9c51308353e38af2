package node_test

import (
	"fmt"
	"net/url"
	"strings"
)

// What the reader asks of the JSON API, where an endpoint takes more than a
// line.

func (r *round) statuses() {
	for _, id := range []string{r.kept["status"], r.kept["status of another"], "5f6c7d8e-0000-4000-8000-000000000000", "x"} {
		if id != "" {
			r.read(taxiiRoot + "status/" + id + "/")
		}
	}
}

func (r *round) eachCollection(f func(name string)) {
	for _, c := range collectionNames {
		f(url.PathEscape(c))
	}
}

// eachID reads what is below an object, of each object that may be there.
func (r *round) eachID(suffixes ...string) {
	for _, id := range ids() {
		for _, s := range suffixes {
			if strings.Contains(s, "per_object") {
				r.pages("/api/v1/objects/" + id + s)
			} else {
				r.read("/api/v1/objects/" + id + s)
			}
		}
	}
}

// eachOwn is about an object that the reader may change, another's, one that is
// hidden and one that is not there.
func (r *round) eachOwn(f func(id string)) {
	for _, id := range []string{r.kept["note"], idOf("indicator", r.n), idOf("malware", 21), idOf("indicator", 50), idOf("note", 999)} {
		if id != "" {
			f(id)
		}
	}
}

func (r *round) explain() {
	for _, id := range ids() {
		r.read("/api/v1/policy/explain" + query("id", id))
		r.get("/api/v1/policy/explain" + query("id", id, "as", r.reader.name))
	}
	for _, as := range []string{"cedar", "Cedar", "account-1", "Org 1", "nobody"} {
		r.get("/api/v1/policy/explain" + query("id", idOf("indicator", 1), "as", as))
	}
}

func (r *round) apiListing() {
	base := "/api/v1/collections/feed/objects"
	for _, q := range []string{"", "?limit=3", "?versions=all&limit=4", "?type=indicator,note", "?id=" + idOf("indicator", 1) + "," + idOf("indicator", 50),
		"?added_after=2000-01-01T00:10:40Z", "?fields=id,type", "?next=AAAA"} {
		r.pages(base + q)
	}
	r.eachCollection(func(c string) { r.read("/api/v1/collections/" + c + "/objects") })
	for _, local := range []bool{false, true} {
		r.hear(ask{as: r.reader.name, local: local, method: "GET", path: base + "?versions=all", header: map[string]string{"Accept": "application/x-ndjson"}})
		r.hear(ask{as: r.reader.name, local: local, method: "GET", path: "/api/v1/collections/vault/objects", header: map[string]string{"Accept": "application/x-ndjson"}})
	}
}

// streams are read until all that is there has come, and for some seconds on.
func (r *round) streams() {
	base := "/api/v1/stream?wait=0"
	for _, local := range []bool{false, true} {
		for _, q := range []string{"", "&collection=feed", "&collection=feed,vault&versions=all", "&type=indicator,note", "&id=" + idOf("indicator", 1) + "," + idOf("indicator", 50),
			"&id=" + idOf("indicator", 50), "&added_after=2000-01-01T00:10:40Z", "&fields=id,type&limit=4", "&cursor=AAAA", "&collection=no", "&from=now"} {
			r.hear(ask{as: r.reader.name, local: local, method: "GET", path: base + q})
		}
	}
	rec := r.hear(ask{as: r.reader.name, method: "GET", path: "/api/v1/stream?wait=17&collection=feed&limit=3"})
	for range 3 { // from where the last round ended, and on
		_, cursor, _ := strings.Cut(rec.Body.String(), `"cursor":"`)
		cursor, _, _ = strings.Cut(cursor, `"`)
		rec = r.hear(ask{as: r.reader.name, method: "GET", path: "/api/v1/stream?wait=0&collection=feed&limit=3",
			header: map[string]string{"Last-Event-ID": cursor}})
	}
}

func (r *round) apiBulk() {
	for _, c := range collectionNames {
		var lines []string
		for i, kind := range kinds {
			o := r.own(kind, i+1)
			o.version = (i + r.n) % 3
			lines = append(lines, o.raw())
		}
		if c == "box" {
			lines = append(lines[:3], `{"type":"indicator"}`, lines[0])
		}
		r.hear(ask{as: r.reader.name, method: "POST", path: "/api/v1/collections/" + url.PathEscape(c) + "/objects", header: ndjsonBody, body: strings.Join(lines, "\n")})
	}
}

func (r *round) imports() {
	for _, c := range []string{"feed", "box", "vault", "no"} {
		o := r.own("malware", 2)
		r.hear(ask{as: r.reader.name, method: "POST", path: "/api/v1/collections/" + c + "/imports", header: ndjsonBody, body: o.raw() + "\n" + r.own("report", 1).raw()})
	}
}

func (r *round) apiDelete() {
	for _, c := range []string{"feed", "box", "vault"} {
		for _, id := range []string{idOf("report", r.n+1), idOf("malware", 21), idOf("indicator", 51), idOf("note", 998)} {
			r.bare("DELETE", "/api/v1/collections/"+c+"/objects/"+id)
		}
	}
}

// values are what is looked up.
func values() []string {
	return []string{"198.51.100.0", "198.51.100.1", "198.51.100.2", "198.51.100.52", "198.51.100.0/24", "198.51.100.0/22", "Ghostwren 1", "Producer 1", "192.0.2.1", "quiet.example", "garbage value", "CVE-2024-0001"}
}

func (r *round) find() {
	for _, v := range values() {
		r.read("/api/v1/find" + query("value", v))
		r.read("/api/v1/find" + query("value", v, "limit", "1"))
	}
	r.read("/api/v1/find" + query("value", "198.51.100.1", "value", "198.51.100.2", "value", "198.51.100.2"))
	r.read("/api/v1/find")
}

func (r *round) findMany() {
	for _, known := range []bool{false, true} {
		body := map[string]any{"values": values(), "known": known, "limit": 2}
		r.send("POST", "/api/v1/find", body)
		r.send("POST", "/api/v1/find", body, "Accept", "application/x-ndjson")
	}
}

func (r *round) searches() {
	for _, q := range []string{"beacon", "falcon", "falcon content", `"falcon wave"`, "ghost*", "falcon -wave", "type:note falcon", "tlp:red falcon", "tlp:green falcon",
		"tlp:amber falcon", "label:phishing", "by:Producer falcon", "collection:feed falcon", "collection:vault falcon", "collection:aside-1 falcon", "since:2024-01-02 falcon", "unseen", "77777", "wave 1", "type:", "nothingness"} {
		r.pages("/api/v1/search" + query("q", q))
	}
	r.pages("/api/v1/search" + query("q", "falcon", "limit", "2"))
	r.read("/api/v1/search")
}

func (r *round) watches() {
	for i := range 3 {
		r.send("POST", "/api/v1/watches", map[string]any{"name": fmt.Sprintf("w%d", i), "values": values()[:4+i]})
	}
	r.send("POST", "/api/v1/watches", map[string]any{"name": "wrong name", "values": values()[:1]})
	for i := range 2 {
		key := fmt.Sprint("once-", i)
		body := map[string]any{"name": "once", "values": []string{"198.51.100.1"}}
		r.send("POST", "/api/v1/watches", body, "Idempotency-Key", key)
		r.send("POST", "/api/v1/watches", body, "Idempotency-Key", key)
		r.send("POST", "/api/v1/watches", map[string]any{"name": "another", "values": []string{"198.51.100.1"}}, "Idempotency-Key", key)
	}
}

func (r *round) eachPlaybook(f func(id string)) {
	for _, id := range []string{idOf("indicator", 1), idOf("indicator", 50), "course-of-action--00000000-0000-4000-8000-000000000001"} {
		f(id)
	}
}

// webhooks are added, and nothing is sent: nobody serves these worlds.
func (r *round) webhooks() {
	for _, name := range []string{"soc", "gone"} {
		r.send("POST", "/api/v1/webhooks", map[string]any{"name": name, "url": "https://soc.example/hook", "collections": []string{"feed"}})
	}
	r.send("POST", "/api/v1/webhooks", map[string]any{"url": "https://soc.example/hook", "collections": []string{"vault"}})
	r.send("POST", "/api/v1/webhooks", map[string]any{"url": "http://soc.example/hook"})
}

func (r *round) checks() {
	for _, w := range []string{"w1", "w0", "once", "none"} {
		r.bare("POST", "/api/v1/watches/"+w+"/check?peek=true")
		r.bare("POST", "/api/v1/watches/"+w+"/check")
	}
}

// someJob is one of the reader's, or none.
func (r *round) someJob() string {
	body := r.get("/api/v1/jobs").Body.String()
	if _, rest, ok := strings.Cut(body, `"id":"`); ok {
		return rest[:strings.IndexByte(rest, '"')]
	}
	return "01890000-0000-7000-8000-000000000000"
}

func (r *round) jobs() {
	r.read("/api/v1/jobs/" + r.someJob())
	r.read("/api/v1/jobs/none")
}

func (r *round) drafts() {
	for range 2 {
		r.send("POST", "/api/v1/drafts", map[string]any{"type": "indicator", "for": fmt.Sprintf("198.51.100.%d", r.n+1), "collection": "feed", "tlp": "green"})
	}
}

func (r *round) write() {
	for _, c := range []string{"feed", "vault", "no"} {
		for i := range 2 {
			r.send("POST", "/api/v1/author", map[string]any{"type": "indicator", "for": fmt.Sprintf("198.51.100.%d", i+1), "collection": c, "tlp": "green"})
		}
	}
	rec := r.send("POST", "/api/v1/author", map[string]any{"type": "malware", "properties": map[string]any{"name": "Own wren", "is_family": false}, "key": fmt.Sprint("wren", r.n), "collection": "feed", "tlp": "green"})
	if _, rest, ok := strings.Cut(rec.Body.String(), `"id":"`); ok && rec.Code < 300 {
		r.kept["note"] = rest[:strings.IndexByte(rest, '"')]
	}
}

func (r *round) patches() {
	r.eachOwn(func(id string) {
		r.send("PATCH", "/api/v1/objects/"+id, map[string]any{"description": fmt.Sprint("patched in round ", r.n)}, "Content-Type", "application/merge-patch+json")
		r.send("PATCH", "/api/v1/objects/"+id, map[string]any{"description": "late"}, "Content-Type", "application/merge-patch+json", "If-Match", `"`+thing{version: 1}.modified()+`"`)
	})
}

func (r *round) edits() {
	r.eachOwn(func(id string) {
		r.send("POST", "/api/v1/objects/"+id+"/edit", map[string]any{"set": []string{fmt.Sprint("description=edited ", r.n)}})
		r.send("POST", "/api/v1/objects/"+id+"/edit", map[string]any{"set": []string{"description=copied"}, "copy": true, "collection": "feed"})
	})
}

func (r *round) tearLines() {
	r.eachOwn(func(id string) {
		r.send("POST", "/api/v1/objects/"+id+"/tearline", map[string]any{"dry_run": true})
		r.send("POST", "/api/v1/objects/"+id+"/tearline", map[string]any{"tlp": "green", "keep": []string{"name", "description", "object_refs"}, "set": []string{fmt.Sprint("description=torn ", r.n)}})
	})
}

func (r *round) sights() {
	for _, of := range []string{"198.51.100.1", "198.51.100.52", idOf("indicator", 1), idOf("indicator", 50)} {
		r.send("POST", "/api/v1/sightings", map[string]any{"of": of, "where": "Producer 1"})
	}
}

func (r *round) judges() {
	for _, on := range []string{"198.51.100.1", idOf("indicator", 2), idOf("indicator", 50)} {
		r.send("POST", "/api/v1/opinions", map[string]any{"on": on, "opinion": "disagree", "explanation": fmt.Sprint("round ", r.n)})
	}
}

func (r *round) notes() {
	for _, on := range []string{"198.51.100.2", idOf("indicator", 2), idOf("malware", 21), "Ghostwren 1"} {
		r.send("POST", "/api/v1/notes", map[string]any{"on": []string{on}, "text": fmt.Sprint("remark ", r.n)})
	}
}

func (r *round) relates() {
	for k := range 2 {
		r.send("POST", "/api/v1/relationships", map[string]any{"source": idOf("indicator", k+1), "type": "indicates", "target": idOf("malware", k+r.n), "collection": "feed"})
	}
	r.send("POST", "/api/v1/relationships", map[string]any{"source": idOf("indicator", 50), "type": "indicates", "target": idOf("malware", 1)})
}

func (r *round) tags() {
	for _, apply := range []bool{false, true} {
		r.send("POST", "/api/v1/tags", map[string]any{"add": []string{fmt.Sprint("tag-", r.n)}, "types": []string{"indicator", "malware"}, "collection": "feed", "apply": apply})
		r.send("POST", "/api/v1/tags", map[string]any{"add": []string{"all"}, "ids": ids()[:6], "apply": apply})
	}
}

// previews asks of each object, and of one that refers to them all, who would be
// given it.
func (r *round) previews() {
	var refs []string
	for _, id := range []string{idOf("indicator", 1), idOf("indicator", 50), idOf("malware", 1)} {
		refs = append(refs, id)
		r.send("POST", "/api/v1/preview", map[string]any{"id": id, "for": r.reader.name})
	}
	note := map[string]any{"type": "note", "spec_version": "2.1", "id": "note--11111111-1111-4111-8111-111111111111",
		"created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z", "content": "n", "object_refs": refs,
		"object_marking_refs": []string{"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"}}
	r.eachCollection(func(c string) {
		r.send("POST", "/api/v1/preview", map[string]any{"object": note, "collection": c, "for": r.reader.name})
	})
}
