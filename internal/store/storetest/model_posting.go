package storetest

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"entente/internal/store"
)

// post does to the model's index of words what a batch says.
func (m *model) post(b *store.Batch) {
	if b.DropPostings {
		m.posted = nil
	}
	for _, p := range b.Postings {
		if len(p.Added) == 0 {
			continue
		}
		i := slices.IndexFunc(m.posted, func(o store.Posting) bool { return orderPostings(o, p) == 0 })
		if i < 0 {
			p.Added = slices.Clone(p.Added)
			m.posted = append(m.posted, p)
			continue
		}
		m.posted[i].Added = slices.Concat(m.posted[i].Added, p.Added)
	}
	slices.SortFunc(m.posted, orderPostings)
}

// orderPostings is the order in which one run and one field is read.
func orderPostings(a, b store.Posting) int {
	return cmp.Or(cmp.Compare(b.Run, a.Run), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Term, b.Term),
		cmp.Compare(a.Collection, b.Collection), cmp.Compare(a.Class, b.Class))
}

// modelPostings reads the model's index of words.
type modelPostings struct {
	m     *model
	scope store.Scope
}

var _ store.Postings = (*modelPostings)(nil)

func (p *modelPostings) Newest() (uint32, bool, error) {
	if len(p.m.posted) == 0 {
		return 0, false, nil
	}
	return p.m.posted[0].Run, true, nil
}

func (p *modelPostings) Term(ctx context.Context, run uint32, field uint8, term string, f func(*store.Posting) bool) error {
	return p.each(ctx, run, field, func(t string) bool { return t == term }, f)
}

func (p *modelPostings) Begins(ctx context.Context, run uint32, field uint8, begin string, f func(*store.Posting) bool) error {
	return p.each(ctx, run, field, func(t string) bool { return strings.HasPrefix(t, begin) }, f)
}

func (p *modelPostings) each(ctx context.Context, run uint32, field uint8, want func(string) bool, f func(*store.Posting) bool) error {
	for _, o := range p.m.posted {
		if o.Run == run && o.Field == field && want(o.Term) && p.scope[o.Collection].Has(o.Class) && !f(&o) {
			break
		}
	}
	return ctx.Err()
}

func (p *modelPostings) Beside() (store.Postings, error) { return p, nil }

func (p *modelPostings) Close() error { return nil }
