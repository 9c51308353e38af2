package storetest

import (
	"testing"
	"time"

	"entente/internal/store"
)

// Open opens the store in dir, making it when there is none. Dates added come
// from now. Open is called again on the same dir after Close, and once beside
// an open store, which must answer store.ErrLocked.
type Open func(t *testing.T, dir string, now func() time.Time) (store.Store, error)

// Run plays the whole suite on the engine that open gives, and lay fills a
// directory for.
func Run(t *testing.T, open Open, lay Lay) {
	for _, group := range []struct {
		name string
		play func(*testing.T, Open)
	}{
		{"Sameness", sameness},
		{"Faces", faces},
		{"Standings", standings},
		{"Variants", variants},
		{"Versions", versions},
		{"Filters", filters},
		{"Pages", pages},
		{"Bodies", bodies},
		{"Ticks", ticks},
		{"Removal", removal},
		{"Reclassing", reclassing},
		{"MemberRows", memberRows},
		{"Log", treeLog},
		{"Changes", feed},
		{"Lookups", lookups},
		{"Postings", postings},
		{"Snapshots", snapshots},
		{"Life", life},
		{"NonInterference", interference},
		{"Expects", expects},
		{"Writers", writers},
		{"History", history},
	} {
		t.Run(group.name, func(t *testing.T) { group.play(t, open) })
	}
	t.Run("Backups", func(t *testing.T) { backups(t, open, lay) })
}

// story runs one subtest on a fresh store. When it ends, the store must find
// itself in order, and close.
func story(t *testing.T, open Open, name string, play func(k *keeper)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		k := newKeeper(t, open)
		play(k)
		if k.Store != nil {
			k.verify()
			k.close()
		}
	})
}
