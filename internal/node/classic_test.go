package node_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"entente/client"
	"entente/internal/node"
	"entente/internal/trust/handling"
)

// The failures that platforms for sharing are known for, one by one. That no answer
// depends on what its reader may not see is the property of TestNothingUnseenChangesAnAnswer;
// these say in words what that means.

const (
	indicatorOf = `{"type":"indicator","spec_version":"2.1","id":%q,"created":"2026-01-01T00:00:00.000Z","modified":%q,"name":"x","pattern":"[domain-name:value = '%s']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","object_marking_refs":[%q]%s}`
	january     = "2026-01-01T00:00:00.000Z"
	march       = "2026-03-01T00:00:00.000Z"
)

func indicatorID(n int) string { return fmt.Sprintf("indicator--00000000-0000-4000-8000-%012d", n) }

// shared is a node with a collection that the partner brook reads, and ash reads and
// writes.
func shared(t *testing.T) *world {
	dir := t.TempDir() + "/data"
	if _, err := node.Init(t.Context(), dir, node.InitOptions{Name: "CERT Example"}); err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(t.Context(), dir, node.Options{})
	if err != nil {
		t.Fatal(err)
	}
	public, end := n.Public(node.ServeOptions{Limits: node.Limits{Rate: -1}})
	t.Cleanup(func() { end(t.Context()); n.Close() })
	w := &world{t: t, n: n, public: public, local: n.Admin(), tokens: map[string]string{}}
	w.asOperator("POST", "/api/v1/collections", client.NewCollection{Alias: "feed", Marking: "green"})
	for name, access := range map[string]string{"brook": "r", "ash": "rw"} {
		w.asOperator("POST", "/api/v1/orgs", client.NewOrg{Name: name + " org"})
		var made client.Account
		if err := json.Unmarshal(w.asOperator("POST", "/api/v1/accounts", client.NewAccount{Name: name, Org: name + " org", Grants: []client.Grant{{Collection: "feed", Access: access}}}), &made); err != nil {
			t.Fatal(err)
		}
		w.tokens[name] = made.Token
	}
	return w
}

