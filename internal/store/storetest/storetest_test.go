package storetest

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"entente/internal/store"
)

// The model must pass the suite that it is the measure of.
func TestModelPassesTheSuite(t *testing.T) {
	d := &disks{byDir: map[string]*disk{}}
	Run(t, d.open, d.lay)
}

// disks are those of all stores of the test, and the models that backups hold.
type disks struct {
	mu    sync.Mutex
	byDir map[string]*disk
	kept  []*model
}

func (d *disks) open(_ *testing.T, dir string, now func() time.Time) (store.Store, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.byDir[dir] == nil {
		d.byDir[dir] = &disk{model: newModel(), keep: d.keep}
	}
	return openMemory(d.byDir[dir], now)
}

func (d *disks) keep(m *model) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kept = append(d.kept, m)
	return strconv.Itoa(len(d.kept) - 1)
}

func (d *disks) lay(dir string, parts map[string][]byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := strconv.Atoi(string(parts["model"]))
	if err != nil {
		return err
	}
	d.byDir[dir] = &disk{model: d.kept[n].clone(), keep: d.keep}
	return nil
}
