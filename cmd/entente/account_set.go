package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"entente/client"
)

func (c *cli) accountSet() *cobra.Command {
	var role, purpose, use string
	var grants, groups []string
	cmd := &cobra.Command{
		Use:   "set NAME [--role ROLE] [--grant COLLECTION:r|w|rw|-]... [--group GROUP]... [flags]",
		Short: "Change what an account may do",
		Long: `Changes an account's role, grants, sharing groups, purpose or use; what is not given
stays as it is. Its token stays, too; the change holds from its next request on.

--grant changes one collection's grant, and COLLECTION:- takes it away. --group gives
all groups that it is in from now on; --group "" none.

What the account may read from then on and was added before stands where it always
stood: a client that polls by date added has to begin anew to get it.

Exit codes: 0 changed, 1 refused (there is no such account or collection ...), 2 could
not be done.`,
		Example: `  entente account set hub --group water --group energy
  entente account set hub --grant feeds:r --grant default:- --purpose research`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			var want client.AccountChange
			if want.Grants, err = parseGrants(grants); err != nil {
				return err
			}
			given := cmd.Flags().Changed
			if given("group") {
				if len(groups) == 1 && groups[0] == "" {
					groups = []string{}
				}
				want.Groups = &groups
			}
			for flag, at := range map[string]**string{"role": &want.Role, "purpose": &want.Purpose, "use": &want.Use} {
				if given(flag) {
					text := cmd.Flags().Lookup(flag).Value.String()
					*at = &text
				}
			}
			if want.Role == nil && want.Grants == nil && want.Groups == nil && want.Purpose == nil && want.Use == nil {
				return usage("account set: say what is to be another, as --group water")
			}
			var now client.Account
			if err := c.ask(cmd.Context(), "", http.MethodPatch, "/accounts/"+url.PathEscape(args[0]), want, &now); err != nil {
				return err
			}
			return c.printAccount(&now)
		},
	}
	f := cmd.Flags()
	f.StringVar(&role, "role", "", "`ROLE`: contributor, curator, auditor, admin or sensor")
	f.StringArrayVar(&grants, "grant", nil, "`COLLECTION:ACCESS` with access r, w, rw or - (repeatable)")
	f.StringArrayVar(&groups, "group", nil, "sharing `GROUP` it is in from now on (repeatable)")
	f.StringVar(&purpose, "purpose", "", "`PURPOSE`: defence, research, law-enforcement, attribution or publication")
	f.StringVar(&use, "use", "", "`USE`: read, lookup or block")
	return cmd
}

func (c *cli) accountRenew() *cobra.Command {
	var expires string
	cmd := &cobra.Command{
		Use:   "renew NAME [--expires DURATION]",
		Short: "End an account's token and print another, once",
		Long: `Ends an account's token at once and prints another alone on standard output. All else
of the account stays: what it was given, drafts, watches. One that was revoked or has
expired is open again.

Exit codes: 0 renewed, 1 there is no such account, 2 could not be done.`,
		Example: "  entente account renew hub --expires 90d",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			life, err := parseLife(expires)
			if err != nil {
				return err
			}
			var a client.Account
			want := client.Renewal{ExpiresIn: int64((life + time.Second - 1) / time.Second)}
			if err := c.ask(cmd.Context(), "", http.MethodPost, "/accounts/"+url.PathEscape(args[0])+"/renew", want, &a); err != nil {
				return err
			}
			return c.printToken(&a)
		},
	}
	cmd.Flags().StringVar(&expires, "expires", "", "`DURATION` until the new token ends, as 90d (365d unless given)")
	return cmd
}

func (c *cli) accountShow() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "show NAME|me [--as ACCOUNT]",
		Short: "Show what an account may do",
		Long: `Shows an account: its organisation, role, groups, purpose, use and grants. Of "me",
whoever asks (the operator unless --as names an account), also the agreements by which
things are released to it. By the API an account asks the same with GET /api/v1/me.

Exit codes: 0 shown, 1 there is no such account, 2 could not be done.`,
		Example: "  entente account show hub\n  entente account show me --as hub",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] == "me" {
				return c.showMe(cmd.Context(), as)
			}
			var a client.Account
			if err := c.ask(cmd.Context(), as, http.MethodGet, "/accounts/"+url.PathEscape(args[0]), nil, &a); err != nil {
				return err
			}
			return c.printAccount(&a)
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "`ACCOUNT` that asks (the operator unless given)")
	return cmd
}

