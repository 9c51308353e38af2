package lookup_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"entente/internal/practice/lookup"
	"entente/stix"
)

// readings are written "kind text" or "kind text (wider)".
func readings(text string) (out []string) {
	for _, r := range lookup.Readings(text) {
		s := r.Kind.String() + " " + r.Text
		if r.Wider != "" {
			s += " (" + string(r.Wider) + ")"
		}
		out = append(out, s)
	}
	return out
}

func TestReadings(t *testing.T) {
	for text, want := range map[string][]string{
		"evil.example":                     {"domain evil.example", "file evil.example", "name evil.example", "other evil.example"},
		"a.b.evil.co.uk.":                  {"domain a.b.evil.co.uk", "file a.b.evil.co.uk", "name a.b.evil.co.uk", "other a.b.evil.co.uk", "domain b.evil.co.uk (parent domain)", "domain evil.co.uk (parent domain)"},
		"evil.example/a?b":                 {"url http://evil.example/a?b", "url https://evil.example/a?b", "file a?b", "name evil.example/a?b", "other evil.example/a?b", "agent evil.example/a?b", "domain evil.example (host)"},
		"hxxp://Evil[.]example/a":          {"url http://evil.example/a", "domain evil.example (host)"},
		"hxxps://u@a.b.example:8443":       {"url https://u@a.b.example:8443/", "url https://a.b.example:8443/ (bare URL)", "domain a.b.example (host)", "domain b.example (parent domain)"},
		"http://a.b.example/%7ex/../y?q#f": {"url http://a.b.example/y?q#f", "url http://a.b.example/y?q (bare URL)", "domain a.b.example (host)", "domain b.example (parent domain)"},
		"0A:ff:12:34":                      {"cert 0aff1234", "other 0a:ff:12:34", "file 0a:ff:12:34", "name 0a:ff:12:34"},
		"http://[2001:db8::1]/x":           {"url http://[2001:db8::1]/x", "ip 2001:db8::1 (host)"},
		"“ana[at]mail[.]example”,":         {"email ana@mail.example", "name ana@mail.example", "domain mail.example (mail domain)"},
		"<mailto:ana@mail.example>":        {"email ana@mail.example", "name ana@mail.example", "domain mail.example (mail domain)"},
		"cve-2024-3400":                    {"cve CVE-2024-3400"},
		"CVE: cve_2024_3400.":              {"cve CVE-2024-3400"},
		`HKLM\Software\Evil`:               {`regkey hkey_local_machine\software\evil`, `regkey hklm\software\evil`},
		`HKEY_USERS\S-1`:                   {`regkey hkey_users\s-1`},
		"192.0.2.0/10":                     {"ip 192.0.0.0/10", "ip 192.0.0.0/9 (prefix)", "ip 192.0.0.0/8 (prefix)"},
		"AS64496":                          {"asn 64496", "file as64496", "name as64496", "other as64496"},
		"AA-BB-CC-DD-EE-FF":                {"cert aabbccddeeff", "other aa:bb:cc:dd:ee:ff", "file aa-bb-cc-dd-ee-ff", "name aa-bb-cc-dd-ee-ff", "other aa-bb-cc-dd-ee-ff"},
		"Mozilla/5.0 (X11)":                {"file 5.0 (x11)", "name mozilla/5.0 (x11)", "other mozilla/5.0 (x11)", "agent Mozilla/5.0 (X11)"},
		"ev\u200bil.exam\u202eple":         {"domain evil.example", "file evil.example", "name evil.example", "other evil.example"},
		"":                                 nil,
		"  ":                               nil,
		"\u202e\u2066":                     nil,
		`"()"`:                             nil,
		strings.Repeat("word ", 1e4):       nil,
	} {
		if got := readings(text); !slices.Equal(got, want) {
			t.Errorf("%.80q is read as\n%q, want\n%q", text, got, want)
		}
	}
}

func TestAddressIsLookedForInPrefixes(t *testing.T) {
	got := readings("198[.]51[.]100[.]7")
	if got[0] != "ip 198.51.100.7" || !slices.Contains(got, "ip 198.51.100.0/24 (prefix)") || len(got) != 1+24 {
		t.Errorf("it is read as %q", got)
	}
}

