package asset

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/stix"
)

// Claim is what an organisation has told to be its own.
type Claim struct {
	Org         string   `json:"org"` // who brought the statement, and in whose name it is
	Kind        Kind     `json:"kind"`
	Value       string   `json:"value"` // in normal form
	Note        string   `json:"note,omitempty"`
	TLP         string   `json:"tlp"`
	ID          string   `json:"id"`                  // of the statement, a note
	Collections []string `json:"collections"`         // aliases of those where it stands
	Contested   []string `json:"contested,omitempty"` // others who tell, or whose register says, that some of it is theirs

	version string
	revoked bool
}

func (c *Claim) order() string {
	return strings.ToLower(c.Org) + "\x00" + (&Asset{Kind: c.Kind, Value: c.Value}).Order()
}

// Claims are what others have told, as one reader sees it.
type Claims struct {
	List  []Claim  // by organisation, kind and value
	Cut   []string // who brought more statements than are read of one; the first count
	Other int      // statements that count for nobody: who brought them does not have the name of the identity that they are created by
}

// bounds are how much is read of what one organisation brought.
type bounds struct {
	claims int // statements that count
	others int // statements that count for nobody
}

var readOfEach = bounds{claims: 100_000, others: 10_000}

// Told reads what organisations have told to be their own, of one when it is named, by
// the view of an account of the own member. An organisation's newest word on an asset
// counts, whatever others bring under its identifier. Of what each brought as much is read
// as is bounded, so that nobody keeps others' from being read. Errors:
// exchange.ErrForbidden.
func (r *Register) Told(ctx context.Context, by account.Principal, org string) (Claims, error) {
	if !by.Own {
		return Claims{}, fmt.Errorf("see what is told of assets: %w: this takes an account of the node's own member", exchange.ErrForbidden)
	}
	own, err := r.Set()
	if err != nil {
		return Claims{}, err
	}
	t := telling{view: r.x.View(by), newest: map[[2]string]*Claim{}, other: map[string]bool{}, spelled: map[string]string{}, of: map[string]*brought{}}
	t.speakers = t.view.Speakers()
	for _, c := range t.view.Readable() {
		if err := t.read(ctx, c); err != nil {
			return Claims{}, err
		}
	}
	all := make([]Claim, 0, len(t.newest))
	for _, c := range t.newest {
		delete(t.other, c.ID)
		if !c.revoked {
			slices.Sort(c.Collections)
			all = append(all, *c)
		}
	}
	slices.SortFunc(all, func(a, b Claim) int { return cmp.Or(cmp.Compare(a.order(), b.order()), cmp.Compare(a.ID, b.ID)) })
	contest(all, by.Org, own)
	if org != "" {
		all = slices.DeleteFunc(all, func(c Claim) bool { return !strings.EqualFold(c.Org, org) })
	}
	out := Claims{List: all, Other: len(t.other)}
	for _, b := range t.of {
		if b.cut {
			out.Cut = append(out.Cut, b.by)
		}
	}
	slices.Sort(out.Cut)
	return out, nil
}

// telling reads statements.
type telling struct {
	view     *exchange.View
	speakers *exchange.Speakers
	newest   map[[2]string]*Claim // by organisation and statement
	other    map[string]bool      // statements of which a version counts for nobody
	spelled  map[string]string    // organisations as they were met first, by their lower case
	of       map[string]*brought  // by who brought it, in lower case
}

// brought is how much was read of what somebody brought.
type brought struct {
	by             string
	claims, others int
	cut            bool // there is more
}

// from counts for who brought a statement.
func (t *telling) from(source string) *brought {
	key := strings.ToLower(source)
	b := t.of[key]
	if b == nil {
		b = &brought{by: source}
		t.of[key] = b
	}
	return b
}

// fits counts one more, unless it is beyond a bound.
func (b *brought) fits(n *int, most int) bool {
	if *n >= most {
		b.cut = true
		return false
	}
	*n++
	return true
}

