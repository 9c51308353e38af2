package blocklist_test

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"iter"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"entente/internal/format/blocklist"
)

const ref = "0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061"

func entriesOf(list []blocklist.Entry) iter.Seq2[blocklist.Entry, error] {
	return func(yield func(blocklist.Entry, error) bool) {
		for _, e := range list {
			if !yield(e, nil) {
				return
			}
		}
	}
}

var at = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

func write(t testing.TB, f *blocklist.Format, list ...blocklist.Entry) string {
	t.Helper()
	var b bytes.Buffer
	n, err := f.Write(&b, blocklist.Head{At: at, Entries: len(list)}, entriesOf(list))
	if err != nil || n != len(list) {
		t.Fatalf("%s: %d entries written of %d, %v", f.Name, n, len(list), err)
	}
	return b.String()
}

func format(t testing.TB, name string) *blocklist.Format {
	t.Helper()
	f, err := blocklist.ByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func entry(kind blocklist.Kind, value string) blocklist.Entry {
	return blocklist.Entry{Kind: kind, Value: value, Ref: ref, Confidence: 80, Score: 71, Since: at, TLP: "green"}
}

// each is an entry of each kind.
var each = []blocklist.Entry{
	entry(blocklist.IP, "192.0.2.1"), entry(blocklist.IP, "198.51.100.0/24"), entry(blocklist.IP, "2001:db8::1"), entry(blocklist.IP, "2001:db8:0:1::/64"),
	entry(blocklist.Domain, "evil.example"), entry(blocklist.Domain, "xn--bcher-kva.example"), entry(blocklist.Domain, "a_b-c.9.example"),
	entry(blocklist.URL, "http://evil.example/a;b?c=d"), entry(blocklist.URL, "https://203.0.113.7:8080/x?y=z;w&v=(1)#f"),
	entry(blocklist.MD5, strings.Repeat("ab", 16)), entry(blocklist.SHA1, strings.Repeat("ab", 20)),
	entry(blocklist.SHA256, strings.Repeat("ab", 32)), entry(blocklist.SHA512, strings.Repeat("ab", 64)),
	entry(blocklist.Mail, "a.b+c@evil.example"), entry(blocklist.File, "evil-1.exe"), entry(blocklist.Cert, strings.Repeat("0f", 20)),
}

// bodies are what each format makes of entries that it takes: what a line looks like,
// and how many of these an entry has.
var bodies = map[string]struct {
	line  string // V is the value, where it stands as it is
	lines int    // for an entry
}{
	"rpz":     {`^(\*\.)?[a-z0-9_.-]+ CNAME \. ; ` + ref + `$`, 0},
	"unbound": {`^local-zone: "V\." always_nxdomain # ` + ref + `$`, 1},
	"dnsmasq": {`^local=/V/ # ` + ref + `$`, 1},
	"hosts":   {`^(0\.0\.0\.0|::) V # ` + ref + `$`, 2},
	"nft":     {`^(add element inet entente entente[46] \{|V comment "` + ref + `",|\})$`, 3},
	"ipset":   {`^add entente[46]-next V comment "` + ref + `" -exist$`, 1},
	"pf":      {`^V # ` + ref + `$`, 1},
	"plain":   {`^V$`, 1},
	"squid":   {`^(# ` + ref + `|\.?V)$`, 2},
	"nginx":   {`^deny V; # ` + ref + `$`, 1},
	"haproxy": {`^V ` + ref + `$`, 1},
	// A rule has one opening and one closing bracket, and nothing of a value but in content.
	"suricata":         {`^alert (ip|dns|tls|http) any any (->|<>) \S+ any \(msg:"entente ` + ref + `"; ((dns\.query|tls\.sni); dotprefix; content:"[a-z0-9._-]+"; nocase; endswith; |http\.host; content:"[^";()\\]+"; bsize:\d+; http\.uri\.raw; content:"[^";()\\]+"; bsize:\d+; )?metadata: entente_ref ` + ref + `; sid:1\d{6}; rev:1;\)$`, 0},
	"suricata-dataset": {`^[A-Za-z0-9+/=.:]+$`, 1},
	"snort3":           {`^alert (ip|udp|http) any any (->|<>) \S+ (any|53) \( msg:"entente ` + ref + `"; (http_header:field host; )?(content:"[^";()\\]+"(,nocase)?; )?(http_raw_uri; content:"[^";()\\]+"; )?metadata:entente_ref ` + ref + `; gid:1; sid:1\d{6}; rev:1; \)$`, 1},
	"csv":              {`^"?.+"?,[a-z0-9]+,` + ref + `,(80)?,2026-03-01T10:00:00Z,,green,71$`, 1},
	"ndjson":           {`^\{.*\}$`, 1},
	"zeek":             {`^[^\t]+\tIntel::[A-Z_]+\tentente\t` + ref + `$`, 1},
}

// A value comes from a stranger. Whatever it is, a list is either refused or has exactly
// the lines that it has with any other value, and the value is read back from them.
func TestNothingBreaksOutOfItsLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := draw(t)
		for _, f := range blocklist.All() {
			held(t, f, e)
		}
	})
}

