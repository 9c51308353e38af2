package device

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"entente/internal/store"
)

// had is what a device was given with its last list: a digest of each value, under a key
// of the node, by their first bytes. By it new values are counted and, when they are too
// many at once, left out.
type had [256][]uint64

// digestOf is that of a row's value.
func (d *Devices) digestOf(row []byte) uint64 {
	var buf [512]byte
	key := d.key()
	sum := sha256.Sum256(append(append(buf[:0], key[:]...), row[:keyLen(row)]...))
	return binary.BigEndian.Uint64(sum[:])
}

func (h *had) add(digest uint64) {
	part := &h[digest>>56]
	*part = append(*part, digest)
}

func (h *had) sort() {
	for i := range h {
		slices.Sort(h[i])
	}
}

func (h *had) has(digest uint64) bool {
	_, is := slices.BinarySearch(h[digest>>56], digest)
	return is
}

func (h *had) len() (n int) {
	for i := range h {
		n += len(h[i])
	}
	return n
}

// lacks tells how many of another one it does not have.
func (h *had) lacks(other *had) (n int) {
	for i := range h {
		here := h[i]
		for _, digest := range other[i] {
			for len(here) > 0 && here[0] < digest {
				here = here[1:]
			}
			if len(here) == 0 || here[0] != digest {
				n++
			}
		}
	}
	return n
}

func hadKey(id string, part int) string { return fmt.Sprintf("%s%02x", keyOf(id), part) }

// had reads what a device had.
func (d *Devices) had(id string) (h *had, err error) {
	h = &had{}
	for row, err := range d.Exchange.Rows(hadTable, keyOf(id)) {
		if err != nil {
			return h, fmt.Errorf("what a device had: %w", err)
		}
		for b := row.Value; len(b) >= 8; b = b[8:] {
			h.add(binary.BigEndian.Uint64(b))
		}
	}
	h.sort()
	return h, nil
}

// keep writes what a device has now, as far as it is another, and the state with it. What a
// person has let go out since the state was read, still may.
func (d *Devices) keep(ctx context.Context, id string, before, s State, was, is *had) error {
	return d.Exchange.Keep(ctx, func(tx store.Tx) error {
		now, err := store.GetJSON[State](tx, stateTable, keyOf(id))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if now.Release && !before.Release {
			s.Release = s.Held > 0
		}
		for part := range is {
			if slices.Equal(was[part], is[part]) {
				continue
			}
			var b []byte
			for _, digest := range is[part] {
				b = binary.BigEndian.AppendUint64(b, digest)
			}
			if len(b) == 0 {
				tx.Delete(hadTable, hadKey(id, part))
			} else {
				tx.Set(hadTable, hadKey(id, part), b)
			}
		}
		return store.SetJSON(tx, stateTable, keyOf(id), s)
	})
}
