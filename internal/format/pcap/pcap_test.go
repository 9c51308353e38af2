package pcap_test

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/dns/dnsmessage"

	"entente/internal/format/pcap"
)

var (
	client = netip.MustParseAddrPort("192.0.2.14:40000")
	server = netip.MustParseAddrPort("198.51.100.9:80")
	v6from = netip.MustParseAddrPort("[2001:db8::14]:40000")
	v6to   = netip.MustParseAddrPort("[2001:db8::9]:443")
)

func ports(from, to netip.AddrPort) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, from.Port()), to.Port())
}

func udp(from, to netip.AddrPort, payload []byte) []byte {
	b := binary.BigEndian.AppendUint16(ports(from, to), uint16(8+len(payload)))
	return ip(17, from, to, append(append(b, 0, 0), payload...))
}

func tcp(from, to netip.AddrPort, seq uint32, payload string) []byte {
	b := binary.BigEndian.AppendUint32(ports(from, to), seq)
	return ip(6, from, to, append(append(b, 0, 0, 0, 0, 5<<4, 0x18, 0, 0, 0, 0, 0, 0), payload...))
}

// ip is a packet of either version.
func ip(protocol byte, from, to netip.AddrPort, b []byte) []byte {
	if from.Addr().Is4() {
		head := []byte{0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0}
		binary.BigEndian.PutUint16(head[2:], uint16(20+len(b)))
		return append(append(append(head, from.Addr().AsSlice()...), to.Addr().AsSlice()...), b...)
	}
	b = append([]byte{protocol, 0, 0, 0, 0, 0, 0, 0}, b...) // a header of options before it
	head := []byte{0x60, 0, 0, 0, 0, 0, 0, 64}
	binary.BigEndian.PutUint16(head[4:], uint16(len(b)))
	return append(append(append(head, from.Addr().AsSlice()...), to.Addr().AsSlice()...), b...)
}

func ether(b []byte) []byte {
	kind := uint16(0x0800)
	if b[0]>>4 == 6 {
		kind = 0x86dd
	}
	head := append(make([]byte, 12), 0x81, 0, 0, 7) // a VLAN
	return append(binary.BigEndian.AppendUint16(head, kind), b...)
}

type order interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// capture writes packets in the older form.
func capture(o order, link uint32, packets ...[]byte) []byte {
	b := o.AppendUint32(nil, 0xa1b2c3d4)
	b = append(o.AppendUint16(o.AppendUint16(b, 2), 4), make([]byte, 8)...)
	b = o.AppendUint32(o.AppendUint32(b, 1<<16), link)
	for i, p := range packets {
		b = o.AppendUint32(o.AppendUint32(b, 1331901000), uint32(200_000+i))
		b = append(o.AppendUint32(o.AppendUint32(b, uint32(len(p))), uint32(len(p))), p...)
	}
	return b
}

// next writes packets as pcapng, with blocks of other kinds between them.
func next(o order, link uint16, packets ...[]byte) (b []byte) {
	block := func(kind uint32, body []byte) {
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
		n := uint32(12 + len(body))
		b = o.AppendUint32(append(o.AppendUint32(o.AppendUint32(b, kind), n), body...), n)
	}
	block(0x0a0d0d0a, append(o.AppendUint16(o.AppendUint16(o.AppendUint32(nil, 0x1a2b3c4d), 1), 0), bytes.Repeat([]byte{0xff}, 8)...))
	nanos := append(o.AppendUint16(o.AppendUint16(nil, 9), 1), 9, 0, 0, 0)
	block(1, append(append(o.AppendUint16(nil, link), make([]byte, 6)...), nanos...))
	for i, p := range packets {
		at := uint64(1331901000_200_000_000 + i*1000)
		head := o.AppendUint32(o.AppendUint32(o.AppendUint32(nil, 0), uint32(at>>32)), uint32(at))
		head = o.AppendUint32(o.AppendUint32(head, uint32(len(p))), uint32(len(p)))
		block(6, append(head, p...))
		block(4, []byte("names"))
	}
	return b
}

