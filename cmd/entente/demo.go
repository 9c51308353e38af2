package main

import (
	"errors"

	"github.com/spf13/cobra"

	"entente/internal/demo"
)

func (c *cli) demoVerb() *cobra.Command {
	var o demo.Options
	var real []string
	cmd := &cobra.Command{
		Use:   "demo [--listen ADDR] [--once] [--import FILE]... [--real DIR]",
		Short: "Play a coalition in one process",
		Long: `Plays two days of a coalition of four members, each with a node of its own:
a CERT, a water utility, a cloud provider and an ISAC live through a ransomware
attack and pull from each other by TAXII. It tells what happens, asks the nodes
over HTTP whether what should have come out did, prints commands to try, and
serves until Ctrl-C. Everything it keeps is in a temporary directory, which it
removes at the end.

Exit codes: 0 all came out as it should, 1 something did not, 2 it could not be
played.`,
		Example: `  entente demo
  entente demo --once
  entente demo --import bundle.json --listen 127.0.0.1:9000`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Import = append(o.Import, real...)
			err := demo.Run(cmd.Context(), c.stdout, o)
			if errors.Is(err, demo.ErrUntrue) {
				return saysNo{err}
			}
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Listen, "listen", "", "`ADDR`ess of the first node, the others take the ports after it (127.0.0.1:8470; with --once any free ones)")
	f.BoolVar(&o.Once, "once", false, "play, ask and end")
	f.StringArrayVar(&o.Import, "import", nil, "`FILE` of real STIX to bring in beside the story; repeatable")
	f.StringArrayVar(&real, "real", nil, "`DIR` of real STIX to bring in, like --import")
	return cmd
}
