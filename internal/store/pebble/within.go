package pebble

import (
	"context"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/store"
)

// Within walks the texts of one kind and one length, which lie together in the
// order of their bytes.
func (r reads) Within(ctx context.Context, in store.Range, scope store.Scope, limit int) ([]store.Carrier, error) {
	v, err := r.acquireFor(ctx)
	if err != nil {
		return nil, err
	}
	defer v.release()
	if len(in.From) != len(in.To) || len(in.From) > store.MaxRange || in.From > in.To || limit < 1 {
		return nil, nil
	}
	lower := appendValue(nil, in.Kind, in.From)
	if in.After != (store.Carrier{}) {
		lower = append(appendPlace(appendValue(nil, in.Kind, in.After.Text), in.After.Place), 0)
	}
	it, err := v.snap.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: after(appendValue(nil, in.Kind, in.To))})
	if err != nil {
		return nil, v.store.readError(err)
	}
	defer it.Close()
	found, err := carriers(ctx, it, scope, limit)
	return found, v.store.readError(err)
}

// carriers reads the rows of values that the scope allows.
func carriers(ctx context.Context, it *pebble.Iterator, scope store.Scope, limit int) (found []store.Carrier, err error) {
	const text = 3 // kind of key, kind of value, length
	var key []byte
	for ok := it.First(); ok; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n := valueLen(it.Key())
		value, rest := it.Key()[:n], it.Key()[n:]
		if len(rest) != placeLen {
			return nil, damaged("an index row has no place: %s", keyText(it.Key()))
		}
		at := readPlace(rest)
		if scope[at.Collection].Has(at.Class) {
			found = append(found, store.Carrier{Text: string(value[text:]), Place: at})
			if len(found) == limit {
				return found, nil
			}
			ok = it.Next()
			continue
		}
		key = append(key[:0], value...)
		if next, any := nextVisible(scope, at); any {
			key = appendPlace(key, next)
		} else {
			key = after(key)
		}
		ok = it.SeekGE(key)
	}
	return found, it.Error()
}
