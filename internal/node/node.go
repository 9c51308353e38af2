package node

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"

	"entente/internal/door/api"
	"entente/internal/door/events"
	"entente/internal/exchange"
	"entente/internal/practice/asset"
	"entente/internal/practice/author"
	"entente/internal/practice/device"
	"entente/internal/practice/lookup"
	"entente/internal/practice/playbook"
	"entente/internal/practice/search"
	"entente/internal/practice/seen"
	"entente/internal/practice/warninglist"
	"entente/internal/practice/webhook"
	"entente/internal/store"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
	"entente/internal/trust/agreement"
	"entente/internal/trust/audit"
	"entente/internal/trust/handling"
)

// ErrNoNode says that a directory holds no node.
var ErrNoNode = errors.New("no node is there")

// Options configure an open node. The zero value is right.
type Options struct {
	Logger *slog.Logger     // discards when nil
	Now    func() time.Time // of what is kept for a time; time.Now when nil
	Brief  bool             // opened for one verb, and closed soon
}

// Node is an installation, open. One process at a time has it.
type Node struct {
	Dir      string
	Member   Member
	Store    store.Store
	Exchange *exchange.Exchange
	Accounts *account.Accounts
	API      *api.Server

	Agreements *agreement.Book
	Webhooks   *webhook.Hooks
	Devices    *device.Devices
	Seen       *seen.Seen

	engine *pebble.Store                 // Store, as the engine that it is
	keys   atomic.Pointer[keyring]       // while it is served in TLS
	syslog atomic.Pointer[events.Syslog] // while it is served
	logKey note.Signer
	months *monthsKept
	now    func() time.Time
	log    *slog.Logger
}

// Open opens the node in dir. It answers ErrNoNode when there is none and
// store.ErrLocked when another process has it.
func Open(ctx context.Context, dir string, o Options) (*Node, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Logger = slog.New(requestLog{o.Logger.Handler()})
	if o.Now == nil {
		o.Now = time.Now
	}
	if _, err := os.Stat(filepath.Join(dir, "store")); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w; make one: entente init --data %s --name \"YOUR ORGANISATION\"", dir, ErrNoNode, dir)
	}
	st, err := pebble.Open(ctx, filepath.Join(dir, "store"), pebble.Options{Logger: o.Logger, Now: o.Now, Brief: o.Brief})
	if err != nil {
		return nil, fmt.Errorf("open the node in %s: %w", dir, err)
	}
	n := &Node{Dir: dir, Store: st, engine: st, months: monthsOf(dir), now: o.Now, log: o.Logger}
	if err := n.open(ctx, o); err != nil {
		st.Close()
		return nil, fmt.Errorf("open the node in %s: %w", dir, err)
	}
	return n, nil
}

func (n *Node) open(ctx context.Context, o Options) (err error) {
	if n.Member, err = readMember(n.Store); errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("%w: its making was cut short; run entente init on it again", ErrNoNode)
	} else if err != nil {
		return err
	}
	if n.logKey, err = readLogKey(n.Dir); err != nil {
		return err
	}
	if err := checkLogKey(n.Store, n.logKey); err != nil {
		return err
	}
	if n.Agreements, err = agreement.Open(n.Store, nil); err != nil {
		return err
	}
	if n.Exchange, n.Accounts, err = openTrust(ctx, n.Store, n.Member, n.Agreements.Policy, n, o); err != nil {
		return err
	}
	if err := n.months.tidy(); err != nil {
		n.log.Error("what a backup or a passing of months that was killed has left stays", "err", err)
	}
	n.Accounts.Belong(slices.Concat(author.Tables, lookup.WatchTables, device.Tables, webhook.Tables)...)
	if err := n.Accounts.Tidy(ctx); err != nil {
		n.log.Warn("what belonged to removed accounts stays until the next start", "err", err)
	}
	n.Exchange.Follow(search.NewFollower(n.Exchange))
	assets := asset.NewRegister(n.Exchange, nil)
	warninglists := warninglist.NewRegister(n.Exchange, nil)
	n.Devices = device.NewDevices(n.chooser(assets, warninglists), n.Accounts, n.log)
	n.Webhooks = webhook.New(n.Exchange, webhook.Options{Who: n.whoIsNow, Now: o.Now})
	if n.Seen, err = seen.New(n.Exchange, seen.Options{Matching: Detection(), Dir: filepath.Join(n.Dir, SeenDir), As: n.Operator(), Now: o.Now, Logger: n.log}); err != nil {
		return err
	}
	n.API = api.New(api.Node{Webhooks: n.Webhooks, Seen: n.Seen, Exchange: n.Exchange, Accounts: n.Accounts, Agreements: n.Agreements, Assets: assets, Lists: warninglists, Devices: n.Devices, Store: n.Store, Logger: n.log,
		Files: filepath.Join(n.Dir, "incoming"), Room: n.engine.Health,
		Member: author.Member{Name: n.Member.Name, ID: n.Member.Identity, Since: n.Member.Created}})
	return nil
}

// ScanDir is the folder in a data directory where sets of indicators are kept that entente
// scan has compiled: what they hold is in the store, and they may go at any time.
const ScanDir = "scan"

// SeenDir is the folder in a data directory where the values lie that were seen in events.
const SeenDir = "seen"

// dropScanSets takes the compiled sets away.
func (n *Node) dropScanSets() error { return os.RemoveAll(filepath.Join(n.Dir, ScanDir)) }

// openTrust puts the exchange and the accounts on a store, of the node whose it is, or of
// none. Nil agreements are none.
func openTrust(ctx context.Context, st store.Store, m Member, agreements func() *handling.Policy, n *Node, o Options) (*exchange.Exchange, *account.Accounts, error) {
	var erased func([]exchange.Erasure) error
	var beside func() error
	if n != nil {
		erased, beside = n.noteErased, n.dropScanSets
	}
	x, err := exchange.Open(ctx, st, exchange.Options{
		Own:        m.Name,
		Identity:   m.Identity,
		Shared:     account.Shared,
		Audit:      noteAct,
		Agreements: agreements,
		Erased:     erased,
		Beside:     beside,
		Belong:     slices.Concat(playbook.Tables, seen.Tables),
		Now:        o.Now,
		Logger:     o.Logger,
	})
	if err != nil {
		return nil, nil, err
	}
	return x, account.New(st, m.Name, nil), nil
}

// whoIsNow is who an account is by now for which something is done that it has asked
// for before; an error when it is gone, or may do nothing any more.
func (n *Node) whoIsNow(name, id string) (p account.Principal, token string, err error) {
	if operator := n.Operator(); id == operator.ID {
		return operator, "", nil
	}
	a, err := n.Accounts.Get(name)
	if err != nil {
		return p, "", err
	}
	if state := a.State(n.now()); state != "active" {
		return p, "", fmt.Errorf("the account %s is %s", name, state)
	}
	p, err = n.Accounts.Principal(&a)
	if err == nil && p.ID != id {
		err = fmt.Errorf("the account %s: %w: it is another one by now", name, account.ErrNotFound)
	}
	return p, hex.EncodeToString(a.Token[:]), err
}

// Operator is the principal of local verbs.
func (n *Node) Operator() account.Principal { return account.Operator(n.Member.Name) }

// Close ends background work, then closes the store.
func (n *Node) Close() error {
	n.API.Close()
	n.Exchange.Close()
	return n.Store.Close()
}

// noteAct records the exchange's administrative acts.
func noteAct(tx store.Tx, by account.Principal, what string) {
	audit.Add(tx, audit.Act{Who: by.Account, What: "collection", On: what})
}
