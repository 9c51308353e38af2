package search_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"entente/internal/exchange"
	"entente/internal/practice/search"
	"entente/internal/store"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
	"entente/stix"
)

// desk is an exchange with its index of words, and the people who search it.
type desk struct {
	rapid.TB
	store *pebble.Store
	x     *exchange.Exchange
	again int // how often it was furnished again

	cleo account.Principal // own curator
	ana  account.Principal // own analyst, reads both collections
	bo   account.Principal // partner, reads collection c
}

const ownOrg = "CERT Example"

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := newDeskFor(t, t.TempDir(), 5) // so that few objects make several runs
	t.Cleanup(d.done)
	return d
}

// newDeskFor tells failures to tb, which may be one run of a property.
func newDeskFor(tb rapid.TB, dir string, run int) *desk {
	tb.Helper()
	d := &desk{TB: tb}
	var err error
	if d.store, err = pebble.Open(d.ctx(), dir, pebble.Options{}); err != nil {
		tb.Fatal(err)
	}
	if d.x, err = exchange.Open(d.ctx(), d.store, exchange.Options{Own: ownOrg}); err != nil {
		tb.Fatal(err)
	}
	d.cleo = account.Principal{Account: "cleo", Org: ownOrg, Own: true, Role: account.Curator}
	d.furnish("")
	d.x.Follow(search.NewFollowerOfRuns(d.x, run))
	return d
}

// furnish makes collections c and d, their names ended by suffix, and lets ana
// read both and bo the first.
func (d *desk) furnish(suffix string) {
	d.Helper()
	both, first := map[string]account.Access{}, map[string]account.Access{}
	for _, alias := range []string{"c", "d"} {
		c, err := d.x.AddCollection(d.ctx(), account.Operator(ownOrg), exchange.Collection{Alias: alias + suffix})
		if err != nil {
			d.Fatal(err)
		}
		if both[c.ID] = account.Read | account.Write; alias == "c" {
			first[c.ID] = account.Read
		}
	}
	d.ana = account.Principal{Account: "ana", Org: ownOrg, Own: true, Role: account.Contributor, Grants: both}
	d.bo = account.Principal{Account: "bo", Org: "Brookwater", Role: account.Contributor, Grants: first}
}

func (d *desk) ctx() context.Context { return context.Background() }

func (d *desk) done() {
	d.x.Close()
	if err := d.store.Close(); err != nil {
		d.Error(err)
	}
}

