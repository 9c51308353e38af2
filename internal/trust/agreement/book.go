package agreement

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/audit"
	"entente/internal/trust/handling"
	"entente/internal/trust/tlog"
)

// Tables of rows. The first holds every version of every agreement, by
// "name/version", the version in eight digits. The second says from which tick
// on it was in force here, by the tick in sixteen hexadecimal digits, with the
// version's key: what it opened is read by those who poll as of that date, so
// no object may have been read that was added after it, and before it was.
const (
	table    = "agreement"
	eraTable = "agreement-era"
)

// maxAgreements bounds the agreements in force, which each decision may have
// to go through.
const maxAgreements = 10_000

// Entry is one version of an agreement, as it was recorded.
type Entry struct {
	handling.Agreement
	Recorded time.Time // when
	By       string    // the account that did
	Ended    bool      // this version ends the agreement
}

// row is how an entry is kept.
type row struct {
	Agreement json.RawMessage `json:"agreement"` // as handling.ReadAgreement takes it
	Recorded  time.Time       `json:"recorded"`
	By        string          `json:"by"`
	Ended     bool            `json:"ended,omitempty"`
}

// noAgreement is account.ErrNotFound, said of agreements.
type noAgreement struct{}

func (noAgreement) Error() string { return "no such agreement" }
func (noAgreement) Unwrap() error { return account.ErrNotFound }

// State is "ended", "over", "to come" or "in force" at the given time.
func (e *Entry) State(now time.Time) string {
	switch {
	case e.Ended:
		return "ended"
	case !e.Until.IsZero() && !now.Before(e.Until):
		return "over"
	case now.Before(e.From):
		return "to come"
	}
	return "in force"
}

// Rows is the part of a store that agreements are kept in.
type Rows interface {
	Get(table, key string) ([]byte, error)
	Rows(table, prefix string) iter.Seq2[store.Keyed, error]
	Commit(ctx context.Context, b *store.Batch) ([]store.Outcome, error)
}

// Book keeps the agreements. Its methods are safe for concurrent use.
type Book struct {
	rows Rows
	now  func() time.Time

	changing sync.Mutex // held while a change is written and taken up
	current  map[string]handling.Agreement
	changes  []handling.Change
	policy   atomic.Pointer[handling.Policy]
}

// Open reads the agreements kept in rows. A nil clock is time.Now. What was
// recorded last when a node was killed is taken up here.
func Open(rows Rows, now func() time.Time) (*Book, error) {
	if now == nil {
		now = time.Now
	}
	b := &Book{rows: rows, now: now}
	return b, b.open()
}

// Policy is the agreements of this moment.
func (b *Book) Policy() *handling.Policy { return b.policy.Load() }

// all gives every version whose key has the prefix, oldest first of each name.
func (b *Book) all(prefix string) ([]Entry, error) {
	var list []Entry
	for keyed, err := range b.rows.Rows(table, prefix) {
		if err != nil {
			return nil, fmt.Errorf("agreements: %w", err)
		}
		e, err := read(keyed.Value)
		if err != nil {
			return nil, fmt.Errorf("agreements: row %s: %w", keyed.Key, err)
		}
		list = append(list, e)
	}
	return list, nil
}

func read(value []byte) (Entry, error) {
	var r row
	if err := json.Unmarshal(value, &r); err != nil {
		return Entry{}, err
	}
	a, err := handling.ReadAgreement(r.Agreement)
	return Entry{Agreement: a, Recorded: r.Recorded, By: r.By, Ended: r.Ended}, err
}

// List gives the newest version of each agreement, by name, also of those that
// have ended.
func (b *Book) List() ([]Entry, error) {
	all, err := b.all("")
	if err != nil {
		return nil, err
	}
	var newest []Entry
	for i, e := range all {
		if i+1 == len(all) || all[i+1].Name != e.Name {
			newest = append(newest, e)
		}
	}
	return newest, nil
}

// History gives all versions of an agreement, oldest first;
// account.ErrNotFound when there is none.
func (b *Book) History(name string) ([]Entry, error) {
	var all []Entry
	var err error
	if !strings.Contains(name, "/") {
		all, err = b.all(name + "/")
	}
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("agreement %q: %w", name, noAgreement{})
	}
	return all, err
}

// Edition gives one version of an agreement, as it was recorded; account.ErrNotFound
// when there is none.
func (b *Book) Edition(name string, version int) (handling.Agreement, error) {
	value, err := b.rows.Get(table, key(name, version))
	if errors.Is(err, store.ErrNotFound) {
		err = noAgreement{}
	}
	var e Entry
	if err == nil {
		e, err = read(value)
	}
	if err != nil {
		return handling.Agreement{}, fmt.Errorf("agreement %s, version %d: %w", name, version, err)
	}
	return e.Agreement, nil
}

