package main

import (
	"github.com/spf13/cobra"

	"entente/internal/practice/author"
)

func (c *cli) relateVerb() *cobra.Command {
	var r author.Relation
	var p placing
	cmd := &cobra.Command{
		Use:   "relate SOURCE TYPE TARGET",
		Short: "Say what one object is to another",
		Long: `Publishes a relationship between two objects, of anybody's making, and prints its
id. SOURCE and TARGET are ids, values that one object carries, or the exact name of
one; of several of one name the ids are told. TYPE is one that STIX has between the
two, such as indicates, uses or targets; another is refused with those there are,
unless --custom says that it is meant.

The same type between the same two is the same relationship: a second run changes
nothing.

Exit codes: 0 published, or there already; 1 refused (not there, not a type between
the two, not allowed), 2 could not be done.`,
		Example: `  entente relate 198.51.100.7 indicates malware--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0001
  entente relate "Grey Heron" uses Drum`,
		Args: cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Source, r.Type, r.Target = args[0], args[1], args[2]
			r.Collection, r.TLP, r.Key = p.collection, p.tlp, p.key
			return c.write(cmd.Context(), p.as, "/relationships", r, "published")
		},
	}
	f := cmd.Flags()
	f.BoolVar(&r.Custom, "custom", false, "also a type that STIX does not have between the two")
	f.StringVar(&r.Description, "description", "", "`TEXT` on the relationship")
	f.StringVar(&r.Start, "start", "", "`TIME` since when")
	f.StringVar(&r.Stop, "stop", "", "`TIME` until when")
	p.flags(cmd, "that of the source", "the stricter one of both", ", instead of from its ends")
	return cmd
}
