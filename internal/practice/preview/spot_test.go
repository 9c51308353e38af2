package preview

import (
	"slices"
	"strings"
	"testing"

	"entente/stix"
)

func TestSpot(t *testing.T) {
	for text, want := range map[string]string{
		"dc01.corp.local (10.1.2.3), gw1[.]estmark[.]example.":               "domain dc01.corp.local, ip 10.1.2.3, domain gw1.estmark.example",
		"hxxps://wiki.corp.local/x?u=http://h/":                              "url https://wiki.corp.local/x?u, url http://h/",
		"http://[fd00::1]:80/a":                                              "url http:///, ip fd00::1",
		"10.0.0.1-10.0.0.9 10.1.0.0/16 :10.2.0.1:443":                        "ip 10.0.0.1, ip 10.0.0.9, ip 10.1.0.0/16, ip 10.2.0.1",
		`\\fs.corp.lan\share C:\x\rc.local`:                                  `domain fs.corp.lan, below rc.local`,
		"mailto:Kai[at]corp.lan; as64500, 1.2.3.4.5 v1.2 a..b e.g. 12:30:45": "email kai@corp.lan, asn 64500, domain e.g",
		"AB:" + strings.Repeat("ab:", 18) + "ab":                             "cert " + strings.Repeat("ab", 20),
		"grüße.corp":                                                         "domain xn--gre-6ka8l.corp",
		"*.corp.local '::1' fe80::1%eth0":                                    "domain corp.local, ip ::1, ip fe80::1%eth0",
	} {
		var got []string
		for v := range spot(text) {
			kind := v.Kind.String()
			if v.below {
				kind = "below"
			}
			got = append(got, kind+" "+v.Text)
		}
		if list := strings.Join(got, ", "); list != want {
			t.Errorf("spot(%q)\n got %s\nwant %s", text, list, want)
		}
	}
}

// What is spotted is in the form in which objects are looked up by it, and an address is
// found whatever stands around it.
func FuzzSpot(f *testing.F) {
	f.Add("dc01[.]corp[.]local (10.1.2.3) and hxxp://x/", "\"")
	f.Add(`\\a.b\c d@e.f [::1]:80 AS1`, " ")
	f.Fuzz(func(t *testing.T, text, around string) {
		for v := range spot(text) {
			again, ok := stix.NewValue(v.Kind, v.Text)
			if !ok || again != v.Value {
				t.Errorf("%q: %v is read again as %v", text, v.Value, again)
			}
		}
		var found []string
		for v := range spot(text + " 10.1.2.3 " + around) {
			found = append(found, v.Text)
		}
		if !slices.Contains(found, "10.1.2.3") && !strings.HasPrefix(stix.Refang(" 10.1.2.3 "+around), " 10.1.2.3.") && !strings.HasSuffix(text, "dot") {
			t.Errorf("%q, %q: the address is not found, but %q", text, around, found)
		}
	})
}
