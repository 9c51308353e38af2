package stix_test

import (
	"fmt"
	"strings"
	"testing"

	"entente/stix"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestValuesHaveOneForm(t *testing.T) {
	for _, c := range []struct {
		kind stix.ValueKind
		text string
		want string // kind and text; empty when there is none
	}{
		{stix.ValueIP, "198.51.100.7", "ip 198.51.100.7"},
		{stix.ValueIP, " 198.51.100.7\n", "ip 198.51.100.7"},
		{stix.ValueIP, "198.51.100.7/32", "ip 198.51.100.7"},
		{stix.ValueIP, "198.51.100.7/24", "ip 198.51.100.0/24"},
		{stix.ValueIP, "2001:0DB8:85a3:0000:0000:8a2e:0370:7334", "ip 2001:db8:85a3::8a2e:370:7334"},
		{stix.ValueIP, "2001:db8::1/64", "ip 2001:db8::/64"},
		{stix.ValueIP, "198.51.100.07", ""},
		{stix.ValueIP, "198.51.100", ""},
		{stix.ValueIP, "198.51.100.7/33", ""},
		{stix.ValueIP, "example.com", ""},
		{stix.ValueDomain, "WWW.Example.COM.", "domain www.example.com"},
		{stix.ValueDomain, "Bücher.example", "domain xn--bcher-kva.example"},
		{stix.ValueDomain, "xn--BCHER-kva.example", "domain xn--bcher-kva.example"},
		{stix.ValueDomain, "_dmarc.example.com", "domain _dmarc.example.com"},
		{stix.ValueDomain, "198.51.100.7", "ip 198.51.100.7"},
		{stix.ValueDomain, "198.51.100.7.", "ip 198.51.100.7"},
		{stix.ValueDomain, "１９８.51.100.7", "ip 198.51.100.7"},
		{stix.ValueDomain, ".", ""},
		{stix.ValueDomain, "\u04c0", "domain xn--s5a"},
		{stix.ValueDomain, strings.Repeat("a", 1023) + ".b", "domain " + strings.Repeat("a", 1023)},
		{stix.ValueURL, "HTTP://Example.COM", "url http://example.com/"},
		{stix.ValueURL, "https://User:Pw@Example.com:443/A?b=C#D", "url https://User:Pw@example.com/A?b=C#D"},
		{stix.ValueURL, "http://example.com:8080?x", "url http://example.com:8080/?x"},
		{stix.ValueURL, "http://[2001:DB8::1]:80/", "url http://[2001:db8::1]/"},
		{stix.ValueURL, "http://bücher.example/ü", "url http://xn--bcher-kva.example/ü"},
		{stix.ValueURL, "urn:X", "url urn:X"},
		{stix.ValueURL, "http://a.example/%7euser/%41%2d%2f%e4", "url http://a.example/~user/A-%2F%E4"},
		{stix.ValueURL, "http://a.example/a/./b/../c/..", "url http://a.example/a/"},
		{stix.ValueURL, "http://a.example/../%2e%2E/x/.", "url http://a.example/x/"},
		{stix.ValueURL, "http://a.example/a?q=/../%61#/./%62", "url http://a.example/a?q=/../a#/./b"},
		{stix.ValueURL, "http://%65vil.example/", "url http://evil.example/"},
		{stix.ValueURL, "http://a.example/%%34%31%2541%zz%", "url http://a.example/A%2541%zz%"},
		{stix.ValueURL, "http://a.example//b//../c", "url http://a.example//b/c"},
		{stix.ValueURL, "hXXps://evil[.]example:443/A", "url https://evil.example/A"},
		{stix.ValueURL, "http://a.example/" + strings.Repeat("a", 1005) + "/..b", "url http://a.example/" + strings.Repeat("a", 1005) + "/"},
		{stix.ValueHash, "ABCdef0123", "hash abcdef0123"},
		{stix.ValueHash, "3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C", "hash 3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C"},
		{stix.ValueEmail, "Ana@Example.COM", "email ana@example.com"},
		{stix.ValueCVE, "cve-2024-3400", "cve CVE-2024-3400"},
		{stix.ValueWallet, "1CF46Rfbp97absrs7zb7dFfZS6qBXUm9EP", "wallet 1CF46Rfbp97absrs7zb7dFfZS6qBXUm9EP"},
		{stix.ValueASN, "AS64496", "asn 64496"},
		{stix.ValueASN, "64496", "asn 64496"},
		{stix.ValueASN, "64496.5", ""},
		{stix.ValueFile, `C:\Windows\System32\CMD.exe`, "file cmd.exe"},
		{stix.ValueFile, "/usr/bin/Überfall/", "file überfall"},
		{stix.ValueCert, "02:08:87:AB", "cert 020887ab"},
		{stix.ValueRegKey, `HKEY_LOCAL_MACHINE\System`, `regkey hkey_local_machine\system`},
		{stix.ValueAgent, "Mozilla/5.0 (X)", "agent Mozilla/5.0 (X)"},
		{stix.ValueName, "__CLEANSWEEP__", "name __cleansweep__"},
		{stix.ValueOther, "com.Example.App", "other com.example.app"},
		{stix.ValueName, "a\x00b", ""},
		{stix.ValueName, " \t", ""},
		{stix.ValueName, strings.Repeat("a", 1023) + "üb", "name " + strings.Repeat("a", 1023)},
		// What a cut leaves has a form of its own.
		{stix.ValueDomain, "ü" + strings.Repeat(".", 1100) + "x", "domain xn--tda"},
		{stix.ValueDomain, "198.51.100.7" + strings.Repeat(".", 1100) + "x", "ip 198.51.100.7"},
		{stix.ValueHash, strings.Repeat("AB", 512) + ":x", "hash " + strings.Repeat("ab", 512)},
		{stix.ValueCert, strings.Repeat("AB:", 400) + "x", "cert " + strings.Repeat("ab", 341) + "a"},
		// Where no character begins, the cut is between bytes.
		{stix.ValueWallet, strings.Repeat("\x80", 1100), "wallet " + strings.Repeat("\x80", 1024)},
		{stix.ValueAgent, strings.Repeat("\x80", 1100), "agent " + strings.Repeat("\x80", 1024)},
		{stix.ValueURL, strings.Repeat("\x80", 1100), "url " + strings.Repeat("\x80", 1024)},
		{stix.ValueHash, strings.Repeat("\x80", 1100), "hash " + strings.Repeat("\x80", 1024)},
		{stix.ValueName, strings.Repeat("\x80", 1100), "name " + strings.Repeat("\ufffd", 341)},
	} {
		got := ""
		if v, ok := stix.NewValue(c.kind, c.text); ok {
			got = v.Kind.String() + " " + v.Text
			if again, ok := stix.NewValue(v.Kind, v.Text); !ok || again != v {
				t.Errorf("%s becomes %+v when it is read again", got, again)
			}
		}
		if got != c.want {
			t.Errorf("%v %q: %q, want %q", c.kind, c.text, got, c.want)
		}
	}
	if stix.ValueKind(0).String() != "" || stix.ValueKind(200).String() != "" {
		t.Error("no kind has a name")
	}
}

// values reads an object of that type with those properties and lists what it
// can be looked up by.
func values(t *testing.T, typ, properties string) []string {
	t.Helper()
	raw := fmt.Sprintf(`{%s,"type":"%s","id":"%s--1"}`, properties, typ, typ)
	o, err := stix.Read([]byte(raw))
	if err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	var out []string
	for _, v := range o.Values {
		out = append(out, v.Kind.String()+" "+v.Text)
	}
	return out
}

func TestObjectsAreFoundByTheirValues(t *testing.T) {
	for _, c := range []struct {
		typ, properties string
		want            []string
	}{
		{"ipv4-addr", `"value":"198.51.100.0/24"`, []string{"ip 198.51.100.0/24"}},
		{"ipv6-addr", `"value":"2001:DB8::1"`, []string{"ip 2001:db8::1"}},
		{"domain-name", `"value":"Example.com."`, []string{"domain example.com"}},
		{"url", `"value":"HTTP://a"`, []string{"url http://a/"}},
		{"email-addr", `"value":"A@b.c","display_name":"A"`, []string{"email a@b.c"}},
		{"mac-addr", `"value":"D2:fb:49:24:37:18"`, []string{"other d2:fb:49:24:37:18"}},
		{"file", `"hashes":{"MD5":"AA","X":"AA","SHA-1":"bb"},"name":"C:\\x\\Y.exe","path":"no"`, []string{"hash aa", "hash bb", "file y.exe"}},
		{"file", `"extensions":{"windows-pebinary-ext":{"file_header_hashes":{"MD5":"cc"},"sections":[{"name":"no","hashes":{"MD5":"dd"}}]}}`, []string{"hash cc", "hash dd"}},
		{"directory", `"path":"C:\\Windows\\System32"`, []string{"file system32"}},
		{"artifact", `"url":"http://a/b","hashes":{"MD5":"ee"}`, []string{"hash ee", "url http://a/b"}},
		{"autonomous-system", `"number":64496,"name":"no"`, []string{"asn 64496"}},
		{"x509-certificate", `"serial_number":"36:F7","hashes":{"SHA-256":"AB"}`, []string{"hash ab", "cert 36f7", "cert ab"}},
		{"windows-registry-key", `"key":"HKEY_A\\B","values":[{"name":"no","data":"no"}]`, []string{`regkey hkey_a\b`}},
		{"mutex", `"name":"M"`, []string{"name m"}},
		{"software", `"name":"Word","vendor":"no"`, []string{"name word"}},
		{"process", `"name":"Cmd.exe","command_line":"no"`, []string{"name cmd.exe"}},
		{"user-account", `"user_id":"1001","account_login":"JDoe","display_name":"John Doe"`, []string{"name 1001", "name jdoe", "name john doe"}},
		{"network-traffic", `"extensions":{"http-request-ext":{"request_header":{"Accept":"no","User-Agent":"Mozilla/5.0"}}}`, []string{"agent Mozilla/5.0"}},
		{"network-traffic", `"extensions":{"http-request-ext":{"request_header":{"user-agent":["A","B","A"]}}}`, []string{"agent A", "agent B"}},
		{"vulnerability", `"name":"CVE-2024-3400","external_references":[{"source_name":"cve","external_id":"cve-2024-3400"}]`, []string{"cve CVE-2024-3400"}},
		{"vulnerability", `"name":"Two: cve-2021-44228, CVE-2021-45046; not CVE-20-1 or CVE-2021-123"`, []string{"cve CVE-2021-44228", "cve CVE-2021-45046"}},
		{"vulnerability", `"name":"Log4Shell"`, nil},
		{"attack-pattern", `"name":"no","external_references":[{"external_id":"T1059"},{"url":"http://no"},{"external_id":7}]`, []string{"other t1059"}},
		{"x-cryptocurrency-wallet", `"value":"1CF46R","address":"bc1q"`, []string{"wallet 1CF46R", "wallet bc1q"}},
		{"malware", `"name":"no","value":"no","hashes":"no"`, nil},
		{"ipv4-addr", `"value":"nonsense"`, nil},
		{"ipv4-addr", `"x_nested":{"value":"198.51.100.1"},"value":["198.51.100.2"]`, nil},
		{"observed-data", `"objects":{"0":{"value":"198.51.100.7","type":"ipv4-addr"},"1":{"type":"file","name":"a.exe","hashes":{"MD5":"FF"},"parent_directory_ref":"2"},"2":{"type":"x509-certificate","hashes":{"MD5":"00"}},"3":{"type":"mutex"}}`,
			[]string{"ip 198.51.100.7", "hash ff", "file a.exe", "hash 00", "cert 00"}},
	} {
		if diff := cmp.Diff(c.want, values(t, c.typ, c.properties)); diff != "" {
			t.Errorf("%s with %s:\n%s", c.typ, c.properties, diff)
		}
	}
}

func TestIndicatorsAreFoundByTheirPatterns(t *testing.T) {
	for pattern, want := range map[string][]string{
		`[ipv4-addr:value = '198.51.100.7']`: {"ip 198.51.100.7"},
		`[ipv4-addr:value='198.51.100.7'OR domain-name : value == 'A.example' AND url:value = 'HTTP://b']`:                                                                                 {"ip 198.51.100.7", "domain a.example", "url http://b/"},
		`([ipv4-addr:value IN ('198.51.100.1', '198.51.100.2' ,'198.51.100.1')] FOLLOWEDBY [file:name = 'x']) WITHIN 5 SECONDS START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'`: {"ip 198.51.100.1", "ip 198.51.100.2", "file x"},
		`[file:hashes.'SHA-256' = 'AB' AND file:hashes.MD5 = 'cd']`:                                                                                                                        {"hash ab", "hash cd"},
		`[file:hashes.sha256 = 'AB' OR app:cert.sha256 = 'CD']`:                                                                                                                            {"hash ab", "hash cd"},
		`[file:name = 'C:\\\\Temp\\\\It\\'s.exe']`:                                                                                                                                         {"file it's.exe"},
		`[file:name = 'a]b' AND file:name = '[c:d = \\'e\\']']`:                                                                                                                            {"file a]b", "file [c:d = 'e']"},
		`[file:extensions.'windows-pebinary-ext'.sections[*].hashes.'MD5' = 'aa']`:                                                                                                         {"hash aa"},
		`[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port = 443]`:                                               {"ip 198.51.100.7"},
		`[network-traffic:dst_ref.value = 'c2.example' OR email-message:from_ref.value = 'A@b.example']`:                                                                                   {"domain c2.example", "email a@b.example"},
		`[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'Evil/1.0']`:                                                                                         {"agent Evil/1.0"},
		`[network-traffic:protocols[*] = 'tcp' AND file:size = 5 AND email-message:subject = 'no']`:                                                                                        nil,
		`[windows-registry-key:key = 'HKEY_A\\\\B' AND windows-registry-key:values[0].data = 'no']`:                                                                                        {`regkey hkey_a\b`},
		`[x509-certificate:serial_number = '36:F7' AND x509-certificate:hashes.'SHA-1' = 'AA']`:                                                                                            {"cert 36f7", "hash aa", "cert aa"},
		`[autonomous-system:number = 64496 AND autonomous-system:number IN (1,2)]`:                                                                                                         {"asn 64496", "asn 1", "asn 2"},
		`[process:image_ref.name = 'X.exe' AND process:name = 'y' AND process:command_line = 'no' AND file:parent_directory_ref.path = 'C:\\\\Temp']`:                                      {"file x.exe", "name y", "file temp"},
		`[user-account:account_login = 'JDoe' AND software:name = 'W' AND mutex:name = 'M' AND directory:path = '/a/b']`:                                                                   {"name jdoe", "name w", "name m", "file b"},
		`[app:id = 'com.Example' AND configuration-profile:id = 'x' AND android-property:name = 'y']`:                                                                                      {"other com.example", "other x", "other y"},
		`[cryptocurrency-wallet:address = '1Ab']`:                                                                                                                                          {"wallet 1Ab"},
		`[artifact:url = 'http://a' AND mac-addr:value = 'AA:bb']`:                                                                                                                         {"url http://a/", "other aa:bb"},
		`[ipv4-addr:value != '198.51.100.7' AND ipv4-addr:value > '198.51.100.6']`:                                                                                                         nil,
		`[ipv4-addr:value NOT = '198.51.100.7' AND ipv4-addr:value NOT IN ('198.51.100.8')]`:                                                                                               nil,
		`[domain-name:value LIKE '%.example' AND url:value MATCHES '^http' AND ipv4-addr:value ISSUPERSET '198.51.100.0/24' AND EXISTS ipv4-addr:value]`:                                   nil,
		`[ipv4-addr:value ISSUBSET '198.51.100.0/24' AND ipv6-addr:value NOT ISSUBSET '2001:db8::/32']`:                                                                                    {"ip 198.51.100.0/24"},
		`[ipv4-addr:value = h'c0a8' OR x-a:b = t'2026-01-01T00:00:00Z' OR x-a:c IN (true, 'd', b'AA==', 'e')]`:                                                                             {"other d", "other e"},
		`[domain-name:value = 'unclosed`: {"domain unclosed"},
		`[file:hashes.'unclosed = `:      nil,
		`[file:`:                         nil,
		`[file:a[`:                       nil,
		`[file:name = 'x\\`:              {`file x`},
		`[file:name IN (`:                nil,
		`]]'':::=IN('a')`:                nil,
		``:                               nil,
	} {
		quoted := strings.ReplaceAll(pattern, `"`, `\"`)
		if diff := cmp.Diff(want, values(t, "indicator", `"pattern_type":"stix","pattern":"`+quoted+`"`)); diff != "" {
			t.Errorf("%s:\n%s", pattern, diff)
		}
		if diff := cmp.Diff(want, values(t, "indicator", `"pattern":"`+quoted+`"`)); diff != "" {
			t.Errorf("without pattern_type: %s:\n%s", pattern, diff)
		}
	}
	if got := values(t, "indicator", `"pattern_type":"sigma","pattern":"[ipv4-addr:value = '198.51.100.7']"`); got != nil {
		t.Errorf("a pattern in another language gave %v", got)
	}
}

func TestOneObjectHasAtMost256Values(t *testing.T) {
	var list strings.Builder
	for i := range 400 {
		fmt.Fprintf(&list, "'h%d.example',", i)
	}
	got := values(t, "indicator", `"pattern":"[domain-name:value IN (`+list.String()+`'last.example')]"`)
	if len(got) != 256 || got[255] != "domain h255.example" {
		t.Errorf("%d values", len(got))
	}
}

// texts draws what values are made of: letters and signs that forms treat each in
// their way, texts that are cut, and bytes that are no text.
func texts() *rapid.Generator[string] {
	short := rapid.StringOfN(rapid.RuneFrom([]rune("aAfZ019０１.:/\\@[] \t-％ßİȺＡ。ASasxü\u00ad\u3002\ufe52")), 0, 12, -1)
	long := rapid.Custom(func(t *rapid.T) string {
		part := rapid.OneOf(rapid.SampledFrom([]string{"a", "A", "0", "Ab:", ".", "a.", " ", "/", "/..", "ü", "Ⱥ.", "。", "\x80", "\xc3", "%4"}),
			rapid.StringN(1, 4, -1)).Draw(t, "part")
		bytes := rapid.SampledFrom([]int{500, 512, 1000, 1020, 1024, 1100}).Draw(t, "bytes")
		return strings.Repeat(part, bytes/len(part)+rapid.IntRange(0, 3).Draw(t, "more"))
	})
	urls := rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom([]string{"http://", "HTTPS://", "hxxp://", "http://a/" + strings.Repeat("b", 1010), "ftp://u@", "AS", "1.2.3.", "::"}).Draw(t, "begin") +
			rapid.StringOfN(rapid.RuneFrom([]rune("aZ0124569０.../:@[] 843%%%EfF?#")), 0, 16, -1).Draw(t, "rest")
	})
	bytes := rapid.Custom(func(t *rapid.T) string { return string(rapid.SliceOfN(rapid.Byte(), 0, 12).Draw(t, "bytes")) })
	joined := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.OneOf(short, long, urls, bytes), 2, 4).Draw(t, "parts"), "")
	})
	return rapid.OneOf(short, rapid.String(), long, urls, bytes, joined)
}

