package device_test

import (
	"testing"

	"entente/internal/practice/device"
)

// Who wants nothing blocked by a machine's word alone leaves it out of his lists and rules.
func TestListsOfWhatIsReviewed(t *testing.T) {
	const (
		model    = `,"extensions":{"extension-definition--954f4e28-02cd-43f0-965b-052076cd1188":{"extension_type":"property-extension","made_by":"model","model":"oracle 3"`
		reviewed = model + `,"review_level":"human-reviewed","reviewed_by_refs":["identity--00000000-0000-4000-8000-000000000009"]}}`
		asMade   = model + `}}`
		why      = "a machine made it, and nobody has reviewed it"
	)
	b := newBench(t, device.Parts{})
	b.indicator("a", 1, "domain=person.example", "")
	b.indicator("a", 2, "domain=model.example", asMade)
	b.indicator("a", 3, "domain=reviewed.example", reviewed)
	b.indicator("a", 4, "domain=once.example", reviewed)
	b.indicator("b", 4, "domain=once.example", asMade) // the newest counts
	b.want("csv", device.Wish{}, "model.example", "once.example", "person.example", "reviewed.example")
	b.want("csv", device.Wish{Reviewed: true}, "person.example", "reviewed.example")
	if _, left := b.choose(b.by, "csv", device.Wish{Reviewed: true}); left[why] != 2 {
		t.Errorf("left out: %v", left)
	}
	if w, err := (&device.Device{Format: "csv", Reviewed: true}).Wish(); err != nil || !w.Reviewed {
		t.Errorf("a device wishes for %+v, %v", w, err)
	}
	b.next = "yara"
	b.indicator("a", 5, "rule a { condition: true }", asMade)
	b.indicator("a", 6, "rule b { condition: true }", reviewed)
	for wish, want := range map[bool]int{false: 2, true: 1} {
		rules, err := b.Carry(t.Context(), b.by, "yara", nil, wish)
		if err != nil {
			t.Fatal(err)
		}
		if rules.Len != want || (len(rules.Left) == 1 && rules.Left[0].Reason == why) != wish {
			t.Errorf("reviewed %v: %d rules, left out %v", wish, rules.Len, rules.Left)
		}
		rules.Close()
	}
}
