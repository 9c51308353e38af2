package author

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"entente/internal/exchange"
	"entente/stix"
)

// Subject is a value that people write as they meet it: an address, a name, a
// hash.
type Subject struct {
	Kind    string // as prefixes of values and sentences name it: "ip", "domain"
	Type    string // of the observable that holds it
	Path    Path   // of its property there
	Value   any    // what that property is
	Pattern string // that an indicator of it has
	Lookup  stix.Value
}

// subjectKinds are what a value may be said to be, by its prefix.
var subjectKinds = []string{"ip", "domain", "url", "email", "hash", "file", "registry", "mac", "asn", "mutex", "agent"}

var (
	hashForm   = regexp.MustCompile(`^([0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{128})$`)
	macForm    = regexp.MustCompile(`^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}$`)
	asnForm    = regexp.MustCompile(`^(?i:as)[0-9]{1,10}$`)
	cveForm    = regexp.MustCompile(`^(?i:cve)-[0-9]{4}-[0-9]{4,19}$`)
	hiveForm   = regexp.MustCompile(`^(?i:hkey_[a-z_]+|hklm|hkcu|hkcr|hku|hkcc)(\\|$)`)
	domainForm = regexp.MustCompile(`^[^\s/\\:@]+\.[^\s/\\:@.]{2,}\.?$`)
)

// ParseSubject reads a value, defanged or not. What it is follows from its form,
// unless a prefix says so, as in file:invoice.exe.
func ParseSubject(text string) (Subject, error) {
	text = strings.TrimSpace(stix.Refang(strings.TrimSpace(text)))
	kind, rest, prefixed := strings.Cut(text, ":")
	if prefixed && !strings.HasPrefix(rest, "//") {
		for _, k := range subjectKinds {
			if kind == k {
				return subject(k, strings.TrimSpace(rest))
			}
		}
	}
	_, err := netip.ParsePrefix(text)
	almost := stix.AlmostAddress(text)
	switch _, notIP := netip.ParseAddr(text); {
	case text == "" || len(text) > 4096:
		return Subject{}, unreadable(text, "")
	case notIP == nil || err == nil:
		return subject("ip", text)
	case almost != "":
		return Subject{}, fmt.Errorf("%w: %q is almost an address: %s; correct it, or say what else it is, as file:%s",
			exchange.ErrInvalid, shorten(text), almost, shorten(text))
	case strings.Contains(text, "://"):
		return subject("url", text)
	case hashForm.MatchString(text):
		return subject("hash", text)
	case macForm.MatchString(text):
		return subject("mac", text)
	case hiveForm.MatchString(text):
		return subject("registry", text)
	case cveForm.MatchString(text):
		return Subject{}, unreadable(text, "a CVE is a vulnerability: entente new vulnerability --name "+strings.ToUpper(text))
	case asnForm.MatchString(text):
		return subject("asn", text)
	case strings.Contains(text, "@"):
		return subject("email", text)
	case domainForm.MatchString(text):
		return subject("domain", text)
	}
	return Subject{}, unreadable(text, "")
}

func unreadable(text, hint string) error {
	if hint == "" {
		hint = "say what it is, as file:" + shorten(text) + "; there are " + strings.Join(subjectKinds, ", ")
	}
	return fmt.Errorf("%w: %q is no address, domain, URL, e-mail address or hash: %s", exchange.ErrInvalid, shorten(text), hint)
}

// subject makes one of a kind.
func subject(kind, text string) (Subject, error) {
	s := Subject{Kind: kind, Path: Path{{Name: "value"}}, Value: text}
	lookup := stix.ValueOther
	switch kind {
	case "ip":
		return ipSubject(text)
	case "domain":
		s.Type, lookup = "domain-name", stix.ValueDomain
	case "url":
		s.Type, lookup = "url", stix.ValueURL
	case "email":
		s.Type, lookup = "email-addr", stix.ValueEmail
	case "hash":
		return hashSubject(text)
	case "file":
		s.Type, s.Path, lookup = "file", Path{{Name: "name"}}, stix.ValueFile
	case "registry":
		s.Type, s.Path, s.Value, lookup = "windows-registry-key", Path{{Name: "key"}}, fullHive(text), stix.ValueRegKey
	case "mac":
		s.Type, s.Value = "mac-addr", strings.ToLower(strings.ReplaceAll(text, "-", ":"))
	case "asn":
		s.Type, s.Path, lookup = "autonomous-system", Path{{Name: "number"}}, stix.ValueASN
	case "mutex":
		s.Type, s.Path, lookup = "mutex", Path{{Name: "name"}}, stix.ValueName
	case "agent":
		s.Type, lookup = "network-traffic", stix.ValueAgent
		s.Path = Path{{Name: "extensions"}, {Name: "http-request-ext"}, {Name: "request_header"}, {Name: "User-Agent"}}
	}
	var ok bool
	if s.Lookup, ok = stix.NewValue(lookup, fmt.Sprint(s.Value)); !ok {
		return s, fmt.Errorf("%w: %q cannot be read as %s", exchange.ErrInvalid, shorten(text), kind)
	}
	if s.Lookup.Kind == stix.ValueIP {
		return ipSubject(s.Lookup.Text)
	}
	s = s.settle()
	return s, s.check(text)
}

