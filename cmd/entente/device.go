package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"entente/internal/door/api"
	"entente/internal/practice/device"
)

func (c *cli) deviceVerb() *cobra.Command {
	return group("device", "Let machines fetch lists of what to block",
		c.deviceAdd(), c.deviceList(), c.deviceRemove(), c.deviceRelease(), c.deviceInsist(), c.deviceRelent(), c.deviceFalsePositives())
}

func (c *cli) deviceAdd() *cobra.Command {
	var want api.NewDevice
	var expires string
	var change int
	cmd := &cobra.Command{
		Use:   "add NAME --format FORMAT [--collection ALIAS]... [flags]",
		Short: "Open an account for a machine that fetches a list, and print its token, once",
		Long: `Opens an account for a resolver, a firewall, a proxy or a sensor, and prints its token
alone on standard output; it is kept nowhere and cannot be shown again (entente account
renew gives another).

The machine fetches its list from /export/v1, with the token as Bearer, or by Basic with
its name; one that can send no header from /export/v1/TOKEN, to which it may add a dot and
an ending (docs/decisions/0023). Its token opens nothing else. What has not changed is
answered with 304 to who sends the ETag back; of plain, csv and ndjson ?since=ETAG gives
the changes alone.

The list is as entente export FORMAT writes it, of what this account may read: the
collections named, default without any. Where the format blocks, only what PAP lets be
blocked is in it; with --reviewed, nothing that a machine made and no person has reviewed.
More than --max-change new values are not given at once: they are held back until entente
device release; values that are gone from the list go at once.

Exit codes: 0 opened, 1 refused (the name is taken, no such collection, format or kind ...),
2 could not be done.`,
		Example: `  entente device add resolver --format rpz --collection feed
  entente device add edge --format plain --kind ip --collection feed --limit 10000 --min-confidence 50
  curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8470/export/v1`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			life, err := parseLife(expires)
			if err != nil {
				return err
			}
			want.Name, want.ExpiresIn = args[0], int64((life+time.Second-1)/time.Second)
			if cmd.Flags().Changed("max-change") {
				want.MaxChange = &change
			}
			var made api.ShownDevice
			if err := c.ask(cmd.Context(), "", http.MethodPost, "/devices", want, &made); err != nil {
				return err
			}
			if c.json {
				return c.printJSON(made)
			}
			c.tell("device %s of %s fetches %s until %s, from /export/v1; its token is shown this once:", made.Name, made.Org, made.Format, made.Expires.Format(time.DateOnly))
			_, err = fmt.Fprintln(c.stdout, made.Token)
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&want.Format, "format", "", "`FORMAT` of its list, as entente export has them")
	f.StringSliceVar(&want.Kinds, "kind", nil, "`KIND` of values that it holds (repeatable, or with commas)")
	f.StringArrayVar(&want.Collections, "collection", []string{"default"}, "`ALIAS` or id of a collection that it reads (repeatable)")
	f.StringVar(&want.Org, "org", "", "partner `ORG`anisation it belongs to (the node's own member unless given)")
	f.StringArrayVar(&want.Groups, "group", nil, "sharing `GROUP` it is in (repeatable)")
	f.IntVar(&want.MinConfidence, "min-confidence", 0, "least confidence `N` of 100")
	f.IntVar(&want.MinScore, "min-score", 0, "least score `N` of 100, as of when the day began (UTC)")
	f.IntVar(&want.Limit, "limit", 0, "`N` values at most, the best by score; 0 for all")
	f.BoolVar(&want.Reviewed, "reviewed", false, "without what a machine made and nobody has reviewed")
	f.IntVar(&change, "max-change", device.DefaultMaxChange, "`N` new values at most that go out at once; 0 for any number")
	f.StringVar(&expires, "expires", "", "`DURATION` until its token ends, as 90d (365d unless given)")
	return cmd
}

func (c *cli) deviceList() *cobra.Command {
	return listVerb(c, "List devices", "Lists devices with their lists: how many values, when that last changed, how many the limit leaves out, and how many are held back.", "/api/v1/devices",
		table[api.ShownDevice]{"NAME\tORGANISATION\tSTATE\tFORMAT\tCOLLECTIONS\tVALUES\tCHANGED\tCUT\tHELD BACK", deviceLine}, operator)
}

