package stix

import (
	"bytes"
	"strconv"
)

// facts are the properties by which an observable can be looked up, noted while
// it is read because its type may come after them. Those that are absent have
// no end.
type facts struct {
	typ, value, name, key, path, address span
	serial, userID, login, display       span
	number, url, pattern, patternType    span
	hashes                               [2]int // from and to among the found values
}

func (s span) given() bool { return s.end != 0 }

// maxValues bounds how many values one object can be looked up by.
const maxValues = 256

// note keeps a property by which an observable may be looked up.
func (p *parser) note(key []byte, s span, in place) {
	f := &p.found.facts
	switch in {
	case inTop:
	case inObservable:
		f = &p.embedded
	default:
		return
	}
	switch string(key) {
	case "type":
		f.typ = s
	case "value":
		f.value = s
	case "name":
		f.name = s
	case "key":
		f.key = s
	case "path":
		f.path = s
	case "address":
		f.address = s
	case "serial_number":
		f.serial = s
	case "user_id":
		f.userID = s
	case "account_login":
		f.login = s
	case "display_name":
		f.display = s
	case "number":
		f.number = s
	case "url":
		f.url = s
	case "pattern":
		f.pattern = s
	case "pattern_type":
		f.patternType = s
	}
}

// lookups adds what an object of this type is looked up by.
func (p *parser) lookups(f *facts) {
	typ := p.decoded(f.typ)
	switch string(typ) {
	case "indicator":
		if !f.patternType.given() || string(p.decoded(f.patternType)) == "stix" {
			if f.pattern.given() {
				p.lookPattern(p.decoded(f.pattern))
			}
		}
	case "ipv4-addr", "ipv6-addr":
		p.lookAt(ValueIP, f.value)
	case "domain-name":
		p.lookAt(ValueDomain, f.value)
	case "url":
		p.lookAt(ValueURL, f.value)
	case "email-addr":
		p.lookAt(ValueEmail, f.value)
	case "mac-addr":
		p.lookAt(ValueOther, f.value)
	case "file":
		p.lookAt(ValueFile, f.name)
	case "directory":
		p.lookAt(ValueFile, f.path)
	case "autonomous-system":
		p.lookAt(ValueASN, f.number)
	case "artifact":
		p.lookAt(ValueURL, f.url)
	case "windows-registry-key":
		p.lookAt(ValueRegKey, f.key)
	case "mutex", "software", "process":
		p.lookAt(ValueName, f.name)
	case "user-account":
		p.lookAt(ValueName, f.userID)
		p.lookAt(ValueName, f.login)
		p.lookAt(ValueName, f.display)
	case "x509-certificate":
		p.lookAt(ValueCert, f.serial)
		p.lookFingerprints(f.hashes[0], f.hashes[1])
	case "vulnerability":
		if f.name.given() {
			p.lookCVEs(p.decoded(f.name))
		}
	default:
		if isWallet(typ) {
			p.lookAt(ValueWallet, f.value)
			p.lookAt(ValueWallet, f.address)
		}
	}
}

// isWallet tells whether a type of others' making holds a cryptocurrency
// address; the specification has none of its own.
func isWallet(typ []byte) bool {
	return bytes.Contains(typ, []byte("wallet")) || bytes.Contains(typ, []byte("cryptocurrency"))
}

func (p *parser) lookAt(kind ValueKind, s span) {
	if s.given() {
		p.look(kind, p.decoded(s))
	}
}

// lookFingerprints makes the hashes of a certificate findable as such too.
func (p *parser) lookFingerprints(from, to int) {
	for i := from; i < to; i++ {
		t := p.found.values[i].text
		p.look(ValueCert, p.arena[t.start:t.end])
	}
}

// lookExternal adds an external_id.
func (p *parser) lookExternal(id []byte) {
	if !p.lookCVEs(id) {
		p.look(ValueOther, id)
	}
}

// lookCVEs adds the CVE identifiers in a text and tells whether there were any.
func (p *parser) lookCVEs(text []byte) (any bool) {
	for i := 0; i+len("CVE-2024-0001") <= len(text); i++ {
		if end := cveEnd(text, i); end > 0 {
			p.look(ValueCVE, text[i:end])
			any, i = true, end
		}
	}
	return any
}

// cveEnd gives the index after the CVE identifier that starts at text[i], or 0.
func cveEnd(text []byte, i int) int {
	if !bytes.EqualFold(text[i:i+4], []byte("CVE-")) || text[i+8] != '-' {
		return 0
	}
	for _, c := range text[i+4 : i+8] {
		if c-'0' > 9 {
			return 0
		}
	}
	end := i + 9
	for end < len(text) && text[end]-'0' <= 9 {
		end++
	}
	if n := end - i - 9; n < 4 || n > 19 {
		return 0
	}
	return end
}

// look adds a value in its normal form, unless it is there already.
func (p *parser) look(kind ValueKind, text []byte) {
	if p.bare || len(p.found.values) >= maxValues {
		return
	}
	start := len(p.arena)
	var ok bool
	if p.arena, kind, ok = appendNormal(p.arena, kind, text); !ok {
		p.arena = p.arena[:start]
		return
	}
	normal := p.arena[start:]
	for _, v := range p.found.values {
		if v.kind == kind && bytes.Equal(p.arena[v.text.start:v.text.end], normal) {
			p.arena = p.arena[:start]
			return
		}
	}
	p.found.values = append(p.found.values, foundValue{kind, part{start, len(p.arena)}})
}

func isUserAgent(key []byte) bool { return bytes.EqualFold(key, []byte("User-Agent")) }

func appendIndex(dst []byte, n int) []byte {
	return append(strconv.AppendInt(append(dst, '['), int64(n), 10), ']')
}
