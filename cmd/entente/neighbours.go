package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"entente/internal/door/admin"
	"entente/internal/practice/lookup"
)

func (c *cli) neighboursVerb() *cobra.Command {
	var w lookup.Walk
	var as string
	var in, out, dot bool
	cmd := &cobra.Command{
		Use:   "neighbours ID|VALUE",
		Short: "Show what is around an object",
		Long: `Walks from an object over relationships and references and shows what is around
it as a tree: what each object is, and how it stands to the one above. An object
that is reached twice is shown in full once. Who made an object is told and not
walked through. A value stands for the one object that carries it, as for entente show.

--json gives nodes and edges; --dot a graph for Graphviz. An object with very many
edges is told in pages: --next goes on where an answer has ended.

Exit codes: 0 shown, 1 there is no such object, 2 could not be done.`,
		Example: `  entente neighbours malware--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0010 --hops 2
  entente neighbours indicator--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0001 --dot | dot -Tsvg > graph.svg`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			w.From, w.Direction = args[0], lookup.Both
			if in && !out {
				w.Direction = lookup.In
			} else if out && !in {
				w.Direction = lookup.Out
			}
			for _, n := range []struct {
				flag      string
				set, most int
			}{{"hops", w.Hops, lookup.MaxHops}, {"per-object", w.PerNode, lookup.MaxPerNode}, {"limit", w.Nodes, lookup.MaxNodes}} {
				if n.set < 1 || n.set > n.most {
					return usage("neighbours: --%s %d: give 1 to %d", n.flag, n.set, n.most)
				}
			}
			g, err := c.walk(cmd.Context(), as, w)
			switch {
			case err != nil:
				return err
			case dot:
				return writeDot(c.stdout, g)
			case c.json:
				return c.printJSON(g)
			}
			return printTree(c.stdout, g)
		},
	}
	f := cmd.Flags()
	f.IntVar(&w.Hops, "hops", lookup.HopsUnless, "walk `N` steps, 1 to 4")
	f.BoolVar(&in, "in", false, "only what points to an object")
	f.BoolVar(&out, "out", false, "only what an object points to")
	f.StringSliceVar(&w.Types, "type", nil, "only objects of these `TYPES`")
	f.IntVar(&w.PerNode, "per-object", lookup.EachUnless, "follow at most `N` edges of one object, each way")
	f.IntVar(&w.Nodes, "limit", lookup.NodesUnless, "show at most `N` objects")
	f.BoolVar(&w.Relations, "relationships", false, "show relationships as objects of their own")
	f.StringVar(&w.Next, "next", "", "go on at the `CURSOR` that an answer ended with")
	f.BoolVar(&dot, "dot", false, "write a graph for Graphviz")
	asFlag(f, &as)
	return cmd
}

func (c *cli) walk(ctx context.Context, as string, w lookup.Walk) (*lookup.Graph, error) {
	q := url.Values{"hops": {strconv.Itoa(w.Hops)}, "direction": {string(w.Direction)}, "per_object": {strconv.Itoa(w.PerNode)},
		"limit": {strconv.Itoa(w.Nodes)}, "relationships": {strconv.FormatBool(w.Relations)}}
	if len(w.Types) > 0 {
		q["type"] = w.Types
	}
	if w.Next != "" {
		q.Set("next", w.Next)
	}
	var g lookup.Graph
	err := c.withNode(ctx, func(n *admin.Client) error {
		return n.As(as).Do(ctx, http.MethodGet, "/api/v1/objects/"+url.PathEscape(w.From)+"/neighbours?"+q.Encode(), nil, &g)
	})
	return &g, err
}

// tree prints a graph, each object under the one by which it is reached first.
type tree struct {
	w     io.Writer
	nodes map[string]*lookup.Node
	edges map[string][]lookup.Edge // by either end
	shown map[string]bool
	told  map[lookup.Edge]bool
}

