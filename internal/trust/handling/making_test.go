package handling_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"entente/internal/trust/handling"
	"entente/stix"
)

const reviewer = "identity--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0001"

// An object says how it was made; what a model made stays unreviewed until a
// person is named who has looked at it.
func TestObjectsSayHowTheyWereMade(t *testing.T) {
	const id = provenanceID
	cases := []struct {
		body string
		want string
	}{
		{`"made_by":"person"`, "tlp:amber"},
		{`"made_by":"tool"`, "tlp:amber"},
		{`"made_by":"model","model":"m 1"`, "tlp:amber unreviewed"},
		{`"made_by":"model","review_level":"ai-reviewed"`, "tlp:amber unreviewed"},
		{`"made_by":"model","review_level":"human-reviewed"`, "tlp:amber unreviewed"},
		{`"made_by":"model","review_level":"human-reviewed","reviewed_by_refs":[]`, "tlp:amber unreviewed"},
		{`"made_by":"model","review_level":"human-reviewed","reviewed_by_refs":["` + reviewer + `"]`, "tlp:amber"},
		{`"made_by":"model","review_level":"human-reviewed","reviewed_by_refs":["` + reviewer + `","bogus"]`, "tlp:amber unreviewed"},
		{`"made_by":"model","review_level":"human-reviewed","reviewed_by_refs":["bogus"]`, "tlp:amber unreviewed"},
		{`"made_by":"model","review_level":"human-reviewed","reviewed_by_refs":["tool` + strings.TrimPrefix(reviewer, "identity") + `"]`, "tlp:amber unreviewed"},
		{`"made_by":"model","review_level":"human-reviewed","reviewed_by_refs":"` + reviewer + `"`, "tlp:amber unreviewed"},
		{`"made_by":"model","review_level":"human-reviewed","reviewed_by_refs":[7]`, "tlp:amber unreviewed"},
		{`"made_by":"oracle"`, "tlp:amber unreviewed"},
		{`"made_by":7`, "tlp:amber unreviewed"},
		// Names are exact: others beside them change nothing.
		{`"made_by":"model","MADE_BY":"person"`, "tlp:amber unreviewed"},
		{`"MADE_BY":"person"`, "tlp:amber unreviewed"},
		{`"made_by":"person","Made_By":"model"`, "tlp:amber"},
		{`"made_by":"model","Review_Level":"human-reviewed","REVIEWED_BY_REFS":["` + reviewer + `"]`, "tlp:amber unreviewed"},
		// They may be escaped.
		{`"made\u005fby":"mod\u0065l"`, "tlp:amber unreviewed"},
		{`"made_by":"p\u0065rson"`, "tlp:amber"},
	}
	for _, c := range cases {
		for _, raw := range []string{extended(id, c.body), strings.Replace(extended(id, c.body), "definition--", `definition\u002d-`, 1),
			strings.Replace(extended(id, c.body), "extensions", `e\u0078tensions`, 1)} {
			class, err := handling.Classify(&stix.Object{Raw: []byte(raw)}, handling.Amber, known)
			if err != nil || class.Canonical() != c.want {
				t.Errorf("%s: class %s, %v; want %s", raw, class.Canonical(), err, c.want)
			}
		}
	}
	for raw, want := range map[string]string{
		`{"description":"see ` + id + `","extensions":{}}`:                                     "tlp:amber",
		`{"description":"\u00e9","extensions":{"extension-definition--x":{"a":"` + id + `"}}}`: "tlp:amber",
		`{"extensions":["` + id + `"]}`:                                                        "tlp:amber unreviewed",
		`{"extensions":{"` + id + `":7}}`:                                                      "tlp:amber unreviewed",
	} {
		class, _ := handling.Classify(&stix.Object{Raw: []byte(raw)}, handling.Amber, known)
		if class.Canonical() != want {
			t.Errorf("%s: class %s, want %s", raw, class.Canonical(), want)
		}
	}
}

// escaped writes letters, digits and signs of an object's texts and names as escapes,
// here and there; they mean the same.
func escaped(t *rapid.T, raw string) string {
	var b strings.Builder
	for quoted, i := false, 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && rapid.IntRange(0, 3).Draw(t, "escape") == 0:
			fmt.Fprintf(&b, `\u%04x`, c)
			continue
		}
		b.WriteByte(raw[i])
	}
	return b.String()
}

// However an object is escaped, it is the same object, of the same class.
func TestEscapesChangeNoClass(t *testing.T) {
	head := `{"type":"indicator","spec_version":"2.1","id":"indicator--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0002","name":"n",`
	mark := func(l handling.Level) string { return `"object_marking_refs":["` + l.Definition() + `"]` }
	objects := []string{
		head + `"extensions":{"` + provenanceID + `":{"extension_type":"property-extension","made_by":"model"}}}`,
		head + `"extensions":{"` + provenanceID + `":{"extension_type":"property-extension","made_by":"model","review_level":"human-reviewed","reviewed_by_refs":["` + reviewer + `"]}}}`,
		head + mark(handling.Red) + `}`, head + mark(handling.Clear) + `}`,
		head + mark(handling.Green) + `,"granular_markings":[{"marking_ref":"` + handling.Red.Definition() + `","selectors":["name"]}]}`,
		head + `"object_marking_refs":["` + strange + `"]}`,
	}
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SampledFrom(objects).Draw(t, "object")
		raw := escaped(t, plain)
		class := func(raw string) string {
			o, err := stix.Read([]byte(raw))
			if err != nil {
				t.Fatalf("%s: %v", raw, err)
			}
			w, err := handling.Weigh(&o, handling.Amber, known, nil)
			if err != nil {
				t.Fatal(err)
			}
			f, has := w.Face()
			return fmt.Sprintf("%s, %s, %v %s", w.Whole.Canonical(), w.Shown.Canonical(), has, f.Body)
		}
		if was, is := class(plain), class(raw); was != is {
			t.Errorf("%s\nis of %s\nbut escaped, as\n%s\nof %s", plain, was, raw, is)
		}
	})
}

// What a copy says that it lacks is read by exact names.
func TestWithheldPartsAreReadExactly(t *testing.T) {
	const id = "extension-definition--0a4a3c9b-6a63-4b1e-9a0e-3f4c1c5f2f0d"
	for body, want := range map[string]int{`"withheld_parts":2`: 2, `"withheld_parts":2,"WITHHELD_PARTS":0`: 2, `"Withheld_Parts":2`: 0, `"withheld\u005fparts":3`: 3} {
		if got := handling.Withheld([]byte(extended(id, body))); got != want {
			t.Errorf("%s: %d parts, want %d", body, got, want)
		}
	}
}
