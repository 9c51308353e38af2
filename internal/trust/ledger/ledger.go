package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/bits"
	"sync"
	"time"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/audit"
	"entente/internal/trust/handling"
)

// Options configure a ledger.
type Options struct {
	Own    string // organisation id of the node's own member, whose seals are in the log
	Now    func() time.Time
	Logger *slog.Logger

	// Denied tells whether a question was about something that is here and of which
	// its reader may read nothing, and why not.
	Denied func(ctx context.Context, q *Question) (reason string, denied bool, err error)
}

// Ledger accounts for what readers are given. Its methods are safe for concurrent
// use.
type Ledger struct {
	store store.Store
	opts  Options

	mu      sync.Mutex
	pending map[whose]*audit.Reading
	lately  map[givenPage]struct{} // pages that are among what is pending
	seed    uint64
	readers map[string]time.Time // announced in a row, by account id; when they last read
	asked   []Question
	unkept  int // of those, beyond what is remembered

	announcing sync.Mutex // held while a reader is, or is let go: taken after writing, before mu

	writing   sync.Mutex               // held while it is written
	unwritten map[whose]*audit.Reading // taken from pending; what could not be written stays
	open      map[whose]store.Tick     // the reading that is being filled: its From
	sealed    time.Time                // when readings were last sealed
	failing   bool                     // it could not be written, which was said
}

// whose names a reader of a collection, on a footing.
type whose struct {
	by         audit.Reader
	collection store.Collection
	footing    audit.Footing
}

// Tables of rows. What is before the last seal does not change any more.
const (
	openTable    = "audit-open"    // readings of the last hour
	readingTable = "audit-reading" // those before
	readerTable  = "audit-reader"  // who reads now
	sealTable    = "audit-seal"
	denialTable  = "audit-denial"
	gapTable     = "audit-gap"
	footingTable = "audit-footing" // by their names
)

const (
	writeEvery  = time.Second
	readingSpan = time.Hour
	quietFor    = time.Minute // after this an announced reader is no longer one
	mostRuns    = 1 << 15     // after which a reading is closed before its hour ends
)

// ReaderOf says who an account is to the audit.
func ReaderOf(p account.Principal) audit.Reader {
	id := p.ID
	if id == "" {
		id = p.Account + "@" + p.Org
	}
	return audit.Reader{ID: id, Account: p.Account, Org: p.Org}
}

// Give accounts for a page that is about to leave, with bodies or without, to a reader on
// a footing; what is agreed with him the page knows. After an error nothing may leave.
// Where only space is missing there is none: reading goes on, and what was given is
// written when space returns.
func (l *Ledger) Give(ctx context.Context, by audit.Reader, on audit.Footing, page *handling.Page, bodies bool) error {
	if page.Len() == 0 {
		return nil
	}
	if err := l.announce(ctx, by); err != nil {
		return fmt.Errorf("account for what is read: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	on.Agreed = page.Agreed(0)
	again := l.givenLately(by, on, page, bodies)
	now := store.Tick(time.Now().UnixMicro())
	var r *audit.Reading
	for i := range page.Len() {
		if c, agreed := page.Collection(i), page.Agreed(i); r == nil || r.Collection != c || on.Agreed != agreed {
			on.Agreed = agreed
			r = l.reading(whose{by, c, on}, now)
		}
		switch {
		case again:
		case bodies:
			r.Objects.Add(page.Added(i))
		default:
			r.Names.Add(page.Added(i))
		}
	}
	return nil
}

// givenPage tells a page that was given apart from others, by a hash of the places on
// it that nobody outside can aim at.
type givenPage struct {
	by   audit.Reader
	on   audit.Footing
	hash uint64
}

// givenLately tells whether a reader was given the same page since what is pending
// was last written: who asks the same again and again adds nothing.
func (l *Ledger) givenLately(by audit.Reader, on audit.Footing, page *handling.Page, bodies bool) bool {
	const prime = 0x9e3779b97f4a7c15
	h := l.seed
	if bodies {
		h = ^h
	}
	for i := range page.Len() {
		h = bits.RotateLeft64((h^uint64(page.Added(i)))*prime, 29) + uint64(page.Collection(i))
	}
	key := givenPage{by, on, h}
	_, again := l.lately[key]
	if !again {
		l.lately[key] = struct{}{}
	}
	return again
}

// GiveAside accounts for content that was kept aside and is about to leave.
func (l *Ledger) GiveAside(ctx context.Context, by audit.Reader, on audit.Footing, c store.Collection, a audit.Aside) error {
	if err := l.announce(ctx, by); err != nil {
		return fmt.Errorf("account for what is read: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.reading(whose{by, c, on}, store.Tick(time.Now().UnixMicro()))
	r.Asides = append(r.Asides, a)
	return nil
}

// reading is what is pending of a reader who is given more now.
func (l *Ledger) reading(who whose, now store.Tick) *audit.Reading {
	r := l.pending[who]
	if r == nil {
		r = &audit.Reading{Collection: who.collection, By: who.by, From: now}
		l.pending[who] = r
	}
	r.Until = now
	return r
}

// announce writes that somebody reads, once until he has been quiet.
func (l *Ledger) announce(ctx context.Context, by audit.Reader) error {
	if l.reads(by, l.opts.Now()) {
		return nil
	}
	l.announcing.Lock()
	defer l.announcing.Unlock()
	if l.reads(by, l.opts.Now()) {
		return nil
	}
	_, err := l.store.Commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		return store.SetJSON(tx, readerTable, by.ID, by)
	}})
	if errors.Is(err, store.ErrFull) {
		return nil
	}
	if err == nil {
		l.mu.Lock()
		l.readers[by.ID] = l.opts.Now()
		l.mu.Unlock()
	}
	return err
}

// reads tells whether a reader is announced, and that he reads now.
func (l *Ledger) reads(by audit.Reader, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, known := l.readers[by.ID]
	if known {
		l.readers[by.ID] = now
	}
	return known
}
