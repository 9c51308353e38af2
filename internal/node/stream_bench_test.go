package node_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/node"
	"entente/internal/trust/account"
	"entente/stix"
)

// How much BenchmarkStreams asks for.
const (
	streamReaders  = 1000
	streamAccounts = 100
	streamRate     = 100 // objects a second
	streamSeconds  = 10
	streamObject   = `{"type":"indicator","spec_version":"2.1","id":"indicator--%08x-0000-4000-8000-000000000000","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","valid_from":"2026-01-01T00:00:00Z","pattern_type":"stix","pattern":"[domain-name:value = 'h%d.example']","object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],"description":"%s"}`
)

// BenchmarkStreams holds 1,000 streams open over loopback, of 100 accounts, while 100
// objects of about a kilobyte come each second, as they are due, for ten seconds, and
// tells how long each object took to reach each stream, from before it was published,
// and by how much the heap grew from the first half to the second. Readers run on the
// same cores. Run it with -benchtime 1x.
func BenchmarkStreams(b *testing.B) {
	for b.Loop() {
		dir := b.TempDir() + "/data"
		if _, err := node.Init(b.Context(), dir, node.InitOptions{Name: "CERT Example"}); err != nil {
			b.Fatal(err)
		}
		n, err := node.Open(b.Context(), dir, node.Options{})
		if err != nil {
			b.Fatal(err)
		}
		ctx, stop := context.WithCancel(b.Context())
		ready, ended := make(chan string, 1), make(chan error, 1)
		go func() {
			ended <- n.Serve(ctx, node.ServeOptions{Listen: "127.0.0.1:0", Ready: func(url string) { ready <- url }, Limits: node.Limits{Streams: streamReaders}})
		}()
		f := &flood{B: b, n: n, url: <-ready, begun: make([]atomic.Int64, streamRate*streamSeconds)}
		f.run()
		stop()
		f.readers.Wait()
		if err := <-ended; err != nil {
			b.Error(err)
		}
		if err := n.Close(); err != nil {
			b.Error(err)
		}
	}
}

// flood is one run of the benchmark.
type flood struct {
	*testing.B
	n       *node.Node
	url     string
	readers sync.WaitGroup
	begun   []atomic.Int64 // when each object began to be published, in nanoseconds
	got     atomic.Int64
	mu      sync.Mutex
	took    []time.Duration
}

func (f *flood) run() {
	by := f.n.Operator()
	c, err := f.n.Exchange.AddCollection(f.Context(), by, exchange.Collection{Alias: "feed"})
	if err != nil {
		f.Fatal(err)
	}
	opened := make(chan struct{}, streamReaders)
	for i := range streamAccounts {
		_, token, err := f.n.Accounts.Add(f.Context(), by, account.Application{Name: fmt.Sprint("reader", i), Grants: map[string]account.Access{c.ID: account.Read}})
		if err != nil {
			f.Fatal(err)
		}
		for range streamReaders / streamAccounts {
			f.readers.Go(func() { f.read(token, opened) })
		}
	}
	for range streamReaders {
		<-opened
	}
	ticker := time.NewTicker(time.Second / streamRate)
	defer ticker.Stop()
	filler, began := strings.Repeat("x", 600), time.Now()
	var half, whole runtime.MemStats
	for i := 0; i < len(f.begun); {
		<-ticker.C
		var batch []stix.Object // all that is due by now
		for ; i < len(f.begun) && i < int(time.Since(began).Seconds()*streamRate); i++ {
			o, err := stix.Read([]byte(fmt.Sprintf(streamObject, i, i, filler)))
			if err != nil {
				f.Fatal(err)
			}
			batch = append(batch, o)
			f.begun[i].Store(time.Now().UnixNano())
			if i == len(f.begun)/2 {
				runtime.GC()
				runtime.ReadMemStats(&half)
			}
		}
		if _, err := f.n.Exchange.Publish(f.Context(), by, exchange.Publication{Collection: "feed", Objects: batch}); err != nil {
			f.Fatal(err)
		}
	}
	published := time.Since(began)
	for last := f.begun[len(f.begun)-1].Load(); f.got.Load() < streamReaders*streamRate*streamSeconds; <-ticker.C {
		if time.Since(time.Unix(0, last)) > time.Minute {
			f.Fatalf("%d of %d objects have come", f.got.Load(), streamReaders*streamRate*streamSeconds)
		}
	}
	lasted := time.Since(began)
	runtime.GC()
	runtime.ReadMemStats(&whole)
	slices.Sort(f.took)
	at := func(q float64) float64 { return float64(f.took[int(q*float64(len(f.took)-1))].Milliseconds()) }
	f.ReportMetric(float64(streamRate*streamSeconds)/published.Seconds(), "published/s")
	f.ReportMetric(float64(f.got.Load())/lasted.Seconds()/streamReaders, "objects/s/reader")
	f.ReportMetric(at(.5), "ms-half")
	f.ReportMetric(at(.99), "ms-99%")
	f.ReportMetric(at(1), "ms-slowest")
	f.ReportMetric(float64(whole.HeapAlloc)/(1<<20)-float64(half.HeapAlloc)/(1<<20), "MB-grown")
	f.ReportMetric(float64(whole.HeapAlloc)/(1<<20), "MB-heap")
}

// read is one reader, who notes when each object comes.
func (f *flood) read(token string, opened chan<- struct{}) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(f.url, "http://"))
	if err != nil {
		f.Error(err)
		return
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /api/v1/stream?collection=feed HTTP/1.0\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", token)
	in := bufio.NewReaderSize(conn, 8<<10)
	resp, err := http.ReadResponse(in, nil)
	if err != nil || resp.StatusCode != http.StatusOK {
		f.Errorf("%v, %v", resp, err)
		return
	}
	took := make([]time.Duration, 0, streamRate*streamSeconds)
	opened <- struct{}{}
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			break
		}
		if _, rest, ok := bytes.Cut(line, []byte(`"indicator--`)); ok {
			var i int
			if _, err := fmt.Sscanf(string(rest[:8]), "%x", &i); err != nil {
				f.Error(err)
				return
			}
			took = append(took, time.Duration(time.Now().UnixNano()-f.begun[i].Load()))
			if len(took) == streamRate*streamSeconds {
				f.mu.Lock()
				f.took = append(f.took, took...)
				f.mu.Unlock()
			}
			f.got.Add(1)
		}
	}
}
