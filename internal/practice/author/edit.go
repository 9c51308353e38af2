package author

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/provenance"
	"entente/stix"
)

// Edit asks for a new version of an object. Its parts are applied in the order
// of the fields.
type Edit struct {
	Base  string `json:"base,omitempty" doc:"modified of the version that the change was made from; the newest when empty"`
	Merge bool   `json:"merge,omitempty" doc:"take the change along when others have changed other properties since"`

	Object json.RawMessage `json:"object,omitempty" doc:"the whole object as it is to be"`
	Patch  json.RawMessage `json:"patch,omitempty" doc:"JSON Merge Patch (RFC 7396)"`
	Unset  []string        `json:"unset,omitempty" doc:"paths to take away"`
	Set    []string        `json:"set,omitempty" doc:"path=text or path:=JSON"`
	TLP    string          `json:"tlp,omitempty" doc:"TLP label instead of the one it has"`
	Making

	// Copy makes the change in a copy that the own member is the author of, so
	// that objects of others can be built upon.
	Copy       bool   `json:"copy,omitempty" doc:"change a copy of one's own, derived from the object"`
	Collection string `json:"collection,omitempty" doc:"of the copy; default when empty"`

	revoke bool
}

// NotOwn says that somebody else is an object's author.
type NotOwn struct {
	ID     string
	Author string // name or id; empty when the object does not say
}

func (e *NotOwn) Error() string {
	author := cmp.Or(e.Author, "somebody who is not named")
	return fmt.Sprintf("%s was made by %s, who alone may change it; say what you have to say with entente note %s TEXT, or change a copy of your own: entente edit %s --copy",
		e.ID, author, e.ID, e.ID)
}

// Is makes it one of the exchange's answers.
func (e *NotOwn) Is(target error) bool { return target == exchange.ErrForbidden }

// kept are the properties that no edit changes.
var kept = []string{"type", "id", "spec_version", "created", "created_by_ref"}

// Edit publishes a new version of one of the own member's objects, in all
// collections that hold it. It is named by its identifier, or by a value that
// one object carries. Errors: *NotOwn, *Stale, *Invalid, exchange.ErrInvalid,
// exchange.ErrNotFound, exchange.ErrForbidden.
func (d *Desk) Edit(ctx context.Context, by account.Principal, named string, c Edit) (Written, error) {
	if err := d.mayWrite(by); err != nil {
		return Written{}, err
	}
	resolve := d.resolve
	if c.revoke {
		resolve = d.resolveOwn
	}
	s, err := resolve(ctx, by, named, func(typ string) bool { return !stix.IsObservable(typ) })
	if err != nil {
		return Written{}, err
	}
	if c.Making, err = d.making(ctx, by, c.Making); err != nil {
		return Written{}, err
	}
	if c.Copy {
		return d.copy(ctx, by, s, c)
	}
	if err := d.mayChange(ctx, by, s); err != nil {
		return Written{}, err
	}
	e, err := d.revise(ctx, by, s, c)
	if err != nil {
		return Written{}, err
	}
	w, err := d.supersede(ctx, by, e)
	if errors.Is(err, exchange.ErrStale) {
		// Somebody was quicker; tell what they have done.
		c.Base, c.Merge = cmp.Or(c.Base, s.Version()), false
		if newer, again := d.standing(ctx, by, s.ID); again == nil {
			if _, told := d.revise(ctx, by, newer, c); told != nil {
				return Written{}, told
			}
		}
	}
	return w, err
}

// Revoke publishes a last version that says that the object no longer holds.
// Revoking what is revoked changes nothing. Errors as Edit.
func (d *Desk) Revoke(ctx context.Context, by account.Principal, named, base string) (Written, error) {
	w, err := d.Edit(ctx, by, named, Edit{Base: base, Set: []string{"revoked:=true"}, revoke: true})
	w.Warnings = nil // nobody mends what no longer holds
	return w, err
}

// mayChange refuses what only its author may change, and what never changes.
func (d *Desk) mayChange(ctx context.Context, by account.Principal, s *standing) error {
	switch {
	case s.Modified == "" && stix.IsObservable(s.Type):
		return bad("%s is an observable, a fact that has no versions; write another with entente new, and take this one away with entente delete", s.ID)
	case s.Modified == "":
		return bad("%s is %s, which has no versions and cannot be changed", s.ID, article(s.Type))
	case s.parts:
		return fmt.Errorf("parts of %s are withheld from %s: %w: a new version would lose them; who sees all of it may change it, --copy makes another object of what there is", s.ID, by.Account, exchange.ErrForbidden)
	case s.CreatedByRef != d.member.ID:
		return &NotOwn{ID: s.ID, Author: d.nameOf(ctx, by, s.CreatedByRef)}
	}
	return nil
}

