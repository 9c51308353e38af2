package stix_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"entente/stix"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Three objects that differ in all that a scanner might lose.
const (
	campaign = `{"type":"campaign","spec_version":"2.1","id":"campaign--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2026-04-06T20:03:00.0000000001Z","modified":"2026-04-06T20:03:00Z","name":"Nachtfalter \u0022\ud83e\udd8b\" 🦋","revoked":true}`
	address  = `{ "value" : "198.51.100.7" , "id":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4", "type":"ipv4-addr","n":[1.50,-0,1e2,{ }] }`
	old      = `{"id":"identity--311b2d2d-f010-4473-83ec-1edf84858f4c","created":"2015-12-21T19:59:11.000Z","type":"identity"}`
)

// scanned is what a scan gave: the bytes of objects and the texts of errors, in
// order.
func scanned(r io.Reader, opts ...stix.ScanOption) (out []string) {
	for o, err := range stix.Scan(r, opts...) {
		if err != nil {
			out = append(out, err.Error())
		} else {
			out = append(out, string(o.Raw))
		}
	}
	return out
}

// readers give the same bytes in different portions.
func readers(text string) map[string]io.Reader {
	return map[string]io.Reader{
		"whole":         strings.NewReader(text),
		"byte by byte":  iotest.OneByteReader(strings.NewReader(text)),
		"halves":        iotest.HalfReader(strings.NewReader(text)),
		"end with data": iotest.DataErrReader(strings.NewReader(text)),
	}
}

func TestScanReadsEveryForm(t *testing.T) {
	three := []string{campaign, address, old}
	list := strings.Join(three, " ,\r\n\t")
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"bundle":                     {`{"type":"bundle","id":"bundle--1","objects":[` + list + `]}`, three},
		"bundle, objects first":      {`{"objects":[` + list + `],"id":"bundle--1","type":"bundle"}`, three},
		"bundle, type in the middle": {`{"x":{"objects":[1,"]}"]},"type":"bundle","objects":[` + list + `],"y":[[]]}`, three},
		"bundle, escaped names":      {`{"\u006fbjects":[` + list + `],"typ\u0065":"bundle"}`, three},
		"bundle without objects":     {`{"type":"bundle","id":"bundle--1"}`, nil},
		"bundle of none":             {`{"type":"bundle","objects":[ ]}`, nil},
		"envelope":                   {`{"more":true,"next":"abc","objects":[` + list + `]}`, three},
		"envelope, objects first":    {`{"objects":[` + list + `],"more":false}`, three},
		"envelope without objects":   {`{"more":false}`, nil},
		"empty envelope":             {`{}`, nil},
		"array":                      {"[" + list + "]", three},
		"array of none":              {"[]", nil},
		"array of bundles":           {`[{"type":"bundle","objects":[` + campaign + `]},` + old + `]`, []string{campaign, old}},
		"lines":                      {campaign + "\n" + address + "\n" + old, three},
		"lines, CRLF, blank, mark":   {"\xef\xbb\xbf" + campaign + "\r\n\r\n \t\r\n" + address + "\r\n" + old + "\r\n\r\n", three},
		"one after another":          {campaign + address + old, three},
		"bundles on lines":           {`{"type":"bundle","objects":[` + campaign + "]}\n" + `{"objects":[` + address + "]}\n" + old, three},
		"single":                     {old, []string{old}},
		"single, spaced":             {"\n " + address + " \n", []string{address}},
		"nothing":                    {"", nil},
		"white space":                {" \r\n\t", nil},
	} {
		for how, r := range readers(c.text) {
			if diff := cmp.Diff(c.want, scanned(r)); diff != "" {
				t.Errorf("%s, %s:\n%s", name, how, diff)
			}
		}
	}
}

