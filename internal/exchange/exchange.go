package exchange

import (
	"context"
	"errors"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

// Errors that a caller decides on, found by errors.Is. To a stranger what is
// withheld and what is absent are the same ErrNotFound.
var (
	ErrNotFound  = errors.New("not found")
	ErrForbidden = errors.New("not allowed")                       // the collection is visible, the act is not granted
	ErrBadCursor = errors.New("cursor is not one of this listing") // forged, from another filter or another collection
	ErrExists    = errors.New("exists already")
	ErrInvalid   = errors.New("invalid") // wraps a reason for people
)

// Collection is a TAXII collection: an ordered stream of objects with an audience.
type Collection struct {
	ID          string // UUID
	Alias       string // unique short name
	Title       string
	Description string
	Marking     handling.Level // what unmarked objects count as; amber unless set
	Number      store.Collection
}

// Access is a collection as one principal sees it.
type Access struct {
	Collection
	CanRead  bool
	CanWrite bool
}

// Publication is objects that somebody wants in a collection, in one atomic batch.
type Publication struct {
	Collection string        // id or alias
	Objects    []stix.Object // at most MaxBatch
	Source     string        // organisation the objects come from; the publisher's when empty

	// Record, when set, is called once inside the commit with the results, and
	// the row it returns is written in the same transaction (TAXII status).
	Record func(results []Result) (table, key string, value []byte)
}

// MaxBatch is how many objects one Publication may hold.
const MaxBatch = 10_000

// What became of one object of a publication, as far as its writer may know.
const (
	New      Verdict = "new"
	Same     Verdict = "same"     // already there; nothing was written
	Older    Verdict = "older"    // kept, though a newer version is there
	Variant  Verdict = "variant"  // kept beside other content of the same id (SCO of another source)
	Conflict Verdict = "conflict" // other content under the same id and version; kept aside for a curator
	Refused  Verdict = "refused"  // not kept; Reason says why
)

// Verdict is what became of one object.
type Verdict string

// Result is what a publisher is told of one object. Results stand in the order
// of Publication.Objects.
type Result struct {
	ID      string
	Version string // as written; the date added where the object has none
	Verdict Verdict
	Reason  string // for people; empty for New and Same
	Added   store.Tick
}

// Query asks for a page of a collection. Empty lists mean any; the zero
// VersionFilter means latest, as TAXII 2.1 section 3.4.1 has it.
type Query struct {
	After    store.Tick // date added must be later
	Next     string     // cursor of an earlier page of the same query; overrides After
	Limit    int
	IDs      []string
	Types    []string
	Specs    []string
	Versions store.VersionFilter
	Bodies   bool // false: a manifest, only ids, versions and dates
}

// Page is a released page and the cursor to go on from it; Next is empty on
// the last one. Close it when its bytes are written.
type Page struct {
	*handling.Page
	Next string
}

// The methods below are the whole way in and out:
//
//	func (x *Exchange) Publish(ctx, by account.Principal, p Publication) ([]Result, error)
//	func (x *Exchange) View(p account.Principal) *View
//	func (v *View) Collections() []Access                                  // those that exist for p, by alias
//	func (v *View) Collection(idOrAlias string) (Access, error)            // ErrNotFound
//	func (v *View) Page(ctx, collection string, q Query) (*Page, error)    // ErrNotFound, ErrForbidden (write-only), ErrBadCursor
//	func (v *View) Delete(ctx, collection, id string, q Query) (int, error) // honours q.Versions (zero = latest ... door passes All for none), q.Specs
//	func (x *Exchange) AddCollection(ctx, by account.Principal, c Collection) (Collection, error) // fills ID, Number
//	func (x *Exchange) RemoveCollection(ctx, by account.Principal, idOrAlias string) error
//	func (x *Exchange) Record(ctx, table, key string) ([]byte, error)      // a row written by Publication.Record
var _ = context.Background
var _ account.Principal
