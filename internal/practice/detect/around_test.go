package detect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"entente/internal/practice/detect"
)

// What stands around a value in logs: escapes, words, marks, columns of tables.
func TestWhatStandsAroundAValue(t *testing.T) {
	const sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	s := setOf(t,
		"[domain-name:value = 'evil.example']", "[domain-name:value = 'www.evil.example']", "[ipv4-addr:value = '198.51.100.7']", "[ipv6-addr:value = '2001:db8::7']",
		"[file:hashes.'SHA-256' = '"+sha256+"']", "[email-addr:value = 'bob@mail.example']", "[file:name = 'cmd.exe']",
		"[x509-certificate:serial_number = '36:f7:d4:32:f4:ab:70:ea:d3:ce:98:6e:ea:99:93:49']",
		"[x509-certificate:serial_number = '10:20:30:40:50:60:70:80:90:12:34']", "[domain-name:value = 'bücher.example']",
	)
	for line, want := range map[string][]string{
		// The letters of escapes, as JSON, nginx, Zeek and rsyslog write them.
		`{\x22ip\x22:\x22198.51.100.7\x22}`:                       {"1:17 198.51.100.7"},
		`\x09evil.example\x09` + sha256:                           {"1:5 evil.example", "1:21 " + sha256},
		`"hash:\t` + sha256 + `"`:                                 {"1:9 " + sha256},
		`\n2001:db8::7\r\n`:                                       {"1:3 2001:db8::7"},
		`\u003cbob@mail.example\u003e`:                            {"1:7 bob@mail.example"},
		`\nbob@mail.example`:                                      {"1:3 bob@mail.example"},
		`\nevil[.]example`:                                        {"1:3 evil[.]example"},
		`\nevil.example:443`:                                      {"1:3 evil.example"},
		`Address:#011198.51.100.7`:                                {"1:13 198.51.100.7"},
		`x#011evil.example#012` + sha256 + `#011bob@mail.example`: {"1:6 evil.example", "1:22 " + sha256, "1:90 bob@mail.example"},
		`\011198.51.100.7 #198.51.100.7`:                          {"1:5 198.51.100.7", "1:19 198.51.100.7"},
		`C:\\nevil.example C:\198.51.100.7`:                       {"1:22 198.51.100.7"},
		// What begins with a letter as of an escape.
		`C:\temp\rcmd.exe "D:\x y\ncmd.exe" \\host\rcmd.exe`: nil,
		`C:\temp\cmd.exe" cmd:\ncmd.exe "C:\\x\ncmd.exe"`:    {"1:9 cmd.exe", "1:24 cmd.exe", "1:40 cmd.exe"},
		// The value and the column of a name below another one.
		`?q=%22www.evil.example%22`:                         {"1:7 www.evil.example below evil.example", "1:7 www.evil.example"},
		`\nwww.evil.example`:                                {"1:3 www.evil.example below evil.example", "1:3 www.evil.example"},
		`\na.evil.example`:                                  {"1:3 a.evil.example below evil.example"},
		`.a.evil.example -a.evil.example. x:b.evil.example`: {"1:2 a.evil.example below evil.example", "1:18 a.evil.example below evil.example", "1:36 b.evil.example below evil.example"},
		// IPv6 behind words and before marks.
		"outside:2001:db8::7/443 [IPv6:2001:db8::7] ip6:2001:db8::7":                                 {"1:9 2001:db8::7", "1:31 2001:db8::7", "1:48 2001:db8::7"},
		"from 2001:db8::7. 2001:db8::7- 2001:db8::7:.":                                               {"1:6 2001:db8::7", "1:19 2001:db8::7", "1:32 2001:db8::7"},
		"2001:db8::7-2001:db8::9 2001:db8::1-2001:db8::7":                                            {"1:1 2001:db8::7", "1:37 2001:db8::7"},
		"serial:36:f7:d4:32:f4:ab:70:ea:d3:ce:98:6e:ea:99:93:49":                                     {"1:8 36:f7:d4:32:f4:ab:70:ea:d3:ce:98:6e:ea:99:93:49"},
		"serial 1020304050607080901234. And ...1020304050607080901234, not 1020304050607080901234.5": {"1:8 1020304050607080901234", "1:39 1020304050607080901234"},
		"evil.example:2001:db8::7":                                                                   {"1:1 evil.example", "1:14 2001:db8::7"},
		"x2001:db8::7 12001:db8::7":                                                                  nil,
		// Addresses of mail that are encoded.
		"/?u=bob%40mail.example":                         {"1:5 bob%40mail.example"},
		"/?u=bob%40mail.example.&v=%40%40":               {"1:5 bob%40mail.example"},
		"/?u=%3Cbob@mail.example%3E":                     {"1:8 bob@mail.example"},
		"/?u=%22bob%40mail.example%22":                   {"1:8 bob%40mail.example"},
		"/?u=xbob%40mail.example %40mail.example bob%40": nil,
		// Words of other scripts.
		"源IP:198.51.100.7":            {"1:7 198.51.100.7"},
		"réseau:evil.example":         {"1:9 evil.example"},
		"почта:bob@mail.example":      {"1:12 bob@mail.example"},
		"evil.example:源":              {"1:1 evil.example"},
		"来自198.51.100.7的":             {"1:7 198.51.100.7"},
		"é198.51.100.70 évil.example": nil,
		// The mark that a file may begin with.
		"\ufeffevil.example \ufeff198.51.100.7 ev\ufeffil.example": {"1:4 evil.example", "1:20 198.51.100.7", "1:33 ev\ufeffil.example"},
		// Letters of a name as JSON may write them.
		`{"q":"b\u00fccher.example","a":"www.B\u00FCcher.example."}`:             {`1:7 b\u00fccher.example`, `1:33 www.B\u00FCcher.example below xn--bcher-kva.example`},
		`"\nb\u00fccher.example" "bu\u0308cher.example" \\b\u00fccher.example`:   {`1:4 b\u00fccher.example`, `1:26 bu\u0308cher.example`, `1:50 b\u00fccher.example`},
		`"\u6765\u81ea198.51.100.7\u7684 b\u00fccher.exampl\u00e9 \u00fc b\u00f`: {"1:14 198.51.100.7"},
		// Names as Windows logs what its DNS server is asked.
		"UDP Rcv 198.51.100.7 9f3e Q [0001 D NOERROR] A (3)www(4)evil(7)example(0)": {"1:9 198.51.100.7", "1:48 (3)www(4)evil(7)example(0) below evil.example", "1:48 (3)www(4)evil(7)example(0)"},
		"(4)EVIL(7)example(0)x": {"1:1 (4)EVIL(7)example(0)"},
		"(1)7(3)100(2)51(3)198(0) (4)evil(8)example(0) (4)evil(7)example (4)evil(7)example(":    nil,
		"(0) () (4) (4)evil( (99)evil(7)example(0) (5)evil(7)example(0) (3)not(4)evil(3)com(0)": nil,
		"f(4)evil.example(0)": {"1:5 evil.example"},
		// A port behind a dot, as tcpdump has it.
		"IP6 2001:db8::7.443 > 2001:db8::7.55555: Flags 2001:db8::7.443":        {"1:5 2001:db8::7", "1:23 2001:db8::7"},
		"2001:db8::7的 a:2001:db8::8的":                                           {"1:1 2001:db8::7"},
		"IP 198.51.100.7.443 > 198.51.100.7.55555: Flags":                       {"1:4 198.51.100.7", "1:23 198.51.100.7"},
		"198.51.100.7.443 198.51.100.7.443333 > .198.51.100.7 > 198.51.100.7..": {"1:41 198.51.100.7", "1:56 198.51.100.7"},
	} {
		if diff := cmp.Diff(want, hits(t, s, line)); diff != "" {
			t.Errorf("%q:\n%s", line, diff)
		}
	}
}

