package handling

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// editionAt is Edition with how many of the agreement's transfers were over at a time,
// where some were, as in "security/2-1".
func (a *Agreement) editionAt(now time.Time) string {
	over := 0
	for i := range a.Transfers {
		if a.Transfers[i].isOver(now) {
			over++
		}
	}
	if over == 0 {
		return a.Edition()
	}
	return a.Edition() + "-" + strconv.Itoa(over)
}

// ReadEdition reads what Page.Agreed has of one agreement: its name and version, and how
// many of its transfers were over then; false when it is none.
func ReadEdition(s string) (name string, version, over int, ok bool) {
	name, number, found := strings.Cut(s, "/")
	number, past, some := strings.Cut(number, "-")
	version, err := strconv.Atoi(number)
	ok = found && err == nil && version > 0 && agreementForm.MatchString(name)
	if some {
		over, err = strconv.Atoi(past)
		ok = ok && err == nil && over > 0
	}
	return name, version, over, ok
}

// Lapsed is the agreement as it was when so many of its transfers were over: those that
// end first.
func (a Agreement) Lapsed(over int) Agreement {
	ends := slices.Clone(a.Transfers)
	ends = slices.DeleteFunc(ends, func(t Transfer) bool { return t.Until.IsZero() })
	slices.SortFunc(ends, func(a, b Transfer) int { return a.Until.Compare(b.Until) })
	if over = min(over, len(ends)); over == 0 {
		return a
	}
	then := ends[over-1].Until
	a.Grounds = a.groundsAt(then)
	a.Transfers = slices.DeleteFunc(slices.Clone(a.Transfers), func(t Transfer) bool { return t.isOver(then) })
	return a
}

// Basis is by what something was released: an agreement, ByOwn, ByClear or ByGrant, and
// the legal grounds on which an agreement releases it.
type Basis struct {
	Agreement string // as Agreement.Edition writes it, where it is not built in
	Grounds   Grounds
}

// BasisOf tells by what a class was released to a reader, of what was agreed and in
// force then, with the transfers that were not over. It takes for granted that it was
// released; where by none of that, it is the zero Basis.
func BasisOf(c Class, reader Reader, inForce []Agreement) Basis {
	if reader.Standing == Custody || reader.Standing == Own {
		return Basis{Agreement: ByOwn}
	}
	always := slices.Clone(inForce)
	for i := range always {
		always[i].From, always[i].Until = time.Time{}, time.Time{}
		always[i].Transfers = slices.Clone(always[i].Transfers)
		for j := range always[i].Transfers {
			always[i].Transfers[j].Until = time.Time{}
		}
	}
	q := question{class: &c, reader: &reader, agreements: always}
	d := q.agreed()
	for i := range always {
		if a := &always[i]; d.Agreement == a.Name {
			return Basis{a.Edition(), a.GroundsFor(&c, &reader, q.now)}
		}
	}
	return Basis{Agreement: d.Agreement}
}
