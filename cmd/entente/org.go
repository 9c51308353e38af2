package main

import (
	"cmp"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"entente/client"
)

func (c *cli) orgVerb() *cobra.Command {
	return group("org", "Make partner organisations known, and say where organisations are", c.orgAdd(), c.orgSet(), c.orgList())
}

func (c *cli) orgAdd() *cobra.Command {
	var want client.NewOrg
	cmd := &cobra.Command{
		Use:   "add NAME [--country CODE]",
		Short: "Make a partner organisation known",
		Long:  "Makes a partner organisation known, so that accounts may belong to it.\n\nExit codes: 0 added, 1 refused (it is known already), 2 could not be done.",
		Example: `  entente org add "Water ISAC"
  entente org add "Pump Vendor" --country US`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			want.Name = args[0]
			org, err := c.orgDo(cmd, http.MethodPost, "/orgs", want)
			if err != nil || c.json {
				return err
			}
			c.tell("organisation %s is known", org.Name)
			return nil
		},
	}
	cmd.Flags().StringVar(&want.Country, "country", "", "`CODE` of the country where it is, as US (ISO 3166-1)")
	return cmd
}

func (c *cli) orgSet() *cobra.Command {
	var country string
	cmd := &cobra.Command{
		Use:   "set NAME --country CODE",
		Short: "Say in which country an organisation is",
		Long: `Says in which country an organisation is, a partner or the own member. Where the own
member is in the EEA, personal data goes to a partner that is not, or of which nobody
has said, only by an agreement with a ground for the transfer (--transfer of
"entente agreement add"). A country that is empty is one that nobody knows.

It is in force with the next request. "entente policy check" tells which agreements lack
a ground then. A partner that polls by date is not shown what was opened by this under
the date of the change: tell it to read from the start.

Exit codes: 0 set, 1 refused (there is no such organisation or country), 2 could not be
done.`,
		Example: `  entente org set "CERT Estmark" --country EE
  entente org set "Pump Vendor" --country US`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			org, err := c.orgDo(cmd, http.MethodPatch, "/orgs/"+url.PathEscape(args[0]), client.OrgChange{Country: &country})
			if err != nil || c.json {
				return err
			}
			c.tell("organisation %s is in %s", org.Name, cmp.Or(org.Country, "a country that nobody has said"))
			return nil
		},
	}
	cmd.Flags().StringVar(&country, "country", "", "`CODE` of the country where it is, as US (ISO 3166-1)")
	_ = cmd.MarkFlagRequired("country")
	return cmd
}

// orgDo does something to an organisation, and prints it where JSON is asked for.
func (c *cli) orgDo(cmd *cobra.Command, method, path string, body any) (org client.Org, err error) {
	err = c.ask(cmd.Context(), "", method, path, body, &org)
	if err == nil && c.json {
		err = c.printJSON(org)
	}
	return org, err
}

func (c *cli) orgList() *cobra.Command {
	const does = "the own member and the partner organisations"
	return listVerb(c, "List "+does, "Lists "+does+".", "/api/v1/orgs", table[client.Org]{"NAME\tRELATION\tCOUNTRY", func(o *client.Org) string {
		relation := "partner"
		if o.Own {
			relation = "own member"
		}
		return o.Name + "\t" + relation + "\t" + cmp.Or(o.Country, "-")
	}}, operator)
}
