package blocklist

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
)

// ruleFormats are those of sensors, which alert and block nothing by themselves.
var ruleFormats = []*Format{
	{Name: "suricata", About: "rules for Suricata: queries for names and all below them, TLS to them, addresses, URLs of http",
		Media: "text/plain", Kinds: []Kind{IP, Domain, URL}, Most: mostRules, comment: "#", fits: fitsRule, begin: beginRules(suricataRule)},
	{Name: "suricata-dataset", About: "a dataset for Suricata, of one kind: names and URLs (type string), md5, sha256, addresses (type ip)",
		Media: "text/plain", Kinds: []Kind{Domain, URL, MD5, SHA256, IP}, Single: true, fits: fitsDataset, begin: lines(writeDatum)},
	{Name: "snort3", About: "rules for Snort 3: queries for names and all below them, addresses, URLs of http",
		Media: "text/plain", Kinds: []Kind{IP, Domain, URL}, Most: mostRules, comment: "#", fits: fitsRule, begin: beginRules(snortRule)},
}

// Numbers of rules: those from a million to two are left to each site.
const (
	firstSID  = 1_000_000
	localSIDs = 1_000_000

	// mostRules leaves every second number free, so that few are taken twice.
	mostRules = 250_000
)

// rules numbers rules: each by the digest of its value, so that it keeps its number in
// all lists, and by another one of it where that number is taken.
type rules struct {
	o     *out
	taken [localSIDs / 64]uint64
	write func(o *out, e *Entry, sid func(part string) string)
}

func beginRules(write func(*out, *Entry, func(string) string)) func(*out) encoder {
	return func(o *out) encoder { return &rules{o: o, write: write} }
}

func (r *rules) add(e *Entry) {
	r.write(r.o, e, func(part string) string { return strconv.Itoa(firstSID + r.number(part, e)) })
}

func (r *rules) end() {}

func (r *rules) number(part string, e *Entry) int {
	for try := uint32(0); ; try++ {
		h := fnv.New64a()
		h.Write(binary.BigEndian.AppendUint32([]byte(part), try))
		h.Write([]byte{byte(e.Kind)})
		h.Write([]byte(e.Value))
		sum := h.Sum64()
		n := (sum ^ sum>>32) % localSIDs // the low bits of FNV alone are weak
		if bit := uint64(1) << (n % 64); r.taken[n/64]&bit == 0 {
			r.taken[n/64] |= bit
			return int(n)
		}
	}
}

// fitsRule keeps to what rules can see: URLs of http, whose host is no address with a port
// in brackets.
func fitsRule(e *Entry) bool {
	if e.Kind != URL {
		return true
	}
	host, path, ok := cutURL(e.Value)
	return ok && host != "" && !strings.ContainsAny(host, "[]@") && len(path) <= 250
}

// cutURL gives the host, without its port, and what follows it.
func cutURL(url string) (host, path string, ok bool) {
	rest, ok := strings.CutPrefix(url, "http://")
	host, path, _ = strings.Cut(rest, "/")
	path, _, _ = strings.Cut("/"+path, "#")
	if i := strings.IndexByte(host, '?'); i >= 0 {
		return "", "", false
	}
	host, _, _ = strings.Cut(host, ":")
	return host, path, ok
}

// hexContent writes bytes so that nothing in them means anything in a rule.
func hexContent(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c-'0' <= 9 || (c|0x20)-'a' < 26 || c == '.' || c == '-' || c == '_' || c == '/' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "|%02x|", c)
		}
	}
	return b.String()
}

func suricataRule(o *out, e *Entry, sid func(string) string) {
	rule := func(part, head, options string) {
		o.put("alert ", head, ` (msg:"entente `, e.Ref, `"; `, options, "metadata: entente_ref ", e.Ref, "; sid:", sid(part), "; rev:1;)\n")
	}
	switch e.Kind {
	case IP:
		rule("ip", "ip any any <> "+e.Value+" any", "")
	case Domain:
		content := `dotprefix; content:".` + hexContent(e.Value) + `"; nocase; endswith; `
		rule("dns", "dns any any -> any any", "dns.query; "+content)
		rule("tls", "tls any any -> any any", "tls.sni; "+content)
	case URL:
		host, path, _ := cutURL(e.Value)
		rule("http", "http any any -> any any", `http.host; content:"`+hexContent(strings.ToLower(host))+`"; bsize:`+strconv.Itoa(len(host))+`; http.uri.raw; content:"`+hexContent(path)+`"; bsize:`+strconv.Itoa(len(path))+"; ")
	}
}

func snortRule(o *out, e *Entry, sid func(string) string) {
	rule := func(part, head, options string) {
		o.put("alert ", head, ` ( msg:"entente `, e.Ref, `"; `, options, "metadata:entente_ref ", e.Ref, "; gid:1; sid:", sid(part), "; rev:1; )\n")
	}
	switch e.Kind {
	case IP:
		rule("ip", "ip any any <> "+e.Value+" any", "")
	case Domain: // as it stands in a query, from its first label to the root
		var wire strings.Builder
		for label := range strings.SplitSeq(e.Value, ".") {
			fmt.Fprintf(&wire, "|%02x|%s", len(label), hexContent(label))
		}
		rule("dns", "udp any any -> any 53", `content:"`+wire.String()+`|00|",nocase; `)
	case URL:
		host, path, _ := cutURL(e.Value)
		rule("http", "http any any -> any any", `http_header:field host; content:"`+hexContent(host)+`",nocase; http_raw_uri; content:"`+hexContent(path)+`"; `)
	}
}

// fitsDataset keeps prefixes out: a dataset is of addresses.
func fitsDataset(e *Entry) bool { return e.Kind != IP || !strings.Contains(e.Value, "/") }

// writeDatum writes a value as datasets have it: texts in base64, others as they are.
func writeDatum(o *out, e *Entry) {
	value := e.Value
	if e.Kind == Domain || e.Kind == URL {
		value = base64.StdEncoding.EncodeToString([]byte(value))
	}
	o.put(value, "\n")
}
