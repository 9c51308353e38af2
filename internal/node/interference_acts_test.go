package node_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"entente/internal/trust/handling"
	"entente/stix"
)

// reader is who must not notice what is unseen.
type reader struct {
	name    string
	visible []string // labels of what they see in the feed
	hidden  []string // and of what they do not
}

// readers are one of each kind: a partner who reads, one who writes too, one
// who only writes, one with whom more is agreed, one of a sharing group who asks for
// research and blocks what is read, and a contributor of the own member. What is hidden from her is for nobody, and no act of hers, which
// withdraws older versions, can make it stricter: it would be re-classed, and dated,
// at one moment with what she sees.
var readers = []*reader{
	{"brook", []string{"", "clear", "green", "statement", "inside", "but part"}, slices.Concat(strict, others, []string{"amber"})},
	{"birch", []string{"", "clear", "green", "statement", "inside", "but part"}, slices.Concat(strict, others, []string{"amber"})},
	{"drift", []string{"", "clear", "green", "but part"}, slices.Concat(strict, others, []string{"amber"})},
	{"bay", []string{"", "clear", "green", "amber", "but part"}, slices.Concat(strict, others)},
	{"sill", []string{"", "clear", "green", "group", "research", "but part"}, slices.Concat(strict, []string{"amber", "inside"})},
	{"ola", []string{"", "clear", "green", "amber", "amber+strict", "embargo", "but part"}, []string{"red", "part red"}},
}

var strict = []string{"amber+strict", "red", "unexplained", "part red", "fern alone", "embargo", "police", "personal", "not they", "consent", "resale", "over", "machine"}

// others are for readers of a group and a purpose that most are not of.
var others = []string{"group", "research"}

// limits are what marking definitions of the own member say, in our extension.
var limits = map[string]string{
	"fern alone": `"release_to":["org:Fern"]`,
	"embargo":    `"embargo_until":"2001-01-01T00:00:00Z"`,
	"police":     `"purposes":["law-enforcement"]`,
	"personal":   `"personal_data":true`,
	"not they":   `"not_to":["org:Brookwater","org:Birch","org:Cedar","org:Drift","org:Bay","org:Sill"]`,
	"consent":    `"legal_grounds":["gdpr-6-consent"]`,
	"group":      `"release_to":["group:water"]`,
	"research":   `"purposes":["research"]`,
}

// policies are what definitions say by FIRST's extension, beside what they all do.
var policies = map[string]string{
	"resale": `"unmodified_resale":"must-not","permitted_actions":"externally-visible-direct-actions"`,
	"over":   `"unmodified_resale":"may","permitted_actions":"externally-visible-direct-actions","end_date":"1999-12-31T00:00:00Z"`,
	"inside": `"unmodified_resale":"may","permitted_actions":"internally-visible-actions"`, // as PAP:RED, which is not to be blocked by
}

// defined are the levels that the own member's definitions explain.
var defined = slices.Sorted(slices.Values(append(slices.Concat(slices.Collect(maps.Keys(limits)), slices.Collect(maps.Keys(policies))), "statement")))

// definition is a marking definition of the world's own member.
func definition(level string) (id, raw string) {
	id = idOf("marking-definition", 100+slices.Index(defined, level))
	body := `"definition_type":"statement","definition":{"statement":"Copyright"}`
	if l, ok := limits[level]; ok {
		body = `"name":"limits","extensions":{"extension-definition--f64497da-bf8d-4941-bc8c-fc538ba3df35":{"extension_type":"property-extension",` + l + `}}`
	}
	if p, ok := policies[level]; ok {
		body = `"name":"terms","extensions":{"extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a":{"extension_type":"property-extension","iep_id":"01234567-0123-4123-8123-012345678901","iep_version":2.0,` +
			`"name":"terms","start_date":"1990-01-01T00:00:00Z","tlp":"green","encrypt_in_transit":"may","affected_party_notifications":"may","provider_attribution":"may",` + p + `}}`
	}
	return id, fmt.Sprintf(`{"type":"marking-definition","spec_version":"2.1","id":%q,"created":"2024-01-01T00:00:00.000Z",%s}`, id, body)
}

// unexplained is the id of a marking definition that nobody has brought, as far
// as anything that is not hidden shows.
const unexplained = "marking-definition--0badcafe-0000-4000-8000-000000000001"

