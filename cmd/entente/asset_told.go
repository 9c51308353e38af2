package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"entente/internal/door/api"
	"entente/internal/practice/asset"
	"entente/internal/practice/author"
)

func (c *cli) assetTell() *cobra.Command {
	var kind string
	var ask api.Telling
	var notes bool
	cmd := &cobra.Command{
		Use:   "tell VALUE...|--all [--collection ALIAS] [--tlp LABEL]",
		Short: "Tell other members what is your own",
		Long: `Tells what is your own: each asset in a note of its own on your identity, published to
a collection in your name. It goes where all objects go: to accounts with a grant on the
collection, as far as its label and the agreements let it. Their entente find tells
whose a value is, and entente asset list --all lists what they were told.

Telling twice changes nothing. What has been told and is no longer among your assets is
taken back (revoked) by whichever tell comes next, in each collection where it stands. A
label that is not given stays as it was told; what is new is TLP:AMBER, the strictest that
an agreement can release to another member. Notes stay at home unless --notes is given.

Exit codes: 0 told, 1 refused (it is not among your assets), 2 could not be done.`,
		Example: `  entente asset tell 198.51.100.0/24 --collection feed
  entente asset tell --all --collection feed --tlp green`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if ask.All == (len(args) > 0) {
				return usage("asset tell: name assets, or give --all: one of the two")
			}
			for _, v := range args {
				ask.Assets = append(ask.Assets, api.NewAsset{Kind: asset.Kind(kind), Value: v})
			}
			if cmd.Flags().Changed("notes") {
				ask.Notes = &notes
			}
			return c.tellAssets(cmd.Context(), ask)
		},
	}
	assetKind(cmd, &kind)
	f := cmd.Flags()
	f.BoolVar(&ask.All, "all", false, "tell all that is your own")
	f.StringVar(&ask.Collection, "collection", "default", "`ALIAS` or id of the collection")
	f.StringVar(&ask.TLP, "tlp", "", "`LABEL`: clear, green, amber, amber+strict or red (as told before, amber for what is new, unless given)")
	f.BoolVar(&notes, "notes", false, "tell the notes, too; --notes=false takes them out of what was told")
	return cmd
}

// tellAssets asks until all is told.
func (c *cli) tellAssets(ctx context.Context, ask api.Telling) error {
	var all author.Told
	for more := true; more; {
		var out author.Told
		if err := c.ask(ctx, "", http.MethodPost, "/assets/tell", ask, &out); err != nil {
			return err
		}
		out.Same -= all.New + all.Changed // what earlier requests wrote
		out.New, out.Changed, out.TakenBack = out.New+all.New, out.Changed+all.Changed, out.TakenBack+all.TakenBack
		all, more = out, out.More
	}
	for _, left := range all.Left {
		c.tell("%s", printable(left))
	}
	if c.json {
		return c.printJSON(all)
	}
	fmt.Fprintf(c.stdout, "in %s: new %d, changed %d, same %d, taken back %d\n", all.Collection, all.New, all.Changed, all.Same, all.TakenBack)
	return nil
}

func (c *cli) assetList() *cobra.Command {
	var of, as string
	var all bool
	cmd := &cobra.Command{
		Use:   "list [--of ORG|--all]",
		Short: "List what is your own, or what others told to be theirs",
		Long: `Lists what is your own, by kind and value. With --of or --all: what organisations have
told to be their own (entente asset tell at their node), as far as the reader may see it.
A statement counts when the organisation brought it itself, by its account or by entente
import --source ORG, in the name of an identity that is called as it is known here; so
nobody tells for another. Where two tell the same, or one tells what holds the other's,
both are shown as contested.

Exit codes: 0 listed, 2 could not be done.`,
		Example: `  entente asset list
  entente asset list --of Brookwater`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if of != "" && all {
				return usage("asset list: give --of ORG or --all, not both")
			}
			if of != "" || all {
				return c.listTold(cmd.Context(), as, of)
			}
			return list(cmd.Context(), c, as, "/api/v1/assets", assetTable)
		},
	}
	f := cmd.Flags()
	f.StringVar(&of, "of", "", "what this `ORG`anisation has told to be its own")
	f.BoolVar(&all, "all", false, "what all organisations have told to be their own")
	f.StringVar(&as, "as", "", "read as this `ACCOUNT` of the own member")
	return cmd
}

var assetTable = table[asset.Asset]{"KIND\tVALUE\tNOTE", func(a *asset.Asset) string {
	return fmt.Sprintf("%s\t%s\t%s", a.Kind, printable(a.Value), printable(a.Note))
}}

// listTold lists what was told.
func (c *cli) listTold(ctx context.Context, as, of string) error {
	path := "/assets/told"
	if of != "" {
		path += "?of=" + url.QueryEscape(of)
	}
	var told api.ToldAssets
	if err := c.ask(ctx, as, http.MethodGet, path, nil, &told); err != nil {
		return err
	}
	if told.Other > 0 {
		c.tell("statements that count for nobody: %d; whoever brought them is not known here by the name of the identity that they are in the name of", told.Other)
	}
	for _, org := range told.Cut {
		c.tell("%s brought more statements than are read of one organisation; the first are listed", printable(org))
	}
	return toldTable.print(c, told.Items)
}

var toldTable = table[asset.Claim]{"OF\tKIND\tVALUE\tTLP\tIN\tCONTESTED BY\tNOTE", func(t *asset.Claim) string {
	return fmt.Sprintf("%s\t%s\t%s\tTLP:%s\t%s\t%s\t%s", printable(t.Org), t.Kind, printable(t.Value), strings.ToUpper(t.TLP),
		strings.Join(t.Collections, ", "), cmp.Or(printable(strings.Join(t.Contested, ", ")), "-"), printable(t.Note))
}}
