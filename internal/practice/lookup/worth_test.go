package lookup_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"entente/internal/practice/lookup"
	"entente/internal/score"
	"entente/internal/trust/account"
	"entente/stix"
)

// said is an object that says something of indicator 1.
func said(typ string, n, by int, marking, more string) string {
	return fmt.Sprintf(`{"type":%q,"spec_version":"2.1","id":%q,"created":"2026-05-20T00:00:00Z","modified":"2026-05-20T00:00:00Z","created_by_ref":%q,"object_marking_refs":[%q],%s}`,
		typ, id(typ, n), id("identity", by), marking, more)
}

// A score is made of what its reader sees, and nothing else.
func TestScoresAreOfWhatTheReaderSees(t *testing.T) {
	p := newWorld(t).place(t)
	const of = `"sighting_of_ref":"indicator--00000000-0000-4000-8000-000000000001"`
	const about = `"object_refs":["indicator--00000000-0000-4000-8000-000000000001"]`
	check := func(what string, partner, operator, doubts int) {
		t.Helper()
		for _, c := range []struct {
			by   account.Principal
			want int
		}{{p.partner, partner}, {p.operator, operator}} {
			answers, err := lookup.NewFinder(p.x.View(c.by), 0, noon).Find(t.Context(), "198.51.100.7")
			if err != nil || len(answers[0].Findings) != 1 {
				t.Fatalf("%s: %v, %v", what, answers, err)
			}
			f := answers[0].Findings[0]
			s, err := lookup.Show(t.Context(), p.x, c.by, f.ID, "", noon, &lookup.Beside{})
			if err != nil || f.Score == nil || *f.Score != c.want || *s.Score != c.want {
				t.Errorf("%s: the score is %v, and shown as %v, want %d (%v)", what, *f.Score, *s.Score, c.want, err)
			}
			if c.by.Account == p.partner.Account && f.Doubts != doubts {
				t.Errorf("%s: %d doubts are told, want %d", what, f.Doubts, doubts)
			}
			b, err := json.Marshal(&answers[0])
			if err != nil || string(answers[0].AppendJSON(nil)) != string(b) {
				t.Errorf("%s: %s is written, want %s", what, answers[0].AppendJSON(nil), b)
			}
		}
	}
	p.publish(said("indicator", 1, 1, green, `"confidence":80,"indicator_types":["malicious-activity"],"pattern_type":"stix","pattern":"[ipv4-addr:value = '198.51.100.7']","valid_from":"2026-04-02T12:00:00Z"`))
	check("after two half-lives", 20, 20, 0)
	p.publish(said("sighting", 1, 2, red, of+`,"last_seen":"2026-05-02T12:00:00Z"`))
	check("seen by whom the partner does not see", 20, 40, 0)
	p.publish(said("sighting", 2, 2, green, of+`,"count":3,"first_seen":"2026-04-02T12:00:00Z","last_seen":"2026-05-02T12:00:00Z"`))
	check("seen", 40, 40, 0)
	p.publish(said("opinion", 1, 3, red, about+`,"opinion":"strongly-disagree"`))
	check("doubted in secret", 40, 20, 0)
	p.publish(said("opinion", 2, 4, green, about+`,"opinion":"disagree"`), said("opinion", 3, 4, green, about+`,"opinion":"disagree"`))
	check("doubted", 28, 14, 1)
	p.publish(said("sighting", 3, 5, green, of+`,"count":0`))
	check("looked for in vain", 24, 12, 2)
	p.publish(said("opinion", 4, 4, green, about+`,"opinion":"disagree","revoked":true`))
	check("a doubt that is taken back", 24, 12, 2)
}

// What stands beside objects is told beside them, and an answer that is given again is
// another when that is.
func TestListsAreToldBesideValues(t *testing.T) {
	p := newWorld(t).place(t)
	p.publish(said("indicator", 1, 1, green, `"indicator_types":["malicious-activity"],"pattern_type":"stix","pattern":"[ipv4-addr:value = '198.51.100.7']","valid_from":"2026-04-02T12:00:00Z"`))
	on := func(list string) *lookup.Beside {
		return &lookup.Beside{Mark: list, Lists: func(v stix.Value) []lookup.Listed {
			if v.Text != "198.51.100.7" {
				return nil
			}
			return []lookup.Listed{{List: list, How: "within", Entry: "198.51.100.0/24", Value: v.Text, Words: list}}
		}}
	}
	lists := func(b *lookup.Beside) (names []string) {
		t.Helper()
		one, err := lookup.FindOne(t.Context(), p.view(), 50, noon, b, "198.51.100.7")
		if err != nil {
			t.Fatal(err)
		}
		var a lookup.Answer
		if err := json.Unmarshal(one.AppendJSON(nil), &a); err != nil {
			t.Fatal(err)
		}
		whole, err := lookup.NewFinder(p.view(), 50, noon).With(b).Find(t.Context(), "198.51.100.7")
		if again, _ := json.Marshal(whole[0]); err != nil || string(again) != string(one.AppendJSON(nil)) {
			t.Fatalf("%s, and %s (%v)", one.AppendJSON(nil), again, err)
		}
		for _, l := range a.Lists {
			names = append(names, l.List)
		}
		return names
	}
	for _, b := range []*lookup.Beside{on("a"), on("a"), on("b")} {
		if got := lists(b); !slices.Equal(got, []string{b.Mark}) {
			t.Errorf("it is on %q, want %s", got, b.Mark)
		}
	}
	if got := lists(&lookup.Beside{}); got != nil {
		t.Errorf("without lists it is on %q", got)
	}
	s, err := lookup.Show(t.Context(), p.x, p.partner, id("indicator", 1), "", noon, on("a"))
	if err != nil || len(s.Lists) != 1 {
		t.Errorf("shown are %v, %v", s.Lists, err)
	}

	// By another model it weighs another.
	slow := score.Usual
	slow.HalfLife[score.Address] *= 2
	s, err = lookup.Show(t.Context(), p.x, p.partner, id("indicator", 1), "", noon, &lookup.Beside{Model: &slow})
	if err != nil || *s.Score != 25 {
		t.Errorf("by a slower model the score is %v, %v", *s.Score, err)
	}
}
