package node

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"entente/internal/trust/account"
)

// A client that takes an answer too slowly loses its connection, so that it
// does not hold the answer's memory for ever.
func TestSlowReadersAreLetGo(t *testing.T) {
	failed := make(chan error, 1)
	s := httptest.NewServer(steady(pace{grace: 50 * time.Millisecond, bytes: 1 << 30}, http.HandlerFunc(
		func(w http.ResponseWriter, _ *http.Request) {
			chunk := make([]byte, 1<<20)
			for range 1 << 10 {
				if _, err := w.Write(chunk); err != nil {
					failed <- err
					return
				}
			}
			failed <- nil
		})))
	defer s.Close()
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	select {
	case err := <-failed:
		if err == nil {
			t.Error("1 GiB was written to a client that reads nothing")
		}
	case <-time.After(20 * time.Second):
		t.Error("the writer still waits")
	}
}

// A slow start does not count against a client that then keeps the pace, and a
// large body is given the time that it needs.
func TestPaceGrowsWithTheData(t *testing.T) {
	p := pace{grace: time.Second, bytes: 1000}
	start := time.Unix(0, 0)
	for n, want := range map[int64]time.Duration{0: time.Second, 1000: 2 * time.Second, 60_000: 61 * time.Second} {
		if got := p.by(start, n).Sub(start); got != want {
			t.Errorf("%d bytes have %v, want %v", n, got, want)
		}
	}
}

func TestProxyTellsTheSource(t *testing.T) {
	for forwarded, want := range map[string]string{
		"192.0.2.7":              "192.0.2.7",
		"203.0.113.9, 192.0.2.7": "192.0.2.7", // the first is the client's word
		"nonsense":               "198.51.100.1",
		"":                       "198.51.100.1",
	} {
		var got string
		h := noteForwarded(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = account.Source(r.Context()) }))
		r := httptest.NewRequest("GET", "/", nil)
		r = r.WithContext(account.From(r.Context(), "198.51.100.1"))
		if forwarded != "" {
			r.Header.Set("X-Forwarded-For", forwarded)
		}
		h.ServeHTTP(httptest.NewRecorder(), r)
		if got != want {
			t.Errorf("X-Forwarded-For %q gives source %q, want %q", forwarded, got, want)
		}
	}
}

func TestReadinessTellsWhyNot(t *testing.T) {
	h := &readiness{checks: []func() error{func() error { return io.ErrShortWrite }}}
	h.stopping.Store(true)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
	body, err := bufio.NewReader(w.Body).ReadString('\n')
	if w.Code != http.StatusServiceUnavailable || err != nil ||
		!strings.Contains(body, "stopping") || !strings.Contains(body, io.ErrShortWrite.Error()) {
		t.Errorf("%d %s, %v; want 503 with both reasons", w.Code, body, err)
	}
}

// deadlines is an answer that notes until when it may be written.
type deadlines struct {
	*httptest.ResponseRecorder
	set []time.Time
}

func (d *deadlines) SetWriteDeadline(t time.Time) error {
	d.set = append(d.set, t)
	return nil
}

// An answer that goes on for hours is held to the pace from what was flushed on, and
// may be silent in between.
func TestPaceBeginsAnewBehindAFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		steady(pace{grace: time.Second, bytes: 1000}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for range 2 {
				w.Write(make([]byte, 1000))
				w.Write(make([]byte, 1000))
				if err := http.NewResponseController(w).Flush(); err != nil {
					t.Error(err)
				}
				<-time.After(time.Hour)
			}
		})).ServeHTTP(d, httptest.NewRequest("GET", "/", nil))
		now := time.Now()
		want := []time.Time{now.Add(-2*time.Hour + 2*time.Second), now.Add(-2*time.Hour + 3*time.Second), {},
			now.Add(-time.Hour + 2*time.Second), now.Add(-time.Hour + 3*time.Second), {}}
		if !slices.EqualFunc(d.set, want, time.Time.Equal) {
			t.Errorf("the deadlines are %v, want %v", d.set, want)
		}
	})
}
