package handling

import "fmt"

// PAP is a label of the Permissible Actions Protocol: what may be done with
// what was received, so that an adversary does not notice. Higher is stricter.
// The zero PAP limits nothing; PAP:CLEAR (formerly WHITE) is the same.
type PAP uint8

// Labels of PAP beyond CLEAR.
const (
	PAPGreen PAP = iota + 1 // active: may be blocked and pinged
	PAPAmber                // passive checks at third parties
	PAPRed                  // passive work on logs, nothing that can be noticed
)

var papNames = [...]string{0: "clear", PAPGreen: "green", PAPAmber: "amber", PAPRed: "red"}

// String is the label in lower case; "clear" for none.
func (p PAP) String() string {
	if p <= PAPRed {
		return papNames[p]
	}
	return "none"
}

// ParsePAP reads a label, or "white", the former word for clear.
func ParsePAP(s string) (PAP, error) {
	if s == "white" {
		return 0, nil
	}
	for p, name := range papNames {
		if s == name {
			return PAP(p), nil
		}
	}
	return 0, fmt.Errorf("%q is no PAP label; say clear, green, amber or red", s)
}

// MarshalText writes the label.
func (p PAP) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads a label as ParsePAP does.
func (p *PAP) UnmarshalText(b []byte) error {
	v, err := ParsePAP(string(b))
	*p = v
	return err
}

// papExtension is the property extension that carries PAP labels (OASIS common
// objects, draft of 28 November 2022).
const papExtension = "extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b"

// wellKnownPAP are the ids that the PAP extension fixes.
var wellKnownPAP = map[string]PAP{
	"marking-definition--a3bea94c-b469-41dc-9cfe-d6e7daba7730": 0, // WHITE
	"marking-definition--ad15a0cd-55b6-4588-a14c-a66105329b92": 0, // CLEAR
	"marking-definition--c43594d1-4b11-4c59-93ab-1c9b14d53ce9": PAPGreen,
	"marking-definition--60f8932b-e51e-4458-b265-a2e8be9a80ab": PAPAmber,
	"marking-definition--740d36e5-7714-4c30-961a-3ae632ceee0e": PAPRed,
}
