package personal

import (
	"bytes"
	"slices"
	"strings"

	"entente/internal/trust/account"
	"entente/stix"
)

// Find tells what personal data an object holds, each piece once, at most
// MostFound of them. Marked says that the object is marked as holding some.
func Find(o *stix.Object, marked bool) []Found {
	var s search
	s.text(plain(o.Raw))
	if o.Type == "identity" {
		s.identity(o.Raw)
	}
	if !marked {
		return s.found
	}
	for _, v := range o.Values {
		if v.Kind == stix.ValueIP {
			s.add(Address, v.Text)
		}
	}
	if len(s.found) == 0 {
		s.add(Stated, "")
	}
	return s.found
}

// Of reads what somebody asks about: what Find would find in such a text. The
// number of a person is asked for behind the name of its scheme, as in
// "pesel:44051401359". A text that is nothing else can be a name.
func Of(text string) []Found {
	var s search
	s.text([]byte(`"` + text + `"`))
	if len(s.found) > 0 {
		return s.found
	}
	if v, ok := stix.NewValue(stix.ValueIP, text); ok && v.Kind == stix.ValueIP {
		s.add(Address, v.Text)
		return s.found
	}
	s.name(text)
	return s.found
}

// plain is JSON in which ASCII stands as itself: an escaped '@' is one, too.
func plain(raw []byte) []byte {
	if !bytes.Contains(raw, []byte(`\u00`)) {
		return raw
	}
	if canonical, err := stix.Canonical(nil, raw); err == nil {
		return canonical
	}
	return raw
}

// search is one object being looked through.
type search struct {
	b     []byte
	found []Found

	at       int  // up to here is known whether it is in a string
	inString bool // at that place
}

func (s *search) add(k Kind, text string) {
	f := Found{k, text}
	if len(s.found) < MostFound && !slices.Contains(s.found, f) {
		s.found = append(s.found, f)
	}
}

// What a byte can be the beginning or a part of.
const (
	word   = 1 << iota // letter or digit of ASCII
	digit              //
	sign               // may be, or begin, what stands for '@'
	plus               //
	escape             // begins an escape of JSON
	beyond             // of a character that is not ASCII
)

var kindOf = func() (t [256]uint8) {
	for c := range t {
		switch {
		case c >= '0' && c <= '9':
			t[c] = word | digit
		case c|0x20 >= 'a' && c|0x20 <= 'z' && c < 0x80:
			t[c] = word
		case c >= 0x80:
			t[c] = beyond
		}
	}
	t['@'], t['%'], t['['], t['('], t['+'], t['\\'] = sign, sign, sign, sign, plus, escape
	return t
}()

// stops are what text looks at more closely: most of an object is none of it.
const stops = digit | sign | plus | escape

// text looks through all of b once. What is found at a place moves on from there.
func (s *search) text(b []byte) {
	s.b = b
	behind := 0 // what is before it was looked at
	for i := 0; i < len(b); {
		for i+8 <= len(b) && eight(b[i:i+8:i+8])&stops == 0 {
			i += 8
		}
		if i == len(b) {
			break
		}
		switch k := kindOf[b[i]] & stops; k {
		case digit:
			i = s.around(behind, i)
			behind = i
		case sign:
			s.mail(i)
			i++
		case plus:
			i = max(i+1, s.international(i))
		case escape:
			i += 2
			behind = i
		default:
			i++
		}
	}
}

// eight is what eight bytes are together.
func eight(b []byte) uint8 {
	return kindOf[b[0]] | kindOf[b[1]] | kindOf[b[2]] | kindOf[b[3]] | kindOf[b[4]] | kindOf[b[5]] | kindOf[b[6]] | kindOf[b[7]]
}

// around looks at the letters and digits that a digit at i stands among, which do not
// begin before from. It answers where to go on.
func (s *search) around(from, i int) int {
	b := s.b
	for i > from && kindOf[b[i-1]]&word != 0 {
		i--
	}
	if i >= 2 && b[i-1] == '-' && b[i-2] == '-' && isID(b[i-2:]) {
		return i - 2 + idTail
	}
	j, digits := i, 0
	for j < len(b) {
		k := kindOf[b[j]]
		if k&word == 0 {
			break
		}
		digits += int(k & digit)
		j++
	}
	return s.token(i, j, digits/digit)
}

// idTail is how long the end of an identifier is: "--" and a UUID.
const idTail = 2 + 36

