package exchange

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/audit"
)

// Sight is one object version that one reader was given in a stretch of time.
type Sight struct {
	Reader     audit.Reader `json:"reader"`
	Collection string       `json:"collection"` // alias; its number when it was removed
	Object     string       `json:"object"`
	Version    string       `json:"version,omitempty"`
	Added      time.Time    `json:"date_added,omitzero"` // of what was kept aside there is none
	From       time.Time    `json:"from"`                // the reader was given it between From and Until
	Until      time.Time    `json:"until"`
	Content    bool         `json:"content"`          // false: only that it exists (id, version, date)
	Parts      bool         `json:"parts"`            // without the parts that were not for the reader
	Gone       bool         `json:"gone"`             // it does not stand there any more
	Aside      bool         `json:"aside"`            // other content that came under this id and version and was kept aside
	Digest     string       `json:"digest,omitempty"` // of that, SHA-256 in hexadecimal digits
}

// WhoSaw tells who was given an object, any version of it, in any collection,
// also when it was taken out since; oldest first. Gaps are what a killed node
// may have given without having written it. It takes an auditor: ErrForbidden.
func (x *Exchange) WhoSaw(ctx context.Context, by account.Principal, id string) (sights []Sight, gaps []audit.Gap, err error) {
	if err := x.mayAudit(ctx, by); err != nil {
		return nil, nil, err
	}
	places, err := x.everStood(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(places, func(a, b stood) int {
		return cmp.Or(cmp.Compare(a.Collection, b.Collection), cmp.Compare(a.Added, b.Added))
	})
	for n := 0; n < len(places); {
		end := n
		for end < len(places) && places[end].Collection == places[n].Collection {
			end++
		}
		for r, err := range x.ledger.Readings(audit.CollectionKey(places[n].Collection)) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return nil, nil, err
			}
			for _, p := range places[n:end] {
				sights = x.appendSights(sights, &r, p)
			}
			sights = x.appendAsides(sights, &r, id)
		}
		n = end
	}
	slices.SortStableFunc(sights, func(a, b Sight) int { return a.From.Compare(b.From) })
	gaps, err = x.ledger.Gaps()
	return sights, gaps, err
}

// appendSights appends what a reading says of one place. A reading may have begun before
// the version came, which nobody can have been given then.
func (x *Exchange) appendSights(list []Sight, r *audit.Reading, p stood) []Sight {
	s := Sight{Reader: r.By, Collection: x.collections.name(p.Collection), Object: p.ID, Version: p.Version,
		Added: audit.Time(p.Added), From: audit.Time(max(r.From, p.Added)), Until: audit.Time(max(r.Until, p.Added)), Parts: p.Parts, Gone: p.Gone}
	switch {
	case r.Objects.Has(p.Added):
		s.Content = true
	case !r.Names.Has(p.Added):
		return list
	}
	return append(list, s)
}

// appendAsides appends what a reading says of content kept aside, under one id or,
// when it is empty, any.
func (x *Exchange) appendAsides(list []Sight, r *audit.Reading, id string) []Sight {
	for _, a := range r.Asides {
		if id == "" || a.ID == id {
			list = append(list, Sight{Reader: r.By, Collection: x.collections.name(r.Collection), Object: a.ID, Version: a.Version,
				From: audit.Time(r.From), Until: audit.Time(r.Until), Content: true, Aside: true, Digest: hex.EncodeToString(a.Digest[:])})
		}
	}
	return list
}

// WhatSaw tells what an account, by its name, was given since a time, oldest
// first, until more than limit. It takes an auditor: ErrForbidden.
func (x *Exchange) WhatSaw(ctx context.Context, by account.Principal, name string, since time.Time, limit int) (sights []Sight, gaps []audit.Gap, err error) {
	if err := x.mayAudit(ctx, by); err != nil {
		return nil, nil, err
	}
	var of []audit.Reading
	for r, err := range x.ledger.Readings("") {
		if err != nil {
			return nil, nil, err
		}
		if strings.EqualFold(r.By.Account, name) && audit.Time(r.Until).After(since) {
			of = append(of, r)
		}
	}
	slices.SortStableFunc(of, func(a, b audit.Reading) int { return cmp.Compare(a.From, b.From) })
	for i := range of {
		if sights, err = x.expand(ctx, sights, &of[i], limit); err != nil {
			return nil, nil, err
		}
		if len(sights) > limit {
			sights = sights[:limit+1]
			break
		}
	}
	slices.SortStableFunc(sights, func(a, b Sight) int { return a.From.Compare(b.From) })
	all, err := x.ledger.Gaps()
	for _, g := range all {
		if strings.EqualFold(g.Reader.Account, name) {
			gaps = append(gaps, g)
		}
	}
	return sights, gaps, err
}

// expand appends what a reading covers, object by object.
func (x *Exchange) expand(ctx context.Context, sights []Sight, r *audit.Reading, limit int) ([]Sight, error) {
	for _, runs := range []audit.Runs{r.Objects, r.Names} {
		for _, run := range runs {
			places, err := x.standing(ctx, r.Collection, run, limit+1-len(sights))
			if err != nil {
				return nil, err
			}
			for _, p := range places {
				sights = x.appendSights(sights, r, p)
			}
			if len(sights) > limit {
				return sights, nil
			}
		}
	}
	return x.appendAsides(sights, r, ""), nil
}

// Denials gives the answers that were refused to those who named an object that
// is here, since a time, oldest first. It takes an auditor: ErrForbidden.
func (x *Exchange) Denials(ctx context.Context, by account.Principal, since time.Time, limit int) (list []audit.Denial, err error) {
	if err := x.mayAudit(ctx, by); err != nil {
		return nil, err
	}
	return x.ledger.Denials(since, limit)
}

// SealAudit seals now what readers were given and what was administered, and
// tells by which leaf of the log. It takes an auditor: ErrForbidden.
func (x *Exchange) SealAudit(ctx context.Context, by account.Principal) (audit.Seal, error) {
	if err := x.mayAudit(ctx, by); err != nil {
		return audit.Seal{}, err
	}
	return x.ledger.Seal(ctx)
}

// VerifyAudit reads all that was sealed and reports every disagreement with the
// log. It takes an auditor: ErrForbidden.
func (x *Exchange) VerifyAudit(ctx context.Context, by account.Principal, report func(problem string)) error {
	if err := x.mayAudit(ctx, by); err != nil {
		return err
	}
	if err := x.ledger.Verify(ctx, report); err != nil {
		return fmt.Errorf("verify the audit: %w", err)
	}
	return nil
}

// mayAudit lets those read the audit who have that permission, and writes what
// is pending, so that they read all of it.
func (x *Exchange) mayAudit(ctx context.Context, by account.Principal) error {
	if !by.Audits() {
		return fmt.Errorf("read the audit: %w: this takes an auditor or an admin of the node's own member", ErrForbidden)
	}
	if err := x.ledger.Write(ctx); err != nil && !errors.Is(err, store.ErrFull) {
		return fmt.Errorf("write what readers were given: %w", err)
	}
	return x.formerKept(ctx)
}
