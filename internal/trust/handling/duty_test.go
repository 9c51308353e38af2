package handling_test

import (
	"testing"

	"entente/internal/trust/handling"
)

// What an agreement asks of recipients takes nothing from anybody but what nobody has
// reviewed from who blocks by himself.
func TestDutiesTakeTheUnreviewedFromWhoBlocks(t *testing.T) {
	asking := everyPolicy(t)["wide"][0]
	free := asking
	free.Duties = handling.Duties{}
	if free.Duties.Words() != "" || asking.Duties.Words() == "" {
		t.Errorf("%q, and without duties %q", asking.Duties.Words(), free.Duties.Words())
	}
	differ := 0
	for _, p := range everyProfile() {
		for _, c := range everyClass(t) {
			want, got := handling.Decide(c, p, []handling.Agreement{free}, noon), handling.Decide(c, p, []handling.Agreement{asking}, noon)
			if want == got {
				continue
			}
			if differ++; got.Allow || !c.Unreviewed || p.Reader().Use != handling.UseBlock || want.Agreement != asking.Name {
				t.Fatalf("%s to %+v: %+v, and with duties %+v", c.Canonical(), p.Reader(), want, got)
			}
		}
	}
	if differ == 0 {
		t.Error("they take nothing")
	}
	for days, ok := range map[int]bool{-1: false, 0: true, 1: true, 36_500: true, 36_501: false} {
		asking.RetentionDays = days
		if err := asking.Check(); (err == nil) != ok {
			t.Errorf("a retention of %d days: %v", days, err)
		}
	}
}
