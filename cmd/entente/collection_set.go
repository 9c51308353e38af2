package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"entente/client"
	"entente/internal/door/admin"
	"entente/internal/exchange"
)

func (c *cli) collectionSet() *cobra.Command {
	var keep, personal, keepPersonal string
	var objects, bytes, quota int64
	var reviewed bool
	cmd := &cobra.Command{
		Use:   "set ALIAS [--keep 90d] [--max-objects N] [--max-bytes N] [--source-quota N] [--personal-data HOW] [--keep-personal 365d] [--reviewed-only]",
		Short: "Bound what a collection keeps and releases",
		Long: `Bounds what a collection keeps and releases; what is not given stays as it is, 0 is no
bound.

Beyond --keep, counted from the date added, --max-objects and --max-bytes the node
recalls the oldest, within a minute; every version of an object counts, by its own
date. Beyond --source-quota an organisation's next objects are refused, with its own
count as the reason, whatever else is there.

An object in which personal data is found counts as if it said so of itself: partners
are given it under agreements on a legal ground for personal data alone. In a
collection with --personal-data note it is listed by "privacy report", and withheld
from nobody for it. It counts for what comes from then on. Beyond --keep-personal the
node erases what counts as personal data: it is unreadable within a minute and off the
disk within a day.

With --reviewed-only what a machine made and no person has reviewed is released to no
partner out of this collection, whatever its marking and whichever agreement would; it
counts for all that is there, from the next read on. --reviewed-only=false takes it
back; what is open again by that stands where it always stood, and a client that polls
by date added has to begin anew to get it.

Exit codes: 0 set, 1 there is no such collection, or a limit is none, 2 could not be
done.`,
		Example: "  entente collection set feeds --keep 90d --source-quota 100000\n  entente collection set feeds --reviewed-only",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var want client.CollectionChange
			for flag, set := range map[string]func(){
				"keep":          func() { want.Keep = &keep },
				"max-objects":   func() { want.MaxObjects = &objects },
				"max-bytes":     func() { want.MaxBytes = &bytes },
				"source-quota":  func() { want.SourceQuota = &quota },
				"personal-data": func() { want.PersonalData = personal },
				"keep-personal": func() { want.KeepPersonal = &keepPersonal },
				"reviewed-only": func() { want.ReviewedOnly = &reviewed },
			} {
				if cmd.Flags().Changed(flag) {
					set()
				}
			}
			if want == (client.CollectionChange{}) {
				return usage("collection set: give a limit, as --keep 90d")
			}
			var now client.Collection
			err := c.withNode(cmd.Context(), func(n *admin.Client) error {
				return n.Do(cmd.Context(), http.MethodPatch, "/api/v1/collections/"+url.PathEscape(args[0]), want, &now)
			})
			if err != nil {
				return err
			}
			if c.json {
				return c.printJSON(now)
			}
			_, err = fmt.Fprintf(c.stdout, "%s: %s\n", now.Alias, limitsText(now))
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&keep, "keep", "", "`TIME` that objects are kept, as 90d or 36h")
	f.Int64Var(&objects, "max-objects", 0, "most object `VERSIONS`")
	sizeVar(f, &bytes, "max-bytes", 0, "most `BYTES` of objects, as 10GiB")
	f.StringVar(&personal, "personal-data", "", "`HOW` personal data that is found counts: withhold or note")
	f.StringVar(&keepPersonal, "keep-personal", "", "`TIME` that objects with personal data are kept before they are erased, as 365d")
	f.BoolVar(&reviewed, "reviewed-only", false, "release to partners nothing of a machine's that nobody has reviewed")
	f.Int64Var(&quota, "source-quota", 0, "most object `VERSIONS` of one organisation")
	return cmd
}

// limitsText says in words what a collection keeps.
func limitsText(c client.Collection) string {
	var parts []string
	if c.Keep != "" {
		parts = append(parts, "keeps objects for "+c.Keep)
	}
	if c.MaxObjects > 0 {
		parts = append(parts, fmt.Sprintf("at most %d objects", c.MaxObjects))
	}
	if c.MaxBytes > 0 {
		parts = append(parts, fmt.Sprintf("at most %d bytes", c.MaxBytes))
	}
	if c.SourceQuota > 0 {
		parts = append(parts, fmt.Sprintf("at most %d objects of one organisation", c.SourceQuota))
	}
	if c.KeepPersonal != "" {
		parts = append(parts, "erases personal data after "+c.KeepPersonal)
	}
	if len(parts) == 0 {
		parts = append(parts, "keeps everything")
	}
	if c.ReviewedOnly {
		parts = append(parts, "releases to partners nothing of a machine's that nobody has reviewed")
	}
	if c.PersonalData == exchange.Note {
		parts = append(parts, "notes personal data that it finds, and withholds nothing for it")
	}
	return strings.Join(parts, ", ")
}
