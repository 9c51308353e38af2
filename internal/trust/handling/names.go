package handling

import (
	"encoding/json"
	"strings"
)

// Sets are written in JSON as lists of names.

// MarshalJSON writes a list of names.
func (t Terms) MarshalJSON() ([]byte, error) { return marshalNames(t.String()) }

// UnmarshalJSON reads it.
func (t *Terms) UnmarshalJSON(b []byte) (err error) {
	*t, err = unmarshalNames(b, ParseTerms)
	return err
}

// MarshalJSON writes a list of names.
func (p Purposes) MarshalJSON() ([]byte, error) { return marshalNames(p.String()) }

// UnmarshalJSON reads it.
func (p *Purposes) UnmarshalJSON(b []byte) (err error) {
	*p, err = unmarshalNames(b, ParsePurposes)
	return err
}

// MarshalJSON writes a list of names.
func (g Grounds) MarshalJSON() ([]byte, error) { return marshalNames(g.String()) }

// UnmarshalJSON reads it.
func (g *Grounds) UnmarshalJSON(b []byte) (err error) {
	*g, err = unmarshalNames(b, ParseGrounds)
	return err
}

func marshalNames(s string) ([]byte, error) {
	list := []string{}
	if s != "" {
		list = strings.Split(s, ",")
	}
	return json.Marshal(list)
}

func unmarshalNames[T any](b []byte, parse func(string) (T, error)) (set T, err error) {
	var list []string
	if err := json.Unmarshal(b, &list); err != nil {
		return set, err
	}
	return parse(strings.Join(list, ","))
}
