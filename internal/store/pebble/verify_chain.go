package pebble

import (
	"bytes"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/store"
)

// chains works the newer sets out again from the index of ids.
func (c *check) chains() error {
	err := c.eachNewer(func(coll store.Collection, row *chainRow, newer []byte) error {
		c.add(&c.want[kindMember], memberKey(nil, coll, row.tick), newer)
		return nil
	})
	if err != nil || c.want[kindMember] == c.have[kindMember] {
		return err
	}
	return c.eachNewer(func(coll store.Collection, row *chainRow, newer []byte) error {
		value, err := c.get(memberKey(nil, coll, row.tick))
		if err != nil {
			return err
		}
		if m, ok := readMember(value); ok && !bytes.Equal(m.newer, newer) {
			c.say("%s (%s) does not know the classes of its newer versions",
				m.appendID(nil), placeText(store.Place{Collection: coll, Class: row.class, Added: row.tick}))
		}
		return nil
	})
}

// eachNewer calls f for each row of the index of ids with the newer set that
// the rows beside it make.
func (c *check) eachNewer(f func(store.Collection, *chainRow, []byte) error) error {
	it, err := c.view.snap.NewIter(&pebble.IterOptions{LowerBound: []byte{kindID}, UpperBound: []byte{kindID + 1}})
	if err != nil {
		return err
	}
	defer it.Close()
	var chain []byte // the beginning of the rows' keys
	var rows []chainRow
	flush := func() error {
		if len(rows) == 0 {
			return nil
		}
		coll := read32[store.Collection](chain[len(chain)-4:])
		slices.Reverse(rows)
		first := slices.IndexFunc(rows, func(r chainRow) bool { return !r.versioned() })
		if first >= 0 {
			sortBySince(rows[first:])
		}
		for i, newer := range newerSets(rows) {
			if err := f(coll, &rows[i], appendClasses(nil, newer)); err != nil {
				return err
			}
		}
		rows = rows[:0]
		return nil
	}
	for ok := it.First(); ok; ok = it.Next() {
		key := it.Key()
		n := 1 + idLen(key[1:]) + 4
		value, err := it.ValueAndErr()
		if err != nil {
			return err
		}
		if len(key) < n {
			c.say("the index of ids has a row that cannot be read: %s", keyText(key))
			continue
		}
		if !bytes.Equal(chain, key[:n]) {
			if err := flush(); err != nil {
				return err
			}
			chain = bytes.Clone(key[:n])
		}
		row, valid := readIndexRow(bytes.Clone(key[n:]), value)
		if !valid {
			c.say("the index of ids has a row that cannot be read: %s", keyText(key))
			continue
		}
		rows = append(rows, chainRow{indexRow: row})
		if len(rows)&1023 == 0 && c.ctx.Err() != nil {
			return c.ctx.Err()
		}
	}
	if err := it.Error(); err != nil {
		return err
	}
	return flush()
}

// newerSets works out the newer set of each row of a chain, newest first.
func newerSets(rows []chainRow) [][]store.ClassID {
	sets := make([][]store.ClassID, len(rows))
	var above []store.ClassID
	bySource := make(map[string][]store.ClassID)
	for i := range rows {
		row := &rows[i]
		if row.versioned() {
			sets[i], above = above, with(above, row.class)
			continue
		}
		sets[i] = bySource[row.source]
		bySource[row.source] = with(sets[i], row.class)
	}
	return sets
}