func TestScanReadsTheEnvelope(t *testing.T) {
	raw := `{"created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff",` +
		`"granular_markings":[{"marking_ref":"marking-definition--089a6ecb-cc15-43cc-9494-767639779123","selectors":["a"]},{"lang":"de","selectors":["b"]}],` +
		`"object_marking_refs":["marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da","unknown"],` +
		`"extensions":{"http-request-ext":{"message_body_data_ref":"artifact--4cce66f8-6eaa-53cb-85d5-3a85fca3a6c5"},` +
		`"a.b":{"deep":[[{"x_refs":["tool--\u0038e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",7,"no id"]}],{"y_ref":3}]}},` +
		`"object_refs":["indicator--26ffb872-1dd9-446e-b6f5-d58527e5b5d2","x--26ffb872-1dd9-446e-b6f5-d58527e5b5dz"],` +
		`"id":"report--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3","type":"report","spec_version":"2.1",` +
		`"created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00.5Z","revoked":false}`
	want := stix.Envelope{
		Type: "report", ID: "report--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3", SpecVersion: "2.1",
		Created: "2026-01-01T00:00:00Z", Modified: "2026-01-01T00:00:00.5Z",
		CreatedByRef:        "identity--f431f809-377b-45e0-aa1c-6a4751cae5ff",
		MarkingRefs:         []string{"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", "unknown"},
		GranularMarkingRefs: []string{"marking-definition--089a6ecb-cc15-43cc-9494-767639779123"},
		Refs: []stix.Ref{
			{Path: "created_by_ref", ID: "identity--f431f809-377b-45e0-aa1c-6a4751cae5ff"},
			{Path: "extensions.http-request-ext.message_body_data_ref", ID: "artifact--4cce66f8-6eaa-53cb-85d5-3a85fca3a6c5"},
			{Path: "extensions.a.b.deep[0][0].x_refs[0]", ID: "tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"},
			{Path: "object_refs[0]", ID: "indicator--26ffb872-1dd9-446e-b6f5-d58527e5b5d2"},
		},
		Values: []stix.Value{},
	}
	o, err := stix.Read([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	o.Values = slices.Clip(append([]stix.Value{}, o.Values...))
	if diff := cmp.Diff(want, o.Envelope); diff != "" {
		t.Error(diff)
	}
	if o.Version() != "2026-01-01T00:00:00.5Z" || o.Spec() != "2.1" {
		t.Errorf("version %q, spec %q", o.Version(), o.Spec())
	}
}

func TestBundleOfSTIX20LendsItsVersion(t *testing.T) {
	specs := func(text string) (out []string) {
		for o, err := range stix.Scan(strings.NewReader(text)) {
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, o.SpecVersion+"/"+o.Spec())
		}
		return out
	}
	text := `{"type":"bundle","spec_version":"2.0","objects":[` + old + "," + campaign + "]}\n" + // lent, own
		`{"type":"bundle","objects":[` + old + "," + address + `]}` + // the bundle before lends nothing here
		`{"objects":[` + old + `],"spec_version":"2.0","type":"bundle"}` // too late
	want := []string{"2.0/2.0", "2.1/2.1", "/2.0", "/2.1", "/2.0"}
	if diff := cmp.Diff(want, specs(text)); diff != "" {
		t.Error(diff)
	}
}

func TestCloneOutlivesTheStep(t *testing.T) {
	report := func(n string) string {
		return `{"type":"report","id":"report--` + n + `","object_marking_refs":["m` + n + `"],"object_refs":["tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd` + n + `"],"external_references":[{"external_id":"T` + n + `"}]}`
	}
	var kept []*stix.Object
	var names []string
	for o, err := range stix.Scan(strings.NewReader(report("10") + report("11") + report("12"))) {
		if err != nil {
			t.Fatal(err)
		}
		kept, names = append(kept, o.Clone()), append(names, o.ID)
	}
	for i, n := range []string{"10", "11", "12"} {
		want, err := stix.Read([]byte(report(n)))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Clone(), kept[i]); diff != "" || names[i] != want.ID {
			t.Errorf("%s: %s", n, diff)
		}
	}
}

func TestScanStopsWhenItsCallerDoes(t *testing.T) {
	for _, text := range []string{
		campaign + "\n" + campaign, `[1,2]`, `{"objects":[{},{}]}`, `{"objects":[1,2]}`, `{"type":"x","a":]}` + "\n{}", `{"objects":[[],[]]}`,
		`{"objects":[],"type":"x"}`, `{"objects":[],"objects":[{}]}`,
	} {
		steps := 0
		for range stix.Scan(strings.NewReader(text)) {
			steps++
			break
		}
		if steps != 1 {
			t.Errorf("%s: %d steps", text, steps)
		}
	}
}

func TestReaderErrorEndsTheScan(t *testing.T) {
	cause := errors.New("cable cut")
	for _, text := range []string{"", campaign, "[" + campaign + ",", campaign[:40], `{"type":"bundle","objects":[` + campaign} {
		objects, fault := 0, error(nil)
		for _, err := range stix.Scan(io.MultiReader(strings.NewReader(text), iotest.ErrReader(cause))) {
			if fault != nil {
				t.Errorf("%q: a step after the error", text)
			}
			if fault = err; err == nil {
				objects++
			}
		}
		if !errors.Is(fault, cause) || !strings.Contains(fault.Error(), "cable cut") {
			t.Errorf("%q: %v", text, fault)
		}
		if want := strings.Count(text, campaign); objects != want {
			t.Errorf("%q: %d objects, want %d", text, objects, want)
		}
	}
}