// thing is an object of a small pool, so that what is hidden and what is not
// meet under the same ids, values, words and ends.
type thing struct {
	kind    string
	k       int
	version int
	odd     bool   // a version that nothing visible has
	level   string // marking: a TLP label, none, "unexplained", "machine" or "part red"
	other   int    // content under the same id and version
}

// Kinds of things, and how many of each there are.
var kinds = []string{"indicator", "malware", "ipv4-addr", "relationship", "sighting", "note", "report", "identity"}

const many = 4

func (o thing) id() string {
	if o.kind == "ipv4-addr" {
		id, err := stix.DeterministicID(fmt.Appendf(nil, `{"type":"ipv4-addr","value":%q}`, o.address()))
		if err != nil {
			panic(err)
		}
		return id
	}
	return idOf(o.kind, o.k)
}

func idOf(kind string, k int) string {
	return fmt.Sprintf("%s--%08x-0000-4000-8000-%012x", kind, k+1, k+1)
}

func (o thing) address() string {
	if o.k%many == 0 {
		return fmt.Sprintf("198.51.%d.0/24", 100+o.k)
	}
	return fmt.Sprintf("198.51.100.%d", o.k)
}

func (o thing) modified() string {
	hour := 0
	if o.odd {
		hour = 12
	}
	return fmt.Sprintf("2024-01-%02dT%02d:00:00.000Z", o.version+1, hour)
}