func draw(t *rapid.T) blocklist.Entry {
	e := entry(blocklist.Kind(rapid.IntRange(0, 11).Draw(t, "kind")), "")
	hostile := rapid.SampledFrom([]string{"\n", "\r", "\x00", "\u2028", "\"", "'", ";", "#", " ", "\t", "\\", "{", "}", "$INCLUDE /etc/passwd", "/", "|", "%", ",", "*.", "rpz-passthru", "@", "=cmd()", "é", ".", ".."})
	base := rapid.SampledFrom(each).Draw(t, "base").Value
	if rapid.Bool().Draw(t, "free") {
		base = rapid.String().Draw(t, "text")
	}
	for range rapid.IntRange(0, 2).Draw(t, "hostile") {
		i := rapid.IntRange(0, len(base)).Draw(t, "where")
		base = base[:i] + hostile.Draw(t, "what") + base[i:]
	}
	e.Value = base
	return e
}

// tester is what tests and fuzz targets share.
type tester interface {
	Fatalf(format string, args ...any)
}

func held(t tester, f *blocklist.Format, e blocklist.Entry) {
	var b bytes.Buffer
	n, err := f.Write(&b, blocklist.Head{At: at, Entries: 1}, entriesOf([]blocklist.Entry{e}))
	if sound := e.Check() == nil && f.Takes(&e); sound != (err == nil) || n != map[bool]int{true: 1}[sound] {
		t.Fatalf("%s of %q: sound %v, %d written, %v", f.Name, e.Value, sound, n, err)
	}
	var empty bytes.Buffer
	if _, err := f.Write(&empty, blocklist.Head{At: at, Entries: 1}, entriesOf(nil)); err != nil {
		t.Fatalf("%s, empty: %v", f.Name, err)
	}
	if err != nil {
		if !strings.HasPrefix(empty.String(), b.String()) {
			t.Fatalf("%s of %q was refused, and wrote %q", f.Name, e.Value, b.String())
		}
		return
	}
	extra := without(strings.Split(b.String(), "\n"), strings.Split(empty.String(), "\n"))
	if got := readBack(f.Name, extra); got != e.Value && got != "" {
		t.Fatalf("%s of %q is read back as %q from %q", f.Name, e.Value, got, extra)
	}
	body, known := bodies[f.Name]
	if !known {
		return
	}
	want := body.lines
	if body.lines == 0 {
		want = 1
		if e.Kind == blocklist.Domain {
			want = 2
		}
	}
	line := regexp.MustCompile(strings.ReplaceAll(body.line, "V", regexp.QuoteMeta(e.Value)))
	if len(extra) != want || slices.ContainsFunc(extra, func(l string) bool { return !line.MatchString(l) }) {
		t.Fatalf("%s of %q is %q, want %d lines as %s", f.Name, e.Value, extra, want, line)
	}
}

