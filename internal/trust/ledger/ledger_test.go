package ledger_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/store"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
	"entente/internal/trust/audit"
	"entente/internal/trust/ledger"
)

var bo = ledger.ReaderOf(account.Principal{Account: "bo", Org: "Brookwater"})

func openStore(t *testing.T) store.Store {
	t.Helper()
	st, err := pebble.Open(t.Context(), "store", pebble.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return st
}

// openLedger knows of one object, "here", that nobody may read.
func openLedger(t *testing.T, st store.Store) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(t.Context(), st, ledger.Options{Own: "CERT", Now: time.Now, Logger: slog.New(slog.DiscardHandler),
		Denied: func(_ context.Context, q *ledger.Question) (string, bool, error) {
			return "for nobody", q.Denial.Object == "here", nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func give(t *testing.T, l *ledger.Ledger, id string) {
	t.Helper()
	if err := l.GiveAside(t.Context(), bo, audit.Footing{}, 1, audit.Aside{ID: id}); err != nil {
		t.Fatal(err)
	}
}

func given(t *testing.T, l *ledger.Ledger) (ids []string) {
	t.Helper()
	for r, err := range l.Readings("") {
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range r.Asides {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

func TestWhatIsGivenIsWrittenAndSealed(t *testing.T) {
	l := openLedger(t, openStore(t))
	give(t, l, "a")
	if ids := given(t, l); len(ids) != 0 {
		t.Fatalf("before it is written, %q are told", ids)
	}
	if err := l.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	if ids := given(t, l); len(ids) != 1 || ids[0] != "a" {
		t.Fatalf("%q are told to be given", ids)
	}
	seal, err := l.Seal(t.Context())
	if err != nil || seal.Readings != 1 {
		t.Fatalf("%+v, %v", seal, err)
	}
	if err := l.Verify(t.Context(), func(problem string) { t.Error(problem) }); err != nil {
		t.Fatal(err)
	}
}

// Who is given things on several footings has a reading for each, however close they
// are, and each tells on what; reading on and on adds no more.
func TestEachFootingHasItsReading(t *testing.T) {
	st := openStore(t)
	l := openLedger(t, st)
	for range 3 {
		for _, purpose := range []string{"defence", "research"} {
			for _, agreed := range []string{"", "a/1", "a/2"} {
				if err := l.GiveAside(t.Context(), bo, audit.Footing{Purpose: purpose, Agreed: agreed}, 1, audit.Aside{ID: purpose + agreed}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := l.Write(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	var last audit.Reading
	for r, err := range l.Readings("") {
		if err != nil {
			t.Fatal(err)
		}
		f, known, err := l.Footing(r.Footing)
		if err != nil || !known || len(r.Asides) != 1 || r.Asides[0].ID != f.Purpose+f.Agreed {
			t.Errorf("%+v on %+v, %v, %v", r, f, known, err)
		}
		n, last = n+1, r
	}
	if n != 6 {
		t.Errorf("%d readings; want one for each footing", n)
	}
	if _, err := l.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := l.Verify(t.Context(), func(problem string) { t.Error(problem) }); err != nil {
		t.Fatal(err)
	}
	// Whoever changes on what something was given is found out.
	_, other := audit.Footing{Purpose: "publication"}.Row()
	for _, change := range []func(store.Tx){
		func(tx store.Tx) { tx.Set("audit-footing", last.Footing.String(), other) },
		func(tx store.Tx) { tx.Delete("audit-footing", last.Footing.String()) },
	} {
		if _, err := st.Commit(t.Context(), &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error { change(tx); return nil }}); err != nil {
			t.Fatal(err)
		}
		found := 0
		if err := l.Verify(t.Context(), func(string) { found++ }); err != nil || found != 1 {
			t.Errorf("%d found, %v; want one", found, err)
		}
	}
}

func TestAKillLeavesAGap(t *testing.T) {
	st := openStore(t)
	give(t, openLedger(t, st), "a") // whose process ends before it writes
	gaps, err := openLedger(t, st).Gaps()
	if err != nil || len(gaps) != 1 || gaps[0].Reader != bo {
		t.Errorf("gaps: %+v, %v", gaps, err)
	}
	if gaps, err = openLedger(t, st).Gaps(); err != nil || len(gaps) != 1 {
		t.Errorf("after another start: %+v, %v", gaps, err)
	}
}

func TestOnlyWhatIsHereIsDenied(t *testing.T) {
	l := openLedger(t, openStore(t))
	for _, id := range []string{"absent", "here"} {
		l.Ask(ledger.Question{Denial: audit.Denial{Time: time.Now(), Reader: bo, Object: id}})
	}
	if err := l.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := l.Denials(time.Time{}, 10)
	if err != nil || len(list) != 1 || list[0].Object != "here" || list[0].Reason != "for nobody" {
		t.Errorf("denials: %+v, %v", list, err)
	}
}
