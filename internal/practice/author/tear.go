package author

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

// TearLine asks for a looser object made of one that holds too much for its
// readers: the parts that are marked stricter than it is to be are left out.
type TearLine struct {
	TLP        string   `json:"tlp,omitempty" doc:"TLP label of the new object; that of the whole object, without its stricter parts, when empty"`
	Keep       []string `json:"keep,omitempty" doc:"the only properties to take over; needed where the whole object is stricter than the label"`
	Unset      []string `json:"unset,omitempty" doc:"further paths to leave out"`
	Set        []string `json:"set,omitempty" doc:"path=text or path:=JSON of what stands in the place of what is left out"`
	Collection string   `json:"collection,omitempty" doc:"id or alias; the object's own when empty"`
	DryRun     bool     `json:"dry_run,omitempty" doc:"show the object and write nothing"`
}

// TearLine publishes a new object of the own member, made of one that it is the
// author of, and says in a relationship as strict as that one that it is derived
// from it. The same request changes nothing when it is made again. Errors as Edit
// and New.
func (d *Desk) TearLine(ctx context.Context, by account.Principal, named string, t TearLine) (Written, error) {
	if err := d.mayWrite(by); err != nil {
		return Written{}, err
	}
	s, err := d.resolve(ctx, by, named, func(typ string) bool { return !stix.IsObservable(typ) })
	if err != nil {
		return Written{}, err
	}
	if err := d.mayChange(ctx, by, s); err != nil {
		return Written{}, err
	}
	r, told, err := d.tear(s, t)
	if err != nil {
		return Written{}, err
	}
	if t.DryRun {
		w, err := d.foretell(by, &r)
		w.Told = append(told, w.Told...)
		return w, err
	}
	return d.derive(ctx, by, s, r, told, "; who may not read that one is not told")
}

// tear makes the request for the new object.
func (d *Desk) tear(s *standing, t TearLine) (r NewObject, told []string, err error) {
	base, err := content(s.raw)
	if err != nil {
		return r, nil, err
	}
	level, own, err := t.levels(s)
	if err != nil {
		return r, nil, err
	}
	if own > level && len(t.Keep) == 0 {
		return r, nil, bad("all of %s is %s, so that %s is none of its parts yet; name the properties that may go out so: --keep name,description", s.ID, label(own), label(level))
	}
	o, told, err := d.changed(t.keep(base), Edit{Unset: t.Unset, Set: t.Set})
	if err != nil {
		return r, nil, err
	}
	if err := passOn(s.ID, base, o); err != nil {
		return r, nil, err
	}
	t.unmark(o)
	raw, err := canonical(o)
	if err != nil {
		return r, nil, bad("%w", err)
	}
	whole, err := stix.Read(raw, stix.MaxObject(len(raw)))
	if err != nil {
		return r, nil, bad("%w", err)
	}
	torn, err := handling.Tear(&whole, func(marking string) bool {
		l, tlp := handling.LevelOf(marking)
		return !tlp || l > level // what no label says is for the author to loosen
	})
	if held, is := errors.AsType[*handling.Held](err); is {
		return r, nil, bad("%w: say what stands in its place: --set %s=...", err, held.Selectors[0])
	} else if err != nil {
		return r, nil, bad("%w", err)
	}
	if len(torn.Left) == 0 && own <= level && len(t.Unset)+len(t.Set)+len(t.Keep) == 0 {
		return r, nil, bad("nothing of %s is stricter than %s; there is nothing to leave out", s.ID, label(level))
	}
	if len(torn.Left) > 0 {
		told = append(told, "left out: "+strings.Join(torn.Left, ", "))
	}
	still, err := t.stillTold(s.raw, torn.Body)
	if err != nil {
		return r, nil, err
	}
	told = append(told, still...)
	if torn.Body, err = another(torn.Body); err != nil {
		return r, nil, err
	}
	r = NewObject{Properties: torn.Body, TLP: level.String(), Collection: cmp.Or(t.Collection, s.home()), follows: "tear-line of " + s.ID + " for " + level.String()}
	return r, told, nil
}

