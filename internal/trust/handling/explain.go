package handling

import (
	"fmt"
	"strings"
	"time"
)

// Step is one rule that was looked at, in the order of the decision.
type Step struct {
	Rule   string // what must hold, or which agreement was looked at
	Holds  bool
	Detail string // what of class and reader it was about; may be empty
}

// Proof is a decision with every step that led to it. Of the rules the last
// step is the one that failed, if one did; of agreements all are looked at,
// and one that holds is enough.
type Proof struct {
	Decision
	Steps []Step
}

// Explain decides as Decide does, and tells how.
func Explain(c Class, p Profile, agreements []Agreement, now time.Time) Proof {
	r := p.Reader()
	proof := Proof{Decision: Decide(c, p, agreements, now)}
	q := question{class: &c, reader: &r, agreements: agreements, now: now}
	switch r.Standing {
	case Custody:
		proof.add("a custodian sees what the node keeps", true, "")
		return proof
	case Own, Partner:
		proof.add("the reader is known", true, r.words())
	default:
		proof.add("the reader is known", false, "")
		return proof
	}
	if !proof.tryRules(&q, limitRules[:]) {
		return proof
	}
	if r.Standing == Own {
		proof.add("agreement "+ByOwn+", built in: the own member with itself", true, "")
		return proof
	}
	if proof.tryRules(&q, partnerRules[:]) && proof.tryRules(&q, q.collectionRules()) && proof.tryRules(&q, timeRules[:]) {
		proof.tryAgreements(&q)
	}
	return proof
}

func (p *Proof) add(rule string, holds bool, detail string) {
	p.Steps = append(p.Steps, Step{rule, holds, detail})
}

// tryRules notes the rules up to the first that fails, and whether none did.
func (p *Proof) tryRules(q *question, rules []rule) bool {
	for i := range rules {
		holds := rules[i].holds(q)
		p.add(rules[i].asks, holds, rules[i].about(q))
		if !holds {
			return false
		}
	}
	return true
}

// tryAgreements notes what each agreement says, the built-in ones first.
func (p *Proof) tryAgreements(q *question) {
	c := q.class
	var why string
	switch {
	case c.Terms != 0:
		why = "it takes no terms, and the markings have " + c.Terms.String()
	case c.Unfit != 0:
		why = "it stands on no legal ground, and the markings ask for one of " + (allGrounds &^ c.Unfit).String()
	case c.Personal:
		why = "it stands on no legal ground, and there is personal data"
	}
	p.add("agreement "+ByClear+", built in: TLP:CLEAR to everyone", c.TLP == Clear && why == "", why)
	p.add("agreement "+ByGrant+", built in: TLP:GREEN in a collection that is granted", c.TLP == Green && why == "", why)
	for i := range q.agreements {
		a := &q.agreements[i]
		lacks := a.lacks(c, q.reader, q.now)
		detail := lacks
		if duties := a.Duties.Words(); lacks == "" && duties != "" {
			detail = "it asks its recipients for " + duties
		}
		p.add(fmt.Sprintf("agreement %s, version %d, with %s", a.Name, a.Version, a.With()), lacks == "", detail)
	}
}

// words says who a reader is.
func (r *Reader) words() string {
	who := "partner of " + r.Org
	if r.Standing == Own {
		who = "own member"
	}
	if r.Person != "" {
		who = r.Person + ", " + who
	}
	if r.Groups != "" {
		who += ", in " + strings.Join(strings.Fields(strings.ReplaceAll(r.Groups, " ", "_")), " and ")
	}
	if r.Abroad != "" {
		who += "; in " + abroadWords(r.Abroad)
	}
	return fmt.Sprintf("%s; purpose %s, use %s", who, r.Purpose, r.Use)
}

// What each rule was about.

func (q *question) aboutLabel() string { return "TLP:" + strings.ToUpper(q.class.TLP.String()) }

func (q *question) aboutExcluded() string {
	if n, excluded := q.class.Audience.excludes(q.reader); excluded {
		return string(n) + " is excluded"
	}
	return ""
}

func (q *question) aboutLists() string {
	if len(q.class.Audience.To) == 0 {
		return "there is no release list"
	}
	return "released to " + wordsOf(q.class.Audience.To)
}

func (q *question) aboutNames() string {
	if q.class.TLP == Red && len(q.class.Audience.To) == 0 {
		return "its markings name no person"
	}
	return ""
}

func (q *question) aboutPurpose() string {
	if q.class.Forbidden == 0 {
		return ""
	}
	return fmt.Sprintf("asked for %s; allowed for %s", q.reader.Purpose, orNothing((allPurposes &^ q.class.Forbidden).String()))
}

func (q *question) aboutUse() string {
	if q.class.PAP == 0 {
		return ""
	}
	return fmt.Sprintf("PAP:%s; the reader's use is %s", strings.ToUpper(q.class.PAP.String()), q.reader.Use)
}

func (q *question) aboutUnexplained() string { return strings.Join(q.class.Unexplained, ", ") }

func (q *question) aboutTerms() string {
	if q.class.Terms == 0 {
		return ""
	}
	return "terms " + q.class.Terms.String()
}

func (q *question) aboutReview() string {
	if q.class.Unreviewed {
		return "a machine made it, or something that it leads to"
	}
	return ""
}

func (q *question) aboutOpens() string {
	if q.class.Opens == 0 {
		return ""
	}
	return "until " + q.class.Opens.String()
}

func (q *question) aboutCloses() string {
	if q.class.Closes == 0 {
		return ""
	}
	return "at " + q.class.Closes.String()
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}