func TestWhereAURLEnds(t *testing.T) {
	s := setOf(t, "[url:value = 'http://b.example/login']", "[url:value = 'http://c.example']", "[url:value = 'http://d.example/x?a=1&b=2']", "[url:value = 'http://bad.example/x']", "[url:value = 'https://docs.example/ours']")
	for line, want := range map[string][]string{
		"http://b.example/login.php http://b.example/login:8 http://b.example/login?x http://b.example/login* http://b.example/login(1": {"1:78 http://b.example/login"},
		"http://c.example/.env http://c.example/?q=x http://c.example/a.css http://c.example/?q=a,b http://c.example/a&b":               nil,
		"http://b.example/login. http://b.example/login?!, (http://b.example/login).":                                                   {"1:1 http://b.example/login", "1:25 http://b.example/login", "1:52 http://b.example/login"},
		"1,http://b.example/login,200 [http://b.example/login]x http://b.example/login;q":                                               {"1:3 http://b.example/login", "1:31 http://b.example/login", "1:56 http://b.example/login"},
		"http://b.example/login,1" + strings.Repeat(",a", 40):                                                                           {"1:1 http://b.example/login"},
		"1,http://c.example,200 (http://c.example) [http://c.example] http://c.example; http://c.example. http://c.example:80,":         {"1:3 http://c.example", "1:25 http://c.example", "1:44 http://c.example", "1:62 http://c.example", "1:80 http://c.example.", "1:98 http://c.example:80"},
		"/?to=http://b.example/login&x=1 http://b.example/login&x=1 http://b.example/login&":                                            {"1:6 http://b.example/login", "1:60 http://b.example/login"},
		"http://b.example/login#011x http://b.example/login#012 http://c.example#011 http://b.example/login#top":                        {"1:1 http://b.example/login", "1:29 http://b.example/login", "1:56 http://c.example", "1:77 http://b.example/login"},
		"http://b.example/login#a,b#c http://b.example/login/#x http://c.example#x":                                                     {"1:1 http://b.example/login", "1:56 http://c.example"},
		`dhost=d.example request=http://d.example/x?a\=1&b\=2 cs1=http://d.example/x?a\=1&b\=3`:                                         {`1:25 http://d.example/x?a\=1&b\=2`},
		`"http://d.example/x?a=1\u0026b=2" http://d.example/x?a\u003d1&amp;b=2 http:\/\/d.example\/x?a=1\u0026b=2\n`:                    {`1:2 http://d.example/x?a=1\u0026b=2`, `1:35 http://d.example/x?a\u003d1&amp;b=2`, `1:71 http:\/\/d.example\/x?a=1\u0026b=2`},
		`\u0027http://bad.example/x\u0027 \nhttp://bad.example/x\n \thttp:\/\/bad.example\/x\tx`:                                        {"1:7 http://bad.example/x", "1:36 http://bad.example/x", `1:61 http:\/\/bad.example\/x`},
		"https://docs.example/url?q=http%3A%2F%2Fbad.example%2Fx&sa=D":                                                                  {"1:28 http%3A%2F%2Fbad.example%2Fx"},
		"源:http://bad.example/x “http://bad.example/x”，":                                                                                {"1:5 http://bad.example/x", "1:29 http://bad.example/x"},
	} {
		if diff := cmp.Diff(want, hits(t, s, line)); diff != "" {
			t.Errorf("%q:\n%s", line, diff)
		}
	}
}

