package lookup_test

import (
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"entente/internal/practice/lookup"
)

var someValues = []string{"198.51.100.7", "198.51.100.8", "198.51.100.0/24", "198.51.100.4/30", "198.51.0.0/16", "203.0.113.1"}

var someTypes = []string{"indicator", "malware", "ipv4-addr", "relationship", "report", "identity"}

// someThing draws an object whose ends and numbers are few, so that they meet.
func someThing(hidden bool) *rapid.Generator[thing] {
	return rapid.Custom(func(rt *rapid.T) thing {
		someID := func(what string) string {
			return id(rapid.SampledFrom([]string{"indicator", "malware", "ipv4-addr", "report"}).Draw(rt, what+" type"), rapid.IntRange(1, 3).Draw(rt, what))
		}
		o := thing{typ: rapid.SampledFrom(someTypes).Draw(rt, "type"), n: rapid.IntRange(1, 3).Draw(rt, "number"), hidden: hidden}
		if o.typ == "ipv4-addr" {
			o.value = someValues[o.n] // content of one id is one
			return o
		}
		o.version = rapid.IntRange(1, 4).Draw(rt, "version")*2 - 1
		if hidden {
			o.version++ // hidden versions stand between the others and clash with none
		}
		if o.typ != "identity" && rapid.Bool().Draw(rt, "signed") {
			o.by = id("identity", rapid.IntRange(1, 2).Draw(rt, "by"))
		}
		switch o.typ {
		case "indicator":
			o.value = rapid.SampledFrom(someValues).Draw(rt, "value")
		case "relationship":
			o.n += 3 * rapid.IntRange(0, 2).Draw(rt, "more relationships")
			o.relation = rapid.SampledFrom([]string{"indicates", "related-to"}).Draw(rt, "relation")
			o.source, o.target = someID("source"), someID("target")
		case "report":
			for range rapid.IntRange(1, 3).Draw(rt, "objects") {
				o.objects = append(o.objects, someID("object"))
			}
		}
		return o
	})
}

// latest is what a reader sees of a list: of each id the newest version, of one
// version the first that came.
func latest(all []thing) map[string]thing {
	seen := map[string]thing{}
	for _, o := range all {
		if o.hidden {
			continue
		}
		if old, known := seen[o.id()]; !known || old.version < o.version {
			seen[o.id()] = o
		}
	}
	return seen
}

func prefix(s string) netip.Prefix {
	if addr, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen())
	}
	return netip.MustParsePrefix(s)
}

func TestFindIsAFilterOfWhatItsReaderSees(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(rt *rapid.T) {
		p := w.place(rt)
		all := rapid.SliceOfN(rapid.OneOf(someThing(false), someThing(true)), 0, 25).Draw(rt, "objects")
		p.publishAll(all)
		asked := someValues
		for i, answer := range p.find(1000, asked...) {
			want := map[string]lookup.Wider{}
			text := prefix(asked[i])
			for id, o := range latest(all) {
				if o.value == "" {
					continue
				}
				switch value := prefix(o.value); {
				case value == text:
					want[id] = ""
				case value.Bits() < text.Bits() && value.Contains(text.Addr()):
					want[id] = lookup.Prefix
				case text.Bits() < value.Bits() && text.Contains(value.Addr()):
					want[id] = lookup.Inside
				}
			}
			if answer.More || len(answer.Findings) != len(want) {
				rt.Fatalf("%s: %s\nwant %v", asked[i], p.told(answer), want)
			}
			for _, f := range answer.Findings {
				if wider, ok := want[f.ID]; !ok || wider != f.Wider {
					rt.Fatalf("%s: %s is found as %q, want %v", asked[i], f.ID, f.Wider, want)
				}
			}
		}
	})
}

// modelWalk walks over a map of objects, with nothing clever in it.
func modelWalk(seen map[string]thing, from string, hops int, dir lookup.Direction) (nodes map[string]bool, edges map[lookup.Edge]bool) {
	var all []lookup.Edge
	for _, o := range seen {
		if o.typ == "relationship" {
			all = append(all, lookup.Edge{Source: o.source, Relation: o.relation, Target: o.target, ID: o.id()})
			continue
		}
		if o.by != "" {
			all = append(all, lookup.Edge{Source: o.id(), Relation: "created_by_ref", Target: o.by})
		}
		for _, id := range o.objects {
			all = append(all, lookup.Edge{Source: o.id(), Relation: "object_refs", Target: id})
		}
	}
	nodes, edges = map[string]bool{from: true}, map[lookup.Edge]bool{}
	level := map[string]bool{from: true}
	for range hops {
		next, fresh := map[string]bool{}, map[string]bool{}
		for _, e := range all {
			if level[e.Source] && dir != lookup.In || level[e.Target] && dir != lookup.Out {
				edges[e] = true
				for _, id := range []string{e.Source, e.Target} {
					if !nodes[id] {
						fresh[id] = true
						if _, there := seen[id]; there && e.Relation != "created_by_ref" {
							next[id] = true
						}
					}
				}
			}
		}
		for id := range fresh {
			nodes[id] = true
		}
		level = next
	}
	return nodes, edges
}

