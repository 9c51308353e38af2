package main

import (
	"strings"

	"github.com/spf13/cobra"

	"entente/internal/practice/author"
)

func (c *cli) sightVerb() *cobra.Command {
	var s author.Sighting
	var p placing
	var wrong string
	cmd := &cobra.Command{
		Use:   "sight ID|VALUE [--count N] [--first TIME] [--last TIME] [--where ORG] | --false-positive WHY",
		Short: "Say that something was seen",
		Long: `Publishes a sighting of an indicator, a malware or the like, of anybody's making,
and prints its id. A value stands for the indicator that is for it. Times are
timestamps, dates, now, or distances as -2h; without any it was now. --where names
an organisation or the id of an identity or a location; your own unless given.
--count 0 says that it was looked for, and not there. --anonymous leaves out who saw it and
who says so: those to whom this node gives it know whence it comes, those who have it from
them do not. Nobody can change it or take it back then; it is counted for nobody.

Each sighting is one more; with a --key, a second run changes nothing.

--false-positive says, with the reason, that what it hits is harmless: an opinion
(strongly-disagree), of which you have one on each object. By your own word an indicator is
left out of your lists (docs/reference/lists.md); entente revoke takes it back.

Exit codes: 0 published, or there already; 1 refused (not there, invalid, not
allowed), 2 could not be done.`,
		Example: `  entente sight 198.51.100.7 --count 3 --first -2h --last now
  entente sight malware--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0001 --where "Water ISAC"
  entente sight cdn.example --false-positive "our update server"`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("false-positive") {
				return c.judge(cmd, args[0], wrong, &p)
			}
			if s.Count < 0 {
				return usage("sight: --count %d: give 1 or more, or 0 for what was looked for in vain", s.Count)
			}
			s.InVain = s.Count == 0
			s.Of, s.Collection, s.TLP, s.Key = args[0], p.collection, p.tlp, p.key
			return c.write(cmd.Context(), p.as, "/sightings", s, "published")
		},
	}
	f := cmd.Flags()
	f.IntVar(&s.Count, "count", 1, "`N` times it was seen")
	f.StringVar(&s.First, "first", "", "`TIME` it was first seen")
	f.StringVar(&s.Last, "last", "", "`TIME` it was last seen")
	f.StringVar(&s.Where, "where", "", "`ORG` that saw it: a name, or the id of an identity or a location")
	f.BoolVar(&s.Anonymous, "anonymous", false, "leave out who saw it and who says so")
	f.StringVar(&s.Description, "description", "", "`TEXT` on the sighting")
	f.StringVar(&wrong, "false-positive", "", "say that what it hits is harmless, and `WHY`")
	p.flags(cmd, "that of what was seen", "that of what was seen", "")
	return cmd
}

// judge tells of a false positive.
func (c *cli) judge(cmd *cobra.Command, on, why string, p *placing) error {
	for _, other := range []string{"count", "first", "last", "where", "description", "key", "anonymous"} {
		if cmd.Flags().Changed(other) {
			return usage("sight: --false-positive is no sighting, and --%s says nothing of it", other)
		}
	}
	if strings.TrimSpace(why) == "" {
		return usage("sight: --false-positive needs a reason, for who made the indicator")
	}
	o := author.Opinion{On: on, Opinion: "strongly-disagree", Explanation: why, Collection: p.collection, TLP: p.tlp}
	return c.write(cmd.Context(), p.as, "/opinions", o, "published")
}
