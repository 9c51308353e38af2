package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"entente/internal/practice/author"
)

func (c *cli) draftVerb() *cobra.Command {
	return group("draft", "Go on with what entente new --draft has kept",
		c.draftList(), c.draftShow(), c.draftEdit(), c.draftPublish(), c.draftDrop())
}

func draftPath(id string) string { return "/drafts/" + url.PathEscape(id) }

func (c *cli) draftList() *cobra.Command {
	var as string
	cmd := listVerb(c, "List your drafts", `Lists your drafts, oldest first, and what keeps each from being published. Nobody
else sees them.`, "/api/v1/drafts", table[author.Draft]{"DRAFT\tTYPE\tNAME\tCHANGED\tPROBLEMS", func(d *author.Draft) string {
		return fmt.Sprintf("%s\t%s\t%s\t%s\t%d", d.ID, d.Type, printable(d.Name), d.Changed.Format(time.RFC3339), len(d.Problems))
	}}, &as)
	writesAs(cmd, &as)
	return cmd
}

func (c *cli) draftShow() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:     "show DRAFT",
		Short:   "Show a draft, and what keeps it from being published",
		Long:    "Shows a draft as $EDITOR would, and what keeps it from being published.\n\nExit codes: 0 shown, 1 there is no such draft, 2 could not be done.",
		Example: "  entente draft show 1",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var d author.Draft
			if err := c.ask(cmd.Context(), as, http.MethodGet, draftPath(args[0]), nil, &d); err != nil {
				return err
			}
			if c.json {
				return c.printJSON(d)
			}
			sheet, err := d.Sheet("")
			if err != nil {
				return err
			}
			c.tellProblems(d)
			_, err = fmt.Fprint(c.stdout, sheet)
			return err
		},
	}
	writesAs(cmd, &as)
	return cmd
}

func (c *cli) draftEdit() *cobra.Command {
	var e author.Edit
	var as string
	cmd := &cobra.Command{
		Use:     "edit DRAFT [--set PATH=VALUE]... [--unset PATH]...",
		Short:   "Change a draft",
		Long:    "Changes a draft, by --set and --unset or in $EDITOR. It need not be valid yet.\n\nExit codes: 0 changed, 1 refused, 2 could not be done.",
		Example: "  entente draft edit 1 --set name=Drum",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.editDraft(cmd.Context(), as, args[0], e)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&e.Set, "set", nil, "`PATH=VALUE` or PATH:=JSON of a property; may be given again")
	f.StringArrayVar(&e.Unset, "unset", nil, "`PATH` to take away; may be given again")
	writesAs(cmd, &as)
	return cmd
}

func (c *cli) editDraft(ctx context.Context, as, id string, e author.Edit) error {
	submit := func() error {
		var d author.Draft
		if err := c.ask(ctx, as, http.MethodPost, draftPath(id)+"/edit", e, &d); err != nil {
			return err
		}
		return c.printDraft(d, "changed")
	}
	if len(e.Set)+len(e.Unset) > 0 {
		return submit()
	}
	var d author.Draft
	if err := c.ask(ctx, as, http.MethodGet, draftPath(id), nil, &d); err != nil {
		return err
	}
	e.Base = d.Changed.Format(time.RFC3339Nano)
	sheet, err := d.Sheet(sheetHelp)
	if err != nil {
		return err
	}
	return c.compose(ctx, sheet, func(text string) error {
		if e.Object, err = sheetObject(text, d.Wanted.Properties); err != nil {
			return err
		}
		return submit()
	})
}

func (c *cli) draftPublish() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:     "publish DRAFT",
		Short:   "Publish what a draft is of, and drop the draft",
		Long:    "Publishes the object that a draft is of, prints its id and drops the draft.\n\nExit codes: 0 published, 1 refused (invalid, not allowed), 2 could not be done.",
		Example: "  entente draft publish 1",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.write(cmd.Context(), as, draftPath(args[0])+"/publish", nil, "published")
		},
	}
	writesAs(cmd, &as)
	return cmd
}

func (c *cli) draftDrop() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:     "drop DRAFT",
		Short:   "Forget a draft",
		Long:    "Forgets a draft.\n\nExit codes: 0 forgotten, 1 there is no such draft, 2 could not be done.",
		Example: "  entente draft drop 1",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := c.ask(cmd.Context(), as, http.MethodDelete, draftPath(args[0]), nil, nil)
			if err == nil {
				c.tell("draft %s is forgotten", args[0])
			}
			return err
		},
	}
	writesAs(cmd, &as)
	return cmd
}

// printDraft tells what became of a draft; its number is the result.
func (c *cli) printDraft(d author.Draft, done string) error {
	c.tell("draft %s of %s is %s", d.ID, printable(cmp.Or(d.Type+" "+d.Name, d.Type)), done)
	c.tellProblems(d)
	if c.json {
		return c.printJSON(d)
	}
	_, err := fmt.Fprintln(c.stdout, d.ID)
	return err
}

func (c *cli) tellProblems(d author.Draft) {
	for _, p := range d.Problems {
		c.tell("not to be published yet: %s", printable(p))
	}
}
