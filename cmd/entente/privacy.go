package main

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"entente/internal/door/api"
	"entente/internal/exchange"
	"entente/internal/trust/personal"
)

func (c *cli) privacyVerb() *cobra.Command {
	return group("privacy", "See what personal data is held, whence, and who was given it; erase it",
		c.privacyReport(), c.privacyErase())
}

func (c *cli) privacyErase() *cobra.Command {
	var as string
	var ask api.AskErasure
	cmd := &cobra.Command{
		Use:   "erase ID...",
		Short: "Erase objects for good",
		Long: `Erases all versions of objects from all collections, with what was kept aside under
them, as a person may ask for. They are unreadable at once and off the disk within a
day; with --off-disk when the verb ends, which rewrites a good part of the store. It is
audited, and where others read it is an act in the log, as a recall.

Backups that were made before still hold them; what is restored from one with the
folder of months of this node (restore --months) does not have them. Whoever was given
them has them still: "audit who-saw ID" tells who that is.

Exit codes: 0 erased, 1 one of them is not there (the others are erased) or it is not
allowed, 2 could not be done.`,
		Example: "  entente privacy erase note--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --off-disk",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ask.IDs = args
			var out api.Erased
			if err := c.ask(cmd.Context(), as, http.MethodPost, "/privacy/erase", ask, &out); err != nil {
				return err
			}
			if c.json {
				return c.printJSON(out)
			}
			fmt.Fprintf(c.stdout, "versions erased %d", out.Erased)
			if ask.OffDisk {
				fmt.Fprintf(c.stdout, ", off the disk %d", out.OffDisk)
			}
			fmt.Fprintln(c.stdout)
			return nil
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "`ACCOUNT` that erases: a curator or an admin (the operator unless given)")
	cmd.Flags().BoolVar(&ask.OffDisk, "off-disk", false, "take it off the disk now")
	return cmd
}

func (c *cli) privacyReport() *cobra.Command {
	var as string
	var ask api.AskReport
	cmd := &cobra.Command{
		Use:   "report [ORG|VALUE|ID]",
		Short: "Tell what personal data is held, whence, and to whom it was released on which ground",
		Long: `Answers the question of a person or of a regulator: which objects hold personal data,
of which kinds, who brought them, until when they are kept, who was given them, when,
for which purpose, by which agreement and on which legal grounds.

VALUE is something of a person: an address of e-mail, a telephone number, a card, an
IBAN, the name of an identity, or the number of a person behind its scheme, as in
pesel:44051401359. ORG is an organisation: what it brought, who was given that, and
what was given to it. ID is an object, also one that was recalled or erased: it is not
found by its VALUE any more. Without any it is about all that is held, and all that was.

Purpose, agreement and grounds are those of then, whatever has become of the account,
the agreement or the object. "own", "clear" and "grant" are built in: the own member,
TLP:CLEAR, and TLP:GREEN in a collection that is granted; they stand on no ground.
Where it was not kept yet what they were, "not known" stands instead.

Exit codes: 0 some is held, 1 none is, 2 could not be done.`,
		Example: "  entente privacy report ana@mail.example\n  entente privacy report Brookwater --json\n  entente privacy report note--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ask.About = strings.Join(args, "")
			var out api.PersonalReport
			if err := c.ask(cmd.Context(), as, http.MethodPost, "/privacy/report", ask, &out); err != nil {
				return asking(err)
			}
			if c.json {
				if err := c.printJSON(out); err != nil {
					return err
				}
			} else if err := c.printPersonal(&out); err != nil {
				return err
			}
			if out.Total == 0 && len(out.Released) == 0 {
				return no()
			}
			return nil
		},
	}
	auditAs(cmd, &as)
	cmd.Flags().IntVar(&ask.Limit, "limit", 1000, "`N` objects listed at most, 1 to 10000")
	return cmd
}

// printPersonal prints a report: a sentence, what is held, who was given it.
func (c *cli) printPersonal(out *api.PersonalReport) error {
	fmt.Fprintln(c.stdout, personalSummary(out))
	if len(out.Held) > 0 {
		fmt.Fprintln(c.stdout)
	}
	w := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	if len(out.Held) > 0 {
		fmt.Fprintln(w, "HELD\tKINDS\tFROM\tCOLLECTION\tTLP\tADDED\tKEPT UNTIL")
	}
	for i := range out.Held {
		h := &out.Held[i]
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", printable(h.Object), strings.Join(h.Kinds, ","), printable(h.Source), h.Collection, h.TLP, addedText(h), keptText(h))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if out.More {
		c.tell("there are others; give a greater --limit")
	}
	return c.printReleases(out)
}

func (c *cli) printReleases(out *api.PersonalReport) error {
	w := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	if len(out.Released) > 0 {
		fmt.Fprintln(c.stdout)
		fmt.Fprintln(w, "RELEASED TO\tOBJECTS\tFROM\tUNTIL\tFOR\tBY AGREEMENT\tON GROUNDS")
	}
	for _, r := range out.Released {
		what := fmt.Sprint(r.Objects)
		if r.Object != "" {
			what = printable(r.Object)
		}
		if r.Gone > 0 {
			what += goneText(&r)
		}
		if !r.Content {
			what += " (only the id)"
		}
		const unknown = "not known"
		fmt.Fprintf(w, "%s@%s\t%s\t%s\t%s\t%s\t%s\t%s\n", printable(r.Reader.Account), printable(r.Reader.Org), what,
			r.From.Format(time.RFC3339), r.Until.Format(time.RFC3339), cmp.Or(r.Purpose, unknown), cmp.Or(r.Agreement, unknown), strings.Join(r.Grounds, ","))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if out.KnownSince != nil {
		c.tell("for which purpose and by what something was released is kept since %s, and so is what was taken out; of what was given before it is not known, and what was taken out before is not told", out.KnownSince.Format(time.RFC3339))
	}
	for _, g := range out.Gaps {
		c.tell("%s@%s may have been given something before %s that is not known: the node was killed then", printable(g.Reader.Account), printable(g.Reader.Org), g.Until.Format(time.RFC3339))
	}
	return nil
}

// goneText says how much of a release is not held any more.
func goneText(r *exchange.PersonalRelease) string {
	if r.Gone == r.Objects {
		return " (gone)"
	}
	return fmt.Sprintf(" (%d gone)", r.Gone)
}

// personalSummary says in a sentence how much is held.
func personalSummary(out *api.PersonalReport) string {
	var kinds []string
	for _, k := range personal.Kinds() {
		if n := out.Counts[k.String()]; n > 0 {
			kinds = append(kinds, fmt.Sprintf("%s %d", k, n))
		}
	}
	about := map[string]string{"everything": "here", "organisation": "from " + printable(out.About), "person": "about " + printable(out.About), "object": "under " + printable(out.About)}[out.Kind]
	if out.Total == 0 {
		return "no object with personal data is held " + about
	}
	return fmt.Sprintf("objects with personal data held %s: %d (%s)", about, out.Total, strings.Join(kinds, ", "))
}

func addedText(h *exchange.PersonalHeld) string {
	if h.Aside {
		return "kept aside"
	}
	return h.Added.Format(time.RFC3339)
}

func keptText(h *exchange.PersonalHeld) string {
	if h.KeptUntil == nil {
		return "without end"
	}
	return h.KeptUntil.Format(time.RFC3339)
}
