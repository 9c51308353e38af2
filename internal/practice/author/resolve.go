package author

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"entente/internal/exchange"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

// resolve finds the object that a text stands for: an identifier, or a value
// that objects carry. Of several that carry it an indicator is meant before
// what is said to be it; two indicators are for the writer to choose from.
func (d *Desk) resolve(ctx context.Context, by account.Principal, text string, accept func(typ string) bool) (*standing, error) {
	return d.meaning(ctx, by, text, accept, false)
}

// resolveOwn is resolve for what is taken back or away: where no indicator that still
// holds carries a value, one of the own member's that it has revoked is meant.
func (d *Desk) resolveOwn(ctx context.Context, by account.Principal, text string, accept func(typ string) bool) (*standing, error) {
	return d.meaning(ctx, by, text, accept, true)
}

// Indicator is the identifier of what a reader means by an identifier, or a value that one
// indicator is for, and sees. Errors: exchange.ErrNotFound, exchange.ErrInvalid (several
// are for it).
func (d *Desk) Indicator(ctx context.Context, by account.Principal, text string) (string, error) {
	s, err := d.resolve(ctx, by, text, func(typ string) bool { return typ == "indicator" })
	if err != nil {
		return "", err
	}
	return s.ID, nil
}

// Named is the identifier of the object that a reader means: the text itself, or that of
// the one object that carries a value, by the rule that the writing verbs have. Errors:
// exchange.ErrNotFound, exchange.ErrInvalid (several carry it).
func (d *Desk) Named(ctx context.Context, by account.Principal, text string) (string, error) {
	if _, _, err := stix.ParseID(text); err == nil {
		return text, nil
	}
	subject, err := ParseSubject(text)
	if err != nil {
		return text, nil // what is no value is looked for as it is, and not found
	}
	found, err := d.carriers(ctx, by, subject.Lookup, anyType)
	if err != nil {
		return "", err
	}
	ids := found.meant(false)
	switch {
	case len(ids) == 0 && len(found.revoked) == 0:
		return "", fmt.Errorf("%v: no object that carries it: %w; entente find tells more of a value", subject.Value, exchange.ErrNotFound)
	case len(ids) == 0 && len(found.revoked) == 1:
		return found.revoked[0], nil // which does not hold any more, as is told of it
	case len(ids) != 1:
		return "", bad("%v: several objects carry it, entente find tells of each; name the one: %s", subject.Value, strings.Join(append(ids, found.revoked...), ", "))
	}
	return ids[0], nil
}

// errRevoked says that nothing but revoked indicators carries a value.
var errRevoked = fmt.Errorf("none that still holds: %w", exchange.ErrNotFound)

// meaning is resolve, or, where own is set, resolveOwn.
func (d *Desk) meaning(ctx context.Context, by account.Principal, text string, accept func(typ string) bool, own bool) (*standing, error) {
	if _, _, err := stix.ParseID(text); err == nil {
		return d.standing(ctx, by, text)
	}
	subject, err := ParseSubject(text)
	if err != nil {
		return nil, bad("%q is neither an identifier, as indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f, nor a value that objects carry", shorten(text))
	}
	found, err := d.carriers(ctx, by, subject.Lookup, accept)
	if err != nil {
		return nil, err
	}
	ids := found.meant(own)
	switch {
	case len(ids) == 0 && len(found.revoked) > 0:
		return nil, fmt.Errorf("%v: the indicator for it, %s, was revoked and stays so: %w; name it by its id, or write another with entente new indicator --for %s --key NAME",
			subject.Value, strings.Join(found.revoked, ", "), errRevoked, text)
	case len(ids) == 0:
		return nil, fmt.Errorf("%v: no object that carries it: %w; write one with entente new indicator --for %s", subject.Value, exchange.ErrNotFound, text)
	case len(ids) > 1:
		return nil, bad("%v: several objects carry it, name the one: %s", subject.Value, strings.Join(ids, ", "))
	}
	return d.standing(ctx, by, ids[0])
}

// carriers are the ids of the objects that carry a value.
type carriers struct {
	holding []string // indicators that are not revoked
	revoked []string // indicators that are
	own     []string // of these, the own member's
	rest    []string // all that is no indicator
}

// meant are the ids of those that a value stands for: indicators that hold come first;
// where own is set, those that the own member has revoked next.
func (c *carriers) meant(own bool) []string {
	switch {
	case len(c.holding) > 0:
		return c.holding
	case own && len(c.own) > 0:
		return c.own
	}
	return c.rest
}

func (d *Desk) carriers(ctx context.Context, by account.Principal, v stix.Value, accept func(typ string) bool) (c carriers, err error) {
	pages, err := d.x.View(by).Find(ctx, []stix.Value{v}, 20)
	if err != nil {
		return c, err
	}
	seen := map[string]bool{}
	for _, page := range pages {
		for i := range page.Len() {
			o, err := stix.Read(page.Bytes(i), stix.MaxObject(len(page.Bytes(i))))
			if err != nil || seen[o.ID] || !accept(o.Type) {
				continue
			}
			seen[o.ID] = true
			switch {
			case o.Type != "indicator":
				c.rest = append(c.rest, o.ID)
			case !o.Revoked:
				c.holding = append(c.holding, o.ID)
			default:
				if c.revoked = append(c.revoked, o.ID); o.CreatedByRef == d.member.ID {
					c.own = append(c.own, o.ID)
				}
			}
		}
		page.Close()
	}
	return c, nil
}

func anyType(string) bool { return true }

// organisation is the identity of who is named: by an identifier, by the own
// member's name, or by another name, for which one is made. Made is an identity
// of the own member's that goes along with what names it; those of others stay
// where they are.
func (d *Desk) organisation(ctx context.Context, by account.Principal, name string) (id string, made []byte, err error) {
	if typ, _, err := stix.ParseID(name); err == nil {
		if typ != "identity" && typ != "location" {
			return "", nil, bad("%s is %s; name an identity or a location", name, article(typ))
		}
		_, err := d.standing(ctx, by, name)
		return name, nil, err // where it stands is its author's affair
	}
	if strings.EqualFold(name, d.member.Name) {
		return d.member.ID, nil, nil
	}
	if id, err = stix.DerivedID("identity", d.member.ID, "organisation "+strings.ToLower(name)); err != nil {
		return "", nil, err
	}
	s, err := d.standing(ctx, by, id)
	if err == nil && s.CreatedByRef == d.member.ID && len(s.MarkingRefs) > 0 {
		return id, s.raw, nil
	}
	if err == nil {
		return id, nil, nil
	}
	if !errors.Is(err, exchange.ErrNotFound) {
		return "", nil, err
	}
	// As old as the member's own identity, whoever names it: who does not see it
	// makes the same again.
	at := stix.NewTimestamp(d.member.Since).String()
	made, err = canonical(map[string]any{
		"type": "identity", "spec_version": "2.1", "id": id, "created": at, "modified": at, "created_by_ref": d.member.ID,
		"name": name, "identity_class": "organization", "object_marking_refs": []any{handling.Amber.Definition()},
	})
	if err != nil {
		return "", nil, bad("%q: %w", shorten(name), err)
	}
	return id, made, nil
}
