package detect_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"entente/stix/pattern/match"
)

// flow is an event that logs of several kinds tell of.
type flow struct {
	from, to         string
	fromPort, toPort int
	proto, service   string
	sent             int
}

func flows() *rapid.Generator[flow] {
	return rapid.Custom(func(t *rapid.T) flow {
		address := rapid.SampledFrom([]string{"198.51.100.7", "198.51.100.8", "203.0.113.9", "2001:db8::7"})
		port := rapid.SampledFrom([]int{53, 443, 8443})
		return flow{address.Draw(t, "from"), address.Draw(t, "to"), port.Draw(t, "from port"), port.Draw(t, "to port"),
			rapid.SampledFrom([]string{"tcp", "udp"}).Draw(t, "proto"), rapid.SampledFrom([]string{"dns", "ssl"}).Draw(t, "service"), rapid.IntRange(0, 3).Draw(t, "sent")}
	})
}

// observation is the event as STIX has it.
func (f flow) observation() match.Observation {
	kind := func(address string) string {
		if strings.Contains(address, ":") {
			return "ipv6-addr"
		}
		return "ipv4-addr"
	}
	all := map[string]*match.Object{}
	for _, address := range []string{f.from, f.to} {
		all[address] = &match.Object{Type: kind(address), Properties: map[string]any{"type": kind(address), "value": address}}
	}
	all["t"] = &match.Object{Type: "network-traffic", Properties: map[string]any{"src_ref": f.from, "dst_ref": f.to, "src_port": f.fromPort, "dst_port": f.toPort,
		"protocols": []any{f.proto, f.service}, "src_byte_count": f.sent}}
	return match.Observation{Objects: []*match.Object{all[f.from], all[f.to], all["t"]}, Resolve: func(ref string) *match.Object { return all[ref] }}
}

// lines are the event in each log.
func (f flow) lines() []string {
	return []string{
		fmt.Sprintf("#separator \\x09\n#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\torig_bytes\n1.5\t%s\t%d\t%s\t%d\t%s\t%s\t%d\n",
			f.from, f.fromPort, f.to, f.toPort, f.proto, f.service, f.sent),
		fmt.Sprintf(`{"ts":1.5,"id.orig_h":"%s","id.orig_p":%d,"id.resp_h":"%s","id.resp_p":%d,"proto":"%s","service":["%s"],"orig_bytes":%d}`+"\n",
			f.from, f.fromPort, f.to, f.toPort, f.proto, f.service, f.sent),
		fmt.Sprintf(`{"event_type":"flow","src_ip":"%s","src_port":%d,"dest_ip":"%s","dest_port":%d,"proto":"%s","app_proto":"%s","flow":{"bytes_toserver":%d}}`+"\n",
			f.from, f.fromPort, f.to, f.toPort, strings.ToUpper(f.proto), f.service, f.sent),
		fmt.Sprintf("id.orig_h,id.orig_p,id.resp_h,id.resp_p,proto,service,orig_bytes\n%s,%d,%s,%d,%s,%s,%d\n",
			f.from, f.fromPort, f.to, f.toPort, f.proto, f.service, f.sent),
	}
}

// comparison is one of a pattern; value is what of it stands in a text, and pieces are those
// of which one does where it holds.
type comparison struct {
	text, value string
	pieces      []string
}

