package store

import (
	"context"
	"errors"
	"iter"

	"entente/internal/sealed"
)

// Tick is a date added: microseconds since the Unix epoch, unique and rising
// over the whole node, even when the clock steps back. It is at once the
// TAXII date_added of a row and its place in every order.
type Tick int64

// Collection numbers a collection; the exchange keeps what it is called.
type Collection uint32

// ClassID is an interned handling class (its canonical text is the exchange's).
type ClassID uint32

// Errors that a caller may decide on, found by errors.Is.
var (
	ErrNotFound = errors.New("store: not found")
	ErrClosed   = errors.New("store: closed")
	ErrLocked   = errors.New("store: in use by another process")   // a second process on one data directory
	ErrFull     = errors.New("store: no space left to write")      // writes refused; reads go on
	ErrDamaged  = errors.New("store: damaged")                     // a file fails its checksum; the message names it
	ErrTooNew   = errors.New("store: written by a newer program")  // format number unknown
	ErrTooOld   = errors.New("store: written by an older program") // it can be upgraded
	ErrChanged  = errors.New("store: changed meanwhile")           // an Expect does not hold; nothing was written
)

// Store is what every engine gives: one writer's order, many readers.
//
// A batch is atomic: bodies, memberships, indexes, counters, member rows and
// log leaves of one Commit become visible and durable together, before Commit
// returns; after a kill all of it is there or none. Readers see only what is
// durable, never half a batch, and never an object whose Tick is at or before
// one they have already paged past. Methods are safe for concurrent use.
//
// A context that has ended is answered with its error, and nothing is written.
// After Close whatever can answer an error answers ErrClosed.
type Store interface {
	Reader

	// Commit writes one batch and returns an outcome per put, in order. Many
	// concurrent calls share one durable sync.
	Commit(ctx context.Context, b *Batch) ([]Outcome, error)

	// Snapshot is a Reader on one instant. Close it.
	Snapshot() (Snapshot, error)

	// MayRefer tells whether anything refers to an id that can be read now. False is
	// never wrong; true may be, of what nothing refers to. It mostly costs less than
	// asking for Edges. How long it takes depends on what is there, so who asks for
	// an id must be allowed to know of that.
	MayRefer(id string) bool

	// Verify reads everything back and reports every disagreement between
	// bodies, indexes, memberships, counters and log. It returns an error only
	// when it could not finish.
	Verify(ctx context.Context, report func(problem string)) error

	// Backup hands a consistent copy of one durable instant, at or after the
	// call, to a sink, part by part, and tells which instant it is. Reads and
	// writes go on meanwhile. A store that is opened where all the parts were
	// laid again answers as this one did at that instant. Large parts are never
	// written twice: an earlier backup that holds one of the same content need
	// not be given it again. Whatever goes wrong, the store itself is unharmed.
	Backup(ctx context.Context, to Sink) (Instant, error)

	// Erase takes what was removed before the call off the disk: when it returns
	// without an error, no file of the store holds anything of it, the index of words
	// included, of which gone are the Ticks that were removed. It costs a good part of
	// rewriting the store; reads and writes go on meanwhile. Called again after an
	// error or a kill it goes on. It waits for reads that began before.
	Erase(ctx context.Context, gone []Tick) error

	Close() error
}

// Snapshot is a Reader that stands still.
type Snapshot interface {
	Reader
	Close() error
}

