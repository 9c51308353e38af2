package bench

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strconv"

	"entente/stix"
)

// Mix is what generated objects are like.
type Mix struct {
	Seed    uint64
	Classes int // distinct handling classes, spread evenly; 0 means TLP labels alone

	// Parted gives one object in five a description that is TLP:RED, which others
	// read without it.
	Parted bool
}

// Generator makes STIX 2.1 objects in the mix of a busy exchange: indicators
// (35 %), observables (25 %), relationships (25 %), sightings (10 %) and
// reports (5 %), about 800 bytes on average. The same Mix gives the same
// objects.
//
// With Classes set to n, object i carries marking i mod n/2, which no
// definition explains, and every second class is RED: an own account sees half
// of the classes. One object in n is plain TLP:GREEN, which is all that a
// partner sees. Objects refer to others of their own marking, or to plain ones.
type Generator struct {
	mix  Mix
	rnd  *rand.Rand
	n    int
	buf  []byte
	seen map[int][]string // ids that relationships and reports may name, by marking
	last map[int]string   // indicator, which a sighting may name, by marking
}

// NewGenerator starts a run of objects.
func NewGenerator(m Mix) *Generator {
	return &Generator{mix: m, seen: map[int][]string{}, last: map[int]string{}, rnd: rand.New(rand.NewPCG(m.Seed, 0x57495821))}
}

const (
	tlpGreen = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
	tlpAmber = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
	tlpRed   = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
	producer = "identity--3c1f7a52-6d0e-4b8e-9d27-5a1c0f4e8b61"
)

// Next gives the next object; its bytes are valid until the following call.
func (g *Generator) Next() []byte {
	i := g.n
	g.n++
	g.buf = g.buf[:0]
	switch k := g.rnd.IntN(100); {
	case k < 35 || i < 8:
		g.indicator(i)
	case k < 60:
		g.observable(i)
	case k < 85:
		g.relationship(i)
	case k < 95:
		g.sighting(i)
	default:
		g.report(i)
	}
	return g.buf
}

func (g *Generator) put(parts ...string) {
	for _, p := range parts {
		g.buf = append(g.buf, p...)
	}
}

