package blocklist

import "strings"

// lineFormats are lists of one value a line, for firewalls and proxies.
var lineFormats = []*Format{
	{Name: "plain", About: "one value a line and nothing else, as external lists of firewalls are",
		Media: "text/plain", Kinds: []Kind{IP, Domain, URL, MD5, SHA1, SHA256, SHA512}, Single: true, Blocks: true, Ranked: true,
		begin: lines(func(o *out, e *Entry) { o.put(e.Value, "\n") }), changes: plainChanges},
	{Name: "squid", About: "a file for an acl of Squid: dstdomain (names and all below them), or dst for addresses",
		Media: "text/plain", Kinds: []Kind{Domain, IP}, Usual: []Kind{Domain}, Single: true, Blocks: true, Wide: true, comment: "#",
		begin: lines(func(o *out, e *Entry) {
			dot := ""
			if e.Kind == Domain {
				dot = "."
			}
			o.put("# ", e.Ref, "\n", dot, e.Value, "\n")
		})},
	{Name: "nginx", About: "deny rules for nginx, to include in http, server or location",
		Media: "text/plain", Kinds: []Kind{IP}, Blocks: true, Wide: true, comment: "#",
		begin: lines(func(o *out, e *Entry) { o.put("deny ", e.Value, "; # ", e.Ref, "\n") })},
	{Name: "haproxy", About: "a map for HAProxy from addresses (map_ip), names (map_dom) or URLs (map_str) to references",
		Media: "text/plain", Kinds: []Kind{IP, Domain, URL}, Usual: []Kind{IP}, Single: true, Blocks: true, comment: "#",
		fits:  func(e *Entry) bool { return !strings.HasPrefix(e.Value, "#") },
		begin: lines(func(o *out, e *Entry) { o.put(e.Value, " ", e.Ref, "\n") })},
}
