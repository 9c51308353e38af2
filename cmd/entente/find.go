package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"entente/client"
	"entente/internal/door/admin"
	"entente/internal/door/api"
	"entente/internal/practice/lookup"
)

func (c *cli) findVerb() *cobra.Command {
	var q api.Question
	var as string
	cmd := &cobra.Command{
		Use:   "find VALUE...|-",
		Short: "Tell what is known of an address, a name, a hash",
		Long: `Looks values up and tells what is known of each: what it is, who says so, since
when, how sure, and whether it still holds; then who has seen it, which report
names it, what it points to. What holds comes first.

A value is an IP address or a network (with what lies inside networks up to a
/16, or a /32 of IPv6), a domain, a URL, an e-mail address, a hash, a CVE, an AS
number, a wallet, a file name, a certificate's serial or fingerprint, a registry
key, a user agent or a name. Defanged forms are understood, as
hxxp://evil[.]example. Networks that hold an address and the domains above a name
are looked up, too, and said to be wider; so are the URLs on a host.

With - values are read from standard input, one a line; those of which nothing
is known are counted at the end, and named with -v.

Exit codes: 0 something is known, 1 nothing is, 2 could not be done.`,
		Example: `  entente find 198.51.100.7 evil[.]example
  cut -f1 proxy.log | sort -u | entente find - --json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, values []string) error { return c.find(cmd.Context(), as, q, values) },
	}
	f := cmd.Flags()
	f.IntVar(&q.Limit, "limit", lookup.DefaultLimit, "`N` objects to tell of each value")
	asFlag(f, &as)
	return cmd
}

// asFlag adds --as to a verb that reads.
func asFlag(f *pflag.FlagSet, as *string) {
	f.StringVar(as, "as", "", "`ACCOUNT` whose view answers (all that the node's curators see unless given)")
}

func (c *cli) find(ctx context.Context, as string, q api.Question, values []string) error {
	if q.Limit < 1 || q.Limit > lookup.MaxLimit {
		return usage("find: --limit %d: give 1 to %d", q.Limit, lookup.MaxLimit)
	}
	named := c.verbose || !slices.Contains(values, "-")
	q.Known = !c.json && !named
	out := bufio.NewWriterSize(c.stdout, 64<<10)
	list := jsonList{w: out}
	asked, known := 0, 0
	err := c.withNode(ctx, func(n *admin.Client) error {
		return c.inParts(values, min(api.MaxValues, api.MaxFindings/q.Limit), func(part []string) error {
			q.Values, asked = part, asked+len(part)
			var answers client.List[lookup.Answer]
			if err := n.As(as).Do(ctx, http.MethodPost, "/api/v1/find", q, &answers); err != nil {
				return asking(err)
			}
			for i := range answers.Items {
				a := &answers.Items[i]
				if len(a.Findings) > 0 {
					known++
				}
				if !c.json {
					printAnswer(out, a)
				} else if err := list.add(a); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err == nil && c.json {
		err = list.end()
	}
	if unknown := asked - known; err == nil && !c.json && !named && unknown > 0 {
		fmt.Fprintf(out, "nothing is known of %s\n", counted(unknown, known))
	}
	if err = errors.Join(err, out.Flush()); err != nil {
		return err
	}
	if known == 0 {
		return no()
	}
	return nil
}

// counted says how many values there are beside those known.
func counted(unknown, known int) string {
	other := ""
	if known > 0 {
		other = "other "
	}
	if unknown == 1 {
		return "1 " + other + "value"
	}
	return fmt.Sprintf("%d %svalues", unknown, other)
}

// inParts gives the values, those of standard input for "-", as many at a time
// as one request may ask for, which is most.
func (c *cli) inParts(values []string, most int, ask func([]string) error) error {
	var part []string
	flush := func() error {
		err := ask(part)
		part = part[:0]
		return err
	}
	size := 0
	add := func(value string) error {
		part, size = append(part, value), size+len(value)
		if len(part) == most || size > longestQuestion {
			size = 0
			return flush()
		}
		return nil
	}
	for _, value := range values {
		if value != "-" {
			if err := add(value); err != nil {
				return err
			}
			continue
		}
		lines := bufio.NewScanner(c.stdin)
		lines.Buffer(make([]byte, 0, 64<<10), longestLine)
		for lines.Scan() {
			if line := strings.TrimSpace(lines.Text()); line != "" {
				if err := add(line); err != nil {
					return err
				}
			}
		}
		if err := lines.Err(); err != nil {
			return fmt.Errorf("find: standard input: %w", err)
		}
	}
	if len(part) == 0 {
		return nil
	}
	return flush()
}

const (
	longestLine     = 1 << 20   // of standard input
	longestQuestion = 256 << 10 // bytes of values in one request, unless one alone is longer
)
