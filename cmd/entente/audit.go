package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"entente/internal/door/api"
	"entente/internal/exchange"
	"entente/internal/trust/audit"
)

func (c *cli) auditVerb() *cobra.Command {
	return group("audit", "See who was given what, and hold it against the log",
		c.auditWhoSaw(), c.auditWhatSaw(), c.auditDenials(), c.auditSeal(), c.auditVerify())
}

func auditAs(cmd *cobra.Command, as *string) {
	cmd.Flags().StringVar(as, "as", "", "`ACCOUNT` that asks: an auditor or an admin (the operator unless given)")
}

func (c *cli) auditWhoSaw() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "who-saw ID",
		Short: "Tell who was given an object",
		Long: `Tells who was given any version of an object, in any collection, also when it was
taken out since: exactly what left the node, each within an hour. Where a node was
killed, what it gave in its last seconds is not known; whose seconds those were, is.

Exit codes: 0 somebody was given it, 1 nobody was, 2 could not be done.`,
		Example: "  entente audit who-saw indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var out api.Sights
			if err := c.ask(cmd.Context(), as, http.MethodGet, "/audit/objects/"+url.PathEscape(args[0]), nil, &out); err != nil {
				return asking(err)
			}
			return c.printSights(&out)
		},
	}
	auditAs(cmd, &as)
	return cmd
}

// sinceFlag adds --since and --limit.
func sinceFlag(cmd *cobra.Command, since *time.Duration, limit *int) {
	cmd.Flags().DurationVar(since, "since", 0, "only what is younger than this `TIME`, as 72h (all unless given)")
	cmd.Flags().IntVar(limit, "limit", 1000, "`N` entries at most, 1 to 10000")
}

func sinceQuery(since time.Duration, limit int) string {
	q := url.Values{"limit": {strconv.Itoa(limit)}}
	if since > 0 {
		q.Set("since", time.Now().UTC().Add(-since).Format(time.RFC3339))
	}
	return "?" + q.Encode()
}

func (c *cli) auditWhatSaw() *cobra.Command {
	var as string
	var since time.Duration
	var limit int
	cmd := &cobra.Command{
		Use:   "what-saw ACCOUNT",
		Short: "Tell what an account was given",
		Long: `Tells which versions of which objects an account was given, oldest first, also
when the account or the objects were removed since.

Exit codes: 0 it was given something, 1 nothing, 2 could not be done.`,
		Example: "  entente audit what-saw brookwater-soc --since 72h",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var out api.Sights
			if err := c.ask(cmd.Context(), as, http.MethodGet, "/audit/accounts/"+url.PathEscape(args[0])+sinceQuery(since, limit), nil, &out); err != nil {
				return asking(err)
			}
			return c.printSights(&out)
		},
	}
	auditAs(cmd, &as)
	sinceFlag(cmd, &since, &limit)
	return cmd
}

func (c *cli) printSights(out *api.Sights) error {
	if c.json {
		if err := c.printJSON(out); err != nil {
			return err
		}
	} else if err := c.printSightTable(out); err != nil {
		return err
	}
	if len(out.Sights) == 0 && len(out.Gaps) == 0 {
		return no()
	}
	return nil
}

func (c *cli) printSightTable(out *api.Sights) error {
	w := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	if len(out.Sights) > 0 {
		fmt.Fprintln(w, "READER\tFROM\tUNTIL\tGIVEN\tCOLLECTION\tOBJECT\tVERSION")
	}
	for i := range out.Sights {
		s := &out.Sights[i]
		fmt.Fprintf(w, "%s@%s\t%s\t%s\t%s\t%s\t%s\t%s\n", printable(s.Reader.Account), printable(s.Reader.Org),
			s.From.Format(time.RFC3339), s.Until.Format(time.RFC3339), given(s), s.Collection, printable(s.Object), printable(s.Version))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if out.More {
		c.tell("there are others; give a greater --limit, or --since")
	}
	for _, g := range out.Gaps {
		c.tell("%s@%s may have been given something before %s that is not known: the node was killed then", g.Reader.Account, g.Reader.Org, g.Until.Format(time.RFC3339))
	}
	return nil
}

// given says what of an object somebody was given.
func given(s *exchange.Sight) string {
	what := "its id"
	if s.Content {
		what = "content"
	}
	if s.Parts {
		what += " without parts"
	}
	if s.Aside {
		what += " kept aside"
	}
	if s.Gone {
		what += ", gone since"
	}
	return what
}

func (c *cli) auditDenials() *cobra.Command {
	var as string
	var since time.Duration
	var limit int
	cmd := &cobra.Command{
		Use:   "denials",
		Short: "Tell who named an object that was not for them",
		Long: `Tells who asked for an object by its id and was refused it by handling, with the
reason, oldest first. They were answered as if there were no such object.

Exit codes: 0 there are some, 1 there are none, 2 could not be done.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var out api.Denials
			if err := c.ask(cmd.Context(), as, http.MethodGet, "/audit/denials"+sinceQuery(since, limit), nil, &out); err != nil {
				return asking(err)
			}
			if c.json {
				if err := c.printJSON(out.Denials); err != nil {
					return err
				}
			} else if err := c.printDenials(out.Denials); err != nil {
				return err
			}
			if len(out.Denials) == 0 {
				return no()
			}
			return nil
		},
	}
	auditAs(cmd, &as)
	sinceFlag(cmd, &since, &limit)
	return cmd
}

func (c *cli) printDenials(list []audit.Denial) error {
	w := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	if len(list) > 0 {
		fmt.Fprintln(w, "TIME\tREADER\tOBJECT\tREASON")
	}
	for _, d := range list {
		fmt.Fprintf(w, "%s\t%s@%s\t%s\t%s\n", d.Time.Format(time.RFC3339), printable(d.Reader.Account), printable(d.Reader.Org), printable(d.Object), printable(d.Reason))
	}
	return w.Flush()
}

func (c *cli) auditSeal() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "seal",
		Short: "Bind what was given and administered to the log, now",
		Long: `Adds a leaf to the log that commits to all that was given to readers and
administered since the last one. The node does so every hour by itself.

Exit codes: 0 sealed, 2 could not be done.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var s audit.Seal
			if err := c.ask(cmd.Context(), as, http.MethodPost, "/audit/seals", struct{}{}, &s); err != nil {
				return asking(err)
			}
			if c.json {
				return c.printJSON(s)
			}
			if s.Readings+s.Acts == 0 {
				fmt.Fprintln(c.stdout, "nothing to seal: nothing was given or administered since the last seal")
				return nil
			}
			fmt.Fprintf(c.stdout, "sealed by leaf %d of the log: readings %d, acts %d\n", s.Leaf, s.Readings, s.Acts)
			return nil
		},
	}
	auditAs(cmd, &as)
	return cmd
}

func (c *cli) auditVerify() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Hold the audit against the log",
		Long: `Reads all that was sealed and holds it against the leaves of the log.

Exit codes: 0 all is as it was sealed, 1 something is not, 2 could not be done.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var out api.Verified
			if err := c.ask(cmd.Context(), as, http.MethodPost, "/audit/verify", struct{}{}, &out); err != nil {
				return asking(err)
			}
			if c.json {
				if err := c.printJSON(out); err != nil {
					return err
				}
			}
			for _, p := range out.Problems {
				c.tell("%s", p)
			}
			if len(out.Problems) > 0 {
				return no()
			}
			if !c.json {
				fmt.Fprintln(c.stdout, "the audit is as it was sealed")
			}
			return nil
		},
	}
	auditAs(cmd, &as)
	return cmd
}
