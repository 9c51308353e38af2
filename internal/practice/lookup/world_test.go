package lookup_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/practice/lookup"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
	"entente/stix"
)

const (
	ours  = "CERT Estmark"
	green = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
	red   = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// world is a node's exchange on a real engine.
type world struct {
	t        testing.TB
	x        *exchange.Exchange
	operator account.Principal
	n        int // collections made
}

func newWorld(t testing.TB) *world {
	t.Helper()
	st, err := pebble.Open(t.Context(), t.TempDir(), pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	x, err := exchange.Open(t.Context(), st, exchange.Options{Own: ours})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		x.Close()
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return &world{t: t, x: x, operator: account.Operator(ours)}
}

// failer is what both testing and rapid fail with.
type failer interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// place is a collection, and a partner and a curator who read it alone.
type place struct {
	*world
	failer
	alias   string
	id      string
	partner account.Principal
}

func (w *world) place(f failer) *place {
	f.Helper()
	w.n++
	alias := fmt.Sprintf("place%07d", w.n) // of one length, so that answers compare
	c, err := w.x.AddCollection(w.t.Context(), w.operator, exchange.Collection{Alias: alias})
	if err != nil {
		f.Fatal(err)
	}
	grants := map[string]account.Access{c.ID: account.Read}
	return &place{w, f, alias, c.ID, account.Principal{Account: "bo", Org: "Brookwater", Grants: grants}}
}

// publish brings objects in their order: what a partner may see by another partner,
// who knows of nothing else, and what is hidden by somebody who is the producer of
// nothing that is not.
func (p *place) publish(objects ...string) {
	p.failer.Helper()
	pen := account.Principal{Account: "pen", Org: "Cedar", Grants: map[string]account.Access{p.id: account.Read | account.Write}}
	for len(objects) > 0 {
		hidden := strings.Contains(objects[0], red)
		by, publication := pen, exchange.Publication{Collection: p.alias}
		if hidden {
			by, publication.Source = p.operator, "Fernwood"
		}
		for len(objects) > 0 && strings.Contains(objects[0], red) == hidden {
			o, err := stix.Read([]byte(objects[0]))
			if err != nil {
				p.failer.Fatalf("%s: %v", objects[0], err)
			}
			publication.Objects, objects = append(publication.Objects, o), objects[1:]
		}
		results, err := p.x.Publish(p.t.Context(), by, publication)
		if err != nil || slices.ContainsFunc(results, func(r exchange.Result) bool { return r.Verdict == exchange.Refused }) {
			p.failer.Fatalf("%v: %v", results, err)
		}
	}
}

func (p *place) publishAll(things []thing) {
	p.failer.Helper()
	var objects []string
	for i := range things {
		objects = append(objects, things[i].json())
	}
	p.publish(objects...)
}

func (p *place) view() *exchange.View { return p.x.View(p.partner) }

func (p *place) find(limit int, texts ...string) []lookup.Answer {
	p.failer.Helper()
	answers, err := lookup.NewFinder(p.view(), limit, noon).Find(p.t.Context(), texts...)
	if err != nil {
		p.failer.Fatal(err)
	}
	return answers
}

func (p *place) around(w lookup.Walk) *lookup.Graph {
	p.failer.Helper()
	g, err := lookup.Neighbours(p.t.Context(), p.view(), w, noon)
	if err != nil {
		p.failer.Fatalf("%+v: %v", w, err)
	}
	return g
}

// told is an answer as its reader gets it, whatever the collection is called.
func (p *place) told(v any) string {
	p.failer.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		p.failer.Fatal(err)
	}
	return strings.ReplaceAll(string(b), p.alias, "place")
}

// thing is an object of a small world: what the tests' own model knows of it.
type thing struct {
	typ      string
	n        int // of its id
	version  int // of its modified time; 0 for observables
	hidden   bool
	value    string // an address or a prefix that it carries, if any
	by       string
	source   string // of relationships
	target   string
	relation string
	objects  []string // of reports
}

func id(typ string, n int) string { return fmt.Sprintf("%s--00000000-0000-4000-8000-%012d", typ, n) }

func (o *thing) id() string { return id(o.typ, o.n) }

func (o *thing) json() string {
	m := map[string]any{"type": o.typ, "spec_version": "2.1", "id": o.id(), "object_marking_refs": []string{map[bool]string{true: red, false: green}[o.hidden]}}
	if o.version > 0 {
		m["created"], m["modified"] = "2026-01-01T00:00:00.000Z", fmt.Sprintf("2026-01-01T00:00:0%d.000Z", o.version)
		m["name"] = fmt.Sprintf("%s %d.%d", o.typ, o.n, o.version)
	}
	if o.by != "" {
		m["created_by_ref"] = o.by
	}
	switch o.typ {
	case "ipv4-addr":
		m["value"] = o.value
	case "indicator":
		m["pattern"], m["pattern_type"], m["valid_from"] = "[ipv4-addr:value = '"+o.value+"']", "stix", "2026-01-01T00:00:00Z"
	case "relationship":
		delete(m, "name")
		m["relationship_type"], m["source_ref"], m["target_ref"] = o.relation, o.source, o.target
	case "report":
		m["published"], m["object_refs"] = "2026-01-01T00:00:00Z", o.objects
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(b)
}