// What has been brought into its form stays as it is: an index and a question
// may each have normalised it once more than the other.
func TestFormsAreStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := stix.ValueKind(rapid.IntRange(int(stix.ValueIP), int(stix.ValueOther)).Draw(t, "kind"))
		v, ok := stix.NewValue(kind, texts().Draw(t, "text"))
		if !ok {
			return
		}
		if len(v.Text) > 1024 {
			t.Fatalf("%v of %d bytes", v.Kind, len(v.Text))
		}
		if again, ok := stix.NewValue(v.Kind, v.Text); !ok || again != v {
			t.Fatalf("%v %q becomes %v %q when it is read again", v.Kind, v.Text, again.Kind, again.Text)
		}
	})
}

func TestURLsWithoutFragmentAndUser(t *testing.T) {
	for url, want := range map[string]string{
		"http://a.example/x":        "",
		"http://a.example/x#f":      "http://a.example/x",
		"http://u:p@a.example/x@y":  "http://a.example/x@y",
		"http://u@a.example/?q#f@g": "http://u@a.example/?q http://a.example/?q#f@g http://a.example/?q",
		"urn:x#f":                   "",
		"http://a.example/#":        "http://a.example/",
	} {
		var got []string
		for _, v := range stix.BareURLs(url) {
			got = append(got, v.Text)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", url, got, want)
		}
	}
}
