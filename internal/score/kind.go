package score

import "strings"

// Kind is what an indicator asks for, as far as that says how long it is of use.
type Kind uint8

// The kinds. What asks for several is of the one that is the first here.
const (
	Address Kind = iota // of IP, which change hands
	URL
	Name // of a host
	Mail
	File  // a digest or a name of a file, a certificate
	Other // anything else, and patterns of other languages
	kinds
)

var names = [kinds]string{Address: "ip", URL: "url", Name: "domain", Mail: "mail", File: "file", Other: "other"}

// String is the kind's name in settings.
func (k Kind) String() string { return names[min(k, Other)] }

// Kinds are all there are.
func Kinds() []Kind { return []Kind{Address, Name, URL, Mail, File, Other} }

// KindOf reads of a name in settings.
func KindOf(name string) (Kind, bool) {
	for k, n := range names {
		if n == name {
			return Kind(k), true
		}
	}
	return Other, false
}

// objects are the types of observables that tell a kind.
var objects = map[string]Kind{
	"ipv4-addr": Address, "ipv6-addr": Address, "network-traffic": Address, "domain-name": Name, "url": URL,
	"email-addr": Mail, "email-message": Mail, "file": File, "directory": File, "artifact": File, "x509-certificate": File,
}

// OfPattern is the kind of a pattern of STIX: of the paths that stand in it outside of
// quotes.
func OfPattern(pattern string) Kind {
	kind := Other
	start := 0 // of what may be a type
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\'':
			for i++; i < len(pattern) && pattern[i] != '\''; i++ {
				if pattern[i] == '\\' {
					i++
				}
			}
			start = i + 1
		case c == ':':
			if k, ok := objects[strings.ToLower(pattern[min(start, i):i])]; ok {
				kind = min(kind, k)
			}
			start = i + 1
		case !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-'):
			start = i + 1
		}
	}
	return kind
}