// isID tells whether b begins with the end of an identifier, of which objects are full.
func isID(b []byte) bool {
	return len(b) > idTail && b[1] == '-' && b[10] == '-' && b[15] == '-' && b[20] == '-' && b[25] == '-' && b[idTail] == '"'
}

// token looks at letters and digits that stand together, some of them digits, and at
// what follows where that can belong to them. It answers where to go on.
func (s *search) token(i, j, digits int) int {
	n := j - i
	if n > 34 || !s.begins(i) { // a hash, or part of something longer
		return j
	}
	switch {
	case digits < n:
	case n == 4 && j+6 < len(s.b) && s.b[j] == '-' && s.b[j+3] == '-' && s.b[j+6] == 'T':
		return s.timestamp(j)
	default:
		return s.number(i, j)
	}
	switch {
	case n == 4 && digits >= 2, n >= 15 && digits >= 4:
		if end := s.iban(i); end > 0 {
			return end
		}
		if n == 16 {
			s.codiceFiscale(i, j)
		}
		if n == 15 && digits == 14 {
			s.nir(string(s.b[i:j]), j)
		}
	case n == 9 && digits >= 7:
		s.dni(i, j-1, j-1)
	case n == 8 && digits == 7:
		s.dni(i, j, j+1)
	}
	return j
}

// timestamp is where a timestamp ends whose year does at j.
func (s *search) timestamp(j int) int {
	for j < len(s.b) && (kindOf[s.b[j]]&digit != 0 || strings.IndexByte("-T:.Z", s.b[j]) >= 0) {
		j++
	}
	return j
}

// begins tells whether what stands at i is not the rest of something longer: of a
// UUID, a version, a path.
func (s *search) begins(i int) bool {
	if i == 0 {
		return true
	}
	switch c := s.b[i-1]; c {
	case '-', '.', '/', '_', '@', '%', '&', '$', '~', '\\':
		return false
	default:
		return kindOf[c]&(word|beyond) == 0 || i >= 2 && s.b[i-2] == '\\' && strings.IndexByte(escaped, c) >= 0
	}
}

// escaped are the letters of JSON's escapes: "\nIBAN" holds no "nIBAN".
const escaped = "nrtbf"

// ends tells whether what ends before j is not followed by more of it.
func (s *search) ends(j int) bool {
	if j >= len(s.b) {
		return true
	}
	c := s.b[j]
	if kindOf[c]&(word|beyond) != 0 || c == '_' || c == '@' {
		return false
	}
	if c == '-' || c == '.' || c == '/' || c == ':' || c == '+' {
		return j+1 >= len(s.b) || kindOf[s.b[j+1]]&(word|beyond) == 0
	}
	return true
}

// quoted tells whether i is inside of a string of JSON. It must not be asked of
// places before one that it was asked of.
func (s *search) quoted(i int) bool {
	for ; s.at < i; s.at++ {
		switch s.b[s.at] {
		case '"':
			s.inString = !s.inString
		case '\\':
			s.at++
		}
	}
	return s.inString
}

// cued tells whether one of the words stands shortly before i, as a word.
func (s *search) cued(i int, words ...string) bool {
	const before = 28
	window := strings.ToLower(string(s.b[max(0, i-before):i]))
	for _, w := range words {
		for rest, from := window, 0; ; {
			k := strings.Index(rest, w)
			if k < 0 {
				break
			}
			at := from + k
			after := at + len(w)
			if (at == 0 || kindOf[window[at-1]]&(word|beyond) == 0) && (after == len(window) || kindOf[window[after]]&(word|beyond) == 0) {
				return true
			}
			rest, from = window[after:], after
		}
	}
	return false
}

// identity looks for the name of an individual.
func (s *search) identity(raw []byte) {
	var class, name string
	for key, value := range stix.Split(raw) {
		switch string(key) {
		case "identity_class":
			class = stix.Text(value)
		case "name":
			name = stix.Text(value)
		}
	}
	if strings.EqualFold(class, "individual") {
		s.name(name)
	}
}

// mostName bounds what is kept of a name, in bytes.
const mostName = 200

func (s *search) name(text string) {
	text = strings.Join(strings.Fields(account.Fold(text)), " ")
	if text != "" && len(text) <= mostName {
		s.add(Name, text)
	} else if text != "" {
		s.add(Stated, "")
	}
}
