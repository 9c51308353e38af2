package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"entente/internal/door/admin"
	"entente/internal/practice/lookup"
)

func (c *cli) findVerb() *cobra.Command {
	var q admin.Question
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
are looked up, too, and said to be wider.

With - values are read from standard input, one a line; those of which nothing
is known are counted at the end, and named with -v.

Exit codes: 0 something is known, 1 nothing is, 2 could not be done.`,
		Example: `  entente find 198.51.100.7 evil[.]example
  cut -f1 proxy.log | sort -u | entente find - --json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, values []string) error { return c.find(cmd.Context(), q, values) },
	}
	f := cmd.Flags()
	f.IntVar(&q.Limit, "limit", lookup.DefaultLimit, "`N` objects to tell of each value")
	f.StringVar(&q.As, "as", "", "`ACCOUNT` whose view answers (all that the node's curators see unless given)")
	return cmd
}

func (c *cli) find(ctx context.Context, q admin.Question, values []string) error {
	if q.Limit < 1 || q.Limit > lookup.MaxLimit {
		return usage("find: --limit %d: give 1 to %d", q.Limit, lookup.MaxLimit)
	}
	named := c.verbose || !contains(values, "-")
	q.Known = !c.json && !named
	out := bufio.NewWriterSize(c.stdout, 64<<10)
	list := jsonList{w: out}
	asked, known := 0, 0
	err := c.withNode(ctx, func(n *admin.Client) error {
		return c.inParts(values, func(part []string) error {
			q.Values, asked = part, asked+len(part)
			return ask(ctx, n, q, func(a *lookup.Answer) error {
				if len(a.Findings) > 0 {
					known++
				}
				if c.json {
					return list.add(a)
				}
				printAnswer(out, a)
				return nil
			})
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

func contains(values []string, value string) bool {
	for _, v := range values {
		if v == value {
			return true
		}
	}
	return false
}

// inParts gives the values, those of standard input for "-", as many at a time
// as one request may ask for.
func (c *cli) inParts(values []string, ask func([]string) error) error {
	var part []string
	flush := func() error {
		err := ask(part)
		part = part[:0]
		return err
	}
	size := 0
	add := func(value string) error {
		part, size = append(part, value), size+len(value)
		if len(part) == admin.MaxQuestion || size > longestQuestion {
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

// ask sends one question and gives each answer.
func ask(ctx context.Context, n *admin.Client, q admin.Question, each func(*lookup.Answer) error) error {
	body, err := json.Marshal(q)
	if err != nil {
		return err
	}
	r, err := n.Stream(ctx, http.MethodPost, "/find", nil, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer r.Close()
	for d := json.NewDecoder(r); ; {
		var a lookup.Answer
		if err := d.Decode(&a); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("the node's answer ended early: %w", err)
		}
		if err := each(&a); err != nil {
			return err
		}
	}
}
