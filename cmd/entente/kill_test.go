package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"entente/stix"
	"entente/taxii"
)

// TestKilledServerLosesNothing ends a real server under load at random moments,
// as the power would. After each restart every object whose request was
// answered is there byte for byte, and of each request all objects or none.
// ENTENTE_KILLS sets how often; 10 times unless set.
func TestKilledServerLosesNothing(t *testing.T) {
	kills := 10
	if s := os.Getenv("ENTENTE_KILLS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		kills = n
	}
	l := newLoad(t)
	for round := range kills {
		if l.round(round); t.Failed() {
			return
		}
	}
	l.last(kills)
	l.entente("verify-store")
	t.Logf("%d kills, %d objects acknowledged in %d requests", kills, len(l.acknowledged), l.requests)
}

// load is what a node is put under, and what it has promised.
type load struct {
	t       *testing.T
	program string
	dir     string
	token   string

	mu           sync.Mutex
	acknowledged map[string][]byte // by id
	requests     int
}

const loaders = 8

func newLoad(t *testing.T) *load {
	program, err := exec.LookPath("entente")
	if err != nil {
		t.Fatal(err)
	}
	l := &load{t: t, program: program, dir: filepath.Join(t.TempDir(), "node"), acknowledged: map[string][]byte{}}
	l.entente("init", "--name", "CERT Example")
	l.token = strings.TrimSpace(l.entente("account", "add", "loader", "--grant", "default:rw"))
	return l
}

// entente runs a verb and gives what it prints.
func (l *load) entente(args ...string) string {
	l.t.Helper()
	cmd := exec.Command(l.program, append(args, "--data", l.dir)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		l.t.Fatalf("entente %v: %v: %s", args, err, &stderr)
	}
	return string(out)
}

func (l *load) client(url string) *taxii.Client {
	c, err := taxii.New(url, taxii.WithBearerToken(l.token), taxii.WithRetry(taxii.Retry{Attempts: 1}))
	if err != nil {
		l.t.Fatal(err)
	}
	return c
}

// round starts the server, checks what it has kept, loads it, and kills it.
func (l *load) round(n int) {
	s, err := startServer(l.program, l.dir, os.Environ())
	if err != nil {
		l.t.Fatalf("round %d: %v", n, err)
	}
	defer s.kill()
	l.check(n, s.url)

	answered := make(chan struct{}, 1)
	var wg sync.WaitGroup
	for i := range loaders {
		wg.Go(func() { l.write(fmt.Sprintf("r%d-w%d", n, i), s.url, answered) })
	}
	// The moment: some time after so many answers, so that it falls anywhere in
	// a commit.
	for range 1 + rand.IntN(60) {
		select {
		case <-answered:
		case <-time.After(30 * time.Second):
			l.t.Errorf("round %d: nothing is answered", n)
		}
	}
	<-time.After(time.Duration(rand.IntN(3000)) * time.Microsecond)
	s.kill()
	wg.Wait()
}

// last checks what the last kill has left.
func (l *load) last(n int) {
	s, err := startServer(l.program, l.dir, os.Environ())
	if err != nil {
		l.t.Fatalf("after the last kill: %v", err)
	}
	defer s.kill()
	l.check(n, s.url)
	if err := s.stop(); err != nil {
		l.t.Errorf("stop: %v", err)
	}
}

// write sends single objects and batches until the server is gone.
func (l *load) write(who, url string, answered chan<- struct{}) {
	c := l.client(url)
	defer c.CloseIdleConnections()
	for seq := 0; ; seq++ {
		size := 1
		if seq%3 == 0 {
			size = 2 + rand.IntN(60)
		}
		label := fmt.Sprintf("%s-%d/%d", who, seq, size)
		objects := map[string][]byte{}
		var body []json.RawMessage
		for range size {
			id := stix.NewID("x-load")
			o := fmt.Appendf(nil, `{"type":"x-load", "spec_version":"2.1","id":%q,"created":"2026-03-01T10:00:00.%03dZ","modified":"2026-03-01T10:00:00.000Z","x_batch":%q,"x_pad":%q}`,
				id, rand.IntN(1000), label, strings.Repeat("p", rand.IntN(2000)))
			objects[id] = o
			body = append(body, o)
		}
		status, err := c.Add(l.t.Context(), "default", body...)
		if err != nil {
			return // killed, as it should be
		}
		if status.Status != taxii.StatusComplete || status.SuccessCount != size {
			l.t.Errorf("%s: status %+v, want %d successes", label, status, size)
			return
		}
		l.mu.Lock()
		l.requests++
		for id, o := range objects {
			l.acknowledged[id] = o
		}
		l.mu.Unlock()
		select {
		case answered <- struct{}{}:
		default:
		}
	}
}

// check reads everything back and holds it against what was acknowledged.
func (l *load) check(n int, url string) {
	c := l.client(url)
	defer c.CloseIdleConnections()
	seen := map[string][]byte{}
	batches := map[string]int{} // objects by batch
	for batch, err := range c.Pull(l.t.Context(), "default", taxii.Cursor{}, taxii.Filter{Versions: []string{"all"}}) {
		if err != nil {
			l.t.Fatalf("round %d: read back: %v", n, err)
		}
		for _, o := range batch.Objects {
			var told struct {
				Batch string `json:"x_batch"`
			}
			if err := json.Unmarshal(o.Raw, &told); err != nil {
				l.t.Fatalf("round %d: %s: %v", n, o.ID, err)
			}
			seen[o.ID] = bytes.Clone(o.Raw)
			batches[told.Batch]++
		}
	}
	for id, want := range l.acknowledged {
		if got := seen[id]; !bytes.Equal(got, want) {
			l.t.Errorf("round %d: %s was acknowledged as %.200s and is %.200s", n, id, want, got)
		}
	}
	for label, count := range batches {
		if _, size, _ := strings.Cut(label, "/"); size != strconv.Itoa(count) {
			l.t.Errorf("round %d: of batch %s %d objects are there", n, label, count)
		}
	}
}
