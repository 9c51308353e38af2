package blocklist

import "strings"

// zeekTypes are the kinds as Zeek calls them. Digests of all algorithms are one type.
var zeekTypes = [kinds]string{IP: "ADDR", Domain: "DOMAIN", URL: "URL", MD5: "FILE_HASH", SHA1: "FILE_HASH", SHA256: "FILE_HASH",
	SHA512: "FILE_HASH", Mail: "EMAIL", File: "FILE_NAME", Cert: "CERT_HASH"}

// fitsZeek keeps out what Zeek would read as an empty or unset field or as several.
func fitsZeek(e *Entry) bool { return e.Value != "-" && !strings.HasPrefix(e.Value, "#") }

func beginZeek(o *out) encoder {
	o.put("#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\n")
	return line{o, func(o *out, e *Entry) {
		value, typ := e.Value, zeekTypes[e.Kind]
		switch {
		case e.Kind == URL: // without the scheme, as Zeek writes URLs that it sees
			_, value, _ = strings.Cut(value, "://")
		case e.Kind == IP && strings.Contains(value, "/"):
			typ = "SUBNET"
		}
		o.put(value, "\tIntel::", typ, "\tentente\t", e.Ref, "\n")
	}}
}
