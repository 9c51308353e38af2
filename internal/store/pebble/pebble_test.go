package pebble

import (
	"testing"
	"time"

	"entente/internal/store"
	"entente/internal/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T, dir string, now func() time.Time) (store.Store, error) {
		return Open(t.Context(), dir, Options{Now: now, CacheBytes: 8 << 20, MemTable: 1 << 20})
	})
}
