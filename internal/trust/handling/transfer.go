package handling

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Transfer is a ground on which personal data may go out of the EEA by an agreement
// (GDPR Chapter V), with what that ground takes. It stands beside a ground that covers
// personal data, and covers nothing by itself.
type Transfer struct {
	Ground string    `json:"ground"`          // its id; it is among the agreement's, too
	To     []string  `json:"to,omitempty"`    // to which countries (ISO 3166-1 alpha-2); to any when empty
	Basis  string    `json:"basis,omitempty"` // one line: the document's id (46), the treaty (48), the case (49), the decision and its scope (45)
	Until  time.Time `json:"until,omitzero"`  // it holds no longer from here on; zero: as long as the agreement

	// Assessed is when the transfer was assessed: what the law of the other country does
	// to what the ground promises (46).
	Assessed time.Time `json:"assessed,omitzero"`
}

// on is the ground; none when there is none of the id.
func (t *Transfer) on() Grounds {
	return groundsThat(func(g *Ground) bool { return g.ID == t.Ground })
}

// need is what a transfer has to say for its ground.
type need uint8

const (
	forTransfer    need = 1 << iota // the ground is one of a transfer
	needCountry                     // to which countries
	needEnd                         // until when
	needBasis                       // by which document, treaty or case
	needAssessment                  // when it was assessed
)

// Bounds of the transfers of one agreement, and of the countries of one.
const (
	maxTransfers = 64
	maxCountries = 300
)

// needs is what the transfer has to say for its ground; 0 when that is none of a transfer.
func (t *Transfer) needs() need {
	for i := range grounds {
		if grounds[i].ID == t.Ground {
			return grounds[i].Transfer
		}
	}
	return 0
}

// checkTransfers refuses transfers that do not say what their grounds take.
func (a *Agreement) checkTransfers() error {
	if len(a.Transfers) > maxTransfers {
		return fmt.Errorf("%d grounds of transfers; at most %d are taken", len(a.Transfers), maxTransfers)
	}
	for i := range a.Transfers {
		t := &a.Transfers[i]
		switch needs := t.needs(); {
		case needs == 0:
			return fmt.Errorf("a transfer stands on one of %s, not on %.80q", transferGrounds, t.Ground)
		case t.on()&^a.Grounds != 0:
			return fmt.Errorf("a transfer stands on %s, which is none of its legal grounds", t.Ground)
		default:
			if err := t.check(needs, a.From); err != nil {
				return fmt.Errorf("a transfer on %s: %w", t.Ground, err)
			}
		}
	}
	return nil
}

func (t *Transfer) check(needs need, from time.Time) error {
	switch {
	case needs&needCountry != 0 && len(t.To) == 0:
		return fmt.Errorf("say to which countries (to): each adequacy decision is on one")
	case needs&needEnd != 0 && t.Until.IsZero():
		return fmt.Errorf("say until when it holds (until): the decision ends, or is looked at anew")
	case needs&needBasis != 0 && strings.TrimSpace(t.Basis) == "":
		return fmt.Errorf("name what it stands on (basis): the document's id, the treaty or the case")
	case needs&needAssessment != 0 && t.Assessed.IsZero():
		return fmt.Errorf("say when the transfer was assessed (assessed): without an assessment safeguards do not do")
	case !t.Until.IsZero() && !t.Until.After(from):
		return fmt.Errorf("it ends at %s, not after the agreement starts at %s", t.Until.Format(time.RFC3339), from.Format(time.RFC3339))
	case len(t.To) > maxCountries:
		return fmt.Errorf("%d countries; there are not so many", len(t.To))
	case !isLine(t.Basis):
		return fmt.Errorf("its basis is one line of up to 1,000 printable characters")
	}
	for _, code := range t.To {
		if len(code) != 2 || strings.ContainsFunc(code, func(r rune) bool { return r < 'A' || r > 'Z' }) {
			return fmt.Errorf("country %.40q; write the two capital letters of ISO 3166-1, as US", code)
		}
	}
	return nil
}