// raw is the object as its producer writes it.
func (o thing) raw() string {
	m := map[string]any{"type": o.kind, "spec_version": "2.1", "id": o.id()}
	if o.kind != "ipv4-addr" {
		m["created"], m["modified"] = "2024-01-01T00:00:00.000Z", o.modified()
		m["created_by_ref"] = idOf("identity", o.k)
	}
	text := fmt.Sprintf("falcon wave %d content %d", o.version, o.other)
	switch o.kind {
	case "indicator":
		m["name"], m["description"], m["labels"] = fmt.Sprintf("Beacon %d", o.k), text, []string{"phishing", "wave"}
		m["pattern"], m["pattern_type"], m["valid_from"] = fmt.Sprintf("[ipv4-addr:value = '198.51.100.%d']", o.k), "stix", "1999-01-01T00:00:00Z"
		if o.version == 0 {
			delete(m, "spec_version") // of STIX 2.0
		}
	case "malware":
		m["name"], m["description"], m["is_family"] = fmt.Sprintf("Ghostwren %d", o.k), text, false
	case "ipv4-addr":
		m["value"] = o.address()
		if o.other > 0 {
			m["x_content"] = text
		}
	case "relationship":
		m["relationship_type"], m["source_ref"], m["target_ref"], m["description"] = "indicates", idOf("indicator", o.k), idOf("malware", o.other%many), text
	case "sighting":
		m["sighting_of_ref"], m["count"], m["last_seen"] = idOf("indicator", o.k), 1+o.other, "2024-01-05T00:00:00Z"
		m["where_sighted_refs"] = []string{idOf("identity", o.k+1)}
	case "note":
		m["content"], m["object_refs"] = text, []string{idOf("indicator", o.k), idOf("malware", o.k)}
		m["extensions"] = map[string]any{stix.AssetExtension: map[string]any{"extension_type": "property-extension", "kind": "prefix", "value": fmt.Sprintf("198.51.100.%d", o.k)}}
	case "report":
		m["name"], m["published"], m["description"] = fmt.Sprintf("Report %d", o.k), "2024-01-01T00:00:00Z", text
		m["object_refs"] = []string{idOf("indicator", o.k), idOf("malware", o.k), idOf("indicator", o.k+1)}
	case "identity":
		delete(m, "created_by_ref")
		m["name"], m["identity_class"] = fmt.Sprintf("Producer %d of %d", o.k, o.other), "organization"
		switch o.k { // those who publish tell in notes what is their own
		case 0:
			m["name"] = "Cedar"
		case 2:
			m["name"] = "Fern"
		}
	}
	o.mark(m)
	b, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func (o thing) mark(m map[string]any) {
	switch o.level {
	case "":
	case "unexplained":
		m["object_marking_refs"] = []string{unexplained}
	case "machine": // which nobody has reviewed, as its collection asks
		m["object_marking_refs"] = []string{handling.Green.Definition()}
		m["extensions"] = map[string]any{"extension-definition--954f4e28-02cd-43f0-965b-052076cd1188": map[string]any{"extension_type": "property-extension", "made_by": "model"}}
	case "but part": // seen but for two parts, which are others in each world
		if o.kind == "report" { // and for one that it lists, which comes along
			m["object_refs"] = append(m["object_refs"].([]string), "malware--"+secretID)
		}
		m["object_marking_refs"] = []string{handling.Green.Definition()}
		m["x_hidden"], m["external_references"] = "falcon "+secret, []any{map[string]any{"source_name": "cve", "external_id": secret}, map[string]any{"source_name": "open", "description": "wave"}}
		m["granular_markings"] = []any{map[string]any{"marking_ref": handling.Red.Definition(), "selectors": []string{"x_hidden", "external_references.[0]"}}}
	case "part red":
		m["granular_markings"] = []any{map[string]any{"marking_ref": handling.Red.Definition(), "selectors": []string{"id"}}}
	default:
		if slices.Contains(defined, o.level) {
			id, _ := definition(o.level)
			m["object_marking_refs"] = []string{id}
			return
		}
		l, err := handling.ParseLevel(o.level)
		if err != nil {
			panic(err)
		}
		m["object_marking_refs"] = []string{l.Definition()}
	}
}

// secret stands in what is published for what is another in each world.
const secret = "SECRET"

// secretID stands for the id of what is another in each world.
const secretID = "LISTED"

// here gives objects as they are in this world.
func (w *world) here(raws []string) (list []string) {
	for _, raw := range raws {
		if strings.Contains(raw, secretID) {
			id := idOf("malware", 80+w.which)
			raw = strings.ReplaceAll(raw, "malware--"+secretID, id)
			list = append(list, strings.ReplaceAll(thing{kind: "malware", k: 80, level: "red"}.raw(), idOf("malware", 80), id))
		}
		list = append(list, strings.ReplaceAll(raw, secret, []string{"CVE-2024-0001", "CVE-2024-77777 in Ghostwren"}[w.which]))
	}
	return list
}

// act is something that is done in a world, by others than the reader.
type act struct {
	name string
	do   func(*world)
}

// visibleAct draws what the reader sees happen.
func visibleAct(t *rapid.T, r *reader) act {
	things := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
		o := thing{kind: rapid.SampledFrom(kinds).Draw(t, "kind"), k: rapid.IntRange(0, many-1).Draw(t, "k"),
			version: rapid.IntRange(0, 2).Draw(t, "version"), level: rapid.SampledFrom(r.visible).Draw(t, "level"),
			other: rapid.IntRange(0, 1).Draw(t, "other")}
		if slices.Contains([]string{"inside", "group", "research"}, o.level) && slices.Contains([]string{"indicator", "malware", "identity"}, o.kind) {
			o.level = "green" // else what refers to it unseen would change its class with what does so and is seen
		}
		return o.raw()
	}), 1, 8).Draw(t, "things")
	switch rapid.IntRange(0, 5).Draw(t, "visible act") {
	case 0:
		o := thing{kind: rapid.SampledFrom(kinds).Draw(t, "kind"), k: rapid.IntRange(0, many-1).Draw(t, "k")}
		return act{"cedar takes " + o.id() + " out of the feed", func(w *world) {
			w.seen(ask{as: "cedar", method: "DELETE", path: taxiiRoot + "collections/feed/objects/" + o.id() + "/"})
		}}
	case 1:
		// She knows of what the reader may not see, and what she says of that he may not
		// either: so she speaks of nothing.
		things = slices.DeleteFunc(things, refers)
		if r.name == "bay" || r.name == "sill" {
			break // her stricter versions would withdraw hidden ones
		}
		return act{"ina publishes " + strings.Join(things, ","), func(w *world) { w.seen(post("ina", "feed", w.here(things)...)) }}
	case 2:
		if r.name != "bay" {
			break
		}
		// What is agreed with this reader begins and ends, for all to see.
		name, end := fmt.Sprintf("more-with-bay-%d", rapid.IntRange(0, 1).Draw(t, "agreement")), rapid.Bool().Draw(t, "end")
		in := rapid.SampledFrom([]string{"", `,"collections":["feed"]`, `,"collections":["vault"]`, `,"review_before_use":true,"retention_days":30`}).Draw(t, "in")
		return act{fmt.Sprint(name, in, ", end ", end, ", and without with-bay"), func(w *world) {
			path, body := "/api/v1/agreements", `{"name":"`+name+`","to":["org:Bay"],"tlp":"amber","legal_grounds":["nis2-29"]`+in+`}`
			if end {
				path, body = path+"/"+name+"/end", ""
			}
			a := ask{local: true, method: "POST", path: path, body: body, header: map[string]string{"Content-Type": "application/json"}}
			w.seen(ask{local: true, method: "POST", path: "/api/v1/agreements/with-bay/end"})
			w.seen(a)
		}}
	}
	return act{"cedar publishes " + strings.Join(things, ","), func(w *world) { w.seen(post("cedar", "feed", w.here(things)...)) }}
}

