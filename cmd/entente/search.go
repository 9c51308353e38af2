package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"entente/internal/door/admin"
	"entente/internal/door/api"
	"entente/internal/practice/search"
)

// searchFlags are how a search is asked for.
type searchFlags struct {
	limit   int
	typ, as string
}

func (c *cli) searchVerb() *cobra.Command {
	var f searchFlags
	cmd := &cobra.Command{
		Use:   "search TEXT...",
		Short: "Find objects by the words of their names and descriptions",
		Long: `Finds objects by words in their names, aliases, labels and descriptions. All
words must match; case and accents do not count, and APT-28, APT28 and APT 28 are
the same. Whole names come first, then words in names, aliases, labels and
descriptions; of equals the one that was added last.

  "cobalt strike"     words behind each other (quote it for the shell, too)
  cob*                words that begin so
  -loader             without this word (after --, so that it is no flag)
  type:malware        of a type; several with commas
  since:2024-05       changed then or later; until: then or earlier
  by:"ORG"            whose producer is called so, or has this identity's id
  tlp:green           marked so; several with commas
  label:ransomware    with a label of these words
  collection:feed     in a collection

Exit codes: 0 something was found, 1 nothing was, 2 could not be done, as when TEXT
cannot be read.`,
		Example: `  entente search cobalt strike
  entente search 'type:malware since:2024-05 tlp:green "cobalt strike"'
  entente search --json -- lazarus -loader`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, words []string) error {
			return c.search(cmd.Context(), strings.Join(words, " "), f)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&f.limit, "limit", search.DefaultLimit, "`N` objects to tell of")
	flags.StringVar(&f.typ, "type", "", "`TYPE` of objects, as malware; the same as type:TYPE")
	flags.StringVar(&f.as, "as", "", "`ACCOUNT` whose view answers (all that the node's curators see unless given)")
	return cmd
}

// patienceForWords is how long a search waits for the words of what came just
// before, since a verb without a server has only its own time to read them.
const patienceForWords = 5 * time.Second

func (c *cli) search(ctx context.Context, text string, f searchFlags) error {
	if f.limit < 1 || f.limit > search.MaxLimit {
		return usage("search: --limit %d: give 1 to %d", f.limit, search.MaxLimit)
	}
	if f.typ != "" {
		text += " type:" + f.typ
	}
	if _, err := search.Parse(text); err != nil {
		return usage("search: %v", err)
	}
	q := url.Values{"q": {text}, "limit": {strconv.Itoa(f.limit)}}
	var a search.Results
	err := c.withNode(ctx, func(n *admin.Client) error {
		for until := time.Now().Add(patienceForWords); ; {
			a = search.Results{}
			err := n.As(f.as).Do(ctx, http.MethodGet, api.Root+"search?"+q.Encode(), nil, &a)
			if err != nil || a.Unread == 0 || time.Now().After(until) {
				return asking(err)
			}
			select {
			case <-time.After(50 * time.Millisecond):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	if err != nil {
		return err
	}
	for _, name := range a.Unknown {
		c.tell("nobody called %q is known here; an identity's id names a producer, too", name)
	}
	if a.Unread > 0 {
		c.tell("%s not searched yet; ask again later", objectsAre(a.Unread))
	}
	if c.json {
		err = c.printJSON(a.Hits)
	} else {
		c.printHits(&a)
	}
	if err == nil && len(a.Hits) == 0 {
		return no()
	}
	return err
}

// objectsAre says of how many objects something is; a thousand stand for more.
func objectsAre(n int) string {
	switch {
	case n == 1:
		return "1 object is"
	case n >= 1000:
		return "1,000 objects or more are"
	}
	return fmt.Sprintf("%d objects are", n)
}

func (c *cli) printHits(a *search.Results) {
	for i := range a.Hits {
		h := &a.Hits[i]
		title := h.Type
		if h.Name != "" {
			title += " " + h.Name
		}
		if h.Revoked {
			title += " (revoked)"
		}
		fmt.Fprintln(c.stdout, printable(title))
		if h.Snippet != "" {
			fmt.Fprintf(c.stdout, "  %s: %s\n", h.Matched, printable(h.Snippet))
		}
		about := h.Date
		if h.By != "" {
			about = "by " + h.By + ", " + about
		}
		fmt.Fprintf(c.stdout, "  %s\n", printable(about+", tlp:"+h.TLP+", in "+h.Collection+", "+h.ID))
	}
	switch {
	case len(a.Hits) == 0:
		fmt.Fprintln(c.stdout, "nothing is found")
	case a.Next != "":
		fmt.Fprintln(c.stdout, "and more; ask with a higher --limit or more words")
	}
}
