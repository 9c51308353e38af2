package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"entente/client"
	"entente/internal/door/admin"
)

// table is how things of one kind are listed for people: a head, and a line for
// each, with tabs between the columns.
type table[T any] struct {
	head string
	line func(*T) string
}

// listVerb lists things of one kind that the node has under a path, as the account
// that as names when the verb is run.
func listVerb[T any](c *cli, short, long, path string, t table[T], as *string) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: short,
		Long:  long + "\n\nExit codes: 0 listed, 2 could not be done.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return list(cmd.Context(), c, *as, path, t)
		},
	}
}

// operator is nobody's name: the local verbs act as the operator.
var operator = new(string)

// list prints what the node has under a path, all its pages.
func list[T any](ctx context.Context, c *cli, as, path string, t table[T]) error {
	all, err := listed[T](ctx, c, as, path)
	if err != nil {
		return err
	}
	return t.print(c, all)
}

// print lists things for people, or as JSON.
func (t table[T]) print(c *cli, all []T) error {
	if c.json {
		return c.printJSON(all)
	}
	w := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, t.head)
	for i := range all {
		fmt.Fprintln(w, t.line(&all[i]))
	}
	return w.Flush()
}

// listed gets a list from the node, all its pages, as an account if one is named.
func listed[T any](ctx context.Context, c *cli, as, path string) ([]T, error) {
	all := []T{}
	err := c.withNode(ctx, func(n *admin.Client) error {
		for next := ""; ; {
			var page client.List[T]
			if err := n.As(as).Do(ctx, http.MethodGet, path+next, nil, &page); err != nil {
				return err
			}
			all = append(all, page.Items...)
			if page.Next == "" {
				return nil
			}
			next = "?next=" + url.QueryEscape(page.Next)
			if strings.Contains(path, "?") {
				next = "&" + next[1:]
			}
		}
	})
	return all, err
}
