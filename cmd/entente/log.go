package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"entente/internal/door/admin"
	"entente/internal/practice/intake"
)

func (c *cli) logVerb() *cobra.Command {
	return group("log", "Show what this member did towards others", c.logShow())
}

func (c *cli) logShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show",
		Short: "Show the leaves of the transparency log",
		Long: `Shows the leaves of the member's transparency log, oldest first: what was shared
with, recalled from and opened to others. Each is checked against its commitment.
A collection stands by its id, as in the log, behind its alias of now if it is there.

Exit codes: 0 shown, 2 could not be done, as when a leaf was altered.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			leaves := []admin.Leaf{}
			err := c.withNode(cmd.Context(), func(n *admin.Client) error {
				return readLines(cmd.Context(), n, "/log", func(line struct {
					admin.Leaf
					Error string `json:"error"`
				}) error {
					if line.Error != "" {
						return errors.New(line.Error)
					}
					leaves = append(leaves, line.Leaf)
					return nil
				})
			})
			if err != nil {
				return err
			}
			if c.json {
				return c.printJSON(leaves)
			}
			return c.printLeaves(leaves)
		},
	}
}

func (c *cli) printLeaves(leaves []admin.Leaf) error {
	w := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "INDEX\tTIME\tKIND\tBY\tWHAT")
	for _, l := range leaves {
		what := l.Collection + printable(l.Former)
		if l.Alias != "" {
			what = l.Alias + " " + what
		}
		switch {
		case l.To != "" && what == "": // an agreement
			what = printable(l.To)
		case l.To != "":
			what += " to " + printable(l.To)
		}
		if l.Objects > 0 {
			what += fmt.Sprintf(" (%s)", intake.Count(int(l.Objects), "object"))
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s@%s\t%s\n", l.Index, l.Time, l.Kind, l.By, l.Org, what)
	}
	return w.Flush()
}

// leaves counts them in words.
func leaves(n int64) string {
	if n == 1 {
		return "1 leaf"
	}
	return fmt.Sprintf("%d leaves", n)
}

// readLines reads a streamed answer of one JSON object a line.
func readLines[T any](ctx context.Context, n *admin.Client, path string, each func(T) error) error {
	r, err := n.Stream(ctx, http.MethodGet, path, nil, "", nil)
	if err != nil {
		return err
	}
	defer r.Close()
	for d := json.NewDecoder(r); ; {
		var line T
		if err := d.Decode(&line); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("the node's answer ended early: %w", err)
		}
		if err := each(line); err != nil {
			return err
		}
	}
}
