package taxii

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// maxElements is how many objects one envelope may bring. The smallest useful
// object has some 200 octets, so the limit on a body's size comes first for
// all but floods of empty ones.
const maxElements = 100_000

// splitEnvelope gives the elements of an envelope's objects (section 3.7), each
// as it was written. It reads the two outer levels; the elements themselves are
// package stix's to check, so that a bad one does not hide the good ones. Other
// properties, also those of a bundle, are ignored, as section 7.1 allows.
func splitEnvelope(body []byte) ([][]byte, error) {
	e := envelope{b: body}
	if err := e.read(); err != nil {
		return nil, faultf(http.StatusUnprocessableEntity, "the body is not a TAXII envelope: %v", err)
	}
	return e.elements, nil
}

// envelope is the reader of one.
type envelope struct {
	b        []byte
	i        int
	found    bool
	elements [][]byte
}

var (
	errShort     = errors.New("the JSON ends in the middle; send it whole")
	errNotObject = errors.New(`it is not a JSON object; send {"objects": [...]}`)
	errNoObjects = errors.New(`it has no objects; send {"objects": [...]} with at least one`)
)

func (e *envelope) read() error {
	if e.space(); !e.eat('{') {
		return errNotObject
	}
	if err := e.members(); err != nil {
		return err
	}
	if e.space(); e.i < len(e.b) {
		return fmt.Errorf("more follows after its end, at octet %d", e.i)
	}
	if len(e.elements) == 0 {
		return errNoObjects
	}
	return nil
}

func (e *envelope) members() error {
	if e.space(); e.eat('}') {
		return nil
	}
	for {
		e.space()
		name, err := e.value()
		if err != nil {
			return err
		}
		var key string
		if json.Unmarshal(name, &key) != nil {
			return e.broken("a property's name")
		}
		if e.space(); !e.eat(':') {
			return e.broken("a colon")
		}
		if err := e.member(key); err != nil {
			return err
		}
		if e.space(); e.eat('}') {
			return nil
		}
		if !e.eat(',') {
			return e.broken("a comma or }")
		}
	}
}

func (e *envelope) member(key string) error {
	e.space()
	if key == "objects" {
		if e.found {
			return errors.New("it has objects twice; send one list")
		}
		e.found = true
		return e.list()
	}
	raw, err := e.value()
	if err != nil {
		return err
	}
	if !json.Valid(raw) {
		return fmt.Errorf("its property %.40q is not JSON", key)
	}
	return nil
}

func (e *envelope) list() error {
	if !e.eat('[') {
		return e.broken("the list of objects")
	}
	if e.space(); e.eat(']') {
		return nil
	}
	for {
		e.space()
		raw, err := e.value()
		if err != nil {
			return err
		}
		if len(e.elements) == maxElements {
			return fmt.Errorf("it has more than %d objects; send them in several requests", maxElements)
		}
		e.elements = append(e.elements, raw)
		if e.space(); e.eat(']') {
			return nil
		}
		if !e.eat(',') {
			return e.broken("a comma or ]")
		}
	}
}

// value cuts the next value out, by its brackets and quotes alone.
func (e *envelope) value() ([]byte, error) {
	start, depth := e.i, 0
	for e.i < len(e.b) {
		switch e.b[e.i] {
		case '"':
			if !e.text() {
				return nil, errShort
			}
			if depth == 0 {
				return e.b[start:e.i], nil
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 { // the end of what holds the value
				return e.scalar(start)
			}
			if depth--; depth == 0 {
				e.i++
				return e.b[start:e.i], nil
			}
		case ',', ':', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return e.scalar(start)
			}
		}
		e.i++
	}
	return nil, errShort
}

// scalar is a number or literal that ends here.
func (e *envelope) scalar(start int) ([]byte, error) {
	if start == e.i {
		return nil, e.broken("a value")
	}
	return e.b[start:e.i], nil
}

// text steps over a string; false when it does not end.
func (e *envelope) text() bool {
	for e.i++; e.i < len(e.b); e.i++ {
		switch e.b[e.i] {
		case '\\':
			e.i++
		case '"':
			e.i++
			return true
		}
	}
	return false
}

func (e *envelope) space() {
	for e.i < len(e.b) && (e.b[e.i] == ' ' || e.b[e.i] == '\n' || e.b[e.i] == '\t' || e.b[e.i] == '\r') {
		e.i++
	}
}

func (e *envelope) eat(c byte) bool {
	if e.i < len(e.b) && e.b[e.i] == c {
		e.i++
		return true
	}
	return false
}

// broken says that something else than what stands here was due.
func (e *envelope) broken(due string) error {
	if e.i >= len(e.b) {
		return errShort
	}
	return fmt.Errorf("%s is missing at octet %d", due, e.i)
}
