package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"entente/internal/dial"
	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
)

// Hook is a webhook as it is kept.
type Hook struct {
	Name        string    `json:"name"`
	URL         string    `json:"url"`
	Collections []string  `json:"collections,omitempty"` // ids; all that the account may read when none
	Types       []string  `json:"types,omitempty"`
	Private     bool      `json:"private,omitempty"` // a private address is meant
	Made        time.Time `json:"made"`
	Account     string    `json:"account"`
	Owner       string    `json:"owner"` // Principal.ID
	Token       string    `json:"token"` // which the account had; see Options.Who
	Secret      string    `json:"secret"`

	State
}

// State is how far a webhook is.
type State struct {
	Cursor  string    `json:"cursor"`          // of what was sent
	Sent    int64     `json:"sent"`            // messages that were taken
	Tries   int       `json:"tries,omitempty"` // of the next message
	Next    time.Time `json:"next,omitzero"`   // not before
	Trouble string    `json:"trouble,omitempty"`
}

// Shown is a webhook as its owner is told of it.
type Shown struct {
	Name        string    `json:"name"`
	URL         string    `json:"url"`
	Collections []string  `json:"collections,omitempty" nullable:"false" doc:"Aliases; all that the account may read when absent."`
	Types       []string  `json:"types,omitempty" nullable:"false"`
	Private     bool      `json:"private,omitempty" doc:"A private address is meant."`
	Made        time.Time `json:"made"`
	Sent        int64     `json:"sent" doc:"Messages that were taken."`
	Failed      int       `json:"failed" doc:"Messages that can be sent again."`
	Trouble     string    `json:"trouble,omitempty" doc:"Why the next message was not taken, or nothing is sent."`
	Next        time.Time `json:"next,omitzero" doc:"When it is tried again."`
	Secret      string    `json:"secret,omitempty" doc:"Signs the messages; once, in the answer that adds the webhook."`
}

// Wanted is a webhook to be added.
type Wanted struct {
	URL         string   `json:"url" maxLength:"2000" doc:"Where messages are POSTed: https, or http to a private address."`
	Name        string   `json:"name,omitempty" doc:"1 to 64 letters, digits and . _ -; the host unless given."`
	Collections []string `json:"collections,omitempty" maxItems:"64" nullable:"false" doc:"Aliases or ids; all that the account may read at each moment unless given."`
	Types       []string `json:"types,omitempty" maxItems:"100" nullable:"false" doc:"Types of objects; all unless given."`
	All         bool     `json:"all,omitempty" doc:"Also what is there already; only what comes unless given."`
	Private     bool     `json:"private,omitempty" doc:"The address is a private one; only who operates the node may say so."`
}

// Tables are those whose rows belong to the account whose ID their keys begin with.
var Tables = []string{hookTable, failedTable}

const (
	hookTable   = "webhook"
	failedTable = "webhook-failed"

	patience = 30 * time.Second // with a receiver that does not answer

	// MaxHooks is how many webhooks an account may have.
	MaxHooks = 10
)

var nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

func keyOf(owner, name string) string { return owner + "\x00" + name }

// Options of Hooks. Who is needed.
type Options struct {
	// Who tells who an account is by now, and a mark of the token that it has; an error
	// when it may do nothing any more.
	Who func(name, id string) (p account.Principal, token string, err error)

	Pauses []time.Duration  // between tries; the usual ones when nil
	Now    func() time.Time // time.Now when nil
}

// Hooks keeps webhooks beside an exchange and sends to them. Its methods are safe
// for concurrent use.
type Hooks struct {
	x       *exchange.Exchange
	o       Options
	clients [3]*http.Client // to public addresses alone; to private ones, too; to those alone

	mu   sync.Mutex
	busy map[string]bool
	rest map[string]time.Time // until when a webhook rests that had nothing to send
}

// New keeps webhooks.
func New(x *exchange.Exchange, o Options) *Hooks {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Pauses == nil {
		o.Pauses = pauses
	}
	h := &Hooks{x: x, o: o, busy: map[string]bool{}, rest: map[string]time.Time{}}
	for i := range h.clients {
		c, err := dial.New(dial.Options{AllowPrivate: i == 1, OnlyPrivate: i == 2, ConnectTimeout: 5 * time.Second, HeaderTimeout: patience, Timeout: patience, MaxBytes: 64 << 10})
		if err != nil {
			panic(err) // errors concern files, and none are named
		}
		c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		h.clients[i] = c
	}
	return h
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: webhook: %w", exchange.ErrInvalid, fmt.Errorf(format, args...))
}

