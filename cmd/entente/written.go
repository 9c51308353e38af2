package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"entente/internal/door/admin"
	"entente/internal/practice/author"
)

// placing is where a verb writes something new, and how it is marked.
type placing struct {
	collection, tlp, key, as string
}

// flags adds the flags; what are the defaults, for people.
func (p *placing) flags(cmd *cobra.Command, collection, tlp, key string) {
	f := cmd.Flags()
	f.StringVar(&p.collection, "collection", "", "`ALIAS` or id of the collection ("+collection+" unless given)")
	f.StringVar(&p.tlp, "tlp", "", "`LABEL`: clear, green, amber, amber+strict or red ("+tlp+" unless given)")
	f.StringVar(&p.key, "key", "", "`NAME` from which the id follows, so that a second run changes nothing"+key)
	writesAs(cmd, &p.as)
}

// writesAs adds the flag of all verbs that write.
func writesAs(cmd *cobra.Command, as *string) {
	cmd.Flags().StringVar(as, "as", "", "`ACCOUNT` that writes (the operator unless given)")
}

// ask has the node do something, as an account if one is named.
func (c *cli) ask(ctx context.Context, as, method, path string, in, out any) error {
	return c.withNode(ctx, func(n *admin.Client) error {
		return n.As(as).Do(ctx, method, "/api/v1"+path, in, out)
	})
}

// write has the node write an object and tells what became of it: the id is
// the result, the rest is talk.
func (c *cli) write(ctx context.Context, as, path string, in any, done string) error {
	var w author.Written
	if err := c.ask(ctx, as, http.MethodPost, path, in, &w); err != nil {
		return err
	}
	return c.printWritten(w, done)
}

func (c *cli) printWritten(w author.Written, done string) error {
	for _, line := range w.Told {
		c.tell("%s", printable(line))
	}
	for _, f := range w.Warnings {
		c.tell("warning: %s", printable(f.String()))
	}
	label := ""
	if w.TLP != "" {
		label = ", TLP:" + strings.ToUpper(w.TLP)
	}
	if w.Verdict == author.Same {
		c.tell("%s is so already in %s%s; nothing was written", printable(headlineOf(w)), strings.Join(w.Collections, ", "), label)
	} else {
		c.tell("%s is %s in %s%s", printable(headlineOf(w)), done, strings.Join(w.Collections, ", "), label)
	}
	if c.json {
		return c.printJSON(w)
	}
	_, err := fmt.Fprintln(c.stdout, w.ID)
	return err
}

// headlineOf says what was written.
func headlineOf(w author.Written) string {
	switch {
	case w.Name == "":
		return w.Type
	case w.Type == "sighting" || w.Type == "note" || w.Type == "relationship":
		return w.Type + " " + w.Name
	}
	return fmt.Sprintf("%s %q", w.Type, w.Name)
}
