package personal

import (
	"strconv"
	"strings"
)

// national looks for the numbers of people that are digits alone. Those that have
// neither a form of their own nor more than one check digit count with a word beside
// them that names their scheme.
func (s *search) national(w *written, i int) bool {
	d := w.digits
	alone := w.groups == 1
	switch {
	case w.like(' ', 1, 2, 2, 2, 3, 3, 2), alone && len(d) == 15:
		return s.nir(d, w.end)
	case alone && len(d) == 11 && s.cued(i, "pesel") && pesel(d):
		s.scheme("pesel", d)
	case alone && len(d) == 9 && s.cued(i, "bsn", "burgerservicenummer") && bsn(d):
		s.scheme("bsn", d)
	case (s.isCPF(w) || alone && len(d) == 11 && s.cued(i, "cpf")) && cpf(d):
		s.scheme("cpf", d)
	case w.personnummer() && (!alone || s.cued(i, "personnummer", "pnr", "samordningsnummer")) && swedish(d[len(d)-10:]):
		s.scheme("personnummer", d[len(d)-10:])
	default:
		return false
	}
	return true
}

func (s *search) scheme(name, number string) { s.add(National, name+":"+number) }

// isCPF is the form 529.982.247-25, whose dividers differ.
func (s *search) isCPF(w *written) bool {
	return w.like(0, 3, 3, 3, 2) &&
		s.b[w.end-3] == '-' && s.b[w.end-7] == '.' && s.b[w.end-11] == '.'
}

func (w *written) personnummer() bool {
	for _, apart := range []byte{'-', '+'} {
		if w.like(apart, 6, 4) || w.like(apart, 8, 4) {
			return true
		}
	}
	return w.groups == 1 && (len(w.digits) == 10 || len(w.digits) == 12)
}

func dateOf(month, day string) bool {
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	return m >= 1 && m <= 12 && d >= 1 && d <= 31
}

func weighted(digits string, weights ...int) (sum int) {
	for i, w := range weights {
		sum += w * int(digits[i]-'0')
	}
	return sum
}

// pesel: Poland; the month says the century, too.
func pesel(d string) bool {
	month, _ := strconv.Atoi(d[2:4])
	return dateOf(strconv.Itoa(month%20), d[4:6]) && weighted(d, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)%10 == 0
}

// bsn: the Netherlands, the test of eleven.
func bsn(d string) bool {
	return d != "000000000" && weighted(d, 9, 8, 7, 6, 5, 4, 3, 2, -1)%11 == 0
}

// cpf: Brazil, two check digits; what is one digit throughout is nobody's.
func cpf(d string) bool {
	if strings.Count(d, d[:1]) == len(d) {
		return false
	}
	first := weighted(d, 10, 9, 8, 7, 6, 5, 4, 3, 2) * 10 % 11 % 10
	second := weighted(d, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2) * 10 % 11 % 10
	return first == int(d[9]-'0') && second == int(d[10]-'0')
}

// swedish: personnummer and samordningsnummer, whose day is 60 more.
func swedish(d string) bool {
	day, _ := strconv.Atoi(d[4:6])
	if day > 60 {
		day -= 60
	}
	return dateOf(d[2:4], strconv.Itoa(day)) && luhn(d)
}

// nir reads the French number of 15 digits, of which the department of Corsica is 2A
// or 2B. It has a form and two check digits of its own.
func (s *search) nir(d string, j int) bool {
	number := d
	switch d[5:7] {
	case "2A":
		number = d[:5] + "19" + d[7:]
	case "2B":
		number = d[:5] + "18" + d[7:]
	}
	n, err := strconv.ParseInt(number[:13], 10, 64)
	key, err2 := strconv.ParseInt(number[13:], 10, 64)
	month, _ := strconv.Atoi(d[3:5])
	if err != nil || err2 != nil || !s.ends(j) || d[0] != '1' && d[0] != '2' || month < 1 || month > 12 || d[7:10] == "000" {
		return false
	}
	if 97-n%97 != key {
		return false
	}
	s.scheme("nir", d)
	return true
}

// dniLetters are those of the Spanish numbers, by the number modulo 23.
const dniLetters = "TRWAGMYFPDXBNJZSQVHLCKE"

// dni reads the Spanish DNI, eight digits and a letter, or the NIE of a foreigner: X, Y
// or Z, seven digits and a letter. The letter is at last. One in 23 is right by chance:
// without the hyphen and the first letter it takes a word that says what it is.
func (s *search) dni(i, j, last int) bool {
	if last >= len(s.b) || last > j && s.b[j] != '-' || !isUpper(s.b[last]) || !s.ends(last+1) {
		return false
	}
	foreign := isUpper(s.b[i])
	if !foreign && last == j && !s.cued(i, "dni", "nif", "d.n.i") {
		return false
	}
	digits := []byte(string(s.b[i : i+8]))
	if foreign && strings.IndexByte("XYZ", digits[0]) >= 0 {
		digits[0] = '0' + digits[0] - 'X'
	}
	n, err := strconv.ParseUint(string(digits), 10, 32)
	if err != nil || s.b[last] != dniLetters[n%23] {
		return false
	}
	s.scheme("dni", string(s.b[i:i+8])+string(s.b[last]))
	return true
}

// oddCodice are the values of '0' to '9' and of 'A' to 'Z' in odd places.
var oddCodice = [...]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}

// codiceFiscale reads the Italian number: six letters, a date, a place and a check
// letter, where letters can stand for digits.
func (s *search) codiceFiscale(i, j int) {
	d := strings.ToUpper(string(s.b[i:j]))
	const letters, numbers = "LLLLLL..L..L...L", "......nn.nn.nnn."
	sum := 0
	for k := range 16 {
		c := d[k]
		upper := isUpper(c)
		if letters[k] == 'L' && !upper || numbers[k] == 'n' && upper && strings.IndexByte("LMNPQRSTUV", c) < 0 {
			return
		}
		v := int(c - '0')
		if upper {
			v = int(c - 'A')
		}
		switch {
		case k == 15:
			if v != sum%26 {
				return
			}
		case k%2 == 0:
			sum += oddCodice[v]
		default:
			sum += v
		}
	}
	if strings.IndexByte("ABCDEHLMPRST", d[8]) < 0 || !s.ends(j) {
		return
	}
	s.scheme("codice-fiscale", d)
}
