package handling

import "time"

// Decision is an answer and its reason, in words for people.
type Decision struct {
	Allow     bool
	Reason    string
	Agreement string // by which it is allowed: ByOwn, ByClear, ByGrant or a name; empty when it is not

	// How long the answer holds. Zero when no time will change it.
	Opens time.Time // refused now, allowed from here on
	Ends  time.Time // allowed now, refused from here on
}

// isBuiltIn tells whether an agreement allows it that was always there.
func (d *Decision) isBuiltIn() bool {
	return d.Agreement == ByOwn || d.Agreement == ByClear || d.Agreement == ByGrant
}

// Decide says whether a profile may read a class at a time, under agreements.
// That the collection is granted to the reader is decided before; this is about
// the object. It is a pure function, and the only one that decides.
func Decide(c Class, p Profile, agreements []Agreement, now time.Time) Decision {
	r := p.Reader()
	q := question{class: &c, reader: &r, agreements: agreements}
	return q.decision(now)
}

// question is one decision being made.
type question struct {
	class      *Class
	reader     *Reader
	agreements []Agreement
	now        time.Time
}

// decision answers for now, and says how long that holds.
func (q *question) decision(now time.Time) Decision {
	q.now = now
	d, timed := q.decide()
	if !timed {
		return d
	}
	for next := q.next(); !next.IsZero(); next = q.next() {
		q.now = next
		if then, _ := q.decide(); then.Allow != d.Allow {
			if d.Allow {
				d.Ends = next
			} else {
				d.Opens = next
			}
			break
		}
	}
	return d
}

// rule is a condition that every release has to meet. The rules are tried in
// order, and the first that fails is the reason.
type rule struct {
	asks  string // what must hold, in words
	holds func(*question) bool
	deny  string                 // the reason when it does not
	about func(*question) string // what it looks at, for who asks why
}

// limitRules are those for the own member's accounts and partners alike.
var limitRules = [...]rule{
	{"its class has a TLP label", (*question).labelled, "it has no TLP label", (*question).aboutLabel},
	{"no marking excludes the reader", (*question).notExcluded, "its markings exclude the reader", (*question).aboutExcluded},
	{"every release list names the reader", (*question).listed, "its markings release it to others", (*question).aboutLists},
	{"TLP:RED is for those named", (*question).named, "TLP:RED is for named recipients only", (*question).aboutNames},
	{"the reader's purpose is allowed", (*question).purposed, "its markings do not allow the reader's purpose", (*question).aboutPurpose},
	{"the reader's use keeps within PAP", (*question).used, "PAP does not allow what this reader does with it", (*question).aboutUse},
}

// partnerRules are those for partners, before any agreement.
var partnerRules = [...]rule{
	{"every marking is explained", (*question).explained, "it carries a marking that no known definition explains", (*question).aboutUnexplained},
	{"its markings do not contradict each other", (*question).consistent, "its markings contradict each other", (*question).aboutTerms},
}

// reviewRule is for partners who read in a collection that asks for it.
var reviewRule = [...]rule{
	{"a person has reviewed what a machine made, as the collection asks", (*question).reviewed, "its collection releases nothing that a machine made and no person has reviewed", (*question).aboutReview},
}

// timeRules are those for partners that time alone changes.
var timeRules = [...]rule{
	{"its embargo is over", (*question).opened, "it is under embargo", (*question).aboutOpens},
	{"its policy has not ended", (*question).unclosed, "the policy it is marked with has ended", (*question).aboutCloses},
}

const denyUnknown = "the reader is not known"

// decide answers for q.now; timed tells whether time can change the answer.
func (q *question) decide() (d Decision, timed bool) {
	switch q.reader.Standing {
	case Custody:
		return Decision{Allow: true, Reason: "curators keep what the node holds", Agreement: ByOwn}, false
	case Own, Partner:
	default:
		return Decision{Reason: denyUnknown}, false
	}
	if r := q.failing(limitRules[:]); r != nil {
		return Decision{Reason: r.deny}, false
	}
	if q.reader.Standing == Own {
		return Decision{Allow: true, Reason: "shared within the own organisation", Agreement: ByOwn}, false
	}
	if r := q.failing(partnerRules[:]); r != nil {
		return Decision{Reason: r.deny}, false
	}
	if r := q.failing(q.collectionRules()); r != nil {
		return Decision{Reason: r.deny}, false
	}
	if r := q.failing(timeRules[:]); r != nil {
		return Decision{Reason: r.deny}, true
	}
	return q.agreed(), true
}

// failing is the first rule that does not hold.
func (q *question) failing(rules []rule) *rule {
	for i := range rules {
		if !rules[i].holds(q) {
			return &rules[i]
		}
	}
	return nil
}

func (q *question) labelled() bool { return q.class.TLP >= Clear && q.class.TLP <= Red }