func deviceLine(d *api.ShownDevice) string {
	var collections []string
	for _, g := range d.Grants {
		collections = append(collections, g.Alias)
	}
	changed := "never fetched"
	if !d.List.Changed.IsZero() {
		changed = d.List.Changed.Format(time.RFC3339)
	}
	format := d.Format
	if len(d.Kinds) > 0 {
		format += " (" + strings.Join(d.Kinds, ", ") + ")"
	}
	if d.Reviewed {
		format += " reviewed"
	}
	return fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%d\t%s\t%d\t%d", d.Name, printable(d.Org), d.Account.State, format, strings.Join(collections, " "), d.List.Entries, changed,
		d.List.Cut, d.List.Held)
}

func (c *cli) deviceRemove() *cobra.Command {
	return &cobra.Command{
		Use:     "remove NAME",
		Short:   "End a device's token at once and forget the device",
		Long:    "Ends a device's token at once and forgets the device.\n\nExit codes: 0 removed, 1 there is no such device, 2 could not be done.",
		Example: "  entente device remove edge",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.toDevice(cmd, http.MethodDelete, args[0], "", "removed")
		},
	}
}

func (c *cli) deviceRelease() *cobra.Command {
	return &cobra.Command{
		Use:   "release NAME",
		Short: "Let new values that are held back for a device go out",
		Long: `Lets the new values go out that are held back for a device, since they were more than
it is given at once (--max-change); it has them when it fetches its list next.

Exit codes: 0 released, 1 there is no such device, or nothing is held back for it, 2 could
not be done.`,
		Example: "  entente device release resolver",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.toDevice(cmd, http.MethodPost, args[0], "/release", "released")
		},
	}
}

func (c *cli) toDevice(cmd *cobra.Command, method, name, suffix, done string) error {
	err := c.ask(cmd.Context(), "", method, "/devices/"+url.PathEscape(name)+suffix, nil, nil)
	if err == nil {
		c.tell("device %s is %s", name, done)
	}
	return err
}

func (c *cli) deviceInsist() *cobra.Command {
	var ask api.Insisting
	cmd := &cobra.Command{
		Use:   "insist [VALUE --reason TEXT]",
		Short: "Insist that a value is blocked though a warninglist holds it",
		Long: `Insists that a value is blocked though a warninglist holds it, or others tell its
indicator to be a false positive, with a reason, which is kept and noted in the audit. It holds for all lists from now on, as long as an indicator
asks for the value, and lets nothing of your own be blocked. Without a value: lists what
people insist on.

Exit codes: 0 done, 1 refused (no reason, no such value), 2 could not be done.`,
		Example: `  entente device insist cdn.example --reason "serves the loader since Monday, their abuse desk knows"
  entente device insist`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return list(cmd.Context(), c, "", "/api/v1/insisted", insistedTable)
			}
			ask.Value = args[0]
			err := c.ask(cmd.Context(), "", http.MethodPost, "/insisted", ask, nil)
			if err == nil {
				c.tell("lists may hold %s whatever warninglists and opinions say, for as long as an indicator asks for it; what is one's own, private or everywhere stays out all the same", ask.Value)
			}
			return err
		},
	}
	cmd.Flags().StringVar(&ask.Reason, "reason", "", "`TEXT`: why, one line for people")
	return cmd
}

var insistedTable = table[api.Insisted]{"KIND\tVALUE\tBY\tSINCE\tREASON", func(i *api.Insisted) string {
	return fmt.Sprintf("%s\t%s\t%s\t%s\t%s", i.Kind, printable(i.Value), printable(i.By), i.At.Format(time.DateOnly), printable(i.Reason))
}}

func (c *cli) deviceRelent() *cobra.Command {
	return &cobra.Command{
		Use:     "relent VALUE",
		Short:   "Insist on a value no more",
		Long:    "Takes back what was insisted on.\n\nExit codes: 0 done, 1 nobody has insisted on it, 2 could not be done.",
		Example: "  entente device relent cdn.example",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := c.ask(cmd.Context(), "", http.MethodPost, "/insisted/remove", api.Insisting{Value: args[0]}, nil)
			if err == nil {
				c.tell("nobody insists on %s any more", args[0])
			}
			return err
		},
	}
}
