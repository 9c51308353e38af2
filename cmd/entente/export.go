package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"entente/internal/door/admin"
)

func (c *cli) exportVerb() *cobra.Command {
	query := url.Values{}
	var output, as string
	var collections []string
	var latest, reviewed bool
	cmd := &cobra.Command{
		Use:   "export FORMAT [-o FILE] [--collection ALIAS]... [--as ACCOUNT] [--latest] [--reviewed]",
		Short: "Write what the node keeps to a file",
		Long: `Writes objects as their producers wrote them, to the byte. Formats:

  stix    one STIX 2.1 bundle
  jsonl   one object a line

Without --collection, all collections; without --as, all that the node's own
curators see, and with it what that account may see. All versions of an object
are written unless --latest asks for the newest alone. --reviewed leaves out what says
that a machine made it and that no person has reviewed it.

Exit codes: 0 written, 1 no such collection, account or format, 2 could not be
done.`,
		Example: `  entente export stix -o bundle.json --collection default
  entente export jsonl --as hub | head`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			query.Set("form", args[0])
			query["collection"] = collections
			if as != "" {
				query.Set("as", as)
			}
			if latest {
				query.Set("latest", "true")
			}
			if reviewed {
				query.Set("reviewed", "true")
			}
			return c.withNode(cmd.Context(), func(n *admin.Client) error {
				return c.export(cmd.Context(), n, query, output)
			})
		},
	}
	f := cmd.Flags()
	f.StringVarP(&output, "output", "o", "-", "`FILE` to write to; - is standard output")
	f.StringArrayVar(&collections, "collection", nil, "`ALIAS` or id of a collection (repeatable)")
	f.StringVar(&as, "as", "", "`ACCOUNT` whose view is written")
	f.BoolVar(&latest, "latest", false, "the latest version of each object alone")
	f.BoolVar(&reviewed, "reviewed", false, "without what a machine made and nobody has reviewed")
	return cmd
}

func (c *cli) export(ctx context.Context, n *admin.Client, query url.Values, output string) error {
	var w io.Writer = c.stdout
	commit := func() error { return nil }
	if output != "-" { // before the node is asked for anything
		o, err := createOutput(output)
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		defer o.discard()
		w, commit = o, o.commit
	}
	r, err := n.Stream(ctx, http.MethodGet, "/export", query, "", nil)
	if err != nil {
		return err
	}
	defer r.Close()
	if _, err = io.Copy(w, r); err == nil {
		err = commit()
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("export: the node ended it early, so what was written is not whole; its log and entente verify-store say why")
	}
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}
