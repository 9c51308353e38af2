package exchange

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/internal/trust/ledger"
)

// Errors that a caller decides on, found by errors.Is. To a stranger what is
// withheld and what is absent are the same ErrNotFound.
var (
	ErrNotFound  = errors.New("not found")
	ErrForbidden = errors.New("not allowed")                                // the collection is visible, the act is not granted
	ErrBadCursor = errors.New("the cursor does not belong to this listing") // forged, or of another filter, collection or reader
	ErrExists    = errors.New("exists already")
	ErrInvalid   = errors.New("invalid") // wrapped with a reason for people
	ErrHoldsMore = errors.New("holds more than was said")
	ErrStale     = errors.New("made from a version that is not the newest any more")
)

// Options configure an exchange.
type Options struct {
	// Own is the organisation id of the node's own member.
	Own string

	// Identity is the id of the own member's STIX identity: what says that it was
	// created by that is taken from the own member alone. Empty means none.
	Identity string

	// Shared tells, inside a transaction, whether another organisation may
	// read the collection, so that publishing to it is an act towards others.
	// Nil means never.
	Shared func(tx store.Tx, collection string) bool

	// Audit, when set, records an administrative act in the transaction that
	// does it.
	Audit func(tx store.Tx, by account.Principal, what string)

	// Agreements are those of the own member with others, at each moment. Nil
	// means none.
	Agreements func() *handling.Policy

	// Erased, when set, keeps outside of backups what was erased because somebody asked,
	// for the sake of what is restored from one. It may be told the same again.
	Erased func([]Erasure) error

	// Beside, when set, takes away what stands beside the store and may hold what is
	// taken off the disk.
	Beside func() error

	// Belong are the tables of rows that belong to one object: their keys begin with its
	// id and a zero byte. They go when it is erased.
	Belong []string

	Now    func() time.Time // for what is kept for a time, embargoes and agreements; time.Now when nil
	Logger *slog.Logger
}

// Exchange is the one path of intelligence through a node. Its methods are
// safe for concurrent use.
type Exchange struct {
	store store.Store
	gate  *handling.Gate
	opts  Options

	cursorKey   []byte
	collections collections
	markings    markings
	followers   followers
	ledger      *ledger.Ledger // of what leaves
	published   verdictCounts
	order       *order
	underway    underway
	paid        paid
	tightening  sync.Mutex              // held while anything that stands is given another class
	facesLeft   bool                    // under tightening: faces may be owed, and nobody is at it
	lengths     atomic.Pointer[Lengths] // as they were last read
	answers     answers

	// work counts background removals; stop ends them and the followers.
	work sync.WaitGroup
	stop context.CancelFunc
	ctx  context.Context
}

// Open puts an exchange on a store. Close it before the store.
func Open(ctx context.Context, st store.Store, opts Options) (*Exchange, error) {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	x := &Exchange{store: st, gate: handling.NewGate(st.Classes, opts.Agreements, opts.Now), opts: opts, order: newOrder(), facesLeft: true, answers: newAnswers()}
	x.gate.Ask(x.collections.reviewedOnly)
	x.ctx, x.stop = context.WithCancel(context.Background())
	x.followers.changed = make(chan struct{})
	if err := x.loadCursorKey(ctx); err != nil {
		return nil, err
	}
	if err := x.loadMarkings(); err != nil {
		return nil, err
	}
	if err := x.loadCollections(); err != nil {
		return nil, err
	}
	var err error
	if x.ledger, err = ledger.Open(ctx, st, ledger.Options{Own: opts.Own, Now: opts.Now, Logger: opts.Logger, Denied: x.denied}); err != nil {
		return nil, err
	}
	x.work.Go(func() { x.ledger.Keep(x.ctx) })
	if err := x.notePlacesKept(ctx); err != nil {
		return nil, fmt.Errorf("exchange: note from when on it is kept where objects stood: %w", err)
	}
	if err := x.noteFormer(ctx); err != nil {
		return nil, fmt.Errorf("exchange: note what personal data is held: %w", err)
	}
	if err := x.tellErased(); err != nil {
		x.opts.Logger.Error("note what was erased, for what is restored from backups", "err", err)
	}
	return x, x.payOff(ctx)
}

// Close ends followers and background work, and waits for them.
func (x *Exchange) Close() {
	x.stop()
	x.work.Wait()
}

// commit writes a batch and wakes the followers. What it takes from where it stood is
// kept for the audit.
func (x *Exchange) commit(ctx context.Context, b *store.Batch) ([]store.Outcome, error) {
	outcomes, err := x.store.Commit(ctx, x.withPlaces(b))
	if err == nil {
		x.followers.wake()
	}
	return outcomes, err
}

// loadCursorKey reads the secret that cursors are authenticated with, or makes it.
func (x *Exchange) loadCursorKey(ctx context.Context) error {
	key, err := x.store.Get("exchange", "cursor-key")
	if errors.Is(err, store.ErrNotFound) {
		key = make([]byte, 32)
		rand.Read(key)
		_, err = x.store.Commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
			tx.Set("exchange", "cursor-key", key)
			return nil
		}})
	}
	if err != nil {
		return fmt.Errorf("exchange: the key of cursors: %w", err)
	}
	x.cursorKey = key
	return nil
}

// Secret is a key of this node for one purpose, which never leaves it. It is the same
// as long as the node lives, and in what is restored of it.
func (x *Exchange) Secret(purpose string) (key [32]byte) {
	mac := hmac.New(sha256.New, x.cursorKey)
	mac.Write([]byte("secret of " + purpose))
	mac.Sum(key[:0])
	return key
}

// audit records an administrative act, if the node keeps a record.
func (x *Exchange) audit(tx store.Tx, by account.Principal, format string, args ...any) {
	if x.opts.Audit != nil {
		x.opts.Audit(tx, by, fmt.Sprintf(format, args...))
	}
}
