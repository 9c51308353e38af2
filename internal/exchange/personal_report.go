package exchange

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/audit"
	"entente/internal/trust/handling"
	"entente/internal/trust/personal"
	"entente/stix"
)

// PersonalHeld is an object version that holds personal data.
type PersonalHeld struct {
	Object     string     `json:"object"`
	Version    string     `json:"version,omitempty"`
	Collection string     `json:"collection"` // alias
	Source     string     `json:"source"`     // the organisation that brought it, the first where several did
	Kinds      []string   `json:"kinds" nullable:"false"`
	TLP        string     `json:"tlp,omitempty"` // of what is kept aside there is none
	Withheld   bool       `json:"withheld"`      // partners need an agreement on a ground for personal data
	Added      time.Time  `json:"date_added,omitzero"`
	KeptUntil  *time.Time `json:"kept_until,omitempty"` // absent: without end
	Aside      bool       `json:"aside"`                // other content that came under this id and version and was kept aside
}

// PersonalRelease is what one reader was given of it. Purpose, agreement and grounds are
// those of then, whatever has become of the account, the agreement and the object.
type PersonalRelease struct {
	Reader    audit.Reader `json:"reader"`
	Object    string       `json:"object,omitempty"` // where the report is about a person or an object
	Objects   int          `json:"objects"`          // object versions, each once
	Gone      int          `json:"gone"`             // of them those that are not held any more
	From      time.Time    `json:"from"`             // between From and Until
	Until     time.Time    `json:"until"`
	Content   bool         `json:"content"`             // false: only that they exist
	Purpose   string       `json:"purpose,omitempty"`   // of the reader; empty when that was not kept then
	Agreement string       `json:"agreement,omitempty"` // by which it was released, with its version, or one that is built in; empty when that was not kept then
	Grounds   []string     `json:"legal_grounds" nullable:"false"`
}

// PersonalReport answers a person's or a regulator's question.
type PersonalReport struct {
	Held     []PersonalHeld    `json:"held" nullable:"false"`
	More     bool              `json:"more"`   // Held has not all
	Counts   map[string]int    `json:"counts"` // object versions that hold data of each kind; one may hold several
	Total    int               `json:"total"`  // object versions
	Released []PersonalRelease `json:"released" nullable:"false"`
	Gaps     []audit.Gap       `json:"gaps" nullable:"false"` // of which it is not known what was given

	// KnownSince is from when on it is kept on what readers are given something, and what
	// personal data was in what is taken out; absent: always. What was given before is told
	// without that, and what was taken out before is not told.
	KnownSince *time.Time `json:"known_since,omitempty"`
}

// AskPersonal says what a PersonalReport is about: all that is held, unless one of
// the first three is given.
type AskPersonal struct {
	Value  string // that somebody wants to know of: an address, a number, a name
	Org    string // whose objects, and who was given what
	Object string // id of an object, also of one that is not held any more
	Limit  int    // how many objects are listed; all count

	// Agreement gives a version of an agreement, as it was recorded.
	Agreement func(name string, version int) (handling.Agreement, error)
}

// PersonalReport tells what personal data is held, whence, until when, and to whom it
// was released on which ground. It takes an auditor: ErrForbidden.
func (x *Exchange) PersonalReport(ctx context.Context, by account.Principal, ask AskPersonal) (PersonalReport, error) {
	if err := x.mayAudit(ctx, by); err != nil {
		return PersonalReport{}, err
	}
	r := &reporting{x: x, ask: ask, held: map[store.Place]*heldPlace{}, byID: map[string][]*heldPlace{}, faces: map[store.Place]bool{},
		footings: map[audit.FootingID]*footing{}, editions: map[string]*handling.Agreement{}}
	for _, step := range []func(context.Context) error{r.find, r.describe, r.asides, r.past, r.readings} {
		if err := step(ctx); err != nil {
			return PersonalReport{}, fmt.Errorf("what personal data is held: %w", err)
		}
	}
	return r.report()
}

// reporting is a report being made.
type reporting struct {
	x    *Exchange
	ask  AskPersonal
	held map[store.Place]*heldPlace
	byID map[string][]*heldPlace

	faces map[store.Place]bool // of these, without a class, those that show personal data

	footings map[audit.FootingID]*footing
	editions map[string]*handling.Agreement

	since store.Tick // from when on it is known what was taken out, and on what was released

	side []PersonalHeld
	out  []PersonalRelease
}

// heldPlace is where personal data stands, or stood when it was removed.
type heldPlace struct {
	PersonalHeld
	gone  bool
	place store.Place // without a class when it is gone
	class handling.Class
	kinds map[string]bool
}

// isOf tells whether an organisation, or nobody in particular, brought it.
func (h *heldPlace) isOf(org string) bool { return org == "" || strings.EqualFold(h.Source, org) }

const allPlaces = 1 << 30

