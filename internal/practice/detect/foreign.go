package detect

import (
	"unicode"
	"unicode/utf8"

	"entente/stix"
)

// foreign looks at a run with bytes beyond ASCII: names in other scripts, and values
// that such characters stand around.
func (f *finder) foreign(start, end int) {
	b := f.b
	from, strange, stops := start, false, 0
	sign, before := start, 0 // behind the last colon or at sign, and the stops up to it
	flush := func(until int) {
		switch {
		case from == until:
		case !strange:
			f.piece(from, until)
		default:
			f.strange(from, until, stops)
		}
	}
	for i := start; i < end; {
		r, n := utf8.DecodeRune(b[i:end])
		switch {
		case r == '.' || isStop(r):
			stops++
			strange = strange || r != '.'
		case r == ':' || r == '@':
			if strange {
				flush(i)
				from, strange, stops = i+n, false, 0
			}
			sign, before = i+n, stops
		case r < utf8.RuneSelf:
		case r == '\ufeff' && i == from: // the mark that a file begins with
			from = i + n
		case r == utf8.RuneError || !(unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Cf, r) || unicode.IsMark(r)):
			flush(i)
			from, strange, stops = i+n, false, 0
		default:
			switch {
			case strange || sign <= from:
			case f.grouped(from, i):
				from, stops = i, 0
			default:
				flush(sign - 1)
				from, stops = sign, stops-before
			}
			strange = true
		}
		i += n
	}
	flush(end)
}

// strange looks at what has letters beyond ASCII: as at a name, or else at the
// addresses in it that no space parts from words.
func (f *finder) strange(start, end, stops int) {
	found := len(f.spots)
	if !f.made && f.kinds[stix.ValueDomain] > 0 && stops > 0 {
		text := stix.Refang(string(f.b[start:end]))
		if v, ok := stix.NewValue(stix.ValueDomain, text); ok && v.Kind == stix.ValueDomain {
			text = v.Text
		}
		f.instead([]byte(text), start, end)
	}
	if stops < 3 || len(f.spots) > found {
		return
	}
	for from, i, w := start, start, uint64(0); i <= end; i++ {
		if i < end && f.b[i] < utf8.RuneSelf {
			w += weights[f.b[i]]
			continue
		}
		if w>>16 >= 3 && w < letter {
			f.dotted(from, i, w)
		}
		from, w = i+1, 0
	}
}

// isStop tells full stops of other scripts.
func isStop(r rune) bool { return r == '。' || r == '．' || r == '｡' }
