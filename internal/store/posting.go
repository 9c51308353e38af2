package store

import "context"

// MaxTerm is how many bytes the term of a Posting may have.
const MaxTerm = 64

// Posting says that the objects at some places of one collection and class
// carry a term in a field. Postings that agree in all but Added are one list:
// what is added to it must be newer than what it holds.
//
// Runs divide history: all that a run holds was added before all that a later
// run holds. So a reader who wants the newest first reads run by run, and stops
// when that is enough. Who writes postings says where a run ends; what costs a
// reader time is the number of runs, and the size of those that are read.
type Posting struct {
	Run        uint32
	Field      uint8
	Term       string // 1 to MaxTerm bytes, none of them zero
	Collection Collection
	Class      ClassID
	Added      []Tick // rising
}

// Postings reads the index of words as of one instant, for one scope. It is
// used by one goroutine.
//
// What the scope does not allow costs, under a term, a step for each class of at
// most 16 behind each other and then a seek to the next visible one; for the
// beginning of a term, that for each term. It never costs a step for each object.
type Postings interface {
	// Newest is the newest run that anything was posted in; false when nothing
	// was.
	Newest() (run uint32, ok bool, err error)

	// Term gives the postings of one term, in order of (collection, class),
	// until f answers false. What f is given is valid until it returns.
	Term(ctx context.Context, run uint32, field uint8, term string, f func(*Posting) (more bool)) error

	// Begins gives the postings of all terms that begin so, in order of (term,
	// collection, class), as Term does. Terms are ordered by their bytes.
	Begins(ctx context.Context, run uint32, field uint8, begin string, f func(*Posting) (more bool)) error

	// Beside is another reader of the same instant and scope, for another
	// goroutine. Close it, too.
	Beside() (Postings, error)

	Close() error
}
