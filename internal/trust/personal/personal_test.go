package personal_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"entente/internal/trust/personal"
	"entente/stix"
)

// about is an object whose description is a text.
func about(tb testing.TB, text string) *stix.Object {
	tb.Helper()
	quoted, err := json.Marshal(text)
	if err != nil {
		tb.Fatal(err)
	}
	return object(tb, `{"type":"note","spec_version":"2.1","id":"note--11111111-1111-4111-8111-111111111111","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00.123456Z","content":`+string(quoted)+`}`)
}

func object(tb testing.TB, raw string) *stix.Object {
	tb.Helper()
	o, err := stix.Read([]byte(raw))
	if err != nil {
		tb.Fatal(err)
	}
	return &o
}

func words(found []personal.Found) string {
	var list []string
	for _, f := range found {
		list = append(list, f.Kind.String()+" "+f.Text)
	}
	return strings.Join(list, ", ")
}

// TestWhatIsFound: the numbers are those that the schemes publish as examples.
func TestWhatIsFound(t *testing.T) {
	for text, want := range map[string]string{
		"write to Ana.Kovac@mail.example.":                        "email ana.kovac@mail.example",
		"seen:\nbob@example.org\tand <carol+x@sub.example.co.uk>": "email bob@example.org, email carol+x@sub.example.co.uk",
		"lure sent to bob[at]example[.]org":                       "email bob@example.org",
		"https://login.evil.example/?u=bob%40example.org&x=1":     "email bob@example.org",
		"[email-addr:value = 'x@evil.example']":                   "email x@evil.example",
		"müller@straße.de":                                        "email müller@straße.de",
		"a@b.example, a@b.example":                                "email a@b.example",
		"call +49 (30) 901820-33 today":                           "phone +493090182033",
		"+1 212 555 0123":                                         "phone +12125550123",
		"tel: 030 901820":                                         "phone 030901820",
		"fax 0049 30 901820":                                      "phone +4930901820",
		"(212) 555-0123":                                          "phone +12125550123",
		"212-555-0123":                                            "phone +12125550123",
		"paid with 4111 1111 1111 1111, then":                     "card 4111111111111111",
		"378282246310005":                                         "card 378282246310005",
		"5555-5555-5555-4444":                                     "card 5555555555554444",
		"to DE89 3704 0044 0532 0130 00":                          "iban DE89370400440532013000",
		"\nGB82WEST12345698765432":                                "iban GB82WEST12345698765432",
		"PESEL: 44051401359":                                      "national-id pesel:44051401359",
		"BSN 111222333":                                           "national-id bsn:111222333",
		"529.982.247-25":                                          "national-id cpf:52998224725",
		"811218-9876":                                             "national-id personnummer:8112189876",
		"19811218-9876":                                           "national-id personnummer:8112189876",
		"2 55 08 14 168 025 38":                                   "national-id nir:255081416802538",
		"255081416802538":                                         "national-id nir:255081416802538",
		"DNI 12345678Z or 12345678-Z":                             "national-id dni:12345678Z",
		"X1234567L":                                               "national-id dni:X1234567L",
		"RSSMRA85T10A562S":                                        "national-id codice-fiscale:RSSMRA85T10A562S",
	} {
		if got := words(personal.Find(about(t, text), false)); got != want {
			t.Errorf("in %q was found %q; want %q", text, got, want)
		}
	}
}

func TestWhatIsNotPersonal(t *testing.T) {
	for _, text := range []string{
		"abuse@isp.example, noc@isp.example, no-reply@shop.example", // offices
		"logo@2x.png", "lodash@4.17.21", "git@github.com:o/r", "@ana", "a@b", "ftp://user:pass@host.example/x",
		"Message-ID: <CAF4x9q@mail.example.org>",
		"44051401359", "111222333", "52998224725", "8112189876", // numbers that could be anything
		"4111 1111 1111 1112", "4111111111111111.5", "DE89370400440532013001", "GB82 WEST 1234 5698 7654 3",
		"12345678A", "10135536B", "RSSMRA85T10A562T", "255081416802539", "529.982.247-26", "811218-9875",
		"1700000000123456", "2026-11-26", "20261126T101010Z", "version 10.0.19041.1", "AS64500", "port 65535", "198.51.100.23:8443",
		"+0200", "2026-01-01T10:00:00+02:00", "CVE-2024-34001234", "10.1038/s41586-020-2649", "C:\\123456789", "+12345", "+45.77.36.243",
	} {
		if got := personal.Find(about(t, text), false); got != nil {
			t.Errorf("in %q was found %q", text, words(got))
		}
	}
}

