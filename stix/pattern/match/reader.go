package match

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Reader reads STIX 2.0 and 2.1 for matching: bundles, envelopes, arrays of
// these, JSON Lines, single objects. It keeps all that it reads in memory, is
// content with objects that are not valid, and reads observed-data of all
// inputs as one set. The zero value is ready.
type Reader struct {
	read   []observed
	newest map[string]int // by id, place in read
	every  map[string]*Object
}

// scope is what one bundle or input defines.
type scope struct {
	name    string // of the input
	objects map[string]*Object
}

// observed is an observed-data object as it was read.
type observed struct {
	id         string
	modified   string
	scope      *scope
	properties map[string]any
}

// maxNesting is how deep bundles and arrays may stand inside each other.
const maxNesting = 8

// Read reads one input to its end; name is for those who read of it. The error
// says where the input is no JSON; what stood before is kept.
func (r *Reader) Read(name string, in io.Reader) error {
	b := bufio.NewReaderSize(in, 64<<10)
	if head, _ := b.Peek(3); bytes.Equal(head, []byte("\xef\xbb\xbf")) {
		_, _ = b.Discard(3)
	}
	d := json.NewDecoder(b)
	d.UseNumber()
	s := &scope{name: name, objects: make(map[string]*Object)}
	for {
		err := r.value(d, s, 0)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				err = errors.New("the input ends in the middle of a value")
			}
			return fmt.Errorf("%s: byte %d: %w", name, d.InputOffset(), err)
		}
	}
}

// value reads an object or an array of them; io.EOF where none begins.
func (r *Reader) value(d *json.Decoder, s *scope, depth int) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	if depth > maxNesting {
		return fmt.Errorf("bundles and arrays are nested more than %d deep", maxNesting)
	}
	switch token {
	case json.Delim('{'):
		return inside(r.object(d, s, depth))
	case json.Delim('['):
		return inside(r.list(d, s, depth))
	}
	return fmt.Errorf("%.40q is no STIX object, bundle or array", fmt.Sprint(token))
}

// inside is an error within a value, where an end comes too early.
func inside(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// list reads the values of an array whose bracket is read.
func (r *Reader) list(d *json.Decoder, s *scope, depth int) error {
	for d.More() {
		if err := r.value(d, s, depth+1); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// object reads an object whose brace is read. A list named objects makes it a
// bundle, or an envelope, whose objects are taken one by one.
func (r *Reader) object(d *json.Decoder, s *scope, depth int) error {
	properties := make(map[string]any)
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		if name != "objects" {
			var value any
			if err := d.Decode(&value); err != nil {
				return err
			}
			properties[name] = value
			continue
		}
		if token, err = d.Token(); err != nil {
			return err
		}
		switch token {
		case json.Delim('['):
			err = r.list(d, &scope{name: s.name, objects: make(map[string]*Object)}, depth)
		case json.Delim('{'):
			properties[name], err = dictionary(d)
		}
		if err != nil {
			return err
		}
	}
	r.take(properties, s)
	_, err := d.Token()
	return err
}

// dictionary reads the deprecated objects of observed-data, whose brace is read.
func dictionary(d *json.Decoder) (map[string]any, error) {
	out := make(map[string]any)
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		var value any
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		name, _ := token.(string)
		out[name] = value
	}
	_, err := d.Token()
	return out, err
}

// take keeps an object. Of several versions of observed-data the newest counts,
// of several contents of another object the first.
func (r *Reader) take(properties map[string]any, s *scope) {
	typ, _ := properties["type"].(string)
	id, _ := properties["id"].(string)
	if typ != "observed-data" {
		if id == "" || typ == "" {
			return
		}
		o := &Object{Type: typ, Properties: properties}
		if r.every == nil {
			r.every = make(map[string]*Object)
		}
		for _, known := range []map[string]*Object{s.objects, r.every} {
			if known[id] == nil {
				known[id] = o
			}
		}
		return
	}
	modified, _ := properties["modified"].(string)
	maps.DeleteFunc(properties, func(name string, _ any) bool { return !slices.Contains(needed[:], name) })
	o := observed{id, modified, s, properties}
	if at, ok := r.newest[id]; ok && id != "" {
		if newer(modified, r.read[at].modified) {
			r.read[at] = o
		}
		return
	}
	if r.newest == nil {
		r.newest = make(map[string]int)
	}
	r.newest[id] = len(r.read)
	r.read = append(r.read, o)
}

// needed are the properties of observed-data that matching looks at.
var needed = [...]string{"first_observed", "last_observed", "number_observed", "objects", "object_refs", "revoked"}

// newer compares two dates; what is no date is older than all.
func newer(a, b string) bool {
	at, ok := parseTime(a)
	bt, okb := parseTime(b)
	return ok && (!okb || at.After(bt))
}