// leads tells whether the transfer goes to where a reader is.
func (t *Transfer) leads(abroad string) bool {
	return abroad != "" && (len(t.To) == 0 || slices.Contains(t.To, abroad))
}

// isOver tells whether it holds no more.
func (t *Transfer) isOver(now time.Time) bool { return !t.Until.IsZero() && !now.Before(t.Until) }

// groundsAt are the grounds that the agreement stands on at a time: one whose transfers
// are all over is none any more.
func (a *Agreement) groundsAt(now time.Time) Grounds {
	var over, holds Grounds
	for i := range a.Transfers {
		if t := &a.Transfers[i]; t.isOver(now) {
			over |= t.on()
		} else {
			holds |= t.on()
		}
	}
	return a.Grounds &^ (over &^ holds)
}

// GroundsFor are the grounds on which a class is released to a reader at a time. Those of
// transfers are among them where they lead to the reader; to one who is not abroad, where
// the agreement states them.
func (a *Agreement) GroundsFor(c *Class, r *Reader, now time.Time) Grounds {
	on := a.groundsAt(now) &^ c.Unfit
	if r.Abroad == "" {
		return on
	}
	var leading Grounds
	for i := range a.Transfers {
		if t := &a.Transfers[i]; t.leads(r.Abroad) && !t.isOver(now) {
			leading |= t.on()
		}
	}
	return on &^ (transferGrounds &^ leading)
}

// lacksTransfer says in words why personal data of a class may not go to where the reader
// is; empty when it may, or goes nowhere.
func (a *Agreement) lacksTransfer(c *Class, r *Reader, now time.Time) string {
	if r.Abroad == "" || a.GroundsFor(c, r, now)&transferGrounds != 0 {
		return ""
	}
	where := abroadWords(r.Abroad)
	leads := func(t Transfer) bool { return t.leads(r.Abroad) }
	switch {
	case !slices.ContainsFunc(a.Transfers, leads):
		return "it names no ground for a transfer to " + where
	case !slices.ContainsFunc(a.Transfers, func(t Transfer) bool { return leads(t) && !t.isOver(now) }):
		return "its ground for a transfer to " + where + ", has ended"
	}
	return "its ground for a transfer to " + where + ", is none of those that the markings ask for"
}

// transferFaults are why transfers of the agreement may not do what they are for, as far
// as the readers go that there are.
func (a *Agreement) transferFaults(readers []Profile, now time.Time) (found []Finding) {
	if a.isOver(now) {
		return nil
	}
	note := func(warning bool, says string) {
		found = append(found, Finding{"agreement " + a.Name, says, warning})
	}
	var places []string
	for _, p := range readers {
		if r := p.Reader(); r.Abroad != "" && a.isForPartner(p) && !slices.Contains(places, r.Abroad) {
			places = append(places, r.Abroad)
		}
	}
	slices.Sort(places)
	for i := range a.Transfers {
		t := &a.Transfers[i]
		switch {
		case t.isOver(now):
			note(false, fmt.Sprintf("its transfer on %s is over since %s", t.Ground, t.Until.Format(time.RFC3339)))
		case !slices.ContainsFunc(places, t.leads):
			note(false, fmt.Sprintf("its transfer on %s leads to no recipient: %s", t.Ground, noneAbroad(t.To)))
		case t.on() == cbpr:
			note(true, fmt.Sprintf("its transfer stands on %s, which the GDPR does not name as a ground; a certificate that it does name is stated as gdpr-46-safeguards", t.Ground))
		}
	}
	if a.Grounds&personalGrounds == 0 {
		return found
	}
	for _, place := range places {
		if lacks := a.lacksTransfer(&Class{}, &Reader{Abroad: place}, now); lacks != "" {
			note(true, lacks+"; its recipients there are given no personal data by it")
		}
	}
	return found
}

// noneAbroad says why a transfer goes nowhere.
func noneAbroad(to []string) string {
	if len(to) == 0 {
		return "none is outside of the EEA, or the own member has not said that it is inside"
	}
	return "none is in " + strings.Join(to, ", ") + " and outside of the EEA, or the own member has not said that it is inside"
}
