package detect_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"entente/internal/practice/detect"
	"entente/stix"
)

func valuesOf(t testing.TB, text string) []string {
	t.Helper()
	var all []string
	f := detect.NewValues(func(v stix.Value) { all = append(all, v.Kind.String()+" "+v.Text) })
	if err := f.Add([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.End(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestValuesThatStandInALine(t *testing.T) {
	sha := strings.Repeat("ab", 32)
	for text, want := range map[string][]string{
		"from 198.51.100.7:443 to 10.0.0.1, 127.0.0.1 and 2001:db8::7":       {"ip 198.51.100.7", "ip 2001:db8::7"},
		"query[A] WWW.Evil.example.ORG from 192.168.1.2":                     {"domain www.evil.example.org"},
		"evil[.]com hxxp://c2[.]evil[.]com/gate":                             {"domain c2.evil.com", "domain evil.com", "url http://c2.evil.com/gate"},
		"Q A (2)c2(4)evil(3)com(0)":                                          {"domain c2.evil.com"},
		"asked for a9f3.bazar, dot-bit.bit and www.pay.drum.example":         {"domain a9f3.bazar", "domain dot-bit.bit", "domain www.pay.drum.example"},
		`{"q":"b\u00fccher.com"}`:                                            {"domain xn--bcher-kva.com"},
		"http://printer.local/x, host.corp":                                  nil,
		"to=<ana@water.org> sha256=" + strings.ToUpper(sha):                  {"domain water.org", "email ana@water.org", "hash " + sha},
		`{"q":"a.com","u":"https:\/\/b.com\/p?x=1"}`:                         {"domain a.com", "domain b.com", "url https://b.com/p?x=1"},
		"version 1.2.3 of kernel32.dll at 12:30:00, com localhost":           nil,
		"nothing " + strings.Repeat("z", 32) + " " + strings.Repeat("0", 31): nil,
	} {
		if diff := cmp.Diff(want, valuesOf(t, text)); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

// Of lines with fields, what no text tells is given, too.
func TestValuesThatFieldsTell(t *testing.T) {
	for text, want := range map[string][]string{
		"#separator \\x09\n#fields\tts\tid.resp_p\thost\turi\tfilename\n1.0\t80\tc2.evil.com\t/gate?x=1\tdrop.exe\n": {"domain c2.evil.com", "file drop.exe", "url http://c2.evil.com/gate?x=1"},
		"#fields\thost\turi\tid.resp_p\n" + "evil.com\t/a\t8080\nevil.com\t-\t443\n":                                 {"domain evil.com", "url http://evil.com:8080/a", "url https://evil.com/"},
		`{"event_type":"http","dest_port":80,"http":{"hostname":"evil.com","url":"\/p","http_port":80}}`:             {"domain evil.com", "url http://evil.com/p"},
		`{"EventID":1,"Image":"C:\\Temp\\Rcmd.exe","CommandLine":"rcmd.exe -x"}`:                                     {"file rcmd.exe"},
		`{"image":"C:\\Windows\\System32","host":"printer.local","uri":"/x"}`:                                        nil,
		"host,uri\nevil.com,/a\n": {"domain evil.com", "url http://evil.com/a"},
	} {
		if diff := cmp.Diff(want, valuesOf(t, text)); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

// What an indicator would have hit is among the values, so that it hits later, too.
func TestWhatHitsIsGiven(t *testing.T) {
	texts := []string{"evil.com", "198.51.100.7", "c2.evil.com", "ana@evil.com", "http://evil.com/a", strings.Repeat("0a", 16), "2001:db8::7"}
	patterns := []string{"[domain-name:value = 'evil.com']", "[ipv4-addr:value = '198.51.100.7']", "[domain-name:value = 'c2.evil.com']", "[email-addr:value = 'ana@evil.com']",
		"[url:value = 'http://evil.com/a']", "[file:hashes.MD5 = '" + strings.Repeat("0a", 16) + "']", "[ipv6-addr:value = '2001:db8::7']"}
	s := setOf(t, patterns...)
	around := append([]string{" ", "\n", ",", ".", "\"", "<", ">", "=", "\\n", "(", ")", "[.]", ":", "/", "%3A%2F%2F", "x"}, texts...)
	rapid.Check(t, func(r *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(around), 1, 12).Draw(r, "text"), "")
		all := valuesOf(t, text)
		_, err := s.Scan(t.Context(), "log", strings.NewReader(text), func(h detect.Hit) error {
			want := h.Matched.Kind.String() + " " + h.Matched.Text
			if h.How == detect.Exact && !slices.ContainsFunc(all, func(v string) bool { return v == want || h.Matched.Kind == stix.ValueURL && strings.HasPrefix(v, want) }) {
				return fmt.Errorf("%q hit, and %q were given", want, all)
			}
			return nil
		})
		if err != nil {
			r.Fatalf("%q: %v", text, err)
		}
	})
}

func TestWhatAnIndicatorAsksFor(t *testing.T) {
	v := stix.Value{Kind: stix.ValueDomain, Text: "evil.com"}
	for raw, want := range map[string]bool{
		`{"pattern":"[domain-name:value = 'Evil.com']","pattern_type":"stix"}`:                true,
		`{"pattern":"[domain-name:value = 'evil.com' AND ipv4-addr:value = '198.51.100.7']"}`: true,
		`{"pattern":"[domain-name:value = 'evil.com']","valid_until":"2020-01-01T00:00:00Z"}`: true,
		`{"pattern":"[domain-name:value = 'evil.com']","pattern_type":"stix","revoked":true}`: false,
		`{"pattern":"[domain-name:value = 'other.com']"}`:                                     false,
		`{"pattern":"evil.com","pattern_type":"yara"}`:                                        false,
	} {
		if got := detect.AsksFor([]byte(raw), v); got != want {
			t.Errorf("%s: %v", raw, got)
		}
	}
}
