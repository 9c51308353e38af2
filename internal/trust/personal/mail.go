package personal

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Longest parts of an address (RFC 5321 section 4.5.3.1).
const (
	mostLocal  = 64
	mostDomain = 253
)

// ats are what stands for '@' in texts about attacks and in URLs.
var ats = []string{"@", "%40", "[@]", "(@)", "[at]", "(at)"}

// dots stand for '.'.
var dots = []string{".", "[.]", "(.)", "[dot]", "(dot)"}

// offices are local parts that are nobody's own (RFC 2142 and its like).
var offices = func() map[string]bool {
	m := map[string]bool{}
	for name := range strings.FieldsSeq(`
		abuse accounting accounts admin administrator all bounce bounces billing careers cert contact csirt daemon
		data-protection datenschutz disclosure donotreply do-not-reply dpo enquiries feedback ftp gdpr git hello help
		helpdesk hostmaster hr info inquiries jobs kontakt legal list lists mail mailer-daemon marketing media news
		newsletter no-reply noc noreply notification notifications office ombuds orders phishing postmaster press
		privacy psirt report reports root sales secretariat security service services soc spam support svn team
		usenet uucp vulnerability webmaster www`) {
		m[name] = true
	}
	return m
}()

// unlisted are top-level domains that are in no root zone, and in use.
var unlisted = []string{"corp", "example", "home", "internal", "intranet", "invalid", "lan", "local", "localdomain", "onion", "test"}

// mail looks for an address around what may stand for its '@' at i.
func (s *search) mail(i int) {
	b := s.b
	n := 0
	if i+1 >= len(b) || b[i] == '%' && b[i+1] != '4' {
		return
	}
	for _, at := range ats {
		if len(b)-i >= len(at) && bytes.EqualFold(b[i:i+len(at)], []byte(at)) {
			n = len(at)
			break
		}
	}
	if n == 0 || i == 0 {
		return
	}
	local, from := s.local(i)
	if local == "" || offices[local] {
		return
	}
	domain, ok := s.domain(i + n)
	if !ok || s.credential(from) || s.cued(from, "message_id", "message-id", "in-reply-to", "references") {
		return
	}
	s.add(Email, local+"@"+domain)
}

// local reads the part before the '@' that ends at j, and says where it begins.
func (s *search) local(j int) (text string, from int) {
	i := j
	for i > 0 && j-i <= mostLocal && isLocal(s.b[i-1]) {
		i--
	}
	if j-i > mostLocal {
		return "", i // too long for an address
	}
	if i > 0 && i < j && s.b[i-1] == '\\' && strings.IndexByte(escaped, s.b[i]) >= 0 {
		i++
	}
	for i < j && (s.b[i] == '.' || s.b[i] == '-' || s.b[i] == '\'') {
		i++
	}
	text = strings.ToLower(string(s.b[i:j]))
	if strings.HasSuffix(text, ".") || !strings.ContainsFunc(text, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r >= 0x80 }) {
		return "", i
	}
	return text, i
}

// isLocal takes less than RFC 5322 does: the rest stands around addresses far more
// often than in one.
func isLocal(c byte) bool {
	switch c {
	case '.', '_', '-', '+', '\'':
		return true
	}
	return kindOf[c]&(word|beyond) != 0
}

// domain reads the part after the '@'. It must end in a top-level domain.
func (s *search) domain(i int) (text string, ok bool) {
	var out []byte
	for i < len(s.b) && len(out) <= mostDomain {
		c := s.b[i]
		if c == '-' || kindOf[c]&(word|beyond) != 0 {
			out = append(out, c)
			i++
			continue
		}
		n := dotAt(s.b[i:])
		if n == 0 || len(out) == 0 || out[len(out)-1] == '.' {
			break
		}
		if i+n >= len(s.b) || kindOf[s.b[i+n]]&(word|beyond) == 0 { // the end of a sentence
			break
		}
		out = append(out, '.')
		i += n
	}
	text = strings.Trim(strings.ToLower(string(out)), "-.")
	if len(text) > mostDomain || strings.IndexByte(text, '.') < 0 {
		return "", false
	}
	return text, isZone(text)
}

// dotAt is how long what stands for a dot at the beginning of b is.
func dotAt(b []byte) int {
	for _, dot := range dots {
		if len(b) >= len(dot) && bytes.EqualFold(b[:len(dot)], []byte(dot)) {
			return len(dot)
		}
	}
	return 0
}

// isZone tells whether a domain ends in a top-level domain: "logo@2x.png" does not.
func isZone(domain string) bool {
	top := domain[strings.LastIndexByte(domain, '.')+1:]
	if slices.Contains(unlisted, top) {
		return true
	}
	suffix, icann := publicsuffix.PublicSuffix(domain)
	return icann || strings.IndexByte(suffix, '.') >= 0
}

// credential tells whether what begins at i is the user of a URL, as in
// "ftp://user:pass@host".
func (s *search) credential(i int) bool {
	for k := i - 1; k >= 2 && i-k < 80; k-- {
		switch c := s.b[k]; {
		case c == '/':
			return s.b[k-1] == '/' && s.b[k-2] == ':'
		case c == '"', c == ' ', c == '?', c == '=', c == '<', c == ',':
			return false
		}
	}
	return false
}
