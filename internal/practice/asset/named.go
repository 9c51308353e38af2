package asset

import (
	"slices"
	"strings"
	"unicode"

	"entente/internal/spelling"
)

// names are the names and products of one's own, by the words that they are made of,
// so that a text costs what it is long, whatever the number of names.
type names struct {
	lengths map[string][]int    // first word: how many words names have that begin so
	phrases map[string][]*Asset // all words, with a space between
	cpes    map[string][]*Asset // part, vendor and product
}

func (n *names) add(a *Asset) {
	if n.phrases == nil {
		*n = names{map[string][]int{}, map[string][]*Asset{}, map[string][]*Asset{}}
	}
	if fields := cpeFields(a.Value); a.Kind == Product && len(fields) >= cpeKey {
		key := strings.Join(fields[:cpeKey], ":")
		n.cpes[key] = append(n.cpes[key], a)
		return
	}
	words := wordsOf(spelling.Fold(a.Value))
	if len(words) == 0 {
		return // signs alone: Owns knows it where it stands alone
	}
	if !slices.Contains(n.lengths[words[0]], len(words)) {
		n.lengths[words[0]] = append(n.lengths[words[0]], len(words))
	}
	key := strings.Join(words, " ")
	n.phrases[key] = append(n.phrases[key], a)
}

// Named gives the names and products of one's own that stand in a text as whole
// words, as people write the same ([spelling.Fold]), or as a CPE; each once.
func (s *Set) Named(text string) (list []*Asset) {
	if s.names.phrases == nil {
		return nil
	}
	take := func(a *Asset) {
		if !slices.Contains(list, a) {
			list = append(list, a)
		}
	}
	folded := spelling.Fold(text)
	words := wordsOf(folded)
	for i, first := range words {
		for _, length := range s.names.lengths[first] {
			if i+length > len(words) {
				continue
			}
			for _, a := range s.names.phrases[strings.Join(words[i:i+length], " ")] {
				if as := spelling.Fold(a.Value); !signed(as) || strings.Contains(folded, as) {
					take(a)
				}
			}
		}
	}
	for _, token := range strings.FieldsFunc(strings.ToLower(text), apartFromCPE) {
		fields := cpeFields(token)
		if len(fields) < cpeKey {
			continue
		}
		for _, a := range s.names.cpes[strings.Join(fields[:cpeKey], ":")] {
			if covers(cpeFields(a.Value), fields) {
				take(a)
			}
		}
	}
	return list
}

// wordsOf cuts a folded text at whatever is no letter, digit or mark. A character of a
// script without spaces is a word of its own.
func wordsOf(folded string) (words []string) {
	start := -1
	end := func(at int) {
		if start >= 0 {
			words = append(words, folded[start:at])
			start = -1
		}
	}
	for i, r := range folded {
		switch {
		case spelling.Spaceless(r):
			end(i)
			words = append(words, string(r))
		case !ofWord(r):
			end(i)
		case start < 0:
			start = i
		}
	}
	end(len(folded))
	return words
}

func ofWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// signed tells names of which signs are a part, as C++, .NET, AT&T: their words alone
// would say too little.
func signed(folded string) bool {
	return strings.Trim(folded, "-._'’ ") != folded || strings.ContainsFunc(folded, func(r rune) bool {
		return !ofWord(r) && !strings.ContainsRune("-._'’ ", r)
	})
}

// cpeKey is how many fields of a CPE must be said: part, vendor, product.
const cpeKey = 3

// cpeFields are the fields of a lower-case CPE, as a formatted string of 2.3 or a URI of
// 2.2 (NIST IR 7695, section 6); nil when the text is none.
func cpeFields(text string) []string {
	rest, ok := strings.CutPrefix(text, "cpe:2.3:")
	if !ok {
		rest, ok = strings.CutPrefix(text, "cpe:/")
	}
	if !ok {
		return nil
	}
	return strings.Split(rest, ":")
}

// covers tells whether a CPE may be of what another one is about: no field says
// something else.
func covers(one, other []string) bool {
	anything := func(field string) bool { return field == "" || field == "*" }
	for i := range min(len(one), len(other)) {
		if one[i] != other[i] && !anything(one[i]) && !anything(other[i]) {
			return false
		}
	}
	return true
}

func apartFromCPE(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`"'<>,;()`, r) }
