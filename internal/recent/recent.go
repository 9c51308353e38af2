package recent

import "sync"

// Cache keeps bytes by a key. It is safe for concurrent use.
type Cache[K comparable] struct {
	budget, around int

	mu         sync.Mutex
	young, old map[K][]byte
	size       int // of the young, with what keeping each takes besides
}

// New makes a cache of a budget; around is what keeping one takes besides its
// bytes.
func New[K comparable](budget, around int) *Cache[K] {
	return &Cache[K]{budget: budget, around: around, young: map[K][]byte{}}
}

// Get is what is kept under a key, which must not be changed; false when nothing
// is.
func (c *Cache[K]) Get(key K) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok := c.young[key]
	if !ok {
		if b, ok = c.old[key]; ok {
			c.add(key, b)
		}
	}
	return b, ok
}

// Keep keeps bytes, which are the cache's from then on. Where something is kept
// under the key already, that may stay.
func (c *Cache[K]) Keep(key K, b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, twice := c.young[key]; !twice {
		c.add(key, b)
	}
}

func (c *Cache[K]) add(key K, b []byte) {
	size := len(b) + c.around
	if c.size += size; c.size > c.budget/2 {
		c.old, c.young, c.size = c.young, map[K][]byte{}, size
	}
	c.young[key] = b
}
