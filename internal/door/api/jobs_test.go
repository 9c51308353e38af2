package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	wire "entente/client"
	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
	"entente/internal/trust/agreement"
)

// callTo makes a server and the context of a call to it.
func callTo(t *testing.T, by account.Principal) (*Server, context.Context) {
	t.Helper()
	db, err := pebble.Open(t.Context(), t.TempDir(), pebble.Options{CacheBytes: 16 << 20, MemTable: 4 << 20})
	if err != nil {
		t.Fatal(err)
	}
	book, err := agreement.Open(db, nil)
	if err != nil {
		t.Fatal(err)
	}
	x, err := exchange.Open(t.Context(), db, exchange.Options{Own: "own", Agreements: book.Policy})
	if err != nil {
		t.Fatal(err)
	}
	s := New(Node{Exchange: x, Accounts: account.New(db, "own", nil), Agreements: book, Store: db, Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
	t.Cleanup(func() {
		s.Close()
		x.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &call{Request: httptest.NewRequest(http.MethodGet, Root, nil), w: httptest.NewRecorder(), who: by, door: &door{Server: s, maxBody: defaultBody, maxBulk: defaultBulk, maxUpload: defaultUpload}}
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
	ana := account.Principal{ID: "ana", Account: "ana"}
	s, ctx := callTo(t, ana)
	began := make(chan struct{})
	j, err := s.jobs.start(ctx, wire.Job{Kind: "import"}, untilTold(began), nil)
	if err != nil {
		t.Fatal(err)
	}
	<-began
	if got, err := s.jobs.get(ana, j.ID); err != nil || got.State != "running" || got.Done != 7 {
		t.Errorf("while it runs: %+v, %v", got, err)
	}
	s.jobs.cancel(ana, j.ID)
	s.jobs.work.Wait()
	if got, err := s.jobs.get(ana, j.ID); err != nil || got.State != "cancelled" {
		t.Errorf("after it was cancelled: %+v, %v", got, err)
	}

	j, err = s.jobs.start(ctx, wire.Job{Kind: "import"}, func(context.Context, func(int64)) (any, error) { return nil, errors.New("no luck") }, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.jobs.work.Wait()
	if got, err := s.jobs.get(ana, j.ID); err != nil || got.State != "failed" || got.Error == nil || got.Error.Code != string(Internal) || got.Error.Detail == "no luck" {
		t.Errorf("after it failed: %+v, %v", got, err)
	}

	began = make(chan struct{})
	if j, err = s.jobs.start(ctx, wire.Job{Kind: "import"}, untilTold(began), nil); err != nil {
		t.Fatal(err)
	}
	<-began
	s.Close()
	if got, err := s.jobs.get(ana, j.ID); err != nil || got.State != "interrupted" {
		t.Errorf("after a stop: %+v, %v", got, err)
	}
	if _, err := s.jobs.start(ctx, wire.Job{Kind: "import"}, nil, nil); err == nil {
		t.Error("a job starts while the node stops")
	}
}

func TestJobsAreBounded(t *testing.T) {
	s, ctx := callTo(t, account.Principal{ID: "ana", Account: "ana"})
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
	ana := account.Principal{ID: "ana", Account: "ana"}
	s, ctx := callTo(t, ana)
	if err := setRow(ctx, s.Store, jobTable, jobsOf(ana)+"x", &wire.Job{ID: "x", State: "running"}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.jobs.get(ana, "x"); err != nil || got.State != "interrupted" {
		t.Errorf("%+v, %v", got, err)
	}
}

// What is refused to one account tells it nothing of the jobs of others.
func TestBusyTellsOnlyOfOnesOwnJobs(t *testing.T) {
	s, ctx := callTo(t, account.Principal{ID: "ana", Account: "ana"})
	c := *callOf(ctx)
	for i := range jobsAtOnce {
		c.who.ID = fmt.Sprintf("other%d", i/jobsOfOne)
		began := make(chan struct{})
		if _, err := s.jobs.start(context.WithValue(ctx, callKey{}, &c), wire.Job{Kind: "import"}, untilTold(began), nil); err != nil {
			t.Fatal(err)
		}
		<-began
	}
	_, err := s.jobs.start(ctx, wire.Job{Kind: "import"}, nil, nil)
	if p, ok := errors.AsType[*problem](err); !ok || p.Code != string(Busy) || strings.ContainsAny(p.Detail, "0123456789") {
		t.Errorf("one too many is answered %v", err)
	}
}

// Of an account's jobs the newest are kept.
func TestJobsKeptAreBounded(t *testing.T) {
	ana := account.Principal{ID: "ana", Account: "ana"}
	s, ctx := callTo(t, ana)
	began := make(chan struct{})
	running, err := s.jobs.start(ctx, wire.Job{Kind: "import"}, untilTold(began), nil)
	if err != nil {
		t.Fatal(err)
	}
	<-began
	var last wire.Job
	for range jobsKept + 5 {
		done := make(chan struct{})
		last, err = s.jobs.start(ctx, wire.Job{Kind: "import"}, func(context.Context, func(int64)) (any, error) { return nil, nil }, func() { close(done) })
		if err != nil {
			t.Fatal(err)
		}
		<-done
	}
	all, err := s.jobs.list(ana)
	if err != nil || len(all) != jobsKept || all[0].ID != running.ID || all[jobsKept-1].ID != last.ID {
		t.Errorf("%d jobs are kept, %v", len(all), err)
	}
}

// A body is taken only when its job has a place, into a folder of the API's
// own, and as long as there is room.
func TestUploadsTakeTheirPlaceFirst(t *testing.T) {
	ana := account.Principal{ID: "ana", Account: "ana", Own: true, Role: account.Admin}
	s, ctx := callTo(t, ana)
	feeds, err := s.Exchange.AddCollection(ctx, ana, exchange.Collection{Alias: "feeds"})
	if err != nil {
		t.Fatal(err)
	}
	s.Files = filepath.Join(t.TempDir(), "incoming")
	s.Room = func() error { return store.ErrFull }
	c := callOf(ctx)
	body := strings.NewReader("{}")
	c.Request = httptest.NewRequest(http.MethodPost, Root, body)
	c.who.Grants = map[string]account.Access{feeds.ID: account.Read | account.Write}
	if f, err := s.takeFile(c); !errors.Is(err, store.ErrFull) || body.Len() != 2 {
		t.Errorf("without room, %v, %v", f, err)
	}
	s.Room = nil
	f, err := s.takeFile(c)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if filepath.Dir(f.Name()) != s.Files {
		t.Errorf("the file is %s", f.Name())
	}
	if info, err := os.Stat(s.Files); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is %v, %v", info, err)
	}
	for range jobsOfOne {
		if _, err := s.jobs.reserve(ctx, wire.Job{Kind: "import"}); err != nil {
			t.Fatal(err)
		}
	}
	body = strings.NewReader("{}")
	c.Request = httptest.NewRequest(http.MethodPost, Root, body)
	_, err = s.importFile(ctx, &InCollection{Collection: "feeds"})
	if p, ok := errors.AsType[*problem](err); !ok || p.Code != string(Busy) || body.Len() != 2 {
		t.Errorf("without a place %d octets are left, %v", body.Len(), err)
	}
}

func TestOldFilesGoAtStart(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "incoming")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "left"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	New(Node{Files: folder})
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is there: %v", err)
	}
}
