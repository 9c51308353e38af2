package agreement

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"entente/internal/store"
	"entente/internal/trust/handling"
)

// open reads all versions in the order in which they came into force.
func (b *Book) open() error {
	b.changing.Lock()
	defer b.changing.Unlock()
	b.current, b.changes = map[string]handling.Agreement{}, nil
	versions, err := b.all("")
	if err != nil {
		return err
	}
	byKey := map[string]Entry{}
	for _, e := range versions {
		byKey[key(e.Name, e.Version)] = e
	}
	for keyed, err := range b.rows.Rows(eraTable, "") {
		if err != nil {
			return fmt.Errorf("agreements: %w", err)
		}
		tick, err := strconv.ParseUint(keyed.Key, 16, 63)
		e, known := byKey[string(keyed.Value)]
		if err != nil || !known {
			return fmt.Errorf("agreements: row %s of %s means no version that is there", keyed.Key, eraTable)
		}
		b.change(e, time.UnixMicro(int64(tick)))
		delete(byKey, string(keyed.Value))
	}
	b.show()
	for _, e := range versions {
		if _, waits := byKey[key(e.Name, e.Version)]; waits {
			if err := b.takeUp(context.Background(), e); err != nil {
				return err
			}
		}
	}
	return nil
}

// change lets a version take the place of the one before it.
func (b *Book) change(e Entry, at time.Time) {
	c := handling.Change{At: at}
	if was, ok := b.current[e.Name]; ok {
		c.Was = &was
	}
	if e.Ended {
		delete(b.current, e.Name)
	} else {
		b.current[e.Name] = e.Agreement
		c.Is = &e.Agreement
	}
	b.changes = append(b.changes, c)
}

// show makes what is current the policy.
func (b *Book) show() {
	b.policy.Store(handling.NewPolicy(slices.Collect(maps.Values(b.current)), b.changes...))
}

// takeUp puts a recorded version in force. That happens within a transaction of
// its own: whatever is added after its tick can be read only when the version
// holds, so that nobody who polls has passed the date of what it opens.
func (b *Book) takeUp(ctx context.Context, e Entry) error {
	taken := false
	_, err := b.rows.Commit(context.WithoutCancel(ctx), &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		tick := tx.Tick()
		tx.Set(eraTable, fmt.Sprintf("%016x", int64(tick)), []byte(key(e.Name, e.Version)))
		if taken { // it is tried again, and the later tick counts
			b.changes[len(b.changes)-1].At = time.UnixMicro(int64(tick))
		} else {
			b.change(e, time.UnixMicro(int64(tick)))
		}
		taken = true
		b.show()
		return nil
	}})
	if !taken { // the version is recorded, and holds all the same
		b.change(e, time.Now())
		b.show()
	}
	if err != nil {
		return fmt.Errorf("agreement %s is recorded and in force, but from when on is not: %w", e.Name, err)
	}
	return nil
}
