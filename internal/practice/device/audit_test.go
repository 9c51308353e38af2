package device_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"entente/internal/practice/device"
	"entente/internal/trust/account"
)

const red = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"

// A list that is made again asks for nothing by name that its account did not name: who is
// not shown all that there is of one indicator was refused nothing.
func TestNoListIsRefusedAnything(t *testing.T) {
	for _, own := range []bool{true, false} {
		by := account.Principal{Org: orgs[1]}
		if own {
			by = account.Principal{Org: member, Own: true}
		}
		s := newStocked(t, by, device.Device{Format: "misp-feed"})
		s.bring("", "a", fmt.Sprintf(`{"type":"identity","spec_version":"2.1","id":%q,"created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":"Someone","object_marking_refs":[%q]}`, identityOf(9), red))
		s.indicator("b", 2, "domain=hidden.example", fmt.Sprintf(`,"object_marking_refs":[%q]`, red))
		s.bring(member, "a", opinion(1, 0, 1, "disagree", "", 2))
		s.fetched(t)
		s.indicator("a", 2, "domain=shown.example", fmt.Sprintf(`,"object_marking_refs":[%q],"created_by_ref":%q`, green, identityOf(9)))
		s.fetched(t)
		list, err := s.Denials(t.Context(), s.bench.by, time.Time{}, 10)
		if err != nil || len(list) > 0 {
			t.Errorf("own %v: %+v, %v; want no denial", own, list, err)
		}
	}
}

// What is in a list that is made of news was given to its account each time, with or without
// its parts, as if it had been read.
func TestWhatIsGivenOnceMoreIsAccountedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStocked(t, account.Principal{Org: orgs[1]}, device.Device{Format: "hosts"})
		s.indicator("a", 2, "domain=parts.example", fmt.Sprintf(`,"object_marking_refs":[%q],"description":"seen at Lock Seven","granular_markings":[{"marking_ref":%q,"selectors":["description"]}]`, green, red))
		s.indicator("b", 3, "domain=whole.example", fmt.Sprintf(`,"object_marking_refs":[%q]`, green))
		s.indicator("b", 4, "asn=64500", fmt.Sprintf(`,"object_marking_refs":[%q]`, green)) // of which no list has anything
		first := s.heards(t)
		for range 8 { // beyond the hour that is one line of the audit
			<-time.After(9 * time.Minute)
			s.fetched(t)
		}
		later := time.Now().Truncate(time.Hour)
		s.indicator("a", 5, "domain=new.example", fmt.Sprintf(`,"object_marking_refs":[%q]`, green))
		if again := s.heards(t); first != 4 || again != 1 {
			t.Fatalf("%d heard, and %d; want 4 and 1", first, again)
		}
		for n, parts := range map[int]bool{1: false, 2: true, 3: false, 4: false, 5: false} {
			sights, gaps, err := s.WhoSaw(t.Context(), s.bench.by, fmt.Sprintf("indicator--00000000-0000-4000-8000-%012d", n))
			if err != nil || len(gaps) > 0 {
				t.Fatal(gaps, err)
			}
			there := false
			for _, one := range sights {
				there = there || one.Reader.Account == "edge" && one.Content && one.Parts == parts && !one.From.Before(later)
			}
			if !there {
				t.Errorf("indicator %d, since %v: %+v", n, later, sights)
			}
		}
	})
}

// heards is how much is heard for the next list.
func (s *stocked) heards(t *testing.T) int64 {
	s.heard.Store(0)
	s.fetched(t)
	return s.heard.Load()
}