// without gives the lines that are in one list and not in the other, in their order.
func without(all, base []string) (extra []string) {
	for _, l := range all {
		if len(base) > 0 && l == base[0] {
			base = base[1:]
			continue
		}
		extra = append(extra, l)
	}
	return extra
}

// readBack is the value as the formats' readers read it.
func readBack(name string, lines []string) string {
	if len(lines) == 0 {
		return "?"
	}
	switch name {
	case "csv":
		row, err := csv.NewReader(strings.NewReader(lines[0])).Read()
		if err != nil {
			return err.Error()
		}
		return row[0]
	case "ndjson":
		var r struct{ Value string }
		if err := json.Unmarshal([]byte(lines[0]), &r); err != nil {
			return err.Error()
		}
		return r.Value
	case "rpz":
		return fromZone(lines[0])
	case "suricata-dataset":
		if text, err := base64.StdEncoding.DecodeString(lines[0]); err == nil && strings.ContainsAny(string(text), ".") {
			return string(text)
		}
	}
	return ""
}

// fromZone reads the owner of a record in a policy zone.
func fromZone(line string) string {
	owner, _, _ := strings.Cut(line, " ")
	trigger, is := strings.CutSuffix(owner, ".rpz-ip")
	if !is {
		return owner
	}
	parts := strings.Split(trigger, ".")
	bits, err := strconv.Atoi(parts[0])
	if err != nil {
		return err.Error()
	}
	parts = parts[1:]
	slices.Reverse(parts)
	text := strings.Join(parts, ".")
	if len(parts) != 4 || slices.Contains(parts, "zz") {
		text = strings.Join(parts, ":")
		switch {
		case text == "zz":
			text = "::"
		case parts[0] == "zz":
			text = "::" + strings.Join(parts[1:], ":")
		case parts[len(parts)-1] == "zz":
			text = strings.Join(parts[:len(parts)-1], ":") + "::"
		default:
			text = strings.Replace(text, ":zz:", "::", 1)
		}
	}
	a, err := netip.ParseAddr(text)
	if err != nil {
		return err.Error()
	}
	if bits == a.BitLen() {
		return a.String()
	}
	return netip.PrefixFrom(a, bits).String()
}

func FuzzEntry(f *testing.F) {
	for _, e := range each {
		f.Add(uint8(e.Kind), e.Value)
	}
	f.Add(uint8(blocklist.Domain), "a.example\nserver:")
	f.Fuzz(func(t *testing.T, kind uint8, value string) {
		for _, form := range blocklist.All() {
			held(t, form, entry(blocklist.Kind(kind), value))
		}
	})
}

func TestEveryKindIsSaidSomewhere(t *testing.T) {
	for _, e := range each {
		if err := e.Check(); err != nil {
			t.Errorf("%s %q: %v", e.Kind, e.Value, err)
		}
		if !slices.ContainsFunc(blocklist.All(), func(f *blocklist.Format) bool { return f.Takes(&e) }) {
			t.Errorf("no format says %s %q", e.Kind, e.Value)
		}
	}
}

