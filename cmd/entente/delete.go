package main

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/spf13/cobra"

	"entente/internal/practice/author"
)

func (c *cli) deleteVerb() *cobra.Command {
	var collection, as string
	cmd := &cobra.Command{
		Use:   "delete ID|VALUE [--collection ALIAS]",
		Short: "Take an object out of a collection, without a word to those who have it",
		Long: `Takes all versions of an object, of anybody's making, out of one collection, or of
all that hold it unless one is named. A tombstone stays, so that the log tells what
was there. Those who have fetched the object keep it and are not told; entente
revoke tells them that an object of your own no longer holds. A value stands for the
indicator that is about it, one that you have revoked included. An object of your own
that is written again under the same id is its next version, as old as it was; one that
was revoked is not written again.

Exit codes: 0 deleted, 1 refused (not there, not allowed), 2 could not be done.`,
		Example: "  entente delete indicator--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0001 --collection feed",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := "/objects/" + url.PathEscape(args[0])
			if collection != "" {
				path += "?" + url.Values{"collection": {collection}}.Encode()
			}
			var gone author.Removed
			if err := c.ask(cmd.Context(), as, http.MethodDelete, path, nil, &gone); err != nil {
				return err
			}
			for _, line := range gone.Told {
				c.tell("%s", printable(line))
			}
			if c.json {
				return c.printJSON(gone)
			}
			for _, alias := range slices.Sorted(maps.Keys(gone.Versions)) {
				n, word := gone.Versions[alias], "versions"
				if n == 1 {
					word = "version"
				}
				fmt.Fprintf(c.stdout, "%s %q: %d %s taken out of %s\n", gone.Type, printable(cmp.Or(gone.Name, gone.ID)), n, word, alias)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&collection, "collection", "", "`ALIAS` or id of the only collection to take it out of")
	writesAs(cmd, &as)
	return cmd
}
