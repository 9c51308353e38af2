package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
	"strings"
	"sync"
	"time"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/audit"
	"entente/internal/trust/handling"
)

// ledger accounts for what readers are given. It is kept in memory for at most
// a second and written then; that somebody reads at all is written before the
// first object leaves, so that after a kill the second that may be missing is
// known, and whose it is.
type ledger struct {
	mu      sync.Mutex
	pending map[whose]*audit.Reading
	lately  map[givenPage]struct{} // pages that are among what is pending
	seed    uint64
	readers map[string]time.Time // announced in a row, by account id; when they last read
	asked   []asked
	unkept  int // of those, beyond what is remembered

	announcing sync.Mutex // held while a reader is, or is let go: taken after writing, before mu

	writing   sync.Mutex               // held while it is written
	unwritten map[whose]*audit.Reading // taken from pending; what could not be written stays
	open      map[whose]store.Tick     // the reading that is being filled: its From
	sealed    time.Time                // when readings were last sealed
	failing   bool                     // it could not be written, which was said
}

// whose names a reader of a collection.
type whose struct {
	account    string // id
	collection store.Collection
}

// Tables of rows. What is before the last seal does not change any more.
const (
	openTable    = "audit-open"    // readings of the last hour
	readingTable = "audit-reading" // those before
	readerTable  = "audit-reader"  // who reads now
	sealTable    = "audit-seal"
	denialTable  = "audit-denial"
	gapTable     = "audit-gap"
	formerTable  = "audit-former" // where objects stood that were moved or removed
)

const (
	writeEvery  = time.Second
	readingSpan = time.Hour
	quietFor    = time.Minute // after this an announced reader is no longer one
	mostRuns    = 1 << 15     // after which a reading is closed before its hour ends
)

func readerOf(p account.Principal) audit.Reader {
	id := p.ID
	if id == "" {
		id = p.Account + "@" + p.Org
	}
	return audit.Reader{ID: id, Account: p.Account, Org: p.Org}
}

// give accounts for a page that is about to leave. A reader who cannot be
// announced is given nothing, unless only space is missing: then reading goes on,
// and what was given is written when space returns.
func (v *View) give(ctx context.Context, page *handling.Page, bodies bool) (*handling.Page, error) {
	if page.Len() == 0 {
		return page, nil
	}
	l, by := &v.x.ledger, readerOf(v.reader)
	if err := v.x.announce(ctx, by); err != nil {
		page.Close()
		return nil, fmt.Errorf("account for what is read: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	again := l.givenLately(by, page, bodies)
	now := store.Tick(time.Now().UnixMicro())
	var r *audit.Reading
	for i := range page.Len() {
		if c := page.Collection(i); r == nil || r.Collection != c {
			r = l.reading(by, c, now)
		}
		switch {
		case again:
		case bodies:
			r.Objects.Add(page.Added(i))
		default:
			r.Names.Add(page.Added(i))
		}
	}
	return page, nil
}

// givenPage tells a page that was given apart from others, by a hash of the places on
// it that nobody outside can aim at.
type givenPage struct {
	account string
	hash    uint64
}

// givenLately tells whether a reader was given the same page since what is pending
// was last written: who asks the same again and again adds nothing.
func (l *ledger) givenLately(by audit.Reader, page *handling.Page, bodies bool) bool {
	const prime = 0x9e3779b97f4a7c15
	h := l.seed
	if bodies {
		h = ^h
	}
	for i := range page.Len() {
		h = bits.RotateLeft64((h^uint64(page.Added(i)))*prime, 29) + uint64(page.Collection(i))
	}
	key := givenPage{by.ID, h}
	_, again := l.lately[key]
	if !again {
		l.lately[key] = struct{}{}
	}
	return again
}

// giveAside accounts for content that was kept aside and is about to leave.
func (v *View) giveAside(ctx context.Context, c store.Collection, a Aside) error {
	l, by := &v.x.ledger, readerOf(v.reader)
	if err := v.x.announce(ctx, by); err != nil {
		return fmt.Errorf("account for what is read: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.reading(by, c, store.Tick(time.Now().UnixMicro()))
	r.Asides = append(r.Asides, audit.Aside{ID: strings.Clone(a.ID), Version: strings.Clone(a.Version), Digest: sha256.Sum256(a.Raw)})
	return nil
}

// reading is what is pending of a reader and a collection, who is given more now.
func (l *ledger) reading(by audit.Reader, c store.Collection, now store.Tick) *audit.Reading {
	who := whose{by.ID, c}
	r := l.pending[who]
	if r == nil {
		r = &audit.Reading{Collection: c, By: by, From: now}
		l.pending[who] = r
	}
	r.Until = now
	return r
}

// announce writes that somebody reads, once until he has been quiet.
func (x *Exchange) announce(ctx context.Context, by audit.Reader) error {
	l := &x.ledger
	if l.reads(by, x.opts.Now()) {
		return nil
	}
	l.announcing.Lock()
	defer l.announcing.Unlock()
	if l.reads(by, x.opts.Now()) {
		return nil
	}
	row, err := json.Marshal(by)
	if err != nil {
		return err
	}
	_, err = x.store.Commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		tx.Set(readerTable, by.ID, row)
		return nil
	}})
	if errors.Is(err, store.ErrFull) {
		return nil
	}
	if err == nil {
		l.mu.Lock()
		l.readers[by.ID] = x.opts.Now()
		l.mu.Unlock()
	}
	return err
}

// reads tells whether a reader is announced, and that he reads now.
func (l *ledger) reads(by audit.Reader, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, known := l.readers[by.ID]
	if known {
		l.readers[by.ID] = now
	}
	return known
}
