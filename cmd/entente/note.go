package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"entente/internal/practice/author"
)

func (c *cli) noteVerb() *cobra.Command {
	var n author.Remark
	var p placing
	var also []string
	cmd := &cobra.Command{
		Use:   "note ID|VALUE|NAME [TEXT|-]",
		Short: "Write a note on an object, of anybody's making",
		Long: `Publishes a note on an object and prints its id. A value stands for the one object
that carries it, a name for the one that is called exactly so; --on names further
objects. With - the text is read from standard
input; without a text, $EDITOR opens.

The same text on the same objects is the same note: a second run changes nothing.

Exit codes: 0 published, or there already; 1 refused (not there, not allowed), 2
could not be done.`,
		Example: `  entente note indicator--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0001 "A false alarm: this is our scanner"`,
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			n.On, n.Collection, n.TLP, n.Key = append(args[:1:1], also...), p.collection, p.tlp, p.key
			if len(args) == 2 {
				n.Text = args[1]
			}
			return c.note(cmd.Context(), p.as, n, len(args) == 1)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&also, "on", nil, "`ID`, value or name of a further object; may be given again")
	f.StringVar(&n.Abstract, "abstract", "", "`TEXT` the note in a line")
	p.flags(cmd, "that of what it is on", "that of what it is on", ", instead of from the text")
	return cmd
}

func (c *cli) note(ctx context.Context, as string, n author.Remark, compose bool) error {
	publish := func() error { return c.write(ctx, as, "/notes", n, "published") }
	if compose {
		head := "# A note on " + strings.Join(n.On, ", ") + ". Write below these lines; leave them as they are to go back.\n\n"
		return c.compose(ctx, head, func(text string) error {
			n.Text = withoutHead(text)
			return publish()
		})
	}
	if n.Text == "-" {
		b, err := io.ReadAll(io.LimitReader(c.stdin, mostFile))
		if err != nil {
			return fmt.Errorf("note: standard input: %w", err)
		}
		n.Text = strings.TrimSpace(string(b))
	}
	return publish()
}

// withoutHead is a text without the lines above it that begin with #.
func withoutHead(text string) string {
	for strings.HasPrefix(text, "#") {
		_, text, _ = strings.Cut(text, "\n")
	}
	return strings.TrimSpace(text)
}
