package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"entente/client"
	"entente/internal/door/admin"
	"entente/internal/door/api"
	"entente/internal/exchange"
	"entente/internal/practice/intake"
	"entente/internal/practice/warninglist"
)

func (c *cli) warninglistVerb() *cobra.Command {
	return group("warninglist", "Keep lists of values that are no good for blocking",
		c.warninglistAdd(), c.warninglistList(), c.warninglistShow(), c.warninglistCheck(), c.warninglistRemove())
}

func (c *cli) warninglistAdd() *cobra.Command {
	var own api.OwnValues
	cmd := &cobra.Command{
		Use:   "add FILE|DIR|-...|--name NAME --value VALUE...",
		Short: "Add warninglists, or values to a list of your own",
		Long: `Adds warninglists, each a JSON file in the form of the MISP warninglists, plain or packed
by gzip, zstd or xz; a folder is the JSON files below it. A list of the same name gives
way. Entries that cannot be held against a value, as a regular expression that RE2 does
not understand, are passed over and told.

With --name and --value: adds values to a list of your own, an allow-list, which is made
if it is not there. A domain stands for all names under it, and for URLs on them and
addresses of mail at them; a network for all that is in it; what else there is, as a URL
or a hash, for itself.

Being on a list takes nothing away from what is known; what is on one stays out of the
lists that block (entente export).

Exit codes: 0 added, 1 some lists or values were refused, 2 could not be done.`,
		Example: `  entente warninglist add misp-warninglists/lists
  entente warninglist add --name ours --value estmark.example --value 198.51.100.0/24`,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch named := own.Name != "" || len(own.Values) > 0; {
			case named == (len(args) > 0):
				return usage("warninglist add: give files, or --name and --value: one of the two")
			case named && (own.Name == "" || len(own.Values) == 0):
				return usage("warninglist add: --name and --value go together: the list, and what is on it")
			case named:
				return c.addValues(cmd.Context(), own)
			case own.Description != "":
				return usage("warninglist add: --description is for a list of your own; files bring theirs")
			}
			return c.addLists(cmd.Context(), args)
		},
	}
	f := cmd.Flags()
	f.StringVar(&own.Name, "name", "", "`NAME` of the list of your own")
	f.StringArrayVar(&own.Values, "value", nil, "`VALUE` to add to it (repeatable)")
	f.StringVar(&own.Description, "description", "", "`TEXT` that says what the list is for")
	return cmd
}

func (c *cli) addValues(ctx context.Context, own api.OwnValues) error {
	var out api.AddedValues
	if err := c.ask(ctx, "", http.MethodPost, "/warninglists/values", own, &out); err != nil {
		return err
	}
	if c.json {
		return c.printJSON(out)
	}
	fmt.Fprintf(c.stdout, "%s: new %d, in all %d\n", printable(out.Name), out.New, out.Entries)
	return nil
}

// addLists brings the lists of files.
func (c *cli) addLists(ctx context.Context, paths []string) error {
	added, entries, refused := []warninglist.Added{}, 0, 0
	refuse := func(err error) {
		refused++
		c.tell("warninglist add: %s", printable(err.Error()))
	}
	err := c.withNode(ctx, func(n *admin.Client) error {
		for source, err := range intake.Sources(paths, letGo(ctx, c.stdin)) {
			var l *warninglist.List
			if err == nil {
				l, err = readWarninglist(source)
			}
			if err != nil {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				refuse(err)
				continue
			}
			ask := api.NewWarninglist{Name: l.Name, Version: string(l.Version), Description: l.Description, Type: l.Type, Matching: l.Matching, Entries: l.Entries}
			var out warninglist.Added
			err = n.Do(ctx, http.MethodPost, "/api/v1/warninglists", ask, &out)
			if p, ok := errors.AsType[*admin.Refusal](err); ok && p.Code == string(api.Invalid) {
				refuse(fmt.Errorf("%s: %w", source.Name, err))
				continue
			}
			if err != nil {
				return err
			}
			c.tellRefused(source.Name, &out)
			added, entries = append(added, out), entries+out.Entries-out.Refused.Count
		}
		return nil
	})
	if err == nil && len(added)+refused == 0 {
		err = saysNo{fmt.Errorf("warninglist add: no JSON file is in %s", strings.Join(paths, ", "))}
	}
	if err != nil {
		return err
	}
	if c.json {
		err = c.printJSON(added)
	} else {
		_, err = fmt.Fprintf(c.stdout, "warninglists added %d, with %d entries; refused %d\n", len(added), entries, refused)
	}
	if err == nil && refused > 0 {
		return no()
	}
	return err
}

// readWarninglist reads the list of a file.
func readWarninglist(source intake.Source) (*warninglist.List, error) {
	content, err := source.Content(intake.Limits{MaxBytes: warninglist.MaxBytes + 1})
	if err != nil {
		return nil, err
	}
	defer content.Close()
	l, err := warninglist.Read(content)
	if errors.Is(err, exchange.ErrInvalid) || err == nil {
		if err != nil {
			err = fmt.Errorf("%s: %w", source.Name, err)
		}
		return l, err
	}
	return nil, fmt.Errorf("%s: %w", source.Name, err)
}

