package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"entente/internal/node"
)

func (c *cli) versionVerb() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the program's version",
		Long:  "Prints the program's version, the revision it was built from, and what built it.\n\nExit codes: 0.",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			v := struct {
				Version  string `json:"version"`
				Revision string `json:"revision,omitempty"`
				Modified bool   `json:"modified,omitempty"`
				Go       string `json:"go"`
				Platform string `json:"platform"`
			}{Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
			v.Version, v.Revision = node.Program()
			if info, ok := debug.ReadBuildInfo(); ok {
				for _, s := range info.Settings {
					if s.Key == "vcs.modified" {
						v.Modified = s.Value == "true"
					}
				}
			}
			if c.json {
				return c.printJSON(v)
			}
			_, err := fmt.Fprintf(c.stdout, "entente %s (%s, %s)\n", strings.TrimSpace(v.Version+" "+v.Revision), v.Go, v.Platform)
			return err
		},
	}
}
