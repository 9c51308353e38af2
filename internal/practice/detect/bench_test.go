package detect_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"entente/internal/practice/detect"
)

// feed makes an export of n indicators, a third each of names, addresses and digests.
func feed(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	for i := range n {
		pattern := fmt.Sprintf("[domain-name:value = 'h%d.bad-%x.example']", i, r.Uint32())
		switch i % 3 {
		case 1:
			pattern = fmt.Sprintf("[ipv4-addr:value = '%d.%d.%d.%d']", 1+r.IntN(100), r.IntN(256), r.IntN(256), r.IntN(256))
		case 2:
			pattern = fmt.Sprintf("[file:hashes.'SHA-256' = '%064x']", r.Uint64())
		}
		fmt.Fprintf(&b, `{"type":"indicator","spec_version":"2.1","id":"indicator--%08x-0000-4000-8000-%012x","created_by_ref":"identity--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061","created":"2026-03-01T10:00:00.000Z","modified":"2026-03-01T10:00:00.000Z","name":"Campaign value %d","indicator_types":["malicious-activity"],"pattern":"%s","pattern_type":"stix","valid_from":"2026-03-01T10:00:00Z","confidence":80}`+"\n", i, r.Uint32(), i, pattern)
	}
	return b.Bytes()
}

// zeek makes a log such as Zeek writes, of connections, names, requests and files.
func zeek(size int) []byte {
	r := rand.New(rand.NewPCG(3, 4))
	address := func() string { return fmt.Sprintf("%d.%d.%d.%d", 120+r.IntN(80), r.IntN(256), r.IntN(16), r.IntN(256)) }
	name := func() string { return fmt.Sprintf("www%d.site%d.example", r.IntN(50), r.IntN(5000)) }
	var b bytes.Buffer
	for b.Len() < size {
		uid := fmt.Sprintf("C%016xq", r.Uint64())
		start := fmt.Sprintf("%d.%06d\t%s\t%s\t%d\t%s\t", 1331901000+b.Len()/1000, r.IntN(1e6), uid, address(), 1024+r.IntN(60000), address())
		switch n := r.IntN(20); {
		case n < 12:
			fmt.Fprintf(&b, "%s443\ttcp\tssl\t%d.%06d\t%d\t%d\tSF\t-\t-\t0\tShADadfF\t%d\t%d\t%d\t%d\t(empty)\n", start, r.IntN(9), r.IntN(1e6), r.IntN(9999), r.IntN(99999), r.IntN(99), r.IntN(9999), r.IntN(99), r.IntN(99999))
		case n < 17:
			fmt.Fprintf(&b, "%s53\tudp\t%d\t0.02\t%s\t1\tC_INTERNET\t1\tA\t0\tNOERROR\tF\tF\tT\tT\t0\t%s\t300.000000\tF\n", start, r.IntN(65536), name(), address())
		case n < 19:
			fmt.Fprintf(&b, "%s80\t1\tGET\t%s\t/%x/%x.html?x=%d\t-\t1.1\tMozilla/5.0 (X11; Linux x86_64) Firefox/10.0\t0\t%d\t200\tOK\t-\t-\t(empty)\t-\n", start, name(), r.Uint32(), r.Uint32(), r.IntN(999), r.IntN(99999))
		default:
			fmt.Fprintf(&b, "%sSSL\t0\tSHA1,MD5\tapplication/x-dosexec\t%d\t%032x\t%040x\t%064x\n", start, r.IntN(9999), r.Uint64(), r.Uint64(), r.Uint64())
		}
	}
	return b.Bytes()
}

func loaded(tb testing.TB, n int) *detect.Set {
	tb.Helper()
	s := detect.NewSet(noon)
	if bad, err := s.Load(bytes.NewReader(feed(n))); err != nil || bad.Count > 0 {
		tb.Fatal(bad, err)
	}
	return s
}

// BenchmarkScan is held against counting the lines of the same log, and against a
// set of strings that each word is looked up in.
func BenchmarkScan(b *testing.B) {
	log := zeek(20 << 20)
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		if testing.Short() && n > 100_000 {
			continue
		}
		s := loaded(b, n)
		b.Run(fmt.Sprint("set of ", n), func(b *testing.B) {
			b.SetBytes(int64(len(log)))
			for b.Loop() {
				if _, err := s.Scan(context.Background(), "log", bytes.NewReader(log), func(detect.Hit) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("counting lines", func(b *testing.B) {
		b.SetBytes(int64(len(log)))
		for b.Loop() {
			bytes.Count(log, []byte{'\n'})
		}
	})
	words := map[string]bool{}
	for i := range 100_000 {
		words[fmt.Sprintf("h%d.bad.example", i)] = true
	}
	b.Run("words in a map of 100000, one core", func(b *testing.B) {
		b.SetBytes(int64(len(log)))
		for b.Loop() {
			for word := range strings.FieldsSeq(string(log)) {
				if words[word] {
					b.Fatal(word)
				}
			}
		}
	})
}

func BenchmarkLoad(b *testing.B) {
	all := feed(100_000)
	b.SetBytes(int64(len(all)))
	for b.Loop() {
		if _, err := detect.NewSet(noon).Load(bytes.NewReader(all)); err != nil {
			b.Fatal(err)
		}
	}
}

// A million values stay within 300 MB.
func TestAMillionValuesInMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	all := feed(1_000_000)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s := detect.NewSet(noon)
	if bad, err := s.Load(bytes.NewReader(all)); err != nil || bad.Count > 0 {
		t.Fatal(bad, err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	took := (after.HeapAlloc - before.HeapAlloc) >> 20
	t.Logf("%d values take %d MB", s.Values(), took)
	if s.Values() < 990_000 || took > 230 {
		t.Errorf("%d values take %d MB", s.Values(), took)
	}
	runtime.KeepAlive(all)
}

// BenchmarkRemove takes all indicators out that ask for one value, the oldest first.
func BenchmarkRemove(b *testing.B) {
	const n = 20_000
	for b.Loop() {
		b.StopTimer()
		s := detect.NewSet(noon)
		for i := range n {
			s.Add(object(b, i, "[ipv4-addr:value = '198.51.100.7']", ""))
		}
		b.StartTimer()
		for i := range n {
			s.Remove(id(i))
		}
	}
}
