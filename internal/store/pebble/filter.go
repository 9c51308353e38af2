package pebble

import (
	"bytes"
	"context"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/store"
)

// versionFilter is store.VersionFilter made ready: a row passes when any of
// its parts does.
type versionFilter struct {
	all, first, latest bool
	exact              [][]byte // versions as in keys
}

func newVersionFilter(f store.VersionFilter) versionFilter {
	v := versionFilter{all: f.All, first: f.First, latest: f.Latest}
	for _, text := range f.Exact {
		if key := appendVersion(nil, text); key[0] == versionInstant { // what is no instant matches nothing
			v.exact = append(v.exact, key)
		}
	}
	if !v.all && !v.first && len(f.Exact) == 0 {
		v.latest = true
	}
	return v
}

// exactly tells whether a version is among those asked for; an object without
// one answers to the date it was added.
func (f *versionFilter) exactly(version []byte, added store.Tick) bool {
	if len(f.exact) == 0 {
		return false
	}
	if version[0] == versionNone {
		version = tickVersion(nil, added)
	}
	return slices.ContainsFunc(f.exact, func(want []byte) bool { return bytes.Equal(want, version) })
}

// passes applies the filter to a membership met in order of Added.
func (p *pager) passes(ctx context.Context, tick store.Tick, m *member) (bool, error) {
	f := &p.filter
	if f.all || f.latest && m.latest(p.q.Visible) {
		return true, nil // of all, and so of those of some specifications
	}
	if len(f.exact) > 0 && f.exactly(appendVersion(nil, string(m.version)), tick) {
		return true, nil
	}
	if !f.first && (!f.latest || len(p.q.Specs) == 0) {
		return false, nil
	}
	a, err := p.amongThose(string(m.appendID(nil)))
	if err != nil {
		return false, err
	}
	for i := range a.rows {
		if a.rows[i].tick == tick {
			return f.first && a.first(ctx, i) || f.latest && a.latest(ctx, i), a.err
		}
	}
	return false, damaged("the index of ids lacks the membership of collection %d at %d", p.q.Collection, tick)
}

// passesIn applies the filter to row i of a chain, oldest first.
func (f *versionFilter) passesIn(ctx context.Context, a *among, i int) bool {
	return f.all || f.latest && a.latest(ctx, i) || f.first && a.first(ctx, i) ||
		f.exactly(a.rows[i].version[:plainLen(a.rows[i].version)], a.rows[i].tick)
}

// among is the rows of a chain, oldest first, of which some count: those that the
// reader sees and that are of the specifications asked for. Which do is found out
// once.
type among struct {
	q       *store.PageQuery
	rows    []indexRow
	know    []counted // with specifications
	members *memberReader
	err     error
}

// counted tells whether a row counts, once that is known.
type counted uint8

const (
	notKnown counted = iota
	doesCount
	countsNot
)

func newAmong(q *store.PageQuery, rows []indexRow, members *memberReader) among {
	a := among{q: q, rows: rows, members: members}
	if len(q.Specs) > 0 {
		a.know = make([]counted, len(rows))
	}
	return a
}

// mostAmong is of how many rows a page keeps which count.
const mostAmong = 1 << 16

// amongThose is among of an id's rows, which are kept for the next row of it: one of
// ten thousand versions is met that often.
func (p *pager) amongThose(id string) (*among, error) {
	if a := p.met[id]; a != nil {
		return a, nil
	}
	rows, err := p.chain(appendID(nil, id))
	if err != nil {
		return nil, err
	}
	if p.metRows += len(rows); p.metRows > mostAmong || p.met == nil {
		p.met, p.metRows = map[string]*among{}, len(rows)
	}
	if p.members == nil {
		p.members = &memberReader{view: p.view}
	}
	a := newAmong(p.q, rows, p.members)
	p.met[id] = &a
	return &a, nil
}

// has tells whether row j counts.
func (a *among) has(ctx context.Context, j int) bool {
	if a.know == nil {
		return a.q.Visible.Has(a.rows[j].class)
	}
	if a.know[j] == notKnown && a.err == nil {
		a.know[j] = countsNot
		if a.q.Visible.Has(a.rows[j].class) && a.asked(ctx, a.rows[j].tick) {
			a.know[j] = doesCount
		}
	}
	return a.know[j] == doesCount
}

// asked tells whether a membership is of the specifications asked for.
func (a *among) asked(ctx context.Context, tick store.Tick) bool {
	if a.err = ctx.Err(); a.err != nil {
		return false
	}
	row, err := a.members.at(a.q.Collection, tick)
	if err != nil {
		a.err = missing(err, "the membership of collection %d at %d", a.q.Collection, tick)
		return false
	}
	m, ok := readMember(row)
	if !ok {
		a.err = damaged("the membership of collection %d at %d cannot be read", a.q.Collection, tick)
	}
	return ok && slices.Contains(a.q.Specs, m.specText())
}

// latest tells whether nothing that counts is newer than row i.
func (a *among) latest(ctx context.Context, i int) bool {
	for j := range slices.Backward(a.rows) {
		if a.rows[i].olderThan(&a.rows[j]) && a.has(ctx, j) {
			return false
		}
	}
	return true
}

// first tells whether nothing that counts is older than row i.
func (a *among) first(ctx context.Context, i int) bool {
	for j := range a.rows {
		if a.rows[j].olderThan(&a.rows[i]) && a.has(ctx, j) {
			return false
		}
	}
	return true
}

// olderThan orders two rows of one chain: by version; without one, by arrival
// among those of one source.
func (r *indexRow) olderThan(than *indexRow) bool {
	if r.versioned() {
		return than.versioned() && bytes.Compare(r.version, than.version) < 0
	}
	return !than.versioned() && r.source == than.source && r.since < than.since
}

// chain reads the rows of an id in the page's collection, oldest version
// first; those without version in order of their arrival.
func (p *pager) chain(id []byte) ([]indexRow, error) {
	if p.chains == nil {
		it, err := p.view.iterator(kindID)
		if err != nil {
			return nil, err
		}
		p.chains = it
	}
	return readChain(p.chains, id, p.q.Collection)
}

func (p *pager) closeChains() {
	p.view.giveBack(kindID, p.chains)
	if p.members != nil {
		p.members.close()
	}
}

func readChain(it *pebble.Iterator, id []byte, c store.Collection) ([]indexRow, error) {
	var rows []indexRow
	prefix := chainKey(nil, id, c)
	for ok := it.SeekPrefixGE(prefix); ok && bytes.HasPrefix(it.Key(), prefix); ok = it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return nil, err
		}
		row, valid := readIndexRow(bytes.Clone(it.Key()[len(prefix):]), value)
		if !valid {
			return nil, damaged("an index row cannot be read: %s", keyText(it.Key()))
		}
		rows = append(rows, row)
	}
	if err := it.Error(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(rows, func(a, b indexRow) int {
		if order := bytes.Compare(a.version, b.version); order != 0 || a.versioned() {
			return order
		}
		return int(a.since - b.since)
	})
	return rows, nil
}
