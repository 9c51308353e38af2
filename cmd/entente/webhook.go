package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"entente/client"
	"entente/internal/door/api"
	"entente/internal/practice/webhook"
)

func (c *cli) webhookVerb() *cobra.Command {
	return group("webhook", "Send objects to other programs as they come",
		c.webhookAdd(), c.webhookList(), c.webhookTest(), c.webhookFailed(), c.webhookReplay(), c.webhookRemove())
}

func webhookPath(name, below string) string { return "/webhooks/" + url.PathEscape(name) + below }

// webhooksAs adds the flag of all verbs on webhooks.
func webhooksAs(cmd *cobra.Command, as *string) {
	cmd.Flags().StringVar(as, "as", "", "`ACCOUNT` whose webhooks they are, and which decides what is sent (the operator unless given)")
}

func (c *cli) webhookAdd() *cobra.Command {
	var as string
	var w webhook.Wanted
	cmd := &cobra.Command{
		Use:   "add URL [--as ACCOUNT] [--collection ALIAS]... [--type TYPE]...",
		Short: "Send objects to an address",
		Long: `Sends each object that comes, and that the account may see when it is sent, to the
address by POST, while the node is served. Give --as an account that may see no
more than the receiver should have: without it the operator's view goes out.

Messages are signed as Standard Webhooks has it, with the secret that is shown this
once. One that is not answered with 2xx is tried again after 5 s, 30 s, 2, 10 and 30
minutes and 2 hours, then listed by entente webhook failed.

Private addresses are connected to with --private alone, which also allows http.

Exit codes: 0 added, 1 refused (the name is taken, no such address or collection), 2
could not be done.`,
		Example: "  entente webhook add https://soc.example/hook --as soc --collection feeds --type indicator",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			w.URL = args[0]
			var made webhook.Shown
			if err := c.ask(cmd.Context(), as, http.MethodPost, "/webhooks", w, &made); err != nil {
				return err
			}
			c.tell("webhook %s is added; its secret is shown this once:", made.Name)
			if c.json {
				return c.printJSON(made)
			}
			_, err := fmt.Fprintln(c.stdout, made.Secret)
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&w.Name, "name", "", "`NAME` of the webhook (the host unless given)")
	f.StringArrayVar(&w.Collections, "collection", nil, "`ALIAS` of a collection (repeatable; all that the account may read unless given)")
	f.StringArrayVar(&w.Types, "type", nil, "`TYPE` of objects (repeatable; all unless given)")
	f.BoolVar(&w.All, "all", false, "send what is there already, too")
	f.BoolVar(&w.Private, "private", false, "the address is a private one, which is meant")
	webhooksAs(cmd, &as)
	return cmd
}

func (c *cli) webhookList() *cobra.Command {
	var as string
	cmd := listVerb(c, "List your webhooks", `Lists your webhooks by name: how many messages were taken, how many failed, why
nothing is sent at the moment, and when that is tried again.`, "/api/v1/webhooks", table[webhook.Shown]{"WEBHOOK\tURL\tSENT\tFAILED\tTROUBLE", func(w *webhook.Shown) string {
		trouble := shortened(printable(w.Trouble))
		if trouble != "" && !w.Next.IsZero() {
			trouble += ", tried again at " + w.Next.UTC().Format(time.RFC3339)
		}
		return fmt.Sprintf("%s\t%s\t%d\t%d\t%s", w.Name, printable(w.URL), w.Sent, w.Failed, trouble)
	}}, &as)
	webhooksAs(cmd, &as)
	return cmd
}

func (c *cli) webhookTest() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:     "test NAME",
		Short:   "Send a message without an object",
		Long:    "Sends a message of the type test, signed as others are, and tells how it was taken.\n\nExit codes: 0 taken, 1 not taken or no such webhook, 2 could not be done.",
		Example: "  entente webhook test soc.example",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var t webhook.Tested
			if err := c.ask(cmd.Context(), as, http.MethodPost, webhookPath(args[0], "/test"), nil, &t); err != nil {
				return err
			}
			if c.json {
				if err := c.printJSON(t); err != nil {
					return err
				}
			}
			if !t.OK {
				c.tell("not taken: %s", printable(t.Trouble))
				return no()
			}
			c.tell("taken after %d ms", t.Took)
			return nil
		},
	}
	webhooksAs(cmd, &as)
	return cmd
}

func (c *cli) webhookFailed() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:     "failed NAME",
		Short:   "List messages that were not taken",
		Long:    "Lists the messages of a webhook that were not taken to the last, the oldest first.\n\nExit codes: 0 some, 1 none or no such webhook, 2 could not be done.",
		Example: "  entente webhook failed soc.example",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var list client.List[webhook.Failure]
			if err := c.ask(cmd.Context(), as, http.MethodGet, webhookPath(args[0], "/failed"), nil, &list); err != nil {
				return err
			}
			if c.json {
				return c.printJSON(list.Items)
			}
			for _, f := range list.Items {
				fmt.Fprintf(c.stdout, "%s %s in %s, tried %d times, last %s: %s\n", f.ID, printable(f.Object), f.Collection, f.Tries, f.Last.Format(time.RFC3339), printable(f.Trouble))
			}
			if len(list.Items) == 0 {
				return no()
			}
			return nil
		},
	}
	webhooksAs(cmd, &as)
	return cmd
}

func (c *cli) webhookReplay() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:     "replay NAME [MESSAGE...]",
		Short:   "Send messages again that were not taken",
		Long:    "Sends failed messages again, those named or the oldest, up to 100, as the account may\nsee their objects now.\n\nExit codes: 0 all sent, 1 some failed again or there is no such webhook, 2 could not be done.",
		Example: "  entente webhook replay soc.example",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.replayWebhook(cmd.Context(), as, args[0], args[1:])
		},
	}
	webhooksAs(cmd, &as)
	return cmd
}

func (c *cli) replayWebhook(ctx context.Context, as, name string, ids []string) error {
	var list client.List[webhook.Replayed]
	if err := c.ask(ctx, as, http.MethodPost, webhookPath(name, "/replay"), api.Replay{IDs: ids}, &list); err != nil {
		return err
	}
	failed := false
	for _, r := range list.Items {
		failed = failed || r.Result == "failed"
		if !c.json {
			fmt.Fprintln(c.stdout, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", r.Result, r.ID, printable(r.Object), printable(r.Trouble))))
		}
	}
	if c.json {
		if err := c.printJSON(list.Items); err != nil {
			return err
		}
	}
	if failed {
		return no()
	}
	return nil
}

func (c *cli) webhookRemove() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:     "remove NAME",
		Short:   "Send to an address no longer",
		Long:    "Sends to an address no longer, and forgets what failed.\n\nExit codes: 0 removed, 1 there is no such webhook, 2 could not be done.",
		Example: "  entente webhook remove soc.example",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := c.ask(cmd.Context(), as, http.MethodDelete, webhookPath(args[0], ""), nil, nil)
			if err == nil {
				c.tell("webhook %s is removed", args[0])
			}
			return err
		},
	}
	webhooksAs(cmd, &as)
	return cmd
}
