package detect_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"entente/internal/practice/detect"
	"entente/stix"
)

const (
	cef    = `<134>Nov 20 10:00:00 fw CEF:0|Estmark|Gate \| Way|1.0|100|traffic a=b|5|src=10.0.0.1 spt=4000 dst=198.51.100.7 dpt=443 proto=TCP request=https://bad.example/drop?id\=7 requestClientApplication=Drummer/2 (x; a\=b) filePath=C:\\Temp\\drum one.exe fileHash=0123456789abcdef0123456789abcdef msg=seen evil.example duser=ESTMARK\\ana`
	leef   = "Nov 20 10:00:00 fw LEEF:1.0|Estmark|Gate|1.0|100|src=10.0.0.1\tsrcPort=4000\tdst=198.51.100.7\tdstPort=443\tproto=6\tusrName=ESTMARK\\ana\tmsg=to evil.example now"
	leef2  = `LEEF:2.0|Estmark|Gate|1.0|100|x5E|src=10.0.0.1^dst=198.51.100.7^dstPort=443^proto=TCP^msg=to evil.example now`
	forti  = `date=2026-11-20 time=10:00:00 devname="fw" srcip=10.0.0.1 srcport=4000 dstip=198.51.100.7 dstport=443 proto=6 hostname="bad.example" url="/drop/x.php?id=7" agent="Drummer/2 (say \"x\")" filename="drum.exe" sentbyte=120`
	filter = `Nov 20 10:00:00 fw kernel: [ 1.5] DROP IN=eth0 OUT= MAC=52:54:00 SRC=10.0.0.1 DST=198.51.100.7 LEN=60 TOS=0x00 PROTO=TCP SPT=4000 DPT=443 WINDOW=64240 SYN URGP=0`
	commas = `src=10.0.0.1, dst=198.51.100.7,dport=443, note=evil.example,b.example; proto=udp`
)

// What a line calls its values is told where it has the names beside them.
func TestFieldsOfKeyedLines(t *testing.T) {
	s := setOf(t, "[domain-name:value = 'evil.example']", "[ipv4-addr:value = '198.51.100.7']", "[url:value = 'http://bad.example/drop/x.php?id=7']",
		"[url:value = 'https://bad.example/drop?id=7']", "[file:name = 'one.exe']", "[file:name = 'drum.exe']")
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"CEF":       {cef, []string{"1 dst: 198.51.100.7", `1 request: https://bad.example/drop?id\=7`, "1 filePath: one.exe", "1 msg: evil.example"}},
		"LEEF":      {leef, []string{"1 dst: 198.51.100.7", "1 msg: evil.example"}},
		"LEEF 2":    {leef2, []string{"1 dst: 198.51.100.7", "1 msg: evil.example"}},
		"FortiGate": {forti, []string{"1 dstip: 198.51.100.7", "1 hostname url: bad.example/drop/x.php?id=7", "1 filename: drum.exe"}},
		"netfilter": {filter, []string{"1 DST: 198.51.100.7"}},
		"commas":    {commas, []string{"1 dst: 198.51.100.7", "1 note: evil.example"}},
		"few keys":  {"x=1 to=evil.example", []string{"1 : evil.example"}},
		"a query":   {"GET /?a=1&b=2&c=3&d=evil.example", []string{"1 : evil.example"}},
		"cut":       {"CEF:0|a|b\nCEF:0|a|b|c|d|e|f|dst=198.51.100.7 x\nLEEF:2.0|a|b|c|d|x5\nLEEF:2.0|a|b|c|d|^|dst=evil.example", []string{"2 dst: 198.51.100.7", "4 dst: evil.example"}},
		"one open":  {`a=1 b=2 c="evil.example d=198.51.100.7`, []string{"1 c: evil.example", "1 c: 198.51.100.7"}},
	} {
		if diff := cmp.Diff(c.want, inFields(t, s, c.text)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// What a pattern asks beside values is asked of such lines.
func TestKeyedLinesAreAsked(t *testing.T) {
	for _, c := range []struct {
		pattern string
		want    string // the lines that it hits in
	}{
		{"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port = 443]", "CEF LEEF LEEF2 forti filter commas"},
		{"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port = 444]", ""},
		{"[network-traffic:src_ref.value = '198.51.100.7' AND network-traffic:dst_port = 443]", ""},
		{"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:src_port > 3999 AND network-traffic:protocols[*] = 'tcp']", "CEF LEEF forti filter"},
		{"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:protocols[*] != 'tcp']", "commas"},
		{"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:src_byte_count >= 120]", "forti"},
		{"[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'Drummer/2 (x; a=b)']", "CEF"},
		{`[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' LIKE 'Drummer/2 (say "x")']`, "forti"},
		{"[file:name = 'drum one.exe' AND file:parent_directory_ref.path = 'C:\\\\Temp' AND file:hashes.MD5 = '0123456789ABCDEF0123456789ABCDEF']", "CEF"},
		{"[file:name LIKE 'drum one%']", "CEF"},
		{"[file:name = 'drum.exe' AND file:name LIKE 'd%']", "forti"},
		{"[user-account:account_login LIKE 'an_' AND user-account:user_id LIKE 'ESTMARK%']", "CEF LEEF"},
		{"[url:value LIKE 'http://bad.example/drop/%']", "forti"},
		{"[url:value LIKE '%drop?id=7']", ""}, // no piece is long enough: logs may escape the equals sign
		{"[url:value MATCHES '^https://bad[.]example/.*=7$']", "CEF"},
	} {
		var got []string
		for _, line := range []struct{ name, text string }{{"CEF", cef}, {"LEEF", leef}, {"LEEF2", leef2}, {"forti", forti}, {"filter", filter}, {"commas", commas}} {
			if len(hits(t, setOf(t, c.pattern), line.text)) > 0 {
				got = append(got, line.name)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: hits in %q, not in %q", c.pattern, got, c.want)
		}
	}
}

// The history has what such lines keep in two fields, and their files.
func TestValuesOfKeyedLines(t *testing.T) {
	given := map[string]bool{}
	f := detect.NewValues(func(v stix.Value) { given[v.Text] = true })
	if err := f.Add([]byte(forti + "\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.End(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"198.51.100.7", "http://bad.example/drop/x.php?id=7", "drum.exe"} {
		if !given[want] {
			t.Errorf("%s is not given: %v", want, given)
		}
	}
}