// check holds a value against the rules of the observable that has it: a pattern
// compares with any string, also with one that nothing can ever be. Text is what
// somebody wrote.
func (s Subject) check(text string) error {
	if s.Kind == "agent" {
		return nil // any text, within an observable that needs more than it
	}
	if host, ok := stix.HostOf(s.Lookup.Text); ok && s.Kind == "url" {
		if almost := stix.AlmostAddress(host.Text); almost != "" {
			return fmt.Errorf("%w: %q is no URL: its host is almost an address: %s", exchange.ErrInvalid, shorten(text), almost)
		}
	}
	o := map[string]any{"type": s.Type, "spec_version": "2.1"}
	if err := s.Path.set(o, s.Value); err != nil {
		return err
	}
	raw, err := canonical(o)
	if err != nil {
		return err
	}
	for _, f := range stix.Validate(raw) {
		if property, _, _ := strings.Cut(f.Path, "."); f.Severity == stix.Error && property == s.Path[0].Name {
			return fmt.Errorf("%w: %q cannot be read as %s: %s; %s", exchange.ErrInvalid, shorten(text), s.Kind, f.Message, f.Fix)
		}
	}
	return nil
}

// settle writes the value as objects hold it, and the pattern.
func (s Subject) settle() Subject {
	switch s.Kind {
	case "domain", "email", "url":
		s.Value = s.Lookup.Text
	case "asn":
		s.Value = number(s.Lookup.Text)
		s.Pattern = "[" + s.Type + ":number = " + s.Lookup.Text + "]"
		return s
	}
	s.Pattern = "[" + s.Type + ":" + patternPath(s.Path) + " = " + constant(fmt.Sprint(s.Value)) + "]"
	return s
}

func ipSubject(text string) (Subject, error) {
	v, ok := stix.NewValue(stix.ValueIP, text)
	if !ok {
		return Subject{}, fmt.Errorf("%w: %q is no IP address or prefix", exchange.ErrInvalid, shorten(text))
	}
	s := Subject{Kind: "ip", Type: "ipv4-addr", Path: Path{{Name: "value"}}, Value: v.Text, Lookup: v}
	if strings.Contains(v.Text, ":") {
		s.Type = "ipv6-addr"
	}
	s.Pattern = "[" + s.Type + ":value = " + constant(v.Text) + "]"
	if strings.Contains(v.Text, "/") {
		s.Pattern = "[" + s.Type + ":value ISSUBSET " + constant(v.Text) + "]"
	}
	return s, nil
}

func hashSubject(text string) (Subject, error) {
	algorithm := map[int]string{32: "MD5", 40: "SHA-1", 64: "SHA-256", 128: "SHA-512"}[len(text)]
	v, ok := stix.NewValue(stix.ValueHash, text)
	if algorithm == "" || !ok || !hashForm.MatchString(text) {
		return Subject{}, fmt.Errorf("%w: %q is no MD5, SHA-1, SHA-256 or SHA-512", exchange.ErrInvalid, shorten(text))
	}
	s := Subject{Kind: "hash", Type: "file", Path: Path{{Name: "hashes"}, {Name: algorithm}}, Value: v.Text, Lookup: v}
	return s.settle(), nil
}

// fullHive writes the short names of registry hives out, as STIX asks.
func fullHive(key string) string {
	hive, rest, _ := strings.Cut(key, `\`)
	full := map[string]string{
		"HKLM": "HKEY_LOCAL_MACHINE", "HKCU": "HKEY_CURRENT_USER", "HKCR": "HKEY_CLASSES_ROOT",
		"HKU": "HKEY_USERS", "HKCC": "HKEY_CURRENT_CONFIG",
	}[strings.ToUpper(hive)]
	if full == "" {
		full = strings.ToUpper(hive)
	}
	if rest == "" {
		return full
	}
	return full + `\` + rest
}

// patternPath writes a path as patterns do: names with hyphens in quotes.
func patternPath(p Path) string {
	names := make([]string, len(p))
	for i, s := range p {
		if names[i] = s.Name; strings.Contains(s.Name, "-") {
			names[i] = constant(s.Name)
		}
	}
	return strings.Join(names, ".")
}

// constant is a string of a pattern.
func constant(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// said tells how a value was read.
func (s Subject) said() string {
	what := map[string]string{
		"ip": "an IP address", "domain": "a domain name", "url": "a URL", "email": "an e-mail address",
		"hash": "a hash", "file": "a file name", "registry": "a registry key", "mac": "a MAC address",
		"asn": "the number of an autonomous system", "mutex": "a mutex", "agent": "a user agent",
	}[s.Kind]
	switch {
	case s.Kind == "ip" && strings.Contains(s.Lookup.Text, "/"):
		what = "a prefix of IP addresses"
	case s.Kind == "hash":
		what = "a hash (" + s.Path[1].Name + ") of a file"
	case s.Kind == "domain" && likeFile(s.Lookup.Text):
		return fmt.Sprintf("%s is read as a domain name; write file:%s if it is a file", s.Value, s.Value)
	}
	return fmt.Sprintf("%v is read as %s", s.Value, what)
}

// likeFile tells whether a domain name ends as programs and documents do.
func likeFile(name string) bool {
	switch name[strings.LastIndexByte(name, '.')+1:] {
	case "exe", "dll", "sys", "bat", "cmd", "ps1", "vbs", "js", "jar", "msi", "scr", "lnk", "iso", "img", "hta",
		"doc", "docx", "docm", "xls", "xlsx", "xlsm", "ppt", "pptx", "pdf", "rtf", "rar", "7z", "gz", "apk", "bin", "elf":
		return true
	}
	return false
}
