package main

import (
	"fmt"
	"net/http"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"entente/client"
	"entente/internal/door/admin"
)

func (c *cli) orgVerb() *cobra.Command {
	return group("org", "Make partner organisations known", c.orgAdd(), c.orgList())
}

func (c *cli) orgAdd() *cobra.Command {
	return &cobra.Command{
		Use:     "add NAME",
		Short:   "Make a partner organisation known",
		Long:    "Makes a partner organisation known, so that accounts may belong to it.\n\nExit codes: 0 added, 1 refused (it is known already), 2 could not be done.",
		Example: `  entente org add "Water ISAC"`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var org client.Org
			err := c.withNode(cmd.Context(), func(n *admin.Client) error {
				return n.Do(cmd.Context(), http.MethodPost, "/api/v1/orgs", client.NewOrg{Name: args[0]}, &org)
			})
			if err != nil {
				return err
			}
			if c.json {
				return c.printJSON(org)
			}
			c.tell("organisation %s is known", org.Name)
			return nil
		},
	}
}

func (c *cli) orgList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the own member and the partner organisations",
		Long:  "Lists the own member and the partner organisations.\n\nExit codes: 0 listed, 2 could not be done.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := listed[client.Org](cmd.Context(), c, "/api/v1/orgs")
			if err != nil || c.json {
				return err
			}
			w := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
			fmt.Fprintln(w, "NAME\tRELATION")
			for _, o := range all {
				relation := "partner"
				if o.Own {
					relation = "own member"
				}
				fmt.Fprintf(w, "%s\t%s\n", o.Name, relation)
			}
			return w.Flush()
		},
	}
}