func TestEscapesHideNothing(t *testing.T) {
	const raw = `{"type":"note","spec_version":"2.1","id":"note--11111111-1111-4111-8111-111111111111","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","content":"bob\u0040example.org \u002b49 30 9018200, \u00344111"}`
	if got, want := words(personal.Find(object(t, raw), false)), "email bob@example.org, phone +49309018200"; got != want {
		t.Errorf("found %q; want %q", got, want)
	}
	const person = `{"type":"id\u0065ntity","spec_version":"2.1","id":"identity--11111111-1111-4111-8111-111111111111","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","n\u0061me":"\u0041na Kovac","identity\u005fclass":"\u0069ndividual"}`
	if got, want := words(personal.Find(object(t, person), false)), "name ana kovac"; got != want {
		t.Errorf("of a person was found %q; want %q", got, want)
	}
}

// TestNumbersOutsideOfStringsAreNoCards: sizes and counts are not.
func TestNumbersOutsideOfStringsAreNoCards(t *testing.T) {
	const raw = `{"type":"file","spec_version":"2.1","id":"file--11111111-1111-5111-8111-111111111111","name":"a \" b","size":4111111111111111}`
	if got := personal.Find(object(t, raw), false); got != nil {
		t.Errorf("found %q", words(got))
	}
}

func TestIndividualsHaveNames(t *testing.T) {
	for class, want := range map[string]string{"individual": "name ana kovač", "organization": ""} {
		raw := `{"type":"identity","spec_version":"2.1","id":"identity--11111111-1111-4111-8111-111111111111","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":"Ana  Kovač","identity_class":"` + class + `"}`
		if got := words(personal.Find(object(t, raw), false)); got != want {
			t.Errorf("%s: found %q; want %q", class, got, want)
		}
	}
}

// TestAddressesArePersonalWhenMarked: an address is a person's when the object says so.
func TestAddressesArePersonalWhenMarked(t *testing.T) {
	o := object(t, `{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--11111111-1111-5111-8111-111111111111","value":"198.51.100.23"}`)
	if got := words(personal.Find(o, false)); got != "" {
		t.Errorf("unmarked: %q", got)
	}
	if got := words(personal.Find(o, true)); got != "address 198.51.100.23" {
		t.Errorf("marked: %q", got)
	}
	if got := words(personal.Find(about(t, "nothing"), true)); got != "stated " {
		t.Errorf("marked, with nothing to find: %q", got)
	}
}

func TestWhatIsAskedAbout(t *testing.T) {
	for text, want := range map[string]string{
		"Bob@Example.org": "email bob@example.org", "+49 30 9018200": "phone +49309018200", "198.51.100.23": "address 198.51.100.23",
		"Ana  KOVAČ": "name ana kovač", "pesel:44051401359": "national-id pesel:44051401359", "": "",
	} {
		if got := words(personal.Of(text)); got != want {
			t.Errorf("%q: %q; want %q", text, got, want)
		}
	}
}