func query(t testing.TB) []byte {
	t.Helper()
	name := dnsmessage.MustNewName("www.pay.drum.example.")
	m := dnsmessage.Message{Header: dnsmessage.Header{Response: true},
		Questions: []dnsmessage.Question{{Name: name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}},
		Answers: []dnsmessage.Resource{
			{Header: dnsmessage.ResourceHeader{Name: name, Class: dnsmessage.ClassINET}, Body: &dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName("c.drum.example.")}},
			{Header: dnsmessage.ResourceHeader{Name: name, Class: dnsmessage.ClassINET}, Body: &dnsmessage.AResource{A: [4]byte{203, 0, 113, 80}}},
			{Header: dnsmessage.ResourceHeader{Name: name, Class: dnsmessage.ClassINET}, Body: &dnsmessage.TXTResource{TXT: []string{"a \"b\"\x1b\xff"}}},
		}}
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// hello is what a client of TLS says first.
func hello(t testing.TB) string {
	t.Helper()
	here, there := net.Pipe()
	go func() {
		_ = tls.Client(here, &tls.Config{ServerName: "tls.drum.example"}).Handshake() // nobody answers
	}()
	defer here.Close()
	b := make([]byte, 1<<14)
	n, err := there.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

func lines(t testing.TB, b []byte) []string {
	t.Helper()
	text, err := io.ReadAll(pcap.Lines(bytes.NewReader(b)))
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	for _, line := range all {
		if !json.Valid([]byte(line)) {
			t.Errorf("no JSON: %s", line)
		}
	}
	return all
}

// A capture of either form, order and link gives a line for each packet, with what was
// said in the clear, also in several packets.
func TestLines(t *testing.T) {
	tlsHello, request := hello(t), "GET /gate?x=1 HTTP/1.1\r\nUser-Agent: x\r\nHost: web.drum.example\r\n\r\n"
	packets := [][]byte{
		udp(netip.AddrPortFrom(server.Addr(), 53), client, query(t)),
		tcp(client, server, 100, request[:30]),
		tcp(client, server, 100, request[:30]), // again
		tcp(client, server, 130, request[30:]),
		tcp(v6from, v6to, 7, tlsHello[:60]),
		tcp(v6from, v6to, 67, tlsHello[60:]),
		tcp(client, server, 500, "GET /whole HTTP/1.1\r\nHost: drum.example:8080\r\n\r\n"),
		tcp(server, client, 1, "HTTP/1.1 200 OK\r\n\r\n"),
		ip(1, netip.AddrPortFrom(client.Addr(), 0), server, []byte("ping")),
		ip(4, client, server, tcp(client, server, 900, "HEAD / HTTP/1.0\r\nhost: in.drum.example\r\n\r\n")),
		{0, 1, 2},
	}
	flow := `"src_ip":"192.0.2.14","src_port":40000,"dest_ip":"198.51.100.9","dest_port":80`
	flow6 := `"src_ip":"2001:db8::14","src_port":40000,"dest_ip":"2001:db8::9","dest_port":443`
	want := []string{
		`"src_ip":"198.51.100.9","src_port":53,"dest_ip":"192.0.2.14","dest_port":40000,"dns":{"query":["www.pay.drum.example"],"answers":["c.drum.example","203.0.113.80","a \"b\"\u001b\u00ff"]}`,
		flow, flow, flow + `,"http":{"hostname":"web.drum.example","url":"/gate?x=1"}`,
		flow6, flow6 + `,"tls":{"sni":"tls.drum.example"}`,
		flow + `,"http":{"hostname":"drum.example:8080","url":"/whole"}`,
		`"src_ip":"198.51.100.9","src_port":80,"dest_ip":"192.0.2.14","dest_port":40000`,
		`"src_ip":"192.0.2.14","dest_ip":"198.51.100.9"`,
		flow + `,"http":{"hostname":"in.drum.example","url":"/"}`,
		"",
	}
	for i := range want {
		if want[i] != "" {
			want[i] = "," + want[i]
		}
		want[i] = fmt.Sprintf(`{"ts":1331901000.200%03d000%s}`, i, want[i])
	}
	var framed [][]byte
	for _, p := range packets[:len(packets)-1] {
		framed = append(framed, ether(p))
	}
	framed = append(framed, packets[len(packets)-1])
	for name, b := range map[string][]byte{
		"little": capture(binary.LittleEndian, 1, framed...), "big": capture(binary.BigEndian, 1, framed...),
		"raw": capture(binary.LittleEndian, 101, packets...), "next": next(binary.LittleEndian, 1, framed...), "next big": next(binary.BigEndian, 101, packets...),
	} {
		if !pcap.Is(b) {
			t.Errorf("%s is no capture", name)
		}
		if diff := cmp.Diff(want, lines(t, b)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// A capture that is cut, or damaged, gives what came before and says so.
func TestADamagedCapture(t *testing.T) {
	p := udp(client, server, []byte("x"))
	for name, b := range map[string][]byte{
		"cut":      capture(binary.LittleEndian, 101, p, p)[:24+16+len(p)+20],
		"huge":     append(capture(binary.LittleEndian, 101, p), bytes.Repeat([]byte{0xff}, 40)...),
		"next cut": next(binary.LittleEndian, 101, p, p)[:150],
		"block":    append(next(binary.LittleEndian, 101, p), 6, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0),
	} {
		text, err := io.ReadAll(pcap.Lines(bytes.NewReader(b)))
		if err == nil || !strings.Contains(err.Error(), "packet") && !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s: %v", name, err)
		}
		if n := bytes.Count(text, []byte("\n")); n != 1 {
			t.Errorf("%s: %d lines", name, n)
		}
	}
}

// What is of a link that is not read is told: that nothing was found there says nothing.
func TestAnotherLink(t *testing.T) {
	p := udp(client, server, []byte("x"))
	for name, b := range map[string][]byte{"pcap": capture(binary.LittleEndian, 105, p, p), "next": next(binary.BigEndian, 105, p, p)} {
		text, err := io.ReadAll(pcap.Lines(bytes.NewReader(b)))
		if err == nil || !strings.Contains(err.Error(), "2 of 2 packets are of the link type 105") {
			t.Errorf("%s: %v", name, err)
		}
		if n := bytes.Count(text, []byte("\n")); n != 2 {
			t.Errorf("%s: %d lines", name, n)
		}
	}
}

// FuzzLines reads anything as a capture: it ends, and every line is JSON.
func FuzzLines(f *testing.F) {
	h := hello(f)
	f.Add(capture(binary.LittleEndian, 1, ether(udp(netip.AddrPortFrom(server.Addr(), 53), client, query(f))), ether(tcp(v6from, v6to, 7, h[:200]))))
	f.Add(next(binary.BigEndian, 101, tcp(client, server, 1, "GET / HTTP/1.1\r\nHost: x"), tcp(client, netip.AddrPortFrom(server.Addr(), 53), 1, "\x00\x04abcd")))
	f.Fuzz(func(t *testing.T, b []byte) {
		text, _ := io.ReadAll(pcap.Lines(bytes.NewReader(b)))
		for line := range bytes.Lines(text) {
			if !json.Valid(line) {
				t.Fatalf("no JSON: %s", line)
			}
		}
	})
}
