package blocklist

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Kind says what a value is.
type Kind uint8

// The kinds of values.
const (
	IP     Kind = iota + 1 // an address, or a prefix in CIDR form
	Domain                 // a name in A-labels and lower case, without a final dot
	URL
	MD5 // digests in lower-case hexadecimal
	SHA1
	SHA256
	SHA512
	Mail // an address of mail
	File // the name of a file
	Cert // the digest or the serial number of a certificate, in lower-case hexadecimal
	kinds
)

var kindNames = [kinds]string{IP: "ip", Domain: "domain", URL: "url", MD5: "md5", SHA1: "sha1", SHA256: "sha256", SHA512: "sha512",
	Mail: "mail", File: "file", Cert: "cert"}

// String is the kind's name.
func (k Kind) String() string {
	if k < kinds {
		return kindNames[k]
	}
	return ""
}

// hashes are the kinds that "hash" stands for.
var hashes = []Kind{MD5, SHA1, SHA256, SHA512}

// ErrInvalid is what a wrong choice of format or kinds is.
var ErrInvalid = errors.New("not acceptable")

// refusal is an error that is ErrInvalid, in the words of what is wrong alone.
type refusal string

func (r refusal) Error() string      { return string(r) }
func (refusal) Is(target error) bool { return target == ErrInvalid }

func refuse(format string, args ...any) error { return refusal(fmt.Sprintf(format, args...)) }

// ParseKinds reads names of kinds; "hash" is all digests.
func ParseKinds(names []string) (list []Kind, err error) {
	for _, name := range names {
		some := hashes
		if name != "hash" {
			i := slices.Index(kindNames[1:], name)
			if i < 0 {
				return nil, refuse("kind %q; there are %s and hash", name, strings.Join(kindNames[1:], ", "))
			}
			some = []Kind{Kind(i + 1)}
		}
		for _, k := range some {
			if !slices.Contains(list, k) {
				list = append(list, k)
			}
		}
	}
	return list, nil
}

// Digest is the kind of a digest by its length; false when it is of no known kind.
func Digest(hexadecimal string) (Kind, bool) {
	switch len(hexadecimal) {
	case 32:
		return MD5, true
	case 40:
		return SHA1, true
	case 64:
		return SHA256, true
	case 128:
		return SHA512, true
	}
	return 0, false
}

// Entry is one value of a list.
type Entry struct {
	Kind       Kind
	Value      string
	Ref        string // leads back to the indicator: the UUID in its id
	Confidence int    // 0 to 100; -1 when none is said
	Score      int    // what it is worth now, 0 to 100; -1 when it was not reckoned
	Since      time.Time
	Until      time.Time // zero when it has no end
	TLP        string    // its label, in lower case

	// Where more than values is written: who made it, and when that version of it.
	By      string // id of an identity; may be empty
	Changed time.Time
}

// What values may be as long as, in bytes.
const (
	longestURL  = 2048
	longestName = 253
	longestRef  = 64
)

// Check refuses an entry whose value is not of the strict form of its kind.
func (e *Entry) Check() error {
	if !e.sound() {
		return refuse("%.100q is no %s that a list can hold", e.Value, e.Kind)
	}
	if e.Ref == "" || len(e.Ref) > longestRef || !consists(e.Ref, &inRef) {
		return refuse("%.100q is no reference", e.Ref)
	}
	return nil
}

func (e *Entry) sound() bool {
	v := e.Value
	switch e.Kind {
	case IP:
		p, ok := prefixOf(v)
		return ok && p.Bits() > 0
	case Domain:
		return isName(v)
	case URL:
		return isURL(v)
	case MD5, SHA1, SHA256, SHA512:
		k, ok := Digest(v)
		return ok && k == e.Kind && isHex(v)
	case Cert:
		return len(v) >= 8 && len(v) <= 128 && isHex(v)
	case Mail:
		local, host, ok := strings.Cut(v, "@")
		return ok && local != "" && len(local) <= 64 && consists(local, &inLocal) && isName(host)
	case File:
		return len(v) <= 255 && consists(v, &inFile) && strings.Contains(v, ".") && strings.Trim(v, ".-") == v
	}
	return false
}

// prefixOf reads an address or a prefix in its one form.
func prefixOf(v string) (p netip.Prefix, ok bool) {
	if a, err := netip.ParseAddr(v); err == nil {
		var text [64]byte
		ok = a.Is4() || a.Zone() == "" && !a.Is4In6() && string(a.AppendTo(text[:0])) == v // of IPv4 there is one form
		return netip.PrefixFrom(a, a.BitLen()), ok
	}
	p, err := netip.ParsePrefix(v)
	return p, err == nil && p == p.Masked() && p.String() == v
}

// isName tells names of hosts of at least two labels.
func isName(v string) bool {
	if len(v) > longestName || !strings.Contains(v, ".") {
		return false
	}
	label, letters := 0, false // how long it is until now
	for i := range len(v) {
		c := v[i]
		switch {
		case c == '.':
			if label == 0 || v[i-1] == '-' {
				return false
			}
			label = -1
		case !inName[c] || c == '-' && label == 0:
			return false
		}
		letters = letters || c != '.' && c-'0' > 9
		if label++; label > 63 {
			return false
		}
	}
	return label > 0 && v[len(v)-1] != '-' && letters
}

// isURL tells what holds only characters of a URL (RFC 3986), so that no space, quote,
// control character or bracket of another language is in it.
func isURL(v string) bool {
	scheme, rest, ok := strings.Cut(v, "://")
	if !ok || len(v) > longestURL || scheme == "" || rest == "" || rest[0] == '/' || !consists(scheme, &inScheme) {
		return false
	}
	return consists(rest, &inURL)
}

// bytesOf are ASCII letters, digits and others.
func bytesOf(others string) (set [256]bool) {
	for c := range 256 {
		b := byte(c)
		set[c] = b-'0' <= 9 || (b|0x20)-'a' < 26 || strings.IndexByte(others, b) >= 0
	}
	return set
}

// What values may consist of.
var (
	inName = func() (set [256]bool) {
		set = bytesOf("-_")
		for c := 'A'; c <= 'Z'; c++ {
			set[c] = false
		}
		return set
	}()
	inScheme = bytesOf("+-.")
	inURL    = bytesOf("-._~:/?#[]@!$&()*+,;=%")
	inLocal  = bytesOf(".-_+~")
	inFile   = bytesOf(".-_")
	inRef    = bytesOf("-")
)

// consists tells whether a text consists of some bytes, and is not empty.
func consists(text string, of *[256]bool) bool {
	for i := range len(text) {
		if !of[text[i]] {
			return false
		}
	}
	return text != ""
}

func isHex(text string) bool {
	for i := range len(text) {
		if c := text[i]; c-'0' > 9 && c-'a' > 5 {
			return false
		}
	}
	return text != ""
}
