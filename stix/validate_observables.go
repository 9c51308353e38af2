package stix

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// This file holds the values and rules of single cyber-observable objects.

// defanged tells that the object says its values were changed to be harmless.
func (c *checker) defanged() bool {
	i := c.member(0, "defanged")
	return i != 0 && c.nodes[i].text == "true"
}

// address is one or more IP addresses of the version in CIDR notation.
func address(version int) valueCheck {
	return func(c *checker, n int32) {
		if !c.is(n, stringNode, "a string") || c.defanged() {
			return
		}
		s := c.nodes[n].text
		var a netip.Addr
		var err error
		if strings.Contains(s, "/") {
			var p netip.Prefix
			p, err = netip.ParsePrefix(s)
			a = p.Addr()
		} else {
			a, err = netip.ParseAddr(s)
		}
		if err != nil || a.Is4() != (version == 4) || a.Zone() != "" {
			example := "198.51.100.3 or 198.51.100.0/24"
			if version == 6 {
				example = "2001:db8::1 or 2001:db8::/32"
			}
			c.must(n, ruleIPAddress, "", fmt.Sprintf("%s is not an IPv%d address in CIDR notation", quoted(s), version), "write it as "+example)
		}
	}
}

// containsFile: an archive contains at least one file (section 6.7.2).
func containsFile(c *checker, n int32) {
	refs := c.member(n, "contains_refs")
	if refs == 0 || c.nodes[refs].kind != listNode || c.nodes[refs].size == 0 {
		return
	}
	for i := c.nodes[refs].child; i != 0; i = c.nodes[i].next {
		ref := c.nodes[i].text
		typ, _, _ := strings.Cut(ref, "--")
		if local := c.member(c.container, ref); c.container != 0 && local != 0 {
			typ = c.textOf(local, "type")
		}
		if typ != "directory" {
			return // a file, or what is reported as neither
		}
	}
	c.mustAt(refs, ruleReference, "", "no file is referred to", "refer to at least one")
}

func macAddress(c *checker, n int32) {
	if !c.is(n, stringNode, "a string") {
		return
	}
	s := c.nodes[n].text
	ok := len(s) == len("d2:fb:49:24:37:18") && !hasUpper(s)
	for i := 0; ok && i < len(s); i++ {
		if i%3 == 2 {
			ok = s[i] == ':'
		} else {
			ok = isHex(s[i : i+1])
		}
	}
	if !ok {
		c.must(n, ruleMACAddress, "", quoted(s)+" is not a MAC-48 address in lower case with colons", "write it as d2:fb:49:24:37:18")
	}
}

// domainName asks for what RFC 1034 and RFC 5890 leave no doubt about, and lets
// underscores and wildcards, which real names have, pass.
func domainName(c *checker, n int32) {
	if !c.is(n, stringNode, "a string") || c.defanged() {
		return
	}
	if fault := domainFault(c.nodes[n].text); fault != "" {
		c.must(n, ruleDomainName, "", quoted(c.nodes[n].text)+" is not a domain name: "+fault, "write it as www.example.com")
	}
}

func domainFault(s string) string {
	s = strings.TrimSuffix(s, ".")
	if s == "" {
		return "it is empty"
	}
	if len(s) > 253 && ascii(s) {
		return "it has more than 253 characters"
	}
	if i := strings.IndexFunc(strings.TrimPrefix(s, "*."), notInNames); i >= 0 {
		return "no name has the character " + quoted(strings.TrimPrefix(s, "*.")[i:][:1])
	}
	for label := range strings.SplitSeq(s, ".") {
		switch {
		case label == "":
			return "two dots stand in a row, or one at its start"
		case len(label) > 63 && ascii(label):
			return "a label has more than 63 characters"
		case label[0] == '-' || label[len(label)-1] == '-':
			return "a label begins or ends with a hyphen"
		}
	}
	if last := s[strings.LastIndexByte(s, '.')+1:]; len(last) < len(s) && strings.Trim(last, "0123456789") == "" {
		if _, err := netip.ParseAddr(s); err == nil {
			return "it is an IP address"
		}
		return "its last label is a number, as in an IP address" // RFC 3696 section 2
	}
	return ""
}