func TestWhatIsNoValue(t *testing.T) {
	for kind, values := range map[blocklist.Kind][]string{
		blocklist.IP:     {"", "0.0.0.0/0", "::/0", "192.0.2.1/24", "192.0.2.01", "fe80::1%eth0", "::ffff:192.0.2.1", "2001:DB8::1", "192.0.2.1 "},
		blocklist.Domain: {"", "com", ".", "a..b", "-a.example", "a.example.", "A.example", "1.2.3.4", strings.Repeat("a", 64) + ".example", "*.example", "a b.example"},
		blocklist.URL:    {"", "http://", "evil.example/a", "http://a/\"b", "http://a/'b", "http://a/ b", "http://a/\\b", "http:///x", "http://a/é"},
		blocklist.MD5:    {"", strings.Repeat("AB", 16), strings.Repeat("ab", 20)},
		blocklist.Mail:   {"", "@evil.example", "a@b", "a b@evil.example", "a@evil.example@x.example"},
		blocklist.File:   {"", "a", "../a.exe", "a b.exe", "."},
	} {
		for _, v := range values {
			if e := entry(kind, v); e.Check() == nil {
				t.Errorf("%s %q is taken", kind, v)
			}
		}
	}
	e := entry(blocklist.IP, "192.0.2.1")
	for _, bad := range []string{"", "a b", "a\nb", "a\"", strings.Repeat("a", 65)} {
		if e.Ref = bad; e.Check() == nil {
			t.Errorf("reference %q is taken", bad)
		}
	}
	if f := format(t, "rpz"); true {
		for _, v := range []string{"32.1.2.0.192.rpz-ip", "a.rpz-passthru", "32.1.0.0.127.rpz-client-ip", strings.Repeat("a.", 100) + "example"} {
			if e := entry(blocklist.Domain, v); f.Takes(&e) {
				t.Errorf("rpz takes %q, which means something else in a zone", v)
			}
		}
	}
}

func TestKindsOfFormats(t *testing.T) {
	plain := format(t, "plain")
	if _, err := plain.Choose(nil); err == nil {
		t.Error("plain is one kind, and takes all")
	}
	if k, err := plain.Choose([]blocklist.Kind{blocklist.IP}); err != nil || len(k) != 1 {
		t.Errorf("plain of ip: %v, %v", k, err)
	}
	if _, err := format(t, "nft").Choose([]blocklist.Kind{blocklist.Domain}); err == nil {
		t.Error("nft says names")
	}
	if k, err := blocklist.ParseKinds([]string{"hash", "md5"}); err != nil || len(k) != 4 {
		t.Errorf("hash and md5: %v, %v", k, err)
	}
	if _, err := blocklist.ParseKinds([]string{"town"}); err == nil {
		t.Error("town is a kind")
	}
	if _, err := blocklist.ByName("stone"); err == nil {
		t.Error("stone is a format")
	}
}

func BenchmarkRPZ(b *testing.B) {
	f := format(b, "rpz")
	b.ReportAllocs()
	list := func(yield func(blocklist.Entry, error) bool) {
		for i := range b.N {
			if !yield(entry(blocklist.Domain, "h"+strconv.Itoa(i)+".evil.example"), nil) {
				return
			}
		}
	}
	if _, err := f.Write(discard{}, blocklist.Head{At: at, Entries: b.N}, list); err != nil {
		b.Fatal(err)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// Numbers of rules are of the value: they stay when others come, none is there twice, and
// all are in the range that is left to each site.
func TestNumbersOfRules(t *testing.T) {
	number := regexp.MustCompile(`sid:(\d+);`)
	numbers := func(list []blocklist.Entry) (all []string) {
		for _, m := range number.FindAllStringSubmatch(write(t, format(t, "suricata"), list...), -1) {
			all = append(all, m[1])
		}
		return all
	}
	var list []blocklist.Entry
	for i := range 20_000 {
		list = append(list, entry(blocklist.Domain, "h"+strconv.Itoa(i)+".evil.example"))
	}
	all := numbers(list)
	seen, few := map[string]bool{}, numbers(list[5000:5100])
	for _, n := range all {
		if v, err := strconv.Atoi(n); seen[n] || err != nil || v < 1_000_000 || v > 1_999_999 {
			t.Fatalf("number %s, seen before: %v, %v", n, seen[n], err)
		}
		seen[n] = true
	}
	same := 0
	for i, n := range few {
		if all[10_000+i] == n {
			same++
		}
	}
	if len(all) != 40_000 || same < len(few)*9/10 {
		t.Errorf("%d numbers; of %d alone %d are the same among others", len(all), len(few), same)
	}
}
