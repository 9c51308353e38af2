package lookup

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"entente/internal/exchange"
	"entente/stix"
)

// Bounds of a walk.
const (
	MaxHops     = 4
	MaxNodes    = 2000
	MaxPerNode  = 1000
	HopsUnless  = 1   // asked otherwise
	NodesUnless = 200 // asked otherwise
	EachUnless  = 25  // asked otherwise
)

// Direction says which edges a walk follows from a node.
type Direction string

// The directions.
const (
	Both Direction = "both"
	Out  Direction = "out" // from what refers or relates to what it is about
	In   Direction = "in"
)

// Walk asks for what is around an object.
type Walk struct {
	From      string    // id
	Hops      int       // 1 to MaxHops; HopsUnless when 0
	Direction Direction // Both when empty
	Types     []string  // only objects of these types; any when empty
	PerNode   int       // most edges that are followed from one object, each way; EachUnless when 0
	Nodes     int       // most objects in all; NodesUnless when 0
	Relations bool      // relationships are objects like others, not edges
	Next      string    // of an earlier answer: goes on with the edges of From
}

// Graph is what a walk has found. Each object is in it once.
type Graph struct {
	Nodes []Node `json:"nodes"` // the nearest first; the first is where the walk began
	Edges []Edge `json:"edges"`
	More  bool   `json:"more,omitempty"` // there is more around than the limits allow
	Next  string `json:"next,omitempty"` // goes on with what refers to the first object
}

// Node is an object of a graph.
type Node struct {
	ID      string   `json:"id"`
	Type    string   `json:"type"`
	Name    string   `json:"name,omitempty"`
	Says    []string `json:"says,omitempty"`
	State   State    `json:"state,omitempty"`
	TLP     string   `json:"tlp,omitempty"`     // empty when the object is not known here
	Hops    int      `json:"hops"`              // how far away it is
	Unknown bool     `json:"unknown,omitempty"` // it is spoken of, and is not here for this reader
	More    bool     `json:"more,omitempty"`    // it has edges that were not followed
}

// Edge is a relationship, or a reference that an object holds.
type Edge struct {
	Source   string `json:"source"`
	Relation string `json:"relation"` // the relationship's type, or the property that refers
	Target   string `json:"target"`
	ID       string `json:"id,omitempty"` // of the relationship
}

// Neighbours walks from an object over what a reader may see. Who made an
// object is told and not walked through: everything else that a producer made
// would be around everything. Errors: exchange.ErrNotFound, ErrInvalid,
// ErrBadCursor.
func Neighbours(ctx context.Context, view *exchange.View, walk Walk, now time.Time) (*Graph, error) {
	w, err := newWalker(view, walk, now)
	if err != nil {
		return nil, err
	}
	if err := w.begin(ctx); err != nil {
		return nil, err
	}
	level := []string{walk.From}
	for hop := 1; hop <= w.Hops && len(level) > 0; hop++ {
		if level, err = w.step(ctx, hop, level); err != nil {
			return nil, err
		}
	}
	return w.graph, nil
}

// walker is one walk under way.
type walker struct {
	Walk
	view  *exchange.View
	now   time.Time
	graph *Graph
	at    map[string]int // of nodes, by id
	edges map[Edge]bool
	out   map[string][]stix.Ref // of objects that were read and not yet followed

	object properties // of the object that is read, until the next
}

func newWalker(view *exchange.View, walk Walk, now time.Time) (*walker, error) {
	w := &walker{Walk: walk, view: view, now: now, graph: &Graph{Nodes: []Node{}, Edges: []Edge{}},
		at: map[string]int{}, edges: map[Edge]bool{}, out: map[string][]stix.Ref{}}
	for _, bound := range []struct {
		what         string
		n            *int
		unless, most int
	}{{"hops", &w.Hops, HopsUnless, MaxHops}, {"edges of one object", &w.PerNode, EachUnless, MaxPerNode}, {"objects", &w.Walk.Nodes, NodesUnless, MaxNodes}} {
		if *bound.n == 0 {
			*bound.n = bound.unless
		}
		if *bound.n < 1 || *bound.n > bound.most {
			return nil, fmt.Errorf("%w: %d %s; ask for 1 to %d", exchange.ErrInvalid, *bound.n, bound.what, bound.most)
		}
	}
	if w.Direction == "" {
		w.Direction = Both
	}
	if !slices.Contains([]Direction{Both, In, Out}, w.Direction) {
		return nil, fmt.Errorf("%w: direction %q; there are in, out and both", exchange.ErrInvalid, w.Direction)
	}
	w.Relations = w.Relations || slices.Contains(w.Types, "relationship")
	return w, nil
}

// begin reads the object that the walk starts from.
func (w *walker) begin(ctx context.Context) error {
	w.add(w.From, 0)
	if err := w.readAll(ctx, []string{w.From}, true); err != nil {
		return err
	}
	if w.graph.Nodes[0].Unknown {
		return fmt.Errorf("object %q: %w", w.From, exchange.ErrNotFound)
	}
	return nil
}

// step goes one hop from the nodes of a level and gives those of the next that
// may be walked through.
func (w *walker) step(ctx context.Context, hop int, level []string) (next []string, err error) {
	var met []Edge
	if w.Direction != In && w.Next == "" {
		met = w.outward(level)
	}
	in, err := w.inward(ctx, level)
	if err != nil {
		return nil, err
	}
	met = append(met, in...)
	slices.SortStableFunc(met, compareEdges)
	through := map[string]bool{}
	var fresh []string
	for _, e := range met {
		for _, id := range [...]string{e.Source, e.Target} {
			if w.known(id) || !w.wanted(id) {
				continue
			}
			if len(w.graph.Nodes) >= w.Walk.Nodes {
				w.graph.More = true
				continue
			}
			w.add(id, hop)
			fresh = append(fresh, id)
		}
		if e.Relation != "created_by_ref" {
			through[e.Source], through[e.Target] = true, true
		}
		w.join(e)
	}
	if err := w.readAll(ctx, fresh, hop < w.Hops); err != nil {
		return nil, err
	}
	for _, id := range fresh {
		if through[id] && !w.graph.Nodes[w.at[id]].Unknown {
			next = append(next, id)
		}
	}
	return next, nil
}

// join adds an edge, once, if both its ends are in the graph.
func (w *walker) join(e Edge) {
	if w.known(e.Source) && w.known(e.Target) && !w.edges[e] {
		w.edges[e] = true
		w.graph.Edges = append(w.graph.Edges, e)
	}
}

func (w *walker) add(id string, hops int) {
	w.at[id] = len(w.graph.Nodes)
	typ, _, _ := strings.Cut(id, "--")
	w.graph.Nodes = append(w.graph.Nodes, Node{ID: id, Type: typ, Hops: hops, Unknown: true})
}

// known tells whether an object is in the graph.
func (w *walker) known(id string) bool {
	_, known := w.at[id]
	return known
}

// wanted tells whether objects of the id's type were asked for.
func (w *walker) wanted(id string) bool {
	typ, _, _ := strings.Cut(id, "--")
	if len(w.Types) == 0 {
		return w.Relations || typ != "relationship"
	}
	return slices.Contains(w.Types, typ)
}

// compareEdges puts what says something before who wrote it.
func compareEdges(a, b Edge) int {
	authored := func(e Edge) int {
		if e.Relation == "created_by_ref" {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(authored(a), authored(b)), cmp.Compare(a.Relation, b.Relation), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Target, b.Target))
}
