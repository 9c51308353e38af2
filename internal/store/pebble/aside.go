package pebble

import (
	"bytes"
	"crypto/sha256"
	"iter"
	"maps"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/sealed"
	"entente/internal/store"
)

// An x row: source, class and tail of the put, then its body row.

// asideKey begins the rows of what was kept aside under one id and version of
// a collection; a digest ends each.
func asideKey(id []byte, c store.Collection, version []byte) []byte {
	return append(append32(append([]byte{kindConflict}, id...), c), version...)
}

// keepAside keeps a put aside; the same one again changes nothing. Its class is
// interned, so that a Remove may name it.
func (t *transaction) keepAside(p *prepared) error {
	prefix := asideKey(p.id, p.Collection, p.version)
	there, err := t.aside(prefix)
	if err != nil {
		return err
	}
	if _, again := there[p.Digest]; again {
		return nil
	}
	there[p.Digest] = t.intern(p.Class)
	t.asides[string(prefix)] = there
	value := appendText(appendText(nil, p.Source), p.Class)
	value = append(appendText(value, p.tail), p.body...)
	t.batch.Set(append(prefix, p.Digest[:]...), value, nil)
	return nil
}

// dropAside takes away what was kept aside under the id and version of a target
// and is of these classes. It tells the digests, rising.
func (t *transaction) dropAside(tg *target, classes *store.Classes) (gone [][32]byte, err error) {
	if classes == nil || !tg.row.versioned() {
		return nil, nil // what has no version has variants, no conflicts
	}
	prefix := asideKey(tg.state.id, tg.chain.collection, tg.row.version)
	there, err := t.aside(prefix)
	if err != nil {
		return nil, err
	}
	for digest, class := range there {
		if classes.Has(class) {
			gone = append(gone, digest)
		}
	}
	for _, digest := range gone {
		delete(there, digest)
		t.batch.Delete(append(bytes.Clone(prefix), digest[:]...), nil)
	}
	if gone != nil {
		t.asides[string(prefix)] = there
	}
	slices.SortFunc(gone, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	return gone, nil
}

// aside is what stands aside behind a prefix, as the transaction has it: classes
// by digest, the caller's own. A class that is not known is 0.
func (t *transaction) aside(prefix []byte) (map[[32]byte]store.ClassID, error) {
	for _, written := range []map[string]map[[32]byte]store.ClassID{t.asides, t.stage.asides} {
		if there, ok := written[string(prefix)]; ok {
			return maps.Clone(there), nil
		}
	}
	there := map[[32]byte]store.ClassID{}
	it, err := t.stage.asideIter()
	if err != nil {
		return nil, err
	}
	for ok := it.SeekGE(prefix); ok && bytes.HasPrefix(it.Key(), prefix); ok = it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return nil, err
		}
		_, class, _, valid := readAside(value)
		if !valid || len(it.Key()) != len(prefix)+sha256.Size {
			return nil, damaged("a conflict kept aside cannot be read: %s", keyText(it.Key()))
		}
		there[[32]byte(it.Key()[len(prefix):])] = t.known(class)
	}
	return there, it.Error()
}

// known is the number of a class; 0 when it has none.
func (t *transaction) known(class string) store.ClassID {
	if id, ok := t.stage.writer.classOf[class]; ok {
		return id
	}
	return t.classOf[class]
}

func (st *stage) asideIter() (it *pebble.Iterator, err error) {
	if st.apart == nil {
		st.apart, err = st.store.db.NewIter(&pebble.IterOptions{LowerBound: []byte{kindConflict}, UpperBound: []byte{kindConflict + 1}})
	}
	return st.apart, err
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
