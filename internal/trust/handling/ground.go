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
	Asks     string // what must hold, for who decides to rely on it
}

// The table. GDPR is Regulation (EU) 2016/679, NIS2 Directive (EU) 2022/2555.
// Transfer grounds (Chapter V) allow personal data to leave; they are stated
// beside a ground of Article 6 and cover nothing by themselves.
var grounds = [...]Ground{
	{"gdpr-6-consent", "GDPR Art. 6(1)(a)", true, "the person has consented to this purpose and can withdraw"},
	{"gdpr-6-contract", "GDPR Art. 6(1)(b)", true, "a contract with the person needs it"},
	{"gdpr-6-legal-duty", "GDPR Art. 6(1)(c)", true, "a law of the Union or a member state asks for it"},
	{"gdpr-6-vital", "GDPR Art. 6(1)(d)", true, "somebody's life depends on it"},
	{"gdpr-6-public-task", "GDPR Art. 6(1)(e)", true, "a task in the public interest, laid down in law"},
	{"gdpr-6-legitimate", "GDPR Art. 6(1)(f), recital 49", true, "necessary and proportionate for network security; not for authorities in their tasks"},
	{"gdpr-45-adequacy", "GDPR Art. 45", false, "an adequacy decision for the country and scope, in force"},
	{"gdpr-46-safeguards", "GDPR Art. 46, 47", false, "standard clauses, binding rules, a code or certificate, with a transfer assessment"},
	{"gdpr-48-treaty", "GDPR Art. 48", false, "a treaty behind a foreign order"},
	{"gdpr-49-derogation", "GDPR Art. 49", false, "a narrow case with a note of its own"},
	{"nis2-29", "NIS2 Art. 29", false, "an arrangement for voluntary sharing, of which the authority was told"},
	{"nis2-23", "NIS2 Art. 23", false, "a report or notice that the directive asks for"},
	{"cbpr", "Global CBPR", false, "both sides certified under the rules of the Forum"},
	{"national-law", "named in the agreement's note", true, "what that law asks for"},
}

const allGrounds = Grounds(1<<len(grounds) - 1)

var groundNames = func() (names []string) {
	for _, g := range grounds {
		names = append(names, g.ID)
	}
	return names
}()

// personalGrounds are those that cover personal data.
var personalGrounds = func() (set Grounds) {
	for i, g := range grounds {
		if g.Personal {
			set |= 1 << i
		}
	}
	return set
}()

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
