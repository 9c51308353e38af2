package exchange_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/audit"
	"entente/internal/trust/tlog"
)

// between stands between an exchange and its store, and looks at or fails what
// the exchange asks. What is nil does nothing.
type between struct {
	store.Store

	mu       sync.Mutex
	commit   func() error
	versions func(id string) error
	changes  func(limit int)
	row      func(table string)
}

func (b *between) set(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
}

func (b *between) Commit(ctx context.Context, batch *store.Batch) ([]store.Outcome, error) {
	b.mu.Lock()
	commit := b.commit
	b.mu.Unlock()
	if commit != nil {
		if err := commit(); err != nil {
			return nil, err
		}
	}
	return b.Store.Commit(ctx, batch)
}

func (b *between) Versions(ctx context.Context, c store.Collection, id string, visible *store.Classes) ([]store.Row, error) {
	b.mu.Lock()
	versions := b.versions
	b.mu.Unlock()
	if versions != nil {
		if err := versions(id); err != nil {
			return nil, err
		}
	}
	return b.Store.Versions(ctx, c, id, visible)
}

func (b *between) Changes(ctx context.Context, after store.Tick, limit int) (*store.Changes, error) {
	b.mu.Lock()
	changes := b.changes
	b.mu.Unlock()
	if changes != nil {
		changes(limit)
	}
	return b.Store.Changes(ctx, after, limit)
}

