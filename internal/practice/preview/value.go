package preview

import (
	"net/netip"
	"slices"
	"strings"

	"entente/stix"
)

// leave is what an author can do about something of the inside.
const leave = "leave it out, or mark it stricter"

// value warns of a value of an object, by which it will be found or which stands in a
// text of it, once. With named, of hosts of the inside by their names, too.
func (w *warnings) value(path string, v stix.Value, named bool) {
	host, what := v, v.Text
	switch v.Kind {
	case stix.ValueURL:
		host, _ = stix.HostOf(v.Text)
		what += ": its host " + host.Text
	case stix.ValueEmail:
		_, host.Text, _ = strings.Cut(v.Text, "@")
		what += ": " + host.Text
	case stix.ValueASN:
		what = "AS" + v.Text
	}
	scope := ""
	if host.Kind == stix.ValueIP {
		scope = inside(host.Text)
	}
	code, format, asset, key := "", "", scope, host.Kind.String()+" "+host.Text
	if of, own := w.own.Owns(v); own {
		code, format, asset = OwnAsset, "%s is of your own (%s): whoever gets the object learns of it; %s", of
		switch v.Kind {
		case stix.ValueEmail:
			code, format, what, key = OwnStaff, "%s is an address of your own staff (%s); %s", v.Text, "mail "+v.Text
		case stix.ValueName:
			key = of // as texts tell it
		}
	} else if scope != "" {
		code, format = InternalAddr, "%s is %s: it means something on the inside alone; %s"
	} else if named && host.Kind != stix.ValueIP && hasHost(v) && internal(host.Text) {
		code, format, asset = InternalName, "%s is a host name of the %s; %s", "inside"
	}
	if code != "" && w.first(key) {
		w.add(code, path, format, what, asset, leave)
	}
}

// schemes are those of URLs whose host is one: in others, as of a browser's extension,
// a word without dots says nothing.
var schemes = []string{"http", "https", "ftp", "ftps", "sftp", "ssh", "ws", "wss", "smb", "cifs", "nfs", "ldap", "ldaps", "rdp", "vnc", "telnet", "tftp",
	"git", "svn", "tcp", "udp", "mysql", "postgres", "postgresql", "mongodb", "redis", "amqp", "mqtt", "sip", "sips", "rtsp"}

// hasHost tells whether a value is, or has, the name of a host.
func hasHost(v stix.Value) bool {
	switch v.Kind {
	case stix.ValueURL:
		scheme, _, _ := strings.Cut(v.Text, "://")
		return slices.Contains(schemes, scheme)
	case stix.ValueEmail:
		return strings.Contains(v.Text, "@")
	}
	return v.Kind == stix.ValueDomain
}

// inside says in what way an address is of the inside; empty when it is not.
func inside(text string) string {
	p, ok := stix.PrefixOf(text)
	if !ok {
		return ""
	}
	a := p.Addr()
	switch {
	case a.IsPrivate():
		return "private (RFC 1918, RFC 4193)"
	case a.IsLoopback():
		return "of the machine itself"
	case a.IsLinkLocalUnicast():
		return "of one link (RFC 3927, RFC 4291)"
	case netip.MustParsePrefix("100.64.0.0/10").Contains(a):
		return "shared behind a carrier's NAT (RFC 6598)"
	}
	return ""
}

// suffixes end names that mean something on the inside alone: reserved for it
// (RFC 6762, RFC 8375, and ICANN's choice of 2024), or used so.
var suffixes = []string{"local", "internal", "home.arpa", "lan", "localdomain", "localhost", "corp", "intranet", "intra", "home", "private"}

// internal tells host names of the inside.
func internal(host string) bool {
	host = strings.TrimSuffix(host, ".")
	if host == "" || strings.Contains(host, ":") {
		return false
	}
	for _, s := range suffixes {
		if host == s || strings.HasSuffix(host, "."+s) {
			return true
		}
	}
	return !strings.Contains(host, ".")
}
