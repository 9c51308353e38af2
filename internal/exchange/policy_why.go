package exchange

import (
	"context"
	"fmt"
	"strings"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
)

// why adds to an explanation what made the version at a place stricter than its
// own markings, or parts of it than the rest, as far as the asker may read that, and
// whether the reader is given a copy of it.
func (x *Exchange) why(ctx context.Context, by account.Principal, e *Explanation, at store.Place, reader handling.Profile) error {
	if by.Curates() {
		for _, id := range e.Class.Unexplained {
			says, err := x.WhyUnexplained(ctx, by, id)
			if err != nil {
				return err
			}
			if says != "" {
				e.Unexplained = append(e.Unexplained, id+": "+says)
			}
		}
	}
	versions, ids, err := x.versionsAt(ctx, []store.Place{at})
	if err != nil || len(versions) == 0 {
		return err
	}
	v := &versions[0].version
	t, err := x.targets(ctx, ids, &x.markings)
	if err != nil {
		return err
	}
	w, err := x.reweigh(e.Collection, v, t)
	if err != nil {
		return err
	}
	asker := handling.ProfileOf(by)
	if x.gate.Decide(w.floor, asker, e.Collection.Number).Allow {
		for _, part := range w.Parts() {
			e.Stricter = append(e.Stricter, fmt.Sprintf("its %s is marked %s", strings.Join(part.Selectors, ", "), labelOf(part.Class)))
		}
		if held := x.Held(&e.Collection, w.object); len(held) > 0 {
			e.Stricter = append(e.Stricter, fmt.Sprintf("no copy can lack %s, so that who may not read that is given nothing; entente tearline makes a looser object without it", strings.Join(held, ", ")))
		}
		for _, ref := range w.Stricter {
			if handling.Binds(w.Own, w.floor) && x.gate.Decide(ref.Class, asker, e.Collection.Number).Allow {
				e.Stricter = append(e.Stricter, fmt.Sprintf("its %s %s is %s", ref.Path, ref.ID, labelOf(ref.Class)))
			}
		}
		if handling.Binds(w.Whole, w.floor) {
			e.Stricter = append(e.Stricter, x.before(w, asker))
		}
	}
	if v.face == nil {
		return nil
	}
	given := at.Added == v.face.added // it is the copy that the asker sees, and asks for
	if !given && !e.Proof.Allow {
		e.Copy = &Copy{w.shown, x.gate.Explain(w.shown, reader, e.Collection.Number)}
		given = e.Copy.Proof.Allow
	}
	if given {
		e.Lacks = handling.Withheld(v.face.raw)
	}
	return nil
}

// before says what made a version stricter than it asks for by itself now.
func (x *Exchange) before(w *reweighed, asker handling.Profile) string {
	if w.producer != nil && !handling.Binds(handling.With(w.Whole, *w.producer), w.floor) && x.gate.Decide(*w.producer, asker, w.collection.Number).Allow {
		return "who brought it first marks it " + labelOf(*w.producer)
	}
	return "a newer version of it, or something that it refers to, was stricter once"
}

// labelOf is a class for people: its label, where that is all.
func labelOf(c handling.Class) string {
	if text := c.Canonical(); strings.Contains(text, " ") {
		return text
	}
	return "TLP:" + strings.ToUpper(c.TLP.String())
}
