package personal

import "strings"

// iban reads an IBAN (ISO 13616) from i on, together or in groups of four, and
// answers where it ends; 0 when there is none.
func (s *search) iban(i int) int {
	if i+4 > len(s.b) || !isUpper(s.b[i]) || !isUpper(s.b[i+1]) || kindOf[s.b[i+2]]&digit == 0 || kindOf[s.b[i+3]]&digit == 0 {
		return 0
	}
	want := ibanLengths[string(s.b[i:i+2])]
	if want == 0 {
		return 0
	}
	text := make([]byte, 0, 34)
	j := i
	grouped := i+4 < len(s.b) && s.b[i+4] == ' '
	for ; j < len(s.b) && len(text) < want; j++ {
		c := s.b[j]
		switch {
		case grouped && c == ' ' && len(text)%4 == 0 && len(text) > 0 && s.b[j-1] != ' ':
		case isUpper(c) || kindOf[c]&digit != 0:
			text = append(text, c)
		default:
			return 0
		}
	}
	if len(text) != want || !s.ends(j) || !mod97(text) {
		return 0
	}
	s.add(Account, string(text))
	return j
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

// mod97 holds the check digits (ISO 7064, MOD 97-10) of what is upper case.
func mod97(text []byte) bool {
	sum := 0
	for k := range text {
		switch c := text[(k+4)%len(text)]; {
		case isUpper(c):
			sum = (sum*100 + int(c-'A') + 10) % 97
		default:
			sum = (sum*10 + int(c-'0')) % 97
		}
	}
	return sum == 1
}

// ibanLengths are those of the registry of SWIFT, release 99.
var ibanLengths = func() map[string]int {
	m := map[string]int{}
	for _, f := range strings.Fields(`AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20
		EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20
		LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24
		SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30`) {
		m[f[:2]] = int(f[2]-'0')*10 + int(f[3]-'0')
	}
	return m
}()
