package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"entente/internal/node"
)

func (c *cli) initVerb() *cobra.Command {
	var o node.InitOptions
	cmd := &cobra.Command{
		Use:   `init --name "ORG" [--country CODE] [--data DIR] [--host NAME]...`,
		Short: "Make a new node",
		Long: `Makes a node in the data directory: its store, the member's identity and keys,
a certificate for addresses beyond loopback, and the collection "default".
Prints a link that opens the first curator's account; it works once, for a day,
while the node is served.

Of a member whose country is in the EEA, personal data goes to partners outside of it
only by agreements that name a ground for the transfer.

A directory that holds a node, or anything else, is refused.

Exit codes: 0 made, 1 the name is not acceptable, 2 could not be made.`,
		Example: `  entente init --data ./entente-data --name "Water ISAC"`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Name == "" {
				return usage(`init: say whose node it is: entente init --data %s --name "YOUR ORGANISATION"`, c.data)
			}
			made, err := node.Init(cmd.Context(), c.data, o)
			if err != nil {
				return err
			}
			return c.printCreated(made)
		},
	}
	cmd.Flags().StringVar(&o.Name, "name", "", "the `ORG`anisation whose node it is")
	cmd.Flags().StringVar(&o.Country, "country", "", "`CODE` of the country where it is, as DE (ISO 3166-1; \"entente org set\" says it later)")
	cmd.Flags().StringArrayVar(&o.Hosts, "host", nil, "further `NAME` or address for the certificate (repeatable)")
	return cmd
}

func (c *cli) printCreated(made node.Created) error {
	link := fmt.Sprintf("http://%s/setup/%s", node.DefaultListen, made.SetupCode)
	if c.json {
		return c.printJSON(struct {
			node.Created
			Setup string `json:"setup"`
		}{made, link})
	}
	_, err := fmt.Fprintf(c.stdout, `made the node of %s in %s
identity    %s
collection  %s (%s)
keys        %s/keys, %s/tls
fingerprint %s

Serve it:                    entente serve --data %s
Then, once, within a day, open the first account in a browser:
                             %s
`, made.Member.Name, made.Data, made.Member.Identity, made.Collection.Alias, made.Collection.ID,
		made.Data, made.Data, made.Pin, made.Data, link)
	return err
}
