package taxii

import (
	"crypto/sha256"
	"fmt"

	"entente/stix"
)

// Cursor is a place in a collection: everything before it has been accepted.
// The zero value stands before the first object. It is made by Pull, kept as
// JSON, and given back to Pull unchanged; it holds no secrets. With every
// object dated apart it is small; objects that share a date, or a page
// accepted in part, add 16 bytes of JSON each, up to 100,000 of them.
type Cursor struct {
	Address    string `json:"address,omitempty"` // of the server, as given to New
	Server     string `json:"server,omitempty"`  // URL of the API root found there
	Collection string `json:"collection,omitempty"`
	Filter     string `json:"filter,omitempty"`      // digest; empty for no filter
	AddedAfter string `json:"added_after,omitempty"` // date added of the last object accepted, as the server wrote it
	RunAfter   string `json:"run_after,omitempty"`   // the added_after that Next belongs to
	Next       string `json:"next,omitempty"`        // where the server goes on; empty between two runs
	Seen       []byte `json:"seen,omitempty"`        // keys of objects accepted that the server may send again
}

// CursorError reports a cursor that was made for something else.
type CursorError struct{ What, Was, Is string }

func (e *CursorError) Error() string {
	return fmt.Sprintf("the stored cursor is for %s %q, not %q; start with an empty one, or keep one for each", e.What, e.Was, e.Is)
}

// bind makes the cursor one of this server, collection and filter, or says
// that it is another's.
func (c *Cursor) bind(address, server, collection string, filter Filter) error {
	fresh := c.Server == "" && c.Collection == ""
	switch {
	case fresh:
	case c.Server != server:
		return &CursorError{"server", c.Server, server}
	case c.Collection != collection:
		return &CursorError{"collection", c.Collection, collection}
	case c.Filter != filter.digest():
		return &CursorError{"filter", c.Filter, filter.digest()}
	}
	c.Address, c.Server, c.Collection, c.Filter = address, server, collection, filter.digest()
	return nil
}

// key identifies an object by id, version and content, shortened to what
// keeps chance and malice apart: to hide another's object one would have to
// find a second preimage of 96 bits.
type key [12]byte

func keyOf(o *stix.Object, scratch []byte) (key, []byte) {
	version := o.Modified
	if version == "" {
		version = o.Created
	}
	scratch = append(append(append(append(scratch[:0], o.ID...), 0), version...), 0)
	sum := sha256.Sum256(append(scratch, o.Raw...))
	return key(sum[:]), scratch
}
