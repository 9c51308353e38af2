package main

import (
	"time"

	"github.com/spf13/cobra"

	"entente/internal/bench"
)

func (c *cli) benchVerb() *cobra.Command {
	var o bench.Options
	var seconds float64
	cmd := &cobra.Command{
		Use:   "bench [--objects N] [--seconds S] [--only PARTS]",
		Short: "Measure a node against baselines on this machine",
		Long: `Generates objects, imports and serves them with this program's own verbs, and
measures each figure against a baseline in the same run: raw Pebble for writing,
net/http with the same bytes for serving, encoding/json for parsing. Stores are
made in a temporary directory (about 3 GB for the default million objects) and
removed at the end. With the default it takes about ten minutes.

PARTS are parse, serve, classes, handling, search, lookup, post, keep, demo; all unless given.

Exit codes: 0 measured, 2 it could not be. A figure that is not reached is
marked in the table; it is not an error.`,
		Example: `  entente bench --objects 100000 --only parse,serve`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.JSON = c.json
			o.Window = time.Duration(seconds * float64(time.Second))
			return bench.Run(cmd.Context(), c.stdout, c.stderr, o)
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.Objects, "objects", 1_000_000, "how many objects")
	f.Float64Var(&seconds, "seconds", 5, "how long each load lasts")
	f.StringVar(&o.Only, "only", "", "measure these `PARTS` only")
	f.StringVar(&o.Dir, "dir", "", "`DIR` to make stores in (the system's temporary directory)")
	cmd.AddCommand(&cobra.Command{
		Use: "static DIR", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return bench.Static(cmd.Context(), c.stdout, args[0])
		},
	})
	return cmd
}
