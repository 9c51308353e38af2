package author

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/stix"
)

// Exists says that an object whose identifier follows from what was asked is
// there and says something else.
type Exists struct {
	ID         string
	Called     string
	Revoked    bool
	Gone       bool     // revoked and deleted since
	Properties []string // in which it differs
}

func (e *Exists) Error() string {
	if e.Gone {
		return fmt.Sprintf("%s, %s, was revoked, and then deleted here; for all who have it it stays revoked, so give another --key to make another", e.Called, e.ID)
	}
	if e.Revoked {
		return fmt.Sprintf("%s, %s, was revoked and stays so; give a --key of your own to make another", e.Called, e.ID)
	}
	return fmt.Sprintf("%s, %s, is there already and differs in %s; change it with entente edit, or give a --key of your own to make another",
		e.Called, e.ID, strings.Join(e.Properties, ", "))
}

// Is makes it one of the exchange's answers.
func (e *Exists) Is(target error) bool { return target == exchange.ErrExists }

// New writes a new object. Errors: *Invalid, *Exists, exchange.ErrInvalid,
// exchange.ErrNotFound (the collection), exchange.ErrForbidden.
func (d *Desk) New(ctx context.Context, by account.Principal, r NewObject) (Written, error) {
	if err := d.mayWrite(by); err != nil {
		return Written{}, err
	}
	c, err := d.target(by, r.Collection)
	if err != nil {
		return Written{}, err
	}
	if r.Making, err = d.making(ctx, by, r.Making); err != nil {
		return Written{}, err
	}
	// Somebody may make the same object between the look and the write.
	for range 3 {
		var w Written
		if w, err = d.make(ctx, by, &r, c); !errors.Is(err, exchange.ErrStale) {
			return w, err
		}
	}
	return Written{}, err
}

// make writes what a request asks for, unless it is there.
func (d *Desk) make(ctx context.Context, by account.Principal, r *NewObject, c exchange.Access) (Written, error) {
	b, err := d.build(r, c, d.now())
	if err != nil {
		return Written{}, err
	}
	if b.fixed {
		id, _ := b.o["id"].(string)
		s, err := d.standing(ctx, by, id)
		if err == nil {
			return d.again(ctx, by, b, s)
		}
		if !errors.Is(err, exchange.ErrNotFound) {
			return Written{}, err
		}
		if before, err := d.recall(ctx, by, b); err != nil {
			return Written{}, err
		} else if before != nil {
			return *before, nil
		}
		was, err := d.pastOf(ctx, by, id)
		if err != nil {
			return Written{}, err
		}
		if was != nil {
			if err := b.goOn(was); err != nil {
				return Written{}, err
			}
		}
		b.fresh = true
	}
	return d.publish(ctx, by, b, "")
}

// again is a request for what is there: nothing is written when the object says
// all that is asked, apart from what it has been given since.
func (d *Desk) again(ctx context.Context, by account.Principal, b *building, s *standing) (Written, error) {
	there, err := content(s.raw)
	if err != nil {
		return Written{}, err
	}
	b, differs, err := d.asThen(b, there)
	if err != nil {
		return Written{}, err
	}
	if len(differs) > 0 || s.Revoked {
		if s.Version() == "" { // an observable: other content stands beside it
			return d.publish(ctx, by, b, "")
		}
		return Written{}, &Exists{ID: s.ID, Called: called(s.raw), Revoked: s.Revoked, Properties: differs}
	}
	if !s.in(b.c.ID) {
		// An observable may be somebody else's, with more in it than is asked
		// and no marking but that of its collection.
		if s.Version() != "" {
			b.o = there
		}
		return d.publish(ctx, by, b, "")
	}
	if b.r.after != nil {
		if err := d.x.Keep(ctx, b.r.after); err != nil {
			return Written{}, err
		}
	}
	w := d.told(s.raw, there)
	w.Verdict = Same
	for _, p := range s.places {
		w.Collections = append(w.Collections, p.Alias)
	}
	return w, nil
}

// asThen is what is asked for as if it had been when the object that is there was made,
// so that times that nobody gave agree, and in what that differs. What was deleted and
// made again is older than what it says.
func (d *Desk) asThen(b *building, there map[string]any) (then *building, differs []string, err error) {
	for _, name := range []string{"created", "valid_from", "published", "first_observed"} {
		text, _ := there[name].(string)
		made, err := stix.ParseTimestamp(text)
		if err != nil {
			continue
		}
		again, err := d.build(b.r, b.c, made.Time())
		if err != nil {
			return nil, nil, err
		}
		if name != "created" && !again.dated {
			again.o["created"] = there["created"]
		}
		differ, err := again.differs(there)
		if err != nil {
			return nil, nil, err
		}
		if then == nil || len(differ) < len(differs) {
			then, differs = again, differ
		}
		if len(differs) == 0 {
			return then, nil, nil
		}
	}
	if then == nil {
		differs, err = b.differs(there)
		return b, differs, err
	}
	return then, differs, nil
}

