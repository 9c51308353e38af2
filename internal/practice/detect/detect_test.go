package detect_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"entente/internal/practice/detect"
	"entente/stix"
)

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

func id(n int) string { return fmt.Sprintf("indicator--00000000-0000-4000-8000-%012d", n) }

// object is an indicator by number, with further properties as JSON.
func object(t testing.TB, n int, pattern, more string) *stix.Object {
	t.Helper()
	text, _ := json.Marshal(pattern)
	version := `"modified":"2026-01-01T00:00:00Z"`
	if strings.Contains(more, `"modified"`) {
		version = ""
	} else if more != "" {
		version += ","
	}
	o, err := stix.Read([]byte(`{"type":"indicator","id":"` + id(n) + `","created":"2026-01-01T00:00:00Z","pattern_type":"stix","pattern":` + string(text) +
		`,"valid_from":"2026-01-01T00:00:00Z",` + version + more + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return &o
}

func setOf(t testing.TB, patterns ...string) *detect.Set {
	t.Helper()
	s := detect.NewSet(noon)
	for i, p := range patterns {
		s.Add(object(t, i, p, ""))
	}
	return s
}

// hits are what is found in a text, each as "line:column value how matched".
func hits(t testing.TB, s *detect.Set, text string) []string {
	t.Helper()
	var out []string
	_, err := s.Scan(context.Background(), "log", strings.NewReader(text), func(h detect.Hit) error {
		told := fmt.Sprintf("%d:%d %s", h.Line, h.Column, h.Value)
		if h.How != detect.Exact {
			told += " " + h.How.String() + " " + h.Matched.Text
		}
		for _, w := range h.With {
			told += " with " + w.Text
		}
		out = append(out, told)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWhatStandsInALine(t *testing.T) {
	const sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	s := setOf(t,
		"[domain-name:value = 'evil.example']", "[ipv4-addr:value = '198.51.100.7']", "[ipv4-addr:value ISSUBSET '203.0.113.0/24']",
		"[file:hashes.'SHA-256' = '"+strings.ToUpper(sha256)+"']", "[url:value = 'http://bad.example/a?b=c,d']",
		"[email-addr:value = 'Bob@mail.example']", "[file:name = 'drop.exe']", "[ipv6-addr:value = '2001:db8::7']",
		"[ipv6-addr:value ISSUBSET '2001:db8:1::/48']", "[domain-name:value = 'bücher.example']", "[cryptocurrency-wallet:address = '1BoatSLRHtKNngkdXEeobR76b53LETtpyT']",
		"[x509-certificate:serial_number = '36:f7:d4:32:f4:ab:70:ea:d3:ce:98:6e:ea:99:93:49']", "[vulnerability:x = 'CVE-2024-3400']",
	)
	for line, want := range map[string][]string{
		"evil.example":        {"1:1 evil.example"},
		"x\tEVIL.Example.\ty": {"1:3 EVIL.Example"},
		"a.evil.example":      {"1:1 a.evil.example below evil.example"},
		"notevil.example evil.example2 evil.example.org evil-example": nil,
		"evil.example:8443, (evil.example)":                           {"1:1 evil.example", "1:21 evil.example"},
		`{"q":"evil.example","r":["b.evil.example"]}`:                 {"1:7 evil.example", "1:27 b.evil.example below evil.example"},
		"evil[.]example":                       {"1:1 evil[.]example"},
		"see hxxp://evil(.)example/x.":         {"1:5 hxxp://evil(.)example/x"},
		"evil[dot]example, a{.}evil{.}example": {"1:1 evil[dot]example", "1:19 a{.}evil{.}example below evil.example"},
		"https://evil.example/path":            {"1:9 evil.example"},
		`"url":"http:\/\/evil.example\/x"`:     {"1:17 evil.example"},
		"/r?to=http%3A%2F%2Fevil.example%2Fx":  {"1:7 http%3A%2F%2Fevil.example%2Fx"},
		"/r?to=evil.example%2Fx%3f":            {"1:7 evil.example"},
		`{"m":"\tevil.example\r\nfoo"}`:        {"1:9 evil.example"},
		"root@evil.example":                    {"1:6 evil.example"},
		"_dmarc.evil.example":                  {"1:1 _dmarc.evil.example below evil.example"},
		"“evil.example”":                       {"1:4 evil.example"},
		"evil。example":                         {"1:1 evil。example"},
		"ev\u200bil.example":                   {"1:1 ev\u200bil.example"},
		"\xff\xfeevil.example\x00":             {"1:3 evil.example"},
		"bücher.example xn--bcher-kva.example": {"1:1 bücher.example", "1:17 xn--bcher-kva.example"},
		"www.bücher.example":                   {"1:1 www.bücher.example below xn--bcher-kva.example"},
		"198.51.100.7":                         {"1:1 198.51.100.7"},
		"198.51.100.7:443 198.51.100.70 1198.51.100.7 198.51.100.7.1 198.51.100.07":         {"1:1 198.51.100.7"},
		"from=198.51.100.7;to=[198.51.100.7].":                                              {"1:6 198.51.100.7", "1:23 198.51.100.7"},
		"198[.]51[.]100[.]7":                                                                {"1:1 198[.]51[.]100[.]7"},
		"198.51.100.7-198.51.100.9":                                                         {"1:1 198.51.100.7"},
		"203.0.113.200 203.0.112.1 203.0.113.0/24":                                          {"1:1 203.0.113.200 in 203.0.113.0/24", "1:27 203.0.113.0 in 203.0.113.0/24"},
		"::ffff:198.51.100.7":                                                               {"1:1 ::ffff:198.51.100.7"},
		"2001:db8::7 [2001:DB8:0::7]:443":                                                   {"1:1 2001:db8::7", "1:14 2001:DB8:0::7"},
		"2001:db8:1:2::3 2001:db8:2::3":                                                     {"1:1 2001:db8:1:2::3 in 2001:db8:1::/48"},
		"SHA256=" + strings.ToUpper(sha256):                                                 {"1:8 " + strings.ToUpper(sha256)},
		sha256 + "0 0" + sha256 + " x" + sha256[1:]:                                         nil,
		"GET http://bad.example/a?b=c,d HTTP/1.1":                                           {"1:5 http://bad.example/a?b=c,d"},
		"HTTP://BAD.example:80/./a?b=c,d":                                                   {"1:1 HTTP://BAD.example:80/./a?b=c,d"},
		"(http://bad.example/a?b=c,d).":                                                     {"1:2 http://bad.example/a?b=c,d"},
		"http://bad.example/a?b=c,de http://bad.example/a?b=C,d http://bad.example/":        nil,
		"/r?to=http%3A%2F%2Fbad.example%2Fa%3Fb%3Dc,d":                                      {"1:7 http%3A%2F%2Fbad.example%2Fa%3Fb%3Dc,d"},
		`"url":"http:\/\/bad.example\/a?b=c,d","x":1`:                                       {`1:8 http:\/\/bad.example\/a?b=c,d`},
		"hxxp://bad[.]example/a?b=c":                                                        nil,
		"https://user:pw@evil.example/":                                                     {"1:17 evil.example"},
		"KERNEL32.DLL+17c24|drop.exe+8":                                                     {"1:20 drop.exe"},
		"to <bob@MAIL.example>, mailto:bob@mail.example":                                    {"1:5 bob@MAIL.example", "1:31 bob@mail.example"},
		"a+bob@mail.example xbob@mail.example bob@mail.example.org ftp://bob@mail.example/": nil,
		`C:\Users\a\Drop.EXE`:                                                               {`1:12 Drop.EXE`},
		"/tmp/drop.exe?x /tmp/xdrop.exe drop.exe.txt a+drop.exe drop.exe~":                  {"1:6 drop.exe"},
		"pay 1BoatSLRHtKNngkdXEeobR76b53LETtpyT 1boatslrhtknngkdxeeobr76b53lettpyt":         {"1:5 1BoatSLRHtKNngkdXEeobR76b53LETtpyT"},
		"36F7D432F4AB70EAD3CE986EEA999349 36:F7:D4:32:F4:AB:70:EA:D3:CE:98:6E:EA:99:93:49":  {"1:1 36F7D432F4AB70EAD3CE986EEA999349", "1:34 36:F7:D4:32:F4:AB:70:EA:D3:CE:98:6E:EA:99:93:49"},
		"\n\nevil.example\n\nx evil.example":                                                {"3:1 evil.example", "5:3 evil.example"},
		"12:30:00 :: ::1 a::b ... --- @ http:// % %2 [ \\ [.]":                              nil,
	} {
		if diff := cmp.Diff(want, hits(t, s, line)); diff != "" {
			t.Errorf("%q:\n%s", line, diff)
		}
	}
}

func TestConjunctionsWantAllValuesInOneLine(t *testing.T) {
	s := setOf(t, "[domain-name:value = 'a.example' AND ipv4-addr:value = '198.51.100.7']",
		"[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '198.51.100.8']",
		"[(url:value = 'http://b.example/' OR domain-name:value = 'c.example') AND file:name = 'x.exe']")
	for text, want := range map[string][]string{
		"a.example\n198.51.100.7":                         nil,
		"198.51.100.7 a.example":                          {"1:14 a.example with 198.51.100.7"},
		"x.a.example 198.51.100.7 198.51.100.7":           {"1:1 x.a.example below a.example with 198.51.100.7"},
		"198.51.100.8":                                    {"1:1 198.51.100.8"},
		"c.example x.exe":                                 {"1:1 c.example with x.exe"},
		"http://b.example/ y.exe\nx.exe http://b.example": {"2:7 http://b.example with x.exe"},
	} {
		if diff := cmp.Diff(want, hits(t, s, text)); diff != "" {
			t.Errorf("%q:\n%s", text, diff)
		}
	}
}

func TestWhatIsLeftOutIsToldWithTheReason(t *testing.T) {
	for pattern, want := range map[string]detect.Reason{
		"[domain-name:value = 'a.example']":                                    0,
		"[domain-name:value != 'a.example']":                                   detect.Negated,
		"[domain-name:value NOT = 'a.example']":                                detect.Negated,
		"[domain-name:value LIKE '%.com']":                                     detect.Operator,
		"[network-traffic:dst_port = 443]":                                     detect.NoValue,
		"[domain-name:value = 'a.example' AND network-traffic:dst_port = 443]": detect.NoValue,
		"[mutex:name = 'Global\\\\x']":                                         detect.NoPlace,
		"[file:name = 'cmd']":                                                  detect.NoPlace,
		"[file:name = 'a .c']":                                                 detect.NoPlace,
		"[autonomous-system:number = 64496]":                                   detect.NoValue,
		"[file:hashes.MD5 = 'abc']":                                            detect.NoPlace,
		"[domain-name:value = '']":                                             detect.Everywhere,
		"[domain-name:value = 'com']":                                          detect.Everywhere,
		"[domain-name:value = 'co.uk']":                                        detect.Everywhere,
		"[domain-name:value = 'localhost']":                                    detect.Everywhere,
		"[ipv4-addr:value = '0.0.0.0/0']":                                      detect.Everywhere,
		"[ipv4-addr:value ISSUBSET '192.0.0.0/7']":                             detect.Everywhere,
		"[ipv4-addr:value = '127.0.0.1']":                                      detect.Everywhere,
		"[ipv6-addr:value = '::/0']":                                           detect.Everywhere,
		"[ipv6-addr:value = '::']":                                             detect.Everywhere,
		"[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']":               detect.Everywhere,
		"[domain-name:value = '*.evil.example']":                               detect.Malformed,
		"[ipv4-addr:value = '1.2']":                                            detect.NoValue,
		"[url:value = 'nonsense']":                                             detect.Malformed,
		"[broken":                                                              detect.Unreadable,
	} {
		s := setOf(t, pattern)
		whole := map[detect.Reason]detect.Counts{}
		if want != 0 {
			whole[want] = detect.Counts{Wholly: 1}
		}
		if diff := cmp.Diff(whole, s.LeftOut()); diff != "" || (s.Len() == 0) != (want != 0) {
			t.Errorf("%s: %d looked for:\n%s", pattern, s.Len(), diff)
		}
		s = setOf(t, pattern+" OR [domain-name:value = 'b.example']")
		if want != 0 && want != detect.Unreadable && (s.LeftOut()[want] != detect.Counts{Partly: 1} || s.Len() != 1) {
			t.Errorf("%s OR another: %v", pattern, s.LeftOut())
		}
	}
}

// A pattern that holds of whatever it is asked of is told as such, however it says it.
func TestPatternsThatHitAll(t *testing.T) {
	for pattern, want := range map[string]bool{
		"[domain-name:value LIKE '%']":                                                    true,
		"[domain-name:value MATCHES '.*']":                                                true,
		"[domain-name:value MATCHES '^']":                                                 true,
		"[domain-name:value != 'a.example']":                                              true,
		"[domain-name:value NOT IN ('a.example', 'b.example')]":                           true,
		"[file:size >= 0]":                                                                true,
		"[EXISTS file:hashes.'SHA-256']":                                                  true,
		"[NOT EXISTS file:name]":                                                          true,
		"[file:name LIKE '%' AND file:size != 5] REPEATS 5 TIMES":                         true,
		"[network-traffic:dst_ref.value ISSUBSET '0.0.0.0/0'] WITHIN 5 SECONDS":           true,
		"[file:name = 'a.exe'] OR [process:command_line LIKE '%']":                        true,
		"[file:name LIKE '%'] START t'2026-01-01T00:00:00Z' STOP t'2026-01-01T00:00:01Z'": true,
		"[domain-name:value LIKE '%.example']":                                            false,
		"[domain-name:value MATCHES '[a-z]']":                                             false,
		"[domain-name:value != 'a.example' AND domain-name:value = 'b.example']":          false,
		"[file:size > 100]":                                                               false,
		"[file:name = 'a.exe'] FOLLOWEDBY [process:command_line LIKE '%']":                false,
		"[process:command_line LIKE '% -enc %' AND process:image_ref.name != 'x']":        false,
		"[domain-name:value LIKE '%' AND domain-name:value = 'a.example']":                false,
		"[broken": false,
	} {
		if got := detect.HitsEverywhere(object(t, 1, pattern, "")); got != want {
			t.Errorf("%s: %v, want %v", pattern, got, want)
		}
		var said detect.Said
		if detect.Hear(&said, object(t, 1, pattern, "").Raw); (said.Left == detect.Everywhere) != (want && len(said.Values) == 0) {
			t.Errorf("%s is left out of lists for: %v", pattern, said.Left)
		}
	}
}

func TestValidityAndVersions(t *testing.T) {
	s := detect.NewSet(noon)
	const pattern = "[domain-name:value = 'a.example']"
	see := func(what string, want int, left map[detect.Reason]detect.Counts) {
		t.Helper()
		if got := len(hits(t, s, "a.example b.example http://c.example/ d.example 192.0.2.9")); got != want {
			t.Errorf("%s: %d hits, want %d", what, got, want)
		}
		if diff := cmp.Diff(left, s.LeftOut(), cmp.Transformer("empty", func(m map[detect.Reason]detect.Counts) []string {
			var out []string
			for r := detect.Reason(0); r < 32; r++ {
				if c, ok := m[r]; ok {
					out = append(out, fmt.Sprint(r, c))
				}
			}
			return out
		})); diff != "" {
			t.Errorf("%s:\n%s", what, diff)
		}
	}
	s.Add(object(t, 1, pattern, ""))
	see("first", 1, nil)
	s.Add(object(t, 1, "[domain-name:value = 'b.example' OR url:value = 'http://c.example' OR (domain-name:value = 'd.example' AND ipv4-addr:value = '192.0.2.9')]", `"modified":"2026-01-02T00:00:00Z"`))
	see("a newer version", 3, nil)
	s.Add(object(t, 1, pattern, ""))
	see("an older version", 3, nil)
	s.Add(object(t, 1, pattern, `"modified":"2026-01-03T00:00:00Z","revoked":true`))
	see("revoked", 0, map[detect.Reason]detect.Counts{detect.Revoked: {Wholly: 1}})
	s.Add(object(t, 1, pattern, `"modified":"2026-01-02T00:00:00Z"`))
	see("older than its end", 0, map[detect.Reason]detect.Counts{detect.Revoked: {Wholly: 1}})
	s.Remove(id(1))
	see("removed", 0, nil)
	s.Add(object(t, 1, pattern, ""))
	see("back", 1, nil)
	s.Add(object(t, 2, pattern, `"valid_until":"2026-11-27T12:00:00Z"`))
	see("ended", 1, map[detect.Reason]detect.Counts{detect.NoLonger: {Wholly: 1}})
	s.Remove(id(2))
	s.Remove(id(3))
	s.Remove(id(1))
	see("empty", 0, nil)
	if s.Values() != 0 || s.Len() != 0 {
		t.Errorf("%d values and %d indicators are left", s.Values(), s.Len())
	}
}

// Of many indicators of one value those that are left hit, in whatever order others go and come.
func TestManyOfOneValueGo(t *testing.T) {
	const n = 400
	s, left := detect.NewSet(noon), map[string]bool{}
	add := func(i int) {
		s.Add(object(t, i, "[ipv4-addr:value = '198.51.100.7']", ""))
		left[id(i)] = true
	}
	for i := range n {
		add(i)
	}
	order := rand.New(rand.NewPCG(3, 4)).Perm(n)
	for step, i := range order {
		s.Remove(id(i))
		if delete(left, id(i)); step%3 == 0 {
			add(n + step)
		}
		if step%40 != 0 && step != n-1 {
			continue
		}
		if step%80 == 0 {
			s = keep(t, s)
		}
		got := map[string]bool{}
		if _, err := s.Scan(t.Context(), "log", strings.NewReader("198.51.100.7"), func(h detect.Hit) error {
			got[h.Indicator.ID] = true
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(left, got); diff != "" {
			t.Fatalf("after %d: %s", step+1, diff)
		}
	}
}