// Add makes an agreement, or the next version of one: replaces is the version
// that it takes the place of, 0 when there is none of that name yet. Errors:
// account.ErrForbidden, ErrInvalid, ErrExists (another version is the newest).
func (b *Book) Add(ctx context.Context, by account.Principal, a handling.Agreement, replaces int) (Entry, error) {
	a.Version = replaces + 1
	if a.From.IsZero() {
		a.From = b.now().UTC().Truncate(time.Second)
	}
	if err := a.Check(); err != nil {
		return Entry{}, fmt.Errorf("agreement %s: %w: %w", a.Name, account.ErrInvalid, err)
	}
	if grounds := a.Unnoted(); grounds != 0 {
		return Entry{}, fmt.Errorf("agreement %s: %w: on %s alone nobody knows which law or case is meant; name it in the agreement's note (--note)", a.Name, account.ErrInvalid, grounds)
	}
	for _, t := range a.Transfers {
		if t.Assessed.After(b.now()) {
			return Entry{}, fmt.Errorf("agreement %s: %w: a transfer on %s is assessed at %s, which is to come; without an assessment that was made safeguards do not do", a.Name, account.ErrInvalid, t.Ground, t.Assessed.Format(time.RFC3339))
		}
	}
	return b.record(ctx, by, Entry{Agreement: a}, tlog.Agree, "agreement add")
}

// End ends an agreement, by a version of its own. What was released stays
// released; nothing more is. Errors: account.ErrForbidden, ErrNotFound,
// ErrExists (it has ended).
func (b *Book) End(ctx context.Context, by account.Principal, name string) (Entry, error) {
	const what = "agreement end"
	if err := mayAdminister(by, what); err != nil { // before whether there is one
		return Entry{}, err
	}
	history, err := b.History(name)
	if err != nil {
		return Entry{}, err
	}
	last := history[len(history)-1]
	if last.Ended {
		return Entry{}, fmt.Errorf("the end of agreement %s %w: it ended at %s", name, account.ErrExists, last.Recorded.Format(time.RFC3339))
	}
	last.Version++
	last.Ended = true
	return b.record(ctx, by, last, tlog.Disagree, what)
}

func mayAdminister(by account.Principal, what string) error {
	if by.Administers() {
		return nil
	}
	return fmt.Errorf("%s: %w: this takes an admin of the node's own member", what, account.ErrForbidden)
}

// record writes a version as the newest, and takes it up.
func (b *Book) record(ctx context.Context, by account.Principal, e Entry, kind tlog.Kind, what string) (Entry, error) {
	if err := mayAdminister(by, what); err != nil {
		return Entry{}, err
	}
	b.changing.Lock()
	defer b.changing.Unlock()
	if len(b.Policy().Agreements()) >= maxAgreements && kind == tlog.Agree && e.Version == 1 {
		return Entry{}, fmt.Errorf("%s: %w: %d agreements are in force, and no more can be; end some first", what, account.ErrInvalid, maxAgreements)
	}
	e.Recorded, e.By = b.now().UTC().Truncate(time.Second), by.Account
	raw, err := json.Marshal(e.Agreement)
	if err != nil {
		return Entry{}, err
	}
	value, err := json.Marshal(row{raw, e.Recorded, e.By, e.Ended})
	if err != nil {
		return Entry{}, err
	}
	_, err = b.rows.Commit(context.WithoutCancel(ctx), &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		if err := e.isNext(tx); err != nil {
			return err
		}
		tx.Set(table, key(e.Name, e.Version), value)
		audit.Add(tx, audit.Act{Who: by.Account, What: what, On: e.Name, Detail: fmt.Sprintf("version %d", e.Version)})
		tlog.Append(tx, tlog.Act{Kind: kind, By: by.Account, Org: by.Org, To: fmt.Sprintf("%s version %d with %s", e.Name, e.Version, e.With())})
		return nil
	}})
	if err != nil {
		return Entry{}, fmt.Errorf("%s %s: %w", what, e.Name, err)
	}
	return e, b.takeUp(ctx, e)
}

// isNext holds a version against the newest that is there.
func (e *Entry) isNext(tx store.Tx) error {
	if _, err := tx.Get(table, key(e.Name, e.Version)); err == nil {
		return fmt.Errorf("version %d %w; look at the newest and replace that", e.Version, account.ErrExists)
	} else if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if e.Version == 1 {
		return nil
	}
	if _, err := tx.Get(table, key(e.Name, e.Version-1)); errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("version %d: %w, so nothing replaces it", e.Version-1, noAgreement{})
	} else if err != nil {
		return err
	}
	return nil
}

func key(name string, version int) string { return fmt.Sprintf("%s/%08d", name, version) }
