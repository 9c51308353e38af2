package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"entente/internal/store"
)

// Standing is a digest of what the reader may read by now: the collections that he has,
// and the classes that are for him in each. As long as it is the same, only changes of
// objects change what he sees.
func (v *View) Standing() [32]byte {
	var b []byte
	scope := v.scope()
	for _, c := range v.x.collections.all() {
		classes, readable := scope[c.Number]
		if !readable {
			continue
		}
		b = binary.BigEndian.AppendUint32(append(b, 'c'), uint32(c.Number))
		if classes.All() {
			b = append(b, '*')
		}
		classes.Each(func(id store.ClassID) { b = binary.BigEndian.AppendUint32(b, uint32(id)) })
		// When something was opened is a part of how it is read.
		if !classes.All() {
			for _, run := range v.openings(c) {
				b = binary.BigEndian.AppendUint64(append(b, 'o'), uint64(run))
			}
		}
	}
	return sha256.Sum256(b)
}

// openings are when classes were opened to the reader.
func (v *View) openings(c Collection) (at []store.Tick) {
	_, runs := v.x.gate.Opened(v.profile, c.Number)
	for i := range runs {
		at = append(at, runs[i].At)
	}
	return at
}

// settled is how long ago what is not yet to be read was begun at most, in ticks.
const settled = store.Tick(60_000_000)

// Moved tells whether objects of the types may have come, changed or gone, among those
// that the reader sees, since another call of it answered with a tick; and a tick to
// ask from the next time, before which nothing appears any more. 0 asks from a minute ago.
// What it reads leaves with nobody.
func (v *View) Moved(ctx context.Context, since store.Tick, types ...string) (until store.Tick, moved bool, err error) {
	if until = since; since == 0 {
		until = max(v.x.store.Now()-settled, 0)
	}
	scope := v.scope()
	for {
		changes, err := v.x.store.Changes(ctx, until, 1000)
		if err != nil {
			return until, false, err
		}
		for i := range changes.List {
			c := &changes.List[i]
			until = c.Row.Added
			moved = moved || slices.ContainsFunc(types, func(t string) bool { return strings.HasPrefix(c.Row.ID, t+"--") }) &&
				(c.Kind == store.ChangeReclassed || scope[c.Row.Collection].Has(c.Row.Class)) // what it was before is not told
		}
		more := changes.More
		changes.Close()
		if !more {
			return until, moved, nil
		}
	}
}
