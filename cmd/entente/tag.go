package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"entente/internal/practice/author"
)

func (c *cli) tagVerb() *cobra.Command {
	return group("tag", "Put labels on many objects of your own, or take them off", c.tagAdd(), c.tagRemove())
}

const tagFilters = `Which objects are meant is said by their ids, --type, --collection and --where; the
filters add up. --where PATH=VALUE holds when a property is the value, or a list has
it; PATH~TEXT when it contains the text, whatever the case. Only objects of your own
organisation change.

Without --yes nothing is written: it tells how many objects would change, and shows
the first of them. With --yes they change, a thousand at a time, each thousand whole
or not at all; a run that was stopped is finished by running it again.

Exit codes: 0 changed, or shown; 1 no object is meant, or refused; 2 could not be
done.`

func (c *cli) tagAdd() *cobra.Command {
	var t author.Tagging
	return c.tagging(&t, &cobra.Command{
		Use:     "add LABEL [ID...] [--type TYPE] [--collection ALIAS] [--where CONDITION]... [--yes]",
		Short:   "Put a label on objects",
		Long:    "Puts a label on objects.\n\n" + tagFilters,
		Example: `  entente tag add phishing --type indicator --where name~invoice --where confidence=85`,
	}, &t.Add)
}

func (c *cli) tagRemove() *cobra.Command {
	var t author.Tagging
	return c.tagging(&t, &cobra.Command{
		Use:     "remove LABEL [ID...] [--type TYPE] [--collection ALIAS] [--where CONDITION]... [--yes]",
		Short:   "Take a label off objects",
		Long:    "Takes a label off objects.\n\n" + tagFilters,
		Example: `  entente tag remove draft --where labels=draft --yes`,
	}, &t.Remove)
}

// tagging finishes a verb whose label goes to one side of a Tagging.
func (c *cli) tagging(t *author.Tagging, cmd *cobra.Command, side *[]string) *cobra.Command {
	var as string
	cmd.Args = cobra.MinimumNArgs(1)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		*side, t.IDs = args[:1], args[1:]
		return c.tag(cmd.Context(), as, *t)
	}
	f := cmd.Flags()
	f.StringArrayVar(&t.Types, "type", nil, "`TYPE` of objects, as indicator; may be given again")
	f.StringVar(&t.Collection, "collection", "", "`ALIAS` or id of the only collection to look in")
	f.StringArrayVar(&t.Where, "where", nil, "`CONDITION` that objects meet, as labels=old or name~invoice; may be given again")
	f.BoolVar(&t.Apply, "yes", false, "write; else only tell what would be written")
	writesAs(cmd, &as)
	return cmd
}

func (c *cli) tag(ctx context.Context, as string, t author.Tagging) error {
	var out author.Tagged
	if err := c.ask(ctx, as, http.MethodPost, "/tags", t, &out); err != nil {
		return err
	}
	for _, f := range out.Refused {
		c.tell("left as it is: %s: %s", f.ID, printable(f.Reason))
	}
	if out.Others > 0 {
		c.tell("%d more are not your own, or revoked, and stay as they are", out.Others)
	}
	if c.json {
		if err := c.printJSON(out); err != nil {
			return err
		}
	} else if err := c.printTagged(out); err != nil {
		return err
	}
	if out.Matching == 0 {
		return no()
	}
	return nil
}

func (c *cli) printTagged(out author.Tagged) error {
	if !out.Applied {
		w := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
		for _, l := range out.Sample {
			fmt.Fprintf(w, "%s\t%s\t%s -> %s\n", l.Type, printable(cmp.Or(l.Name, l.ID)), labels(l.Was), labels(l.Labels))
		}
		if err := w.Flush(); err != nil {
			return err
		}
		if more := out.Changing - len(out.Sample); more > 0 {
			fmt.Fprintf(c.stdout, "and %d more\n", more)
		}
	}
	would, hint := "changed", ""
	if !out.Applied {
		would = "would change"
		if out.Changing > 0 {
			hint = "; --yes writes it"
		}
	}
	_, err := fmt.Fprintf(c.stdout, "%d of %d objects %s%s\n", out.Changing, out.Matching, would, hint)
	return err
}

func labels(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return printable(strings.Join(list, ", "))
}
