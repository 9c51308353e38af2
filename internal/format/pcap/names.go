package pcap

import (
	"bytes"
	"net/netip"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// said is what was said in the clear.
type said struct {
	query, answers []string // of DNS
	sni            string
	host, url      string // of HTTP
}

// Bounds of what one message is looked through for.
const (
	mostQuestions = 16
	mostAnswers   = 256
)

// dns reads questions and answers.
func (s *said) dns(b []byte) {
	var p dnsmessage.Parser
	if _, err := p.Start(b); err != nil {
		return
	}
	for range mostQuestions {
		q, err := p.Question()
		if err != nil {
			break
		}
		s.query = append(s.query, nameOf(q.Name))
	}
	if p.SkipAllQuestions() != nil {
		return
	}
	for range mostAnswers {
		r, err := p.Answer()
		if err != nil {
			return
		}
		switch body := r.Body.(type) {
		case *dnsmessage.AResource:
			s.answers = append(s.answers, netip.AddrFrom4(body.A).String())
		case *dnsmessage.AAAAResource:
			s.answers = append(s.answers, netip.AddrFrom16(body.AAAA).String())
		case *dnsmessage.CNAMEResource:
			s.answers = append(s.answers, nameOf(body.CNAME))
		case *dnsmessage.NSResource:
			s.answers = append(s.answers, nameOf(body.NS))
		case *dnsmessage.PTRResource:
			s.answers = append(s.answers, nameOf(body.PTR))
		case *dnsmessage.MXResource:
			s.answers = append(s.answers, nameOf(body.MX))
		case *dnsmessage.SRVResource:
			s.answers = append(s.answers, nameOf(body.Target))
		case *dnsmessage.TXTResource:
			s.answers = append(s.answers, body.TXT...)
		}
	}
}

func nameOf(n dnsmessage.Name) string { return strings.TrimSuffix(n.String(), ".") }

// hello reads the server's name of a ClientHello. More says that it may be in what is to
// come.
func (s *said) hello(b []byte) (more bool) {
	var message []byte
	for len(message) < 4 || len(message) < 4+length(message[1:4]) { // records
		if more = len(b) < 5; more {
			break
		}
		n := length(b[3:5])
		if b[0] != 22 || b[1] != 3 || n == 0 {
			return false
		}
		message = append(message, b[5:min(len(b), 5+n)]...)
		if more = len(b) < 5+n; more {
			break
		}
		b = b[5+n:]
	}
	if len(message) > 0 && message[0] != 1 {
		return false
	}
	s.extensions(message)
	return more && s.sni == ""
}

// extensions reads those of a ClientHello, as far as it is there.
func (s *said) extensions(message []byte) {
	c := cursor(message)
	c.skip(4 + 2 + 32) // kind and length, version, random
	c.skip(length(c.part(1)))
	c.skip(length(c.part(2)))
	c.skip(length(c.part(1)))
	c.skip(2)
	for len(c) >= 4 {
		kind := length(c.part(2))
		n := length(c.part(2))
		if n > len(c) || kind != 0 {
			c.skip(n)
			continue
		}
		list := cursor(c.part(n))
		list.skip(2)
		typ := length(list.part(1))
		if n := length(list.part(2)); typ == 0 && n <= len(list) {
			s.sni = string(list.part(n))
		}
		return
	}
}

// length is a number as it stands before what has it.
func length(b []byte) (n int) {
	for _, c := range b {
		n = n<<8 | int(c)
	}
	return n
}

// cursor goes over bytes; what is beyond their end is empty.
type cursor []byte

func (c *cursor) part(n int) []byte {
	n = min(n, len(*c))
	b := (*c)[:n]
	*c = (*c)[n:]
	return b
}

func (c *cursor) skip(n int) { c.part(n) }

var methods = [][]byte{[]byte("GET "), []byte("POST "), []byte("HEAD "), []byte("PUT "), []byte("DELETE "), []byte("OPTIONS "), []byte("CONNECT "), []byte("PATCH ")}

func isRequest(b []byte) bool {
	for _, m := range methods {
		if bytes.HasPrefix(b, m) {
			return true
		}
	}
	return false
}

// request reads the host and the URL of an HTTP request.
func (s *said) request(b []byte) (more bool) {
	head, _, whole := bytes.Cut(b, []byte("\r\n\r\n"))
	first, rest, _ := bytes.Cut(head, []byte("\r\n"))
	parts := bytes.Split(first, []byte(" "))
	if len(parts) != 3 || !bytes.HasPrefix(parts[2], []byte("HTTP/")) {
		return !whole
	}
	s.url = string(parts[1])
	for line := range bytes.SplitSeq(rest, []byte("\r\n")) {
		name, value, ok := bytes.Cut(line, []byte(":"))
		if ok && bytes.EqualFold(name, []byte("host")) {
			s.host = string(bytes.TrimSpace(value))
		}
	}
	return !whole
}

// Bounds of what is kept of connections.
const (
	mostFlows  = 4096
	mostKept   = 16 << 10 // bytes of one
	mostServed = 1 << 16  // of DNS over TCP
	mostOpen   = 16 << 20 // of all that are kept
)

// flow is the beginning of what one side of a connection says.
type flow struct {
	key  flowKey
	next uint32 // sequence number
	b    []byte
}

type flowKey struct{ from, to netip.AddrPort }

// flows put together what comes in several packets, in order.
type flows struct {
	open  map[flowKey]*flow
	order []*flow // the oldest first; some are closed
	bytes int     // that the open ones hold
}

// say reads what a packet says, with what came before it on its connection.
func (f *flows) say(s *spoken) (out said) {
	switch {
	case len(s.payload) == 0:
	case s.protocol == protocolUDP:
		if isDNS(s.from.Port()) || isDNS(s.to.Port()) {
			out.dns(s.payload)
		}
	case s.protocol == protocolTCP:
		f.tcp(s, &out)
	}
	return out
}

func isDNS(port uint16) bool { return port == 53 || port == 5353 || port == 5355 }

func (f *flows) tcp(s *spoken, out *said) {
	key := flowKey{s.from, s.to}
	b, kept, goesOn := s.payload, f.open[key], false
	switch {
	case kept != nil && kept.next == s.seq:
		b, goesOn = append(kept.b, b...), true
	case kept != nil && int32(s.seq-kept.next) < 0: // again what was there
		return
	}
	all := len(b)
	more := false
	switch {
	case isDNS(s.from.Port()) || isDNS(s.to.Port()):
		for len(b) >= 2 && len(b) >= 2+length(b[:2]) {
			out.dns(b[2 : 2+length(b[:2])])
			b = b[2+length(b[:2]):]
		}
		more = len(b) > 0
	case len(b) > 2 && b[0] == 22 && b[1] == 3:
		more = out.hello(b)
	case isRequest(b):
		if more = out.request(b); more { // it is told once it is whole
			out.host, out.url = "", ""
		}
	}
	most := mostKept
	if isDNS(s.from.Port()) || isDNS(s.to.Port()) {
		most = mostServed
	}
	if !more || len(b) > most {
		if more && isRequest(b) {
			out.request(b)
		}
		f.drop(kept)
		return
	}
	if !goesOn || len(b) < all { // it stands in the packet
		b = bytes.Clone(b)
	}
	f.keep(key, s.seq+uint32(len(s.payload)), b)
}

// keep keeps what a flow has said; the oldest go for it.
func (f *flows) keep(key flowKey, next uint32, b []byte) {
	if f.open == nil {
		f.open = map[flowKey]*flow{}
	}
	one := f.open[key]
	if one == nil {
		one = &flow{key: key}
		f.open[key], f.order = one, append(f.order, one)
	}
	f.bytes += cap(b) - cap(one.b)
	one.next, one.b = next, b
	for len(f.order) > mostFlows || f.bytes > mostOpen {
		f.drop(f.order[0])
		f.order = f.order[1:]
	}
}

func (f *flows) drop(one *flow) {
	if one == nil || f.open[one.key] != one { // closed before
		return
	}
	delete(f.open, one.key)
	f.bytes -= cap(one.b)
	one.b = nil
}
