package main

import (
	"net/url"

	"github.com/spf13/cobra"
)

func (c *cli) revokeVerb() *cobra.Command {
	var base, as string
	cmd := &cobra.Command{
		Use:   "revoke ID|VALUE [--base TIME]",
		Short: "Take an object of your own back: tell all who have it that it no longer holds",
		Long: `Publishes a last version of an object of your own organisation that says that it is
revoked, wherever it stands. Whoever reads there learns of it, and stops using the
object. A value stands for the indicator that is about it. This cannot be undone, by
a delete neither; nothing follows a revocation. What is revoked already is left as it
is.

entente delete, by contrast, takes an object out of a collection without a word to
those who have it: it is for what should never have been there. Revoke first, then
delete, if both is meant.

Exit codes: 0 revoked, or so already; 1 refused (not there, not yours, stale), 2
could not be done.`,
		Example: `  entente revoke 198.51.100.7
  entente revoke indicator--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0001`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := "/objects/" + url.PathEscape(args[0]) + "/revoke"
			if base != "" {
				path += "?" + url.Values{"base": {base}}.Encode()
			}
			return c.write(cmd.Context(), as, path, nil, "taken back")
		},
	}
	cmd.Flags().StringVar(&base, "base", "", "`TIME` modified of the version that is to be taken back (the newest unless given)")
	writesAs(cmd, &as)
	return cmd
}
