package pebble

import (
	"bytes"
	"fmt"

	"entente/internal/store"
)

// expect holds what a batch was made from against what is there now, batches
// before it in the round included.
func (t *transaction) expect(e *store.Expect) error {
	state, err := t.id(appendID(nil, e.ID))
	if err != nil {
		return err
	}
	var want []byte
	if e.Version != "" {
		want = appendVersion(nil, e.Version)
	}
	newest, err := t.newest(state.in(e.Collection), e.Visible)
	if err != nil {
		return err
	}
	if !bytes.Equal(newest[:plainLen(newest)], want) {
		return fmt.Errorf("object %q: %w", e.ID, store.ErrChanged)
	}
	return nil
}

// newest is the newest version of a chain in a visible class; nil when there is
// none.
func (t *transaction) newest(ch *chain, visible *store.Classes) ([]byte, error) {
	for i := 0; ; i++ {
		row, err := t.at(ch, i)
		if err != nil || row == nil || !row.versioned() {
			return nil, err
		}
		if visible.Has(row.class) {
			return row.version, nil
		}
	}
}