// find looks up where personal data stands: by what was found at publishing, and by
// the classes of what says so itself.
func (r *reporting) find(ctx context.Context) error {
	scope, marked := r.x.everywhere(store.AllClasses()), r.x.personalClasses()
	if r.ask.Value != "" {
		return r.lookUp(ctx, scope, personalValues(r.ask.Value), func(int) string { return "" })
	}
	if r.ask.Object != "" {
		return r.versions(ctx)
	}
	var kinds []store.Value
	for _, k := range personal.Kinds() {
		kinds = append(kinds, store.Value{Kind: personalKind, Text: k.String()})
	}
	if err := r.lookUp(ctx, scope, kinds, func(i int) string { return kinds[i].Text }); err != nil {
		return err
	}
	for c := range scope {
		err := r.x.eachRow(ctx, c, marked, func(p store.Place) {
			if r.held[p] == nil {
				r.at(p, "") // what kinds is read from it
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// versions finds all versions of the object that somebody asks about.
func (r *reporting) versions(ctx context.Context) error {
	for _, c := range r.x.collections.all() {
		rows, err := r.x.objectRows(ctx, c, r.ask.Object)
		if err != nil {
			return err
		}
		for _, row := range rows {
			r.at(row.Place(), "") // what kinds is read from it
		}
	}
	return nil
}

// personalValues are the values by which what somebody asks about is found; an address
// also where it stands as an observable of what was not looked through.
func personalValues(text string) (values []store.Value) {
	for _, f := range personal.Of(text) {
		if f.Kind == personal.Address { // personal only where the object says so
			values = append(values, kept(stix.Value{Kind: stix.ValueIP, Text: f.Text}))
			continue
		}
		values = append(values, valueOf(f))
		if v, ok := stix.NewValue(stix.ValueEmail, f.Text); ok && f.Kind == personal.Email {
			values = append(values, kept(v))
		}
	}
	return values
}

func (r *reporting) lookUp(ctx context.Context, scope store.Scope, values []store.Value, kind func(i int) string) error {
	found, err := r.x.store.Lookups(ctx, values, scope, allPlaces)
	if err != nil {
		return err
	}
	for i, places := range found {
		for _, p := range places {
			r.at(p, kind(i))
		}
	}
	return nil
}

func (r *reporting) at(p store.Place, kind string) {
	h := r.held[p]
	if h == nil {
		h = &heldPlace{place: p, kinds: map[string]bool{}}
		r.held[p] = h
	}
	if kind != "" {
		h.kinds[kind] = true
	}
}

// describe reads what stands at the places. What came meanwhile is left out.
func (r *reporting) describe(ctx context.Context) error {
	places := make([]store.Place, 0, len(r.held))
	for p := range r.held {
		places = append(places, p)
	}
	slices.SortFunc(places, comparePlaces)
	for chunk := range slices.Chunk(places, 256) {
		if err := r.describeSome(ctx, chunk); err != nil {
			return err
		}
	}
	for p, h := range r.held {
		if h.Object == "" {
			delete(r.held, p)
		}
	}
	return r.sources(ctx)
}

func comparePlaces(a, b store.Place) int {
	return cmp.Or(cmp.Compare(a.Collection, b.Collection), cmp.Compare(a.Added, b.Added), cmp.Compare(a.Class, b.Class))
}

func (r *reporting) describeSome(ctx context.Context, places []store.Place) error {
	rows, released, err := r.x.opened(r.x.store.Fetch(ctx, places, nil))
	if err != nil {
		return err
	}
	defer released.Close()
	for i := range released.Len() {
		row := &rows[i]
		h := r.held[row.Place()]
		if h == nil {
			continue
		}
		c := r.x.collections.numbered(row.Collection)
		h.class, _, err = handling.ShownClass(r.x.store.Classes()[row.Class])
		if err != nil {
			return err
		}
		h.Object, h.Version, h.Collection = strings.Clone(row.ID), strings.Clone(row.Version), c.Alias
		h.TLP, h.Withheld, h.Added = h.class.TLP.String(), h.class.Personal, audit.Time(row.Added)
		if h.KeptUntil, err = r.keptUntil(&c, h, released.Bytes(i)); err != nil {
			return err
		}
		if len(h.kinds) == 0 { // asked by value: what else it holds
			for _, f := range findIn(released.Bytes(i), h.class.Personal && r.x.saysPersonal(released.Bytes(i), &c)) {
				h.kinds[f.Kind.String()] = true
			}
			if len(h.kinds) == 0 { // an address of nobody, or it refers to something that holds some
				delete(r.held, h.place)
				continue
			}
		}
		r.byID[h.Object] = append(r.byID[h.Object], h)
	}
	return nil
}

// findIn finds personal data in stored bytes.
func findIn(raw []byte, marked bool) []personal.Found {
	o, err := stix.Read(raw, stix.MaxObject(len(raw)))
	if err != nil {
		o = stix.Object{Raw: raw} // taken in by other rules
	}
	return personal.Find(&o, marked)
}

// sources tells who brought what is held, and which of its faces show personal data.
func (r *reporting) sources(ctx context.Context) error {
	for id, held := range r.byID {
		asked := map[store.Collection]bool{}
		for _, one := range held {
			c := one.place.Collection
			if asked[c] {
				continue
			}
			asked[c] = true
			rows, err := r.x.store.Versions(ctx, c, id, store.AllClasses())
			if err != nil {
				return err
			}
			for i := range rows {
				row := &rows[i]
				shown, face, err := handling.ShownClass(r.x.store.Classes()[row.Class])
				if face && err == nil && shown.Personal {
					r.faces[store.Place{Collection: c, Added: row.Added}] = true
				}
				if h := r.held[row.Place()]; h != nil {
					h.Source = row.Source
				}
			}
		}
	}
	return nil
}

// keptUntil is when what is held goes, by the first of what limits it; nil when nothing
// does.
func (r *reporting) keptUntil(c *Collection, h *heldPlace, raw []byte) (*time.Time, error) {
	var first time.Time
	if c.Limits.Keep > 0 {
		first = h.Added.Add(c.Limits.Keep)
	}
	digest, err := stix.Digest(raw)
	if err != nil {
		return nil, err
	}
	own, err := store.GetJSON[holding](r.x.store, holdingTable, address(c.Number, digest))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if t := own.until(&c.Limits); !t.IsZero() && (first.IsZero() || t.Before(first)) {
		first = t
	}
	if first.IsZero() {
		return nil, nil
	}
	return &first, nil
}
