package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"entente/internal/door/api"
	"entente/internal/practice/lookup"
	"entente/internal/score"
)

func (c *cli) scoreVerb() *cobra.Command {
	return &cobra.Command{
		Use:   "score [KIND=DAYS]...",
		Short: "Tell or change how fast indicators lose worth",
		Long: `Tells in how many days the score of an indicator becomes a half, by what it asks for:
ip, url, domain, mail, file (digests, names, certificates) or other. KIND=DAYS changes
it; 0 days is the usual half-life again. docs/reference/score.md says how scores are
reckoned; entente scan --set goes by the usual ones, since it asks no node.

Exit codes: 0 told or changed, 1 refused, 2 could not be done.`,
		Example: `  entente score
  entente score ip=14 domain=60`,
		RunE: func(cmd *cobra.Command, args []string) error {
			method, change := http.MethodGet, api.Scoring{HalfLives: lookup.HalfLives{}}
			for _, arg := range args {
				kind, days, ok := strings.Cut(arg, "=")
				n, err := strconv.ParseFloat(days, 64)
				if !ok || err != nil {
					return usage("score: %q: give KIND=DAYS, as ip=14", arg)
				}
				method, change.HalfLives[kind] = http.MethodPatch, n
			}
			var in any
			if method == http.MethodPatch {
				in = change
			}
			var out api.Scoring
			if err := c.ask(cmd.Context(), "", method, "/score", in, &out); err != nil {
				return err
			}
			if c.json {
				return c.printJSON(out)
			}
			w := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
			fmt.Fprintln(w, "KIND\tHALF-LIFE IN DAYS")
			for _, k := range score.Kinds() {
				fmt.Fprintf(w, "%s\t%v\n", k, out.HalfLives[k.String()])
			}
			return w.Flush()
		},
	}
}
