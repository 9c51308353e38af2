package main

import (
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manVerb is for packagers; it is not listed.
func (c *cli) manVerb() *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "Write the manual's pages into a folder",
		Long:   "Writes a page of the manual (section 1) for each verb into a folder.\n\nExit codes: 0 written, 2 could not be done.",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true // the same program writes the same pages
			return doc.GenManTree(root, &doc.GenManHeader{Title: "ENTENTE", Section: "1", Source: "Entente", Manual: "Entente"}, args[0])
		},
	}
}