func TestReadWantsExactlyOneObject(t *testing.T) {
	o, err := stix.Read([]byte("\n\t" + campaign + "\r\n"))
	if err != nil || string(o.Raw) != campaign {
		t.Fatalf("%v, %s", err, o.Raw)
	}
	for text, want := range map[string]string{
		"":                        "not a JSON object",
		"[]":                      "not a JSON object",
		campaign + campaign:       "more follows",
		campaign + ",":            "more follows",
		campaign[:100]:            "ends in the middle",
		`{"type":"bundle"}`:       "this is a bundle",
		`{"type":"x"}`:            "no id",
		`{"id":"x"}`:              "no type",
		"\xef\xbb\xbf" + campaign: "not a JSON object",
	} {
		var fault *stix.ScanError
		if _, err := stix.Read([]byte(text)); !errors.As(err, &fault) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := stix.Read([]byte(campaign), stix.MaxObject(len(campaign)-1)); !errors.Is(err, stix.ErrTooBig) {
		t.Error(err)
	}
	if _, err := stix.Read([]byte(campaign), stix.MaxObject(len(campaign))); err != nil {
		t.Error(err)
	}
}

func TestReportKeepsThousandsOfReferences(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(`{"type":"report","id":"report--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3","object_refs":["` + stix.NewID("tool"))
	for range 9_999 {
		b.WriteString(`","` + stix.NewID("tool"))
	}
	b.WriteString(`"]}`)
	o, err := stix.Read(b.Bytes())
	if err != nil || len(o.Refs) != 10_000 || o.Refs[9_999].Path != "object_refs[9999]" {
		t.Fatalf("%v, %d references", err, len(o.Refs))
	}
}

// What is written in any of the forms, with any white space, comes back byte
// for byte, whatever portions the reader gives.
func TestScanGivesBackWhatWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		objects := rapid.SliceOfN(object(), 0, 12).Draw(t, "objects")
		space := rapid.StringOfN(rapid.SampledFrom([]rune(" \n\r\t")), 0, 3, -1)
		var b strings.Builder
		write := func(parts ...string) {
			for _, p := range parts {
				b.WriteString(space.Draw(t, "space"))
				b.WriteString(p)
			}
		}
		list := func() {
			write("[")
			for i, o := range objects {
				if i > 0 {
					write(",")
				}
				write(o)
			}
			write("]")
		}
		switch rapid.IntRange(0, 3).Draw(t, "form") {
		case 0:
			write("{", `"type"`, ":", `"bundle"`, ",", `"objects"`, ":")
			list()
			write("}")
		case 1:
			write("{", `"objects"`, ":")
			list()
			write(",", `"more"`, ":", "false", ",", `"next"`, ":", `"]}"`, "}")
		case 2:
			list()
		default:
			write(objects...)
		}
		write("")
		for how, r := range readers(b.String()) {
			got := scanned(r)
			if len(got) == 0 && len(objects) == 0 {
				continue
			}
			if diff := cmp.Diff(objects, got); diff != "" {
				t.Fatalf("%s of %s\n%s", how, b.String(), diff)
			}
		}
	})
}

// object draws the text of an object that Scan accepts.
func object() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		members := []string{
			`"type":"x-` + rapid.StringMatching(`[a-z]{1,8}`).Draw(t, "type") + `"`,
			`"id":"x--` + rapid.StringMatching(`[0-9a-f]{12}`).Draw(t, "id") + `"`,
		}
		for i := range rapid.IntRange(0, 5).Draw(t, "properties") {
			members = append(members, `"p`+string(rune('0'+i))+`" : `+value(3).Draw(t, "value"))
		}
		members = rapid.Permutation(members).Draw(t, "order")
		return "{" + strings.Join(members, " ,\n") + "}"
	})
}

// value draws the text of a JSON value.
func value(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		kinds := 3
		if depth > 0 {
			kinds = 5
		}
		switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
		case 0:
			return rapid.SampledFrom([]string{"true", "false", "null"}).Draw(t, "literal")
		case 1:
			return rapid.SampledFrom([]string{"0", "-0", "1.50", "-12e-3", "9007199254740991", "1E+2", "0.1e-9"}).Draw(t, "number")
		case 2:
			return `"` + rapid.SampledFrom([]string{"", "plain", "{[\\\"", "\\u00e9é", "]}\\\\", "\\ud83d\\ude00", "ein längerer Text, über acht Bytes", "\\/\\b\\f\\n\\r\\t"}).Draw(t, "string") + `"`
		case 3:
			return "[" + strings.Join(rapid.SliceOfN(value(depth-1), 0, 3).Draw(t, "elements"), ", ") + "]"
		}
		var members []string
		for i, v := range rapid.SliceOfN(value(depth-1), 0, 3).Draw(t, "members") {
			members = append(members, `"\u006d`+string(rune('0'+i))+`":`+v)
		}
		return "{" + strings.Join(members, ",") + "}"
	})
}