// notInNames tells the characters of ASCII that stand in no domain name. Of the
// others, which stand in names before they are encoded, none is refused.
func notInNames(r rune) bool {
	return r < 0x80 && !isKey(string(r)) && r != '.'
}

// emailAddress is an addr-spec of RFC 5322, without a display name.
func emailAddress(c *checker, n int32) {
	if !c.is(n, stringNode, "a string") || c.defanged() {
		return
	}
	s := c.nodes[n].text
	at := strings.LastIndexByte(s, '@')
	quotedLocal := at > 1 && s[0] == '"' && s[at-1] == '"'
	bad := at <= 0 || at == len(s)-1 || !quotedLocal && (strings.ContainsAny(s[:at], " \t\r\n<>(),;:\\\"[]@") || emptyAtom(s[:at])) ||
		strings.ContainsAny(s[at+1:], " \t\r\n<>(),;\\\"@") || s[at+1] != '[' && emptyAtom(s[at+1:])
	if bad {
		c.must(n, ruleEmailAddress, "", quoted(s)+" is not an email address", "write it as jane.smith@example.com, and the name in display_name")
	}
}

// emptyAtom says whether a dot-atom has two dots in a row, or one at an end.
func emptyAtom(s string) bool {
	return s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..")
}

// multipart: a message has a body or parts, as is_multipart says (section 6.6).
func multipart(c *checker, n int32) {
	i := c.member(n, "is_multipart")
	if i == 0 || c.nodes[i].kind != boolNode {
		return
	}
	if body := c.member(n, "body"); body != 0 && c.nodes[i].text == "true" {
		c.mustAt(body, ruleExclusive, "", "body is there, but is_multipart is true", "use body_multipart")
	}
	if parts := c.member(n, "body_multipart"); parts != 0 && c.nodes[i].text == "false" {
		c.mustAt(parts, ruleExclusive, "", "body_multipart is there, but is_multipart is false", "use body, or set is_multipart to true")
	}
}

// headerText is the decoded text of a header field: encoded words (RFC 2047)
// have been resolved (section 6.6).
func headerText(c *checker, n int32) {
	if !c.is(n, stringNode, "a string") {
		return
	}
	_, rest, encoded := strings.Cut(c.nodes[n].text, "=?")
	if !encoded || !strings.Contains(rest, "?=") {
		return
	}
	charset, rest, _ := strings.Cut(rest, "?")
	if coding, _, ok := strings.Cut(rest, "?"); ok && charset != "" && !strings.Contains(charset, " ") && (strings.EqualFold(coding, "q") || strings.EqualFold(coding, "b")) {
		c.must(n, ruleEncodedWord, "6.6", quoted(c.nodes[n].text)+" holds an encoded word of RFC 2047", "decode it")
	}
}

// headerValues are the values of a header field: a list of strings. The
// specification's own examples have plain strings, which therefore only warn.
func headerValues(c *checker, n int32) {
	if c.nodes[n].kind == stringNode {
		c.should(n, ruleHeaderValues, "", "the value of a header field is a plain string", "put it in a list")
		headerText(c, n)
	} else if c.is(n, listNode, "a list of strings") {
		c.list(n, headerText)
	}
}

func textOrInteger(c *checker, n int32) {
	switch c.nodes[n].kind {
	case stringNode:
	case numberNode:
		c.integer(n)
	default:
		c.is(n, stringNode, "a string or an integer")
	}
}

func lowercase(c *checker, n int32) {
	if c.is(n, stringNode, "a string") && hasUpper(c.nodes[n].text) {
		c.should(n, ruleLowercase, "", quoted(c.nodes[n].text)+" is not in lower case", "write "+quoted(strings.ToLower(c.nodes[n].text)))
	}
}

