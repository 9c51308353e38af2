package spelling

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold makes texts equal that people write as the same word: compatibility
// forms and case (Unicode's full folding), accents of the alphabets that drop
// them at will, the letters that Arabic and Persian write for each other,
// digits. What does not show (direction marks, joiners, soft hyphens) goes.
func Fold(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	s = strings.ToValidUTF8(s, string(unicode.ReplacementChar)) // a question may be anything
	caser := cases.Fold()
	s = norm.NFD.String(norm.NFKC.String(caser.String(norm.NFKC.String(s))))
	var b strings.Builder
	b.Grow(len(s))
	bare := false // the mark's letter is of a script that drops marks
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Cf, r) || r == tatweel || unicode.Is(unicode.Variation_Selector, r):
		case unicode.Is(unicode.Mn, r):
			if !bare {
				b.WriteRune(r)
			}
		default:
			bare = unicode.In(r, dropsMarks...)
			if as, ok := written[r]; ok {
				b.WriteString(as)
			} else {
				b.WriteRune(digit(r))
			}
		}
	}
	return norm.NFC.String(b.String())
}

const tatweel = 'ـ' // stretches Arabic words

var dropsMarks = []*unicode.RangeTable{unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Arabic, unicode.Hebrew}

// written are letters that stand for others and have no decomposition.
var written = map[rune]string{
	'ł': "l", 'ø': "o", 'đ': "d", 'ð': "d", 'ħ': "h", 'ŧ': "t", 'ı': "i", 'æ': "ae", 'œ': "oe", 'þ': "th",
	'ى': "ي", 'ی': "ي", 'ک': "ك", 'ة': "ه", 'ٱ': "ا",
}

// digit makes the digits of Arabic, Persian and Devanagari those of ASCII.
func digit(r rune) rune {
	for _, zero := range [...]rune{'٠', '۰', '०'} {
		if r >= zero && r <= zero+9 {
			return '0' + r - zero
		}
	}
	return r
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// spaceless are the scripts whose words are not set apart by spaces; Hangul is
// among them because its words carry their particles.
var spaceless = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar}

const (
	prolonged = 'ー' // is of no script, but stands in Katakana words
	iteration = '々' // likewise among Han
)

// Spaceless tells the characters of scripts whose words are not set apart.
func Spaceless(r rune) bool {
	return r == prolonged || r == iteration || r >= 0x80 && unicode.In(r, spaceless...)
}