// refers tells whether an object says something of another.
func refers(raw string) bool {
	return slices.ContainsFunc([]string{"relationship", "sighting", "note", "report"}, func(kind string) bool { return strings.Contains(raw, `"type":"`+kind+`"`) })
}

// hiddenAct is one kind of what happens unseen.
type hiddenAct struct {
	name string
	do   func(w *world, t draw)
}

// draw is what a hidden act is made from, the same whenever it is replayed.
type draw struct {
	kind    string
	k, n    int
	level   string // hidden from the reader
	version int
}

func drawHidden(t *rapid.T, r *reader) draw {
	return draw{kind: rapid.SampledFrom(kinds).Draw(t, "kind"), k: rapid.IntRange(0, many-1).Draw(t, "k"), n: rapid.IntRange(0, 9).Draw(t, "n"),
		level: rapid.SampledFrom(r.hidden).Draw(t, "level"), version: rapid.IntRange(0, 3).Draw(t, "version")}
}

// hiddenThing is an object that its reader may not see, under an id that something
// visible may have.
func (d draw) hiddenThing() thing {
	return thing{kind: d.kind, k: d.k, version: d.version, odd: true, level: d.level, other: 2 + d.n}
}

// thingsIn tells which versions of an object the feed shows to everybody who
// reads it, so that an act knows what it meets.
func (w *world) holds(o thing) bool {
	rec := w.unseen(ask{as: "cedar", method: "GET", path: taxiiRoot + "collections/feed/objects/" + o.id() + "/versions/"})
	return strings.Contains(rec.Body.String(), `"`+o.modified()+`"`)
}

// script is what is done between rounds of questions.
type script struct {
	visible []act
	// unseen[world][i] is what happens before visible[i], and at the end.
	unseen [2][][]act
}

func drawScript(t *rapid.T, r *reader) script {
	s := script{}
	for range rapid.IntRange(3, 6).Draw(t, "visible acts") {
		s.visible = append(s.visible, visibleAct(t, r))
	}
	for which := range s.unseen {
		s.unseen[which] = make([][]act, len(s.visible)+1)
	}
	for _, kind := range hiddenActs {
		// World 0 is mostly the quiet one.
		for which, odds := range []int{1, 6} {
			if rapid.IntRange(0, 9).Draw(t, kind.name) >= odds {
				continue
			}
			d := drawHidden(t, r)
			at := rapid.IntRange(0, len(s.visible)).Draw(t, "before")
			s.unseen[which][at] = append(s.unseen[which][at], act{kind.name + fmt.Sprintf(" %+v", d), func(w *world) { kind.do(w, d) }})
		}
	}
	return s
}

// play does a script in a world, with rounds of questions in between.
func (s script) play(w *world, which int) {
	rounds := 0
	w.which = which
	for i := range len(s.visible) + 1 {
		w.poll()
		w.pass()
		for _, hidden := range s.unseen[which][i] {
			hidden.do(w)
			w.pass()
		}
		w.settle(i)
		w.poll()
		if i == len(s.visible)/2 || i == len(s.visible) {
			(&round{world: w, n: rounds}).ask()
			rounds++
		}
		if i < len(s.visible) {
			s.visible[i].do(w)
			w.pass()
		}
	}
}

func (s script) String() string {
	var b strings.Builder
	for i := range len(s.visible) + 1 {
		for which := range s.unseen {
			for _, a := range s.unseen[which][i] {
				fmt.Fprintf(&b, "unseen, in world %d: %s\n", which, a.name)
			}
		}
		if i < len(s.visible) {
			fmt.Fprintf(&b, "seen: %s\n", s.visible[i].name)
		}
	}
	return b.String()
}
