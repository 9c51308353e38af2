package author

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"entente/internal/exchange"
	"entente/internal/trust/account"
	"entente/stix"
)

// Namesake is an object by the name it has.
type Namesake struct{ ID, Type, Name string }

// Names gives the objects that a reader sees and that may be called so: at
// least those whose whole name it is, up to a bound. Unread says that there are
// objects whose names are not known yet.
type Names func(ctx context.Context, by account.Principal, name string) (found []Namesake, unread bool, err error)

// WithNames lets objects be named by what they are called, where that is said.
func (d *Desk) WithNames(n Names) *Desk {
	d.names = n
	return d
}

// resolveNamed is resolve, and where the text is neither an identifier nor a
// value that any object carries, it may be the exact name of one, in any case.
func (d *Desk) resolveNamed(ctx context.Context, by account.Principal, text string) (*standing, error) {
	s, err := d.resolve(ctx, by, text, anyType)
	if err == nil || d.names == nil || strings.TrimSpace(text) == "" {
		return s, err
	}
	if _, _, notID := stix.ParseID(text); notID == nil {
		return s, err
	}
	if _, bad := ParseSubject(text); bad == nil && !errors.Is(err, exchange.ErrNotFound) {
		return s, err // several objects carry the value
	}
	found, unread, wrong := d.names(ctx, by, text)
	if wrong != nil {
		return nil, wrong
	}
	var ids, told []string
	for _, n := range found {
		if strings.EqualFold(strings.TrimSpace(n.Name), strings.TrimSpace(text)) {
			ids, told = append(ids, n.ID), append(told, fmt.Sprintf("%s, %s", n.ID, article(n.Type)))
		}
	}
	switch {
	case len(ids) == 1:
		return d.standing(ctx, by, ids[0])
	case len(ids) > mostTold:
		told = append(told[:mostTold], "and more")
		fallthrough
	case len(ids) > 1:
		return nil, bad("several objects are called %q, name the one by its id: %s", shorten(text), strings.Join(told, "; "))
	case unread:
		return nil, fmt.Errorf("nothing that is called %q is known yet, but there are objects whose names are still to be read; try again, or give the id: %w", shorten(text), exchange.ErrNotFound)
	}
	if errors.Is(err, errRevoked) {
		return nil, err
	}
	return nil, fmt.Errorf("%q is no identifier, no value that an object carries and no object's name: %w", shorten(text), exchange.ErrNotFound)
}

// mostTold is how many objects of one name are told.
const mostTold = 20