func comparisons() *rapid.Generator[comparison] {
	return rapid.Custom(func(t *rapid.T) comparison {
		f := flows().Draw(t, "of")
		if rapid.Bool().Draw(t, "value") {
			side := rapid.SampledFrom([]string{"src_ref", "dst_ref"}).Draw(t, "side")
			return comparison{text: fmt.Sprintf("network-traffic:%s.value = '%s'", side, f.to), value: f.to}
		}
		if rapid.Bool().Draw(t, "piece") {
			return rapid.SampledFrom([]comparison{
				{text: "network-traffic:src_ref.value LIKE '198.51.%'", pieces: []string{"198.51."}},
				{text: "network-traffic:dst_ref.value MATCHES '^(198[.]51[.]100|.*3[.]0[.]113).'", pieces: []string{"198.51.100", "3.0.113"}},
			}).Draw(t, "hidden")
		}
		return comparison{text: rapid.SampledFrom([]string{
			fmt.Sprintf("network-traffic:dst_port = %d", f.toPort), fmt.Sprintf("network-traffic:src_port NOT IN (%d, 1)", f.toPort),
			fmt.Sprintf("network-traffic:protocols[*] = '%s'", f.service), fmt.Sprintf("network-traffic:protocols[0] != '%s'", f.proto),
			fmt.Sprintf("network-traffic:src_byte_count > %d", f.sent), fmt.Sprintf("network-traffic:src_byte_count NOT <= %d", f.sent),
			"network-traffic:src_ref.value LIKE '%.5%'", "network-traffic:dst_ref.value NOT MATCHES '7$'", fmt.Sprintf("network-traffic:dst_ref.value != '%s'", f.from),
			"EXISTS network-traffic:dst_port", "EXISTS network-traffic:dst_packets", "network-traffic:dst_ref.value ISSUPERSET '2001:db8::7/128'",
		}).Draw(t, "other")}
	})
}

// Whatever is asked of fields, what hits is what package match says of the event, where a
// value stands in the line that the indicator asks for, or a piece of what it compares with.
func TestWhatIsAskedIsWhatAMatcherSays(t *testing.T) {
	hit := 0
	rapid.Check(t, func(rt *rapid.T) {
		groups := rapid.SliceOfN(rapid.SliceOfN(comparisons(), 1, 2), 1, 3)
		sides := rapid.SliceOfN(groups, 1, 2).Draw(rt, "pattern")
		f := flows().Draw(rt, "event")
		for i := range slices.Backward(sides) { // each side of an OR is asked by itself
			if side := sides[i]; len(side) == 1 {
				sides = slices.Delete(sides, i, i+1)
				for _, c := range side[0] {
					sides = append(sides, [][]comparison{{c}})
				}
			}
		}
		var texts []string
		want := false
		for _, side := range sides {
			var and []string
			for _, g := range side {
				var or []string
				for _, c := range g {
					or = append(or, c.text)
				}
				and = append(and, "("+strings.Join(or, " OR ")+")")
			}
			text := strings.Join(and, " AND ")
			m, err := match.Compile("[" + text + "]")
			if err != nil {
				rt.Fatal(err)
			}
			found, err := m.Match([]match.Observation{f.observation()})
			if err != nil {
				rt.Fatal(err)
			}
			texts, want = append(texts, text), want || stands(side, f, nil, found != nil)
		}
		s := setOf(t, "["+strings.Join(texts, " OR ")+"]")
		if rapid.Bool().Draw(rt, "kept") {
			s = keep(t, s)
		}
		for _, line := range f.lines() {
			if got := len(hits(t, s, line)) > 0; got != want {
				rt.Fatalf("[%s] on %q: hits %v, want %v", strings.Join(texts, " OR "), line, got, want)
			}
		}
		if want {
			hit++
		}
	})
	if hit == 0 {
		t.Error("nothing hit")
	}
}

// stands tells whether a choice of one comparison from each group hits: its values stand in
// the event, one at least, or a piece, and what it asks beside them holds.
func stands(side [][]comparison, f flow, chosen []comparison, holds bool) bool {
	if len(side) > 0 {
		for _, c := range side[0] {
			if stands(side[1:], f, append(chosen[:len(chosen):len(chosen)], c), holds) {
				return true
			}
		}
		return false
	}
	values, others, pieces := 0, 0, 0
	for _, c := range chosen {
		switch c.value {
		case "":
			others++
			if slices.ContainsFunc(c.pieces, func(p string) bool { return strings.Contains(f.from+" "+f.to, p) }) {
				pieces++
			}
		case f.from, f.to:
			values++
		default:
			return false
		}
	}
	return values > 0 && (others == 0 || holds) || pieces > 0 && holds
}