func TestNeighboursAreAWalkOverWhatTheirReaderSees(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(rt *rapid.T) {
		p := w.place(rt)
		all := rapid.SliceOfN(rapid.OneOf(someThing(false), someThing(false), someThing(true)), 1, 25).Draw(rt, "objects")
		p.publishAll(all)
		seen := latest(all)
		for from, o := range seen {
			if o.typ == "relationship" {
				continue
			}
			hops := rapid.IntRange(1, 4).Draw(rt, "hops")
			dir := rapid.SampledFrom([]lookup.Direction{lookup.Both, lookup.In, lookup.Out}).Draw(rt, "direction")
			g := p.around(lookup.Walk{From: from, Hops: hops, Direction: dir, PerNode: 1000, Nodes: 2000})
			nodes, edges := modelWalk(seen, from, hops, dir)
			if g.More || len(g.Nodes) != len(nodes) || len(g.Edges) != len(edges) {
				rt.Fatalf("%d hops %s from %s: %s\nwant %v\n%v", hops, dir, from, p.told(g), nodes, edges)
			}
			for _, n := range g.Nodes {
				if _, there := seen[n.ID]; !nodes[n.ID] || n.Unknown == there {
					rt.Fatalf("%s is in the graph (unknown: %v)", n.ID, n.Unknown)
				}
			}
			for _, e := range g.Edges {
				if !edges[e] {
					rt.Fatalf("%v is in the graph; want %v", e, edges)
				}
			}
		}
	})
}

// Nothing that a reader may not see changes a byte of what the reader is told.
func TestNothingUnseenChangesAnAnswer(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(rt *rapid.T) {
		visible := rapid.SliceOfN(someThing(false), 1, 12).Draw(rt, "visible")
		hidden := rapid.SliceOfN(someThing(true), 0, 12).Draw(rt, "hidden")
		plain, mixed := w.place(rt), w.place(rt)
		plain.publishAll(visible)
		mixed.publishAll(hidden[:len(hidden)/2])
		mixed.publishAll(visible)
		mixed.publishAll(hidden[len(hidden)/2:])
		limit := rapid.SampledFrom([]int{1, 2, 50}).Draw(rt, "limit")
		texts := append([]string{"ipv4-addr", "malware 1.1"}, someValues...)
		if a, b := plain.told(plain.find(limit, texts...)), mixed.told(mixed.find(limit, texts...)); a != b {
			rt.Fatalf("found without what is hidden:\n%s\nand with it:\n%s", a, b)
		}
		for from := range latest(visible) {
			walk := lookup.Walk{From: from, Hops: 2, PerNode: limit, Nodes: 5}
			a, b := plain.around(walk), mixed.around(walk)
			if (a.Next == "") != (b.Next == "") {
				rt.Fatalf("only one of the walks goes on")
			}
			a.Next, b.Next = "", "" // sealed for each
			if a, b := plain.told(a), mixed.told(b); a != b {
				rt.Fatalf("from %s without what is hidden:\n%s\nand with it:\n%s", from, a, b)
			}
		}
	})
}

func TestAWalkGoesOnWhereItsPageEnded(t *testing.T) {
	w := newWorld(t)
	p := w.place(t)
	hub := thing{typ: "identity", n: 1, version: 1}
	p.publish(hub.json())
	want := map[string]bool{}
	for n := range 23 {
		o := thing{typ: "malware", n: n, version: 1, by: hub.id()}
		p.publish(o.json())
		want[o.id()] = true
	}
	walk := lookup.Walk{From: hub.id(), PerNode: 5}
	for {
		g := p.around(walk)
		for _, n := range g.Nodes[1:] {
			if !want[n.ID] {
				t.Errorf("%s is there twice, or not at all", n.ID)
			}
			delete(want, n.ID)
		}
		if g.More != (g.Next != "") || g.Nodes[0].More != g.More {
			t.Fatalf("more is %v and %v, next %q", g.More, g.Nodes[0].More, g.Next)
		}
		if walk.Next = g.Next; walk.Next == "" {
			break
		}
	}
	if len(want) > 0 {
		t.Errorf("%d of the hub's objects were never told", len(want))
	}
	if g := p.around(lookup.Walk{From: hub.id(), Types: []string{"malware"}, Direction: lookup.Out}); len(g.Nodes) != 1 || g.More {
		t.Errorf("out of the hub leads %s", p.told(g))
	}
}

func TestAnswersStayShort(t *testing.T) {
	w := newWorld(t)
	p := w.place(t)
	for n := range 4 {
		o := thing{typ: "indicator", n: n, version: 1, value: "198.51.100.7"}
		p.publish(o.json())
	}
	if a := p.find(3, "198.51.100.7")[0]; len(a.Findings) != 3 || !a.More {
		t.Errorf("three of four are told as %s", p.told(a))
	}
	long := strings.Repeat("word ", 10_000)
	if a := p.find(3, long, "")[0]; len(a.Readings)+len(a.Findings) != 0 {
		t.Errorf("10,000 words are read as %s", p.told(a))
	}
}
