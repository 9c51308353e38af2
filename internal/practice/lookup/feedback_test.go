package lookup_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"entente/internal/practice/lookup"
	"entente/internal/trust/account"
)

const (
	ofFirst    = `"sighting_of_ref":"indicator--00000000-0000-4000-8000-000000000001"`
	aboutFirst = `"object_refs":["indicator--00000000-0000-4000-8000-000000000001"]`
	anywhere   = `"pattern_type":"stix","pattern":"[ipv4-addr:value = '198.51.100.7']","valid_from":"2026-04-02T12:00:00Z"`
)

// feedback goes over all pages, by a limit.
func (p *place) feedback(t *testing.T, by account.Principal, q lookup.FeedbackQuery) (all []lookup.Feedback) {
	t.Helper()
	for range 100 {
		list, next, err := lookup.FeedbackOn(t.Context(), p.x.View(by), by, id("identity", 1), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(q.IDs) == 0 && len(list) > q.Limit {
			t.Errorf("%d in a page of %d", len(list), q.Limit)
		}
		all = append(all, list...)
		if q.Next = next; next == "" {
			return all
		}
	}
	t.Fatal("the pages do not end")
	return nil
}

// Feedback is made of what its reader sees, and nothing else.
func TestFeedbackIsOfWhatTheReaderSees(t *testing.T) {
	p := newWorld(t).place(t)
	p.publish(said("indicator", 1, 1, green, `"name":"Drum",`+anywhere), said("indicator", 2, 1, green, anywhere), said("indicator", 3, 7, green, anywhere),
		fmt.Sprintf(`{"type":"identity","spec_version":"2.1","id":%q,"created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":"Fern","object_marking_refs":[%q]}`, id("identity", 2), green))
	p.publish(said("sighting", 1, 2, green, ofFirst+`,"count":3,"last_seen":"2026-05-02T12:00:00Z"`),
		said("sighting", 2, 3, red, ofFirst+`,"count":5,"last_seen":"2026-05-09T12:00:00Z"`),
		said("sighting", 3, 2, green, ofFirst+`,"count":0`), said("sighting", 4, 2, green, ofFirst+`,"revoked":true`),
		said("opinion", 1, 2, green, aboutFirst+`,"opinion":"disagree","explanation":"a scanner"`),
		said("opinion", 2, 3, red, aboutFirst+`,"opinion":"strongly-disagree","explanation":"secret"`),
		said("opinion", 3, 4, green, aboutFirst+`,"opinion":"agree"`))
	want := lookup.Feedback{ID: id("indicator", 1), Name: "Drum", Hits: 3, Sightings: 1, By: []string{"Fern"}, ByCount: 1,
		First: "2026-05-20T00:00:00Z", Last: "2026-05-02T12:00:00Z", Misses: 1, Wrong: 1, Right: 1,
		FalsePositives: []lookup.Said{{By: "Fern", Opinion: "disagree", Why: "a scanner", At: "2026-05-20T00:00:00Z"}}}
	if got := p.feedback(t, p.partner, lookup.FeedbackQuery{IDs: []string{want.ID}}); !reflect.DeepEqual(got, []lookup.Feedback{want}) {
		t.Errorf("a partner is told %+v", got)
	}
	got := p.feedback(t, p.operator, lookup.FeedbackQuery{Limit: 10})
	if len(got) != 1 || got[0].Hits != 8 || got[0].ByCount != 2 || got[0].Wrong != 2 || got[0].Last != "2026-05-09T12:00:00Z" {
		t.Errorf("who made it is told %+v", got)
	}
	for _, limit := range []int{1, 2, 50} {
		var ids []string
		for _, f := range p.feedback(t, p.operator, lookup.FeedbackQuery{Limit: limit, All: true}) {
			ids = append(ids, f.ID)
		}
		if !slices.Equal(ids, []string{id("indicator", 1), id("indicator", 2)}) {
			t.Errorf("by %d, all are %v", limit, ids)
		}
	}
	if got := p.feedback(t, p.partner, lookup.FeedbackQuery{Limit: 10, All: true}); len(got) != 0 {
		t.Errorf("who made none is told %+v", got)
	}
	s, err := lookup.Show(t.Context(), p.x, p.partner, want.ID, "", noon, &lookup.Beside{})
	if err != nil || s.Feedback == nil || !reflect.DeepEqual(*s.Feedback, want) {
		t.Errorf("shown with %+v, %v", s.Feedback, err)
	}
}

// Many sightings are counted to the last, each once in whichever versions.
func TestManySightingsAreCounted(t *testing.T) {
	p := newWorld(t).place(t)
	p.publish(said("indicator", 1, 1, green, anywhere))
	const n = 450
	for i := range n {
		p.publish(said("sighting", i, 2, green, ofFirst+`,"count":2`))
	}
	got := p.feedback(t, p.partner, lookup.FeedbackQuery{IDs: []string{id("indicator", 1)}})
	if got[0].Hits != 2*n || got[0].Sightings != n || got[0].More {
		t.Errorf("told %+v", got[0])
	}
}
