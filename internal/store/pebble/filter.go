package pebble

import (
	"bytes"
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
func (p *pager) passes(tick store.Tick, m *member) (bool, error) {
	f := &p.filter
	if f.all || f.latest && m.latest(p.q.Visible) {
		return true, nil
	}
	if len(f.exact) > 0 && f.exactly(appendVersion(nil, string(m.version)), tick) {
		return true, nil
	}
	if !f.first {
		return false, nil
	}
	rows, err := p.chain(appendID(nil, string(m.appendID(nil))))
	if err != nil {
		return false, err
	}
	for i := range rows {
		if rows[i].tick == tick {
			return firstIn(rows, i, p.q.Visible), nil
		}
	}
	return false, damaged("the index of ids lacks the membership of collection %d at %d", p.q.Collection, tick)
}

// passesIn applies the filter to row i of a chain, oldest first.
func (f *versionFilter) passesIn(rows []indexRow, i int, visible *store.Classes) bool {
	return f.all || f.latest && latestIn(rows, i, visible) || f.first && firstIn(rows, i, visible) ||
		f.exactly(rows[i].version[:plainLen(rows[i].version)], rows[i].tick)
}

// latestIn tells whether the reader sees nothing newer than row i.
func latestIn(rows []indexRow, i int, visible *store.Classes) bool {
	for j := range rows {
		if rows[i].olderThan(&rows[j]) && visible.Has(rows[j].class) {
			return false
		}
	}
	return true
}

// firstIn tells whether the reader sees nothing older than row i.
func firstIn(rows []indexRow, i int, visible *store.Classes) bool {
	for j := range rows {
		if rows[j].olderThan(&rows[i]) && visible.Has(rows[j].class) {
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
