package pcap_test

import (
	"encoding/binary"
	"net/netip"
	"runtime"
	"strings"
	"testing"
)

// served is a long answer of DNS over TCP.
func served(t testing.TB) string {
	t.Helper()
	b := append(binary.BigEndian.AppendUint16(nil, 60_000), query(t)...)
	return string(append(b, make([]byte, 60_002-len(b))...))
}

// What is kept of all connections is bounded: the oldest go.
func TestOldFlowsGo(t *testing.T) {
	const n = 500
	answer, from := served(t), netip.AddrPortFrom(server.Addr(), 53)
	to := func(i int) netip.AddrPort { return netip.AddrPortFrom(client.Addr(), uint16(10_000+i)) }
	var packets [][]byte
	for i := range n {
		packets = append(packets, tcp(from, to(i), 1, answer[:50_000]))
	}
	for i := range n {
		packets = append(packets, tcp(from, to(i), 50_001, answer[50_000:]))
	}
	told := 0
	all := lines(t, capture(binary.LittleEndian, 101, packets...))
	for _, line := range all {
		if strings.Contains(line, "www.pay.drum.example") {
			told++
		}
	}
	if told < 100 || told > 16<<20/50_000 || !strings.Contains(all[2*n-1], "www.pay.drum.example") {
		t.Errorf("%d of %d answers are told, the last line is %s", told, n, all[2*n-1])
	}
}

// A connection in small packets is not copied for each of them.
func TestSmallPacketsAreAdded(t *testing.T) {
	answer, from := served(t), netip.AddrPortFrom(server.Addr(), 53)
	var packets [][]byte
	for at := 0; at < len(answer); at += 20 {
		packets = append(packets, tcp(from, client, uint32(at), answer[at:min(at+20, len(answer))]))
	}
	b := capture(binary.LittleEndian, 101, packets...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	all := lines(t, b)
	runtime.ReadMemStats(&after)
	if last := all[len(all)-1]; !strings.Contains(last, "www.pay.drum.example") {
		t.Errorf("the answer is not told: %s", last)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 16<<20 {
		t.Errorf("%d packets take %d MiB", len(packets), took>>20)
	}
}
