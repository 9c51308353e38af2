package author

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"entente/stix"
)

// Assignment gives a property a value: PATH=TEXT, or PATH:=JSON. Text becomes
// what the specification has the property be: a number, true or false, a
// timestamp, a list of one.
type Assignment struct {
	Path  Path
	Text  string
	Value any // of :=; nil otherwise
}

// ParseAssignment reads PATH=TEXT or PATH:=JSON. White space around the path is
// left out, that of the text is kept.
func ParseAssignment(s string) (Assignment, error) {
	path, rest, err := cutPath(strings.TrimLeft(s, " \t"))
	if err != nil {
		return Assignment{}, err
	}
	rest = strings.TrimLeft(rest, " \t")
	if text, ok := strings.CutPrefix(rest, "="); ok {
		return Assignment{Path: path, Text: text}, nil
	}
	text, ok := strings.CutPrefix(rest, ":=")
	if !ok {
		return Assignment{}, fmt.Errorf("%q gives no value; write %s=VALUE, or %s:=JSON", shorten(s), path, path)
	}
	v, err := decode([]byte(text))
	switch {
	case err != nil:
		return Assignment{}, fmt.Errorf("%s: what follows := is not JSON: %w", path, err)
	case v == nil:
		return Assignment{}, fmt.Errorf("%s: null is no value in STIX; unset the property instead", path)
	}
	return Assignment{Path: path, Value: v}, nil
}

// mostAssignments bounds the work of one request: each text is held against the
// specification.
const mostAssignments = 1000

func few(set []string) error {
	if len(set) > mostAssignments {
		return bad("%d properties are set; at most %d are at once, so give the object as JSON", len(set), mostAssignments)
	}
	return nil
}

// apply puts the value into an object. Relative times count from now.
func (a Assignment) apply(o map[string]any, now time.Time) error {
	v := a.Value
	if v == nil {
		typ, _ := o["type"].(string)
		v = typed(typ, a.Path, a.Text, now)
	}
	return a.Path.set(o, v)
}

// decode reads one JSON value, strictly: what RFC 8785 cannot express is
// refused. Numbers keep their digits.
func decode(raw []byte) (any, error) {
	if _, err := stix.Canonical(nil, raw); err != nil {
		return nil, err
	}
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	var v any
	return v, d.Decode(&v)
}

// decodeObject reads one JSON object.
func decodeObject(raw []byte) (map[string]any, error) {
	v, err := decode(raw)
	if err != nil {
		return nil, err
	}
	o, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("this is " + kindOf(v) + ", not an object")
	}
	return o, nil
}

// canonical writes an object as it is published: RFC 8785.
func canonical(o map[string]any) ([]byte, error) {
	raw, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	return stix.Canonical(nil, raw)
}

// Rules of validation that tell what a property is.
const (
	ruleWrongType = "wrong-type"
	ruleTimestamp = "timestamp"
)

// typed is a text as the type that its property has. What fits none stays
// text, and validation tells what is wrong with it.
func typed(typ string, path Path, text string, now time.Time) any {
	candidates := []any{text}
	if n := json.Number(text); text != "" && strings.Trim(text, "0123456789+-.eE") == "" && json.Valid([]byte(text)) {
		candidates = append(candidates, n)
	}
	if text == "true" || text == "false" {
		candidates = append(candidates, text == "true")
	}
	for _, c := range candidates[:len(candidates):len(candidates)] {
		candidates = append(candidates, []any{c})
	}
	for _, c := range candidates {
		switch rule := refusedBy(typ, path, c); rule {
		case ruleWrongType:
			continue
		case ruleTimestamp:
			if t, ok := Moment(text, now); ok {
				if _, list := c.([]any); list {
					return []any{t}
				}
				return t
			}
			return c
		default:
			return c
		}
	}
	return text
}

// refusedBy names the rule by which a value of an object's property is of
// another type than the specification has it; empty when it is not. The tables
// of the specification are asked by validating an object that has nothing else.
func refusedBy(typ string, path Path, value any) string {
	o := map[string]any{"type": typ, "spec_version": "2.1"}
	alone := make(Path, len(path))
	for i, s := range path {
		alone[i] = Step{Name: s.Name} // lists begin at 0
	}
	if alone.set(o, value) != nil {
		return ruleWrongType
	}
	raw, err := canonical(o)
	if err != nil {
		return ruleWrongType
	}
	at := findingPath(alone)
	for _, f := range stix.Validate(raw) {
		if (f.Rule == ruleWrongType || f.Rule == ruleTimestamp) && (f.Path == at || f.Path == at+"[0]") {
			return f.Rule
		}
	}
	return ""
}

// findingPath writes a path as findings do, without quotes.
func findingPath(p Path) string {
	var b strings.Builder
	for i, s := range p {
		switch {
		case s.Name == "":
			fmt.Fprintf(&b, "[%d]", s.Index)
			continue
		case i > 0:
			b.WriteByte('.')
		}
		b.WriteString(s.Name)
	}
	return b.String()
}