// technical draws what objects are full of and is nobody's.
var technical = rapid.Custom(func(t *rapid.T) string {
	bytes := func(n int) []byte { return rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "bytes") }
	from := func(alphabet string, n int) string {
		return string(rapid.SliceOfN(rapid.SampledFrom([]byte(alphabet)), n, n).Draw(t, "letters"))
	}
	num := func(most int) int { return rapid.IntRange(0, most).Draw(t, "number") }
	const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	switch num(12) {
	case 0:
		return hex.EncodeToString(bytes(rapid.SampledFrom([]int{4, 16, 20, 28, 32, 48, 64}).Draw(t, "hash")))
	case 1:
		return strings.ToUpper(hex.EncodeToString(bytes(32)))
	case 2:
		b := hex.EncodeToString(bytes(16))
		return "malware--" + b[:8] + "-" + b[8:12] + "-" + b[12:16] + "-" + b[16:20] + "-" + b[20:]
	case 3:
		return fmt.Sprintf("20%02d-%02d-%02dT%02d:%02d:%02d.%06dZ", num(99), 1+num(11), 1+num(27), num(23), num(59), num(59), num(999999))
	case 4:
		return fmt.Sprintf("AS%d", num(4294967295))
	case 5:
		return fmt.Sprintf("%d.%d.%d.%d", num(255), num(255), num(99999), num(99999))
	case 6:
		return fmt.Sprintf("%d.%d.%d.%d:%d", num(255), num(255), num(255), num(255), num(65535))
	case 7:
		return "1" + from(base58, 33)
	case 8:
		return "bc1q" + from("qpzry9x8gf2tvdw0s3jn54khce6mua7l", 38)
	case 9:
		return "0x" + hex.EncodeToString(bytes(20))
	case 10:
		return fmt.Sprintf("CVE-%d-%d", 1999+num(40), num(9999999))
	case 11:
		return fmt.Sprintf("https://h%d.example/%d/%s", num(99999), num(999999999), hex.EncodeToString(bytes(8)))
	default:
		return fmt.Sprintf("1%09d", num(999999999)) // seconds since 1970
	}
})

func TestTechnicalValuesAreNobodys(tb *testing.T) {
	rapid.Check(tb, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(technical, 1, 20).Draw(t, "values"), rapid.SampledFrom([]string{" ", ", ", "\n", "' OR x = '"}).Draw(t, "between"))
		if got := personal.Find(about(tb, text), false); got != nil {
			t.Fatalf("in %q was found %q", text, words(got))
		}
	})
}

// TestAddressIsFoundAnywhere: whatever stands around it.
func TestAddressIsFoundAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := rapid.String().Draw(t, "before"), rapid.String().Draw(t, "after")
		text := before + " <ana.kovac@mail.example> " + after
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Skip("what JSON cannot hold")
		}
		o := stix.Object{Raw: []byte(`{"content":` + string(quoted) + `}`)}
		found := personal.Find(&o, false)
		want := personal.Found{Kind: personal.Email, Text: "ana.kovac@mail.example"}
		if !slices.Contains(found, want) && len(found) < personal.MostFound {
			t.Fatalf("in %q was found %q", text, words(found))
		}
	})
}

func FuzzFind(f *testing.F) {
	for _, text := range []string{
		"bob[at]example[.]org %40 [@] +49 (30) 901820-33 tel: 030 901820", "(212) 555-0123 4111 1111 1111 1111 DE89 3704 0044 0532 0130 00",
		"PESEL: 44051401359 529.982.247-25 811218-9876 2 55 08 14 168 025 38 12345678-Z RSSMRA85T10A562S", `\u0040 \ " \\n`, "+", "@", "(", "12345678", "2A",
	} {
		f.Add([]byte(`{"type":"identity","identity_class":"individual","name":"` + text + `","x":"` + text + `"}`))
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		o, err := stix.Read(raw)
		if err != nil { // bytes that no object is made of must do no harm either
			o = stix.Object{Raw: raw}
		}
		for _, marked := range []bool{false, true} {
			found := personal.Find(&o, marked)
			if len(found) > personal.MostFound || marked && len(found) == 0 {
				t.Fatalf("%d found", len(found))
			}
		}
		personal.Of(string(raw))
	})
}

func BenchmarkFind(b *testing.B) {
	o := object(b, `{"type":"indicator","spec_version":"2.1","id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created_by_ref":"identity--3c1f7a52-6d0e-4b8e-9d27-5a1c0f4e8b61","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],"name":"loader drops second stage","description":"`+strings.Repeat("observed beaconing to staging host over HTTPS after phishing of finance staff ", 3)+`","indicator_types":["malicious-activity"],"pattern":"[file:hashes.'SHA-256' = 'aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","confidence":85}`)
	b.Run("find", func(b *testing.B) {
		b.SetBytes(int64(len(o.Raw)))
		b.ReportAllocs()
		for b.Loop() {
			personal.Find(o, false)
		}
	})
	b.Run("read", func(b *testing.B) { // to hold it against
		b.SetBytes(int64(len(o.Raw)))
		for b.Loop() {
			if _, err := stix.Read(o.Raw); err != nil {
				b.Fatal(err)
			}
		}
	})
}