func (c *cli) printAccount(a *client.Account) error {
	if c.json {
		return c.printJSON(a)
	}
	lines := []string{"account\t" + a.Name, "organisation\t" + orgText(a.Org, a.Own), "role\t" + a.Role,
		"state\t" + a.State + ", until " + a.Expires.Format(time.DateOnly)}
	lines = append(lines, standing(a.Groups, a.Purpose, a.Use)...)
	for _, g := range a.Grants {
		lines = append(lines, "grant\t"+cmp.Or(g.Alias, "collection "+g.Collection+", which was removed,")+" "+g.Access)
	}
	return c.printLines(lines)
}

func (c *cli) showMe(ctx context.Context, as string) error {
	var me client.Me
	if err := c.ask(ctx, as, http.MethodGet, "/me", nil, &me); err != nil {
		return err
	}
	if c.json {
		return c.printJSON(me)
	}
	lines := []string{"account\t" + me.Account, "organisation\t" + orgText(me.Org, me.Own), "role\t" + me.Role}
	lines = append(lines, standing(me.Groups, me.Purpose, me.Use)...)
	for _, may := range []struct {
		so   bool
		what string
	}{{me.Curates, "see all that the node keeps"}, {me.Administers, "administer the node"}} {
		if may.so {
			lines = append(lines, "may\t"+may.what)
		}
	}
	for _, col := range me.Collections {
		switch {
		case col.CanRead && col.CanWrite:
			lines = append(lines, "may\tread and write "+col.Alias)
		case col.CanRead:
			lines = append(lines, "may\tread "+col.Alias)
		case col.CanWrite:
			lines = append(lines, "may\twrite to "+col.Alias)
		}
	}
	for _, a := range me.Agreements {
		lines = append(lines, "agreement\t"+allowanceText(a))
	}
	return c.printLines(lines)
}

// allowanceText is what an agreement releases, with all that limits it.
func allowanceText(a client.Allowance) string {
	text := fmt.Sprintf("%s, up to TLP:%s and PAP:%s for %s on %s", a.Name, strings.ToUpper(a.TLP), strings.ToUpper(a.PAP),
		strings.Join(a.Purposes, ", "), strings.Join(a.LegalGrounds, ", "))
	if len(a.Terms) > 0 {
		text += ", on the terms " + strings.Join(a.Terms, ", ")
	}
	if a.Review {
		text += ", what a machine made after a person's review"
	}
	if a.ReviewBeforeUse {
		text += ", what a machine made used after a person's review"
	}
	if a.RetentionDays > 0 {
		text += fmt.Sprintf(", erased %d days after it was received", a.RetentionDays)
	}
	if len(a.Collections) > 0 {
		text += ", in " + strings.Join(a.Collections, ", ")
	}
	if a.Until.IsZero() {
		return text + ", until ended"
	}
	return text + ", until " + a.Until.Format(time.DateOnly)
}

func orgText(org string, own bool) string {
	if own {
		return org + " (the node's own member)"
	}
	return org
}

// standing is what of an account handling looks at besides its organisation.
func standing(groups []string, purpose, use string) []string {
	lines := []string{"purpose\t" + purpose, "use\t" + use}
	if len(groups) > 0 {
		lines = append(lines, "groups\t"+strings.Join(groups, ", "))
	}
	return lines
}

// printLines prints names and values with a tab between, the values under each other.
func (c *cli) printLines(lines []string) error {
	w := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for _, line := range lines {
		name, value, _ := strings.Cut(line, "\t")
		fmt.Fprintf(w, "%s\t%s\n", name, printable(value))
	}
	return w.Flush()
}
