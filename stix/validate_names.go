package stix

import (
	"slices"
	"strings"
)

// This file checks values whose form other standards give: URLs, media types,
// character sets, CPE names.

// locator is a URL of RFC 3986.
func locator(c *checker, n int32) {
	if !c.is(n, stringNode, "a URL") || c.defanged() {
		return
	}
	if fault := urlFault(c.nodes[n].text); fault != "" {
		c.must(n, ruleURL, "", quoted(c.nodes[n].text)+" is not a URL: "+fault, "write it as https://example.com/path")
	}
}

// urlReference is the url of an external reference. That it is a URL is what it
// is for; characters that should have been encoded only warn.
func urlReference(c *checker, n int32) {
	if !c.is(n, stringNode, "a URL") {
		return
	}
	s := c.nodes[n].text
	switch fault := urlFault(s); {
	case fault == "":
	case fault == noScheme:
		c.must(n, ruleURL, "", quoted(s)+" is not a URL: "+fault, "write it as https://example.com/path")
	default:
		c.should(n, ruleURL, "", quoted(s)+" is not a URL of RFC 3986: "+fault, "encode it with %")
	}
}

// hostSchemes are those whose definitions demand a host.
var hostSchemes = []string{"http", "https", "ftp", "ftps", "ssh", "sftp", "ws", "wss"}

const noScheme = "it has no scheme"

func urlFault(s string) string {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || scheme == "" || scheme[0]|0x20-'a' > 25 || strings.Trim(strings.ToLower(scheme), "abcdefghijklmnopqrstuvwxyz0123456789+-.") != "" {
		return noScheme
	}
	if rest == "" || rest == "//" {
		return "nothing follows the scheme"
	}
	path, hierarchical := strings.CutPrefix(rest, "//")
	if hierarchical {
		host := path
		if i := strings.IndexAny(path, "/?#"); i >= 0 {
			host, rest = path[:i], path[i:]
		} else {
			rest = ""
		}
		if fault := hostFault(host); fault != "" {
			return fault
		}
		hierarchical = host != ""
	}
	if !hierarchical && slices.Contains(hostSchemes, strings.ToLower(scheme)) {
		return "it names no host"
	}
	return charactersFault(rest)
}

// hostFault looks at the authority, the only place where brackets may stand.
func hostFault(host string) string {
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	if strings.HasPrefix(host, "[") {
		_, after, ok := strings.Cut(host, "]")
		if !ok || after != "" && after[0] != ':' {
			return "its address has no closing bracket"
		}
		host = after
	}
	if host, port, ok := strings.Cut(host, ":"); ok {
		if strings.Trim(port, "0123456789") != "" {
			return "its port is not a number"
		}
		return charactersFault(host)
	}
	return charactersFault(host)
}

func charactersFault(s string) string {
	hash := false
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case b|0x20-'a' < 26 || b-'0' < 10 || strings.IndexByte("-._~!$&'()*+,;=:@/?", b) >= 0:
		case b == '#' && !hash:
			hash = true
		case b == '%':
			if i+2 >= len(s) || !isHex(s[i+1:i+3]) {
				return "a % stands without two hexadecimal digits"
			}
		case b >= 0x80:
			return "characters outside ASCII must be encoded"
		default:
			return "the character " + quoted(s[i:i+1]) + " must be encoded"
		}
	}
	return ""
}

// mediaTypes are the top-level types of the IANA registry.
const mediaTypes = " application audio example font haptics image message model multipart text video "

func isMediaType(s string) bool {
	top, sub, ok := strings.Cut(s, "/")
	sub, _, _ = strings.Cut(sub, ";")
	return ok && top != "" && sub != "" && strings.Contains(mediaTypes, " "+strings.ToLower(top)+" ") &&
		strings.Trim(strings.ToLower(strings.TrimSpace(sub)), "abcdefghijklmnopqrstuvwxyz0123456789.+_-!#$&^") == ""
}

// mediaType is a MIME type, which should be from the IANA registry where that has one.
func mediaType(c *checker, n int32) {
	if c.is(n, stringNode, "a string") && !isMediaType(c.nodes[n].text) {
		c.should(n, ruleMediaType, "", quoted(c.nodes[n].text)+" is not a media type of the IANA registry", "write it as application/zip")
	}
}

// characterSet is a name of the IANA character set registry (section 3.9.1).
func characterSet(c *checker, n int32) {
	if !c.is(n, stringNode, "a string") {
		return
	}
	s := c.nodes[n].text
	if s == "" || strings.Contains(s, " ") || !strings.Contains(characterSets, " "+strings.ToLower(s)+" ") {
		c.must(n, ruleEncoding, "3.9.1", quoted(s)+" is not the preferred name of a character set of the IANA registry", "write it as windows-1252")
	}
}

// platformName is a formatted string of CPE 2.3.
func platformName(c *checker, n int32) {
	if c.is(n, stringNode, "a string") && !isCPE(c.nodes[n].text) {
		c.must(n, ruleCPE, "", quoted(c.nodes[n].text)+" is not a CPE 2.3 name", "write it as cpe:2.3:a:microsoft:word:2000:*:*:*:*:*:*:*")
	}
}

func isCPE(s string) bool {
	rest, ok := strings.CutPrefix(s, "cpe:2.3:")
	if !ok || len(rest) < 2 || !strings.Contains("aho*-", rest[:1]) || rest[1] != ':' {
		return false
	}
	parts, empty := 1, false
	for i := 2; i < len(rest); i++ {
		switch b := rest[i]; {
		case b == '\\':
			i++
			if i == len(rest) {
				return false
			}
		case b == ':':
			parts++
			empty = empty || rest[i-1] == ':'
		case b <= ' ' || b >= 0x7f:
			return false
		}
	}
	return parts == 10 && !empty && rest[len(rest)-1] != ':'
}
