package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"entente/client"
	"entente/internal/door/admin"
	"entente/internal/trust/account"
)

func (c *cli) agreementVerb() *cobra.Command {
	return group("agreement", "Say what is released to whom, for what and until when",
		c.agreementAdd(), c.agreementList(), c.agreementShow(), c.agreementEnd())
}

func (c *cli) agreementAdd() *cobra.Command {
	var want client.NewAgreement
	var from, until string
	var transfers []string
	cmd := &cobra.Command{
		Use:   "add NAME --tlp LEVEL --ground GROUND... [--to RECIPIENT]... [flags]",
		Short: "Make an agreement, or its next version",
		Long: `Makes an agreement: up to which TLP label the own member releases to whom, for
which purposes, on which legal grounds, from when until when. It is in force for
every read at once. A reader needs a grant on the collection besides, and an
object's own markings hold in any case.

Recipients are org:NAME and person:ACCOUNT@ORG of a bilateral agreement, group:NAME
of a group's (--kind group), none of a standing invitation (--kind invitation),
which is to every partner. The words of purposes, terms and legal grounds stand in
docs/reference/handling.md; of national-law and gdpr-49-derogation, --note says which
law or case it is.

With --collection it releases what stands in these collections alone; what the same
object is allowed by elsewhere does not count there. One that is removed takes its part
of the agreement with it: another of the same alias is another.

Out of the EEA, personal data goes only on a ground for the transfer besides: --transfer
with the ground and what it takes, in one argument. gdpr-45-adequacy says to= and
until=, gdpr-46-safeguards assessed= and basis= (the document), gdpr-48-treaty and
gdpr-49-derogation basis= (the treaty, the case), cbpr nothing more. Without to= it is
to any country. basis= comes last and takes the rest.

What an agreement asks of its recipients they read in "entente account show me" (GET
/api/v1/me): terms, --review-before-use, --retention-days. They are held to it by their
word. What is held here is the first part of the second: an account that blocks by
itself (--use block) is given nothing by it that a machine made and nobody has reviewed.

Each version stays. To change an agreement, add it again with --replaces and the
number of the version that is the newest.

Exit codes: 0 made, 1 refused (it is there, it makes no sense ...), 2 could not be
done.`,
		Example: `  entente agreement add with-water --to "org:Water ISAC" --tlp amber --ground nis2-29
  entente agreement add with-water --to "org:Water ISAC" --tlp green --ground nis2-29 --replaces 1
  entente agreement add energy --kind group --to group:energy --tlp amber --ground nis2-29 --until 2027-12-31
  entente agreement add with-vendor --to "org:Pump Vendor" --tlp amber --ground gdpr-6-legitimate \
    --transfer "gdpr-45-adequacy to=US until=2027-07-10 basis=Data Privacy Framework, certified"
  entente agreement add with-bay --to org:Bay --tlp amber --ground nis2-29 --collection feed
  entente agreement add research --kind invitation --tlp green --purpose research --ground gdpr-6-public-task --review`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			want.Name = args[0]
			if want.From, err = parseDay("--from", from); err != nil {
				return err
			}
			if want.Until, err = parseDay("--until", until); err != nil {
				return err
			}
			for _, text := range transfers {
				t, err := parseTransfer(text)
				if err != nil {
					return err
				}
				want.Transfers = append(want.Transfers, t)
			}
			return c.addAgreement(cmd, want)
		},
	}
	f := cmd.Flags()
	f.StringVar(&want.Kind, "kind", "bilateral", "`KIND`: bilateral, group or invitation")
	f.StringArrayVar(&want.To, "to", nil, "`RECIPIENT`: org:NAME, group:NAME or person:ACCOUNT@ORG (repeatable)")
	f.StringVar(&want.TLP, "tlp", "", "strictest TLP `LEVEL` that it releases")
	f.StringVar(&want.PAP, "pap", "red", "strictest PAP `LEVEL` that it releases")
	f.StringSliceVar(&want.Purposes, "purpose", []string{"defence"}, "`PURPOSE` for which it releases (repeatable)")
	f.StringSliceVar(&want.LegalGrounds, "ground", nil, "legal `GROUND` on which it releases (repeatable)")
	f.StringSliceVar(&want.Terms, "term", nil, "`TERM` of markings that the recipients have agreed to (repeatable)")
	f.BoolVar(&want.Review, "review", false, "release what a machine made only after a person's review")
	f.BoolVar(&want.ReviewBeforeUse, "review-before-use", false, "recipients have a person review what a machine made before it is used")
	f.IntVar(&want.RetentionDays, "retention-days", 0, "recipients erase what they were given so many `DAYS` later")
	f.StringArrayVar(&want.Collections, "collection", nil, "`COLLECTION` that it is for, all unless given (repeatable)")
	f.StringArrayVar(&transfers, "transfer", nil, "`TRANSFER` out of the EEA: GROUND [to=CODE,...] [until=TIME] [assessed=TIME] [basis=TEXT] (repeatable)")
	f.StringVar(&from, "from", "", "`TIME` from which it is in force, as 2026-12-01 or 2026-12-01T08:00:00Z (now unless given)")
	f.StringVar(&until, "until", "", "`TIME` from which it is no longer in force (until it is ended unless given)")
	f.StringVar(&want.Note, "note", "", "one line of `TEXT` for people")
	f.IntVar(&want.Replaces, "replaces", 0, "`VERSION` that this one takes the place of")
	_ = cmd.MarkFlagRequired("tlp")
	_ = cmd.MarkFlagRequired("ground")
	return cmd
}