// stillTold refuses what the new object tells of what it lacks: the name of an indicator
// whose pattern is left out. What the author has named to be kept is told of, and what he
// has set is his word.
func (t *TearLine) stillTold(raw, torn []byte) (told []string, err error) {
	whole, err := stix.Read(raw, stix.MaxObject(len(raw)))
	if err != nil {
		return nil, bad("%w", err)
	}
	for _, one := range handling.Tells(&whole, torn) {
		switch {
		case t.said(strings.ReplaceAll(one.Path, "[", ".[")):
		case slices.Contains(t.Keep, one.Property()):
			told = append(told, one.Path+" holds "+one.Text+", by which it is not found any more")
		default:
			return nil, bad("%s holds %s, which is left out of the rest: say what stands there, --set %[1]s=..., or leave it out, too, --unset %[1]s", one.Path, one.Text)
		}
	}
	return told, nil
}

// levels are the label that the new object has and that of the object as a whole.
func (t *TearLine) levels(s *standing) (level, own handling.Level, err error) {
	for _, id := range s.MarkingRefs {
		l, _ := handling.LevelOf(id)
		own = max(own, l)
	}
	if own == 0 {
		for _, p := range s.places {
			own = max(own, p.Marking) // as it counts where it is unmarked
		}
	}
	if level = own; t.TLP != "" {
		level, err = parseTLP(t.TLP)
	}
	return level, own, err
}

// needed are taken over whatever is kept: by them the rest is understood.
var needed = []string{"type", "spec_version", "pattern_type", "pattern_version", "object_marking_refs", "granular_markings", "created_by_ref", "id", "created", "modified"}

// keep is a copy of the object with the properties that may go out.
func (t *TearLine) keep(base map[string]any) map[string]any {
	o := clone(base).(map[string]any)
	for name := range o {
		if len(t.Keep) > 0 && !slices.Contains(needed, name) && !slices.Contains(t.Keep, name) {
			delete(o, name)
		}
	}
	return o
}

// another is an object without what makes it the one it is.
func another(raw []byte) ([]byte, error) {
	o, err := decodeObject(raw)
	if err != nil {
		return nil, err
	}
	unname(o)
	return canonical(o)
}

// unmark takes away the markings of what the author has put something in the place
// of, or has not kept.
func (t *TearLine) unmark(o map[string]any) {
	marks, _ := o["granular_markings"].([]any)
	var stay []any
	for _, v := range marks {
		mark, _ := v.(map[string]any)
		selectors, _ := mark["selectors"].([]any)
		selectors = slices.DeleteFunc(selectors, func(v any) bool {
			selector, _ := v.(string)
			property, _, _ := strings.Cut(selector, ".")
			_, there := o[property]
			return !there || t.said(selector)
		})
		if len(selectors) > 0 {
			mark["selectors"] = selectors
			stay = append(stay, mark)
		}
	}
	if o["granular_markings"] = stay; len(stay) == 0 {
		delete(o, "granular_markings")
	}
}

// said tells whether the author has said what stands where a selector leads.
func (t *TearLine) said(selector string) bool {
	for _, text := range t.Set {
		a, err := ParseAssignment(text)
		if err != nil {
			continue // which applying it has told
		}
		if within(selector, selectorOf(a.Path)) {
			return true
		}
	}
	return false
}

// foretell is what would be written, held against the specification.
func (d *Desk) foretell(by account.Principal, r *NewObject) (Written, error) {
	c, err := d.target(by, r.Collection)
	if err != nil {
		return Written{}, err
	}
	b, err := d.build(r, c, d.now())
	if err != nil {
		return Written{}, err
	}
	raw, warnings, err := d.published(b.o)
	if err != nil {
		return Written{}, err
	}
	w := d.told(raw, b.o)
	w.Told, w.Warnings, w.Collections, w.Verdict = b.told, warnings, []string{c.Alias}, Foretold
	return w, nil
}
