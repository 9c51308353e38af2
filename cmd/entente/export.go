package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"entente/internal/door/admin"
	"entente/internal/format/blocklist"
	"entente/internal/practice/device"
)

func (c *cli) exportVerb() *cobra.Command {
	var e exporting
	cmd := &cobra.Command{
		Use:   "export FORMAT [-o FILE] [--collection ALIAS]... [--as ACCOUNT] [flags]",
		Short: "Write what the node keeps to a file, whole or as a list for machines",
		Long: `Writes objects as their producers wrote them, to the byte:

  stix     one STIX 2.1 bundle
  jsonl    one object a line

or the values of indicators as a list for machines (docs/reference/lists.md):

` + formatLines() + `
Without --collection, all collections; without --as, all that the node's own
curators see, and with it what that account may see.

--reviewed leaves out what says that a machine made it and that no person has reviewed it.
Of whole objects all versions are written unless --latest asks for the newest alone.

A list holds each value once, the surest first (of plain, which devices cut, csv and
ndjson the best by score), out of the newest version of each indicator that is valid
now and not revoked. --kind chooses kinds of values: ip, domain, url, hash (or md5,
sha1, sha256, sha512), mail, file, cert. --min-confidence leaves out what is less sure
or does not say how sure it is, --min-score what is worth less
(docs/reference/score.md), --limit keeps the best so many by score. csv and ndjson tell
the score of each. What would hit everywhere, or is told to be a false positive, is in
none, nor is what is on a warninglist, unless somebody insists on it (entente device
insist); a pattern that condemns values only together gives none of them. A list that
blocks also leaves out what PAP keeps from being blocked, private addresses, and what
touches your own assets or those that others told to be theirs. What was left out is
told with the reason.

Exit codes: 0 written, 1 no such collection, account, kind or format, 2 could not be
done.`,
		Example: `  entente export stix -o bundle.json --collection default
  entente export jsonl --as hub | head
  entente export rpz -o /var/lib/bind/entente.zone --min-confidence 50
  entente export plain --kind ip --limit 10000`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			e.cli, e.form = c, args[0]
			return c.withNode(cmd.Context(), func(n *admin.Client) error { return e.run(cmd.Context(), n) })
		},
	}
	f := cmd.Flags()
	f.StringVarP(&e.output, "output", "o", "-", "`FILE` to write to; - is standard output")
	f.StringArrayVar(&e.collections, "collection", nil, "`ALIAS` or id of a collection (repeatable)")
	f.StringVar(&e.as, "as", "", "`ACCOUNT` whose view is written")
	f.BoolVar(&e.latest, "latest", false, "of objects, the latest version of each alone")
	f.BoolVar(&e.reviewed, "reviewed", false, "without what a machine made and nobody has reviewed")
	f.StringSliceVar(&e.kinds, "kind", nil, "of a list, `KIND` of values that it holds (repeatable, or with commas)")
	f.IntVar(&e.confidence, "min-confidence", 0, "of a list, least confidence `N` of 100")
	f.IntVar(&e.score, "min-score", 0, "of a list, least score `N` of 100, as of when the day began (UTC)")
	f.IntVar(&e.limit, "limit", 0, "of a list, `N` values at most, the best by score; 0 for all")
	return cmd
}

// formatLines are the formats of lists, for people.
func formatLines() string {
	var b strings.Builder
	for _, f := range blocklist.All() {
		fmt.Fprintf(&b, "  %-8s %s\n", f.Name, f.About)
	}
	b.WriteString("  sigma    rules in Sigma, as they came: an archive (tar) with a file for each\n  yara     the same of YARA\n")
	fmt.Fprintf(&b, "  %s %s\n", device.Feed.Name, device.Feed.About)
	return b.String()
}

// exporting is one run of the verb.
type exporting struct {
	*cli
	form, output, as string
	collections      []string
	kinds            []string
	latest, reviewed bool

	confidence, score, limit int
}

func (e *exporting) query() url.Values {
	q := url.Values{"form": {e.form}, "collection": e.collections, "kind": e.kinds}
	if e.as != "" {
		q.Set("as", e.as)
	}
	if e.latest {
		q.Set("latest", "true")
	}
	if e.reviewed {
		q.Set("reviewed", "true")
	}
	for name, n := range map[string]int{"min-confidence": e.confidence, "min-score": e.score, "limit": e.limit} {
		if n != 0 {
			q.Set(name, strconv.Itoa(n))
		}
	}
	return q
}

func (e *exporting) run(ctx context.Context, n *admin.Client) error {
	var w io.Writer = e.stdout
	commit := func() error { return nil }
	if e.output != "-" { // before the node is asked for anything
		o, err := createOutput(e.output)
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		defer o.discard()
		w, commit = newFlowing(o), o.commit
	}
	r, header, err := n.Get(ctx, "/export", e.query())
	if err != nil {
		return err
	}
	defer r.Close()
	if _, err = io.CopyBuffer(w, r, make([]byte, 256<<10)); err == nil {
		err = commit()
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("export: the node ended it early, so what was written is not whole; its log and entente verify-store say why")
	}
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if told := header.Get("Entente-List"); told != "" {
		return e.tellList(told)
	}
	return nil
}
