package warninglist_test

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"entente/internal/practice/warninglist"
	"entente/stix"
)

func read(t testing.TB, text string) *warninglist.List {
	t.Helper()
	l, err := warninglist.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// lists are one of each type.
var lists = []string{
	`{"name":"Resolvers","version":20260101,"type":"cidr","matching_attributes":["ip-src","ip-dst","domain|ip"],"list":["192.0.2.53","198.51.100.0/24","2001:DB8:53::/48","0.0.0.0/0","no address"]}`,
	`{"name":"Top sites","version":"7","type":"string","matching_attributes":["domain","hostname","url"],"list":["Portal.Example","bücher.example",".cdn.example","https://news.example:443/start"]}`,
	`{"name":"Dynamic DNS","type":"hostname","matching_attributes":["domain","hostname","url","ip-dst"],"list":[".dyn.example","*.free.example","https://deep.host.example/x","192.0.2.99","two words"]}`,
	`{"name":"Throw-away mail","type":"substring","matching_attributes":["email-src","email-dst"],"list":["throw.example","xy"]}`,
	`{"name":"Contacts","type":"regex","matching_attributes":["email-src"],"list":["/^(abuse|noc)\\@.*\\..*$/i","/(?<=a)b/","(a","/.*/","/q/x"]}`,
	`{"name":"Empty files","type":"string","matching_attributes":["md5","filename|sha256","ssdeep"],"list":["D41D8CD98F00B204E9800998ECF8427E","3::"]}`,
	`{"name":"Ours","type":"own","list":["estmark[.]example","203.0.113.0/24","hxxps://good.example/a?b","kai@other.example","d41d8cd98f00b204e9800998ecf8427e","Updater.exe","HKLM\\Software\\Ours"]}`,
}

func set(t testing.TB, texts ...string) (*warninglist.Set, map[string]warninglist.Left) {
	t.Helper()
	b, left := warninglist.NewBuilder(), map[string]warninglist.Left{}
	for _, text := range texts {
		l := read(t, text)
		some, err := b.Add(l)
		if err != nil {
			t.Fatal(err)
		}
		left[l.Name] = some
	}
	return b.Set(), left
}

func on(t testing.TB, s *warninglist.Set, kind stix.ValueKind, text string) string {
	t.Helper()
	v, ok := stix.NewValue(kind, text)
	if !ok {
		t.Fatalf("%q is no %s", text, kind)
	}
	var words []string
	for _, h := range s.On(v) {
		words = append(words, fmt.Sprintf("%s %s %s", h.List, h.How, h.Entry))
	}
	return strings.Join(words, "; ")
}

func TestOn(t *testing.T) {
	s, _ := set(t, lists...)
	for _, c := range []struct {
		kind stix.ValueKind
		text string
		want string
	}{
		{stix.ValueIP, "192.0.2.53", "Resolvers is 192.0.2.53/32"},
		{stix.ValueIP, "192.0.2.54", ""},
		{stix.ValueIP, "198.51.100.200", "Resolvers within 198.51.100.0/24"},
		{stix.ValueIP, "198.51.100.0/24", "Resolvers is 198.51.100.0/24"},
		{stix.ValueIP, "198.51.100.64/26", "Resolvers within 198.51.100.0/24"},
		{stix.ValueIP, "192.0.2.0/24", "Resolvers holds 192.0.2.53/32; Dynamic DNS holds 192.0.2.99/32"},
		{stix.ValueIP, "::ffff:192.0.2.53", "Resolvers is 192.0.2.53/32"},
		{stix.ValueIP, "2001:db8:53:1::1", "Resolvers within 2001:db8:53::/48"},
		{stix.ValueIP, "2001:db8::/32", "Resolvers holds 2001:db8:53::/48"},
		{stix.ValueIP, "203.0.113.7", "Ours within 203.0.113.0/24"},
		{stix.ValueDomain, "portal.example", "Top sites is portal.example"},
		{stix.ValueDomain, "www.portal.example", ""}, // a string is the whole
		{stix.ValueDomain, "BÜCHER.example", "Top sites is xn--bcher-kva.example"},
		{stix.ValueDomain, "a.cdn.example", "Top sites below cdn.example"},
		{stix.ValueURL, "https://news.example/start", "Top sites is https://news.example/start"},
		{stix.ValueURL, "https://portal.example/", ""},
		{stix.ValueURL, "https://x.dyn.example/gate.php", "Dynamic DNS on dyn.example"},
		{stix.ValueURL, "http://192.0.2.99/x", "Dynamic DNS on 192.0.2.99/32"},
		{stix.ValueURL, "http://192.0.2.53/x", ""}, // the resolvers are addresses alone
		{stix.ValueDomain, "dyn.example", "Dynamic DNS is dyn.example"},
		{stix.ValueDomain, "a.b.free.example", "Dynamic DNS below free.example"},
		{stix.ValueDomain, "host.example", ""},
		{stix.ValueDomain, "x.deep.host.example", "Dynamic DNS below deep.host.example"},
		{stix.ValueDomain, "notdyn.example", ""},
		{stix.ValueEmail, "Kai@Throw.Example", "Throw-away mail has throw.example"},
		{stix.ValueDomain, "throw.example", ""}, // the list is about mail
		{stix.ValueEmail, "NOC@some.example", "Contacts like /^(abuse|noc)\\@.*\\..*$/i"},
		{stix.ValueEmail, "kai@some.example", ""},
		{stix.ValueHash, "d41d8cd98f00b204e9800998ecf8427e", "Empty files is d41d8cd98f00b204e9800998ecf8427e; Ours is d41d8cd98f00b204e9800998ecf8427e"},
		{stix.ValueHash, "3::", "Empty files is 3::"},
		{stix.ValueDomain, "soc.estmark.example", "Ours below estmark.example"},
		{stix.ValueEmail, "kai@soc.estmark.example", "Ours on estmark.example"},
		{stix.ValueURL, "https://estmark.example:8443/a", "Ours on estmark.example"},
		{stix.ValueURL, "https://good.example/a?b", "Ours is https://good.example/a?b"},
		{stix.ValueURL, "https://good.example/a?c", ""},
		{stix.ValueEmail, "KAI@other.example", "Ours is kai@other.example"},
		{stix.ValueEmail, "ana@other.example", ""},
		{stix.ValueFile, `C:\tools\updater.EXE`, "Ours is updater.exe"},
		{stix.ValueRegKey, `hklm\software\ours`, `Ours is hklm\software\ours`},
		{stix.ValueName, "nobody", ""},
	} {
		if got := on(t, s, c.kind, c.text); got != c.want {
			t.Errorf("%s %s is on %q, want %q", c.kind, c.text, got, c.want)
		}
	}
	var none *warninglist.Set
	if none.On(stix.Value{Kind: stix.ValueIP, Text: "192.0.2.53"}) != nil || none.Lists() != 0 || warninglist.Join(none, s).Lists() != len(lists) {
		t.Error("no set answers")
	}
}

func TestBadEntriesAreTold(t *testing.T) {
	_, left := set(t, lists...)
	for name, want := range map[string][]string{
		"Resolvers": {"0.0.0.0/0: it holds every address", "no address: it is no address and no network"}, "Dynamic DNS": {"two words: it is no name of a host"},
		"Throw-away mail": {"xy: what has less than 3 bytes stands in nearly every value"}, "Top sites": nil,
		"Contacts": {"/(?<=a)b/: an expression that RE2 does not understand", "(a: an expression that RE2", "/.*/: an expression that matches everything", "/q/x: an expression with the flag x"},
	} {
		got := left[name]
		if got.Count != len(want) || len(got.First) != len(want) {
			t.Errorf("%s: left are %v, want %q", name, got, want)
			continue
		}
		for i, r := range got.First {
			if !strings.HasPrefix(r.Entry+": "+r.Why, want[i]) {
				t.Errorf("%s: %s: %s, want %s", name, r.Entry, r.Why, want[i])
			}
		}
	}
}

func TestBadLists(t *testing.T) {
	for text, want := range map[string]string{
		``:                               "no warninglist",
		`[]`:                             "no warninglist",
		`{"list":[1]}`:                   "no warninglist",
		`{"type":"string","list":["a"]}`: "no name",
		`{"name":"a\nb","type":"string","list":["a"]}`:                                         "one line",
		`{"name":"` + strings.Repeat("x", 201) + `","type":"string","list":["a"]}`:             "at most 200 bytes",
		`{"name":"a","type":"fuzzy","list":["a"]}`:                                             "there is no type",
		`{"name":"a","type":"string","list":[]}`:                                               "it is empty",
		`{"name":"a","type":"string","version":{},"list":["a"]}`:                               "a version is",
		`{"name":"a","type":"string","list":["a"],"description":"` + strings.Repeat("x", 4001): "no warninglist",
		`{"name":"a","type":"string","list":["` + strings.Repeat("x", 16<<20) + `"]}`:          "more than 16 MiB",
	} {
		if _, err := warninglist.Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %q", text, err, want)
		}
	}
	many := &warninglist.List{Name: "many", Type: warninglist.Text, Entries: make([]string, warninglist.MaxEntries+1)}
	if err := many.Check(); err == nil {
		t.Error("a list of any size is taken")
	}
	b := warninglist.NewBuilder()
	one := &warninglist.List{Name: "one", Type: warninglist.Text, Entries: []string{"x"}}
	for range warninglist.MaxLists {
		if _, err := b.Add(one); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Add(one); err == nil {
		t.Error("any number of lists is taken")
	}
}

// naive holds a value against one entry as the type of its list says, with nothing
// kept in between.
func naive(as warninglist.Type, entry string, v stix.Value) bool {
	below := func(name, of string) bool { return name == of || strings.HasSuffix(name, "."+of) }
	switch as {
	case warninglist.Text:
		return entry == v.Text
	case warninglist.Substring:
		return len(entry) > 2 && strings.Contains(v.Text, entry)
	case warninglist.Hostname:
		switch v.Kind {
		case stix.ValueDomain:
			return below(v.Text, entry)
		case stix.ValueURL:
			host, _ := stix.HostOf(v.Text)
			return below(host.Text, entry)
		}
	case warninglist.CIDR:
		p, is := stix.PrefixOf(v.Text)
		q, ok := stix.PrefixOf(entry)
		return ok && is && v.Kind == stix.ValueIP && q.Bits() > 0 && p.Overlaps(q)
	case warninglist.Regex:
		re, err := regexp.Compile(entry)
		return err == nil && !re.MatchString("") && re.MatchString(v.Text)
	}
	return false
}

// All lists at once answer as each entry by itself does.
func TestOnIsWhatEachEntrySays(t *testing.T) {
	name := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "ab", "aba"}), 1, 4).Draw(t, "labels"), ".")
	})
	prefix := rapid.Custom(func(t *rapid.T) string {
		a := netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.ByteRange(0, 3), 4, 4).Draw(t, "address")))
		return netip.PrefixFrom(a, rapid.SampledFrom([]int{0, 7, 8, 16, 31, 32}).Draw(t, "bits")).Masked().String()
	})
	entries := map[warninglist.Type]*rapid.Generator[string]{
		warninglist.Text: name, warninglist.Hostname: name, warninglist.Substring: name, warninglist.CIDR: prefix,
		warninglist.Regex: rapid.SampledFrom([]string{"^a", "b$", "(ab)+", "a*", "[", `\.a\.`}),
	}
	rapid.Check(t, func(t *rapid.T) {
		b := warninglist.NewBuilder()
		var added []*warninglist.List
		for i := range rapid.IntRange(1, 8).Draw(t, "lists") {
			l := &warninglist.List{Name: fmt.Sprint(i), Type: rapid.SampledFrom(warninglist.Types[:5]).Draw(t, "type")}
			l.Entries = rapid.SliceOfN(entries[l.Type], 1, 6).Draw(t, "entries")
			if _, err := b.Add(l); err != nil {
				t.Fatal(err)
			}
			added = append(added, l)
		}
		s := b.Set()
		for range 10 {
			kind := rapid.SampledFrom([]stix.ValueKind{stix.ValueIP, stix.ValueDomain, stix.ValueURL, stix.ValueName}).Draw(t, "kind")
			text := name.Draw(t, "name")
			switch kind {
			case stix.ValueIP:
				text = prefix.Draw(t, "prefix")
			case stix.ValueURL:
				text = "http://" + text + "/" + name.Draw(t, "path")
			}
			v, ok := stix.NewValue(kind, text)
			if !ok {
				continue
			}
			var got, want []string
			for _, h := range s.On(v) {
				got = append(got, h.List)
			}
			for _, l := range added {
				if slices.ContainsFunc(l.Entries, func(e string) bool { return naive(l.Type, e, v) }) {
					want = append(want, l.Name)
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%v is on %q, want %q", v, got, want)
			}
		}
	})
}

// What a list holds never makes reading, adding or asking fail otherwise than by an error.
func FuzzLists(f *testing.F) {
	for _, l := range lists {
		f.Add([]byte(l), "192.0.2.53", uint8(stix.ValueIP))
	}
	f.Fuzz(func(t *testing.T, raw []byte, text string, kind uint8) {
		l, err := warninglist.Read(strings.NewReader(string(raw)))
		if err != nil {
			return
		}
		b := warninglist.NewBuilder()
		left, err := b.Add(l)
		if err != nil || left.Count > len(l.Entries) {
			t.Fatalf("%v, %d of %d left", err, left.Count, len(l.Entries))
		}
		s := b.Set()
		if v, ok := stix.NewValue(stix.ValueKind(kind%14+1), text); ok {
			if hits := s.On(v); len(hits) > 1 || len(hits) == 1 && hits[0].List != l.Name {
				t.Fatalf("%v", hits)
			}
		}
	})
}