func (b *between) Rows(table, prefix string) iter.Seq2[store.Keyed, error] {
	b.mu.Lock()
	row := b.row
	b.mu.Unlock()
	return func(yield func(store.Keyed, error) bool) {
		for r, err := range b.Store.Rows(table, prefix) {
			if row != nil {
				row(table)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// buildBetween is build with something between the exchange and its store.
func buildBetween(t *testing.T) (*house, *between) {
	t.Helper()
	h := build(t)
	h.x.Close()
	b := &between{Store: h.store}
	x, err := exchange.Open(t.Context(), b, exchange.Options{Own: own, Agreements: h.book.Policy,
		Now: func() time.Time { return time.Now().Add(time.Duration(h.ahead.Load())) }})
	if err != nil {
		t.Fatal(err)
	}
	h.x = x
	return h, b
}

func noteID(n int) string { return fmt.Sprintf("note--00000000-0000-4000-8000-%012d", n) }

// killed ends the exchange as a kill would, and starts it again.
func (h *house) killed() {
	h.t.Helper()
	if err := h.store.Close(); err != nil {
		h.t.Fatal(err)
	}
	h.x.Close()
	h.open()
}

func (h *house) write(do func(tx store.Tx) error) {
	h.t.Helper()
	if _, err := h.store.Commit(h.t.Context(), &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error { return do(tx) }}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) denials() []audit.Denial {
	h.t.Helper()
	list, err := h.x.Denials(h.t.Context(), h.operator, time.Time{}, 10)
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

func (h *house) whoSaw(n int) []exchange.Sight {
	h.t.Helper()
	sights, _, err := h.x.WhoSaw(h.t.Context(), h.operator, noteID(n))
	if err != nil {
		h.t.Fatal(err)
	}
	return sights
}

// Whatever is taken out of what was sealed, or put into it, is found.
func TestVerifyFindsWhatIsGoneOrAdded(t *testing.T) {
	drop := func(tx store.Tx, table string, which func(key string) bool) error {
		var keys []string
		for row, err := range tx.Rows(table, "") {
			if err != nil {
				return err
			}
			if which(row.Key) {
				keys = append(keys, row.Key)
			}
		}
		if len(keys) == 0 {
			return errors.New("nothing to drop")
		}
		for _, key := range keys {
			tx.Delete(table, key)
		}
		return nil
	}
	any := func(string) bool { return true }
	for name, change := range map[string]func(tx store.Tx) error{
		"all seals and readings": func(tx store.Tx) error {
			return errors.Join(drop(tx, "audit-seal", any), drop(tx, "audit-reading", any))
		},
		"the newest seal and its readings": func(tx store.Tx) error {
			newest := ""
			for row, err := range tx.Rows("audit-seal", "0") {
				if err != nil {
					return err
				}
				newest = row.Key[:16]
			}
			of := func(key string) bool { return strings.HasPrefix(key, newest) }
			return errors.Join(drop(tx, "audit-reading", func(key string) bool {
				_, err := tx.Get("audit-seal", newest+" "+key)
				return err == nil
			}), drop(tx, "audit-seal", of))
		},
		"a reading": func(tx store.Tx) error { return drop(tx, "audit-reading", any) },
		"a reading more": func(tx store.Tx) error {
			r := audit.Reading{Collection: 1, By: audit.Reader{ID: "x", Account: "ana", Org: own}, From: 5, Until: 6, Objects: audit.Runs{{First: 1, Last: 9}}}
			tx.Set("audit-reading", r.Key(), r.Value())
			return nil
		},
		"an act": func(tx store.Tx) error { return drop(tx, "audit", any) },
		"an act more, of before": func(tx store.Tx) error {
			tx.Set("audit", "0000000000000001 account add x", []byte("{}"))
			return nil
		},
		"a leaf more": func(tx store.Tx) error {
			tlog.Append(tx, tlog.Act{Kind: tlog.Audit, By: "node", Org: own})
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := build(t)
			h.publish(h.operator, object(1, t1, clear, ""))
			for _, by := range []account.Principal{h.bo, h.ana} {
				h.write(func(tx store.Tx) error { audit.Add(tx, audit.Act{Who: "o", What: "w", On: by.Account}); return nil })
				h.read(by, exchange.Query{})
				if _, err := h.x.SealAudit(t.Context(), h.operator); err != nil {
					t.Fatal(err)
				}
			}
			var problems []string
			verify := func() {
				if err := h.x.VerifyAudit(t.Context(), h.operator, func(p string) { problems = append(problems, p) }); err != nil {
					t.Fatal(err)
				}
			}
			if verify(); len(problems) > 0 {
				t.Fatalf("untouched: %q", problems)
			}
			h.write(change)
			if verify(); len(problems) == 0 {
				t.Error("was not found")
			}
		})
	}
}

// A question that finds nothing because of what else it asks, or that is about
// what its reader may read, is no denial.
func TestWhatMayBeReadIsNoDenial(t *testing.T) {
	h := build(t)
	h.publish(h.operator, object(1, t1, clear, ""), secret)
	const face = "indicator--00000000-0000-4000-8000-000000000001"
	for _, q := range []exchange.Query{
		{IDs: []string{noteID(1)}, Versions: store.VersionFilter{Exact: []string{t2}}},
		{IDs: []string{noteID(1)}, Specs: []string{"2.0"}},
		{IDs: []string{noteID(1)}, Types: []string{"malware"}},
		{IDs: []string{face}, Types: []string{"malware"}},
		{IDs: []string{noteID(2)}}, // comes before it is looked up
	} {
		if got := h.read(h.bo, q); len(got) > 0 {
			t.Fatalf("%+v gives %q", q, got)
		}
	}
	h.publish(h.operator, object(2, t1, clear, ""))
	if list := h.denials(); len(list) > 0 {
		t.Errorf("%+v; want no denial", list)
	}
}

// Who reads again while it is written that he has stopped stays announced: a
// kill leaves a gap of him.
func TestReadingWhileLetGoIsAnnounced(t *testing.T) {
	h, b := buildBetween(t)
	h.publish(h.operator, object(1, t1, clear, ""))
	h.read(h.bo, exchange.Query{})
	h.denials() // writes the ledger
	read := make(chan []string, 1)
	b.set(func() {
		b.commit = func() error {
			b.set(func() { b.commit = nil })
			back := make(chan struct{})
			go func() {
				got := h.read(h.bo, exchange.Query{})
				close(back)
				read <- got
			}()
			select {
			case <-back:
			case <-time.After(300 * time.Millisecond): // he waits for this commit, as he should
			}
			return nil
		}
	})
	h.ahead.Store(int64(2 * time.Minute)) // by now bo is quiet
	h.denials()
	if got := <-read; len(got) != 1 {
		t.Fatalf("bo was given %q", got)
	}
	h.killed()
	if _, gaps, err := h.x.WhoSaw(t.Context(), h.operator, noteID(1)); err != nil || len(gaps) != 1 || gaps[0].Reader.Account != "bo" {
		t.Errorf("%+v, %v; want a gap of bo", gaps, err)
	}
}

// What was kept aside is accounted for when a curator is given it, and sealed.
func TestWhatWasKeptAsideIsAccountedFor(t *testing.T) {
	h := build(t)
	h.publish(h.operator, object(1, t1, clear, ""), object(2, t1, clear, ""))
	other := object(1, t1, clear, `,"lang":"en"`)
	h.publish(h.bo, other, object(2, t1, clear, `,"lang":"en"`))
	all, err := h.x.Conflicts(h.cleo, "c", noteID(1))
	if err != nil {
		t.Fatal(err)
	}
	given := 0
	for _, err := range all {
		if given++; err != nil {
			t.Fatal(err)
		}
	}
	sights := h.whoSaw(1)
	digest := sha256.Sum256([]byte(other))
	if given != 1 || len(sights) != 1 || !sights[0].Aside || !sights[0].Content || sights[0].Reader.Account != "cleo" || sights[0].Digest != hex.EncodeToString(digest[:]) {
		t.Errorf("%d given; %+v", given, sights)
	}
	if sights := h.whoSaw(2); len(sights) > 0 {
		t.Errorf("%+v was not given", sights)
	}
	of, _, err := h.x.WhatSaw(t.Context(), h.operator, "cleo", time.Time{}, 10)
	if err != nil || len(of) != 1 || of[0].Object != noteID(1) {
		t.Errorf("%+v, %v; want the one", of, err)
	}
	if seal, err := h.x.SealAudit(t.Context(), h.operator); err != nil || seal.Readings != 1 {
		t.Errorf("%+v, %v", seal, err)
	}
	if sights := h.whoSaw(1); len(sights) != 1 {
		t.Errorf("after the seal: %+v", sights)
	}
}

// Who publishes was given nothing, also where the quota looks at what is there.
func TestTheQuotaGivesNothing(t *testing.T) {
	h := build(t)
	h.limit(exchange.Limits{SourceQuota: 1})
	h.publish(h.bo, object(1, t1, green, ""))
	want(t, "a revocation", verdicts(h.publish(h.bo, object(1, t2, green, `,"revoked":true`))), "new")
	if sights := h.whoSaw(1); len(sights) > 0 {
		t.Errorf("%+v; want none", sights)
	}
}

// A reading lasts until the last was given.
func TestAReadingLasts(t *testing.T) {
	h, b := buildBetween(t)
	h.publish(h.operator, object(1, t1, clear, ""))
	h.read(h.bo, exchange.Query{})
	b.set(func() { b.commit = func() error { return errors.New("the disk is away") } }) // nothing is written between
	h.read(h.bo, exchange.Query{})
	last := time.Now()
	h.read(h.bo, exchange.Query{})
	b.set(func() { b.commit = nil })
	if sights := h.whoSaw(1); len(sights) != 1 || sights[0].Until.Before(last.Truncate(time.Microsecond)) {
		t.Errorf("%+v; want one until %s or later", sights, last)
	}
}

// What cannot be written is written later, how many questions were too many, too.
func TestWhatCouldNotBeWrittenIsKept(t *testing.T) {
	h, b := buildBetween(t)
	h.publish(h.operator, object(1, t1, clear, ""))
	h.read(h.bo, exchange.Query{})
	b.set(func() { b.commit = func() error { return errors.New("the disk is away") } })
	for range 10_003 {
		page, err := h.x.View(h.bo).Page(t.Context(), "c", exchange.Query{Limit: 1, IDs: []string{noteID(7)}})
		if err != nil {
			t.Fatal(err)
		}
		page.Close()
	}
	for range 3 {
		h.read(h.bo, exchange.Query{})
		if _, err := h.x.Denials(t.Context(), h.operator, time.Time{}, 10); err == nil {
			t.Fatal("the audit answers though it could not be written")
		}
	}
	b.set(func() { b.commit = nil })
	if list := h.denials(); len(list) != 1 || !strings.HasPrefix(list[0].Reason, "3 more") {
		t.Errorf("%+v; want that 3 were too many", list)
	}
	if sights := h.whoSaw(1); len(sights) != 1 {
		t.Errorf("%+v; want one", sights)
	}
}

// A question that cannot be looked up keeps nothing else from being written, and
// is counted at last.
func TestAQuestionThatCannotBeLookedUp(t *testing.T) {
	h, b := buildBetween(t)
	h.publish(h.operator, object(1, t1, clear, ""), object(2, t1, amber, ""))
	bad := noteID(9)
	b.set(func() {
		b.versions = func(id string) error {
			if id == bad {
				return errors.New("a block is damaged")
			}
			return nil
		}
	})
	h.read(h.bo, exchange.Query{IDs: []string{bad}})
	h.read(h.bo, exchange.Query{IDs: []string{noteID(2)}})
	h.read(h.bo, exchange.Query{})
	if list := h.denials(); len(list) == 0 || list[0].Object != noteID(2) {
		t.Errorf("%+v; want the question that can be looked up", list)
	}
	if sights := h.whoSaw(1); len(sights) != 1 {
		t.Errorf("%+v; want one", sights)
	}
	if list := h.denials(); len(list) != 2 || !strings.HasPrefix(list[1].Reason, "1 more") {
		t.Errorf("%+v; want that one could not be looked up", list)
	}
}

// The audit answers also while objects keep coming.
func TestTheAuditAnswersUnderIngest(t *testing.T) {
	h, b := buildBetween(t)
	h.publish(h.operator, object(1, t1, clear, ""))
	h.x.Follow()
	h.followed()
	n := 1
	b.set(func() {
		b.changes = func(limit int) {
			if limit == 1 { // who asks whether the follower is behind
				n++
				h.publish(h.operator, object(n, t1, clear, ""))
			}
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if _, _, err := h.x.WhoSaw(ctx, h.operator, noteID(1)); err != nil {
		t.Error(err)
	}
	b.set(func() { b.changes = nil })
}

// Sealing reads the acts since the last seal, and verifying reads each act once,
// however many seals there are.
func TestSealsReadActsOnce(t *testing.T) {
	h, b := buildBetween(t)
	var mu sync.Mutex
	acts := 0
	b.set(func() {
		b.row = func(table string) {
			mu.Lock()
			defer mu.Unlock()
			if table == audit.Table {
				acts++
			}
		}
	})
	read := func() (n int) {
		mu.Lock()
		defer mu.Unlock()
		n, acts = acts, 0
		return n
	}
	const seals = 8
	for n := range seals {
		h.write(func(tx store.Tx) error { audit.Add(tx, audit.Act{Who: "o", What: "w", On: fmt.Sprint(n)}); return nil })
		s, err := h.x.SealAudit(t.Context(), h.operator)
		if got := read(); err != nil || s.Acts != 1 || got != 1 {
			t.Fatalf("seal %d: %+v, %v; it read %d acts", n, s, err, got)
		}
	}
	if err := h.x.VerifyAudit(t.Context(), h.operator, func(p string) { t.Error(p) }); err != nil {
		t.Fatal(err)
	}
	if got := read(); got != seals {
		t.Errorf("verifying read %d acts of %d", got, seals)
	}
}
