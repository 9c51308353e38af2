package main

import (
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/spf13/cobra"

	"entente/internal/door/api"
	"entente/internal/practice/asset"
)

func (c *cli) assetVerb() *cobra.Command {
	return group("asset", "Say what is your own: domains, prefixes, names ...",
		c.assetAdd(), c.assetList(), c.assetImport(), c.assetRemove(), c.assetTell())
}

func assetKind(cmd *cobra.Command, kind *string) {
	cmd.Flags().StringVar(kind, "kind", "", "`KIND`: domain, mail, prefix, asn, cert, name or product (told from the value unless given)")
}

func (c *cli) assetAdd() *cobra.Command {
	var kind, note string
	cmd := &cobra.Command{
		Use:   "add VALUE...",
		Short: "Say that values are your own",
		Long: `Says that values are your own: a domain with all names under it, @DOMAIN for a mail
domain, an address or a prefix with all that is in it, an autonomous system
(AS64500), a certificate by fingerprint or serial number; with --kind also a name
(of the organisation, a brand, a machine) or a product, as it is called or as a CPE.
What is your own stays at home until entente asset tell tells it; entente preview
warns before it is published otherwise.

Exit codes: 0 added, 1 refused (a value is none of its kind), 2 could not be done.`,
		Example: `  entente asset add estmark.example 198.51.100.0/24 AS64500 @cert.estmark.example
  entente asset add "Lock Seven" --kind name --note "the pumping station"`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var in api.NewAssets
			for _, v := range args {
				in.Assets = append(in.Assets, api.NewAsset{Kind: asset.Kind(kind), Value: v, Note: note})
			}
			var out api.AddedAssets
			if err := c.ask(cmd.Context(), "", http.MethodPost, "/assets", in, &out); err != nil {
				return err
			}
			if c.json {
				return c.printJSON(out)
			}
			for _, a := range out.Assets {
				fmt.Fprintf(c.stdout, "%s %s is your own\n", a.Kind, a.Value)
			}
			return nil
		},
	}
	assetKind(cmd, &kind)
	cmd.Flags().StringVar(&note, "note", "", "`TEXT` for people, one line")
	return cmd
}

// assetsAtOnce is how many assets one request holds.
const assetsAtOnce = 10_000

func (c *cli) assetImport() *cobra.Command {
	return &cobra.Command{
		Use:   "import FILE|-",
		Short: "Read what is your own from a file",
		Long: `Reads lines of comma-separated values: VALUE, or KIND,VALUE, or KIND,VALUE,NOTE; an
empty kind is told from the value. Lines that begin with # are passed over. Bad
lines are told, and the others taken.

Exit codes: 0 all were taken, 1 some lines were refused, 2 could not be done.`,
		Example: "  entente asset import assets.csv",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in := io.Reader(c.stdin)
			if args[0] != "-" {
				f, err := os.Open(args[0])
				if err != nil {
					return fmt.Errorf("asset import: %w", err)
				}
				defer f.Close()
				in = f
			}
			list, bad := asset.Read(in)
			added := 0
			for rest := list; len(rest) > 0; {
				n := min(len(rest), assetsAtOnce)
				var some api.NewAssets
				for _, a := range rest[:n] {
					some.Assets = append(some.Assets, api.NewAsset{Kind: a.Kind, Value: a.Value, Note: a.Note})
				}
				var out api.AddedAssets
				if err := c.ask(cmd.Context(), "", http.MethodPost, "/assets", some, &out); err != nil {
					return err
				}
				added, rest = added+out.New, rest[n:]
			}
			for _, err := range bad[:min(len(bad), 20)] {
				c.tell("%s: %v", args[0], err)
			}
			if c.json {
				if err := c.printJSON(map[string]int{"read": len(list), "new": added, "refused": len(bad)}); err != nil {
					return err
				}
			} else {
				fmt.Fprintf(c.stdout, "assets read %d, new %d, refused %d\n", len(list), added, len(bad))
			}
			if len(bad) > 0 {
				return no()
			}
			return nil
		},
	}
}

func (c *cli) assetRemove() *cobra.Command {
	var kind string
	cmd := &cobra.Command{
		Use:   "remove VALUE",
		Short: "Forget an asset",
		Long: `Forgets an asset: it is not your own any more. Others whom it was told learn of that by
the next entente asset tell.

Exit codes: 0 removed, 1 it is not there, 2 could not be done.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.ask(cmd.Context(), "", http.MethodPost, "/assets/remove", api.NewAsset{Kind: asset.Kind(kind), Value: args[0]}, nil)
		},
	}
	assetKind(cmd, &kind)
	return cmd
}
