package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"entente/internal/door/admin"
	"entente/internal/door/api"
	"entente/internal/practice/preview"
	"entente/stix"
)

// mostPreviewed is how many objects of a file are previewed.
const mostPreviewed = 1000

func (c *cli) previewVerb() *cobra.Command {
	var collection, only string
	cmd := &cobra.Command{
		Use:   "preview ID|FILE|- [--collection ALIAS] [--as MEMBER|ACCOUNT]",
		Short: "See who would be given an object, before it is published",
		Long: `Tells of the objects in a FILE, as if they were published to a collection, or of one
that is published, by its ID, which accounts are given it, which are not, and why;
and warns of what its author might regret: what is your own (entente asset), host
names and addresses of the inside, in values and in all texts, also where they are
defanged; paths with the name of a user; a label looser than that of something the
object refers to, or of what defines its marking; a text that holds what another part,
marked stricter, does. Each is told once, with where it stands and what to do; at most
100, and of texts the first MiB. Nothing is written.

Exit codes: 0 told, 1 there is no such object, reader or collection, or it is no
object, 2 could not be done.`,
		Example: `  entente preview report.json --collection feed
  entente preview indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --as "Water ISAC"`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := c.previews(cmd.Context(), args[0], collection, only)
			if err != nil {
				return err
			}
			if c.json {
				return c.printJSON(list)
			}
			for i := range list {
				if i > 0 {
					fmt.Fprintln(c.stdout)
				}
				if err := c.printPreview(&list[i]); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&collection, "collection", "", "`ALIAS` or id of the collection that a FILE would be published to (default unless given)")
	cmd.Flags().StringVar(&only, "as", "", "only this `READER`: an account, or the accounts of an organisation")
	return cmd
}

// previews asks for those of an id, or of the objects in a file.
func (c *cli) previews(ctx context.Context, what, collection, only string) (list []preview.Preview, err error) {
	asks := []api.AskPreview{{ID: what, For: only}}
	if _, _, err := stix.ParseID(what); err != nil {
		if asks, err = c.askFile(what, collection, only); err != nil {
			return nil, err
		}
	}
	err = c.withNode(ctx, func(n *admin.Client) error {
		for _, ask := range asks {
			var out api.Previews
			if err := n.Do(ctx, http.MethodPost, "/api/v1/preview", ask, &out); err != nil {
				return err
			}
			list = append(list, out.Previews...)
		}
		return nil
	})
	return list, err
}

// askFile makes a question of each object in a file.
func (c *cli) askFile(name, collection, only string) (asks []api.AskPreview, err error) {
	in := io.Reader(c.stdin)
	if name != "-" {
		f, err := os.Open(name)
		if errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("preview: %s is neither an object's id nor a file", name)
		}
		if err != nil {
			return nil, fmt.Errorf("preview: %w", err)
		}
		defer f.Close()
		in = f
	}
	for o, err := range stix.Scan(in) {
		if err != nil {
			return nil, saysNo{fmt.Errorf("preview: %s: %w", name, err)}
		}
		if len(asks) == mostPreviewed {
			return nil, fmt.Errorf("preview: %s holds more than %d objects; preview some of them", name, mostPreviewed)
		}
		asks = append(asks, api.AskPreview{Object: json.RawMessage(o.Clone().Raw), Collection: collection, For: only})
	}
	if len(asks) == 0 {
		return nil, saysNo{fmt.Errorf("preview: %s holds no STIX object", name)}
	}
	return asks, nil
}

func (c *cli) printPreview(p *preview.Preview) error {
	what := p.Object
	if p.Name != "" {
		what = fmt.Sprintf("%s %q (%s)", p.Type, p.Name, p.Object)
	}
	fmt.Fprintf(c.stdout, "%s in %s, TLP:%s\n", printable(what), p.Collection, strings.ToUpper(p.TLP))
	for _, w := range p.Warnings {
		at := ""
		if w.Path != "" {
			at = " at " + w.Path
		}
		fmt.Fprintf(c.stdout, "  warning%s: %s\n", printable(at), printable(w.What))
	}
	if len(p.Readers) == 0 {
		fmt.Fprintln(c.stdout, "  there is no account but the operator's")
		return nil
	}
	w := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "  READER\tGETS\tWHY")
	for i := range p.Readers {
		r := &p.Readers[i]
		fmt.Fprintf(w, "  %s@%s\t%s\t%s\n", printable(r.Account), printable(r.Org), gets(r), printable(because(r)))
	}
	return w.Flush()
}

func gets(r *preview.Reader) string {
	switch {
	case r.Gets && r.Lacks == 1:
		return "all but 1 part"
	case r.Gets && r.Lacks > 1:
		return fmt.Sprintf("all but %d parts", r.Lacks)
	case r.Gets:
		return "all of it"
	}
	return "nothing"
}

// because is the reason of an answer, and how long it holds.
func because(r *preview.Reader) string {
	why := r.Why
	if r.Agreement != "" {
		why += " (agreement " + r.Agreement + ")"
	}
	if r.Opens != nil {
		why += "; from " + r.Opens.Format(time.RFC3339) + " on it gets it"
	}
	if r.Ends != nil {
		why += "; until " + r.Ends.Format(time.RFC3339)
	}
	return why
}
