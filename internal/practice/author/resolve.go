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
	if _, _, err := stix.ParseID(text); err == nil {
		return d.standing(ctx, by, text)
	}
	subject, err := ParseSubject(text)
	if err != nil {
		return nil, bad("%q is neither an identifier, as indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f, nor a value that objects carry", shorten(text))
	}
	ids, err := d.carriers(ctx, by, subject.Lookup, accept)
	switch {
	case err != nil:
		return nil, err
	case len(ids) == 0:
		return nil, fmt.Errorf("%v: no object that carries it: %w; write one with entente new indicator --for %s", subject.Value, exchange.ErrNotFound, text)
	case len(ids) > 1:
		return nil, bad("%v: several objects carry it, name the one: %s", subject.Value, strings.Join(ids, ", "))
	}
	return d.standing(ctx, by, ids[0])
}

// carriers are the ids of the objects that carry a value: of the indicators
// that are not revoked, if there are any, else of all.
func (d *Desk) carriers(ctx context.Context, by account.Principal, v stix.Value, accept func(typ string) bool) ([]string, error) {
	pages, err := d.x.View(by).Find(ctx, []stix.Value{v}, 20)
	if err != nil {
		return nil, err
	}
	var indicators, rest []string
	seen := map[string]bool{}
	for _, page := range pages {
		for i := range page.Len() {
			o, err := stix.Read(page.Bytes(i), stix.MaxObject(len(page.Bytes(i))))
			if err != nil || seen[o.ID] || !accept(o.Type) {
				continue
			}
			seen[o.ID] = true
			switch {
			case o.Type == "indicator" && !o.Revoked:
				indicators = append(indicators, o.ID)
			case o.Type != "indicator":
				rest = append(rest, o.ID)
			}
		}
		page.Close()
	}
	if len(indicators) > 0 {
		return indicators, nil
	}
	return rest, nil
}

func anyType(string) bool { return true }

// organisation is the identity of who is named: by an identifier, by the own
// member's name, or by another name, for which one is made. Made is an identity
// of the own member's that goes along with what names it; those of others stay
// where they are.
func (d *Desk) organisation(ctx context.Context, by account.Principal, name string) (id string, made []byte, err error) {
	if typ, _, err := stix.ParseID(name); err == nil {
		if typ != "identity" && typ != "location" {
			return "", nil, bad("%s is a %s; name an identity or a location", name, typ)
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