// tellRefused says what of a list is passed over.
func (c *cli) tellRefused(name string, out *warninglist.Added) {
	for _, r := range out.Refused.First {
		c.tell("%s: passed over: %s", printable(name), printable(shortened(r.Entry)+": "+r.Why))
	}
	if more := out.Refused.Count - len(out.Refused.First); more > 0 {
		c.tell("%s: passed over: and %d more", printable(name), more)
	}
}

func (c *cli) warninglistList() *cobra.Command {
	var as string
	cmd := listVerb(c, "List the warninglists", "Lists the warninglists, your own first, with their versions, and how many entries there are and are passed over. The last is built in: nobody has added it.", "/api/v1/warninglists",
		table[warninglist.Kept]{"NAME\tTYPE\tVERSION\tENTRIES\tPASSED OVER", func(k *warninglist.Kept) string {
			return fmt.Sprintf("%s\t%s\t%s\t%d\t%d", printable(k.Name), k.Type, cmp.Or(printable(string(k.Version)), "-"), k.Entries-k.Left, k.Left)
		}}, &as)
	cmd.Flags().StringVar(&as, "as", "", "read as this `ACCOUNT` of the own member")
	return cmd
}

func (c *cli) warninglistShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME",
		Short: "Write a warninglist as JSON",
		Long: `Writes a list with its entries, in the form that entente warninglist add and scan
--warninglists read, here or on a machine without a node.

Exit codes: 0 shown, 1 there is no such list, 2 could not be done.`,
		Example: "  entente warninglist show ours > ours.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var l warninglist.List
			if err := c.ask(cmd.Context(), "", http.MethodGet, "/warninglists/list?name="+url.QueryEscape(args[0]), nil, &l); err != nil {
				return err
			}
			return c.printJSON(l)
		},
	}
}

func (c *cli) warninglistCheck() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "check VALUE...|-",
		Short: "Tell on which warninglists values are",
		Long: `Tells of each value on which lists it is, and by which entry; - reads values from
standard input, one a line. Values are read as entente find reads them.

Exit codes: 0 a value is on a list, 1 none is, 2 could not be done.`,
		Example: "  entente warninglist check 198.51.100.53 www.example.com",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return c.checkLists(cmd.Context(), as, args) },
	}
	cmd.Flags().StringVar(&as, "as", "", "ask as this `ACCOUNT` of the own member")
	return cmd
}

// checkedAtOnce is how many values one request asks of.
const checkedAtOnce = 1000

func (c *cli) checkLists(ctx context.Context, as string, values []string) error {
	all, on := []api.OnLists{}, false
	err := c.withNode(ctx, func(n *admin.Client) error {
		return c.inParts(values, checkedAtOnce, func(part []string) error {
			var some client.List[api.OnLists]
			if err := n.As(as).Do(ctx, http.MethodPost, "/api/v1/warninglists/check", api.AskLists{Values: part}, &some); err != nil {
				return err
			}
			for i := range some.Items {
				one := &some.Items[i]
				on = on || len(one.On) > 0
				if c.json {
					all = append(all, *one)
				} else if err := c.printOnLists(one); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err == nil && c.json {
		err = c.printJSON(all)
	}
	if err == nil && !on {
		return no()
	}
	return err
}

func (c *cli) printOnLists(one *api.OnLists) error {
	if len(one.On) == 0 {
		_, err := fmt.Fprintf(c.stdout, "%s: on no warninglist\n", shortened(printable(one.Asked)))
		return err
	}
	var told []string
	for _, o := range one.On {
		said := "on the warninglist " + printable(o.Hit.String())
		if len(told) > 0 && told[len(told)-1] == said { // by another reading of the value
			continue
		}
		told = append(told, said)
		if _, err := fmt.Fprintf(c.stdout, "%s: %s\n", shortened(printable(one.Asked)), said); err != nil {
			return err
		}
	}
	return nil
}

func (c *cli) warninglistRemove() *cobra.Command {
	var ask api.LessWarning
	cmd := &cobra.Command{
		Use:   "remove NAME [--value VALUE]...",
		Short: "Forget a warninglist, or values of one of your own",
		Long: `Forgets a list; with --value, only values of a list of your own, as entente warninglist
show tells them.

Exit codes: 0 removed, 1 it is not there, 2 could not be done.`,
		Example: "  entente warninglist remove ours --value 198.51.100.0/24",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ask.Name = strings.TrimSpace(args[0])
			return c.ask(cmd.Context(), "", http.MethodPost, "/warninglists/remove", ask, nil)
		},
	}
	cmd.Flags().StringArrayVar(&ask.Values, "value", nil, "`VALUE` of the list (repeatable)")
	return cmd
}