// differs names the properties in which an object that is there does not say
// what is asked for.
func (b *building) differs(there map[string]any) ([]string, error) {
	var differ []string
	for _, name := range slices.Sorted(maps.Keys(b.o)) {
		if name == "modified" && !b.stated || name == "object_marking_refs" && b.r.TLP == "" && !bytes.Contains(b.r.Properties, []byte(name)) {
			continue
		}
		same, err := equal(b.o[name], there[name])
		if err != nil {
			return nil, bad("%s: %w", name, err)
		}
		if !same && (name != "extensions" || !onlyReviewedSince(b.o, there)) {
			differ = append(differ, name)
		}
	}
	return differ, nil
}

// equal tells whether two values have one canonical form.
func equal(a, b any) (bool, error) {
	x, err := canonical(map[string]any{"v": a})
	if err != nil {
		return false, err
	}
	y, err := canonical(map[string]any{"v": b})
	return bytes.Equal(x, y), err
}

// publish holds a new object against the specification and writes it.
func (d *Desk) publish(ctx context.Context, by account.Principal, b *building, expect string) (Written, error) {
	raw, warnings, err := d.published(b.o)
	if err != nil {
		return Written{}, err
	}
	objects, err := d.withIdentity(ctx, by, b.c, raw, b.r.others...)
	if err != nil {
		return Written{}, err
	}
	own := objects[len(objects)-1]
	p := exchange.Publication{Collection: b.c.ID, Objects: objects}
	if own.Version() != "" {
		p.Expect = []exchange.Expect{{ID: own.ID, Version: expect}}
	}
	results, err := d.x.PublishAll(ctx, by, []exchange.Publication{p}, func(tx store.Tx, results [][]exchange.Result) error {
		if err := whole(tx, results); err != nil {
			return err
		}
		if last := results[0][len(objects)-1]; b.fresh && own.Version() != "" && last.Added == 0 { // unseen by its writer
			if err := b.remember(tx, by, own.ID); err != nil {
				return err
			}
		}
		if b.fresh {
			if now, err := pastIn(tx, d.x.View(by), own.ID); err != nil {
				return err
			} else if !b.past.same(now) {
				return fmt.Errorf("%s: deleted meanwhile: %w", own.ID, exchange.ErrStale)
			}
		}
		if b.r.after == nil {
			return nil
		}
		return b.r.after(tx)
	})
	if err != nil {
		return Written{}, err
	}
	w := d.told(raw, b.o)
	w.Told, w.Warnings, w.Collections, w.Verdict = b.told, warnings, []string{b.c.Alias}, Same
	w.judge(results[0][len(objects)-1])
	w.hold(d, &b.c, &own)
	return w, nil
}

// whole abandons a batch of which any object was not taken: what is written at
// a desk is written everywhere or nowhere.
func whole(_ store.Tx, results [][]exchange.Result) error {
	for _, r := range slices.Concat(results...) {
		switch r.Verdict {
		case exchange.Refused:
			return bad("%s: %s", r.ID, r.Reason)
		case exchange.Conflict:
			return fmt.Errorf("%s: %s: %w", r.ID, r.Reason, exchange.ErrStale)
		}
	}
	return nil
}

// judge takes what the exchange made of the object in one collection.
func (w *Written) judge(r exchange.Result) {
	if r.Verdict != exchange.Same {
		w.Verdict = Done
	}
}

// told is what a writer is told of an object.
func (d *Desk) told(raw []byte, o map[string]any) Written {
	w := Written{Object: raw}
	w.Type, w.Name = title(o)
	w.ID, _ = o["id"].(string)
	if w.Version, _ = o["modified"].(string); w.Version == "" {
		w.Version, _ = o["created"].(string)
	}
	refs, _ := o["object_marking_refs"].([]any)
	if level := strictestOf(refs); level != 0 {
		w.TLP = level.String()
	}
	return w
}

// later is the version that follows another: now, or a millisecond after it
// when the clock is behind.
func later(version string, now time.Time) string {
	last, err := stix.ParseTimestamp(version)
	if err != nil {
		return stix.NewTimestamp(now).String()
	}
	next := stix.NewTimestamp(now)
	if next.Compare(last) <= 0 {
		next = stix.NewTimestamp(last.Time().Truncate(time.Millisecond).Add(time.Millisecond))
	}
	return next.String()
}
