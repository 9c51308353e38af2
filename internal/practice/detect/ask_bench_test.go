package detect_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"entente/internal/practice/detect"
)

// BenchmarkAsked is of patterns that ask for a port beside an address, on the events of
// BenchmarkComplex: one in 200 holds an address that one asks for, and is asked.
func BenchmarkAsked(b *testing.B) {
	const patterns, events = 10_000, 100_000
	s := detect.NewSet(noon)
	for i := range patterns {
		s.Add(object(b, i, fmt.Sprintf("[network-traffic:dst_ref.value = '198.18.%d.%d' AND network-traffic:dst_port = %d]", i>>8&255, i&255, 53+i%2), ""))
	}
	log, hits := complexEvents(events, patterns), 0
	b.SetBytes(int64(len(log)))
	for b.Loop() {
		hits = 0
		if _, err := s.Scan(context.Background(), "log", bytes.NewReader(log), func(detect.Hit) error { hits++; return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(hits), "hits")
}

// BenchmarkAskedOfEach asks each line a question.
func BenchmarkAskedOfEach(b *testing.B) {
	s := setOf(b, "[ipv4-addr:value = '198.18.0.1' AND ipv4-addr:value != '198.18.0.2']")
	log := bytes.Repeat([]byte(`{"timestamp":"2026-11-27T10:00:00.000001+0000","flow_id":1,"event_type":"dns","src_ip":"10.0.0.1","src_port":4000,"dest_ip":"198.18.0.1","dest_port":53,"proto":"UDP","dns":{"type":"query","id":1,"rrname":"a.example","rrtype":"A","tx_id":0}}`+"\n"), 10_000)
	b.SetBytes(int64(len(log)))
	for b.Loop() {
		if _, err := s.Scan(context.Background(), "log", bytes.NewReader(log), func(detect.Hit) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10_000, "ns/line")
}

// BenchmarkCompileAsked is compiling of such patterns.
func BenchmarkCompileAsked(b *testing.B) {
	o := object(b, 1, "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '198.18.1.1' AND network-traffic:dst_port = 443]", "")
	for b.Loop() {
		s := detect.NewSet(noon)
		s.Add(o)
	}
}
