package exchange

import (
	"sync"

	"entente/internal/store"
	"entente/internal/trust/handling"
)

// order remembers of classes, by their texts, which make which stricter, so that
// most publications need not look at what their objects refer to: where all
// classes that there are bind nothing of one, nothing of it can become stricter.
type order struct {
	mu      sync.Mutex
	read    map[string]handling.Class
	binding map[string]*relation // by the class that would be made stricter
	bound   map[string]*relation // by the class that would make others so
}

// relation is what one class has to do with those of the store.
type relation struct {
	compared int // classes[1:compared]
	set      store.Classes
}

// mostCompared bounds what is worked out; with more classes than that each is
// taken to bind each, and objects are looked at one by one.
const mostCompared = 512

func newOrder() *order {
	return &order{read: map[string]handling.Class{}, binding: map[string]*relation{}, bound: map[string]*relation{}}
}

// class reads a class or what the face's class shows. What cannot be read is for
// nobody.
func (o *order) class(text string) handling.Class {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.locked(text)
}

func (o *order) locked(text string) handling.Class {
	c, ok := o.read[text]
	if !ok {
		var err error
		if c, _, err = handling.ShownClass(text); err != nil {
			c = handling.Class{TLP: handling.Red}
		}
		if len(o.read) >= 4*mostCompared {
			clear(o.read)
		}
		o.read[text] = c
	}
	return c
}

// anyBinds tells whether a class of the store would make one stricter. What
// waits for a definition may by then.
func (o *order) anyBinds(text string, classes []string) bool {
	return o.of(o.binding, text, classes, func(own, other handling.Class) bool { // a face is no stricter than its object
		return len(other.Unexplained) > 0 || handling.Binds(own, other)
	}).Len() > 0 || len(classes) > mostCompared
}

// binds are the classes of the store that one would make stricter, of faces those
// that would show less; nil when too many would have to be compared.
func (o *order) binds(c handling.Class, classes []string) *store.Classes {
	if len(classes) > mostCompared {
		return nil
	}
	return o.boundBy(c.Canonical(), classes)
}

// bindsAny tells of the text of a class whether it would make any of the store
// stricter.
func (o *order) bindsAny(text string, classes []string) bool {
	return len(classes) > mostCompared || o.boundBy(text, classes).Len() > 0
}

func (o *order) boundBy(text string, classes []string) *store.Classes {
	return o.of(o.bound, text, classes, func(own, other handling.Class) bool { return handling.Binds(other, own) })
}

// of compares a class with those of the store, each once.
func (o *order) of(known map[string]*relation, text string, classes []string, is func(own, other handling.Class) bool) *store.Classes {
	o.mu.Lock()
	defer o.mu.Unlock()
	b := known[text]
	if b == nil {
		if len(known) >= mostCompared {
			clear(known)
		}
		b = &relation{compared: 1}
		known[text] = b
	}
	if b.compared < len(classes) && len(classes) <= mostCompared {
		next := &relation{compared: len(classes)} // readers may hold the former set
		b.set.Each(next.set.Add)
		own := o.locked(text)
		for id := b.compared; id < len(classes); id++ {
			if is(own, o.locked(classes[id])) {
				next.set.Add(store.ClassID(id))
			}
		}
		known[text], b = next, next
	}
	return &b.set
}
