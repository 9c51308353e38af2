package exchange_test

import (
	"fmt"
	"testing"

	"entente/internal/trust/account"
)

// What a writer is told depends only on what the writer may see: beside
// something unseen it reads as beside nothing.
func TestAClashWithSomethingUnseenReadsAsNew(t *testing.T) {
	file := func(n int, name, marking string) string {
		return fmt.Sprintf(`{"type":"file","spec_version":"2.1","id":"file--00000000-0000-4000-8000-%012d","name":%q,"object_marking_refs":[%q]}`, n, name, marking)
	}
	h := build(t)
	h.publish(h.operator, object(1, t2, amber, ""), object(2, t2, red, ""), file(3, "a", amber), file(4, "a", red))
	for _, writer := range []struct {
		account.Principal
		unseen, fresh []string // publications that differ in what is there unseen alone
	}{
		{h.bo, []string{object(1, t2, green, ""), object(2, t1, green, ""), file(3, "b", green), file(4, "a", red)},
			[]string{object(11, t2, green, ""), object(12, t1, green, ""), file(13, "b", green), file(14, "a", red)}},
		{h.ana, []string{object(2, t2, green, `,"lang":"en"`), file(4, "a", red), file(4, "c", red)},
			[]string{object(22, t2, green, `,"lang":"en"`), file(24, "a", red), file(24, "c", red)}},
		{h.wim, []string{object(1, t1, clear, `,"lang":"de"`), object(1, t2, amber, ""), file(3, "a", amber), file(3, "d", clear)},
			[]string{object(31, t1, clear, `,"lang":"de"`), object(31, t2, amber, ""), file(33, "a", amber), file(33, "d", clear)}},
	} {
		unseen, fresh := h.publish(writer.Principal, writer.unseen...), h.publish(writer.Principal, writer.fresh...)
		for i := range unseen {
			u, f := unseen[i], fresh[i]
			dated := u.Version == "" && (u.Added == 0) != (f.Added == 0) // else it goes by its version
			if u.Verdict != f.Verdict || u.Reason != f.Reason || dated {
				t.Errorf("%s is told %q %q %d of %s, and %q %q %d of what clashes with nothing",
					writer.Account, u.Verdict, u.Reason, u.Added, u.ID, f.Verdict, f.Reason, f.Added)
			}
		}
	}
}

// The date added of what is there already is told to those who may read it.
func TestTheDateToldOfTheSameIsTheFirst(t *testing.T) {
	h := build(t)
	first := h.publish(h.ana, object(1, t1, green, ""), object(2, t1, amber, ""))
	want(t, "own", fmt.Sprint(h.publish(h.ana, object(2, t1, amber, ""))[0].Added), fmt.Sprint(first[1].Added))
	want(t, "partner", fmt.Sprint(h.publish(h.bo, object(1, t1, green, ""))[0].Added), fmt.Sprint(first[0].Added))
}
