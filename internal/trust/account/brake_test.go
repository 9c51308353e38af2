package account

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// took measures how long a failure is held back.
func took(b *brake, ctx context.Context, name, source string) time.Duration {
	start := time.Now()
	_ = b.wait(ctx, name, source, start) // the error is another test's
	return time.Since(start)
}

func TestFailuresAreHeldBackEverLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBrake()
		var last time.Duration
		for n := range 12 {
			d := took(b, t.Context(), "ana", "192.0.2.1")
			if d < last || d > 2*time.Second {
				t.Errorf("failure %d was held back for %v after %v; want rising, 2 s at most", n, d, last)
			}
			last = d
		}
		if last != 2*time.Second {
			t.Errorf("the twelfth failure was held back for %v, want 2 s", last)
		}
	})
}

func TestFailuresOfOneDoNotSlowAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBrake()
		fresh := took(b, t.Context(), "bo", "192.0.2.9")
		for range 10 {
			took(b, t.Context(), "ana", "192.0.2.1")
		}
		for _, other := range []attempt{{"ana", "192.0.2.2"}, {"cy", "192.0.2.1"}} {
			if d := took(b, t.Context(), other.name, other.source); d != fresh {
				t.Errorf("the first failure of %v was held back for %v, want %v", other, d, fresh)
			}
		}
	})
}

func TestHoldingBackEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBrake()
		for range 10 {
			took(b, t.Context(), "ana", "192.0.2.1")
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		start := time.Now()
		if err := b.wait(ctx, "ana", "192.0.2.1", start); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("wait answered %v, want the context's error", err)
		}
		if d := time.Since(start); d != 10*time.Millisecond {
			t.Errorf("it took %v, want the context's 10 ms", d)
		}
	})
}

func TestFailuresAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBrake()
		first := took(b, t.Context(), "ana", "192.0.2.1")
		for range 5 {
			took(b, t.Context(), "ana", "192.0.2.1")
		}
		<-time.After(forgetAfter + time.Second) // of the bubble's clock
		if d := took(b, t.Context(), "ana", "192.0.2.1"); d != first {
			t.Errorf("after a quiet time a failure was held back for %v, want %v", d, first)
		}
	})
}

// Attackers choose names and may hold connections open; neither may cost more
// than a bounded amount.
func TestBrakeIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBrake()
		for range 8 {
			took(b, t.Context(), "ana", "192.0.2.1")
		}
		var wg sync.WaitGroup
		for range maxWaiting {
			wg.Go(func() { took(b, t.Context(), "ana", "192.0.2.1") })
		}
		synctest.Wait()
		if d := took(b, t.Context(), "ana", "192.0.2.1"); d != 0 {
			t.Errorf("with %d waiting, one more was held back for %v, want to be answered at once", maxWaiting, d)
		}
		wg.Wait()
		now := time.Now()
		for i := range maxAttempts + 100 {
			if _, ok := b.enter(attemptOf(fmt.Sprintf("name%d", i), "192.0.2.1"), now); ok {
				b.leave()
			}
		}
		if n := len(b.failed); n > maxAttempts {
			t.Errorf("%d attempts are remembered, want at most %d", n, maxAttempts)
		}
		if a := attemptOf(string(make([]byte, 1<<20)), "192.0.2.1"); a.name != "" {
			t.Errorf("a name of 1 MiB that no account can have is remembered")
		}
	})
}
