package blocklist

import "bytes"

// netFormats are those of packet filters. Each is loaded as a whole or not at all.
var netFormats = []*Format{
	{Name: "nft", About: "nftables: fills the sets entente4 and entente6 of table inet entente in one transaction",
		Media: "text/plain", Kinds: []Kind{IP}, Blocks: true, Wide: true, comment: "#", begin: beginNFT},
	{Name: "ipset", About: "ipset restore: fills the sets entente4 and entente6 and swaps them in",
		Media: "text/plain", Kinds: []Kind{IP}, Blocks: true, Wide: true, Most: ipsetMost, comment: "#", begin: beginIPSet},
	{Name: "pf", About: "a file for a table of pf (OpenBSD, FreeBSD, pfSense): pfctl -t entente -T replace -f FILE",
		Media: "text/plain", Kinds: []Kind{IP}, Blocks: true, Wide: true, comment: "#",
		begin: lines(func(o *out, e *Entry) { o.put(e.Value, " # ", e.Ref, "\n") })},
}

// family is "4" or "6", by which sets are told apart.
func family(e *Entry) string {
	if p, _ := prefixOf(e.Value); p.Addr().Is4() {
		return "4"
	}
	return "6"
}

// nftAtOnce is how many bytes of elements go into one statement: the kernel takes one of
// 30,000 elements in a third of a second, and 30,000 of one in 22 seconds.
const nftAtOnce = 1 << 20

// nft collects elements for statements.
type nft struct {
	o    *out
	sets [2]bytes.Buffer // of IPv4 and IPv6
}

func beginNFT(o *out) encoder {
	o.put("add table inet entente\n")
	for _, f := range []string{"4", "6"} {
		o.put("add set inet entente entente", f, " { type ipv", f, "_addr; flags interval; }\nflush set inet entente entente", f, "\n")
	}
	return &nft{o: o}
}

func (n *nft) add(e *Entry) {
	set := &n.sets[0]
	if family(e) == "6" {
		set = &n.sets[1]
	}
	for _, t := range []string{e.Value, " comment \"", e.Ref, "\",\n"} {
		set.WriteString(t)
	}
	if set.Len() >= nftAtOnce {
		n.end()
	}
}

func (n *nft) end() {
	for i, f := range []string{"4", "6"} {
		if set := &n.sets[i]; set.Len() > 0 {
			n.o.put("add element inet entente entente", f, " {\n")
			n.o.Write(set.Bytes())
			n.o.put("}\n")
			set.Reset()
		}
	}
}

// ipsetMost is how many elements the sets are made for.
const ipsetMost = 1 << 20

// ipset fills sets aside and swaps them with those in use.
type ipset struct{ o *out }

func beginIPSet(o *out) encoder {
	for _, f := range []string{"4", "6"} {
		for _, name := range []string{"entente" + f, "entente" + f + "-next"} {
			o.put("create ", name, " hash:net family ", map[string]string{"4": "inet", "6": "inet6"}[f], " maxelem 1048576 comment -exist\n")
		}
		o.put("flush entente", f, "-next\n")
	}
	return ipset{o}
}

func (s ipset) add(e *Entry) {
	s.o.put("add entente", family(e), "-next ", e.Value, " comment \"", e.Ref, "\" -exist\n")
}

func (s ipset) end() {
	for _, f := range []string{"4", "6"} {
		s.o.put("swap entente", f, "-next entente", f, "\ndestroy entente", f, "-next\n")
	}
}
