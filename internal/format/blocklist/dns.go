package blocklist

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// dnsFormats are those of resolvers.
var dnsFormats = []*Format{
	{Name: "rpz", About: "a response policy zone (BIND, Knot Resolver, PowerDNS, Unbound): names and all below them, and answers with these addresses, do not exist",
		Media: "text/dns", Kinds: []Kind{Domain, IP}, Blocks: true, Wide: true, comment: ";", fits: fitsZone, begin: beginRPZ},
	{Name: "unbound", About: "local zones for Unbound: names and all below them do not exist",
		Media: "text/plain", Kinds: []Kind{Domain}, Blocks: true, Wide: true, comment: "#", begin: beginUnbound},
	{Name: "dnsmasq", About: "configuration for dnsmasq: names and all below them do not exist",
		Media: "text/plain", Kinds: []Kind{Domain}, Blocks: true, Wide: true, comment: "#",
		begin: lines(func(o *out, e *Entry) { o.put("local=/", e.Value, "/ # ", e.Ref, "\n") })},
	{Name: "hosts", About: "a hosts file: names, and none below them, lead nowhere",
		Media: "text/plain", Kinds: []Kind{Domain}, Blocks: true, comment: "#",
		begin: lines(func(o *out, e *Entry) {
			o.put("0.0.0.0 ", e.Value, " # ", e.Ref, "\n:: ", e.Value, " # ", e.Ref, "\n")
		})},
}

// longestInZone is how long a name may be so that it fits in a zone, which adds its own.
const longestInZone = 190

// fitsZone keeps out names that mean something else in a policy zone: its triggers
// by address, name server and client end in labels that begin with rpz-.
func fitsZone(e *Entry) bool {
	last := e.Value[strings.LastIndexByte(e.Value, '.')+1:]
	return e.Kind == IP || len(e.Value) <= longestInZone && !strings.HasPrefix(last, "rpz-")
}

// beginRPZ writes the head of a zone (draft-vixie-dnsop-dns-rpz). Its names are relative,
// so that it fits whatever the zone is called.
func beginRPZ(o *out) encoder {
	o.put("$TTL 60\n")
	fmt.Fprintf(o, "@ SOA localhost. entente.invalid. ( %d 60 30 604800 60 )\n", uint32(o.head.At.Unix()))
	o.put("@ NS localhost.\n")
	return line{o, func(o *out, e *Entry) {
		if e.Kind == IP {
			o.Write(appendRPZAddress(o.AvailableBuffer(), e.Value))
		} else {
			o.WriteString(e.Value)
		}
		o.put(" CNAME . ; ", e.Ref, "\n")
		if e.Kind == Domain {
			o.put("*.", e.Value, " CNAME . ; ", e.Ref, "\n")
		}
	}}
}

// appendRPZAddress appends the trigger of an address or a prefix: its length, then its parts
// from the last, where zz stands for the longest run of zeros in IPv6.
func appendRPZAddress(b []byte, v string) []byte {
	p, _ := prefixOf(v)
	b = strconv.AppendInt(b, int64(p.Bits()), 10)
	if p.Addr().Is4() {
		parts := p.Addr().As4()
		for i := len(parts) - 1; i >= 0; i-- {
			b = strconv.AppendUint(append(b, '.'), uint64(parts[i]), 10)
		}
	} else {
		parts := strings.Split(wordsOf(p.Addr()), ":")
		for i := len(parts) - 1; i >= 0; i-- {
			b = append(append(b, '.'), parts[i]...)
		}
	}
	return append(b, ".rpz-ip"...)
}

func wordsOf(a netip.Addr) string {
	text := strings.Replace(a.String(), "::", ":zz:", 1)
	return strings.Trim(text, ":")
}

func beginUnbound(o *out) encoder {
	o.put("server:\n")
	return line{o, func(o *out, e *Entry) { o.put("local-zone: \"", e.Value, ".\" always_nxdomain # ", e.Ref, "\n") }}
}