func TestAddressesOfIPv4WrittenAsOfIPv6(t *testing.T) {
	s := setOf(t, "[ipv6-addr:value = '::ffff:198.51.100.7']", "[ipv6-addr:value = '::ffff:203.0.113.0/120']")
	want := []string{"1:1 198.51.100.7", "1:14 ::ffff:198.51.100.7", "1:34 203.0.113.9"}
	got := hits(t, s, "198.51.100.7 ::ffff:198.51.100.7 203.0.113.9")
	for i := range got {
		got[i], _, _ = strings.Cut(got[i], " in ")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Only what a reference leads to has its type told by its value.
func TestATypeIsNoReference(t *testing.T) {
	for pattern, want := range map[string]int{
		"[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '198.51.100.8']":                 1,
		"[domain-name:resolves_to_refs[*].type = 'ipv4-addr' AND domain-name:resolves_to_refs[*].value = '198.51.100.8']": 1,
		"[file:extensions.'x-ext'.type = 'dropper' AND file:name = 'x.exe']":                                              0,
	} {
		if got := setOf(t, pattern).Len(); got != want {
			t.Errorf("%s: %d looked for, want %d", pattern, got, want)
		}
	}
}

// An indicator without a name may be the last of what is kept, wherever its block ends.
func TestTextsUpToTheEndOfABlock(t *testing.T) {
	for shift := range 36 {
		s := detect.NewSet(noon)
		more := fmt.Sprintf(`"name":%q`, strings.Repeat("x", 10+shift))
		s.Add(object(t, 1<<20, "[ipv4-addr:value ISSUBSET '192.0.2.0/24']", more))
		for n := range 1 << 18 / 36 {
			s.Add(object(t, n, "[ipv4-addr:value ISSUBSET '192.0.2.0/24']", ""))
			if n > 1<<18/36-4 && len(hits(t, s, "192.0.2.1")) != n+2 {
				t.Fatalf("shift %d, %d indicators: not all hit", shift, n)
			}
		}
	}
}
