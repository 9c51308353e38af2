package handling_test

import (
	"fmt"
	"testing"

	"entente/internal/trust/handling"
	"entente/stix"
)

// A definition is for those who may read what it marks: it names others.
func TestADefinitionIsAsStrictAsWhatItMarks(t *testing.T) {
	const text = `{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0001","created":"2026-01-01T00:00:00.000Z"%s}`
	ours := func(limits string) string {
		return `,"extensions":{"extension-definition--f64497da-bf8d-4941-bc8c-fc538ba3df35":{"extension_type":"property-extension",` + limits + `}}`
	}
	for _, c := range []struct{ rest, class string }{
		{ours(`"release_to":["org:Bo"]`), "tlp:amber to:org:bo"},
		{ours(`"not_to":["org:Bo"]`) + `,"object_marking_refs":["` + handling.Green.Definition() + `"]`, "tlp:green not:org:bo"},
		{ours(`"embargo_until":"2027-01-01T00:00:00Z","purposes":["defence"]`), "tlp:amber forbidden:research,law-enforcement,attribution,publication opens:2027-01-01T00:00Z"},
		{ours(`"personal_data":true,"retention_days":3`), "tlp:amber terms:erase"},
		{ours(`"purposes":["fun"]`), "tlp:amber unexplained:marking-definition--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0001"},
		{`,"definition_type":"tlp","definition":{"tlp":"red"}`, "tlp:amber"}, // labels are no secret
		{`,"definition_type":"statement","definition":{"statement":"(c) us"}`, "tlp:amber"},
		{`,"definition_type":"theirs","definition":{"theirs":"x"}`, "tlp:amber"},
	} {
		o, err := stix.Read(fmt.Appendf(nil, text, c.rest))
		if err != nil {
			t.Fatal(err)
		}
		if class, err := handling.Classify(&o, handling.Amber, noDefinitions{}); err != nil || class.Canonical() != c.class {
			t.Errorf("%s: %q, %v; want %q", c.rest, class.Canonical(), err, c.class)
		}
	}
}
