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
when, how sure, and whether it still holds. What holds comes first.

A value is an IP address or prefix, a domain, a URL, an e-mail address, a hash, a
CVE, an AS number, a wallet, a file name, a certificate's serial or fingerprint, a
registry key, a user agent or a name. Defanged forms are understood, as
hxxp://evil[.]example. Prefixes that hold an address and the domains above a name
are looked up, too, and said to be wider. With - values are read from standard
input, one a line.

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
	if q.Limit < 1 {
		return usage("find: --limit %d: give at least 1", q.Limit)
	}
	answers := []lookup.Answer{}
	known := false
	err := c.withNode(ctx, func(n *admin.Client) error {
		return c.inParts(values, func(part []string) error {
			q.Values = part
			return ask(ctx, n, q, func(a lookup.Answer) {
				known = known || len(a.Findings) > 0
				if c.json {
					answers = append(answers, a)
				} else {
					c.printAnswer(a)
				}
			})
		})
	})
	if err == nil && c.json {
		err = c.printJSON(answers)
	}
	if err != nil {
		return err
	}
	if !known {
		return no()
	}
	return nil
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
	add := func(value string) error {
		if part = append(part, value); len(part) == admin.MaxQuestion {
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

// ask sends one question and gives each answer.
func ask(ctx context.Context, n *admin.Client, q admin.Question, each func(lookup.Answer)) error {
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
		var line struct {
			lookup.Answer
			Error string `json:"error"`
		}
		if err := d.Decode(&line); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("the node's answer ended early: %w", err)
		}
		if line.Error != "" {
			return errors.New(line.Error)
		}
		each(line.Answer)
	}
}

// printAnswer tells what is known of one value.
func (c *cli) printAnswer(a lookup.Answer) {
	switch {
	case len(a.Readings) == 0:
		fmt.Fprintf(c.stdout, "%s: this is no value that can be looked up\n", printable(a.Asked))
		return
	case len(a.Findings) == 0:
		fmt.Fprintf(c.stdout, "%s: nothing is known\n", printable(a.Asked))
		return
	}
	fmt.Fprintf(c.stdout, "%s\n", printable(a.Asked))
	for i := range a.Findings {
		fmt.Fprintf(c.stdout, "  %s\n    %s\n", printable(headline(&a.Findings[i])), printable(details(&a.Findings[i])))
	}
	if a.More {
		fmt.Fprintln(c.stdout, "  and more; ask with a higher --limit")
	}
}

// headline says what a finding is.
func headline(f *lookup.Finding) string {
	s := f.Type
	if f.Name != "" {
		s += " " + f.Name
	}
	if len(f.Says) > 0 {
		s += " (" + strings.Join(f.Says, ", ") + ")"
	}
	if f.Wider != "" {
		s += ", of the " + f.Wider + " " + f.Matched
	}
	return s
}

// details says who, since when, how sure, and whether it holds.
func details(f *lookup.Finding) string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if f.State != "" {
		add("%s", f.State)
	}
	if f.By != "" {
		add("by %s", f.By)
	}
	if f.Since != "" {
		add("since %s", day(f.Since))
	}
	if f.Until != "" {
		add("until %s", day(f.Until))
	}
	if f.Confidence != nil {
		add("confidence %d", *f.Confidence)
	}
	add("in %s", f.Collection)
	add("%s", f.ID)
	return strings.Join(parts, ", ")
}

// day is the date of a timestamp.
func day(timestamp string) string {
	day, _, _ := strings.Cut(timestamp, "T")
	return day
}