// uuid appends a random version 4 UUID.
func (g *Generator) uuid() string {
	var b [16]byte
	hi, lo := g.rnd.Uint64(), g.rnd.Uint64()
	for i := range 8 {
		b[i], b[8+i] = byte(hi>>(8*i)), byte(lo>>(8*i))
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// head opens an SDO or SRO with its common properties.
func (g *Generator) head(typ string, i int) string {
	id := typ + "--" + g.uuid()
	at := g.date(i)
	g.put(`{"type":"`, typ, `","spec_version":"2.1","id":"`, id, `","created_by_ref":"`, producer,
		`","created":"`, at, `","modified":"`, at, `",`)
	g.markings(i)
	if g.mix.Parted && i%15 < 4 { // three quarters of all objects come through here
		g.put(`"granular_markings":[{"marking_ref":"`, tlpRed, `","selectors":["description"]}],`)
	}
	return id
}

// date is a moment in 2026 that rises with i, in milliseconds.
func (g *Generator) date(i int) string {
	s := i / 4
	return fmt.Sprintf("2026-%02d-%02dT%02d:%02d:%02d.%03dZ", 1+s/2_419_200%12, 1+s/86_400%28, s/3600%24, s/60%60, s%60, i%4*250)
}

func (g *Generator) markings(i int) {
	n := g.mix.Classes
	switch {
	case n == 0:
		g.put(`"object_marking_refs":["`, []string{tlpGreen, tlpAmber}[i%2], `"],`)
	case i%n == 0:
		g.put(`"object_marking_refs":["`, tlpGreen, `"],`)
	default:
		g.put(`"object_marking_refs":["`, []string{tlpAmber, tlpRed}[i%2], `","marking-definition--`,
			fmt.Sprintf("%08x-0000-4000-8000-%012x", i/2%(n/2), i/2%(n/2)), `"],`)
	}
}

var words = [...]string{"observed", "beaconing", "to", "staging", "host", "over", "HTTPS", "after", "phishing", "of", "finance", "staff",
	"loader", "drops", "second", "stage", "persists", "by", "scheduled", "task", "lateral", "movement", "with", "stolen", "credentials",
	"exfiltration", "through", "cloud", "storage", "ransom", "note", "left", "on", "file", "server", "water", "utility", "billing"}

// text appends n words.
func (g *Generator) text(n int) {
	for i := range n {
		if i > 0 {
			g.buf = append(g.buf, ' ')
		}
		g.put(words[g.rnd.IntN(len(words))])
	}
}

func (g *Generator) address() string {
	r := g.rnd.Uint32()
	return "198." + strconv.Itoa(18+int(r&1)) + "." + strconv.Itoa(int(r>>8&255)) + "." + strconv.Itoa(int(r>>16&255))
}

func (g *Generator) host() string {
	return words[g.rnd.IntN(len(words))] + "-" + strconv.FormatUint(uint64(g.rnd.Uint32()), 36) + ".example"
}

func (g *Generator) sha256() string {
	var b [32]byte
	for i := range b {
		b[i] = byte(g.rnd.Uint32())
	}
	return hex.EncodeToString(b[:])
}

func (g *Generator) indicator(i int) (id string) {
	id = g.head("indicator", i)
	g.put(`"name":"`)
	g.text(5)
	g.put(`","description":"`)
	g.text(24)
	g.put(`","indicator_types":["malicious-activity"],"pattern":"`)
	switch g.rnd.IntN(3) {
	case 0:
		g.put(`[ipv4-addr:value = '`, g.address(), `']`)
	case 1:
		g.put(`[domain-name:value = '`, g.host(), `']`)
	default:
		g.put(`[file:hashes.'SHA-256' = '`, g.sha256(), `']`)
	}
	g.put(`","pattern_type":"stix","pattern_version":"2.1","valid_from":"`, g.date(i),
		`","confidence":`, strconv.Itoa(g.rnd.IntN(101)),
		`,"kill_chain_phases":[{"kill_chain_name":"lockheed-martin-cyber-kill-chain","phase_name":"command-and-control"}],"labels":["campaign-`,
		strconv.Itoa(g.rnd.IntN(500)), `"]}`)
	g.last[g.marking(i)] = id
	g.remember(i, id)
	return id
}

// observable makes an SCO. It has no versions; its id follows from its value.
func (g *Generator) observable(i int) {
	typ := [...]string{"ipv4-addr", "domain-name", "url", "file"}[g.rnd.IntN(4)]
	body := len(g.buf)
	g.put(`{"type":"`, typ, `","spec_version":"2.1","id":"`)
	at := len(g.buf)
	g.put(typ, `--00000000-0000-5000-8000-000000000000",`)
	g.markings(i)
	switch typ {
	case "ipv4-addr":
		g.put(`"value":"`, g.address(), `"`)
	case "domain-name":
		g.put(`"value":"`, g.host(), `"`)
	case "url":
		g.put(`"value":"https://`, g.host(), `/`, strconv.FormatUint(uint64(g.rnd.Uint32()), 36), `"`)
	default:
		g.put(`"hashes":{"SHA-256":"`, g.sha256(), `"},"name":"`, strconv.FormatUint(uint64(g.rnd.Uint32()), 36), `.dll","size":`, strconv.Itoa(g.rnd.IntN(1<<24)))
	}
	g.put(`,"x_note":"`)
	g.text(36)
	g.put(`"}`)
	if id, err := stix.DeterministicID(g.buf[body:]); err == nil {
		copy(g.buf[at:], id)
	}
	g.remember(i, string(g.buf[at:at+len(typ)+38]))
}

func (g *Generator) relationship(i int) { g.relate(i, g.known(i), g.known(i)) }

func (g *Generator) relate(i int, source, target string) {
	g.head("relationship", i)
	g.put(`"relationship_type":"related-to","source_ref":"`, source, `","target_ref":"`, target, `","description":"`)
	g.text(38)
	g.put(`"}`)
}

func (g *Generator) sighting(i int) {
	g.head("sighting", i)
	g.put(`"first_seen":"`, g.date(i), `","last_seen":"`, g.date(i+400), `","count":`, strconv.Itoa(1+g.rnd.IntN(1000)),
		`,"sighting_of_ref":"`, g.sighted(i), `","where_sighted_refs":["`, producer, `"],"description":"`)
	g.text(40)
	g.put(`"}`)
}

func (g *Generator) report(i int) {
	g.head("report", i)
	g.put(`"name":"`)
	g.text(6)
	g.put(`","description":"`)
	g.text(80)
	g.put(`","report_types":["campaign"],"published":"`, g.date(i), `","object_refs":[`)
	for j := range 12 {
		if j > 0 {
			g.put(",")
		}
		g.put(`"`, g.known(i), `"`)
	}
	g.put(`]}`)
}

// marking tells the markings of objects apart: what one marks, refers to its own.
func (g *Generator) marking(i int) int { return i % max(g.mix.Classes, 2) }

// remember keeps some ids for later objects to refer to.
func (g *Generator) remember(i int, id string) {
	most := max(4096/max(g.mix.Classes, 1), 128)
	list := g.seen[g.marking(i)]
	if len(list) < most {
		g.seen[g.marking(i)] = append(list, id)
		return
	}
	list[g.rnd.IntN(most)] = id
}

// known is something for object i to refer to: of its own marking, or of the first,
// which is the loosest.
func (g *Generator) known(i int) string {
	list := g.seen[g.marking(i)]
	if len(list) == 0 {
		list = g.seen[0]
	}
	return list[g.rnd.IntN(len(list))]
}

// sighted is an indicator for object i to be a sighting of.
func (g *Generator) sighted(i int) string {
	if id, ok := g.last[g.marking(i)]; ok {
		return id
	}
	return g.last[0]
}
