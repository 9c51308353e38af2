package events_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"entente/internal/door/events"
	"entente/internal/exchange"
	"entente/internal/node"
	"entente/internal/practice/seen"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
	"entente/stix"
)

var operator = account.Operator("CERT Example")

// build runs what takes events, which knows one indicator, for evil.com.
func build(t testing.TB) *seen.Seen {
	t.Helper()
	dir := t.TempDir()
	db, err := pebble.Open(t.Context(), filepath.Join(dir, "store"), pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	x, err := exchange.Open(t.Context(), db, exchange.Options{Own: operator.Org})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close(); db.Close() })
	if _, err := x.AddCollection(t.Context(), operator, exchange.Collection{Alias: "c"}); err != nil {
		t.Fatal(err)
	}
	o, err := stix.Read([]byte(`{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z",
  "pattern":"[domain-name:value = 'evil.com']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Publish(t.Context(), operator, exchange.Publication{Collection: "c", Objects: []stix.Object{o}}); err != nil {
		t.Fatal(err)
	}
	s, err := seen.New(x, seen.Options{Matching: node.Detection(), Dir: filepath.Join(dir, "seen"), As: operator, Logger: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	run(t, func(ctx context.Context) { s.Run(ctx, seen.DefaultSettings) })
	return s
}

// run runs something until the test, or whoever calls what it gives, ends it.
func run(t testing.TB, f func(context.Context)) (end func()) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); f(ctx) }()
	end = func() { stop(); <-done }
	t.Cleanup(end)
	return end
}

// hits waits until evil.com was seen so often.
func hits(t testing.TB, s *seen.Seen, want int) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	end, got := time.After(20*time.Second), 0
	for {
		list, err := s.Hits(t.Context(), operator)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 1 {
			got = list[0].Count
		}
		if got == want {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("%d hits, want %d", got, want)
		}
	}
}

func send(t testing.TB, conn net.Conn, err error, text ...string) net.Conn {
	t.Helper()
	for _, one := range text {
		if err == nil {
			_, err = io.WriteString(conn, one)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestSyslogIsTakenAsItComes(t *testing.T) {
	s := build(t)
	web := httptest.NewTLSServer(nil)
	t.Cleanup(web.Close)
	l, err := events.Listen(s, events.Options{UDP: ":0", TCP: ":0", TLS: "localhost:0", Config: web.TLS, Connections: 2, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	addrs := l.Addresses()
	for _, a := range addrs {
		if host, _, _ := net.SplitHostPort(a.String()); host != "127.0.0.1" && host != "::1" {
			t.Errorf("without a host it listens on %s", a)
		}
	}
	end := run(t, l.Run)
	const old, new = "<13>Mar  2 10:00:01 ns named: query: evil.com", "<165>1 2026-03-02T10:00:01Z ns named - - - query\nevil.com"
	conn, err := net.Dial("udp", addrs[0].String())
	send(t, conn, err, old, new, old+"\n").Close()
	hits(t, s, 3)
	conn, err = net.Dial("tcp", addrs[1].String())
	tcp := send(t, conn, err, old+"\n", fmt.Sprintf("%d %s", len(new), new), old+"\x00")
	hits(t, s, 6)
	secure, err := tls.Dial("tcp", addrs[2].String(), web.Client().Transport.(*http.Transport).TLSClientConfig)
	send(t, secure, err, fmt.Sprintf("%d %s", len(new), new))
	hits(t, s, 7)

	// Over so many connections, the next is closed at once.
	third, err := net.Dial("tcp", addrs[1].String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := third.Read(make([]byte, 1)); err == nil {
		t.Error("a third connection is answered")
	}
	if got := l.Counts(); got.Refused != 1 || got.Dropped != 0 {
		t.Errorf("%+v", got)
	}
	// What has come is gone over at the end; it is one line, though its line feed is missing.
	send(t, tcp, nil, old, "\n", old).Close()
	hits(t, s, 9)
	secure.Close()
	end()
	if _, err := net.Dial("tcp", addrs[1].String()); err == nil {
		t.Error("it listens after its end")
	}
}

func TestFilesAreFollowed(t *testing.T) {
	s := build(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "dns.log")
	write := func(path, text string) {
		t.Helper()
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err == nil {
			_, err = f.WriteString(text)
		}
		if err != nil || f.Close() != nil {
			t.Fatal(err)
		}
	}
	write(path, strings.Repeat("old evil.com\n", 100))
	run(t, func(ctx context.Context) { events.Follow(ctx, s, []string{dir}, slog.New(slog.DiscardHandler)) })
	// A file that comes is read from its start; that the first look is over shows by it.
	hits := func(want int) { hits(t, s, want) }
	lines := 0
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 500 {
		write(path, "new evil.com\n")
		lines++
		if list, err := s.Hits(t.Context(), operator); err != nil {
			t.Fatal(err)
		} else if len(list) > 0 {
			break
		}
		<-tick.C
	}
	list, err := s.Hits(t.Context(), operator)
	if err != nil || len(list) != 1 || list[0].Count > lines {
		t.Fatalf("%+v, %v; %d lines were written since", list, err, lines)
	}
	before := settled(t, s)
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	write(path, "evil.com\nno end evil.c")
	write(path, "om\n")
	hits(before + 2)
}

// settled is how often evil.com was seen once that grows no more.
func settled(t testing.TB, s *seen.Seen) (n int) {
	t.Helper()
	tick := time.NewTicker(1500 * time.Millisecond) // hits are written each second
	defer tick.Stop()
	for {
		<-tick.C
		list, err := s.Hits(t.Context(), operator)
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
		if list[0].Count == n {
			return n
		}
		n = list[0].Count
	}
}
