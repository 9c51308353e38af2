package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"entente/client"
	"entente/internal/door/admin"
	"entente/internal/door/api"
	"entente/internal/practice/lookup"
)

func (c *cli) watchVerb() *cobra.Command {
	return group("watch", "Be told when what is known of a value changes",
		c.watchAdd(), c.watchList(), c.watchCheck(), c.watchRemove())
}

func watchPath(name string) string { return "/watches/" + url.PathEscape(name) }

// watchesAs adds the flag of all verbs on watches.
func watchesAs(cmd *cobra.Command, as *string) {
	cmd.Flags().StringVar(as, "as", "", "`ACCOUNT` whose watches they are, and whose view answers (the operator unless given)")
}

func (c *cli) watchAdd() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "add NAME VALUE...",
		Short: "Watch values under a name",
		Long: `Watches up to 100 values, as entente find takes them, under a name. What is known
of them now is what the first check compares with. An account may have 1,000
watches; no other account sees them.

Exit codes: 0 added, 1 refused (the name is taken, no value, too many), 2 could
not be done.`,
		Example: "  entente watch add vpn 198.51.100.7 evil[.]example",
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var w lookup.Watch
			if err := c.ask(cmd.Context(), as, http.MethodPost, "/watches", api.NewWatch{Name: args[0], Values: args[1:]}, &w); err != nil {
				return err
			}
			c.tell("watch %s is added; of what it watches, %s", w.Name, objectsKnown(w.Known))
			if c.json {
				return c.printJSON(w)
			}
			return nil
		},
	}
	watchesAs(cmd, &as)
	return cmd
}

func objectsKnown(n int) string {
	switch n {
	case 0:
		return "nothing is known yet"
	case 1:
		return "1 object is known"
	}
	return fmt.Sprintf("%d objects are known", n)
}

func (c *cli) watchList() *cobra.Command {
	var as string
	cmd := listVerb(c, "List your watches", `Lists your watches by name: when each was last checked, and how many objects were
known then.`, "/api/v1/watches", table[lookup.Watch]{"WATCH\tCHECKED\tKNOWN\tVALUES", func(w *lookup.Watch) string {
		return fmt.Sprintf("%s\t%s\t%d\t%s", w.Name, w.Checked.Format(time.RFC3339), w.Known, shortened(printable(strings.Join(w.Values, " "))))
	}}, &as)
	watchesAs(cmd, &as)
	return cmd
}

func (c *cli) watchCheck() *cobra.Command {
	var as string
	var keep bool
	cmd := &cobra.Command{
		Use:   "check [NAME]",
		Short: "Tell what changed since the last check",
		Long: `Looks what you watch up again, all of it unless a NAME is given, and tells which
objects are new, which changed (another version, no longer valid, taken back,
seen more often), and which are gone: removed, about another value now, or not
for you any more. What is told once is not told again, except with --keep.

Exit codes: 0 something changed, 1 nothing did, 2 could not be done, as when there is
no such watch.`,
		Example: `  entente watch check
  entente watch check vpn --keep --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.checkWatches(cmd.Context(), as, args, keep) },
	}
	cmd.Flags().BoolVar(&keep, "keep", false, "let the next check tell it again")
	watchesAs(cmd, &as)
	return cmd
}

// checkWatches checks the named watches, or all. Each is told before the next
// is checked, so that nothing is lost when one fails.
func (c *cli) checkWatches(ctx context.Context, as string, names []string, keep bool) error {
	if len(names) == 0 {
		all, err := c.watchNames(ctx, as)
		if err != nil {
			return err
		}
		names = all
	}
	out := bufio.NewWriter(c.stdout)
	list := jsonList{w: out}
	changed := false
	err := c.withNode(ctx, func(n *admin.Client) error {
		for _, name := range names {
			path := "/api/v1" + watchPath(name) + "/check"
			if keep {
				path += "?peek=true"
			}
			var check lookup.Check
			if err := n.As(as).Do(ctx, http.MethodPost, path, nil, &check); err != nil {
				if refused, ok := errors.AsType[*admin.Refusal](err); ok {
					return usage("watch check: %s", refused.Reason) // 1 says that nothing has changed
				}
				return err
			}
			changed = changed || len(check.Changes) > 0
			if !c.json {
				printCheck(out, &check)
			} else if err := list.add(check); err != nil {
				return err
			}
			if err := out.Flush(); err != nil {
				return err
			}
		}
		return nil
	})
	if c.json && (err == nil || list.n > 0) {
		err = errors.Join(err, list.end())
	}
	if err = errors.Join(err, out.Flush()); err == nil && !changed {
		return no()
	}
	return err
}

// watchNames are the names of an account's watches.
func (c *cli) watchNames(ctx context.Context, as string) (names []string, err error) {
	err = c.withNode(ctx, func(n *admin.Client) error {
		for next := ""; ; {
			var page client.List[lookup.Watch]
			if err := n.As(as).Do(ctx, http.MethodGet, "/api/v1/watches"+next, nil, &page); err != nil {
				return err
			}
			for i := range page.Items {
				names = append(names, page.Items[i].Name)
			}
			if page.Next == "" {
				return nil
			}
			next = "?next=" + url.QueryEscape(page.Next)
		}
	})
	if err == nil && len(names) == 0 {
		c.tell("nothing is watched; see entente watch add")
	}
	return names, err
}

var turnHeadings = map[lookup.What]string{
	lookup.New: "New", lookup.Changed: "Changed", lookup.Gone: "Gone, or not for you any more",
}

// printCheck tells what became of a watch.
func printCheck(w io.Writer, check *lookup.Check) {
	since := check.Since.Format(time.RFC3339)
	if len(check.Changes) == 0 {
		fmt.Fprintf(w, "%s: nothing has changed since %s\n", check.Watch, since)
		return
	}
	fmt.Fprintf(w, "%s: since %s\n", check.Watch, since)
	value, what := "", lookup.What("")
	for _, t := range check.Changes {
		if t.Value != value {
			value, what = t.Value, ""
			fmt.Fprintf(w, "%s\n", shortened(printable(value)))
		}
		if t.What != what {
			what = t.What
			fmt.Fprintf(w, "  %s:\n", turnHeadings[what])
		}
		if t.Finding == nil {
			fmt.Fprintf(w, "    %s\n", printable(t.ID))
			continue
		}
		printFinding(w, t.Finding)
		if t.Was != nil && t.Was.Modified != t.Finding.Modified {
			fmt.Fprintf(w, "      it was the version of %s; see entente show %s\n", printable(t.Was.Modified), printable(t.ID))
		}
	}
	if check.More {
		fmt.Fprintln(w, "  and there is more than a watch compares")
	}
}

func (c *cli) watchRemove() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:     "remove NAME",
		Short:   "Watch values no longer",
		Long:    "Watches the values under a name no longer.\n\nExit codes: 0 removed, 1 there is no such watch, 2 could not be done.",
		Example: "  entente watch remove vpn",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := c.ask(cmd.Context(), as, http.MethodDelete, watchPath(args[0]), nil, nil)
			if err == nil {
				c.tell("watch %s is removed", args[0])
			}
			return err
		},
	}
	watchesAs(cmd, &as)
	return cmd
}
