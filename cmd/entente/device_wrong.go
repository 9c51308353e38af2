package main

import (
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"entente/internal/door/api"
)

func (c *cli) deviceFalsePositives() *cobra.Command {
	var rule api.Rule
	cmd := &cobra.Command{
		Use:   "false-positives [--others N]",
		Short: "Tell or change when false positives are left out of lists",
		Long: `Tells when an indicator that organisations tell to be a false positive is in no list any
more, or changes it: by the word of your own member, by that of who made it, or by those of
--others N other organisations, when more of them say so than say that it is right. 0 is for
no number of others. docs/reference/lists.md has all of the rule; entente sight
--false-positive tells of one.

Exit codes: 0 told or changed, 1 refused, 2 could not be done.`,
		Example: `  entente device false-positives
  entente device false-positives --others 3`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			method, in := http.MethodGet, any(nil)
			if cmd.Flags().Changed("others") {
				method, in = http.MethodPatch, rule
			}
			var out api.Rule
			if err := c.ask(cmd.Context(), "", method, "/false-positives", in, &out); err != nil {
				return err
			}
			if c.json {
				return c.printJSON(out)
			}
			others := fmt.Sprintf("%d other organisations", out.Others)
			switch out.Others {
			case 0:
				others = "no number of others"
			case 1:
				others = "one other organisation"
			}
			_, err := fmt.Fprintf(c.stdout, "left out of lists by the word of the own member, of who made it, or of %s\n", others)
			return err
		},
	}
	cmd.Flags().IntVar(&rule.Others, "others", 0, "`N` other organisations that it takes; 0 when no number of them suffices")
	return cmd
}
