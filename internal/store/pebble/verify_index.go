package pebble

import (
	"bytes"

	"entente/internal/store"
)

// indexes compares the index rows that are there with those asked for.
func (c *check) indexes() error {
	for _, kind := range []byte{kindByClass, kindValue, kindEdge} {
		err := c.walk(kind, func(key, value []byte) error {
			c.add(&c.have[kind], key, value)
			return nil
		})
		if err != nil {
			return err
		}
	}
	err := c.walk(kindID, func(key, value []byte) error {
		c.add(&c.have[kindID], key, value[:min(12, len(value))])
		return nil
	})
	if err != nil {
		return err
	}
	for _, kind := range []byte{kindByClass, kindValue, kindEdge, kindID} {
		if c.want[kind] == c.have[kind] {
			continue
		}
		if err := c.nameMissing(kind); err != nil {
			return err
		}
		if err := c.nameOrphans(kind); err != nil {
			return err
		}
	}
	return nil
}

var indexNames = map[byte]string{
	kindByClass: "the order by class", kindValue: "the index of values", kindEdge: "the index of edges", kindID: "the index of ids",
}

// nameMissing looks each row up that memberships ask for.
func (c *check) nameMissing(kind byte) error {
	return c.eachMember(func(e *expected, _ store.Collection) error {
		look := func(k byte, key, want []byte) error {
			if k != kind {
				return nil
			}
			have, err := c.get(key)
			switch {
			case err != nil:
				return err
			case have == nil:
				c.say("%s lacks %s (%s): %s", indexNames[kind], e.id, placeText(e.at), keyText(key))
			case !bytes.HasPrefix(have, want) || kind != kindID && len(have) != len(want):
				c.say("%s says something else of %s (%s) than its membership does: %s", indexNames[kind], e.id, placeText(e.at), keyText(key))
			}
			return nil
		}
		key, value := e.idRow()
		if err := look(kindID, key, value); err != nil {
			return err
		}
		return e.rows(look)
	})
}

// nameOrphans looks for rows that no membership asks for.
func (c *check) nameOrphans(kind byte) error {
	return c.walk(kind, func(key, _ []byte) error {
		at, ok := placeOf(kind, key)
		if !ok {
			c.say("%s has a row that cannot be read: %s", indexNames[kind], keyText(key))
			return nil
		}
		asked, err := c.asks(at, kind, key)
		if err == nil && !asked {
			c.say("%s has a row that no membership asks for (%s): %s", indexNames[kind], placeText(at), keyText(key))
		}
		return err
	})
}

// placeOf reads the membership that an index row is of.
func placeOf(kind byte, key []byte) (at store.Place, ok bool) {
	switch kind {
	case kindByClass:
		if len(key) != 17 {
			return at, false
		}
		return readPlace(key[1:]), true
	case kindID:
		rest := key[min(len(key), 1+idLen(key[1:])):]
		if len(rest) < 13 {
			return at, false
		}
		return store.Place{Collection: read32[store.Collection](rest), Added: readTick(rest[len(rest)-8:])}, true
	}
	if len(key) < 1+placeLen {
		return at, false
	}
	return readPlace(key[len(key)-placeLen:]), true
}

// asks tells whether the membership at a place asks for a row.
func (c *check) asks(at store.Place, kind byte, row []byte) (asked bool, err error) {
	value, err := c.get(memberKey(nil, at.Collection, at.Added))
	if err != nil || value == nil {
		return false, err
	}
	m, ok := readMember(value)
	if !ok {
		return true, nil // said elsewhere
	}
	at.Class = m.class
	e := &expected{at: at, id: string(m.appendID(nil)), member: m, row: value, body: m.bodyAt(at.Added)}
	if kind == kindID {
		key, _ := e.idRow()
		return bytes.Equal(key, row), nil
	}
	body, err := c.get(bodyKey(nil, e.body))
	if err != nil {
		return false, err
	}
	if header, _, ok := cutBody(body); ok {
		_, values, edges, _ := readBodyHeader(header)
		e.found, _ = findable(values, edges, nil)
	}
	err = e.rows(func(_ byte, key, _ []byte) error {
		asked = asked || bytes.Equal(key, row)
		return nil
	})
	return asked, err
}
