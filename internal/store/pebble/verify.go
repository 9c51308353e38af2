package pebble

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/store"
)

// Verify reads everything back and reports what disagrees.
//
// Memberships and bodies say which index rows there must be. A first pass
// sums up fingerprints of those rows and of the rows that are there, which
// reads every file in order; only where the sums differ, a second pass looks
// each row up and names the ones that are missing or too many.
func (s *Store) Verify(ctx context.Context, report func(problem string)) error {
	v, err := s.acquireFor(ctx)
	if err != nil {
		return err
	}
	defer v.release()
	c := &check{ctx: ctx, view: v, report: report, seed: maphash.MakeSeed(), counts: make(map[countID]int64)}
	for _, pass := range []func() error{c.classes, c.memberships, c.indexes, c.chains, c.bodies, c.steps, c.conflicts, c.counters, c.log, c.postings, c.strangers} {
		if err := pass(); err != nil {
			return s.readError(err)
		}
	}
	return nil
}

// check is one run of Verify.
type check struct {
	ctx    context.Context
	view   *view
	report func(string)
	seed   maphash.Seed

	want, have [256]sum // by kind of row; newer sets under kindMember
	counts     map[countID]int64
	used       []store.Tick // bodies that memberships point at
	newest     store.Tick
}

// sum is a fingerprint of a set of rows, whatever their order.
type sum struct {
	rows   int64
	hashes uint64
}

func (c *check) add(to *sum, key, value []byte) {
	var h maphash.Hash
	h.SetSeed(c.seed)
	h.Write(key)
	h.WriteByte(0)
	h.Write(value)
	to.rows++
	to.hashes += h.Sum64()
}

func (c *check) say(format string, args ...any) { c.report(fmt.Sprintf(format, args...)) }

// walk reads all rows of a kind.
func (c *check) walk(kind byte, f func(key, value []byte) error) error {
	n := 0
	return each(c.view.snap, []byte{kind}, func(key, value []byte) error {
		if n++; n&1023 == 0 && c.ctx.Err() != nil {
			return c.ctx.Err()
		}
		return f(key, value)
	})
}

// get reads one row; nil when it is not there.
func (c *check) get(key []byte) ([]byte, error) {
	value, closer, err := c.view.snap.Get(key)
	if err != nil {
		if errors.Is(err, pebble.ErrNotFound) {
			err = nil
		}
		return nil, err
	}
	defer closer.Close()
	return append([]byte{}, value...), nil
}

// classes looks whether classes are numbered without a gap.
func (c *check) classes() error {
	next := store.ClassID(1)
	err := c.walk(kindClass, func(key, value []byte) error {
		if id := read32[store.ClassID](key[1:]); id != next {
			c.say("class %d is missing; the next is %d", next, id)
			next = id
		}
		next++
		return nil
	})
	if int(next) != len(c.view.classes) {
		c.say("%d classes are stored, %d are known", next-1, len(c.view.classes)-1)
	}
	return err
}

// expected is the rows that one membership asks for.
type expected struct {
	at     store.Place
	id     string
	member member
	row    []byte // the membership row
	body   store.Tick
	found  found
}

// eachMember calls f for each membership with its body's header.
func (c *check) eachMember(f func(e *expected, home store.Collection) error) error {
	bodies, err := c.view.snap.NewIter(&pebble.IterOptions{LowerBound: []byte{kindBody}, UpperBound: []byte{kindBody + 1}})
	if err != nil {
		return err
	}
	defer bodies.Close()
	return c.walk(kindMember, func(key, value []byte) error {
		if len(key) != 13 {
			c.say("a membership has a key of %d bytes: %s", len(key), keyText(key))
			return nil
		}
		e := &expected{at: store.Place{Collection: read32[store.Collection](key[1:]), Added: readTick(key[5:])}}
		e.row = bytes.Clone(value)
		m, ok := readMember(e.row)
		if !ok {
			c.say("the membership %s cannot be read", placeText(e.at))
			return nil
		}
		e.member, e.at.Class, e.id, e.body = m, m.class, string(m.appendID(nil)), m.bodyAt(e.at.Added)
		if !seekNear(bodies, bodyKey(nil, e.body)) {
			c.say("the body of %s (%s) is missing; it should lie at %d", e.id, placeText(e.at), e.body)
			return bodies.Error()
		}
		row, err := bodies.ValueAndErr()
		if err != nil {
			return err
		}
		header, _, ok := cutBody(row)
		var home store.Collection
		var values []store.Value
		var edges []store.Ref
		if ok {
			home, values, edges, ok = readBodyHeader(header)
		}
		if !ok {
			c.say("the body of %s at %d cannot be read", e.id, e.body)
			return nil
		}
		e.found, _ = findable(values, edges, nil)
		return f(e, home)
	})
}

