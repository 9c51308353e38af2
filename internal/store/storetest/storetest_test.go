package storetest

import (
	"sync"
	"testing"
	"time"

	"entente/internal/store"
)

// The model must pass the suite that it is the measure of.
func TestModelPassesTheSuite(t *testing.T) {
	var mu sync.Mutex
	disks := map[string]*disk{}
	Run(t, func(_ *testing.T, dir string, now func() time.Time) (store.Store, error) {
		mu.Lock()
		defer mu.Unlock()
		if disks[dir] == nil {
			disks[dir] = &disk{model: newModel()}
		}
		return openMemory(disks[dir], now)
	})
}
