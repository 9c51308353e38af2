package exchange_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
	"entente/internal/trust/agreement"
	"entente/internal/trust/handling"
	"entente/internal/trust/tlog"
	"entente/stix"
)

// house is a node's exchange on a real engine, and the people who use it.
type house struct {
	t        *testing.T
	dir      string
	store    *pebble.Store
	book     *agreement.Book
	x        *exchange.Exchange
	identity string       // of the own member; mostly none
	ahead    atomic.Int64 // by how much the clock of embargoes is, in nanoseconds

	operator account.Principal
	ana      account.Principal // own analyst, reads and writes
	bo       account.Principal // partner, reads and writes
	cy       account.Principal // own account without a grant
	wim      account.Principal // own account that may only write
	cleo     account.Principal // own curator
}

const own = "CERT Estmark"

func build(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), operator: account.Operator(own)}
	h.open()
	t.Cleanup(func() { h.close() })
	c, err := h.x.AddCollection(t.Context(), h.operator, exchange.Collection{Alias: "c"})
	if err != nil {
		t.Fatal(err)
	}
	rw := map[string]account.Access{c.ID: account.Read | account.Write}
	h.ana = account.Principal{Account: "ana", Org: own, Own: true, Role: account.Contributor, Grants: rw}
	h.bo = account.Principal{Account: "bo", Org: "Brookwater", Role: account.Contributor, Grants: rw}
	h.cy = account.Principal{Account: "cy", Org: own, Own: true, Role: account.Contributor}
	h.wim = account.Principal{Account: "wim", Org: own, Own: true, Role: account.Contributor, Grants: map[string]account.Access{c.ID: account.Write}}
	h.cleo = account.Principal{Account: "cleo", Org: own, Own: true, Role: account.Curator, Grants: rw}
	return h
}

