package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"entente/internal/node"
	"entente/internal/store"
)

func (c *cli) upgradeVerb() *cobra.Command {
	var o node.UpgradeOptions
	cmd := &cobra.Command{
		Use:   "upgrade [--check]",
		Short: "Bring a node's store to the format of this program",
		Long: `Brings the store of a node that an older program wrote to the format that this
one works with. Stop what serves the node, and back it up with the program that
wrote it, first. An upgrade that is stopped loses nothing; run it again.

With --check it only looks. Without it, a store that needs no upgrade is left as it
is.

Exit codes: 0 upgraded, or nothing to do; 1 with --check: it needs an upgrade; 2
could not be done (also: written by a newer program, or in use).`,
		Example: "  entente upgrade --check --data node",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Logger = c.quietLogger()
			var bar *bar
			o.Progress = func(from, to int, done, total int64) {
				if done == 0 && total == 0 {
					c.tell("upgrade: from format %d to %d", from, to)
					return
				}
				if bar == nil {
					bar = c.newBar("upgrade", total, false)
				}
				bar.set(done)
			}
			from, err := node.Upgrade(cmd.Context(), c.data, o)
			if bar != nil {
				bar.end()
			}
			if o.Check && errors.Is(err, store.ErrTooOld) {
				return saysNo{err}
			}
			if err != nil {
				return err
			}
			return c.printUpgraded(from)
		},
	}
	cmd.Flags().BoolVar(&o.Check, "check", false, "only tell whether an upgrade is needed")
	return cmd
}

func (c *cli) printUpgraded(from int) error {
	if c.json {
		return c.printJSON(struct {
			Upgraded bool `json:"upgraded"`
			From     int  `json:"from,omitempty"`
		}{from > 0, from})
	}
	text := "nothing to do: the store is in the format of this program"
	if from > 0 {
		text = fmt.Sprintf("the store was in format %d and is upgraded", from)
	}
	_, err := fmt.Fprintln(c.stdout, text)
	return err
}