// Reader is what can be asked of a store or of a snapshot of it.
type Reader interface {
	// Page gives rows of one collection in order of Added. The caller closes it.
	Page(ctx context.Context, q PageQuery) (*Page, error)

	// Versions gives the rows of one id in one collection, oldest version
	// first, that visible allows. What has no version comes first, in the order
	// in which it was put. Bodies are not read; it alone says who brought them.
	Versions(ctx context.Context, c Collection, id string, visible *Classes) ([]Row, error)

	// Standings gives what stands under each id, by collection: the versions, the
	// newest first, then all without a version, the newest content first. Of the
	// versions below the most newest of a collection it gives only the newest of each
	// source, class and class of a face, and which of those came first. It does not
	// ask who may see it.
	Standings(ctx context.Context, ids []string, most int) ([][]Standing, error)

	// Lookup gives the memberships whose object carries the value, each once, in
	// order of (collection, class by its text, added), that scope allows; all
	// versions, not only the latest. The numbers of classes would tell a reader
	// which came first, also of those that he may not see.
	Lookup(ctx context.Context, kind uint8, text string, scope Scope, limit int) ([]Place, error)

	// Lookups is Lookup for many values, element i for values[i], of one instant.
	Lookups(ctx context.Context, values []Value, scope Scope, limit int) ([][]Place, error)

	// Within gives the memberships whose object carries a value in a range, in
	// order of (text, collection, class, added), that scope allows. What it does
	// not allow costs a seek for each text and each visible class, not for each
	// membership.
	Within(ctx context.Context, r Range, scope Scope, limit int) ([]Carrier, error)

	// Edges gives, for each target, the memberships whose object refers to its
	// id, with the path of the reference, each path once, in order of
	// (collection, class by its text, added, path), at most limit of each, of one
	// instant.
	Edges(ctx context.Context, targets []Target, scope Scope, limit int) ([][]Edge, error)

	// Fetch gives the row at each place, with its body, in the order of places;
	// those that are gone, or are of another class by now, are left out, and with
	// latest those, too, of which it allows to see a newer version. Fetch does not
	// ask who may see the places themselves.
	Fetch(ctx context.Context, places []Place, latest Scope) (*Page, error)

	// Postings opens the index of words, as of one instant, for what scope
	// allows. Close it.
	Postings(scope Scope) (Postings, error)

	// Changes gives what happened after a tick, in order: the feed of followers.
	Changes(ctx context.Context, after Tick, limit int) (*Changes, error)

	// Now is the newest durable tick.
	Now() Tick

	// Classes lists the interned classes; index is the ClassID, element 0 is
	// unused. The slice only grows and must not be changed. A snapshot may know
	// classes that came after it.
	Classes() []string

	// Count is the number of memberships of a collection, per class.
	Count(c Collection) map[ClassID]int64

	// Get reads a member row; ErrNotFound when there is none.
	Get(table, key string) ([]byte, error)

	// Rows lists member rows of a table whose key starts with prefix, in the
	// order of the keys' bytes. Tables and keys may be any bytes, also none.
	Rows(table, prefix string) iter.Seq2[Keyed, error]

	// Conflicts gives what was kept aside in a collection, each content once, in
	// no order that means anything. It does not ask who may see it.
	Conflicts(c Collection) iter.Seq2[Aside, error]

	// LogSize is the number of leaves in the log.
	LogSize() int64

	// Leaf is the 32-byte commitment and the opening of leaf n; ErrNotFound
	// outside of the log.
	Leaf(n int64) (commitment [32]byte, opening []byte, err error)

	// ReadHashes gives stored tree hashes as golang.org/x/mod/sumdb/tlog
	// numbers them (it makes a Reader a tlog.HashReader by conversion), of
	// records that are the commitments. An index outside of the log is an error.
	ReadHashes(indexes []int64) ([][32]byte, error)
}

// Keyed is one member row.
type Keyed struct {
	Key   string
	Value []byte
}

// Aside is content that was kept aside, as a Conflict, when it was put.
type Aside struct {
	Source string // who brought it first
	Class  string // canonical
	Body   sealed.Body
}

// Batch is one atomic write. Parts are applied in the order of the fields, and
// the ticks of what they write rise in that order.
type Batch struct {
	// Expects are checked before anything else, inside the transaction. When one
	// does not hold, nothing is written, and Commit answers ErrChanged once
	// readers see what changed.
	Expects []Expect

	Puts      []Put
	Removes   []Remove
	Reclasses []Reclass

	// Postings add to the index of words, which is a follower's: the store does
	// not hold it against the objects. DropPostings empties the index before.
	// Neither has an outcome or a tick.
	DropPostings bool
	Postings     []Posting

	// Then, when set, runs inside the transaction after the parts above were
	// decided and before anything is durable, alone among all writers: it must
	// be quick and must not call the store. An error from it abandons the whole
	// batch and comes back from Commit.
	Then func(tx Tx, outcomes []Outcome) error
}

// Expect is what the newest version of an object must be for a batch to be
// written, so that of two who change what both have read one is told. Classes
// that Visible lacks count as if they were not there; so does what has no
// version.
type Expect struct {
	Collection Collection
	ID         string
	Version    string // compared as an instant; empty when there must be none
	Visible    *Classes
}

// Tx is what Batch.Then may do: read and write member rows, append log leaves.
// Reads see the transaction's own writes.
type Tx interface {
	// Tick is newer than all ticks given to this batch's parts.
	Tick() Tick
	Get(table, key string) ([]byte, error)
	Set(table, key string, value []byte)
	Delete(table, key string)
	Rows(table, prefix string) iter.Seq2[Keyed, error]

	// AppendLeaf adds a leaf to the log (package tlog: commitment = SHA-256 of domain,
	// salt and event; opening = what proves it) and returns its index.
	AppendLeaf(commitment [32]byte, opening []byte) (index int64)
}

