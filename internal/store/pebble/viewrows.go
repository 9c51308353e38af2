package pebble

import (
	"sync"

	"entente/internal/recent"
	"entente/internal/store"
)

// viewRows are rows of a view that single look-ups have read of it: most ask for
// the same producers, hubs and reports, and a seek costs twenty times what is
// kept here. A view never changes, so that nothing of it can be out of date; the
// next commit brings a view that has read nothing yet. Who may see a row is
// decided on every read, as if it had been sought.
type viewRows struct {
	members remembered[membership]
	places  remembered[string] // of values and targets

	mu     sync.RWMutex
	chains map[chainOf][]indexRow
}

// membership names a membership row.
type membership struct {
	collection store.Collection
	tick       store.Tick
}

// chainOf names the versions of an id in a collection.
type chainOf struct {
	id         string // as in keys
	collection store.Collection
}

// What a view keeps at most: memberships of about 100 bytes, and ids with few
// versions, about 200 bytes each.
const (
	memberBytes   = 2 << 20
	aroundMember  = 64
	mostChains    = 8192
	longestChain  = 8 // a longer one is read again
	largestMember = 4 << 10
)

// remembered is a cache that is made when it is asked for first: most views are never
// read by single look-ups.
type remembered[K comparable] struct {
	once sync.Once
	rows *recent.Cache[K, []byte]
}

func (k *remembered[K]) kept(budget, around int) *recent.Cache[K, []byte] {
	k.once.Do(func() { k.rows = recent.New[K, []byte](budget, around) })
	return k.rows
}

// chain is that of an id as the view has it; false when it was not read yet.
func (r *viewRows) chain(id []byte, c store.Collection) ([]indexRow, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	rows, ok := r.chains[chainOf{string(id), c}]
	return rows, ok
}

// keepChain keeps a chain, which must not be changed any more.
func (r *viewRows) keepChain(id []byte, c store.Collection, rows []indexRow) {
	if len(rows) > longestChain {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.chains) >= mostChains || r.chains == nil {
		r.chains = make(map[chainOf][]indexRow)
	}
	r.chains[chainOf{string(id), c}] = rows
}
