package handling

import (
	"fmt"
	"strings"
)

// Grounds is a set of legal grounds, each a bit in the order of the table.
type Grounds uint16

// Ground is one row of the table of legal grounds.
type Ground struct {
	ID       string
	Law      string // where it stands
	Personal bool   // covers the processing of personal data by itself
	Noted    bool   // says nothing until an agreement's note says which law or case it is
	Transfer need   // what a Transfer on it has to say; 0 when it is none of a transfer
	Asks     string // what must hold, for who decides to rely on it
}

// The table. GDPR is Regulation (EU) 2016/679, NIS2 Directive (EU) 2022/2555.
// Transfer grounds (Chapter V) allow personal data to leave the EEA; they are stated
// beside a ground of Article 6 and cover nothing by themselves. What a [Transfer] on each
// has to say follows from the law; that of the Global CBPR is the statement alone.
var grounds = [...]Ground{
	{"gdpr-6-consent", "GDPR Art. 6(1)(a)", true, false, 0, "the person has consented to this purpose and can withdraw"},
	{"gdpr-6-contract", "GDPR Art. 6(1)(b)", true, false, 0, "a contract with the person needs it"},
	{"gdpr-6-legal-duty", "GDPR Art. 6(1)(c)", true, false, 0, "a law of the Union or a member state asks for it"},
	{"gdpr-6-vital", "GDPR Art. 6(1)(d)", true, false, 0, "somebody's life depends on it"},
	{"gdpr-6-public-task", "GDPR Art. 6(1)(e)", true, false, 0, "a task in the public interest, laid down in law"},
	{"gdpr-6-legitimate", "GDPR Art. 6(1)(f), recital 49", true, false, 0, "necessary and proportionate for network security; not for authorities in their tasks"},
	{"gdpr-45-adequacy", "GDPR Art. 45", false, false, forTransfer | needCountry | needEnd, "an adequacy decision for the country and scope, in force"},
	{"gdpr-46-safeguards", "GDPR Art. 46, 47", false, false, forTransfer | needBasis | needAssessment, "standard clauses, binding rules, a code or certificate, with a transfer assessment"},
	{"gdpr-48-treaty", "GDPR Art. 48", false, false, forTransfer | needBasis, "a treaty behind a foreign order"},
	{"gdpr-49-derogation", "GDPR Art. 49", false, true, forTransfer | needBasis, "a narrow case, named by the transfer or in the agreement's note"},
	{"nis2-29", "NIS2 Art. 29", false, false, 0, "an arrangement for voluntary sharing, of which the authority was told"},
	{"nis2-23", "NIS2 Art. 23", false, false, 0, "a report or notice that the directive asks for"},
	{"cbpr", "Global CBPR", false, false, forTransfer, "both sides certified under the rules of the Forum"},
	{"national-law", "named in the agreement's note", true, true, 0, "what that law asks for"},
}

const allGrounds = Grounds(1<<len(grounds) - 1)

var groundNames = func() (names []string) {
	for _, g := range grounds {
		names = append(names, g.ID)
	}
	return names
}()

// Unnoted are the grounds of an agreement that its note must name, and does not, having
// none. What was agreed before this was asked for holds as it was agreed.
func (a *Agreement) Unnoted() (set Grounds) {
	if strings.TrimSpace(a.Note) != "" {
		return 0
	}
	set = a.Grounds & notedGrounds
	for i := range a.Transfers {
		if a.Transfers[i].Basis != "" {
			set &^= a.Transfers[i].on()
		}
	}
	return set
}

// Sets of the table: those that cover personal data, those that need a note, those of
// transfers, and the Global CBPR, by which no law of the Union lets data leave.
var (
	personalGrounds = groundsThat(func(g *Ground) bool { return g.Personal })
	notedGrounds    = groundsThat(func(g *Ground) bool { return g.Noted })
	transferGrounds = groundsThat(func(g *Ground) bool { return g.Transfer&forTransfer != 0 })
	cbpr            = groundsThat(func(g *Ground) bool { return g.ID == "cbpr" })
)

// groundsThat are the grounds of which something holds.
func groundsThat(holds func(*Ground) bool) (set Grounds) {
	for i := range grounds {
		if holds(&grounds[i]) {
			set |= 1 << i
		}
	}
	return set
}

// String is the ids of the grounds, with commas between.
func (g Grounds) String() string { return bitNames(uint16(g), groundNames) }

// ParseGrounds reads ids with commas between.
func ParseGrounds(s string) (Grounds, error) {
	bits, bad := parseBits(s, groundNames)
	if bad != "" {
		return 0, fmt.Errorf("%q is no legal ground; there are %s", bad, strings.Join(groundNames, ", "))
	}
	return Grounds(bits), nil
}