// rows gives the index rows that a membership asks for, that of the id apart.
func (e *expected) rows(f func(kind byte, key, value []byte) error) error {
	if err := f(kindByClass, byClassKey(nil, e.at.Collection, e.at.Class, e.at.Added), e.row); err != nil {
		return err
	}
	for _, v := range e.found.values {
		if err := f(kindValue, appendPlace(bytes.Clone(v), e.at), nil); err != nil {
			return err
		}
	}
	for _, edge := range e.found.edges {
		if err := f(kindEdge, appendPlace(bytes.Clone(edge.key), e.at), edge.paths); err != nil {
			return err
		}
	}
	return nil
}

// idRow is the key in the index of ids, and what must agree in its value.
func (e *expected) idRow() (key, value []byte) {
	version := e.member.appendVersion(nil)
	key = idKey(nil, appendID(nil, e.id), e.at.Collection, version, e.at.Added)
	return key, appendTick(append32([]byte{}, e.at.Class), e.body)
}

// memberships sums up what memberships ask for.
func (c *check) memberships() error {
	return c.eachMember(func(e *expected, home store.Collection) error {

		c.counts[countID{e.at.Collection, e.at.Class}]++
		c.used = append(c.used, e.body)
		c.newest = max(c.newest, e.at.Added)
		if int(e.at.Class) >= len(c.view.classes) || e.at.Class == 0 {
			c.say("%s (%s) is of class %d, which is not stored", e.id, placeText(e.at), e.at.Class)
		}
		if err := c.told(e, home); err != nil {
			return err
		}
		key, value := e.idRow()
		c.add(&c.want[kindID], key, value)
		c.add(&c.have[kindMember], memberKey(nil, e.at.Collection, e.at.Added), e.member.newer)
		return e.rows(func(kind byte, key, value []byte) error {
			c.add(&c.want[kind], key, value)
			return nil
		})
	})
}

// told looks whether followers hear of a membership.
func (c *check) told(e *expected, home store.Collection) error {
	if e.body == e.at.Added && home == e.at.Collection {
		return nil
	}
	value, err := c.get(stepKey(nil, e.at.Added))
	if err != nil {
		return err
	}
	if s, ok := readStep(value); !ok || s.collection != e.at.Collection || s.kind == store.ChangeRemoved {
		c.say("no change tells of %s (%s)", e.id, placeText(e.at))
	}
	return nil
}

// bodies looks for bodies that no membership points at.
func (c *check) bodies() error {
	slices.Sort(c.used)
	return c.walk(kindBody, func(key, value []byte) error {
		tick := readTick(key[1:])
		c.newest = max(c.newest, tick)
		if _, found := slices.BinarySearch(c.used, tick); !found {
			c.say("the body at %d belongs to no membership", tick)
		}
		return nil
	})
}

// counters compares the stored numbers with what was counted.
func (c *check) counters() error {
	err := c.walk(kindCount, func(key, value []byte) error {
		if len(key) != 9 || len(value) != 8 {
			c.say("a counter cannot be read: %s", keyText(key))
			return nil
		}
		id := countID{read32[store.Collection](key[1:]), read32[store.ClassID](key[5:])}
		if n := readNumber(value); n != c.counts[id] {
			c.say("collection %d says it has %d of class %d, it has %d", id.collection, n, id.class, c.counts[id])
		}
		delete(c.counts, id)
		return nil
	})
	for id, n := range c.counts {
		c.say("collection %d has %d of class %d, but no counter says so", id.collection, n, id.class)
	}
	if c.newest > c.view.tick {
		c.say("the newest tick is %d, but %d is there", c.view.tick, c.newest)
	}
	return err
}

// steps looks whether every change can be read.
func (c *check) steps() error {
	return c.walk(kindStep, func(key, value []byte) error {
		if s, ok := readStep(value); !ok || len(key) != 9 || s.kind < store.ChangeAdded || s.kind > store.ChangeReclassed {
			c.say("a change cannot be read: %s", keyText(key))
		} else {
			c.newest = max(c.newest, readTick(key[1:]))
		}
		return nil
	})
}

// conflicts looks whether what was kept aside can be read.
func (c *check) conflicts() error {
	return c.walk(kindConflict, func(key, value []byte) error {
		if _, _, _, ok := readAside(value); !ok {
			c.say("a conflict kept aside cannot be read: %s", keyText(key))
		}
		return nil
	})
}

// strangers looks for rows of no known kind.
func (c *check) strangers() error {
	it, err := c.view.snap.NewIter(nil)
	if err != nil {
		return err
	}
	defer it.Close()
	for ok := it.First(); ok; {
		kind := it.Key()[0]
		if !bytes.ContainsRune([]byte("bmkivesxncrlhp!"), rune(kind)) {
			c.say("a row is of no known kind: %s", keyText(it.Key()))
		}
		ok = kind < 0xff && it.SeekGE([]byte{kind + 1})
	}
	return it.Error()
}

func placeText(p store.Place) string {
	return fmt.Sprintf("collection %d, class %d, added %d", p.Collection, p.Class, p.Added)
}