// nameOf is what an identity is called, as far as the writer sees it.
func (d *Desk) nameOf(ctx context.Context, by account.Principal, id string) string {
	s, err := d.standing(ctx, by, id)
	if id == "" || err != nil {
		return id
	}
	o, err := decodeObject(s.raw)
	if err != nil {
		return id
	}
	_, name := title(o)
	return cmp.Or(name, id)
}

// revision is a new version of an object on its way.
type revision struct {
	s       *standing
	o       map[string]any // as it is to be; its modified follows
	nothing bool           // it changes nothing
	revokes bool
	told    []string
}

// revise makes the new version. What was made from a version that is not the
// newest any more is refused as *Stale, or, when asked, put on top of it.
func (d *Desk) revise(ctx context.Context, by account.Principal, s *standing, c Edit) (*revision, error) {
	newest, err := content(s.raw)
	if err != nil {
		return nil, err
	}
	base := newest
	stale := c.Base != "" && stix.CompareVersions(c.Base, s.Version()) != 0
	if stale {
		if base, err = d.version(ctx, by, s, c.Base); err != nil {
			return nil, err
		}
	}
	wanted, told, err := d.changed(base, c)
	if err != nil {
		return nil, err
	}
	r := &revision{s: s, o: wanted, told: told, revokes: c.revoke}
	yours := differences(base, wanted)
	if stale {
		clash := &Stale{ID: s.ID, Base: c.Base, Newest: s.Version(), Theirs: differences(base, newest), Yours: yours}
		if !c.Merge || clash.touch() {
			return nil, clash
		}
		r.o = merge(newest, yours)
		r.told = append(r.told, fmt.Sprintf("put on top of version %s, which changed %s", s.Version(), names(clash.Theirs)))
	}
	if err := asMade(s.ID, newest, r.o); err != nil {
		return nil, err
	}
	r.nothing = len(differences(newest, r.o)) == 0
	if s.Revoked && !r.nothing {
		return nil, bad("%s was revoked at %s; nothing follows a revocation, so write another object", s.ID, s.Version())
	}
	return r, nil
}

// version is an earlier version of an object.
func (d *Desk) version(ctx context.Context, by account.Principal, s *standing, version string) (map[string]any, error) {
	if _, err := stix.ParseTimestamp(version); err != nil {
		return nil, bad("base: %w", err)
	}
	for _, p := range s.places {
		q := exchange.Query{IDs: []string{s.ID}, Limit: 1, Bodies: true}
		q.Versions.Exact = []string{version}
		page, err := d.x.View(by).Page(ctx, p.ID, q)
		if err != nil {
			return nil, err
		}
		if page.Len() > 0 {
			o, err := content(page.Bytes(0))
			page.Close()
			return o, err
		}
		page.Close()
	}
	return nil, bad("%s has no version %s; its newest is %s", s.ID, version, s.Version())
}

// changed is a copy of an object with a change applied, apart from modified, and what
// became of the markings of its parts.
func (d *Desk) changed(base map[string]any, c Edit) (o map[string]any, told []string, err error) {
	if o, told, err = c.apply(base, d.now()); err != nil {
		return nil, nil, err
	}
	provenance.Drop(o)
	return o, told, keeps(base, o, c.revoke)
}

// apply gives an object with the change applied, and what became of the markings of
// its parts; the object itself stays.
func (c *Edit) apply(base map[string]any, now time.Time) (o map[string]any, told []string, err error) {
	if o, err = c.rewrite(base); err != nil {
		return nil, nil, err
	}
	f := follow(o)
	if len(c.Object)+len(c.Patch) > 0 {
		if err := f.rewritten(base); err != nil {
			return nil, nil, err
		}
	}
	if err := c.takeAway(f); err != nil {
		return nil, nil, err
	}
	o["type"] = base["type"] // by which texts become values
	if err := c.assign(f, now); err != nil {
		return nil, nil, err
	}
	told = f.end()
	if err := c.Making.say(o); err != nil {
		return nil, nil, err
	}
	if c.TLP == "" {
		return o, told, nil
	}
	level, err := parseTLP(c.TLP)
	if err != nil {
		return nil, nil, err
	}
	return o, told, remark(o, level)
}

