package author

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Path leads to a value of an object, as findings of validation write it:
// kill_chain_phases[0].phase_name. A name with other characters than letters,
// digits, hyphens and underscores stands in quotes, as in STIX patterns; [] is
// the place after the last element of a list.
type Path []Step

// Step is a property, or an element of a list when the name is empty.
type Step struct {
	Name  string
	Index int // End for the place after the last element
}

// End is the index of the place after the last element.
const End = -1

// Limits of a path from outside.
const (
	maxSteps = 32
	maxIndex = 9999
)

// ParsePath reads a path.
func ParsePath(text string) (Path, error) {
	p, rest, err := cutPath(text)
	if err == nil && rest != "" {
		err = fmt.Errorf("%q: %q cannot follow", text, rest)
	}
	return p, err
}

// cutPath reads the path at the start of text.
func cutPath(text string) (p Path, rest string, err error) {
	wrong := func(format string, args ...any) (Path, string, error) {
		return nil, "", fmt.Errorf("%q is no path: %s; write it as name or kill_chain_phases[0].phase_name", shorten(text), fmt.Sprintf(format, args...))
	}
	rest = text
	for {
		var s Step
		if s, rest, err = cutName(rest); err != nil {
			return wrong("%v", err)
		}
		p = append(p, s)
		for strings.HasPrefix(rest, "[") {
			if s, rest, err = cutIndex(rest); err != nil {
				return wrong("%v", err)
			}
			p = append(p, s)
		}
		if len(p) > maxSteps {
			return wrong("it has more than %d steps", maxSteps)
		}
		if !strings.HasPrefix(rest, ".") {
			return p, rest, nil
		}
		rest = rest[1:]
	}
}

func plain(c byte) bool {
	return c == '_' || c == '-' || c-'0' < 10 || c|0x20-'a' < 26
}

// cutName reads a property's name, in quotes or without.
func cutName(s string) (Step, string, error) {
	if !strings.HasPrefix(s, "'") {
		n := 0
		for n < len(s) && plain(s[n]) {
			n++
		}
		if n == 0 {
			return Step{}, s, errors.New("a name is missing")
		}
		return Step{Name: s[:n]}, s[n:], nil
	}
	var name strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\'' && name.Len() == 0:
			return Step{}, s, errors.New("the name in quotes is empty")
		case s[i] == '\'':
			return Step{Name: name.String()}, s[i+1:], nil
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		name.WriteByte(s[i])
	}
	return Step{}, s, errors.New("a quote is not closed")
}

func cutIndex(s string) (Step, string, error) {
	digits, rest, closed := strings.Cut(s[1:], "]")
	if !closed {
		return Step{}, s, errors.New("a bracket is not closed")
	}
	if digits == "" {
		return Step{Index: End}, rest, nil
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || n > maxIndex {
		return Step{}, s, fmt.Errorf("%q is no place in a list; count from 0 to %d", shorten(digits), maxIndex)
	}
	return Step{Index: int(n)}, rest, nil
}

// String writes the path so that ParsePath reads it.
func (p Path) String() string {
	var b strings.Builder
	for i, s := range p {
		switch {
		case s.Name == "" && s.Index == End:
			b.WriteString("[]")
			continue
		case s.Name == "":
			fmt.Fprintf(&b, "[%d]", s.Index)
			continue
		case i > 0:
			b.WriteByte('.')
		}
		if strings.IndexFunc(s.Name, func(r rune) bool { return r > 0x7f || !plain(byte(r)) }) < 0 {
			b.WriteString(s.Name)
		} else {
			b.WriteString("'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s.Name) + "'")
		}
	}
	return b.String()
}

// get gives the value at the path.
func (p Path) get(o map[string]any) (any, bool) {
	var v any = o
	for _, s := range p {
		switch at := v.(type) {
		case map[string]any:
			next, ok := at[s.Name]
			if !ok || s.Name == "" {
				return nil, false
			}
			v = next
		case []any:
			if s.Name != "" || s.Index < 0 || s.Index >= len(at) {
				return nil, false
			}
			v = at[s.Index]
		default:
			return nil, false
		}
	}
	return v, true
}

// set puts a value at the path, making the objects and lists that lead there.
func (p Path) set(o map[string]any, value any) error {
	_, err := p.put(o, 0, value)
	return err
}

// put gives v with value at the steps from i on; nil stands for what is not
// there yet.
func (p Path) put(v any, i int, value any) (any, error) {
	if i == len(p) {
		return value, nil
	}
	s := p[i]
	if s.Name != "" {
		o, ok := v.(map[string]any)
		if !ok && v != nil {
			return nil, fmt.Errorf("%s holds %s; it has no %s", p[:i], kindOf(v), s.Name)
		}
		if o == nil {
			o = map[string]any{}
		}
		next, err := p.put(o[s.Name], i+1, value)
		if err == nil {
			o[s.Name] = next
		}
		return o, err
	}
	list, ok := v.([]any)
	if !ok && v != nil {
		return nil, fmt.Errorf("%s holds %s, not a list", p[:i], kindOf(v))
	}
	n := s.Index
	if n == End {
		n = len(list)
	}
	if n > len(list) {
		return nil, fmt.Errorf("%s has %d elements; the next is %s[%d]", p[:i], len(list), p[:i], len(list))
	}
	var old any
	if n < len(list) {
		old = list[n]
	}
	next, err := p.put(old, i+1, value)
	if err != nil {
		return nil, err
	}
	if n == len(list) {
		return append(list, next), nil
	}
	list[n] = next
	return list, nil
}

// unset takes the value at the path away, and with it the objects and lists that it
// leaves empty: gone is the path of all of what went, nil when nothing was there.
func (p Path) unset(o map[string]any) (gone Path) {
	if _, n := p.cut(o, 0); n > 0 {
		gone = p[:n]
	}
	return gone
}

// cut gives v without the value at the steps from i on, nil when nothing is left, and
// how many steps lead to all of what went; 0 when nothing was there.
func (p Path) cut(v any, i int) (left any, gone int) {
	if i == len(p) {
		return nil, i
	}
	switch at := v.(type) {
	case map[string]any:
		old, ok := at[p[i].Name]
		if !ok {
			return v, 0
		}
		next, gone := p.cut(old, i+1)
		if next == nil && gone > 0 {
			delete(at, p[i].Name)
			gone = i + 1
		} else {
			at[p[i].Name] = next
		}
		if len(at) == 0 {
			return nil, gone
		}
		return at, gone
	case []any:
		n := p[i].Index
		if p[i].Name != "" || n < 0 || n >= len(at) {
			return v, 0
		}
		next, gone := p.cut(at[n], i+1)
		if next == nil && gone > 0 {
			at = slices.Delete(at, n, n+1)
			gone = i + 1
		} else {
			at[n] = next
		}
		if len(at) == 0 {
			return nil, gone
		}
		return at, gone
	}
	return v, 0
}

// kindOf names a value's kind for people.
func kindOf(v any) string {
	switch v.(type) {
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case string:
		return "text"
	case bool:
		return "true or false"
	case nil:
		return "nothing"
	}
	return "a number"
}

// shorten keeps what is quoted from the input to a length that people read.
func shorten(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
