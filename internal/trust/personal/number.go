package personal

import (
	"net/netip"
	"slices"
	"strings"
)

// mostGroups and mostSpan bound a number that is written in groups.
const (
	mostGroups = 8
	mostSpan   = 40
)

// written is a number as it stands: its digits, and how they are grouped.
type written struct {
	digits  string
	n       int // of digits
	lengths [mostGroups]int
	groups  int  // of lengths
	apart   byte // what divides all groups; 0 when that differs, or there is one
	end     int
}

// grouped reads groups of digits from i on with one divider between each two; the
// digits themselves are left for whoever needs them.
func (s *search) grouped(i int) (w written) {
	for j := i; j < len(s.b) && j-i < mostSpan && w.groups < mostGroups; j++ {
		from := j
		for j < len(s.b) && kindOf[s.b[j]]&digit != 0 && j-from < mostSpan {
			j++
		}
		w.n += j - from
		w.lengths[w.groups] = j - from
		w.groups++
		w.end = j
		if j+1 >= len(s.b) || kindOf[s.b[j+1]]&digit == 0 || strings.IndexByte(" -.+", s.b[j]) < 0 {
			break
		}
		switch {
		case w.groups == 1:
			w.apart = s.b[j]
		case w.apart != s.b[j]:
			w.apart = 0
		}
	}
	if w.groups == 1 {
		w.apart = 0
	}
	return w
}

// digitsOf is what stands in a stretch without what divides it.
func (s *search) digitsOf(i, j int) string {
	out := make([]byte, 0, mostSpan)
	for ; i < j; i++ {
		if kindOf[s.b[i]]&digit != 0 {
			out = append(out, s.b[i])
		}
	}
	return string(out)
}

// like tells whether the groups have these lengths, with this divider.
func (w *written) like(apart byte, lengths ...int) bool {
	return w.apart == apart && slices.Equal(w.lengths[:w.groups], lengths)
}

// number looks at digits from i on. What stands together is at i to j; it answers
// where to go on.
func (s *search) number(i, j int) int {
	if n := j - i; n < 13 && (j >= len(s.b) || strings.IndexByte(" -.+)", s.b[j]) < 0) && !(n >= 8 && s.ends(j)) {
		return j // alone, and too short for what needs no word beside it
	}
	if j-i == 8 && s.dni(i, j, j+1) {
		return j + 2
	}
	w := s.grouped(i)
	if !s.ends(w.end) || w.n < 8 && (i == 0 || s.b[i-1] != '(') {
		return j
	}
	w.digits = s.digitsOf(i, w.end)
	if s.card(&w, i) || s.national(&w, i) || s.domestic(&w, i) {
		return w.end
	}
	return j
}

// phones are the words that say that a telephone number follows.
var phones = []string{"tel", "telephone", "phone", "phone_number", "mobile", "cell", "fax", "call", "telefon", "teléfono", "téléphone", "handy", "gsm", "sms", "whatsapp", "signal"}

// international reads a telephone number in the form of E.164 with its '+' at i; it
// answers where that ends, 0 when there is none.
func (s *search) international(i int) int {
	if !s.begins(i) || i+1 >= len(s.b) || kindOf[s.b[i+1]]&digit == 0 {
		return 0
	}
	var digits []byte
	j, gap := i+1, 0
	for ; j < len(s.b) && j-i < mostSpan; j++ {
		c := s.b[j]
		if kindOf[c]&digit != 0 {
			if len(digits) == 15 {
				return 0
			}
			digits, gap = append(digits, c), 0
			continue
		}
		if gap++; gap > 2 || strings.IndexByte(" -.()/", c) < 0 {
			break
		}
	}
	for kindOf[s.b[j-1]]&digit == 0 && j > i+1 {
		j--
	}
	if _, err := netip.ParseAddr(string(s.b[i+1 : j])); err == nil {
		return 0 // an address of the Internet in a list of additions
	}
	if len(digits) < 9 || !s.ends(j) || !countryCode(string(digits)) {
		return 0
	}
	s.add(Phone, "+"+string(digits))
	return j
}

// domestic is a telephone number as it is written at home: with a word that says so
// and a trunk prefix or an area in brackets, or in the North American form.
func (s *search) domestic(w *written, i int) bool {
	american := w.like('-', 3, 3, 4) || i > 0 && s.b[i-1] == '(' && s.area(w, i)
	n := len(w.digits)
	switch {
	case american && n == 10 && w.digits[0] >= '2' && w.digits[3] >= '2':
		s.add(Phone, "+1"+w.digits)
	case n < 8 || n > 14 || !s.cued(i, phones...):
		return false
	case strings.HasPrefix(w.digits, "00") && n >= 10 && countryCode(w.digits[2:]):
		s.add(Phone, "+"+w.digits[2:])
	case w.digits[0] == '0' || american:
		s.add(Phone, w.digits)
	default:
		return false
	}
	return true
}

// area reads the rest of "(212) 555-0123", of which only the first group has been read.
func (s *search) area(w *written, i int) bool {
	j := w.end
	if w.groups != 1 || w.n != 3 || j+2 >= len(s.b) || s.b[j] != ')' {
		return false
	}
	if j++; s.b[j] == ' ' {
		j++
	}
	rest := s.grouped(j)
	if !rest.like('-', 3, 4) && !rest.like(' ', 3, 4) || !s.ends(rest.end) {
		return false
	}
	w.digits, w.n, w.end = w.digits+s.digitsOf(j, rest.end), w.n+rest.n, rest.end
	return true
}

// countryCode tells whether digits begin with a code that is assigned (ITU-T E.164),
// and are as many as there are in the plans of one digit.
func countryCode(digits string) bool {
	switch digits[0] {
	case '1':
		return len(digits) == 11 && digits[1] >= '2' && digits[4] >= '2'
	case '7':
		return len(digits) == 11
	}
	for n := 2; n <= 3 && n <= len(digits); n++ {
		if slices.Contains(countryCodes[n-2], digits[:n]) {
			return true
		}
	}
	return false
}

var countryCodes = [2][]string{
	strings.Fields("20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98"),
	strings.Fields(`211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 243 244
		245 246 247 248 249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 290 291 297 298 299 350 351 352 353
		354 355 356 357 358 359 370 371 372 373 374 375 376 377 378 379 380 381 382 383 385 386 387 389 420 421 423 500 501 502 503 504 505
		506 507 508 509 590 591 592 593 594 595 596 597 598 599 670 672 673 674 675 676 677 678 679 680 681 682 683 685 686 687 688 689 690
		691 692 850 852 853 855 856 880 886 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 976 977 979 992 993 994 995 996 998`),
}