// keysFrom: the keys of a dictionary come from a registry outside STIX.
func keysFrom(name string, known []string, code, what string) rule {
	return func(c *checker, n int32) {
		d := c.member(n, name)
		if d == 0 || c.nodes[d].kind != objectNode {
			return
		}
		c.push(name)
		for i := c.nodes[d].child; i != 0 && !c.full(); i = c.nodes[i].next {
			if !slices.Contains(known, c.nodes[i].name) {
				c.shouldAt(i, code, "", quoted(c.nodes[i].name)+" is not "+what, "write the name as its standard does")
			}
		}
		c.pop()
	}
}

// endedOrActive: traffic that goes on has no end (section 6.12).
func endedOrActive(c *checker, n int32) {
	active, end := c.member(n, "is_active"), c.member(n, "end")
	if active != 0 && end != 0 && c.nodes[active].text == "true" {
		c.mustAt(end, ruleExclusive, "", "end is there, but is_active is true", "leave end out, or set is_active to false")
	}
}

// protocolName is a name like those of the IANA service name registry.
func protocolName(c *checker, n int32) {
	if !c.is(n, stringNode, "a string") {
		return
	}
	s := c.nodes[n].text
	if s == "" || len(s) > 15 || strings.Trim(strings.ToLower(s), lowerHyphen+"+./") != "" {
		c.should(n, ruleProtocol, "", quoted(s)+" is not a name of the IANA service name registry", "write it as tcp, http or dns")
	}
}

// flowElements: names of IPFIX elements are written in camel case.
func flowElements(c *checker, n int32) {
	d := c.member(n, "ipfix")
	if d == 0 || c.nodes[d].kind != objectNode {
		return
	}
	c.push("ipfix")
	for i := c.nodes[d].child; i != 0 && !c.full(); i = c.nodes[i].next {
		if name := c.nodes[i].name; name == "" || name[0]-'a' > 25 || strings.ContainsAny(name, "-_") {
			c.shouldAt(i, ruleIPFIX, "", quoted(name)+" is not the name of an IPFIX element", "write it as octetDeltaCount")
		}
	}
	c.pop()
}

// extensionProtocol: an extension of network traffic comes with its protocol.
func extensionProtocol(c *checker, n int32) {
	extensions, protocols := c.member(n, "extensions"), c.member(n, "protocols")
	if extensions == 0 || protocols == 0 || c.nodes[extensions].kind != objectNode || c.nodes[protocols].kind != listNode {
		return
	}
	for _, of := range [][2]string{{"http-request-ext", "http"}, {"icmp-ext", "icmp"}, {"tcp-ext", "tcp"}} {
		if c.member(extensions, of[0]) == 0 {
			continue
		}
		listed := false
		for i := c.nodes[protocols].child; i != 0; i = c.nodes[i].next {
			listed = listed || strings.HasPrefix(c.nodes[i].text, of[1])
		}
		if !listed {
			c.shouldAt(protocols, ruleProtocol, "", of[1]+" is not listed, but "+of[0]+" is there", "list it")
		}
	}
}

func priorityClass(c *checker, n int32) {
	if c.is(n, stringNode, "a string") && !strings.HasSuffix(c.nodes[n].text, "_CLASS") {
		c.should(n, rulePriority, "", quoted(c.nodes[n].text)+" does not end in _CLASS", "write it as HIGH_PRIORITY_CLASS")
	}
}

// registryHives are the roots of the Windows registry, written out.
var registryHives = []string{
	"HKEY_LOCAL_MACHINE", "HKEY_CURRENT_USER", "HKEY_CLASSES_ROOT", "HKEY_CURRENT_CONFIG",
	"HKEY_PERFORMANCE_DATA", "HKEY_USERS", "HKEY_DYN_DATA",
}

func registryKey(c *checker, n int32) {
	if !c.is(n, stringNode, "a string") {
		return
	}
	hive, _, _ := strings.Cut(c.nodes[n].text, `\`)
	if !slices.ContainsFunc(registryHives, func(h string) bool { return strings.EqualFold(h, hive) }) {
		c.must(n, ruleRegistryHive, "", "the key begins with "+quoted(hive)+", which is no hive written out", `write it as HKEY_LOCAL_MACHINE\System`)
	}
}
