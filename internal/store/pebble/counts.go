package pebble

import (
	"sync"

	"entente/internal/store"
)

// countID names one counter.
type countID struct {
	collection store.Collection
	class      store.ClassID
}

// counts is the number of memberships per collection and class as of the
// newest durable round: what a page's plan is chosen by. Count reads the rows.
type counts struct {
	mu     sync.RWMutex
	byColl map[store.Collection]*collectionCounts
}

type collectionCounts struct {
	total   int64
	byClass []int64 // index is the class
	ever    []bool  // the class had any since the store was opened
}

func (c *counts) add(id countID, n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byColl == nil {
		c.byColl = make(map[store.Collection]*collectionCounts)
	}
	coll := c.byColl[id.collection]
	if coll == nil {
		coll = &collectionCounts{}
		c.byColl[id.collection] = coll
	}
	for len(coll.byClass) <= int(id.class) {
		coll.byClass, coll.ever = append(coll.byClass, 0), append(coll.ever, false)
	}
	coll.byClass[id.class] += n
	coll.ever[id.class] = true
	coll.total += n
}

// visible is the classes of the set that a collection has anything in, or had
// when an older view was current; how much that is, and how much the
// collection has in all.
func (c *counts) visible(id store.Collection, set *store.Classes) (classes []store.ClassID, seen, total int64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	coll := c.byColl[id]
	if coll == nil {
		return nil, 0, 0
	}
	set.Each(func(class store.ClassID) {
		if int(class) < len(coll.ever) && coll.ever[class] {
			classes = append(classes, class)
			seen += coll.byClass[class]
		}
	})
	return classes, seen, coll.total
}
