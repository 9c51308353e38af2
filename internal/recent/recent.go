package recent

import "sync"

// Cache keeps values by a key. It is safe for concurrent use.
type Cache[K comparable, V any] struct {
	budget, around int

	mu         sync.Mutex
	young, old map[K]kept[V]
	size       int // of the young, with what keeping each takes besides
}

type kept[V any] struct {
	value V
	size  int
}

// New makes a cache of a budget in bytes; around is what keeping one value takes besides
// its own.
func New[K comparable, V any](budget, around int) *Cache[K, V] {
	return &Cache[K, V]{budget: budget, around: around, young: map[K]kept[V]{}}
}

// Get is what is kept under a key, which must not be changed; false when nothing
// is.
func (c *Cache[K, V]) Get(key K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.young[key]
	if !ok {
		if k, ok = c.old[key]; ok {
			c.add(key, k)
		}
	}
	return k.value, ok
}

// Keep keeps a value of a size in bytes, which is the cache's from then on. Where
// something is kept under the key already, that may stay.
func (c *Cache[K, V]) Keep(key K, v V, size int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, twice := c.young[key]; !twice {
		c.add(key, kept[V]{v, size})
	}
}

// Put keeps a value in place of one that may be kept under its key.
func (c *Cache[K, V]) Put(key K, v V, size int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k, twice := c.young[key]; twice {
		c.size -= k.size + c.around
	}
	c.add(key, kept[V]{v, size})
}

func (c *Cache[K, V]) add(key K, k kept[V]) {
	size := k.size + c.around
	if c.size += size; c.size > c.budget/2 {
		c.old, c.young, c.size = c.young, map[K]kept[V]{}, size
	}
	c.young[key] = k
}
