package conformance

import (
	"sync/atomic"
	"testing"
)

// Account is a name and a token that the server knows.
type Account struct{ Name, Token string }

// Collection is one of the server's, by both of its names.
type Collection struct{ ID, Alias string }

// Target is a server to be checked. All accounts belong to the server's own
// organisation.
type Target struct {
	URL string // of the server, e.g. http://127.0.0.1:8470, without a final slash

	Ana  Account // may read and write every collection of Collections
	Ben  Account // the same
	Rita Account // may read them
	Will Account // may write to them
	Otto Account // has no grant at all

	// Collections are empty ones, at least Needed of them; each group of
	// checks takes its own.
	Collections []Collection

	MaxBody int // of max_content_length, in octets
	MaxPage int // objects in one answer
}

// Needed is how many collections Run takes.
const Needed = 40

// suite is one run.
type suite struct {
	Target
	taken atomic.Int32
}

// Run checks a server.
func Run(t *testing.T, target Target) {
	if len(target.Collections) < Needed {
		t.Fatalf("%d collections are given; the checks take %d", len(target.Collections), Needed)
	}
	s := &suite{Target: target}
	groups := []struct {
		name  string
		check func(*suite, *testing.T)
	}{
		{"Authentication", (*suite).authentication},
		{"Negotiation", (*suite).negotiation},
		{"Paths", (*suite).paths},
		{"Methods", (*suite).methods},
		{"Errors", (*suite).errors},
		{"Discovery", (*suite).discovery},
		{"Collections", (*suite).collections},
		{"AddObjects", (*suite).addObjects},
		{"AddBroken", (*suite).addBroken},
		{"AddPacked", (*suite).addPacked},
		{"AddLarge", (*suite).addLarge},
		{"Status", (*suite).status},
		{"Objects", (*suite).objects},
		{"Malformed", (*suite).malformed},
		{"Filters", (*suite).filters},
		{"Versions", (*suite).versionFilters},
		{"SpecVersions", (*suite).specVersions},
		{"Paging", (*suite).paging},
		{"PagingAgainstArrivals", (*suite).arrivals},
		{"PagingBesideWriters", (*suite).crowd},
		{"Manifest", (*suite).manifest},
		{"Object", (*suite).object},
		{"ObjectVersions", (*suite).objectVersions},
		{"Delete", (*suite).delete},
		{"Conditional", (*suite).conditional},
		{"Packing", (*suite).packing},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) { g.check(s, t) })
	}
}

// take gives a collection that no other check uses.
func (s *suite) take(t *testing.T) Collection {
	n := int(s.taken.Add(1))
	if n > len(s.Collections) {
		t.Fatalf("no collection is left; Needed is too small")
	}
	return s.Collections[n-1]
}
