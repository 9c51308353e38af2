package account

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"sync"
)

// Basic gives the principal whose account has the name and the token; ErrDenied
// when there is none. A failure is answered late, a success never: see brake.
func (a *Accounts) Basic(ctx context.Context, name, token string) (Principal, error) {
	d := digest(token)
	if k, ok := a.lookup(d); ok && sameName(k.account.Name, name) && a.valid(&k.account) {
		return hear(ctx, k.principal), nil
	}
	return Principal{}, a.deny(ctx, name)
}

// Bearer gives the principal whose token it is; otherwise as Basic.
func (a *Accounts) Bearer(ctx context.Context, token string) (Principal, error) {
	if k, ok := a.lookup(digest(token)); ok && a.valid(&k.account) {
		return hear(ctx, k.principal), nil
	}
	return Principal{}, a.deny(ctx, "")
}

// Again gives who an account is by now that has been let in with the token, by
// Basic or, without a name, by Bearer; ErrDenied, and at once, when it would not be
// let in any more.
func (a *Accounts) Again(name, token string) (Principal, error) {
	k, ok := a.lookup(digest(token))
	if !ok || name != "" && !sameName(k.account.Name, name) || !a.valid(&k.account) {
		return Principal{}, ErrDenied
	}
	return k.principal, nil
}

// deny answers ErrDenied when the brake lets it.
func (a *Accounts) deny(ctx context.Context, name string) error {
	if err := a.brake.wait(ctx, name, Source(ctx), a.now()); err != nil {
		return err
	}
	return ErrDenied
}

// valid is asked at every request, since expiry needs no change of a row.
func (a *Accounts) valid(acc *Account) bool {
	return acc.Revoked.IsZero() && a.now().Before(acc.Expires)
}

// sameName compares in a time that depends on the lengths alone.
func sameName(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(nameKey(a)), []byte(nameKey(b))) == 1
}

// lookup finds the account of a token. The rows are searched by the token's
// digest, which tells an onlooker with a clock nothing about the token.
func (a *Accounts) lookup(d Digest) (*known, bool) {
	if k, ok := a.known.get(d); ok {
		return k, true
	}
	epoch := a.known.epoch()
	key, err := a.rows.Get(tokenTable, hex.EncodeToString(d[:]))
	if err != nil {
		return nil, false
	}
	acc, err := get[Account](a.rows, accountTable, string(key))
	if err != nil || subtle.ConstantTimeCompare(acc.Token[:], d[:]) != 1 {
		return nil, false
	}
	p, err := a.Principal(&acc)
	if err != nil {
		return nil, false
	}
	k := &known{acc, p}
	a.known.put(epoch, d, k)
	return k, true
}

// known is an account and who it is when it acts.
type known struct {
	account   Account
	principal Principal
}

// Active gives who the accounts are whose token is good now, by name. Their grants and
// groups are not to be changed. The only error is of the rows.
func (a *Accounts) Active() ([]Principal, error) {
	all, err := a.everybody()
	if err != nil {
		return nil, err
	}
	active := make([]Principal, 0, len(all))
	for i := range all {
		if a.valid(&all[i].account) {
			active = append(active, all[i].principal)
		}
	}
	return active, nil
}

// everybody are all accounts, by name.
func (a *Accounts) everybody() ([]known, error) {
	all, epoch := a.known.everybody()
	if all != nil {
		return all, nil
	}
	accounts, err := a.List()
	if err != nil {
		return nil, err
	}
	all = make([]known, len(accounts))
	for i := range accounts {
		p, err := a.Principal(&accounts[i])
		if err != nil {
			return nil, err
		}
		all[i] = known{accounts[i], p}
	}
	a.known.putAll(epoch, all)
	return all, nil
}

// cache holds accounts that have authenticated since the last change of any, or of an
// organisation, and all of them once that was asked. What is in it is not changed.
type cache struct {
	mu      sync.RWMutex
	changes uint64
	byToken map[Digest]*known
	all     []known // nil: not known
}

// maxKnown bounds the cache; beyond it, it starts anew.
const maxKnown = 10_000

func (c *cache) get(d Digest) (*known, bool) {
	c.mu.RLock()
	k, ok := c.byToken[d]
	c.mu.RUnlock()
	return k, ok
}

// epoch is to be taken before rows are read, and given to put with what was read.
func (c *cache) epoch() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.changes
}

// put remembers an account unless something changed since the epoch, in which
// case what was read may be what the change has ended.
func (c *cache) put(epoch uint64, d Digest, k *known) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if epoch != c.changes {
		return
	}
	if c.byToken == nil || len(c.byToken) >= maxKnown {
		c.byToken = make(map[Digest]*known)
	}
	c.byToken[d] = k
}

// everybody are all accounts, nil when they have to be read, and the epoch.
func (c *cache) everybody() ([]known, uint64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.all, c.changes
}

// putAll is put of all accounts.
func (c *cache) putAll(epoch uint64, all []known) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if epoch == c.changes && len(all) <= maxKnown {
		c.all = all
	}
}

func (c *cache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changes++
	c.byToken, c.all = nil, nil
}

// callerKey marks where to note whose request it is.
type callerKey struct{}

// Caller is filled in with the name of the account that a request turns out to
// be of, for whoever writes down what was asked.
type Caller struct{ Account string }

// Heard has Basic and Bearer fill in c when they know the account of what is
// done under the context.
func Heard(ctx context.Context, c *Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

func hear(ctx context.Context, p Principal) Principal {
	if c, ok := ctx.Value(callerKey{}).(*Caller); ok {
		c.Account = p.Account
	}
	return p
}

// sourceKey marks the address a request came from.
type sourceKey struct{}

// From notes the address that what is done under the context came from, so that
// failures from one address do not slow another.
func From(ctx context.Context, address string) context.Context {
	return context.WithValue(ctx, sourceKey{}, address)
}

// Source is the address that From has noted; empty when none was.
func Source(ctx context.Context) string {
	s, _ := ctx.Value(sourceKey{}).(string)
	return s
}