func (q *question) notExcluded() bool {
	_, excluded := q.class.Audience.excludes(q.reader)
	return !excluded
}

func (q *question) listed() bool { return q.class.Audience.lists(q.reader) }

// named relies on the form of a class: RED has release lists of persons, or none.
func (q *question) named() bool { return q.class.TLP < Red || len(q.class.Audience.To) > 0 }

func (q *question) purposed() bool {
	p := q.reader.Purpose
	return p != 0 && p&^allPurposes == 0 && p&q.class.Forbidden == 0
}

func (q *question) used() bool { return q.reader.Use.bears(q.class.PAP) }

func (q *question) explained() bool { return len(q.class.Unexplained) == 0 }

func (q *question) consistent() bool {
	return q.class.Terms&contradiction != contradiction && q.class.Terms&^allTerms == 0 &&
		(q.class.Closes == 0 || q.class.Opens < q.class.Closes)
}

// collectionRules are those that the collection asks for in which the reader reads.
func (q *question) collectionRules() []rule {
	if q.reader.Reviewed {
		return reviewRule[:]
	}
	return nil
}

func (q *question) reviewed() bool { return !q.class.Unreviewed }

func (q *question) opened() bool {
	return q.class.Opens == 0 || !q.now.Before(q.class.Opens.Time())
}

func (q *question) unclosed() bool {
	return q.class.Closes == 0 || q.now.Before(q.class.Closes.Time())
}

// agreed looks for an agreement that releases the class to the partner.
func (q *question) agreed() Decision {
	c := q.class
	if free := c.Terms == 0 && c.Unfit == 0 && !c.Personal; free {
		switch c.TLP {
		case Clear:
			return Decision{Allow: true, Reason: "TLP:CLEAR is for everyone", Agreement: ByClear}
		case Green:
			return Decision{Allow: true, Reason: "TLP:GREEN is for the community, and the collection is granted", Agreement: ByGrant}
		}
	}
	for i := range q.agreements {
		if a := &q.agreements[i]; a.lacks(c, q.reader, q.now) == "" {
			return Decision{Allow: true, Reason: "an agreement releases it", Agreement: a.Name}
		}
	}
	if says := q.nearly(); says != "" {
		return Decision{Reason: says}
	}
	if c.TLP <= Green {
		return Decision{Reason: q.unmet()}
	}
	return Decision{Reason: "beyond TLP:GREEN nothing is agreed with this organisation"}
}

// unmet says which condition it is, beside a label that would do, that nothing agreed
// meets.
func (q *question) unmet() string {
	c := q.class
	switch {
	case c.Personal && c.Unfit == 0 && c.Terms == 0:
		return "it holds personal data, and no agreement on a legal ground for that releases it to this reader"
	case !c.Personal && c.Unfit != 0 && c.Terms == 0:
		return "its markings ask for certain legal grounds, and no agreement on one of them releases it to this reader"
	case !c.Personal && c.Unfit == 0:
		return "its markings ask for terms, and no agreement that has them releases it to this reader"
	}
	return "its markings and what it holds set several conditions, and no agreement that meets them releases it to this reader"
}

// nearly tells of the first agreement that lacks nothing but a person's review or a
// ground for the transfer; empty when there is none.
func (q *question) nearly() string {
	if !q.class.Unreviewed && (!q.class.Personal || q.reader.Abroad == "") {
		return ""
	}
	class, reader := *q.class, *q.reader
	class.Unreviewed, reader.Abroad = false, ""
	for i := range q.agreements {
		a := &q.agreements[i]
		if a.lacks(&class, &reader, q.now) == "" {
			return "agreement " + a.Name + " would release it, but " + a.lacks(q.class, q.reader, q.now)
		}
	}
	return ""
}

// next is the first moment after q.now at which the answer may be another;
// zero when there is none.
func (q *question) next() time.Time {
	var first time.Time
	consider := func(t time.Time) {
		if t.After(q.now) && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	if q.class.Opens != 0 {
		consider(q.class.Opens.Time())
	}
	if q.class.Closes != 0 {
		consider(q.class.Closes.Time())
	}
	for i := range q.agreements {
		for t := range q.agreements[i].turns {
			consider(t)
		}
	}
	return first
}

// Differ tells whether any reader may, under any agreements, read one of two
// classes and not the other.
func Differ(a, b Class) bool {
	if a.text() == b.text() {
		return false
	}
	if len(a.Unexplained) == 0 || len(b.Unexplained) == 0 {
		return true // an agreement can open one of them
	}
	// Both are the own member's alone, so the rest of what partners need is idle.
	return a.within().text() != b.within().text()
}

// within is the part of a class that the own member's accounts are held to.
func (c Class) within() *Class {
	own := &Class{TLP: Amber, PAP: c.PAP, Audience: c.Audience, Forbidden: c.Forbidden}
	if c.TLP == Red {
		own.TLP = Red
	}
	return own
}