func (h *house) open() {
	h.t.Helper()
	st, err := pebble.Open(h.t.Context(), h.dir, pebble.Options{})
	if err != nil {
		h.t.Fatal(err)
	}
	h.store = st
	h.book, err = agreement.Open(st, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	h.x, err = exchange.Open(h.t.Context(), st, exchange.Options{Own: own, Identity: h.identity, Agreements: h.book.Policy, Belong: []string{"ticks"},
		Now: func() time.Time { return time.Now().Add(time.Duration(h.ahead.Load())) }})
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) close() {
	h.x.Close()
	if err := h.store.Close(); err != nil {
		h.t.Error(err)
	}
}

const (
	clear   = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
	green   = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
	amber   = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
	red     = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
	private = "marking-definition--77777777-7777-4777-8777-777777777777"
)

// object makes a note whose id ends in n; more is spliced in before the end.
func object(n int, modified, marking, more string) string {
	m := ""
	if marking != "" {
		m = `,"object_marking_refs":["` + marking + `"]`
	}
	return fmt.Sprintf(`{"type":"note","spec_version":"2.1","id":"note--00000000-0000-4000-8000-%012d","created":"2026-01-01T00:00:00Z","modified":%q,"content":"n","object_refs":["identity--00000000-0000-4000-8000-000000000001"]%s%s}`, n, modified, m, more)
}

const (
	t1 = "2026-01-01T00:00:00Z"
	t2 = "2026-01-02T00:00:00Z"
)

func (h *house) publish(by account.Principal, raw ...string) []exchange.Result {
	h.t.Helper()
	results, err := h.x.Publish(h.t.Context(), by, publication(h.t, raw...))
	if err != nil {
		h.t.Fatal(err)
	}
	return results
}

// from publishes what another organisation sent.
func (h *house) from(source string, raw ...string) []exchange.Result {
	h.t.Helper()
	p := publication(h.t, raw...)
	p.Source = source
	results, err := h.x.Publish(h.t.Context(), h.operator, p)
	if err != nil {
		h.t.Fatal(err)
	}
	return results
}

func publication(t *testing.T, raw ...string) exchange.Publication {
	t.Helper()
	p := exchange.Publication{Collection: "c"}
	for _, r := range raw {
		o, err := stix.Read([]byte(r))
		if err != nil {
			t.Fatal(err)
		}
		p.Objects = append(p.Objects, o)
	}
	return p
}

// verdicts as one word each.
func verdicts(results []exchange.Result) string {
	var words []string
	for _, r := range results {
		words = append(words, string(r.Verdict))
	}
	return strings.Join(words, " ")
}

// sees lists the last digits of the ids on all pages, in order.
func (h *house) sees(p account.Principal, q exchange.Query) string {
	h.t.Helper()
	var ids []string
	q.Bodies = true
	if q.Limit == 0 {
		q.Limit = 2
	}
	for {
		page, err := h.x.View(p).Page(h.t.Context(), "c", q)
		if err != nil {
			h.t.Fatal(err)
		}
		for i := range page.Len() {
			ids = append(ids, strings.Clone(strings.TrimLeft(page.ID(i)[len(page.ID(i))-12:], "0"))) // the page's own is gone with it
			if !bytes.Contains(page.Bytes(i), []byte(page.ID(i))) {
				h.t.Errorf("the bytes of %s are another object's", page.ID(i))
			}
		}
		next := page.Next
		if more := page.More(); more != (next != "") {
			h.t.Errorf("more is %v and next is %q", more, next)
		}
		page.Close()
		if next == "" {
			return strings.Join(ids, " ")
		}
		q.Next = next
	}
}

func want(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestPublishTellsWhatBecameOfEachObject(t *testing.T) {
	h := build(t)
	want(t, "first", verdicts(h.publish(h.ana, object(1, t2, green, ""), object(2, t1, green, ""))), "new new")
	want(t, "again", verdicts(h.publish(h.ana, object(1, t2, green, ""))), "same")
	want(t, "other white space", verdicts(h.publish(h.ana, strings.Replace(object(1, t2, green, ""), ",", " ,\n", 1))), "same")
	want(t, "an older version", verdicts(h.publish(h.ana, object(1, t1, green, ""))), "older")
	want(t, "other content", verdicts(h.publish(h.ana, object(1, t2, green, `,"lang":"en"`))), "conflict")
	want(t, "good among bad", verdicts(h.publish(h.ana, object(3, t1, green, ""), `{"type":"note","id":"no-id"}`,
		object(4, "2026-13-01T00:00:00Z", green, ""), object(5, t1, green, ""))), "new refused refused new")
	want(t, "what is there", h.sees(h.ana, exchange.Query{}), "1 2 3 5")
	want(t, "with history", h.sees(h.ana, exchange.Query{Versions: store.VersionFilter{All: true}}), "1 2 1 3 5")
}

func TestRefusalsSayWhy(t *testing.T) {
	h := build(t)
	results := h.publish(h.ana, `{"type":"note","id":"note--1"}`, object(1, "yesterday", green, ""),
		strings.Replace(object(2, t1, green, ""), `"2.1"`, `"2.2"`, 1))
	for _, r := range results {
		if r.Verdict != exchange.Refused || r.Reason == "" {
			t.Errorf("%+v: want a refusal with its reason", r)
		}
	}
}

// TestAnIDIsOfItsObjectsType: by its id alone whoever refers to an object knows
// what it is. What else of the specification an object breaks is kept as it came.
func TestAnIDIsOfItsObjectsType(t *testing.T) {
	h := build(t)
	results := h.publish(h.ana,
		strings.Replace(object(1, t1, green, ""), `"note--`, `"tool--`, 1),
		strings.Replace(object(1, t1, green, ""), `"note--`, `"x-note--`, 1),
		strings.Replace(strings.Replace(object(1, t1, green, ""), `"2.1"`, `"2.0"`, 1), `"note--`, `"tool--`, 1),
		object(1, t1, green, `,"abstract":null`))
	want(t, "verdicts", verdicts(results), "refused refused refused new")
	want(t, "why", results[0].Reason, `id: it is that of an object of type "tool", and this is one of type "note"; correct the one that is wrong (STIX 2.1 section 2.9)`)
	want(t, "what is there", h.sees(h.ana, exchange.Query{}), "1")
}

func TestWhoSeesWhat(t *testing.T) {
	h := build(t)
	h.publish(h.operator, object(1, t1, clear, ""), object(2, t1, green, ""), object(3, t1, amber, ""), object(4, t1, red, ""),
		object(5, t1, "", ""), object(6, t1, private, ""),
		object(7, t1, green, `,"granular_markings":[{"marking_ref":"`+red+`","selectors":["content"]}]`))
	want(t, "own analyst", h.sees(h.ana, exchange.Query{}), "1 2 3 5 6")
	want(t, "partner", h.sees(h.bo, exchange.Query{}), "1 2")
	want(t, "curator", h.sees(h.cleo, exchange.Query{}), "1 2 3 4 5 6 7")
	if _, err := h.x.View(h.cy).Page(t.Context(), "c", exchange.Query{Limit: 1}); !errors.Is(err, exchange.ErrNotFound) {
		t.Errorf("without a grant: %v, want ErrNotFound", err)
	}
	if _, err := h.x.View(h.wim).Page(t.Context(), "c", exchange.Query{Limit: 1}); !errors.Is(err, exchange.ErrForbidden) {
		t.Errorf("with a grant to write: %v, want ErrForbidden", err)
	}
	if got := len(h.x.View(h.cy).Collections()); got != 0 {
		t.Errorf("without a grant %d collections exist", got)
	}
}

// A newer version that the reader may not see does not hide the older one, unless
// it is the producer's.
func TestLatestIsTheReadersLatest(t *testing.T) {
	h := build(t)
	h.publish(h.operator, object(1, t1, green, ""))
	h.from("Fernwood", object(1, t2, red, ""))
	for _, p := range []account.Principal{h.bo, h.ana} {
		page, err := h.x.View(p).Page(t.Context(), "c", exchange.Query{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		if page.Len() != 1 || page.Version(0) != t1 {
			t.Errorf("%s sees %d objects, want the older version", p.Account, page.Len())
		}
		page.Close()
	}
	want(t, "curator", h.sees(h.cleo, exchange.Query{Versions: store.VersionFilter{All: true}}), "1 1")
}

func TestWritingNeedsAGrant(t *testing.T) {
	h := build(t)
	reader := h.ana
	reader.Grants = map[string]account.Access{}
	for id := range h.ana.Grants {
		reader.Grants[id] = account.Read
	}
	if _, err := h.x.Publish(t.Context(), reader, publication(t, object(1, t1, green, ""))); !errors.Is(err, exchange.ErrForbidden) {
		t.Errorf("a reader published: %v", err)
	}
	if _, err := h.x.Publish(t.Context(), h.cy, publication(t, object(1, t1, green, ""))); !errors.Is(err, exchange.ErrNotFound) {
		t.Errorf("a stranger published: %v", err)
	}
	if _, err := h.x.Recall(t.Context(), reader, "c", "note--00000000-0000-4000-8000-000000000001", exchange.Query{}); !errors.Is(err, exchange.ErrForbidden) {
		t.Errorf("a reader recalled: %v", err)
	}
	want(t, "nothing was written", h.sees(h.ana, exchange.Query{}), "")
}

func TestCursorsBelongToOneListing(t *testing.T) {
	h := build(t)
	h.publish(h.operator, object(1, t1, green, ""), object(2, t1, green, ""), object(3, t1, green, ""))
	q := exchange.Query{Limit: 1, Types: []string{"note"}}
	page, err := h.x.View(h.ana).Page(t.Context(), "c", q)
	if err != nil {
		t.Fatal(err)
	}
	next := page.Next
	page.Close()
	try := func(p account.Principal, change func(*exchange.Query)) error {
		q := q
		q.Next = next
		change(&q)
		page, err := h.x.View(p).Page(t.Context(), "c", q)
		if err == nil {
			page.Close()
		}
		return err
	}
	if err := try(h.ana, func(*exchange.Query) {}); err != nil {
		t.Errorf("the cursor itself: %v", err)
	}
	if err := try(h.ana, func(q *exchange.Query) { q.Limit = 100 }); err != nil {
		t.Errorf("with another limit: %v", err)
	}
	for name, err := range map[string]error{
		"another reader":  try(h.bo, func(*exchange.Query) {}),
		"another filter":  try(h.ana, func(q *exchange.Query) { q.Types = nil }),
		"other versions":  try(h.ana, func(q *exchange.Query) { q.Versions.All = true }),
		"one id":          try(h.ana, func(q *exchange.Query) { q.IDs = []string{"x"} }),
		"garbage":         try(h.ana, func(q *exchange.Query) { q.Next = "AAAA" }),
		"not base64":      try(h.ana, func(q *exchange.Query) { q.Next = "../../etc" }),
		"one bit changed": try(h.ana, func(q *exchange.Query) { q.Next = flip(next) }),
	} {
		if !errors.Is(err, exchange.ErrBadCursor) {
			t.Errorf("%s: %v, want ErrBadCursor", name, err)
		}
	}
}

func flip(s string) string {
	b := []byte(s)
	if b[9]++; b[9] > 'y' {
		b[9] = 'A'
	}
	return string(b)
}

func TestRecallTouchesOnlyWhatIsSeen(t *testing.T) {
	h := build(t)
	h.publish(h.operator, object(1, t1, green, ""), object(2, t1, red, ""))
	h.from("Fernwood", object(1, t2, red, ""))
	id := "note--00000000-0000-4000-8000-000000000001"
	n, err := h.x.Recall(t.Context(), h.bo, "c", id, exchange.Query{})
	if err != nil || n != 1 {
		t.Fatalf("recalled %d, %v; want the one green version", n, err)
	}
	want(t, "curator", h.sees(h.cleo, exchange.Query{}), "2 1")
	want(t, "partner", h.sees(h.bo, exchange.Query{}), "")
	if _, err := h.x.Recall(t.Context(), h.bo, "c", strings.Replace(id, "01", "02", 1), exchange.Query{}); !errors.Is(err, exchange.ErrNotFound) {
		t.Errorf("recalling what is not seen: %v, want ErrNotFound", err)
	}
}

// The act and its leaf are one transaction; a local import is no act.
func TestActsTowardsOthersAreLogged(t *testing.T) {
	h := build(t)
	h.publish(h.operator, object(1, t1, green, ""))
	if n := h.store.LogSize(); n != 0 {
		t.Fatalf("a local import left %d leaves", n)
	}
	h.publish(h.ana, object(2, t1, green, ""), object(3, t1, green, ""))
	h.publish(h.ana, object(2, t1, green, "")) // nothing new, no act
	if _, err := h.x.Recall(t.Context(), h.ana, "c", "note--00000000-0000-4000-8000-000000000003", exchange.Query{}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for e, err := range tlog.Entries(h.store, 0) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s by %s of %d", e.Act.Kind, e.Act.By, e.Act.Objects))
	}
	want(t, "log", strings.Join(got, ", "), "share by ana of 2, recall by ana of 1")
}

func TestRecordIsWrittenWithTheBatch(t *testing.T) {
	h := build(t)
	p := publication(t, object(1, t1, green, ""))
	p.Record = func(results []exchange.Result) (string, string, []byte) {
		return "status", "s1", []byte(results[0].Verdict)
	}
	if _, err := h.x.Publish(t.Context(), h.ana, p); err != nil {
		t.Fatal(err)
	}
	row, err := h.x.Record("status", "s1")
	if err != nil || string(row) != "new" {
		t.Errorf("record %q, %v", row, err)
	}
	if _, err := h.x.Record("status", "s2"); !errors.Is(err, exchange.ErrNotFound) {
		t.Errorf("a record never written: %v", err)
	}
}

func TestCollections(t *testing.T) {
	h := build(t)
	ctx := t.Context()
	if _, err := h.x.AddCollection(ctx, h.operator, exchange.Collection{Alias: "c"}); !errors.Is(err, exchange.ErrExists) {
		t.Errorf("the same alias twice: %v", err)
	}
	for _, alias := range []string{"", "A", "-x", "a b", strings.Repeat("a", 65), "0f4ba2e2-8a44-4c6f-9f3a-8a2f6f0e7a11"} {
		if _, err := h.x.AddCollection(ctx, h.operator, exchange.Collection{Alias: alias}); !errors.Is(err, exchange.ErrInvalid) {
			t.Errorf("alias %q: %v, want ErrInvalid", alias, err)
		}
	}
	if _, err := h.x.AddCollection(ctx, h.ana, exchange.Collection{Alias: "d"}); !errors.Is(err, exchange.ErrForbidden) {
		t.Errorf("a contributor added a collection: %v", err)
	}
	d, err := h.x.AddCollection(ctx, h.operator, exchange.Collection{Alias: "d", Marking: handling.Green})
	if err != nil || d.Number != 2 {
		t.Fatalf("%+v, %v", d, err)
	}
	h.close()
	h.open()
	back, err := h.x.View(h.operator).Collection(d.ID)
	if err != nil || back.Collection != d {
		t.Errorf("after reopening %+v, %v; want %+v", back, err, d)
	}
}

func TestARemovedCollectionIsGoneAtOnceAndItsObjectsSoon(t *testing.T) {
	h := build(t)
	h.publish(h.operator, object(1, t1, green, ""), object(2, t1, green, bob))
	c, err := h.x.View(h.operator).Collection("c")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.x.RemoveCollection(t.Context(), h.operator, "c", 1); !errors.Is(err, exchange.ErrHoldsMore) || !strings.Contains(err.Error(), "2 versions") {
		t.Fatalf("what holds two is removed as holding one: %v", err)
	}
	if err := h.x.RemoveCollection(t.Context(), h.ana, "c", 0); !errors.Is(err, exchange.ErrForbidden) {
		t.Fatalf("who is no admin is told how much it holds: %v", err)
	}
	if err := h.x.RemoveCollection(t.Context(), h.operator, "c", math.MaxInt64); err != nil {
		t.Fatal(err)
	}
	if _, err := h.x.View(h.ana).Collection("c"); !errors.Is(err, exchange.ErrNotFound) {
		t.Errorf("it still exists: %v", err)
	}
	if _, err := h.x.Publish(t.Context(), h.ana, publication(t, object(3, t1, green, ""))); !errors.Is(err, exchange.ErrNotFound) {
		t.Errorf("it still takes objects: %v", err)
	}
	eventually(t, "its objects are gone", func() bool { return len(h.store.Count(c.Number)) == 0 })
	if got := rowsOf(t, h, "personal-held"); len(got) != 0 {
		t.Errorf("personal data is still held: %q", got)
	}
	again, err := h.x.AddCollection(t.Context(), h.operator, exchange.Collection{Alias: "c"})
	if err != nil || again.Number == c.Number {
		t.Errorf("the alias anew: %+v, %v", again, err)
	}
}

// eventually waits for background work, yielding until the test's deadline.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waiting)
	defer cancel()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatalf("still not so: %s", what)
		default:
			yield()
		}
	}
}
