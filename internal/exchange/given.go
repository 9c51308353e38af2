package exchange

import (
	"cmp"
	"context"
	"crypto/sha256"
	"strings"
	"time"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/audit"
	"entente/internal/trust/handling"
	"entente/internal/trust/ledger"
)

// give accounts for a page that is about to leave, and closes it when it may not.
func (v *View) give(ctx context.Context, page *handling.Page, bodies bool) (*handling.Page, error) {
	if err := v.x.ledger.Give(ctx, ledger.ReaderOf(v.reader), v.footing(), page, bodies); err != nil {
		page.Close()
		return nil, err
	}
	v.recorded.note(page, bodies)
	return page, nil
}

// giveAside accounts for content that was kept aside and is about to leave.
func (v *View) giveAside(ctx context.Context, c store.Collection, a Aside) error {
	return v.x.ledger.GiveAside(ctx, ledger.ReaderOf(v.reader), v.footing(), c,
		audit.Aside{ID: strings.Clone(a.ID), Version: strings.Clone(a.Version), Digest: sha256.Sum256(a.Raw)})
}

// footing is the part of the reader's footing that is his account's.
func (v *View) footing() audit.Footing {
	p := &v.reader
	return audit.Footing{Abroad: v.profile.Reader().Abroad, Own: p.Own, Curates: p.Curates(), Groups: strings.Join(p.Groups, "\n"),
		Purpose: cmp.Or(string(p.Purpose), string(account.Purposes[0])), Use: cmp.Or(string(p.Use), string(account.Uses[0]))}
}

// readerOn is who was given something on a footing, as decisions see him.
func readerOn(by audit.Reader, f *audit.Footing) handling.Reader {
	p := account.Principal{ID: by.ID, Account: by.Account, Org: by.Org, Own: f.Own, Role: account.Contributor,
		Groups: strings.FieldsFunc(f.Groups, func(r rune) bool { return r == '\n' }), Purpose: account.Purpose(f.Purpose), Use: account.Use(f.Use)}
	if f.Curates {
		p.Role = account.Curator
	}
	r := handling.ProfileOf(p).Reader()
	r.Abroad = f.Abroad
	return r
}

// whole tells that a query names one object and asks for any of it, so that an
// empty answer means that there is none for the reader.
func (q *Query) whole() bool {
	v := q.Versions
	narrow := len(v.Exact) > 0 && !v.All && !v.First && !v.Latest
	return len(q.IDs) == 1 && !q.news && len(q.Types)+len(q.Specs) == 0 && !narrow && q.After == 0 && q.Next == ""
}

// askedInVain notes that somebody named an object and was given nothing.
func (v *View) askedInVain(c Collection, id string) {
	v.recorded.noteVain(c, id)
	d := audit.Denial{Time: time.Now().UTC(), Reader: ledger.ReaderOf(v.reader), Collection: c.ID, Object: id}
	v.x.ledger.Ask(ledger.Question{Denial: d, Collection: c.Number, Profile: v.profile})
}

// denied tells whether a question was about something here of which its reader
// may read nothing, not even a face, and says why.
func (x *Exchange) denied(ctx context.Context, q *ledger.Question) (reason string, denied bool, err error) {
	found, err := x.store.Versions(ctx, q.Collection, q.Denial.Object, store.AllClasses())
	if err != nil {
		return "", false, err
	}
	classes, readable := x.store.Classes(), x.gate.Clearance(q.Profile, q.Collection)
	for n := range found {
		if readable.Has(found[n].Class) {
			return "", false, nil
		}
		class, face, err := handling.ShownClass(classes[found[n].Class])
		if face {
			continue
		}
		if reason = "its handling class is not understood"; err == nil {
			reason = x.gate.Decide(class, q.Profile, q.Collection).Reason
		}
	}
	return reason, len(found) > 0, nil
}
