package pebble

import (
	"bytes"
	"iter"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/sealed"
	"entente/internal/store"
)

// An x row: source, class and tail of the put, then its body row.

// writeConflict keeps a put aside; the same one again changes nothing.
func (t *transaction) writeConflict(p *prepared) {
	key := append(append32(append([]byte{kindConflict}, p.id...), p.Collection), p.version...)
	key = append(key, p.Digest[:]...)
	value := appendText(appendText(nil, p.Source), p.Class)
	value = append(appendText(value, p.tail), p.body...)
	t.batch.Set(key, value, nil)
}

// readAside reads a row; false when it is none. The body points into it.
func readAside(row []byte) (source, class string, raw []byte, ok bool) {
	var parts [3][]byte
	for i := range parts {
		if parts[i], row, ok = cutText(row); !ok {
			return "", "", nil, false
		}
	}
	_, raw, ok = cutBody(row)
	return string(parts[0]), string(parts[1]), raw, ok
}

// Conflicts reads all rows, since they stand in order of ids: there are few,
// and few ask.
func (r reads) Conflicts(c store.Collection) iter.Seq2[store.Aside, error] {
	return func(yield func(store.Aside, error) bool) {
		v, err := r.acquire()
		if err != nil {
			yield(store.Aside{}, err)
			return
		}
		defer v.release()
		it, err := v.snap.NewIter(&pebble.IterOptions{LowerBound: []byte{kindConflict}, UpperBound: []byte{kindConflict + 1}})
		if err != nil {
			yield(store.Aside{}, v.store.readError(err))
			return
		}
		defer it.Close()
		for ok := it.First(); ok; ok = it.Next() {
			rest := it.Key()[1+idLen(it.Key()[1:]):]
			if len(rest) < 4 || read32[store.Collection](rest) != c {
				continue
			}
			value, err := it.ValueAndErr()
			if err != nil {
				yield(store.Aside{}, v.store.readError(err))
				return
			}
			source, class, raw, valid := readAside(value)
			if !valid {
				yield(store.Aside{}, damaged("a conflict kept aside cannot be read: %s", keyText(it.Key())))
				return
			}
			if !yield(store.Aside{Source: source, Class: class, Body: sealed.Seal(bytes.Clone(raw))}, nil) {
				return
			}
		}
		if err := it.Error(); err != nil {
			yield(store.Aside{}, v.store.readError(err))
		}
	}
}
