package main

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"entente/client"
	"entente/internal/door/admin"
)

func (c *cli) accountVerb() *cobra.Command {
	return group("account", "Open, change and end accounts",
		c.accountAdd(), c.accountShow(), c.accountList(), c.accountSet(), c.accountRenew(), c.accountEnd("revoke"), c.accountEnd("remove"))
}

func (c *cli) accountAdd() *cobra.Command {
	var want client.NewAccount
	var grants []string
	var expires string
	cmd := &cobra.Command{
		Use:   "add NAME [--role ROLE] [--org ORG] [--grant COLLECTION:r|w|rw]... [flags]",
		Short: "Open an account and print its token, once",
		Long: `Opens an account and prints its token alone on standard output; it is kept
nowhere and cannot be shown again.

The role is contributor unless said otherwise: it reads and writes where a grant
lets it; an auditor may also read who was given what (entente audit). Who may read
and write a collection may also take objects out of it, by TAXII's DELETE. A curator
sees all that the node keeps; an admin is a curator who also
administers; a sensor is a machine that sends events (POST /api/v1/events) and may do
nothing else. With --org the account is a partner organisation's (entente org
add), and handling decides what it may see of what a grant opens: by its
organisation, its sharing groups, why it asks (--purpose) and what it does with what
it reads (--use: an account that blocks gets nothing marked stricter than PAP:GREEN,
one that looks things up at third parties nothing stricter than PAP:AMBER).

A duration is a number and y, d, h or m: 90d, 12h. Tokens live a year at most.

Exit codes: 0 opened, 1 refused (the name is taken, no such collection ...), 2
could not be done.`,
		Example: `  entente account add ana --role curator
  entente account add feed --grant default:w
  entente account add hub --org "Water ISAC" --group water --grant default:r --expires 90d
  entente account add firewall --grant default:r --use block`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			want.Name = args[0]
			if want.Grants, err = parseGrants(grants); err != nil {
				return err
			}
			life, err := parseLife(expires)
			if err != nil {
				return err
			}
			want.ExpiresIn = int64((life + time.Second - 1) / time.Second)
			return c.addAccount(cmd, want)
		},
	}
	f := cmd.Flags()
	f.StringVar(&want.Role, "role", "contributor", "`ROLE`: contributor, curator, auditor, admin or sensor")
	f.StringVar(&want.Org, "org", "", "partner `ORG`anisation it belongs to (the node's own member unless given)")
	f.StringArrayVar(&grants, "grant", nil, "`COLLECTION:ACCESS` with access r, w or rw (repeatable)")
	f.StringArrayVar(&want.Groups, "group", nil, "sharing `GROUP` it is in (repeatable)")
	f.StringVar(&want.Purpose, "purpose", "defence", "`PURPOSE`: defence, research, law-enforcement, attribution or publication")
	f.StringVar(&want.Use, "use", "read", "`USE`: read, lookup or block")
	f.StringVar(&expires, "expires", "", "`DURATION` until its token ends, as 90d (365d unless given)")
	return cmd
}

func (c *cli) addAccount(cmd *cobra.Command, want client.NewAccount) error {
	var made client.Account
	err := c.withNode(cmd.Context(), func(n *admin.Client) error {
		return n.Do(cmd.Context(), http.MethodPost, "/api/v1/accounts", want, &made)
	})
	if err != nil {
		return err
	}
	return c.printToken(&made)
}

func (c *cli) printToken(a *client.Account) error {
	if c.json {
		return c.printJSON(a)
	}
	c.tell("account %s (%s of %s) is open until %s; its token is shown this once:",
		a.Name, a.Role, a.Org, a.Expires.Format(time.DateOnly))
	_, err := fmt.Fprintln(c.stdout, a.Token)
	return err
}

// parseGrants reads COLLECTION:ACCESS. The node checks both parts.
func parseGrants(texts []string) ([]client.Grant, error) {
	var grants []client.Grant
	for _, text := range texts {
		i := strings.LastIndexByte(text, ':')
		if i <= 0 || i == len(text)-1 {
			return nil, usage("--grant %q: write COLLECTION:r, COLLECTION:w or COLLECTION:rw", text)
		}
		grants = append(grants, client.Grant{Collection: text[:i], Access: text[i+1:]})
	}
	return grants, nil
}

// parseLife reads a duration in days or as Go writes it; 0 when empty.
func parseLife(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	for unit, days := range map[string]int{"d": 1, "y": 365} {
		number, ok := strings.CutSuffix(text, unit)
		if !ok {
			continue
		}
		var n int
		n, err = strconv.Atoi(number)
		d = time.Duration(min(n, 1000)*days) * 24 * time.Hour // a thousand years fit, and are too long
	}
	if err != nil || d <= 0 {
		return 0, usage("--expires %q: write a number and y, d, h or m, as 90d", text)
	}
	return d, nil
}

func (c *cli) accountList() *cobra.Command {
	return listVerb(c, "List accounts", "Lists accounts with their roles, grants and ends. Tokens are not kept and cannot be listed.", "/api/v1/accounts",
		table[client.Account]{"NAME\tORGANISATION\tROLE\tSTATE\tEXPIRES\tGRANTS", accountLine}, operator)
}

func accountLine(a *client.Account) string {
	var grants []string
	for _, g := range a.Grants {
		grants = append(grants, cmp.Or(g.Alias, "(removed)")+":"+g.Access)
	}
	return fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s", a.Name, a.Org, a.Role, a.State, a.Expires.Format(time.DateOnly), strings.Join(grants, " "))
}

// accountEnd is revoke and remove.
func (c *cli) accountEnd(how string) *cobra.Command {
	short, method, suffix, done := "End an account's token at once; it stays listed", http.MethodPost, "/revoke", "revoked"
	if how == "remove" {
		short, method, suffix, done = "End an account's token at once and forget the account", http.MethodDelete, "", "removed"
	}
	return &cobra.Command{
		Use:     how + " NAME",
		Short:   short,
		Long:    short + ".\n\nExit codes: 0 done, 1 there is no such account, 2 could not be done.",
		Example: "  entente account " + how + " feed",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := c.withNode(cmd.Context(), func(n *admin.Client) error {
				return n.Do(cmd.Context(), method, "/api/v1/accounts/"+url.PathEscape(args[0])+suffix, nil, nil)
			})
			if err == nil {
				c.tell("account %s is %s", args[0], done)
			}
			return err
		},
	}
}
