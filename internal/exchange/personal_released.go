package exchange

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"entente/internal/trust/audit"
	"entente/internal/trust/handling"
	"entente/internal/trust/personal"
)

// asides adds what was kept aside and holds personal data.
func (r *reporting) asides(context.Context) error {
	wanted := map[personal.Found]bool{}
	for _, f := range personal.Of(r.ask.Value) {
		wanted[f] = true
	}
	for _, c := range r.x.collections.all() {
		for a, err := range r.x.store.Conflicts(c.Number) {
			if err != nil {
				return err
			}
			aside, err := r.x.release(handling.Curator, c.Number, a)
			if err != nil {
				return err
			}
			r.aside(c, &aside, wanted)
		}
	}
	return nil
}

func (r *reporting) aside(c Collection, a *Aside, wanted map[personal.Found]bool) {
	found := findIn(a.Raw, false)
	named := r.ask.Value == "" || slices.ContainsFunc(found, func(f personal.Found) bool { return wanted[f] })
	if len(found) == 0 || !named || r.ask.Org != "" && !strings.EqualFold(a.Source, r.ask.Org) || r.ask.Object != "" && a.ID != r.ask.Object {
		return
	}
	kinds := map[string]bool{}
	for _, f := range found {
		kinds[f.Kind.String()] = true
	}
	r.side = append(r.side, PersonalHeld{Object: a.ID, Version: a.Version, Collection: c.Alias, Source: a.Source, Kinds: inOrder(kinds), Aside: true})
}

// inOrder are kinds in the order of Kinds.
func inOrder(kinds map[string]bool) []string {
	list := []string{}
	for _, k := range personal.Kinds() {
		if kinds[k.String()] {
			list = append(list, k.String())
		}
	}
	return list
}

// readings goes through who was given what.
func (r *reporting) readings(ctx context.Context) error {
	places, err := r.everStood(ctx)
	if err != nil {
		return err
	}
	given := map[releaseKey]*PersonalRelease{}
	counted := map[countedKey]bool{}
	for reading, err := range r.x.ledger.Readings("") {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		for _, at := range places[reading.Collection] {
			content := reading.Objects.Has(at.added)
			if (content || reading.Names.Has(at.added)) && (at.of.isOf(r.ask.Org) || strings.EqualFold(reading.By.Org, r.ask.Org)) {
				if err := r.give(given, counted, &reading, at, content); err != nil {
					return err
				}
			}
		}
	}
	for _, one := range given {
		r.out = append(r.out, *one)
	}
	slices.SortFunc(r.out, func(a, b PersonalRelease) int {
		return cmp.Or(strings.Compare(a.Reader.Org, b.Reader.Org), strings.Compare(a.Reader.Account, b.Reader.Account), a.From.Compare(b.From),
			strings.Compare(a.Object, b.Object), strings.Compare(a.Agreement, b.Agreement), strings.Compare(a.Purpose, b.Purpose))
	})
	return nil
}

// releaseKey tells the entries of the releases apart.
type releaseKey struct {
	reader          audit.Reader
	content         bool
	object, purpose string
	by              handling.Basis
}

// countedKey tells what was counted for an entry, once.
type countedKey struct {
	releaseKey
	of *heldPlace
}

// give adds what a reading says of one place.
func (r *reporting) give(given map[releaseKey]*PersonalRelease, counted map[countedKey]bool, reading *audit.Reading, at standingAt, content bool) error {
	purpose, by, err := r.basis(reading, at.class)
	if err != nil {
		return err
	}
	key := releaseKey{reader: reading.By, content: content, purpose: purpose, by: by}
	if r.ask.Value+r.ask.Object != "" {
		key.object = at.of.Object
	}
	from, until := audit.Time(max(reading.From, at.added)), audit.Time(max(reading.Until, at.added))
	one := given[key]
	if one == nil {
		one = &PersonalRelease{Reader: reading.By, Object: key.object, From: from, Until: until, Content: content, Purpose: purpose, Agreement: by.Agreement, Grounds: []string{}}
		if by.Grounds != 0 {
			one.Grounds = strings.Split(by.Grounds.String(), ",")
		}
		given[key] = one
	}
	if from.Before(one.From) {
		one.From = from
	}
	if until.After(one.Until) {
		one.Until = until
	}
	if c := (countedKey{key, at.of}); !counted[c] {
		counted[c] = true
		one.Objects++
		if at.of.gone {
			one.Gone++
		}
	}
	return nil
}

// footing is on what readers were given something: for what purpose, and as whom.
type footing struct {
	audit.Footing
	agreed []handling.Agreement
}

// basis tells for which purpose a reader was given a class, and by what it was released
// to him then; nothing where that was not kept.
func (r *reporting) basis(reading *audit.Reading, c *handling.Class) (purpose string, by handling.Basis, err error) {
	on := r.footings[reading.Footing]
	if on == nil {
		on = &footing{}
		var known bool
		if on.Footing, known, err = r.x.ledger.Footing(reading.Footing); err != nil {
			return "", by, err
		}
		if known {
			if on.agreed, err = r.agreed(on.Agreed); err != nil {
				return "", by, err
			}
		}
		r.footings[reading.Footing] = on
	}
	if on.Purpose == "" || c == nil {
		return on.Purpose, by, nil
	}
	reader := readerOn(reading.By, &on.Footing)
	reader.In = reading.Collection
	return on.Purpose, handling.BasisOf(*c, reader, on.agreed), nil
}

// agreed reads the agreements of a footing, as they were.
func (r *reporting) agreed(editions string) (list []handling.Agreement, err error) {
	for _, edition := range strings.FieldsFunc(editions, func(c rune) bool { return c == ',' }) {
		a := r.editions[edition]
		if name, version, over, ok := handling.ReadEdition(edition); a == nil && ok {
			read, err := r.ask.Agreement(name, version)
			if err != nil {
				return nil, err
			}
			read = read.Lapsed(over)
			a = &read
			r.editions[edition] = a
		}
		if a != nil {
			list = append(list, *a)
		}
	}
	return list, nil
}

// report puts together what was found.
func (r *reporting) report() (PersonalReport, error) {
	out := PersonalReport{Held: []PersonalHeld{}, Counts: map[string]int{}, Released: append([]PersonalRelease{}, r.out...), Gaps: []audit.Gap{}}
	list := make([]*heldPlace, 0, len(r.held))
	for _, h := range r.held {
		if h.isOf(r.ask.Org) {
			h.Kinds = inOrder(h.kinds)
			list = append(list, h)
		}
	}
	slices.SortFunc(list, func(a, b *heldPlace) int { return comparePlaces(a.place, b.place) })
	for _, h := range list {
		out.Held = append(out.Held, h.PersonalHeld)
	}
	out.Held = append(out.Held, r.side...)
	out.Total = len(out.Held)
	for i := range out.Held {
		for _, k := range out.Held[i].Kinds {
			out.Counts[k]++
		}
	}
	if out.More = out.Total > r.ask.Limit; out.More {
		out.Held = out.Held[:r.ask.Limit]
	}
	if r.since > 0 {
		at := audit.Time(r.since)
		out.KnownSince = &at
	}
	gaps, err := r.x.ledger.Gaps()
	out.Gaps = append(out.Gaps, gaps...)
	return out, err
}
