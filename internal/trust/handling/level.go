package handling

import "fmt"

// Level is a TLP 2.0 label. Higher is stricter.
type Level uint8

// TLP 2.0 labels.
const (
	Clear Level = iota + 1
	Green
	Amber
	AmberStrict
	Red
)

var levelNames = [...]string{Clear: "clear", Green: "green", Amber: "amber", AmberStrict: "amber+strict", Red: "red"}

// String is the label in lower case, as STIX writes it: "amber+strict".
func (l Level) String() string {
	if l >= Clear && l <= Red {
		return levelNames[l]
	}
	return "none"
}

// MarshalText writes the label.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads a label as ParseLevel does.
func (l *Level) UnmarshalText(b []byte) error {
	v, err := ParseLevel(string(b))
	*l = v
	return err
}

// ParseLevel reads a label of TLP 2.0, or "white", TLP 1's word for clear.
func ParseLevel(s string) (Level, error) {
	if s == "white" {
		return Clear, nil
	}
	for l := Clear; l <= Red; l++ {
		if s == levelNames[l] {
			return l, nil
		}
	}
	return 0, fmt.Errorf("%q is no TLP label; say clear, green, amber, amber+strict or red", s)
}

// wellKnown are the marking definitions whose ids the standards fix: TLP 2.0
// (OASIS common objects), TLP 1 (STIX 2.1 section 7.2.1.4) and the one other
// AMBER+STRICT in wide use, from before TLP 2.0 had ids.
var wellKnown = map[string]Level{
	definitions[Clear]:       Clear,
	definitions[Green]:       Green,
	definitions[Amber]:       Amber,
	definitions[AmberStrict]: AmberStrict,
	definitions[Red]:         Red,

	"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": Clear,
	"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": Green,
	"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": Amber,
	"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": Red,

	"marking-definition--826578e1-40ad-459f-bc73-ede076f81f37": AmberStrict,
}

// definitions are the ids of TLP 2.0 (OASIS common objects).
var definitions = [...]string{
	Clear:       "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
	Green:       "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
	Amber:       "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
	AmberStrict: "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
	Red:         "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}

// Definition is the id of the label's marking definition, which whoever marks
// an object writes into it; empty for what is no label.
func (l Level) Definition() string {
	if l >= Clear && l <= Red {
		return definitions[l]
	}
	return ""
}

// LevelOf is the label that a marking definition of a well-known id stands for.
func LevelOf(id string) (Level, bool) {
	l, ok := wellKnown[id]
	return l, ok
}
