package exchange_test

import (
	"context"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
)

// gated lets batches with the first object of an id wait, and tells which have been
// written.
type gated struct {
	store.Store
	held    string
	reached chan struct{}
	open    chan struct{}
	written chan string
}

func (g *gated) Commit(ctx context.Context, b *store.Batch) ([]store.Outcome, error) {
	id := ""
	if len(b.Puts) > 0 {
		id = b.Puts[0].ID
	}
	if id == g.held {
		close(g.reached)
		<-g.open
	}
	outcomes, err := g.Store.Commit(ctx, b)
	if id != "" {
		g.written <- id
	}
	return outcomes, err
}

// Who makes something stricter waits for what refers to it and is under way, and for
// nothing else.
func TestOnlyReferrersAreWaitedFor(t *testing.T) {
	h := build(t)
	h.publish(h.operator, malware(1, t1, green), malware(2, t1, green), malware(3, t1, green))
	h.x.Close()
	g := &gated{Store: h.store, held: r1, reached: make(chan struct{}), open: make(chan struct{}), written: make(chan string, 10)}
	var err error
	if h.x, err = exchange.Open(t.Context(), g, exchange.Options{Own: own}); err != nil {
		t.Fatal(err)
	}
	publish := func(object string) chan struct{} {
		done := make(chan struct{})
		go func() {
			defer close(done)
			h.publish(h.operator, object)
		}()
		return done
	}
	ends := func(what string, done <-chan struct{}) {
		t.Helper()
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			t.Fatal(what + " does not end")
		}
	}
	referrer := publish(relation(1, 1, 2, green))
	ends("looking at what the relationship refers to", g.reached)
	ends("what nothing under way refers to", publish(malware(3, t2, red)))
	<-g.written
	end := publish(malware(1, t2, red))
	<-g.written
	select {
	case <-end:
		t.Error("what is under way has seen the end as it was, and is not waited for")
	default:
	}
	close(g.open)
	ends("the relationship", referrer)
	ends("its end", end)
	h.gives("afterwards", r1, 0, 0, 1)
	h.gives("afterwards", m1, 0, 0, 2)
}
