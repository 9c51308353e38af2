package seen

import (
	"io"
	"time"

	"entente/stix"
)

// Matching is how values are found in text; that of detect, which a practice does not
// call.
type Matching struct {
	NewSet  func(at time.Time) Set
	Values  func(give func(stix.Value)) Feed                             // goes over a text and gives all its values
	Time    func(start string, now time.Time) (at time.Time, known bool) // when a line that begins so was written
	AsksFor func(raw []byte, v stix.Value) bool                          // whether an indicator asks for a value
}

// Set is indicators, compiled.
type Set interface {
	Load(objects io.Reader) error // as lines; what cannot be read of them is left out
	Remove(id string)
	Advance(to time.Time)
	Worn() bool // one compiled anew is smaller
	Values() int
	Forget()           // what is remembered of events for indicators that ask for several
	TakeOver(from Set) // go on with what another set remembers
	Feed(hit func(*Found) error) Feed

	// Past is of what is over: nothing of it is remembered. Values that an indicator asks for with
	// others are given to met; Together tells which indicators could ask for what was met, so many times each.
	Past(hit func(*Found) error, met func(*Found)) Feed
	Together(met func(stix.Value) int, give func(indicator string, values []stix.Value))
}

// Feed goes over a text that comes in pieces, by a set that may change between them.
type Feed interface {
	Add(b []byte) error
	Use(Set) error
	Lines() int64
	End() (lines, bytes int64, err error)
}

// Found is a place in a text where something stands that an indicator asks for.
type Found struct {
	Line, Column int64
	Value        string // as it stands
	How          string // exact, below, in
	Start        string // of the line
	Matched      stix.Value
	Indicator    string
}
