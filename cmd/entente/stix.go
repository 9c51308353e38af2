package main

import "github.com/spf13/cobra"

func (c *cli) stixVerb() *cobra.Command {
	return group("stix", "Check STIX; needs no node", c.stixPattern())
}