// What is looked at before an expression is asked does not decide otherwise.
func TestFormsAreThoseOfTheExpressions(t *testing.T) {
	hex, wallet := regexp.MustCompile(`^[0-9A-Fa-f]{8,128}$`), regexp.MustCompile(`^[0-9A-Za-z]{25,110}$`)
	asn := regexp.MustCompile(`^(?i:asn? ?)?[0-9]{1,10}$`)
	fuzzy := regexp.MustCompile(`^[0-9]+:[0-9A-Za-z/+]+:[0-9A-Za-z/+]+$|^T1[0-9A-Fa-f]{70}$`)
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(rapid.StringMatching(`[0-9A-Fa-fg]{6,130}`), rapid.StringMatching(`[0-9A-Za-z-]{23,112}`), rapid.StringMatching(`([Aa][Ss]?[Nn]? ?)?[0-9]{0,12}x?`),
			rapid.StringMatching(`[0-9]{1,2}:[a-z/+]{0,3}:[A-Z]{1,3}-?`), rapid.StringMatching(`[Tt]1[0-9A-Fa-f]{69,71}`)).Draw(rt, "text")
		is := map[stix.ValueKind]bool{}
		for _, r := range lookup.Readings(text) {
			is[r.Kind] = true
		}
		if is[stix.ValueIP] {
			return // as 1:2:a of IPv6 would be
		}
		if !strings.HasPrefix(strings.ToLower(text), "asn:") && is[stix.ValueHash] != (hex.MatchString(text) || fuzzy.MatchString(text)) {
			rt.Errorf("%q is read as a hash: %v", text, is[stix.ValueHash])
		}
		if is[stix.ValueWallet] != wallet.MatchString(text) {
			rt.Errorf("%q is read as a wallet: %v", text, is[stix.ValueWallet])
		}
		if digits := strings.TrimLeft(text, "AaSsNn "); asn.MatchString(text) && len(digits) < 10 && !is[stix.ValueASN] || is[stix.ValueASN] && !asn.MatchString(text) {
			rt.Errorf("%q is read as an AS number: %v", text, is[stix.ValueASN])
		}
	})
}

// IPv4 within IPv6 is looked for in networks of IPv4, of the lengths there are.
func TestMappedNetworkIsLookedForInThoseOfIPv4(t *testing.T) {
	p := newWorld(t).place(t)
	p.publish((&thing{typ: "ipv4-addr", n: 1, value: "198.51.100.0/22"}).json())
	for _, text := range []string{"198.51.100.7", "::ffff:198.51.100.7", "::ffff:198.51.100.0/120"} {
		if a := p.find(10, text)[0]; len(a.Findings) != 1 || a.Findings[0].Wider != lookup.Prefix {
			t.Errorf("of %s is known %s", text, p.told(a))
		}
	}
}

func TestAFuzzyHashIsNoURL(t *testing.T) {
	for text, want := range map[string]string{"3://aB:cD": "hash 3://aB:cD", "http://a.example/": "url http://a.example/"} {
		if got := readings(text); len(got) == 0 || got[0] != want {
			t.Errorf("%s is read as %q, want %q", text, got, want)
		}
	}
}

func TestHashIsReadAsHashFirst(t *testing.T) {
	const md5 = "D41D8CD98F00B204E9800998ECF8427E"
	if got := readings(md5); got[0] != "hash d41d8cd98f00b204e9800998ecf8427e" || got[1] != "cert d41d8cd98f00b204e9800998ecf8427e" {
		t.Errorf("it is read as %q", got)
	}
}

func FuzzReadings(f *testing.F) {
	for _, s := range []string{"a.b.c", "hxxp://x[.]y", "1.2.3.4/33", "[::]://", "@", "a://[", "…", `"(a)",`, "md5: ", "\u202e", "1.2.3.4:5", `hklm\\x`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range lookup.Readings(text) {
			if r.Text == "" || r.Kind == 0 {
				t.Errorf("%q has an empty reading", text)
			}
		}
	})
}