// rewrite applies what is given as JSON.
func (c *Edit) rewrite(base map[string]any) (o map[string]any, err error) {
	o, _ = clone(base).(map[string]any)
	if len(c.Object) > 0 {
		if o, err = decodeObject(c.Object); err != nil {
			return nil, bad("the object: %w", err)
		}
	}
	if len(c.Patch) > 0 {
		patch, err := decodeObject(c.Patch)
		if err != nil {
			return nil, bad("the patch: %w", err)
		}
		mergePatch(o, patch)
	}
	return o, nil
}

func (c *Edit) takeAway(f *following) error {
	if len(c.Unset) > mostAssignments {
		return bad("%d paths are to be taken away; at most %d are at once, so give the object as JSON", len(c.Unset), mostAssignments)
	}
	for _, text := range c.Unset {
		path, err := ParsePath(text)
		if err == nil {
			err = f.counts(path)
		}
		if err != nil {
			return bad("%w", err)
		}
		gone := path.unset(f.o)
		if gone == nil {
			return bad("there is no %s to take away", path)
		}
		if err := f.removed(gone); err != nil {
			return err
		}
	}
	return nil
}

// assign sets what is set. Markings come last: they are about the object as it is to be.
func (c *Edit) assign(f *following, now time.Time) error {
	if err := few(c.Set); err != nil {
		return err
	}
	var marking []Assignment
	for _, text := range c.Set {
		a, err := ParseAssignment(text)
		if err != nil {
			return bad("%w", err)
		}
		if a.Path.marks() {
			marking = append(marking, a)
			continue
		}
		was, there := a.Path.get(f.o)
		if err := a.apply(f.o, now); err != nil {
			return bad("%w", err)
		}
		if is, _ := a.Path.get(f.o); there {
			if err := f.replaced(a.Path, was, is); err != nil {
				return err
			}
		}
	}
	for _, a := range marking {
		err := f.counts(a.Path)
		if err == nil {
			err = a.apply(f.o, now)
		}
		if err != nil {
			return bad("%w", err)
		}
	}
	return nil
}

// keeps refuses changes of what makes an object the one it is.
func keeps(base, o map[string]any, revoke bool) error {
	for _, name := range kept {
		if _, there := o[name]; !there && base[name] != nil {
			o[name] = base[name]
		}
		if same, err := equal(base[name], o[name]); err != nil || !same {
			return bad("%s makes the object the one it is and cannot be changed; write another with entente new", name)
		}
	}
	if same, err := equal(base["revoked"], o["revoked"]); (err != nil || !same) && !revoke {
		return bad("an object is taken back with entente revoke, which cannot be undone, not by editing revoked")
	}
	o["modified"] = base["modified"]
	return nil
}

// supersede publishes a new version wherever the object stands and the writer
// may write.
func (d *Desk) supersede(ctx context.Context, by account.Principal, r *revision) (Written, error) {
	places, left := r.s.writable()
	if len(places) == 0 {
		return Written{}, fmt.Errorf("change %s: you may not write to %s: %w", r.s.ID, strings.Join(left, ", "), exchange.ErrForbidden)
	}
	if len(left) > 0 {
		r.told = append(r.told, "it stays as it was in "+strings.Join(left, ", ")+", where you may not write")
	}
	if !r.nothing {
		r.o["modified"] = later(r.s.Version(), d.now())
	}
	raw, warnings, err := d.published(r.o)
	if err != nil {
		return Written{}, err
	}
	o, err := stix.Read(raw)
	if err != nil {
		return Written{}, bad("%w", err)
	}
	w := d.told(raw, r.o)
	w.Told, w.Warnings, w.Verdict = r.told, warnings, Same
	var all batch
	for _, p := range places {
		w.Collections = append(w.Collections, p.Alias)
		w.hold(d, &p.Access, &o)
		if !r.nothing || stix.CompareVersions(p.version, r.s.Version()) != 0 {
			all.put(p.ID, o, p.version)
		}
	}
	if len(all) == 0 {
		return w, nil
	}
	results, err := d.x.PublishAll(ctx, by, all, func(tx store.Tx, results [][]exchange.Result) error {
		if err := whole(tx, results); err != nil || !r.revokes {
			return err
		}
		return d.keepPast(tx, r.s, o.Version(), true)
	})
	if err != nil {
		return Written{}, err
	}
	for _, r := range results {
		w.judge(r[0])
	}
	return w, nil
}
