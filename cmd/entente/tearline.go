package main

import (
	"context"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"entente/internal/practice/author"
)

func (c *cli) tearLineVerb() *cobra.Command {
	var t author.TearLine
	var as string
	cmd := &cobra.Command{
		Use:   "tearline ID [--tlp LABEL] [--keep PROPERTY]... [--set PATH=VALUE]...",
		Short: "Make a looser object without the parts that are marked stricter",
		Long: `Publishes a new object made of one of your own organisation, for those who may not
have all of it, and prints its id. Parts with a stricter marking than it is to have are
left out, wherever --unset moves them to; --set says what stands in the place of one that
must be there. Paths of --set count what --unset leaves. A relationship
as strict as the object itself says that it is derived from it.

It is refused while a text that stays holds a value that is left out, as an indicator's
name may hold what its pattern asks for: --set says what stands there. Of what --keep
names that is told alone. Other prose is yours to read before it goes out.

Where all of the object is stricter than --tlp, none of it goes out unless you name it:
--keep name --keep description.

--dry-run prints the new object and writes nothing; entente preview tells who would be
given it. A second run changes nothing.

Exit codes: 0 published, or there already; 1 refused (invalid, not yours, nothing to
leave out), 2 could not be done.`,
		Example: `  entente tearline report--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0001 --tlp green
  entente tearline indicator--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0001 --set "pattern=[domain-name:value = 'evil.example']"`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.tearLine(cmd.Context(), as, args[0], t) },
	}
	f := cmd.Flags()
	f.StringVar(&t.TLP, "tlp", "", "`LABEL` of the new object (that of the whole object unless given)")
	f.StringArrayVar(&t.Keep, "keep", nil, "`PROPERTY` to take over, and no other; may be given again")
	f.StringArrayVar(&t.Unset, "unset", nil, "`PATH` to leave out, too; may be given again")
	f.StringArrayVar(&t.Set, "set", nil, "`PATH=VALUE` or PATH:=JSON in the place of what is left out; may be given again")
	f.StringVar(&t.Collection, "collection", "", "`ALIAS` or id of the collection (that of the object unless given)")
	f.BoolVar(&t.DryRun, "dry-run", false, "print the object and write nothing")
	writesAs(cmd, &as)
	return cmd
}

func (c *cli) tearLine(ctx context.Context, as, id string, t author.TearLine) error {
	path := "/objects/" + url.PathEscape(id) + "/tearline"
	if !t.DryRun {
		return c.write(ctx, as, path, t, "published")
	}
	var w author.Written
	if err := c.ask(ctx, as, http.MethodPost, path, t, &w); err != nil {
		return err
	}
	c.talk(w)
	if c.json {
		return c.printJSON(w)
	}
	_, err := c.stdout.Write(append(w.Object, '\n'))
	return err
}
