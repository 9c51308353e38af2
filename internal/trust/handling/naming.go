package handling

import (
	"slices"
	"strings"
)

// naming is where agreements, and changes, stand that name somebody, in their order. It
// spares looking through those with others, of which there may be thousands.
type naming struct{ agreements, changes []int }

// anyPartner is under what invitations are kept: they name nobody.
const anyPartner Name = ""

func namings(agreements []Agreement, changes []Change) map[Name]naming {
	all := map[Name]naming{}
	for i := range agreements {
		for _, n := range agreements[i].names() {
			of := all[n]
			of.agreements = append(of.agreements, i)
			all[n] = of
		}
	}
	for i := range changes {
		for _, a := range []*Agreement{changes[i].Was, changes[i].Is} {
			if a == nil {
				continue
			}
			for _, n := range a.names() {
				of := all[n]
				of.changes = append(of.changes, i)
				all[n] = of
			}
		}
	}
	return all
}

// names are those whom an agreement may be with.
func (a *Agreement) names() []Name {
	if a.Kind == Invitation {
		return append([]Name{anyPartner}, a.To...)
	}
	return a.To
}

// naming is where a reader is named, by any of its names.
func (p *Policy) naming(r *Reader) naming {
	names := []Name{anyPartner, Name("org:" + r.Org), Name("person:" + r.Person)}
	for group := range strings.SplitSeq(r.Groups, "\n") {
		names = append(names, Name("group:"+group))
	}
	var out naming
	for _, n := range names {
		of := p.named[n]
		out.agreements, out.changes = append(out.agreements, of.agreements...), append(out.changes, of.changes...)
	}
	slices.Sort(out.agreements)
	slices.Sort(out.changes)
	out.agreements, out.changes = slices.Compact(out.agreements), slices.Compact(out.changes)
	return out
}
