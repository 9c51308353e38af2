package personal

import "strconv"

// card is the number of a payment card (ISO/IEC 7812): of a known issuer, as long as
// that one's are, grouped as on cards or not at all, and right by Luhn. Outside of a
// string a number counts something.
func (s *search) card(w *written, i int) bool {
	if len(w.digits) < 13 || len(w.digits) > 19 || !w.asCard() || !issued(w.digits) || !luhn(w.digits) || !s.quoted(i) {
		return false
	}
	s.add(Card, w.digits)
	return true
}

func (w *written) asCard() bool {
	if w.groups == 1 {
		return true
	}
	for _, apart := range []byte{' ', '-'} {
		if w.like(apart, 4, 4, 4, 4) || w.like(apart, 4, 6, 5) || w.like(apart, 4, 6, 4) || w.like(apart, 4, 4, 4, 4, 3) {
			return true
		}
	}
	return false
}

// issuers are ranges of the first six digits, with the lengths of their numbers.
var issuers = []struct {
	from, to    int
	least, most int
}{
	{222100, 272099, 16, 16}, // Mastercard
	{300000, 305999, 14, 14}, // Diners Club
	{340000, 349999, 15, 15}, // American Express
	{352800, 358999, 16, 16}, // JCB
	{360000, 369999, 14, 14}, // Diners Club
	{370000, 379999, 15, 15}, // American Express
	{380000, 399999, 16, 16}, // Diners Club
	{400000, 499999, 16, 16}, // Visa
	{510000, 559999, 16, 16}, // Mastercard
	{501800, 501899, 16, 19}, // Maestro
	{502000, 502099, 16, 19},
	{503800, 503899, 16, 19},
	{589300, 589399, 16, 19},
	{630400, 630499, 16, 19},
	{675900, 676399, 16, 19},
	{601100, 601199, 16, 16}, // Discover
	{644000, 659999, 16, 16},
	{620000, 629999, 16, 19}, // UnionPay
}

func issued(digits string) bool {
	first, _ := strconv.Atoi(digits[:6])
	for _, r := range issuers {
		if first >= r.from && first <= r.to && len(digits) >= r.least && len(digits) <= r.most {
			return true
		}
	}
	return false
}

// luhn tells whether the last digit is right (ISO/IEC 7812-1 annex B).
func luhn(digits string) bool {
	sum, double := 0, false
	for i := len(digits) - 1; i >= 0; i-- {
		d := int(digits[i] - '0')
		if double {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
		double = !double
	}
	return sum%10 == 0
}