var labels = map[string]string{
	"clear": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
	"green": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
	"amber": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
	"red":   "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}

// thing is an object to be published; the zero values of its fields are right.
type thing struct {
	typ, name, description string
	aliases, labels        []string
	by                     string // id
	modified               string
	tlp                    string
	n                      int // its id ends so; 0 for the name's
}

func (o thing) id() string {
	n := fmt.Sprintf("%012d", o.n)
	if o.n == 0 {
		n = fmt.Sprintf("%012x", []byte(fmt.Sprintf("%6.6s", o.name)))[:12]
	}
	return cmp.Or(o.typ, "malware") + "--00000000-0000-4000-8000-" + n
}

func (o thing) json() string {
	list := func(name string, values []string) string {
		if len(values) == 0 {
			return ""
		}
		return fmt.Sprintf(`,%q:["%s"]`, name, strings.Join(values, `","`))
	}
	s := fmt.Sprintf(`{"type":%q,"spec_version":"2.1","id":%q,"created":"2020-01-01T00:00:00.000Z","modified":"%s"`,
		cmp.Or(o.typ, "malware"), o.id(), cmp.Or(o.modified, "2024-05-06T00:00:00.000Z"))
	for name, value := range map[string]string{"name": o.name, "description": o.description, "created_by_ref": o.by} {
		if value != "" {
			s += fmt.Sprintf(`,%q:%q`, name, value)
		}
	}
	s += list("aliases", o.aliases) + list("labels", o.labels)
	return s + list("object_marking_refs", []string{labels[cmp.Or(o.tlp, "green")]}) + `,"is_family":false}`
}

func (d *desk) publish(collection string, things ...thing) {
	d.Helper()
	if kept := d.keep(collection, things...); len(kept) != len(things) {
		d.Fatalf("%d of %d were kept", len(kept), len(things))
	}
	d.settled()
}

// keep publishes things, and gives those that were not there and do not clash.
// Each version is of a producer of its own, so that none withdraws another.
func (d *desk) keep(collection string, things ...thing) (all []kept) {
	d.Helper()
	var list []exchange.Publication
	for _, o := range things {
		object, err := stix.Read([]byte(o.json()))
		if err != nil {
			d.Fatalf("%s: %v", o.json(), err)
		}
		list = append(list, exchange.Publication{Collection: collection, Source: "of " + o.modified, Objects: []stix.Object{object}})
	}
	results, err := d.x.PublishAll(d.ctx(), account.Operator(ownOrg), list, nil)
	if err != nil {
		d.Fatal(err)
	}
	for i := range results {
		r := results[i][0]
		switch r.Verdict {
		case exchange.New, exchange.Older:
			all = append(all, kept{thing: things[i], raw: things[i].json(), collection: collection, added: r.Added})
		case exchange.Refused:
			d.Fatalf("%s is refused: %s", things[i].json(), r.Reason)
		}
	}
	return all
}

// recall takes all versions of an object out of its collection.
func (d *desk) recall(all []kept, k kept) []kept {
	d.Helper()
	_, err := d.x.Recall(d.ctx(), account.Operator(ownOrg), k.collection, k.id(), exchange.Query{Versions: store.VersionFilter{All: true}})
	if err != nil {
		d.Fatal(err)
	}
	return slices.DeleteFunc(all, func(o kept) bool { return o.id() == k.id() && o.collection == k.collection })
}

// settled waits until the index has everything.
func (d *desk) settled() {
	d.Helper()
	q, _ := search.Parse("type:malware")
	for until := time.Now().Add(20 * time.Second); ; runtime.Gosched() {
		a, err := search.Search(d.ctx(), d.x.View(d.cleo), q, search.Options{Limit: 1})
		if err != nil {
			d.Fatal(err)
		}
		if a.Unread == 0 {
			return
		}
		if time.Now().After(until) {
			d.Fatalf("%d objects are not searched after a while", a.Unread)
		}
	}
}

// finds gives the names of what a reader finds, on pages of some size.
func (d *desk) finds(p account.Principal, query string, limit int) []string {
	d.Helper()
	names := []string{}
	for _, h := range d.hits(p, query, limit) {
		names = append(names, h.Name)
	}
	return names
}

func (d *desk) hits(p account.Principal, query string, limit int) (hits []search.Hit) {
	d.Helper()
	q, err := search.Parse(query)
	if err != nil {
		d.Fatalf("%s: %v", query, err)
	}
	o := search.Options{Limit: limit}
	for range 1000 {
		a, err := search.Search(d.ctx(), d.x.View(p), q, o)
		if err != nil {
			d.Fatalf("%s: %v", query, err)
		}
		hits = append(hits, a.Hits...)
		if len(a.Hits) > limit {
			d.Fatalf("%s: %d hits, %d were asked for", query, len(a.Hits), limit)
		}
		if o.Next = a.Next; o.Next == "" {
			return hits
		}
	}
	d.Fatalf("%s: the pages do not end", query)
	return nil
}

func (d *desk) same(what string, got, want []string) {
	d.Helper()
	if !slices.Equal(got, want) {
		d.Errorf("%s: found %q, want %q", what, got, want)
	}
}

func TestNamesComeFirstThenTheNewest(t *testing.T) {
	d := newDesk(t)
	d.publish("c",
		thing{n: 1, name: "Cobalt Strike"},
		thing{n: 2, name: "Loader", description: "drops Cobalt, then Strike"},
		thing{n: 3, name: "Beacon", aliases: []string{"Cobalt Strike Beacon"}},
		thing{n: 4, name: "Striker", labels: []string{"cobalt", "strike"}},
		thing{n: 5, name: "Strike of Cobalt kind"},
		thing{n: 6, name: "Cobalt Strike loader"},
		thing{n: 7, name: "Cobalt"},
	)
	want := []string{"Cobalt Strike", "Cobalt Strike loader", "Strike of Cobalt kind", "Beacon", "Striker", "Loader"}
	for _, limit := range []int{1, 2, 5, 100} {
		d.same("cobalt strike", d.finds(d.ana, "cobalt strike", limit), want)
	}
	d.same("a phrase", d.finds(d.ana, `"cobalt strike"`, 2), []string{"Cobalt Strike", "Cobalt Strike loader", "Beacon"})
	d.same("a beginning", d.finds(d.ana, `cob* -strike`, 2), []string{"Cobalt"})
	d.same("without a phrase", d.finds(d.ana, `cobalt -"cobalt strike"`, 2), []string{"Cobalt", "Strike of Cobalt kind", "Striker", "Loader"})
}

func TestFilters(t *testing.T) {
	d := newDesk(t)
	const own = "identity--00000000-0000-4000-8000-000000000001"
	d.publish("c",
		thing{n: 1, typ: "identity", name: "Brookwater CERT"},
		thing{n: 2, name: "Evil A", by: own, modified: "2024-05-06T00:00:00.000Z", labels: []string{"ransomware", "command-and-control"}},
		thing{n: 3, name: "Evil B", tlp: "amber", modified: "2024-06-01T00:00:00.000Z"},
		thing{n: 4, typ: "tool", name: "Evil C", modified: "2023-01-31T00:00:00.000Z"},
	)
	d.publish("d", thing{n: 5, name: "Evil D", modified: "2026-12-31T00:00:00.000Z"})
	for query, want := range map[string][]string{
		"evil":                                   {"Evil D", "Evil C", "Evil B", "Evil A"},
		"evil type:tool":                         {"Evil C"},
		"type:tool":                              {"Evil C"},
		"evil type:tool,malware":                 {"Evil D", "Evil C", "Evil B", "Evil A"},
		"evil since:2024":                        {"Evil D", "Evil B", "Evil A"},
		"evil since:2024-05-07":                  {"Evil D", "Evil B"},
		"evil since:2024-05 until:2024-05":       {"Evil A"},
		"evil since:2023-01-31 until:2024-05-06": {"Evil C", "Evil A"},
		"evil until:2023":                        {"Evil C"},
		"since:2025":                             {"Evil D"},
		`by:"Brookwater CERT"`:                   {"Evil A"},
		"by:" + own:                              {"Evil A"},
		"by:nobody evil":                         {},
		"tlp:amber":                              {"Evil B"},
		"evil tlp:green,amber type:malware":      {"Evil D", "Evil B", "Evil A"},
		"label:ransomware":                       {"Evil A"},
		`label:"command and control" evil`:       {"Evil A"},
		"label:evil":                             {},
		"evil -label:ransomware type:malware":    {"Evil D", "Evil B"},
		"evil collection:d":                      {"Evil D"},
		"collection:d":                           {"Evil D"},
	} {
		for _, limit := range []int{1, 10} {
			d.same(query, d.finds(d.ana, query, limit), want)
		}
	}
	d.same("a partner", d.finds(d.bo, "evil", 10), []string{"Evil C", "Evil A"})
	q, _ := search.Parse("evil collection:d")
	if _, err := search.Search(t.Context(), d.x.View(d.bo), q, search.Options{}); !errors.Is(err, exchange.ErrNotFound) {
		t.Errorf("a collection that is not granted: %v", err)
	}
	q, _ = search.Parse("evil by:nobody")
	if a, err := search.Search(t.Context(), d.x.View(d.bo), q, search.Options{}); err != nil || !slices.Equal(a.Unknown, []string{"nobody"}) {
		t.Errorf("an unknown producer: %+v, %v", a, err)
	}
}

func TestOnlyTheLatestThatIsSeenIsFound(t *testing.T) {
	d := newDesk(t)
	const v1, v2 = "2024-01-01T00:00:00.000Z", "2024-02-01T00:00:00.000Z"
	d.publish("c", thing{n: 1, name: "Old name", modified: v1}, thing{n: 1, name: "New name", modified: v2, tlp: "amber"})
	d.same("the old one, for who sees both", d.finds(d.ana, "old", 10), []string{})
	d.same("the new one", d.finds(d.ana, "name", 10), []string{"New name"})
	d.same("for who sees the old one", d.finds(d.bo, "name", 10), []string{"Old name"})
	// The same object in another collection is told once, as what was added last.
	d.publish("d", thing{n: 1, name: "New name", modified: v2, tlp: "amber"})
	hits := d.hits(d.ana, "name", 1)
	if len(hits) != 1 || hits[0].Collection != "d" {
		t.Errorf("in two collections: %+v", hits)
	}
	if _, err := d.x.Recall(t.Context(), account.Operator(ownOrg), "d", hits[0].ID, exchange.Query{}); err != nil {
		t.Fatal(err)
	}
	d.settled()
	if hits = d.hits(d.ana, "name", 1); len(hits) != 1 || hits[0].Collection != "c" {
		t.Errorf("after a recall: %+v", hits)
	}
}

func TestARebuiltIndexAnswersTheSame(t *testing.T) {
	d := newDesk(t)
	for i := range 40 {
		d.publish("c", thing{n: i + 1, name: fmt.Sprint("Evil ", i), tlp: []string{"green", "amber", "red"}[i%3]})
	}
	if _, err := d.x.Recall(t.Context(), account.Operator(ownOrg), "c", (thing{n: 7}).id(), exchange.Query{}); err != nil {
		t.Fatal(err)
	}
	before := d.finds(d.ana, "evil", 7)
	if err := d.x.Rebuild(t.Context(), search.FollowerName); err != nil {
		t.Fatal(err)
	}
	d.settled()
	d.same("after rebuilding", d.finds(d.ana, "evil", 7), before)
	if len(before) != 26 { // 13 of 40 are red, and one other was recalled
		t.Errorf("%d are found", len(before))
	}
}

// One object of which terms cannot be posted does not keep others, or its own
// other words, from being found.
func TestAnUnusualObjectStopsNothing(t *testing.T) {
	d := newDesk(t)
	p := exchange.Publication{Collection: "c"}
	for _, raw := range unusual {
		object, err := stix.Read([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		p.Objects = append(p.Objects, object)
	}
	if _, err := d.x.Publish(t.Context(), account.Operator(ownOrg), p); err != nil {
		t.Fatal(err)
	}
	d.publish("c", thing{name: "plain"})
	d.same("beside unusual objects", d.finds(d.cleo, "plain", 5), []string{"plain"})
	if found := d.finds(d.cleo, "unusual", 5); len(found) != len(unusual) {
		t.Errorf("of the unusual are found %q", found)
	}
	if found := d.finds(d.cleo, strings.Repeat("𐐨", 16)+"2828", 5); len(found) == 0 {
		t.Errorf("by a long name and its number are found %q", found)
	}
}

func TestACursorBelongsToItsQueryAndReader(t *testing.T) {
	d := newDesk(t)
	d.publish("c", thing{n: 1, name: "Evil A"}, thing{n: 2, name: "Evil B"})
	ask := func(p account.Principal, query, next string) (search.Results, error) {
		q, err := search.Parse(query)
		if err != nil {
			t.Fatal(err)
		}
		return search.Search(context.Background(), d.x.View(p), q, search.Options{Limit: 1, Next: next})
	}
	a, err := ask(d.ana, "evil", "")
	if err != nil || a.Next == "" {
		t.Fatalf("%+v, %v", a, err)
	}
	for _, c := range []struct {
		by          account.Principal
		query, next string
	}{{d.bo, "evil", a.Next}, {d.ana, "evil b", a.Next}, {d.ana, "evil", "x"}, {d.ana, "evil", a.Next[1:]}, {d.ana, "evil", strings.ToLower(a.Next)}} {
		if _, err := ask(c.by, c.query, c.next); !errors.Is(err, exchange.ErrBadCursor) {
			t.Errorf("%s with the cursor of another: %v", c.query, err)
		}
	}
}

func TestHitsSayWhyTheyAreThere(t *testing.T) {
	d := newDesk(t)
	d.publish("c", thing{n: 1, typ: "identity", name: "Brookwater"},
		thing{n: 2, name: "Loader", by: "identity--00000000-0000-4000-8000-000000000001", tlp: "amber",
			description: "It waits for days before it calls its masters and then, at night, drops a Beacon that nobody has seen before on all hosts of the billing department."})
	hits := d.hits(d.ana, "beacon", 10)
	if len(hits) != 1 {
		t.Fatalf("%+v", hits)
	}
	h := hits[0]
	if h.By != "Brookwater" || h.TLP != "amber" || h.Matched != "description" || h.Date != "2024-05-06" || h.Collection != "c" {
		t.Errorf("%+v", h)
	}
	if want := "…before it calls its masters and then, at night, drops a Beacon that nobody has seen before on all hosts of the billing…"; h.Snippet != want {
		t.Errorf("the snippet is %q, want %q", h.Snippet, want)
	}
}