// Put brings one object version into one collection.
type Put struct {
	Collection Collection
	ID         string
	Version    string   // modified, else created, as written; empty for objects without either (SCOs). What is no timestamp is older than all that are, ordered as text
	Spec       string   // STIX spec_version, "2.1" or "2.0"
	Source     string   // organisation that brought it; separates variants of what has no version
	Digest     [32]byte // SHA-256 of the RFC 8785 form: sameness
	Class      string   // canonical handling class; interned by the store
	Revoked    bool
	Body       []byte // producer's bytes; not kept by the store after Commit returns
	Values     []Value
	Edges      []Ref

	// Face marks what is shown of an object to those who may not see all of it.
	// It stands beside the object of the same id and version whose Digest is Of,
	// and is of a class that nobody sees who sees that one's. Without the object
	// nothing is written (Absent), with another face of it there neither (Same).
	// A put whose content is that of the face is Same as the face. Unless it is
	// Late, a face comes with its object only: beside one that an earlier batch
	// brought nothing is written either, so that an object brought again shows no
	// more than it did.
	Face bool
	Late bool
	Of   [32]byte
}

// Value is one look-up value of an object; Text is normalised, Kind is stix.ValueKind.
type Value struct {
	Kind uint8
	Text string
}

// Ref is one reference out of an object.
type Ref struct {
	Path string
	ID   string
}

// Place addresses one membership.
type Place struct {
	Collection Collection
	Class      ClassID
	Added      Tick
}

// Range is the texts of one kind that are as long as From and To, at most
// MaxRange bytes, and lie between them in the order of their bytes, both
// included; behind After, unless it is zero.
type Range struct {
	Kind     uint8
	From, To string
	After    Carrier
}

// MaxRange is how long the texts of a Range may be; an engine need not keep
// longer ones in order.
const MaxRange = 64

// Carrier is one membership whose object carries a value.
type Carrier struct {
	Text string
	Place
}

// Target is an id whose edges are asked for; those behind After, unless it is zero.
type Target struct {
	ID    string
	After Edge
}

// Edge is one reference into an object, from the object at Place.
type Edge struct {
	Place
	Path string
}

// Remove takes one membership away and leaves a tombstone in its stead. The
// body goes when its last membership does. An object takes its face with it,
// which has no outcome of its own.
type Remove struct {
	Collection Collection
	Added      Tick
	Aside      *Classes // what was kept aside under its id and version goes, too, if it is of these classes; the rest stays
}

// Reclass gives a membership another class and a new date; in the class that
// it has already it stays as it is (Same). Which content is the latest does not
// change by it.
type Reclass struct {
	Collection Collection
	Added      Tick
	Class      string
}

// VersionFilter is TAXII's match[version] (section 3.4.1). Its parts add up: a
// row that any of them asks for is given. First and Latest are decided among
// the rows that the reader may see and that are of the Specs asked for: the section
// has the latest version of what matches the rest of the request.
type VersionFilter struct {
	All    bool
	First  bool
	Latest bool     // the zero filter means Latest
	Exact  []string // timestamps in any precision, compared as instants; a row without a version has its Added for one
}

// PageQuery asks for a page. Empty lists mean "any".
type PageQuery struct {
	Collection Collection
	Visible    *Classes // classes the reader may see; nil sees none
	After      Tick     // only rows with Added > After
	Limit      int      // at least 1
	MaxBytes   int      // stop before the bodies exceed this, but give at least one row; 0 means no bound; without Bodies it bounds nothing
	IDs        []string
	Named      bool // the ids stand in what the reader sees; then the time for many may depend on which are here
	Types      []string
	Specs      []string
	Versions   VersionFilter
	Bodies     bool // false for manifests: Row.Body stays empty
	Once       bool // who asks goes over all of it and hardly comes again: nothing is kept of it for the next
}

// Page is rows in order of Added. Its strings and bodies are valid until Close.
type Page struct {
	Rows []Row
	More bool // rows after the last one match, too

	// Free, when set, takes the page's buffers back; Close calls it once.
	Free func()
}

// Close gives the page's buffers back.
func (p *Page) Close() {
	if p != nil && p.Free != nil {
		p.Free()
		p.Free = nil
		p.Rows = nil
	}
}

// Row is one membership: an object version in a collection.
type Row struct {
	Collection Collection
	Added      Tick
	Class      ClassID
	ID         string
	Version    string // as the producer wrote it; empty for objects without one (TAXII then shows Added)
	Spec       string
	Source     string // organisation that brought it first, where Versions gives the row
	Body       sealed.Body
}

// Place is where the row stands.
func (r *Row) Place() Place { return Place{r.Collection, r.Class, r.Added} }

// Scope is what a look-up may see: classes per collection.
type Scope map[Collection]*Classes