// parseTransfer reads a ground and what a transfer on it takes.
func parseTransfer(text string) (t client.Transfer, err error) {
	var rest string
	t.Ground, rest, _ = strings.Cut(strings.TrimSpace(text), " ")
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
		key, value, _ := strings.Cut(rest, "=")
		if key != "basis" {
			value, rest, _ = strings.Cut(value, " ")
		} else {
			rest = ""
		}
		switch key {
		case "to":
			t.To = strings.Split(value, ",")
		case "basis":
			t.Basis = value
		case "until":
			t.Until, err = parseDay("--transfer until", value)
		case "assessed":
			t.Assessed, err = parseDay("--transfer assessed", value)
		default:
			err = usage("--transfer %q: %q is none of to=, until=, assessed= and basis=, which comes last", text, key)
		}
		if err != nil {
			return t, err
		}
	}
	return t, nil
}

// groundsOf are the grounds of an agreement, with what its transfers on them say.
func groundsOf(a *client.Agreement) string {
	said := map[string][]string{}
	for _, t := range a.Transfers {
		text := "to any country"
		if len(t.To) > 0 {
			text = "to " + strings.Join(t.To, " ")
		}
		if !t.Until.IsZero() {
			text += " until " + t.Until.Format(time.RFC3339)
		}
		said[t.Ground] = append(said[t.Ground], text)
	}
	list := slices.Clone(a.LegalGrounds)
	for i, g := range list {
		if said[g] != nil {
			list[i] += " (" + strings.Join(said[g], "; ") + ")"
		}
	}
	return strings.Join(list, ",")
}

// parseDay reads a day or an instant; a day begins at midnight in UTC.
func parseDay(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, usage("%s %q: write a day as 2026-12-01 or a time as 2026-12-01T08:00:00Z", flag, text)
}

func (c *cli) addAgreement(cmd *cobra.Command, want client.NewAgreement) error {
	var made client.Agreement
	if err := c.ask(cmd.Context(), "", http.MethodPost, "/agreements", want, &made); err != nil {
		return err
	}
	if c.json {
		if err := c.printJSON(made); err != nil {
			return err
		}
	} else {
		c.tell("agreement %s, version %d, is %s: up to TLP:%s to %s%s", made.Name, made.Version, made.State, strings.ToUpper(made.TLP), recipients(made), inCollections(made.Collections))
	}
	c.warnOfStrangers(cmd.Context(), &made)
	return nil
}