func (w *Wanted) check() error {
	u, err := url.Parse(w.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.Fragment != "" {
		return invalid("the address %.100q: give https://HOST/PATH, without a user and a fragment", w.URL)
	}
	if u.Scheme == "http" && !w.Private {
		return invalid("the address %.100q would be sent to in the clear; give https, or say that it is a private address (--private)", w.URL)
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil { // a name is looked up when something is sent
		if err := dial.Check(netip.AddrPortFrom(ip, portOf(u)), w.Private, u.Scheme == "http"); err != nil {
			var at *dial.AddressError
			if errors.As(err, &at) && at.Private {
				return invalid("the address %.100q: %s is a private address; say that it is meant (--private)", w.URL, at.Address)
			}
			return invalid("the address %.100q: %w", w.URL, err)
		}
	}
	if w.Name == "" {
		w.Name = strings.Trim(u.Hostname(), "[]")
	}
	if !nameForm.MatchString(w.Name) {
		return invalid("the name %.70q: use 1 to 64 letters, digits and . _ -, starting with a letter or digit", w.Name)
	}
	return nil
}

// portOf is the port that an address leads to.
func portOf(u *url.URL) uint16 {
	if n, err := strconv.ParseUint(u.Port(), 10, 16); err == nil {
		return uint16(n)
	}
	if u.Scheme == "http" {
		return 80
	}
	return 443
}

// Add keeps a webhook of an account; its secret is told this once. Errors:
// exchange.ErrInvalid, ErrExists, ErrForbidden, and those of a tail.
func (h *Hooks) Add(ctx context.Context, by account.Principal, w Wanted) (*Shown, error) {
	if !by.Own {
		return nil, fmt.Errorf("add a webhook: %w: this takes an account of the own member; read the stream instead", exchange.ErrForbidden)
	}
	if err := w.check(); err != nil {
		return nil, err
	}
	if err := exchange.CheckTypes(w.Types); err != nil {
		return nil, err
	}
	_, token, err := h.o.Who(by.Account, by.ID)
	if err != nil {
		return nil, err
	}
	now := h.o.Now().UTC().Truncate(time.Microsecond)
	hook := &Hook{Name: w.Name, URL: w.URL, Types: w.Types, Private: w.Private, Made: now, Account: by.Account, Owner: by.ID, Token: token, Secret: newSecret()}
	for _, name := range w.Collections {
		c, err := h.x.View(by).Collection(name)
		if err != nil {
			return nil, err
		}
		hook.Collections = append(hook.Collections, c.ID)
	}
	q := hook.query()
	if !w.All {
		q.After = store.Tick(now.UnixMicro())
	}
	tail, err := h.x.Tail(by, q)
	if err != nil {
		return nil, err
	}
	hook.Cursor = tail.Cursor()
	if err := h.x.Keep(ctx, func(tx store.Tx) error { return hook.insert(tx) }); err != nil {
		return nil, err
	}
	s := h.shown(by, hook)
	s.Secret = hook.Secret
	return s, nil
}

func (hook *Hook) insert(tx store.Tx) error {
	n := 0
	for row, err := range tx.Rows(hookTable, keyOf(hook.Owner, "")) {
		if err != nil {
			return err
		}
		if n++; row.Key == keyOf(hook.Owner, hook.Name) {
			return fmt.Errorf("webhook %s: %w; remove it, or choose another name", hook.Name, exchange.ErrExists)
		}
	}
	if n >= MaxHooks {
		return invalid("the account has %d, as many as it may; remove some", n)
	}
	return store.SetJSON(tx, hookTable, keyOf(hook.Owner, hook.Name), hook)
}

func (hook *Hook) query() exchange.TailQuery {
	return exchange.TailQuery{Collections: hook.Collections, Types: hook.Types, Cursor: hook.Cursor, All: true}
}

// List gives an account's webhooks, by name.
func (h *Hooks) List(by account.Principal) ([]Shown, error) {
	all := []Shown{}
	for row, err := range store.RowsJSON[Hook](h.x, hookTable, keyOf(by.ID, "")) {
		if err != nil {
			return nil, fmt.Errorf("read the webhooks: %w", err)
		}
		all = append(all, *h.shown(by, &row.Value))
	}
	return all, nil
}

// shown is what the owner is told.
func (h *Hooks) shown(by account.Principal, hook *Hook) *Shown {
	s := &Shown{Name: hook.Name, URL: hook.URL, Types: hook.Types, Private: hook.Private, Made: hook.Made, Sent: hook.Sent, Trouble: hook.Trouble, Next: hook.Next}
	for _, id := range hook.Collections {
		alias := id
		if c, err := h.x.View(by).Collection(id); err == nil {
			alias = c.Alias
		}
		s.Collections = append(s.Collections, alias)
	}
	failed, err := h.failures(by.ID, hook.Name)
	if err == nil {
		s.Failed = len(failed)
	}
	return s
}

// get is one of an account's webhooks. Errors: exchange.ErrNotFound.
func (h *Hooks) get(owner, name string) (*Hook, error) {
	row, err := h.x.Record(hookTable, keyOf(owner, name))
	if errors.Is(err, exchange.ErrNotFound) {
		return nil, fmt.Errorf("webhook %.70q: %w; see entente webhook list", name, exchange.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return read[Hook](row)
}

// Remove ends a webhook and forgets what failed of it. Errors: exchange.ErrNotFound.
func (h *Hooks) Remove(ctx context.Context, by account.Principal, name string) error {
	if _, err := h.get(by.ID, name); err != nil {
		return err
	}
	return h.x.Keep(ctx, func(tx store.Tx) error {
		tx.Delete(hookTable, keyOf(by.ID, name))
		for row, err := range tx.Rows(failedTable, keyOf(by.ID, name)+"\x00") {
			if err != nil {
				return err
			}
			tx.Delete(failedTable, row.Key)
		}
		return nil
	})
}

// change writes what became of a webhook, unless it was removed meanwhile or is
// another one by now.
func (h *Hooks) change(ctx context.Context, hook *Hook, also func(store.Tx) error) error {
	return h.x.Keep(ctx, func(tx store.Tx) error {
		if _, err := keptHook(tx, hook); err != nil {
			return err
		}
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		return store.SetJSON(tx, hookTable, keyOf(hook.Owner, hook.Name), hook)
	})
}

// keptHook is a webhook as it is kept by now. Errors: store.ErrNotFound when it was removed
// meanwhile or is another one.
func keptHook(tx store.Tx, hook *Hook) (*Hook, error) {
	row, err := tx.Get(hookTable, keyOf(hook.Owner, hook.Name))
	if err != nil {
		return nil, err
	}
	kept, err := read[Hook](row)
	if err != nil || kept.Secret != hook.Secret {
		return nil, errors.Join(err, store.ErrNotFound)
	}
	return kept, nil
}