// asOperator asks over the local socket and wants a good answer.
func (w *world) asOperator(method, path string, body any) []byte {
	w.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	rec := w.do(ask{local: true, method: method, path: path, body: string(raw), header: map[string]string{"Content-Type": "application/json"}})
	if rec.Code >= 300 {
		w.t.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
	return rec.Body.Bytes()
}

// publish brings objects in as the operator does.
func (w *world) publish(objects ...string) {
	w.t.Helper()
	rec := w.do(ask{local: true, method: "POST", path: "/api/v1/collections/feed/objects", header: ndjsonBody, body: strings.Join(objects, "\n") + "\n"})
	if rec.Code != http.StatusOK || strings.Contains(rec.Body.String(), `"verdict":"refused"`) {
		w.t.Fatalf("%d %s", rec.Code, rec.Body)
	}
}

// push posts an object by TAXII.
func (w *world) push(as, object string) {
	w.t.Helper()
	rec := w.do(ask{as: as, method: "POST", path: taxiiRoot + "collections/feed/objects/", body: `{"objects":[` + object + `]}`,
		header: map[string]string{"Content-Type": "application/taxii+json;version=2.1", "Accept": "application/taxii+json;version=2.1"}})
	if rec.Code != http.StatusAccepted {
		w.t.Fatalf("%d %s", rec.Code, rec.Body)
	}
}

// answer is status and body of a GET.
func (w *world) get(as, path string) (int, string) {
	h := map[string]string{}
	if strings.HasPrefix(path, "/taxii2/") {
		h["Accept"] = "application/taxii+json;version=2.1"
	}
	rec := w.do(ask{as: as, method: "GET", path: path, header: h})
	return rec.Code, rec.Body.String()
}

// reads tells whether an answer to a reader has a text in it, anywhere that objects
// are told of.
func (w *world) reads(as, text string, paths ...string) (where []string) {
	for _, path := range append(paths, taxiiRoot+"collections/feed/objects/?match[version]=all", taxiiRoot+"collections/feed/manifest/?match[version]=all", "/api/v1/collections/feed/objects?versions=all") {
		if _, body := w.get(as, path); strings.Contains(body, text) {
			where = append(where, path)
		}
	}
	return where
}

// A live stream gives what is red to whoever listens. (That a push of it is not only warned
// of is told in cmd/entente/testdata/script/taxii.txtar.)
func TestWhatIsRedIsInNoStream(t *testing.T) {
	w := shared(t)
	const stream = "/api/v1/stream?wait=0&collection=feed"
	w.publish(fmt.Sprintf(indicatorOf, indicatorID(1), january, "shown.example", handling.Green.Definition(), ""))
	_, body := w.get("brook", stream)
	_, cursor, _ := strings.Cut(body, `"cursor":"`)
	cursor, _, _ = strings.Cut(cursor, `"`)
	if !strings.Contains(body, "shown.example") || cursor == "" {
		t.Fatalf("the stream gives %s", body)
	}
	w.publish(fmt.Sprintf(indicatorOf, indicatorID(2), january, "hidden.example", handling.Red.Definition(), ""))
	for _, path := range []string{stream, stream + "&cursor=" + cursor, stream + "&id=" + indicatorID(2), stream + "&versions=all"} {
		if status, body := w.get("brook", path); strings.Contains(body, "hidden.example") || strings.Contains(body, `"id":"`+indicatorID(2)) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

// A deleted object stays visible in the manifest, in a look-up, or in a graph.
func TestWhatIsDeletedIsGoneEverywhere(t *testing.T) {
	w := shared(t)
	note := `{"type":"note","spec_version":"2.1","id":"note--00000000-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","content":"of it","object_refs":[` + fmt.Sprintf("%q", indicatorID(1)) + `],"object_marking_refs":["` + handling.Green.Definition() + `"]}`
	w.publish(fmt.Sprintf(indicatorOf, indicatorID(1), january, "gone.example", handling.Green.Definition(), ""), note)
	if where := w.reads("brook", indicatorID(1)); len(where) < 3 {
		t.Fatalf("before, it is told of by %v alone", where)
	}
	w.asOperator("DELETE", "/api/v1/objects/"+indicatorID(1), nil)
	for _, text := range []string{`"id":"` + indicatorID(1), "domain-name:value"} {
		if where := w.reads("brook", text, "/api/v1/find?value=gone.example"); where != nil {
			t.Errorf("%s is still told of by %v", text, where)
		}
	}
	if _, body := w.get("brook", "/api/v1/objects/note--00000000-0000-4000-8000-000000000001/neighbours"); strings.Contains(body, `"name":"x"`) {
		t.Errorf("still a neighbour: %s", body)
	}
	if status, body := w.get("brook", "/api/v1/objects/"+indicatorID(1)); status != http.StatusNotFound {
		t.Errorf("%d %s", status, body)
	}
}

// A probe for an id is answered 403 where the object is hidden and 404 where it is not.
func TestAProbeTellsNothing(t *testing.T) {
	w := shared(t)
	w.publish(fmt.Sprintf(indicatorOf, indicatorID(1), january, "hidden.example", handling.Red.Definition(), ""))
	for _, path := range []string{"/api/v1/objects/%s", "/api/v1/objects/%s/show", "/api/v1/objects/%s/neighbours", taxiiRoot + "collections/feed/objects/%s/", taxiiRoot + "collections/feed/objects/%s/versions/"} {
		status, body := w.get("brook", fmt.Sprintf(path, indicatorID(1)))
		other, absent := w.get("brook", fmt.Sprintf(path, indicatorID(2)))
		if status != other || plain(body) != plain(strings.ReplaceAll(absent, indicatorID(2), indicatorID(1))) {
			t.Errorf("%s: hidden %d %s, absent %d %s", path, status, body, other, absent)
		}
	}
}

// plain leaves out what names a request.
func plain(body string) string {
	var lines []string
	for part := range strings.SplitSeq(body, ",") {
		if !strings.Contains(part, `"request`) {
			lines = append(lines, part)
		}
	}
	return strings.Join(lines, ",")
}

// A front page counts what the reader may not see.
func TestNoCountHasTheHiddenInIt(t *testing.T) {
	w := shared(t)
	paths := []string{"/api/v1/me", "/api/v1/collections", "/api/v1/collections/feed", "/api/v1/search?q=x", "/api/v1/find?value=seen.example", taxiiRoot + "collections/feed/"}
	w.publish(fmt.Sprintf(indicatorOf, indicatorID(1), january, "seen.example", handling.Green.Definition(), ""))
	for indexed := false; !indexed; { // what was published is not searchable at once
		_, body := w.get("brook", "/api/v1/search?q=x")
		indexed = !strings.Contains(body, `"unread"`)
	}
	before := map[string]string{}
	for _, path := range paths {
		_, body := w.get("brook", path)
		before[path] = plain(body)
	}
	for n := range 20 {
		w.publish(fmt.Sprintf(indicatorOf, indicatorID(100+n), january, "seen.example", handling.Red.Definition(), ""))
	}
	for _, path := range paths {
		if _, body := w.get("brook", path); plain(body) != before[path] {
			t.Errorf("%s: %s\nand before: %s", path, body, before[path])
		}
	}
}

// A granular marking is ignored.
func TestAMarkedPartIsWithheld(t *testing.T) {
	w := shared(t)
	w.publish(fmt.Sprintf(indicatorOf, indicatorID(1), january, "seen.example", handling.Green.Definition(),
		`,"description":"told in confidence","granular_markings":[{"selectors":["description"],"marking_ref":"`+handling.Red.Definition()+`"}]`))
	if where := w.reads("brook", "in confidence", "/api/v1/search?q=confidence", "/api/v1/objects/"+indicatorID(1), "/api/v1/objects/"+indicatorID(1)+"/show"); where != nil {
		t.Errorf("the part is told by %v", where)
	}
	if where := w.reads("brook", "seen.example"); len(where) == 0 {
		t.Error("the rest is not")
	}
}

// A later version of a marking definition, from somebody else, loosens what is marked
// with it.
func TestADefinitionIsItsFirstOneForEver(t *testing.T) {
	w := shared(t)
	const id = "marking-definition--77777777-7777-4777-8777-777777777777"
	define := func(to string) string {
		return `{"type":"marking-definition","spec_version":"2.1","id":"` + id + `","created":"2026-01-01T00:00:00Z","name":"for one","extensions":{"extension-definition--f64497da-bf8d-4941-bc8c-fc538ba3df35":{"extension_type":"property-extension","release_to":["` + to + `"]}}}`
	}
	w.publish(define("org:CERT Example"), fmt.Sprintf(indicatorOf, indicatorID(1), january, "hidden.example", id, ""))
	w.push("ash", define("org:brook org"))
	w.publish(define("org:brook org"), fmt.Sprintf(indicatorOf, indicatorID(2), january, "hidden.example", id, ""))
	if where := w.reads("brook", "indicator--", "/api/v1/find?value=hidden.example"); where != nil {
		t.Errorf("told by %v", where)
	}
}

// TLP is lowered by an update from somebody who does not own the object, in the name of
// who does.
func TestNobodyLoosensWhatIsNotHis(t *testing.T) {
	w := shared(t)
	made := fmt.Sprintf(`,"created_by_ref":%q`, w.n.Member.Identity)
	w.publish(fmt.Sprintf(indicatorOf, indicatorID(1), january, "hidden.example", handling.Amber.Definition(), made))
	w.push("ash", fmt.Sprintf(indicatorOf, indicatorID(1), march, "hidden.example", handling.Clear.Definition(), made))
	w.push("ash", fmt.Sprintf(indicatorOf, indicatorID(2), march, "other.example", handling.Clear.Definition(), made))
	if where := w.reads("brook", "indicator--", "/api/v1/find?value=hidden.example", "/api/v1/find?value=other.example"); where != nil {
		t.Errorf("told by %v", where)
	}
}

// A relationship names an actor that its reader may not know of.
func TestARelationshipToAHiddenActorIsHidden(t *testing.T) {
	w := shared(t)
	const actor, link = "threat-actor--00000000-0000-4000-8000-000000000001", "relationship--00000000-0000-4000-8000-000000000001"
	common := `"spec_version":"2.1","created":"` + january + `","modified":"` + january + `"`
	relate := `{"type":"relationship","id":"` + link + `",` + common + `,"relationship_type":"indicates","source_ref":"` + indicatorID(1) + `","target_ref":"` + actor + `","object_marking_refs":["` + handling.Green.Definition() + `"]}`
	seen := fmt.Sprintf(indicatorOf, indicatorID(1), january, "seen.example", handling.Green.Definition(), "")
	paths := []string{"/api/v1/objects/" + indicatorID(1) + "/neighbours", "/api/v1/objects/" + indicatorID(1) + "/show"}
	w.publish(seen, relate) // before the actor comes, and after
	if where := w.reads("brook", link, paths...); where == nil {
		t.Error("a relationship to what is not here is told nowhere")
	}
	w.publish(`{"type":"threat-actor","id":"` + actor + `",` + common + `,"name":"hidden","object_marking_refs":["` + handling.Red.Definition() + `"]}`)
	if where := append(w.reads("brook", link, paths...), w.reads("brook", actor, paths...)...); where != nil {
		t.Errorf("told by %v", where)
	}
}
