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

// making is how the verbs that write let a writer say how something was made.
type making struct {
	author.Making
	version string // of the model
}

func (m *making) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&m.MadeBy, "made-by", "", "`WHO` made it: person, tool or model (not said unless given)")
	f.StringVar(&m.Tool, "tool", "", "`NAME` and version of the tool that made it")
	f.StringVar(&m.Model, "model", "", "`NAME` of the model that made it")
	f.StringVar(&m.version, "model-version", "", "`VERSION` of the model")
	f.StringArrayVar(&m.ReviewedBy, "reviewed-by", nil, "`IDENTITY` of who has reviewed it: an id, or me for your own organisation; may be given again")
}

// said is what the writer has said.
func (m *making) said() (author.Making, error) {
	if m.version == "" {
		return m.Making, nil
	}
	if m.Model == "" {
		return m.Making, usage("--model-version is of a --model, which is not named")
	}
	said := m.Making
	said.Model += " " + m.version
	return said, nil
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

// talk tells what was taken for granted, and what would rather be otherwise.
func (c *cli) talk(w author.Written) {
	for _, line := range w.Told {
		c.tell("%s", printable(line))
	}
	for _, f := range w.Warnings {
		c.tell("warning: %s", printable(f.String()))
	}
	for _, selector := range w.Held {
		c.tell("warning: %s is marked stricter than the whole and no copy can lack it, so that who may not read it gets nothing; entente tearline %s makes a looser object without it", printable(selector), w.ID)
	}
}

func (c *cli) printWritten(w author.Written, done string) error {
	c.talk(w)
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
	case w.Type == "sighting" || w.Type == "note" || w.Type == "opinion" || w.Type == "relationship":
		return w.Type + " " + w.Name
	}
	return fmt.Sprintf("%s %q", w.Type, w.Name)
}
