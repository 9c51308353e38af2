package lookup_test

import (
	"fmt"
	"slices"
	"testing"

	"entente/internal/practice/lookup"
)

// A host's answer has the URLs on it, of its reader's, behind what is said of the
// host itself; those on hosts above, below or like it are not on it.
func TestFindOfAHostGivesTheURLsOnIt(t *testing.T) {
	w := newWorld(t)
	p := w.place(t)
	url := func(n int, value, marking string) string {
		return fmt.Sprintf(`{"type":"url","spec_version":"2.1","id":%q,"value":%q,"object_marking_refs":[%q]}`, id("url", n), value, marking)
	}
	p.publish(
		`{"type":"domain-name","spec_version":"2.1","id":"`+id("domain-name", 1)+`","value":"evil.example","object_marking_refs":["`+green+`"]}`,
		url(1, "HTTPS://u:p@Evil.example:8443/login?next=http://other.example/", green),
		url(2, "http://evil.example", green),
		url(3, "http://evil.example/unseen", red),
		url(4, "http://www.evil.example/below", green),
		url(5, "http://evil.example.net/longer", green),
		url(6, "http://198.51.100.7:80/x", green),
		url(7, "http://[2001:DB8:0::1]:8080/x", green),
		`{"type":"indicator","spec_version":"2.1","id":"`+id("indicator", 1)+`","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","pattern":"[url:value = 'http://evil.example/a']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","object_marking_refs":["`+green+`"]}`,
	)
	on := func(a lookup.Answer) (ids []string) {
		for _, f := range a.Findings {
			if f.Wider == lookup.OnIt {
				if ids = append(ids, f.ID); f.Kind != "url" || f.Matched != a.Readings[0].Text {
					t.Errorf("%s is found by %s %s", f.ID, f.Kind, f.Matched)
				}
			}
		}
		slices.Sort(ids)
		return ids
	}
	for text, want := range map[string][]string{
		"evil[.]example":  {id("indicator", 1), id("url", 1), id("url", 2)},
		"example":         nil,
		"other.example":   nil,
		"198.51.100.7":    {id("url", 6)},
		"198.51.100.0/24": nil,
		"2001:db8::1":     {id("url", 7)},
	} {
		if got := on(p.find(0, text)[0]); !slices.Equal(got, want) {
			t.Errorf("on %s are %q, want %q", text, got, want)
		}
	}
	a := p.find(2, "evil.example")[0]
	if len(a.Findings) != 2 || !a.More || a.Findings[0].ID != id("domain-name", 1) {
		t.Errorf("with a limit of 2 the answer is %s", p.told(a))
	}
}