func (t *telling) read(ctx context.Context, c exchange.Access) error {
	q := exchange.Query{Types: []string{"note"}, Limit: 1000, MaxBytes: 8 << 20, Bodies: true, Once: true, Versions: store.VersionFilter{All: true}}
	for page, err := range t.view.Pages(ctx, c.ID, q) {
		if err != nil {
			return err
		}
		for i := range page.Len() {
			if a, ok := stix.StatedAsset(page.Bytes(i)); ok {
				if err := t.take(ctx, c, page, i, a); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// take takes one version of a statement.
func (t *telling) take(ctx context.Context, c exchange.Access, page *exchange.Page, i int, a stix.Asset) error {
	id, version := strings.Clone(page.ID(i)), strings.Clone(page.Version(i))
	org, source, err := t.speakers.By(ctx, page, i)
	if err != nil {
		return err
	}
	of := t.from(source)
	if org == "" {
		if !t.other[id] && of.fits(&of.others, readOfEach.others) {
			t.other[id] = true
		}
		return nil
	}
	if first := t.spelled[strings.ToLower(org)]; first != "" {
		org = first
	}
	t.spelled[strings.ToLower(org)] = org
	key := [2]string{org, id}
	old := t.newest[key]
	if old == nil && !of.fits(&of.claims, readOfEach.claims) {
		return nil
	}
	if old != nil {
		switch order := stix.CompareVersions(version, old.version); {
		case order < 0:
			return nil
		case order == 0:
			if !slices.Contains(old.Collections, c.Alias) {
				old.Collections = append(old.Collections, c.Alias)
			}
			return nil
		}
	}
	o, err := stix.Read(page.Bytes(i), stix.MaxObject(len(page.Bytes(i))))
	if err != nil {
		return fmt.Errorf("%s in collection %s: %w", id, c.Alias, err)
	}
	t.newest[key] = &Claim{Org: org, Kind: Kind(a.Kind), Value: a.Value, Note: a.Note, TLP: page.Class(i).TLP.String(), ID: id,
		Collections: []string{c.Alias}, version: version, revoked: o.Revoked}
	return nil
}

// claimed answers as a [Set] does, of what each organisation has told.
type claimed struct {
	sets map[string]*Set // by organisation
	of   map[*Asset]*Claim
}

func newClaimed(all []Claim) claimed {
	w := claimed{map[string]*Set{}, map[*Asset]*Claim{}}
	byOrg := map[string][]*Claim{}
	for i := range all {
		byOrg[all[i].Org] = append(byOrg[all[i].Org], &all[i])
	}
	for org, claims := range byOrg {
		assets := make([]Asset, len(claims))
		for i, c := range claims {
			assets[i] = Asset{Kind: c.Kind, Value: c.Value}
			w.of[&assets[i]] = c
		}
		w.sets[org] = NewSet(assets)
	}
	return w
}

// others gives the claims of everybody but org that hold a value.
func (w *claimed) others(org string, v stix.Value) iter.Seq[*Claim] {
	return func(yield func(*Claim) bool) {
		for other, set := range w.sets {
			if other == org {
				continue
			}
			for a := range set.owners(v) {
				if !yield(w.of[a]) {
					return
				}
			}
		}
	}
}

// contest notes of each claim who else claims some of it; own is the register of the
// reader's member.
func contest(all []Claim, member string, own *Set) {
	w := newClaimed(all)
	for i := range all {
		c := &all[i]
		v, ok := stix.AssetValue(string(c.Kind), c.Value)
		if !ok {
			continue
		}
		for wider := range w.others(c.Org, v) {
			c.contest(wider.Org)
			wider.contest(c.Org)
		}
		if c.Org != member && own.Owns(v) != nil {
			c.contest(member)
		}
	}
	own.each(func(v stix.Value) {
		for wider := range w.others(member, v) {
			wider.contest(member)
		}
	})
}

func (c *Claim) contest(org string) {
	if !slices.Contains(c.Contested, org) {
		c.Contested = append(c.Contested, org)
		slices.Sort(c.Contested)
	}
}

// owners gives all assets that hold a value, the narrowest first.
func (s *Set) owners(v stix.Value) iter.Seq[*Asset] {
	return func(yield func(*Asset) bool) {
		for {
			a := s.Owns(v)
			if a == nil || !yield(a) {
				return
			}
			wider, ok := above(a)
			if !ok {
				return
			}
			v = wider
		}
	}
}

// above is the narrowest value that holds all of an asset and more.
func above(a *Asset) (stix.Value, bool) {
	switch a.Kind {
	case Domain, Mail:
		_, name, ok := strings.Cut(a.Value, ".")
		return stix.Value{Kind: stix.ValueDomain, Text: name}, ok && name != ""
	case Prefix:
		if p, ok := stix.PrefixOf(a.Value); ok && p.Bits() > 0 {
			wider, err := p.Addr().Prefix(p.Bits() - 1)
			return stix.Value{Kind: stix.ValueIP, Text: wider.String()}, err == nil
		}
	}
	return stix.Value{}, false
}
