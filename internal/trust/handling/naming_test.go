package handling

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Who is with whom does not depend on where agreements are looked for.
func TestLookingByNameMissesNoAgreement(t *testing.T) {
	names := []Name{"org:A", "org:B", "person:ana", "person:bo", "group:g", "group:h", "group:", "org:", "x", ""}
	kinds := []Kind{Bilateral, Group, Invitation}
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) Agreement {
			return Agreement{Name: name, Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), To: rapid.SliceOfN(rapid.SampledFrom(names), 0, 3).Draw(t, "to")}
		}
		var list []Agreement
		for i := range rapid.IntRange(0, 6).Draw(t, "agreements") {
			list = append(list, draw(string(rune('a'+i))))
		}
		var changes []Change
		for i := range rapid.IntRange(0, 4).Draw(t, "changes") {
			was, is := draw("a"), draw("a")
			changes = append(changes, Change{At: time.Unix(int64(i), 0), Was: &was, Is: &is})
		}
		p := NewPolicy(list, changes...)
		r := Reader{Standing: rapid.SampledFrom([]Standing{Own, Partner}).Draw(t, "standing"), Org: rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "org"),
			Person: rapid.SampledFrom([]string{"", "ana"}).Draw(t, "person"), Groups: rapid.SampledFrom([]string{"", "g", "g\nh", "h\n"}).Draw(t, "groups")}
		var want []string
		for i := range p.agreements {
			if p.agreements[i].with(&r) {
				want = append(want, p.agreements[i].Name)
			}
		}
		var got []string
		for _, a := range p.With(r) {
			got = append(got, a.Name)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("with %+v: %q, want %q", r, got, want)
		}
		in := p.naming(&r).changes
		for i := range changes {
			if (changes[i].Was.with(&r) || changes[i].Is.with(&r)) && !slices.Contains(in, i) {
				t.Fatalf("change %d is with %+v, and is passed over", i, r)
			}
		}
	})
}
