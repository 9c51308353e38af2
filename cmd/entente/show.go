package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"entente/internal/door/admin"
	"entente/internal/practice/lookup"
	"entente/internal/practice/playbook"
)

func (c *cli) showVerb() *cobra.Command {
	var as, version string
	var raw bool
	cmd := &cobra.Command{
		Use:   "show ID|VALUE",
		Short: "Tell all that is known of an object",
		Long: `Tells what an object is, who says so and to whom it may go, in plain words; then
its properties, and its versions with what changed from each to the next. Curators
are told what was kept aside under its id, too.

A value stands for the indicator that is about it, as for the verbs that write; where
several objects are meant, they are named, and entente find tells of each.

--raw writes the object as its producer wrote it, to the byte.

Exit codes: 0 shown, 1 there is no such object or version, 2 could not be done.`,
		Example: `  entente show 198.51.100.7
  entente show indicator--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0001
  entente show indicator--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0001 --raw > indicator.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := "/api/v1/objects/" + url.PathEscape(args[0])
			query := url.Values{}
			if version != "" {
				query.Set("version", version)
			}
			if raw {
				return c.showRaw(cmd.Context(), as, path+"/source", query)
			}
			var s lookup.Subject
			err := c.withNode(cmd.Context(), func(n *admin.Client) error {
				return n.As(as).Do(cmd.Context(), http.MethodGet, path+"/show?"+query.Encode(), nil, &s)
			})
			switch {
			case err != nil:
				return err
			case c.json:
				return c.printJSON(s)
			}
			printSubject(c.stdout, &s)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&version, "version", "", "show the version of this `TIMESTAMP` (the latest unless given)")
	f.BoolVar(&raw, "raw", false, "write the producer's bytes")
	asFlag(f, &as)
	return cmd
}

func (c *cli) showRaw(ctx context.Context, as, path string, query url.Values) error {
	return c.withNode(ctx, func(n *admin.Client) error {
		r, err := n.As(as).Stream(ctx, http.MethodGet, path, query, "", nil)
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = io.Copy(c.stdout, r)
		return err
	})
}

func printSubject(w io.Writer, s *lookup.Subject) {
	line := func(indent int, format string, args ...any) {
		fmt.Fprintf(w, "%*s%s\n", indent, "", printable(fmt.Sprintf(format, args...)))
	}
	line(0, "%s", headline(&s.Finding))
	line(2, "%s", details(&s.Finding))
	line(2, "TLP:%s: %s", strings.ToUpper(s.TLP), lookup.TLPWords(s.TLP))
	switch {
	case s.Withheld == 1:
		line(2, "1 part of it is withheld")
	case s.Withheld > 1:
		line(2, "%d parts of it are withheld", s.Withheld)
	}
	if !s.Latest {
		line(2, "this is the version of %s; a newer one is there", s.Version)
	}
	printListed(w, s.Lists)
	if s.Sightings != nil {
		line(2, "%s", timesSeen(s.Sightings))
	}
	printFeedback(line, s.Feedback)
	for _, m := range s.About {
		line(2, "%s", m.Words())
	}
	if s.MoreAbout {
		line(2, "and more; see entente neighbours %s", s.ID)
	}
	if _, err := playbook.Unwrap(s.Properties); err == nil {
		line(2, "carries a playbook; entente playbook show %s tells its steps", s.ID)
	}
	line(0, "")
	line(0, "Properties")
	printProperties(w, s.Properties)
	line(0, "")
	line(0, "History")
	if s.MoreHistory {
		line(2, "older versions are there and not told; --version shows one")
	}
	for i := range s.History {
		printVersion(w, &s.History[i], i, s.By)
	}
	for _, a := range s.Conflicts {
		line(2, "kept aside in %s: other content from %s", a.Collection, a.Source)
		printChanges(w, a.Changes)
	}
}

// printFeedback tells what sightings of an indicator do not.
func printFeedback(line func(int, string, ...any), f *lookup.Feedback) {
	if f == nil {
		return
	}
	if f.Misses > 0 {
		line(2, "looked for in vain: %d", f.Misses)
	}
	for _, said := range f.FalsePositives {
		why := ""
		if said.Why != "" {
			why = ": " + said.Why
		}
		line(2, "a false positive, says %s on %s%s", cmp.Or(said.By, "somebody who is not named"), day(said.At), shortened(why))
	}
	if more := f.Wrong - len(f.FalsePositives); more > 0 {
		line(2, "and %d others say so", more)
	}
}

// printProperties shows each property on a line, those that say what it is first.
func printProperties(w io.Writer, raw json.RawMessage) {
	var all map[string]json.RawMessage
	if json.Unmarshal(raw, &all) != nil {
		return
	}
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	lead := []string{"type", "id", "name", "value", "pattern", "description"}
	rank := func(name string) int {
		if i := slices.Index(lead, name); i >= 0 {
			return i
		}
		return len(lead)
	}
	slices.SortFunc(names, func(a, b string) int {
		if n := rank(a) - rank(b); n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	for _, name := range names {
		value := all[name]
		if name == "extensions" {
			value = longText.ReplaceAll(value, []byte(`"(left out here; --json has it)"`))
		}
		fmt.Fprintf(w, "  %s  %s\n", printable(name), printable(unquoted(value)))
	}
}

// longText is a text of an extension that nobody reads, as a playbook in base64.
var longText = regexp.MustCompile(`"[A-Za-z0-9+/=]{500,}"`)

// unquoted is a text without its quotes, other values as JSON on one line.
func unquoted(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return string(raw)
	}
	return b.String()
}

// printVersion tells of one version, and who brought it where that is somebody
// else than who says it.
func printVersion(w io.Writer, v *lookup.Content, i int, by string) {
	name := v.Version
	if name == "" {
		name = "without a version"
	}
	brought := ""
	if others := slices.DeleteFunc(slices.Clone(v.BroughtBy), func(org string) bool { return org == by }); len(others) > 0 {
		brought = ", brought by " + strings.Join(others, ", ")
	}
	fmt.Fprintf(w, "  %s  added %s to %s, TLP:%s%s\n", printable(name), day(v.Added), printable(strings.Join(v.Collections, ", ")), strings.ToUpper(v.TLP), printable(brought))
	if i > 0 && len(v.Changes) == 0 {
		fmt.Fprintln(w, "    says the same")
	}
	printChanges(w, v.Changes)
	if v.MoreChanges {
		fmt.Fprintln(w, "    and more changes")
	}
}

func printChanges(w io.Writer, changes []lookup.Difference) {
	for _, c := range changes {
		text := fmt.Sprintf("%s: %s → %s", c.Path, shortened(unquoted(c.Was)), shortened(unquoted(c.Is)))
		switch {
		case len(c.Was) == 0:
			text = fmt.Sprintf("%s: now %s", c.Path, shortened(unquoted(c.Is)))
		case len(c.Is) == 0:
			text = fmt.Sprintf("%s: no longer %s", c.Path, shortened(unquoted(c.Was)))
		}
		fmt.Fprintf(w, "    %s\n", printable(text))
	}
}
