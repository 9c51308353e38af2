package handling

import (
	"entente/internal/sealed"
	"entente/internal/store"
)

// Page is objects that a handling decision has released to one reader: the
// only thing encoders accept. Its strings and bytes are valid until Close.
type Page struct {
	page *store.Page
	gate *Gate

	agreed agreed
}

// agreed is what was agreed when the objects of a page were released: from each first
// one on, until the next.
type agreed []struct {
	first int
	what  string
}

// note notes what was agreed from an object on.
func (a *agreed) note(first int, what string) {
	if n := len(*a); n == 0 || (*a)[n-1].what != what {
		*a = append(*a, struct {
			first int
			what  string
		}{first, what})
	}
}

// Nothing is a page without objects, which needs no decision.
func Nothing() *Page { return &Page{page: &store.Page{}} }

// Len is the number of objects.
func (p *Page) Len() int { return len(p.page.Rows) }

// More tells whether further objects match.
func (p *Page) More() bool { return p.page.More }

// Follow says whether further objects follow, where the floor above knows better.
func (p *Page) Follow(more bool) { p.page.More = more }

// Append adds the objects of another page behind these; it is this page's from
// then on.
func (p *Page) Append(q *Page) {
	for _, a := range q.agreed {
		p.agreed.note(p.Len()+a.first, a.what)
	}
	own, other := p.page.Free, q.page.Free
	p.page.Rows, p.page.More = append(p.page.Rows[:len(p.page.Rows):len(p.page.Rows)], q.page.Rows...), q.page.More
	p.page.Free = func() {
		for _, free := range [...]func(){own, other} {
			if free != nil {
				free()
			}
		}
	}
}

// Agreed is what was agreed with the reader, and in force, when object i was released
// to him: the agreements, each as ReadEdition reads it, by name with commas
// between. It is empty where there was none, and of the own member.
func (p *Page) Agreed(i int) string {
	if len(p.agreed) == 1 { // as mostly
		return p.agreed[0].what
	}
	return p.agreed.at(i)
}

func (a agreed) at(i int) string {
	for n := len(a) - 1; n >= 0; n-- {
		if a[n].first <= i {
			return a[n].what
		}
	}
	return ""
}

// Keep leaves the objects of which keep is true.
func (p *Page) Keep(keep func(i int) bool) {
	var was agreed
	rows := make([]store.Row, 0, p.Len())
	for i := range p.Len() {
		if keep(i) {
			was.note(len(rows), p.Agreed(i))
			rows = append(rows, p.page.Rows[i])
		}
	}
	p.page.Rows, p.agreed = rows, was
}

// Size is how many octets the objects have together.
func (p *Page) Size() (n int) {
	for i := range p.page.Rows {
		n += len(p.Bytes(i))
	}
	return n
}

// Fit leaves as many of the first objects as have no more octets together than
// that, but at least one; others follow them. 0 is no bound.
func (p *Page) Fit(most int) {
	size := 0
	for i := range p.page.Rows {
		if size += len(p.Bytes(i)); most > 0 && size > most && i > 0 {
			p.page.Rows, p.page.More = p.page.Rows[:i], true
			return
		}
	}
}

// ID of object i.
func (p *Page) ID(i int) string { return p.page.Rows[i].ID }

// Version of object i as its producer wrote it; empty where it has none.
func (p *Page) Version(i int) string { return p.page.Rows[i].Version }

// Spec is the STIX version of object i, "2.1" or "2.0".
func (p *Page) Spec(i int) string { return p.page.Rows[i].Spec }

// Source is the organisation that brought object i first, on a page of one
// object's versions; empty on others. It is for the own member's accounts alone.
func (p *Page) Source(i int) string { return p.page.Rows[i].Source }

// Added is the date added of object i.
func (p *Page) Added(i int) store.Tick { return p.page.Rows[i].Added }

// Collection of object i, by its number.
func (p *Page) Collection(i int) store.Collection { return p.page.Rows[i].Collection }

// Place of object i in the store, for those who ask it again.
func (p *Page) Place(i int) store.Place {
	r := &p.page.Rows[i]
	return r.Place()
}

// Class is what the decision on object i depended on.
func (p *Page) Class(i int) Class {
	read, _, _ := p.gate.read.all(p.gate.classes())
	if c := read[p.page.Rows[i].Class]; c != nil {
		return c.Class
	}
	return Class{}
}

// Parts tells that object i is a copy without parts that are not for the reader.
func (p *Page) Parts(i int) bool {
	return IsFace(p.gate.classes()[p.page.Rows[i].Class])
}

// Bytes are object i as its producer wrote it; empty on a manifest page. The
// caller must not change them nor keep them past Close.
func (p *Page) Bytes(i int) []byte { return sealed.Open(p.page.Rows[i].Body) }

// Close gives the page's buffers back.
func (p *Page) Close() { p.page.Close() }

// Changes is a released run of history. Its strings and bytes are valid until Close.
type Changes struct {
	changes *store.Changes
}

// Len is the number of changes.
func (c *Changes) Len() int { return len(c.changes.List) }

// More tells whether later changes are there already.
func (c *Changes) More() bool { return c.changes.More }

// Change is step i without its body.
func (c *Changes) Change(i int) store.Change { return c.changes.List[i] }

// Bytes are the object of change i; empty for removals.
func (c *Changes) Bytes(i int) []byte { return sealed.Open(c.changes.List[i].Row.Body) }

// Close gives the buffers back.
func (c *Changes) Close() { c.changes.Close() }