// warnOfStrangers tells which recipients are of organisations that are not here (yet).
func (c *cli) warnOfStrangers(ctx context.Context, made *client.Agreement) {
	orgs, err := listed[client.Org](ctx, c, "", "/api/v1/orgs")
	if err != nil { // the agreement is made all the same
		c.tell("whether its recipients are known here: %s", printable(err.Error()))
		return
	}
	told := map[string]bool{}
	for _, o := range orgs {
		told[account.Fold(o.Name)] = true
	}
	for _, to := range made.To {
		kind, name, _ := strings.Cut(to, ":")
		if kind == "person" {
			_, name, _ = strings.Cut(name, "@")
		}
		if kind == "group" || told[name] {
			continue
		}
		told[name] = true
		c.tell("no organisation here is called %q, so that nobody is given anything in its name; entente org add makes it, or add the agreement again with --replaces %d", name, made.Version)
	}
}

// recipients words to whom an agreement releases.
func recipients(a client.Agreement) string {
	if a.Kind == "invitation" {
		return "every partner"
	}
	return strings.Join(a.To, ", ")
}

// inCollections says for which collections something is; nothing when it is for all.
func inCollections(aliases []string) string {
	if len(aliases) == 0 {
		return ""
	}
	return " in " + strings.Join(aliases, ", ")
}

var agreementTable = table[client.Agreement]{"NAME\tVERSION\tSTATE\tUP TO\tTO\tFOR\tON\tFROM\tUNTIL\tASKS FOR", func(a *client.Agreement) string {
	reach, until := "TLP:"+strings.ToUpper(a.TLP), "-"
	if a.PAP != "red" {
		reach += " PAP:" + strings.ToUpper(a.PAP)
	}
	if !a.Until.IsZero() {
		until = a.Until.Format(time.RFC3339)
	}
	return fmt.Sprintf("%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s", a.Name, a.Version, a.State, reach, printable(recipients(*a))+inCollections(a.Collections),
		strings.Join(a.Purposes, ","), groundsOf(a), a.From.Format(time.RFC3339), until, asksFor(a))
}}

// asksFor is what an agreement asks of its recipients, and before it releases.
func asksFor(a *client.Agreement) string {
	asks := slices.Clone(a.Terms)
	if a.Review {
		asks = append(asks, "review")
	}
	if a.ReviewBeforeUse {
		asks = append(asks, "review before use")
	}
	if a.RetentionDays > 0 {
		asks = append(asks, fmt.Sprintf("erasure after %d days", a.RetentionDays))
	}
	if len(asks) == 0 {
		return "-"
	}
	return strings.Join(asks, ", ")
}

func (c *cli) agreementList() *cobra.Command {
	return listVerb(c, "List agreements", "Lists the newest version of each agreement, also of those that have ended. What is built in (the own member with itself, TLP:CLEAR to everyone, a grant for TLP:GREEN) is not listed.",
		"/api/v1/agreements", agreementTable, operator)
}

func (c *cli) agreementShow() *cobra.Command {
	return &cobra.Command{
		Use:     "show NAME",
		Short:   "Show all versions of an agreement",
		Long:    "Shows all versions of an agreement, oldest first.\n\nExit codes: 0 shown, 1 there is no such agreement, 2 could not be done.",
		Example: "  entente agreement show with-water",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return list(cmd.Context(), c, "", "/api/v1/agreements/"+url.PathEscape(args[0]), agreementTable)
		},
	}
}

func (c *cli) agreementEnd() *cobra.Command {
	return &cobra.Command{
		Use:     "end NAME",
		Short:   "End an agreement at once",
		Long:    "Ends an agreement at once: nothing more is released by it. What was released is not called back. Its versions stay.\n\nExit codes: 0 ended, 1 there is no such agreement or it has ended, 2 could not be done.",
		Example: "  entente agreement end with-water",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var ended client.Agreement
			err := c.withNode(cmd.Context(), func(n *admin.Client) error {
				return n.Do(cmd.Context(), http.MethodPost, "/api/v1/agreements/"+url.PathEscape(args[0])+"/end", nil, &ended)
			})
			if err != nil {
				return err
			}
			if c.json {
				return c.printJSON(ended)
			}
			c.tell("agreement %s is ended", ended.Name)
			return nil
		},
	}
}
