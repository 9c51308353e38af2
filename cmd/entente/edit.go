package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"entente/internal/door/admin"
	"entente/internal/practice/author"
)

// editing is one edit verb.
type editing struct {
	author.Edit
	how      making
	file, as string
}

func (c *cli) editVerb() *cobra.Command {
	var e editing
	cmd := &cobra.Command{
		Use:   "edit ID [--set PATH=VALUE]... [--unset PATH]... [--tlp LABEL]",
		Short: "Change an object of your own",
		Long: `Publishes a new version of an object of your own organisation, wherever it stands,
and prints its id. Paths and values are those of entente new. Without --set, --unset,
--tlp, --file or how it was made, $EDITOR opens with the object.

Markings of parts follow what they are on: an element that moves in its list stays
marked, and what may have been made of a marked one is marked. What became of them is
told; set granular_markings to say otherwise.

What others have made is theirs: say what you have to say of it with entente note,
or change a copy of your own with --copy, which is derived from it and says so.

How it was made stays said: what a model made is not made a person's by an edit or a
copy. What may be added is a person's review: --reviewed-by me.

--base is the version (its modified) that the change was made from. If that is not
the newest any more, nothing is written and both sides are told: what was changed
meanwhile, and what you would change. --merge goes on when the two do not touch.

Exit codes: 0 changed, or so already; 1 refused (invalid, stale, not yours), 2 could
not be done.`,
		Example: `  entente edit indicator--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0001 --set confidence=85 --unset valid_until
  entente edit indicator--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0002 --copy --set confidence=20`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.edit(cmd.Context(), e, args[0]) },
	}
	f := cmd.Flags()
	f.StringArrayVar(&e.Set, "set", nil, "`PATH=VALUE` or PATH:=JSON of a property; may be given again")
	f.StringArrayVar(&e.Unset, "unset", nil, "`PATH` to take away; may be given again")
	f.StringVar(&e.TLP, "tlp", "", "`LABEL` to mark it with: clear, green, amber, amber+strict or red")
	f.StringVar(&e.file, "file", "", "`FILE` with the whole object as JSON; - for standard input")
	f.StringVar(&e.Base, "base", "", "`TIME` modified of the version that the change was made from (the newest unless given)")
	f.BoolVar(&e.Merge, "merge", false, "go on when what was changed meanwhile does not touch your change")
	f.BoolVar(&e.Copy, "copy", false, "change a copy of your own, derived from the object")
	f.StringVar(&e.Collection, "collection", "", "`ALIAS` or id of the copy's collection")
	e.how.flags(cmd)
	writesAs(cmd, &e.as)
	return cmd
}

func (c *cli) edit(ctx context.Context, e editing, id string) (err error) {
	if e.Making, err = e.how.said(); err != nil {
		return err
	}
	done := "changed"
	if e.Copy {
		done = "published"
	}
	path := "/objects/" + url.PathEscape(id) + "/edit"
	switch {
	case e.file != "":
		raw, err := c.readFile(e.file)
		if err != nil {
			return fmt.Errorf("edit: %w", err)
		}
		e.Object = raw
	case len(e.Set)+len(e.Unset)+len(e.MadeBy)+len(e.Tool)+len(e.Model)+len(e.ReviewedBy) == 0 && e.TLP == "" && !e.Copy:
		return c.editInEditor(ctx, e, id, path)
	}
	return c.write(ctx, e.as, path, e.Edit, done)
}

// editInEditor lets the writer change the object in a sheet. When somebody else
// is quicker, both sides are told on top of it; saved again, it is made from
// what is there by then.
func (c *cli) editInEditor(ctx context.Context, e editing, id, path string) error {
	raw, version, err := c.object(ctx, e.as, id)
	if err != nil {
		return err
	}
	e.Base, e.Merge = cmp.Or(e.Base, version), true
	sheet, err := author.Sheet(id+" of "+version+"."+sheetHelp, raw)
	if err != nil {
		return err
	}
	return c.compose(ctx, sheet, func(text string) error {
		if e.Object, err = sheetObject(text, raw); err != nil {
			return err
		}
		err := c.write(ctx, e.as, path, e.Edit, "changed")
		if refusal, ok := errors.AsType[*admin.Refusal](err); ok && refusal.Code == "stale" {
			if _, newest, err := c.object(ctx, e.as, id); err == nil {
				e.Base = newest
			}
		}
		return err
	})
}

// object gets the newest version of an object.
func (c *cli) object(ctx context.Context, as, id string) (raw []byte, version string, err error) {
	err = c.withNode(ctx, func(n *admin.Client) error {
		r, err := n.As(as).Stream(ctx, http.MethodGet, "/api/v1/objects/"+url.PathEscape(id), nil, "", nil)
		if err != nil {
			return err
		}
		defer r.Close()
		raw, err = io.ReadAll(r)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	var o struct {
		Modified string `json:"modified"`
	}
	err = json.Unmarshal(raw, &o)
	return raw, o.Modified, err
}
