package device_test

import (
	"archive/tar"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/exchange"
	"entente/internal/format/blocklist"
	"entente/internal/practice/device"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
	"entente/internal/trust/agreement"
	"entente/stix"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// bench is an exchange with collections a and b, and a chooser whose indicators are
// written for it: a pattern is KIND:VALUE, with commas between.
type bench struct {
	*exchange.Exchange
	*device.Chooser
	t     *testing.T
	by    account.Principal
	n     int
	db    *pebble.Store
	book  *agreement.Book
	ahead *atomic.Int64 // by how much the clock of embargoes is, in nanoseconds

	next string
}

func newBench(t *testing.T, p device.Parts) *bench {
	st, err := pebble.Open(t.Context(), "store", pebble.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	book, err := agreement.Open(st, nil)
	if err != nil {
		t.Fatal(err)
	}
	var ahead atomic.Int64
	x, err := exchange.Open(t.Context(), st, exchange.Options{Own: "CERT Example", Identity: identityOf(0), Agreements: book.Policy,
		Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		x.Close()
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	p.Exchange, p.Hear, p.Now, p.Temp = x, hear, func() time.Time { return now }, t.TempDir()
	b := &bench{Exchange: x, Chooser: device.NewChooser(p), t: t, by: account.Operator("CERT Example"), db: st, book: book, ahead: &ahead}
	for _, alias := range []string{"a", "b"} {
		if _, err := x.AddCollection(t.Context(), b.by, exchange.Collection{Alias: alias}); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// hear reads the patterns of this test.
func hear(r *device.Reading, raw []byte) {
	*r = device.Reading{Confidence: -1, Values: r.Values[:0]}
	for name, value := range stix.Split(raw) {
		switch string(name) {
		case "pattern":
			text := stix.Text(value)
			if r.Together = strings.Contains(text, "&"); r.Together {
				continue
			}
			for one := range strings.SplitSeq(text, ",") {
				kind, v, _ := strings.Cut(one, "=")
				r.Values = append(r.Values, stix.Value{Kind: kinds[kind], Text: v})
			}
		case "pattern_type":
			r.Language = stix.Text(value)
		case "confidence":
			fmt.Sscan(string(value), &r.Confidence)
		case "revoked":
			r.Left = "it was revoked"
		case "valid_from":
			if t, err := stix.ParseTimestamp(stix.Text(value)); err == nil {
				r.Since = t.Time()
			}
		case "valid_until":
			if t, err := stix.ParseTimestamp(stix.Text(value)); err == nil {
				r.Until = t.Time()
			}
		}
	}
	if r.Language != "stix" {
		for name, value := range stix.Split(raw) {
			if string(name) == "pattern" && r.Left == "" {
				r.Pattern = stix.Text(value)
			}
		}
		r.Values, r.Left = nil, "another language"
	}
	if r.Left != "" {
		r.Values = nil
	}
}

var kinds = map[string]stix.ValueKind{"ip": stix.ValueIP, "domain": stix.ValueDomain, "url": stix.ValueURL, "hash": stix.ValueHash, "asn": stix.ValueASN}

// indicator publishes one; more are further properties.
func (b *bench) indicator(collection string, n int, pattern, more string) {
	b.t.Helper()
	b.bring("", collection, b.written(n, pattern, more))
}

// written is an indicator as it is published.
func (b *bench) written(n int, pattern, more string) string {
	b.n++
	return fmt.Sprintf(`{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-%012d","created":"2026-03-01T10:00:00.000Z","modified":"2026-03-01T1%d:00:00.000Z","pattern":%q,"pattern_type":%q,"valid_from":"2026-03-01T10:00:00Z"%s}`,
		n, (b.n-1)%10, pattern, b.language(), more)
}

// bring publishes something that an organisation brought; the own member when it is not
// named.
func (b *bench) bring(source, collection, raw string) {
	b.t.Helper()
	o, err := stix.Read([]byte(raw))
	if err != nil {
		b.t.Fatal(err)
	}
	results, err := b.Publish(b.t.Context(), b.by, exchange.Publication{Collection: collection, Source: source, Objects: []stix.Object{o}})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, r := range results {
		if r.Verdict == exchange.Refused {
			b.t.Fatal(r.Reason)
		}
	}
}

// language is that of the patterns to be published next.
func (b *bench) language() string { return cmp.Or(b.next, "stix") }

// choose gives the values of a list and what was left out, by reason.
func (b *bench) choose(by account.Principal, format string, w device.Wish) (values []string, left map[string]int) {
	b.t.Helper()
	var err error
	if w.Format, err = blocklist.ByName(format); err != nil {
		b.t.Fatal(err)
	}
	list, err := b.Choose(b.t.Context(), by, w)
	if err != nil {
		b.t.Fatal(err)
	}
	defer list.Close()
	for e, err := range list.Entries() {
		if err != nil {
			b.t.Fatal(err)
		}
		values = append(values, e.Value)
	}
	if len(values) != list.Len {
		b.t.Errorf("%s: %d values, and it says %d", format, len(values), list.Len)
	}
	left = map[string]int{}
	for _, l := range list.Left {
		left[l.Reason] = l.Count
	}
	return values, left
}

func (b *bench) want(format string, w device.Wish, want ...string) {
	b.t.Helper()
	if got, left := b.choose(b.by, format, w); !slices.Equal(got, want) {
		b.t.Errorf("%s %+v: %q, want %q; left out %v", format, w, got, want, left)
	}
}

func TestSurestFirstEachOnceNoneCovered(t *testing.T) {
	b := newBench(t, device.Parts{})
	b.indicator("a", 1, "domain=evil.example,domain=evil.example", `,"confidence":10`)
	b.indicator("a", 2, "domain=deep.evil.example", `,"confidence":90`)
	b.indicator("a", 3, "domain=evil.example,ip=198.51.100.0/24", `,"confidence":30`)
	b.indicator("a", 4, "ip=198.51.100.7,ip=198.51.101.7,ip=2001:db8::/32,ip=2001:db8::9", `,"confidence":5`)
	b.indicator("a", 5, "domain=evil.example.org", `,"confidence":50`)
	b.want("rpz", device.Wish{}, "evil.example.org", "198.51.100.0/24", "evil.example", "198.51.101.7", "2001:db8::/32")
	b.want("hosts", device.Wish{}, "deep.evil.example", "evil.example.org", "evil.example")
	b.want("csv", device.Wish{MinConfidence: 30}, "deep.evil.example", "evil.example.org", "198.51.100.0/24", "evil.example")
	// The surest two, though what covers one of them is there, too.
	b.want("rpz", device.Wish{Limit: 2}, "deep.evil.example", "evil.example.org")
	b.want("rpz", device.Wish{Limit: 4}, "evil.example.org", "198.51.100.0/24", "evil.example")
	b.want("plain", device.Wish{Kinds: []blocklist.Kind{blocklist.IP}, Limit: 1}, "198.51.100.0/24")
	if _, left := b.choose(b.by, "rpz", device.Wish{Limit: 4}); left["another entry covers it"] != 1 || left["the limit is reached by better ones"] != 4 {
		t.Errorf("left out %v", left)
	}
}

func TestTheNewestVersionOfAllCollectionsCounts(t *testing.T) {
	b := newBench(t, device.Parts{})
	b.indicator("a", 1, "domain=evil.example", "")
	b.indicator("b", 1, "domain=evil.example", `,"revoked":true`)
	b.indicator("b", 2, "domain=bad.example", "")
	b.indicator("a", 2, "domain=worse.example", `,"valid_until":"2026-03-01T13:00:00Z"`)
	b.want("rpz", device.Wish{}, "worse.example")
	b.want("rpz", device.Wish{Collections: []string{"a"}}, "evil.example", "worse.example")
	b.want("rpz", device.Wish{Collections: []string{"b"}}, "bad.example")
	f, _ := blocklist.ByName("rpz")
	list, err := b.Choose(t.Context(), b.by, device.Wish{Format: f})
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	if !list.Turns.Equal(now.Add(time.Hour)) {
		t.Errorf("the list turns at %v", list.Turns)
	}
}

func TestWhatIsNotBlocked(t *testing.T) {
	const amber = `,"object_marking_refs":["marking-definition--60f8932b-e51e-4458-b265-a2e8be9a80ab","marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]`
	guard := func(list ...string) device.Guards {
		return func(v stix.Value) (string, bool) { return "guarded " + list[0], slices.Contains(list[1:], v.Text) }
	}
	b := newBench(t, device.Parts{
		Own: func(context.Context, account.Principal) (device.Guards, error) {
			return guard("own", "mine.example"), nil
		},
		Listed: func(account.Principal) (device.Guards, error) {
			return guard("list", "popular.example", "mine.example"), nil
		},
	})
	b.indicator("a", 1, "domain=quiet.example", amber)
	b.indicator("a", 2, "ip=10.1.2.3,ip=224.0.0.1,ip=100.64.9.9,ip=169.254.1.1,ip=fd00::1,ip=172.0.0.0/8,ip=192.160.0.0/12,ip=169.0.0.0/8,ip=fe00::/8,ip=203.0.113.5", "")
	b.indicator("a", 3, "domain=mine.example,domain=popular.example,domain=evil.example", "")
	b.indicator("a", 4, "domain=x.example&ip=203.0.113.6", "")
	b.indicator("a", 5, "asn=64500,domain=bad\nserver:.example", "")
	got, left := b.choose(b.by, "rpz", device.Wish{})
	if want := []string{"203.0.113.5", "evil.example"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for _, reason := range []string{"PAP does not allow blocking it", "an address that is private or special", "guarded own", "guarded list",
		"it condemns values only together, and none of them by itself", "the format says no values of this kind", "a value that this format cannot hold"} {
		want := 1
		if reason == "an address that is private or special" {
			want = 9
		}
		if left[reason] != want {
			t.Errorf("left out for %q: %d, want %d", reason, left[reason], want)
		}
	}
	// What only watches may watch all of it but what is on a warninglist.
	if got, left := b.choose(b.by, "csv", device.Wish{}); len(got) != 12 || left["guarded list"] != 2 {
		t.Errorf("csv: %q, left out %v", got, left)
	}
	popular := stix.Value{Kind: stix.ValueDomain, Text: "popular.example"}
	if err := b.Insist(t.Context(), b.by, popular, " "); !errors.Is(err, exchange.ErrInvalid) {
		t.Errorf("insisting without a reason: %v", err)
	}
	other := account.Principal{ID: "x", Account: "bo", Org: "CERT Example", Own: true, Role: account.Contributor}
	if err := b.Insist(t.Context(), other, popular, "seen"); !errors.Is(err, exchange.ErrForbidden) {
		t.Errorf("a contributor insists: %v", err)
	}
	for _, v := range []stix.Value{{Kind: stix.ValueDomain, Text: "mine.example"}, {Kind: stix.ValueIP, Text: "0.0.0.0/0"}, {Kind: stix.ValueASN, Text: "64500"}} {
		if err := b.Insist(t.Context(), b.by, v, "seen"); !errors.Is(err, exchange.ErrInvalid) {
			t.Errorf("insisting on %s: %v", v.Text, err)
		}
	}
	if err := b.Insist(t.Context(), b.by, popular, "it was taken over"); err != nil {
		t.Fatal(err)
	}
	b.want("rpz", device.Wish{}, "203.0.113.5", "evil.example", "popular.example")
	if got, _ := b.choose(b.by, "csv", device.Wish{}); len(got) != 13 {
		t.Errorf("csv: %q", got)
	}
	if list, err := b.Insisted(other); err != nil || len(list) != 1 || list[0].Reason != "it was taken over" {
		t.Errorf("insisted on: %v, %v", list, err)
	}
	if err := b.Relent(t.Context(), b.by, popular); err != nil {
		t.Fatal(err)
	}
	if err := b.Relent(t.Context(), b.by, popular); !errors.Is(err, exchange.ErrNotFound) {
		t.Errorf("relenting twice: %v", err)
	}
	b.want("rpz", device.Wish{}, "203.0.113.5", "evil.example")
}

func TestAReaderGetsWhatHeMayRead(t *testing.T) {
	b := newBench(t, device.Parts{})
	b.indicator("a", 1, "domain=evil.example", "")
	nobody := account.Principal{ID: "x", Account: "bo", Org: "CERT Example", Own: true, Role: account.Contributor}
	if got, left := b.choose(nobody, "rpz", device.Wish{}); len(got)+len(left) != 0 {
		t.Errorf("without a grant: %q, %v", got, left)
	}
	f, _ := blocklist.ByName("rpz")
	for _, c := range []string{"a", "none"} {
		if _, err := b.Choose(t.Context(), nobody, device.Wish{Format: f, Collections: []string{c}}); !errors.Is(err, exchange.ErrNotFound) {
			t.Errorf("collection %s without a grant: %v", c, err)
		}
	}
}

// What goes through files comes out as what stays in memory.
func TestManyValues(t *testing.T) {
	b := newBench(t, device.Parts{})
	const n = 300 // indicators, of 1000 values each, which is more than is kept in memory
	for i := range n {
		var values []string
		for j := range 1000 {
			values = append(values, fmt.Sprintf("domain=host-%d-with-a-rather-long-name.of-%d.example", j, i/2))
		}
		b.indicator("a", i, strings.Join(values, ","), fmt.Sprintf(`,"confidence":%d`, i%101))
	}
	f, _ := blocklist.ByName("rpz")
	list, err := b.Choose(t.Context(), b.by, device.Wish{Format: f})
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	var zone bytes.Buffer
	if _, err := f.Write(&zone, blocklist.Head{At: now, Entries: list.Len}, list.Entries()); err != nil {
		t.Fatal(err)
	}
	if got := bytes.Count(zone.Bytes(), []byte("\n*.")); got != n/2*1000 || list.Len != got {
		t.Errorf("%d names in the zone, %d said, want %d", got, list.Len, n/2*1000)
	}
	last := 100
	for e, err := range list.Entries() {
		if err != nil || e.Confidence > last {
			t.Fatalf("%d after %d, %v", e.Confidence, last, err)
		}
		last = e.Confidence
	}
}

// Rules are carried to the byte, whatever stands in them, each in a file of its own.
func TestRulesAreCarriedAsTheyCame(t *testing.T) {
	b := newBench(t, device.Parts{})
	b.next = "yara"
	b.indicator("a", 1, "rule a { condition: true } /* open", "")
	b.indicator("a", 2, "rule b { condition: false }", "")
	b.indicator("b", 2, "rule b { condition: true }", "")
	b.indicator("a", 3, "rule c { condition: true }", "")
	b.indicator("b", 3, "rule c { condition: true }", `,"revoked":true`)
	b.indicator("a", 4, "rule d { condition: true }", `,"valid_until":"2026-03-01T11:00:00Z"`)
	b.next = "sigma"
	b.indicator("a", 5, "title: x\n---\ntitle: y\n", "")
	for language, want := range map[string]map[string]string{
		"yara":  {"00000000-0000-4000-8000-000000000001.yar": "rule a { condition: true } /* open", "00000000-0000-4000-8000-000000000002.yar": "rule b { condition: true }"},
		"sigma": {"00000000-0000-4000-8000-000000000005.yml": "title: x\n---\ntitle: y\n"},
	} {
		rules, err := b.Carry(t.Context(), b.by, language, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		var archive bytes.Buffer
		if err := rules.Write(&archive); err != nil {
			t.Fatal(err)
		}
		rules.Close()
		got, r := map[string]string{}, tar.NewReader(&archive)
		for h, err := r.Next(); err == nil; h, err = r.Next() {
			text, _ := io.ReadAll(r)
			got[h.Name] = string(text)
		}
		if len(got) != len(want) || rules.Len != len(want) {
			t.Errorf("%s: %q, want %q", language, got, want)
		}
		for name, text := range want {
			if got[name] != text {
				t.Errorf("%s: %s is %q, want %q", language, name, got[name], text)
			}
		}
	}
}

// Few indicators among much else are found as among themselves.
func TestFewIndicatorsAmongMuchElse(t *testing.T) {
	b := newBench(t, device.Parts{})
	b.indicator("a", 1, "domain=first.example", `,"confidence":90`)
	for i := range 5 {
		var notes []stix.Object
		for j := range 1000 {
			o, err := stix.Read(fmt.Appendf(nil, `{"type":"note","spec_version":"2.1","id":"note--00000000-0000-4000-8000-%012d","created":"2026-03-01T10:00:00Z","modified":"2026-03-01T10:00:00Z","content":"x","object_refs":["indicator--00000000-0000-4000-8000-000000000001"]}`, i*1000+j))
			if err != nil {
				t.Fatal(err)
			}
			notes = append(notes, o)
		}
		if _, err := b.Publish(t.Context(), b.by, exchange.Publication{Collection: "a", Objects: notes}); err != nil {
			t.Fatal(err)
		}
	}
	b.indicator("a", 2, "domain=last.example", `,"confidence":50`)
	for range 2 { // as it is read, and as it is remembered
		b.want("rpz", device.Wish{Collections: []string{"a"}}, "first.example", "last.example")
	}
}

// What ended when the count of seconds begins is over, as what ended before.
func TestWhatEndedLongAgoIsOver(t *testing.T) {
	b := newBench(t, device.Parts{})
	for n, until := range []string{"1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.0000001Z", "1970-01-01T00:00:01Z"} {
		b.bring("", "a", fmt.Sprintf(`{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-%012d","created":"1960-01-01T00:00:00Z","modified":"1960-01-01T00:00:00Z","pattern":"domain=d%d.example","pattern_type":"stix","valid_from":"1960-01-01T00:00:00Z","valid_until":%q}`, n+1, n, until))
	}
	b.want("hosts", device.Wish{})
}
