package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	readers map[string]time.Time // announced in a row, by account id; when they last read
	asked   []asked
	unkept  int // of those, beyond what is remembered

	announcing sync.Mutex // held while a reader is

	writing sync.Mutex           // held while it is written
	open    map[whose]store.Tick // the reading that is being filled: its From
	sealed  time.Time            // when readings were last sealed
	failing bool                 // it could not be written, which was said
}

// asked is a question for one object that was answered with nothing.
type asked struct {
	audit.Denial
	collection store.Collection
	profile    handling.Profile
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
	mostAsked   = 10_000
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
	for i := range page.Len() {
		to := &l.reading(by, page.Collection(i)).Names
		if bodies {
			to = &l.reading(by, page.Collection(i)).Objects
		}
		to.Add(page.Added(i))
	}
	return page, nil
}

// reading is what is pending of a reader and a collection.
func (l *ledger) reading(by audit.Reader, c store.Collection) *audit.Reading {
	who := whose{by.ID, c}
	r := l.pending[who]
	if r == nil {
		now := store.Tick(time.Now().UnixMicro())
		r = &audit.Reading{Collection: c, By: by, From: now, Until: now}
		l.pending[who] = r
	}
	return r
}

// announce writes that somebody reads, once until he has been quiet.
func (x *Exchange) announce(ctx context.Context, by audit.Reader) error {
	l := &x.ledger
	if l.reads(by) {
		return nil
	}
	l.announcing.Lock()
	defer l.announcing.Unlock()
	if l.reads(by) {
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
		l.readers[by.ID] = time.Now()
		l.mu.Unlock()
	}
	return err
}

// reads tells whether a reader is announced, and that he reads now.
func (l *ledger) reads(by audit.Reader) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, known := l.readers[by.ID]
	if known {
		l.readers[by.ID] = time.Now()
	}
	return known
}

// askedInVain notes that somebody named an object and was given nothing, which
// is a denial if the object is there. Whether it is, is looked up later, so that
// the answer takes as long either way.
func (v *View) askedInVain(c Collection, id string) {
	l := &v.x.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.asked) >= mostAsked {
		l.unkept++
		return
	}
	d := audit.Denial{Time: time.Now().UTC(), Reader: readerOf(v.reader), Collection: c.ID, Object: id}
	l.asked = append(l.asked, asked{d, c.Number, v.profile})
}
