package handling

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"entente/internal/store"
)

// Finding is something about agreements or markings that somebody should look
// at: it does not work as it may be meant to.
type Finding struct {
	About   string // "agreement with-b", or the text of a class
	Says    string
	Warning bool // it may well be meant so
}

// Premises are what agreements and classes are checked against.
type Premises struct {
	Readers []Profile // all there are
	Classes []Class   // of what is kept

	// Within are those in each collection that there is.
	Within map[store.Collection][]Class

	Now time.Time

	// Orgs are the organisations that the node knows, folded. Nil: it is not looked at.
	Orgs map[string]bool

	// Why tells of a marking why nothing explains it, and what to do. Nil, or
	// an empty answer: nobody knows.
	Why func(id string) string
}

// Check looks for agreements that can never apply, as far as the readers and
// classes go that there are, and for classes that nobody else can ever read.
func Check(policy *Policy, on Premises) []Finding {
	var all []Finding
	for _, a := range policy.Agreements() {
		for _, says := range a.faults(&on) {
			all = append(all, Finding{About: "agreement " + a.Name, Says: says})
		}
		all = append(all, a.transferFaults(on.Readers, on.Now)...)
	}
	for i := range on.Classes {
		c := &on.Classes[i]
		if says := c.fault(&on); says != "" {
			all = append(all, Finding{About: c.Canonical(), Says: says})
		}
		if says := c.strangers(on.Orgs); says != "" {
			all = append(all, Finding{About: c.Canonical(), Says: says, Warning: true})
		}
	}
	return all
}

// faults are why an agreement may not do what it is for.
func (a *Agreement) faults(on *Premises) (says []string) {
	if a.isOver(on.Now) {
		return []string{"it is over since " + a.Until.Format(time.RFC3339)}
	}
	says = a.collectionFaults(on)
	if len(says) > 0 && len(says) == len(a.Collections) {
		return says
	}
	strangers := 0
	for _, n := range a.To {
		if !slices.ContainsFunc(on.Readers, func(p Profile) bool { r := p.Reader(); return r.is(n) }) {
			says = append(says, fmt.Sprintf("no account is %s", n))
			strangers++
		}
	}
	if strangers > 0 && strangers == len(a.To) {
		return says
	}
	if a.Kind != Invitation && !slices.ContainsFunc(on.Readers, a.isForPartner) {
		return append(says, "its recipients are of the own member, which needs no agreement")
	}
	if len(on.Classes) > 0 && !a.adds(on) {
		says = append(says, "of what is kept "+a.where()+" it releases nothing to anybody that the built-in agreements do not")
	}
	return says
}

func (a *Agreement) isForPartner(p Profile) bool {
	r := p.Reader()
	return r.Standing == Partner && a.with(&r)
}

// adds tells whether the agreement, when it is in force, opens any class to
// any reader.
func (a *Agreement) adds(on *Premises) bool {
	now := on.Now
	if now.Before(a.From) {
		now = a.From
	}
	opens := func(classes []Class, in store.Collection) bool {
		for _, p := range on.Readers {
			p = p.Within(in)
			for i := range classes {
				if Decide(classes[i], p, []Agreement{*a}, now).Agreement == a.Name {
					return true
				}
			}
		}
		return false
	}
	if len(a.Collections) == 0 {
		return opens(on.Classes, 0)
	}
	return slices.ContainsFunc(a.Collections, func(c store.Collection) bool { return opens(on.Within[c], c) })
}

// fault is why no agreement can ever release a class to a partner.
func (c *Class) fault(on *Premises) string {
	q := question{class: c, reader: &Reader{}, now: on.Now}
	switch {
	case !q.explained():
		return on.unexplained(c.Unexplained)
	case !q.consistent() && c.Terms&contradiction == contradiction:
		return "its markings contradict each other: the provider is to be named, and not to be named"
	case !q.consistent():
		return fmt.Sprintf("its markings contradict each other: it opens at %s and closes at %s", c.Opens, c.Closes)
	case !q.unclosed():
		return fmt.Sprintf("the policy it is marked with has ended at %s", c.Closes)
	case c.Forbidden&allPurposes == allPurposes:
		return "its markings together allow no purpose"
	case c.Unfit&allGrounds == allGrounds:
		return "its markings together leave no legal ground"
	case c.Personal && personalGrounds&^c.Unfit == 0:
		return "there is personal data, and its markings leave no legal ground that covers it"
	}
	return c.Audience.contradiction()
}

// unexplained says why markings are not explained.
func (p *Premises) unexplained(ids []string) string {
	var says, missing []string
	for _, id := range ids {
		why := ""
		if p.Why != nil {
			why = p.Why(id)
		}
		if why == "" {
			missing = append(missing, id)
		} else {
			says = append(says, id+": "+why)
		}
	}
	if missing != nil {
		says = append(says, "nothing explains "+strings.Join(missing, ", ")+"; bring the definition in as the own member")
	}
	return strings.Join(says, "; ")
}

// strangers names the organisations of a class's lists that the node does not know.
func (c *Class) strangers(known map[string]bool) string {
	if known == nil {
		return ""
	}
	var strange []string
	for _, list := range append(slices.Clip(c.Audience.To), c.Audience.Not) {
		for _, n := range list {
			if org := n.org(); org != "" && !known[org] && !slices.Contains(strange, string(n)) {
				strange = append(strange, string(n))
			}
		}
	}
	if strange == nil {
		return ""
	}
	return "its markings name " + strings.Join(strange, ", ") + ", of an organisation that this node does not know; if the name is not as meant, give the definition a new id"
}

// Difference is a class that two policies answer differently on.
type Difference struct {
	In            store.Collection // which an agreement names; 0: all others
	Class         Class
	Before, After Decision
}

// Diff gives, for a reader, the classes that it gains or loses when one policy takes the
// place of another: in each collection that agreements with it name, and in all others.
func Diff(old, new *Policy, p Profile, classes []Class, now time.Time) []Difference {
	r := p.Reader()
	before, after := old.With(r), new.With(r)
	places := slices.Concat([]store.Collection{0}, old.namedFor(&r), new.namedFor(&r))
	slices.Sort(places)
	var changes []Difference
	for _, in := range slices.Compact(places) {
		p := p.Within(in)
		for i := range classes {
			b, a := Decide(classes[i], p, before, now), Decide(classes[i], p, after, now)
			if a.Allow != b.Allow {
				changes = append(changes, Difference{in, classes[i], b, a})
			}
		}
	}
	return changes
}
