package handling

import (
	"encoding/json"
	"fmt"
)

// Marking is what a marking definition means for handling. The zero Marking is
// one that nothing explains.
type Marking struct {
	TLP       Level `json:"tlp,omitempty"`
	Statement bool  `json:"statement,omitempty"` // says something (copyright, terms) and limits nothing
}

// Known tells whether the definition was understood.
func (m Marking) Known() bool { return m.TLP != 0 || m.Statement }

// Definitions explain marking definitions by id.
type Definitions interface {
	Marking(id string) Marking
}

// tlp2Extension is the property extension that carries TLP 2.0 labels.
const tlp2Extension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

// ReadMarking reads a marking-definition object (STIX 2.1 section 7.2.1). A
// definition of a kind this floor has no rule for gives the zero Marking.
func ReadMarking(raw []byte) (Marking, error) {
	var def struct {
		ID         string `json:"id"`
		Type       string `json:"definition_type"`
		Definition struct {
			TLP       string `json:"tlp"`
			Statement string `json:"statement"`
		} `json:"definition"`
		Extensions map[string]json.RawMessage `json:"extensions"`
	}
	if err := json.Unmarshal(raw, &def); err != nil {
		return Marking{}, fmt.Errorf("marking definition: %w", err)
	}
	if l, ok := wellKnown[def.ID]; ok { // its id decides, whatever the body claims
		return Marking{TLP: l}, nil
	}
	if ext, ok := def.Extensions[tlp2Extension]; ok && len(def.Extensions) == 1 {
		var tlp struct {
			Label string `json:"tlp_2_0"`
		}
		if err := json.Unmarshal(ext, &tlp); err != nil {
			return Marking{}, fmt.Errorf("marking definition %s: %w", def.ID, err)
		}
		l, err := ParseLevel(tlp.Label)
		if err != nil {
			return Marking{}, fmt.Errorf("marking definition %s: %w", def.ID, err)
		}
		return Marking{TLP: l}, nil
	}
	if len(def.Extensions) > 0 {
		return Marking{}, nil // an extension may add limits that are not understood here
	}
	switch {
	case def.Type == "statement" && def.Definition.Statement != "":
		return Marking{Statement: true}, nil
	case def.Type == "tlp":
		l, err := ParseLevel(def.Definition.TLP)
		if err != nil {
			return Marking{}, fmt.Errorf("marking definition %s: %w", def.ID, err)
		}
		return Marking{TLP: l}, nil
	}
	return Marking{}, nil
}
