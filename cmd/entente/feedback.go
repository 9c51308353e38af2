package main

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"entente/internal/practice/lookup"
)

func (c *cli) feedbackVerb() *cobra.Command {
	var as string
	var all bool
	cmd := &cobra.Command{
		Use:   "feedback [ID|VALUE]...",
		Short: "Tell how often your indicators hit, missed and hurt",
		Long: `Tells what became of the indicators that you made, or of those named, whoever made them:
how often they were seen, in how many sightings, by how many of those who are told, when
last; how often they were looked for in vain; and who says that they hit what is harmless,
and why. It is made of the sightings and opinions that the account may read, in the order
in which the indicators were added. Those of which nobody says anything are told with
--all alone.

Exit codes: 0 told, 1 there is no such indicator, 2 could not be done.`,
		Example: `  entente feedback
  entente feedback cdn.example
  entente feedback --json | jq 'select(.wrong > 0)'`,
		Args: cobra.MaximumNArgs(100),
		RunE: func(cmd *cobra.Command, args []string) error {
			q := url.Values{"id": args, "limit": {"1000"}}
			if all {
				q.Set("all", "true")
			}
			return list(cmd.Context(), c, as, "/api/v1/feedback?"+q.Encode(), table[lookup.Feedback]{"INDICATOR\tHITS\tSIGHTINGS\tBY\tLAST\tMISSES\tFALSE POSITIVE", feedbackLine})
		},
	}
	f := cmd.Flags()
	f.BoolVar(&all, "all", false, "also indicators of which nobody says anything")
	asFlag(f, &as)
	return cmd
}

func feedbackLine(f *lookup.Feedback) string {
	last := "-"
	if f.Last != "" {
		last = day(f.Last)
	}
	name := f.ID
	if f.Name != "" {
		name = fmt.Sprintf("%s (%s)", f.Name, f.ID)
	}
	return fmt.Sprintf("%s\t%d\t%d\t%s\t%s\t%d\t%s", printable(name), f.Hits, f.Sightings, printable(seenBy(f)), last, f.Misses, printable(wrongBy(f)))
}

// seenBy is who saw an indicator, as a few words.
func seenBy(f *lookup.Feedback) string {
	who := strings.Join(f.By[:min(len(f.By), 3)], ", ")
	if f.ByCount > 3 {
		who += fmt.Sprintf(" and %d others", f.ByCount-3)
	}
	if f.Unnamed > 0 {
		if who != "" {
			who += ", "
		}
		who += fmt.Sprintf("%d unnamed", f.Unnamed)
	}
	if who == "" {
		return "-"
	}
	return who
}

// wrongBy is who tells it to be a false positive, and the newest reason.
func wrongBy(f *lookup.Feedback) string {
	if f.Wrong == 0 {
		return "-"
	}
	first := f.FalsePositives[0]
	text := first.By
	if text == "" {
		text = "somebody unnamed"
	}
	if f.Wrong > 1 {
		text += fmt.Sprintf(" and %d others", f.Wrong-1)
	}
	if first.Why != "" {
		text += ": " + shortened(first.Why)
	}
	return text
}
