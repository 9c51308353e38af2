package pebble

import (
	"bytes"
	"context"
	"encoding/binary"

	"entente/internal/store"
)

// Of how many rows under one value or one target a view keeps all, and of how many
// values or targets at once: who asks for more goes through a list, and hardly comes
// back to the same.
const (
	fewRows   = 32
	fewAsked  = 256
	fewBytes  = 4 << 20
	aroundFew = 160
)

// many is kept of what has more rows than are kept.
var many = []byte{0xff}

// few gives all rows that begin with a prefix, whoever may see them, as the view has
// kept them or as it reads them now; false when there are many, or none are kept.
func (w *placeWalk) few(ctx context.Context, prefix []byte) (rows []byte, ok bool, err error) {
	if w.kept == nil {
		return nil, false, nil
	}
	key := string(prefix)
	if rows, ok = w.kept.Get(key); ok {
		return rows, !bytes.Equal(rows, many), nil
	}
	if err := w.seek(); err != nil {
		return nil, false, err
	}
	n := 0
	for ok := w.it.SeekPrefixGE(prefix); ok; ok = w.it.Next() {
		at, err := w.at(ctx, prefix)
		if err != nil {
			return nil, false, err
		}
		value, err := w.it.ValueAndErr()
		if err != nil {
			return nil, false, err
		}
		if n++; n > fewRows {
			w.kept.Keep(key, many, len(many))
			return nil, false, nil
		}
		rows = append(binary.AppendUvarint(appendPlace(rows, at), uint64(len(value))), value...)
	}
	if err := w.it.Error(); err != nil {
		return nil, false, err
	}
	w.kept.Keep(key, rows, len(rows))
	return rows, true, nil
}

// eachOf gives those of kept rows that the scope allows, until f has enough.
func eachOf(rows []byte, scope store.Scope, f func(store.Place, []byte) (more bool, err error)) error {
	for len(rows) > 0 {
		at := readPlace(rows)
		size, n := binary.Uvarint(rows[placeLen:])
		value := rows[placeLen+n:][:size]
		rows = rows[placeLen+n+int(size):]
		if !scope[at.Collection].Has(at.Class) {
			continue
		}
		if more, err := f(at, value); err != nil || !more {
			return err
		}
	}
	return nil
}
