package preview

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

// Own tells what is the member's own, and by which assets.
type Own interface {
	Owns(stix.Value) (asset string, own bool) // of a value
	Named(text string) (assets []string)      // that stand in a text, by their names
}

// Accounts are those that objects are given to; *account.Accounts is one.
type Accounts interface {
	Active() ([]account.Principal, error) // those that may come in now
}

// Previewer previews. Nothing is known to be the member's own where Own is nil.
type Previewer struct {
	Exchange   *exchange.Exchange
	Accounts   Accounts
	Own        func() (Own, error)
	Listed     func() (func(stix.Value) string, error) // words for a warninglist that a value is on, empty for none; nil for no lists
	Everywhere func(*stix.Object) bool                 // whether an indicator hits nearly all there is; nil for never
}

// Preview is what would become of one object in one collection.
type Preview struct {
	Object     string    `json:"object"`
	Type       string    `json:"type"`
	Name       string    `json:"name,omitempty"`
	Collection string    `json:"collection"` // alias
	Class      string    `json:"class"`      // what the decisions depend on
	TLP        string    `json:"tlp"`
	Readers    []Reader  `json:"readers"`  // those who get it first, by organisation and name
	Warnings   []Warning `json:"warnings"` // what its author might regret
}

// Reader is one account, and what it would be given.
type Reader struct {
	Account   string     `json:"account"`
	Org       string     `json:"org"`
	Gets      bool       `json:"gets"`                // the object, or what of it is for the reader
	Lacks     int        `json:"lacks"`               // parts that are withheld
	Why       string     `json:"why"`                 // for people
	Agreement string     `json:"agreement,omitempty"` // by which it is released
	Opens     *time.Time `json:"opens,omitempty"`     // it will get it from then on
	Ends      *time.Time `json:"ends,omitempty"`      // it gets it until then
}

// Of previews an object that is not published, in a collection. Only restricts
// the readers to an account or an organisation; all when empty. Errors:
// exchange.ErrForbidden, exchange.ErrNotFound (the collection, or no such
// reader), exchange.ErrInvalid.
func (p *Previewer) Of(ctx context.Context, by account.Principal, collection string, raw []byte, only string) (Preview, error) {
	o, err := stix.Read(raw, stix.MaxObject(len(raw)))
	if err != nil {
		return Preview{}, fmt.Errorf("%w: %w", exchange.ErrInvalid, err)
	}
	readers, err := p.readers(only)
	if err != nil {
		return Preview{}, err
	}
	f, err := p.Exchange.Foresee(ctx, by, collection, &o, readers)
	if err != nil {
		return Preview{}, err
	}
	out := Preview{Object: o.ID, Type: o.Type, Collection: f.Collection.Alias, Class: f.Class.Canonical(), TLP: f.Class.TLP.String(),
		Readers: make([]Reader, len(readers)), Warnings: []Warning{}}
	for name, value := range stix.Split(raw) {
		if string(name) == "name" {
			out.Name = stix.Text(value)
		}
	}
	for i, a := range readers {
		out.Readers[i] = reader(a, f.Each[i])
		out.Readers[i].Lacks = f.Lacks[i]
	}
	slices.SortStableFunc(out.Readers, func(a, b Reader) int {
		return cmp.Or(-compareBool(a.Gets, b.Gets), strings.Compare(a.Org, b.Org), strings.Compare(a.Account, b.Account))
	})
	out.Warnings, err = p.warn(ctx, by, &o, f)
	return out, err
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func reader(a account.Principal, d handling.Decision) Reader {
	r := Reader{Account: a.Account, Org: a.Org, Gets: d.Allow, Why: d.Reason, Agreement: d.Agreement}
	if !d.Opens.IsZero() {
		r.Opens = &d.Opens
	}
	if !d.Ends.IsZero() {
		r.Ends = &d.Ends
	}
	return r
}

// readers are the accounts that may come in now, in no order.
func (p *Previewer) readers(only string) ([]account.Principal, error) {
	all, err := p.Accounts.Active()
	if err != nil || only == "" {
		return all, err
	}
	all = slices.DeleteFunc(all, func(a account.Principal) bool {
		return !strings.EqualFold(a.Account, only) && !strings.EqualFold(a.Org, only)
	})
	if len(all) == 0 {
		return nil, fmt.Errorf("reader %q: %w; give the name of an account, or of an organisation that has one", only, exchange.ErrNotFound)
	}
	return all, nil
}

// Published previews an object as it stands: its newest version that the author
// sees, in each collection. Errors: those of Of; exchange.ErrNotFound.
func (p *Previewer) Published(ctx context.Context, by account.Principal, id, only string) (list []Preview, err error) {
	view := p.Exchange.View(by)
	for _, c := range view.Readable() {
		raw, err := bytesOf(ctx, view, c.ID, id)
		if errors.Is(err, exchange.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		one, err := p.Of(ctx, by, c.ID, raw, only)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	if list == nil {
		return nil, fmt.Errorf("object %q: %w", id, exchange.ErrNotFound)
	}
	return list, nil
}

// bytesOf gives an object's newest version in a collection.
func bytesOf(ctx context.Context, view *exchange.View, collection, id string) ([]byte, error) {
	page, err := view.Page(ctx, collection, exchange.Query{IDs: []string{id}, Limit: 1, Bodies: true, Versions: store.VersionFilter{Latest: true}})
	if err != nil {
		return nil, err
	}
	defer page.Close()
	if page.Len() == 0 {
		return nil, exchange.ErrNotFound
	}
	if page.Parts(0) {
		return nil, fmt.Errorf("preview %s: %w: parts of it are withheld from you, so that who is given them cannot be told", id, exchange.ErrForbidden)
	}
	return slices.Clone(page.Bytes(0)), nil
}