func printTree(w io.Writer, g *lookup.Graph) error {
	t := tree{w, map[string]*lookup.Node{}, map[string][]lookup.Edge{}, map[string]bool{}, map[lookup.Edge]bool{}}
	for i := range g.Nodes {
		t.nodes[g.Nodes[i].ID] = &g.Nodes[i]
	}
	for _, e := range g.Edges {
		t.edges[e.Source] = append(t.edges[e.Source], e)
		if e.Target != e.Source {
			t.edges[e.Target] = append(t.edges[e.Target], e)
		}
	}
	root := &g.Nodes[0]
	t.shown[root.ID] = true
	fmt.Fprintln(w, printable(t.label(root)))
	t.below(root, "")
	if g.Next != "" {
		fmt.Fprintf(w, "and more; go on with --next %s\n", g.Next)
	} else if g.More {
		fmt.Fprintln(w, "and more; ask with a higher --per-object or --limit")
	}
	return nil
}

// below prints the edges of a node, each once in the tree.
func (t *tree) below(n *lookup.Node, indent string) {
	type branch struct {
		edge  lookup.Edge
		other *lookup.Node
		full  bool
	}
	var branches []branch
	for _, e := range t.edges[n.ID] {
		other := t.nodes[e.Target]
		if e.Source != n.ID {
			other = t.nodes[e.Source]
		}
		if other == nil || t.told[e] || other.Hops < n.Hops {
			continue // told from there
		}
		t.told[e] = true
		full := !t.shown[other.ID] && other.Hops > n.Hops
		t.shown[other.ID] = t.shown[other.ID] || full
		branches = append(branches, branch{e, other, full})
	}
	for i, b := range branches {
		lead, deeper := "├─ ", "│  "
		if i == len(branches)-1 {
			lead, deeper = "└─ ", "   "
		}
		arrow := "─" + b.edge.Relation + "→ "
		if b.edge.Target == n.ID && b.edge.Source != n.ID {
			arrow = "←" + b.edge.Relation + "─ "
		}
		text := t.label(b.other)
		if !b.full {
			text = lookup.TypeWords(b.other.Type) + " " + named(b.other) + " (shown elsewhere)"
		}
		fmt.Fprintf(t.w, "%s%s%s%s\n", indent, lead, printable(arrow), printable(text))
		if b.full {
			t.below(b.other, indent+deeper)
		}
	}
	if n.More && n.Hops > 0 {
		fmt.Fprintf(t.w, "%s   and more\n", indent)
	}
}

func named(n *lookup.Node) string {
	if n.Name == "" {
		return n.ID
	}
	return n.Name
}

// label says what a node is.
func (t *tree) label(n *lookup.Node) string {
	s := lookup.TypeWords(n.Type)
	switch {
	case n.Unknown:
		return s + " " + n.ID + " (not known here)"
	case n.Name != "":
		s += " " + n.Name
	}
	if len(n.Says) > 0 {
		s += " (" + strings.ReplaceAll(strings.Join(n.Says, ", "), "-", " ") + ")"
	}
	if n.State != "" && n.State != lookup.Valid {
		s += ", " + string(n.State)
	}
	return s + "  " + n.ID
}

// writeDot writes a graph in Graphviz's language. All text is quoted.
func writeDot(w io.Writer, g *lookup.Graph) error {
	quote := func(s string) string {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(printable(s)) + `"`
	}
	fmt.Fprintln(w, "digraph neighbours {\n  node [shape=box];")
	for i := range g.Nodes {
		n := &g.Nodes[i]
		style := ""
		if n.Unknown {
			style = ", style=dashed"
		}
		fmt.Fprintf(w, "  %s [label=%s%s];\n", quote(n.ID), quote(lookup.TypeWords(n.Type)+" "+named(n)), style)
	}
	for _, e := range g.Edges {
		fmt.Fprintf(w, "  %s -> %s [label=%s];\n", quote(e.Source), quote(e.Target), quote(e.Relation))
	}
	_, err := fmt.Fprintln(w, "}")
	return err
}
