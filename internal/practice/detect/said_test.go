package detect_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"entente/internal/practice/detect"
	"entente/stix"
)

// What is heard into what was heard before is what is heard by itself.
func TestHearingAgainLeavesNothingBehind(t *testing.T) {
	domain := func(text string) stix.Value { return stix.Value{Kind: stix.ValueDomain, Text: text} }
	var said detect.Said
	for range 2 {
		for _, c := range []struct {
			pattern, more string
			want          detect.Said
		}{
			{"[domain-name:value = 'Evil.com']", `,"confidence":70`, detect.Said{Values: []stix.Value{domain("evil.com")}, Confidence: 70, Language: "stix"}},
			{"[domain-name:value IN ('a.com', 'b.com')]", "", detect.Said{Values: []stix.Value{domain("a.com"), domain("b.com")}, Confidence: -1, Language: "stix"}},
			{"[domain-name:value = 'com']", "", detect.Said{Left: detect.Everywhere, Confidence: -1, Language: "stix"}},
			{"[domain-name:value = 'a.com' AND ipv4-addr:value = '198.51.100.7']", "", detect.Said{Together: true, Confidence: -1, Language: "stix"}},
			{"[domain-name:value = '']", "", detect.Said{Left: detect.Everywhere, Confidence: -1, Language: "stix"}},
			{"[domain-name:value = 'evil.com']", `,"revoked":true`, detect.Said{Left: detect.Revoked, Confidence: -1, Language: "stix"}},
			{"[domain-name:value = 'evil.com']", `,"valid_until":"0001-01-01T00:00:00Z"`, detect.Said{Values: []stix.Value{domain("evil.com")}, Until: time.Time{}.Add(time.Microsecond), Confidence: -1, Language: "stix"}},
			{"rule x {}", `,"pattern_type":"yara"`, detect.Said{Left: detect.NotSTIX, Confidence: -1, Language: "yara", Pattern: "rule x {}"}},
		} {
			raw := fmt.Sprintf(`{"type":"indicator","pattern":%q,"pattern_type":"stix"%s}`, c.pattern, c.more)
			detect.Hear(&said, []byte(raw))
			if diff := cmp.Diff(c.want, said, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s: want - heard +\n%s", c.pattern, diff)
			}
		}
	}
}
