package handling

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"entente/stix"
)

// Telling is a value by which an object is found, and what is left of it without some
// of its parts is not, and which stands in a text there all the same.
type Telling struct {
	Path string // of the text, as name or aliases[1]
	Text string // the value
}

// Property is the property of the object that the text is in.
func (t *Telling) Property() string {
	end := strings.IndexAny(t.Path, ".[")
	if end < 0 {
		return t.Path
	}
	return t.Path[:end]
}

// Tells gives what the rest of an object tells of the parts that it lacks: an indicator
// for a domain, whose pattern is left out, and which bears the domain for a name. Each
// text is told of once. What stands in prose alone is for people to see.
func Tells(whole *stix.Object, rest []byte) []Telling {
	left, err := stix.Read(rest, stix.MaxObject(len(rest)))
	if err != nil {
		return nil
	}
	s := seeker{}
	for _, v := range whole.Values {
		if !slices.Contains(left.Values, v) {
			s.values = append(s.values, spellings(v)...)
		}
	}
	if len(s.values) > 0 {
		s.look("", "", left.Raw)
	}
	return s.found
}

// spellings are how a value may stand in a text, in lower case; an address of the web
// is told by its host, too.
func spellings(v stix.Value) []string {
	text := strings.ToLower(v.Text)
	switch v.Kind {
	case stix.ValueASN:
		return []string{"as" + text}
	case stix.ValueURL:
		if host, ok := stix.HostOf(v.Text); ok {
			return []string{text, strings.ToLower(host.Text)}
		}
	}
	return []string{text}
}

// seeker looks for values in the texts of an object.
type seeker struct {
	values []string
	found  []Telling
}

func (s *seeker) look(path, property string, raw []byte) {
	switch {
	case len(raw) == 0 || named(property):
	case raw[0] == '"':
		text := strings.ToLower(stix.Refang(stix.Text(raw)))
		if i := slices.IndexFunc(s.values, func(v string) bool { return stands(text, v) }); i >= 0 {
			s.found = append(s.found, Telling{path, s.values[i]})
		}
	case raw[0] == '[':
		i := 0
		for v := range stix.Elements(raw) {
			s.look(path+"["+strconv.Itoa(i)+"]", property, v)
			i++
		}
	case raw[0] == '{':
		for name, v := range stix.Split(raw) {
			s.look(strings.TrimPrefix(path+"."+string(name), "."), string(name), v)
		}
	}
}

// named tells the properties that name other objects, or this one.
func named(property string) bool {
	switch property {
	case "type", "id", "granular_markings":
		return true
	}
	return strings.HasSuffix(property, "_ref") || strings.HasSuffix(property, "_refs")
}

// stands tells whether a value stands in a text and is no part of a longer word.
func stands(text, value string) bool {
	for from := 0; value != ""; {
		i := strings.Index(text[from:], value)
		if i < 0 {
			return false
		}
		before, _ := utf8.DecodeLastRuneInString(text[:from+i])
		after, _ := utf8.DecodeRuneInString(text[from+i+len(value):])
		if !wordly(before) && before != '-' && !wordly(after) {
			return true
		}
		from += i + 1
	}
	return false
}

func wordly(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_')
}
