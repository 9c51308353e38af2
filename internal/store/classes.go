package store

import "math/bits"

// Classes is a set of handling classes, the form in which a decision reaches
// the store. The zero value is empty. It is not changed once it is in use.
type Classes struct {
	words []uint64
	n     int
	all   bool
}

// AllClasses holds every class, also those not yet interned.
func AllClasses() *Classes { return &Classes{all: true} }

// Add puts a class into the set.
func (c *Classes) Add(id ClassID) {
	w := int(id >> 6)
	for len(c.words) <= w {
		c.words = append(c.words, 0)
	}
	if c.words[w]&(1<<(id&63)) == 0 {
		c.words[w] |= 1 << (id & 63)
		c.n++
	}
}

// With gives a set of what is in either, which is the set itself where that has all of
// the other. A nil set is empty.
func (c *Classes) With(o *Classes) *Classes {
	switch {
	case o.within(c):
		return c
	case c.within(o):
		return o
	}
	both := &Classes{words: make([]uint64, max(len(c.words), len(o.words)))}
	copy(both.words, c.words)
	for w := range both.words {
		if w < len(o.words) {
			both.words[w] |= o.words[w]
		}
		both.n += bits.OnesCount64(both.words[w])
	}
	return both
}

// within tells whether all that is in the set is in another.
func (c *Classes) within(o *Classes) bool {
	switch {
	case o.All() || c.Len() == 0 && !c.All():
		return true
	case c.All() || o.Len() < c.Len():
		return false
	}
	for w, word := range c.words {
		if word != 0 && (w >= len(o.words) || word&^o.words[w] != 0) {
			return false
		}
	}
	return true
}

// Has tells whether the class is in the set. A nil set has none.
func (c *Classes) Has(id ClassID) bool {
	if c == nil {
		return false
	}
	if c.all {
		return true
	}
	w := int(id >> 6)
	return w < len(c.words) && c.words[w]&(1<<(id&63)) != 0
}

// Next gives the lowest class in the set above the given one.
func (c *Classes) Next(above ClassID) (ClassID, bool) {
	if c == nil || above+1 == 0 {
		return 0, false
	}
	id := above + 1
	if c.all {
		return id, true
	}
	for w := int(id >> 6); w < len(c.words); w++ {
		word := c.words[w]
		if w == int(id>>6) {
			word &= ^uint64(0) << (id & 63)
		}
		if word != 0 {
			return ClassID(w<<6 + bits.TrailingZeros64(word)), true
		}
	}
	return 0, false
}

// All tells whether the set holds every class.
func (c *Classes) All() bool { return c != nil && c.all }

// Len is the number of classes; meaningless for AllClasses.
func (c *Classes) Len() int {
	if c == nil {
		return 0
	}
	return c.n
}

// Each calls f for each class in rising order; nothing for AllClasses.
func (c *Classes) Each(f func(ClassID)) {
	if c == nil {
		return
	}
	for w, word := range c.words {
		for ; word != 0; word &= word - 1 {
			f(ClassID(w<<6 + bits.TrailingZeros64(word)))
		}
	}
}
