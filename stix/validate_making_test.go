package stix_test

import (
	"strings"
	"testing"

	"entente/stix"
)

// What is not understood of how an object was made is told, since it counts then as a
// machine's work that nobody has reviewed.
func TestWhatIsNotUnderstoodOfHowAnObjectWasMadeIsTold(t *testing.T) {
	const identity = "identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
	for words, want := range map[string]string{
		`"made_by":"person"`:              "",
		`"made_by":"model","model":"m 1"`: "",
		`"made_by":"model","review_level":"human-reviewed","reviewed_by_refs":["` + identity + `"]`: "",
		`"model":"m 1"`:                           " made_by is missing",
		`"made_by":"oracle"`:                      ".made_by this is none of the words",
		`"made_by":7`:                             ".made_by this is none of the words",
		`"made_by":"model","MADE_BY":"person"`:    `.MADE_BY "MADE_BY" says nothing`,
		`"made_by":"model","review_level":"done"`: ".review_level this is none of the words",
		`"made_by":"model","reviewed_by_refs":["` + identity + `","bogus"]`:                   ".reviewed_by_refs[1] this is no identity",
		`"made_by":"model","reviewed_by_refs":["tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"]`: ".reviewed_by_refs[0] this is no identity",
		`"made_by":"model","reviewed_by_refs":"` + identity + `"`:                             ".reviewed_by_refs nobody is named",
	} {
		raw := `{"type":"malware","spec_version":"2.1","id":"malware--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"Drum","malware_types":["worm"],"is_family":false,` +
			`"extensions":{"extension-definition--954f4e28-02cd-43f0-965b-052076cd1188":{"extension_type":"property-extension",` + words + `}}}`
		var got string
		for _, f := range stix.Validate([]byte(raw)) {
			if f.Rule == "made-by" {
				if f.Severity != stix.Warning {
					t.Errorf("%s: %v is %v", words, f, f.Severity)
				}
				got += f.Path + " " + f.Message
			}
		}
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", words, got, want)
		}
	}
}
