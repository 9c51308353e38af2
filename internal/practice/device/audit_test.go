package device_test

import (
	"fmt"
	"testing"
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
