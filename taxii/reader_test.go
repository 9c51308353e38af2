package taxii_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"entente/taxii"
)

// clock counts the time that a client waits instead of waiting.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	waits []time.Duration
}

func (c *clock) option() taxii.Option {
	c.now = time.Now()
	return taxii.WithClock(
		func() time.Time {
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.now
		},
		func(ctx context.Context, d time.Duration) error {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.now = c.now.Add(d)
			c.waits = append(c.waits, d)
			return ctx.Err()
		})
}

// reader is somebody who follows a collection with a stored cursor.
type reader struct {
	t        tester
	client   *taxii.Client
	clock    *clock
	stored   []byte // the cursor, as it lies on disk
	ids      []string
	raw      []string
	problems []error
	batches  int
}

func (f *foreign) reader(t tester, opts ...taxii.Option) *reader {
	t.Helper()
	r := &reader{t: t, clock: new(clock), stored: []byte("{}")}
	r.client = f.client(t, append([]taxii.Option{r.clock.option()}, opts...)...)
	return r
}

func (f *foreign) client(t tester, opts ...taxii.Option) *taxii.Client {
	t.Helper()
	client, err := taxii.New(f.URL+"/api/", opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

var errEnough = errors.New("enough")

// pull takes at most batches batches and stores the cursor after each.
func (r *reader) pull(batches int) error {
	r.t.Helper()
	var cursor taxii.Cursor
	if err := json.Unmarshal(r.stored, &cursor); err != nil {
		r.t.Fatal(err)
	}
	for batch, err := range r.client.Pull(context.Background(), collectionID, cursor, taxii.Filter{}) {
		if err != nil {
			return err
		}
		if batches == 0 {
			return errEnough
		}
		batches--
		r.batches++
		for _, o := range batch.Objects {
			r.ids = append(r.ids, o.ID)
			r.raw = append(r.raw, string(o.Raw))
		}
		r.problems = append(r.problems, batch.Problems...)
		if r.stored, err = json.Marshal(batch.Cursor); err != nil {
			r.t.Fatal(err)
		}
	}
	return nil
}

// mustPull takes a whole run.
func (r *reader) mustPull() {
	r.t.Helper()
	if err := r.pull(-1); err != nil {
		r.t.Fatal(err)
	}
}

// has checks that exactly the server's objects were delivered, in order, each
// byte for byte.
func (r *reader) has(f *foreign) {
	r.t.Helper()
	if !slices.Equal(r.ids, f.ids()) {
		r.t.Fatalf("delivered %d objects %s\nthe server has %d", len(r.ids), short(r.ids), len(f.entries))
	}
	for i, e := range f.entries {
		if r.raw[i] != e.raw {
			r.t.Fatalf("object %d was delivered as %s\nthe server has %s", i, r.raw[i], e.raw)
		}
	}
}

func short(ids []string) string {
	var b strings.Builder
	for _, id := range ids {
		b.WriteString(" " + strings.TrimLeft(id[max(0, len(id)-12):], "0") + ",")
	}
	return b.String()
}

func (r *reader) cursor() (c taxii.Cursor) {
	r.t.Helper()
	if err := json.Unmarshal(r.stored, &c); err != nil {
		r.t.Fatal(err)
	}
	return c
}
