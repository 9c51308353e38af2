package detect_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"entente/internal/practice/detect"
)

// complexFeed makes an export of n indicators that ask for several values each.
func complexFeed(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		name, ip, other := fmt.Sprintf("n%d.complex.example", i), fmt.Sprintf("198.18.%d.%d", i>>8&255, i&255), fmt.Sprintf("203.0.113.%d", i&255)
		pattern := fmt.Sprintf("[domain-name:value = '%s' AND ipv4-addr:value = '%s']", name, ip)
		switch i % 4 {
		case 1:
			pattern = fmt.Sprintf("[(domain-name:value = '%s' OR url:value = 'http://%s/gate') AND ipv4-addr:value IN ('%s', '%s')]", name, name, ip, other)
		case 2:
			pattern = fmt.Sprintf("[domain-name:value = '%s' AND ipv4-addr:value = '%s'] OR [file:name = 'drum%d.exe' AND ipv4-addr:value = '%s']", name, ip, i, other)
		case 3:
			pattern = fmt.Sprintf("[ipv4-addr:value ISSUBSET '198.18.%d.0/24' AND domain-name:value = '%s' AND ipv4-addr:value = '%s']", i>>8&255, name, ip)
		}
		fmt.Fprintf(&b, `{"type":"indicator","spec_version":"2.1","id":"indicator--%08x-0000-4000-8000-000000000000","created":"2026-03-01T10:00:00.000Z","modified":"2026-03-01T10:00:00.000Z","pattern":"%s","pattern_type":"stix","valid_from":"2026-03-01T10:00:00Z"}`+"\n", i, pattern)
	}
	return b.Bytes()
}

// complexEvents makes n events as Suricata writes them, of which one in 50 holds a name
// that a pattern of many asks for, and one in 200 the address that it asks for, too.
func complexEvents(n, patterns int) []byte {
	r := rand.New(rand.NewPCG(5, 6))
	var b bytes.Buffer
	for i := range n {
		p := r.IntN(patterns)
		name, ip := fmt.Sprintf("www%d.site%d.example", r.IntN(50), r.IntN(5000)), fmt.Sprintf("10.1.%d.%d", r.IntN(256), r.IntN(256))
		if i%50 == 0 {
			name = fmt.Sprintf("n%d.complex.example", p)
		}
		if i%200 == 0 {
			ip = fmt.Sprintf("198.18.%d.%d", p>>8&255, p&255)
		}
		fmt.Fprintf(&b, `{"timestamp":"2026-11-27T10:00:00.%06d+0000","flow_id":%d,"event_type":"dns","src_ip":"10.0.0.%d","src_port":%d,"dest_ip":"%s","dest_port":53,"proto":"UDP","dns":{"type":"query","id":%d,"rrname":"%s","rrtype":"A","tx_id":0}}`+"\n",
			i, r.Uint64()>>12, r.IntN(256), 1024+r.IntN(60000), ip, r.IntN(65536), name)
	}
	return b.Bytes()
}

// BenchmarkComplex is of patterns that ask for several values in one event.
func BenchmarkComplex(b *testing.B) {
	const patterns, events = 10_000, 100_000
	s := detect.NewSet(noon)
	if bad, err := s.Load(bytes.NewReader(complexFeed(patterns))); err != nil || bad.Count > 0 {
		b.Fatal(bad, err)
	}
	log, hits := complexEvents(events, patterns), 0
	b.SetBytes(int64(len(log)))
	for b.Loop() {
		hits = 0
		if _, err := s.Scan(context.Background(), "log", bytes.NewReader(log), func(detect.Hit) error { hits++; return nil }); err != nil {
			b.Fatal(err)
		}
	}
	if hits < events/200 {
		b.Fatalf("%d hits; %d events hold all that a pattern asks for", hits, events/200)
	}
	b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(hits), "hits")
}
