package detect

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"unicode/utf8"

	"entente/stix"
)

// closer looks at a run with colons, at signs or bytes beyond ASCII, and gives
// where to go on: at its end, but for a URL.
func (f *finder) closer(start, end int) int {
	b := f.b[start:end]
	ascii := start // where what is ASCII alone begins
	for i, c := range b {
		if c >= utf8.RuneSelf {
			ascii = start + i + 1
		}
	}
	if b[len(b)-1] == ':' {
		if n := slashes(f.b[end:]); n > 0 {
			if ascii > start {
				f.foreign(start, ascii)
			}
			return f.url(ascii, end, n)
		}
	}
	if ascii > start {
		f.foreign(start, end)
		return end
	}
	if bytes.IndexByte(b, '@') >= 0 {
		f.mail(start, end)
		return end
	}
	f.colons(start, end)
	return end
}

// slashes is how long "//" is at the start of a text, also as JSON may have it.
func slashes(b []byte) int {
	switch {
	case bytes.HasPrefix(b, []byte("//")):
		return 2
	case bytes.HasPrefix(b, []byte(`\/\/`)):
		return 4
	}
	return 0
}

// colons looks at an address of IPv6, a certificate's number, or what stands
// between colons.
func (f *finder) colons(start, end int) {
	b := f.b[start:end]
	for len(b) > 0 && (b[len(b)-1] == '.' || b[len(b)-1] == '-' || b[len(b)-1] == ':' && !bytes.HasSuffix(b, []byte("::"))) {
		b = b[:len(b)-1]
	}
	end = start + len(b)
	from := start
	for i, c := range b {
		if c != ':' && c != '.' && !isHex(c) {
			from = start + i + 1
		}
	}
	switch {
	case from == start:
	case f.b[from-1] == '-': // from one to another
		f.grouped(start, from-1)
	default: // a word stands before, as in IPv6:2001:db8::7
		if n := bytes.IndexByte(f.b[from:end], ':'); n >= 0 {
			from += n + 1
		} else {
			from = end
		}
	}
	if f.grouped(from, end) {
		end = from
	} else if n := f.portAt(start, end); n > from && f.grouped(from, n) {
		end = from
	}
	for at := start; at < end; {
		n := bytes.IndexByte(f.b[at:end], ':')
		if n < 0 {
			n = end - at
		}
		f.piece(at, at+n)
		at += n + 1
	}
}

// grouped looks at hexadecimal digits in groups, and tells whether they are an address
// or a number that is looked for.
func (f *finder) grouped(start, end int) bool {
	b := f.b[start:end]
	n := bytes.Count(b, []byte{':'})
	if n < 2 || len(b) >= 256 {
		return false
	}
	if n >= 6 || bytes.Contains(b, []byte("::")) {
		if a, err := netip.ParseAddr(string(b)); err == nil {
			f.address6(a, start, end)
			return true
		}
	}
	if n < 7 || f.kinds[stix.ValueCert] == 0 || !f.lengths.has(len(b)-n) {
		return false
	}
	h := hashWord(f.key, bytes.ReplaceAll(b, []byte(":"), nil))
	return f.filter.may(h) && f.look(h, start, end, kindsWord, Exact)
}

func (f *finder) address6(a netip.Addr, start, end int) {
	if a = a.Unmap(); a.Is4() {
		b := a.As4()
		f.addressed4(binary.BigEndian.Uint32(b[:]), start, end)
		return
	}
	for bits := 128; bits >= widest6; bits-- {
		if f.nets6[bits] == 0 {
			continue
		}
		p, _ := a.Prefix(bits)
		how := In
		if bits == 128 {
			how = Exact
		}
		if h := f.key.hashPrefix(p); f.filter.may(h) {
			f.look(h, start, end, kindsIP, how)
		}
	}
}

// holds tells whether a prefix holds the address that stands in a text.
func (f *finder) holds(e *entry, text []byte) bool {
	p, ok := stix.PrefixOf(string(f.text(e)))
	a, err := netip.ParseAddr(string(text))
	return ok && err == nil && p.Contains(a.Unmap())
}

// mail looks at addresses of mail, and at the hosts behind at signs.
func (f *finder) mail(start, end int) {
	from := start
	for from > f.noMail && isLocal(f.b[from-1]) && start-from < longest {
		from--
	}
	at := start + bytes.IndexByte(f.b[start:end], '@')
	for at < end {
		if n := bytes.LastIndexByte(f.b[from:at], ':'); n >= 0 {
			from += n + 1 // mailto:
		}
		host, next := at+1, end
		if n := bytes.IndexByte(f.b[host:end], '@'); n >= 0 {
			next = host + n
		}
		f.address(from, at, next)
		f.piece(host, next)
		from, at = host, next
	}
}

// address looks at an address of mail whose sign is at a place.
func (f *finder) address(from, at, end int) {
	if n := bytes.IndexByte(f.b[at:end], ':'); n >= 0 {
		end = at + n
	}
	for end > at+1 && (f.b[end-1] == '.' || f.b[end-1] == '-') {
		end--
	}
	if f.kinds[stix.ValueEmail] == 0 || from < f.noMail || from == at || end == at+1 {
		return
	}
	if h := hashText(f.key, f.b[from:end]); f.filter.may(h) {
		f.look(h, from, end, kindsEmail, Exact)
	}
}

func isLocal(c byte) bool {
	return bytes.IndexByte([]byte(localBytes), c) >= 0 || weights[c] == digit || weights[c] == letter
}
