package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	wire "entente/client"
	"entente/internal/exchange"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
)

// callTo makes a server and the context of a call to it.
func callTo(t *testing.T, by account.Principal) (*Server, context.Context) {
	t.Helper()
	db, err := pebble.Open(t.Context(), t.TempDir(), pebble.Options{CacheBytes: 16 << 20, MemTable: 4 << 20})
	if err != nil {
		t.Fatal(err)
	}
	x, err := exchange.Open(t.Context(), db, exchange.Options{Own: "own"})
	if err != nil {
		t.Fatal(err)
	}
	s := New(Node{Exchange: x, Accounts: account.New(db, "own", nil), Store: db, Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
	t.Cleanup(func() {
		s.Close()
		x.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &call{Request: httptest.NewRequest(http.MethodGet, Root, nil), w: httptest.NewRecorder(), who: by, door: &door{Server: s}}
	return s, context.WithValue(t.Context(), callKey{}, c)
}

// untilTold runs until it is cancelled, and tells that it does.
func untilTold(began chan<- struct{}) func(context.Context, func(int64)) (any, error) {
	return func(ctx context.Context, progress func(int64)) (any, error) {
		progress(7)
		close(began)
		<-ctx.Done()
		return nil, ctx.Err()
	}
}

func TestJobsLife(t *testing.T) {
	s, ctx := callTo(t, account.Principal{Account: "ana"})
	began := make(chan struct{})
	j, err := s.jobs.start(ctx, wire.Job{Kind: "import"}, untilTold(began), nil)
	if err != nil {
		t.Fatal(err)
	}
	<-began
	if got, err := s.jobs.get(j.ID); err != nil || got.State != "running" || got.Done != 7 {
		t.Errorf("while it runs: %+v, %v", got, err)
	}
	s.jobs.cancel(j.ID)
	s.jobs.work.Wait()
	if got, err := s.jobs.get(j.ID); err != nil || got.State != "cancelled" {
		t.Errorf("after it was cancelled: %+v, %v", got, err)
	}

	j, err = s.jobs.start(ctx, wire.Job{Kind: "import"}, func(context.Context, func(int64)) (any, error) { return nil, errors.New("no luck") }, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.jobs.work.Wait()
	if got, err := s.jobs.get(j.ID); err != nil || got.State != "failed" || got.Error == nil || got.Error.Code != string(Internal) || got.Error.Detail == "no luck" {
		t.Errorf("after it failed: %+v, %v", got, err)
	}

	began = make(chan struct{})
	if j, err = s.jobs.start(ctx, wire.Job{Kind: "import"}, untilTold(began), nil); err != nil {
		t.Fatal(err)
	}
	<-began
	s.Close()
	if got, err := s.jobs.get(j.ID); err != nil || got.State != "interrupted" {
		t.Errorf("after a stop: %+v, %v", got, err)
	}
	if _, err := s.jobs.start(ctx, wire.Job{Kind: "import"}, nil, nil); err == nil {
		t.Error("a job starts while the node stops")
	}
}

func TestJobsAreBounded(t *testing.T) {
	s, ctx := callTo(t, account.Principal{Account: "ana"})
	afters := 0
	for range jobsOfOne {
		began := make(chan struct{})
		if _, err := s.jobs.start(ctx, wire.Job{Kind: "import"}, untilTold(began), nil); err != nil {
			t.Fatal(err)
		}
		<-began
	}
	_, err := s.jobs.start(ctx, wire.Job{Kind: "import"}, nil, func() { afters++ })
	if p, ok := errors.AsType[*problem](err); !ok || p.Code != string(Busy) || afters != 1 {
		t.Errorf("one too many is answered %v", err)
	}
}

// A node that was killed says of what ran that it was cut off.
func TestJobOfAKilledNode(t *testing.T) {
	s, ctx := callTo(t, account.Principal{Account: "ana"})
	if err := setRow(ctx, s.Store, jobTable, "x", &wire.Job{ID: "x", State: "running"}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.jobs.get("x"); err != nil || got.State != "interrupted" {
		t.Errorf("%+v, %v", got, err)
	}
}
