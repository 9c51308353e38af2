package taxii_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"testing"

	"entente/taxii"
)

// severed is a line that breaks once so many octets have come in over it and
// those beside it.
type severed struct {
	net.Conn
	left *atomic.Int64
	as   error
}

func (s severed) Read(p []byte) (int, error) {
	left := s.left.Load()
	if left < 0 {
		return s.Conn.Read(p)
	}
	if left == 0 {
		s.left.Store(-1) // the next connection is whole
		s.Close()
		return 0, s.as
	}
	n, err := s.Conn.Read(p[:min(int64(len(p)), left)])
	s.left.CompareAndSwap(left, left-int64(n)) // unless another line broke meanwhile
	return n, err
}

// Whichever octet of its answers a line breaks after, and however the break
// shows, a run that is repeated from the stored cursor, or that tries again by
// itself, delivers every object once.
func TestCutAfterAnyOctetLosesNothing(t *testing.T) {
	f := newForeign(t).hold(3)
	for _, c := range []struct {
		name     string
		as       error
		attempts int
		step     int // octets
	}{
		{"the end, and the run is repeated", io.EOF, -1, 1},
		{"a reset, and the run is repeated", syscall.ECONNRESET, -1, 7},
		{"the end, and it tries again", io.EOF, 2, 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cut := true
			for after := 0; cut; after += c.step {
				var left atomic.Int64
				left.Store(int64(after))
				dial := func(ctx context.Context, network, address string) (net.Conn, error) {
					conn, err := new(net.Dialer).DialContext(ctx, network, address)
					return severed{conn, &left, c.as}, err
				}
				client := &http.Client{Transport: &http.Transport{DialContext: dial}}
				r := f.reader(t, taxii.WithPageLimit(2), taxii.WithHTTPClient(client), taxii.WithRetry(taxii.Retry{Attempts: c.attempts}))
				err := r.pull(-1)
				if err != nil && c.attempts > 1 {
					t.Fatalf("after %d octets: %v", after, err)
				}
				if err != nil {
					err = r.pull(-1)
				}
				if err != nil {
					t.Fatalf("after %d octets, repeated: %v", after, err)
				}
				r.has(f)
				client.CloseIdleConnections()
				cut = left.Load() < 0 // else the answers were shorter
			}
		})
	}
}
