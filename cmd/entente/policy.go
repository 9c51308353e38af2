package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"entente/client"
	"entente/internal/door/admin"
	"entente/stix"
)

func (c *cli) policyVerb() *cobra.Command {
	return group("policy", "Tell who may read what, and why",
		c.policyExplain(), c.policyCheck(), c.policyDiff(), c.policyTest())
}

func (c *cli) policyExplain() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "explain ID --as ACCOUNT|ORG",
		Short: "Tell whether somebody may read an object, and why",
		Long: `Tells of each version of an object whether an account, or a partner organisation,
may read it: what made it stricter than its own markings, and which parts are stricter
than the rest; every rule that was looked at, in the order of the decision, with what of
the markings and of the reader it was about; then every agreement. Of who may not read
all of it, the same of the copy that may be given in its stead. An organisation stands for an account of it that is in no group and asks for
defence.

Exit codes: 0 the newest version is read, or a copy of it, 1 it is not, or there is
no such object, account or organisation, 2 could not be done.`,
		Example: `  entente policy explain indicator--25d7a923-9655-57ec-a14f-563ff1360052 --as hub
  entente policy explain indicator--25d7a923-9655-57ec-a14f-563ff1360052 --as "Water ISAC"`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var found client.List[client.Explanation]
			err := c.withNode(cmd.Context(), func(n *admin.Client) error {
				return n.Do(cmd.Context(), http.MethodGet, "/api/v1/policy/explain?"+url.Values{"id": {args[0]}, "as": {as}}.Encode(), nil, &found)
			})
			if err != nil {
				return err
			}
			if c.json {
				err = c.printJSON(found.Items)
			} else {
				c.printExplanations(found.Items, as)
			}
			if err == nil && !readsNewest(found.Items) {
				return no()
			}
			return err
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "`ACCOUNT` or organisation that would read")
	_ = cmd.MarkFlagRequired("as")
	return cmd
}

// readsNewest tells whether the newest version is read in any collection.
func readsNewest(all []client.Explanation) bool {
	newest := ""
	for _, e := range all {
		if stix.CompareVersions(e.Modified, newest) > 0 {
			newest = e.Modified
		}
	}
	return slices.ContainsFunc(all, func(e client.Explanation) bool {
		return (e.Reads || e.Granted && e.Lacks > 0) && stix.CompareVersions(e.Modified, newest) == 0
	})
}

func (c *cli) printExplanations(all []client.Explanation, as string) {
	for _, e := range all {
		answer := "may not read"
		switch {
		case e.Granted && e.Lacks > 0:
			answer = fmt.Sprintf("reads a copy without %d of the parts of", e.Lacks)
		case e.Reads:
			answer = "reads"
		}
		version := ""
		if e.Modified != "" {
			version = " version " + e.Modified
		}
		fmt.Fprintf(c.stdout, "%s %s it in %s%s\n  its class is %s\n", printable(as), answer, e.Collection, version, printable(e.Class))
		for _, s := range e.Stricter {
			fmt.Fprintf(c.stdout, "  for %s\n", printable(s))
		}
		for _, s := range e.Unexplained {
			fmt.Fprintf(c.stdout, "  not explained: %s\n", printable(s))
		}
		c.printStep(client.PolicyStep{Rule: "the collection is granted to the reader", Holds: e.Granted})
		for _, s := range e.Steps {
			c.printStep(s)
		}
		c.printSo(e.Granted, e.Decision)
		if e.Copy == nil {
			continue
		}
		fmt.Fprintf(c.stdout, "  the class of a copy without these parts is %s\n", printable(e.Copy.Class))
		for _, s := range e.Copy.Steps {
			c.printStep(s)
		}
		c.printSo(e.Granted, e.Copy.Decision)
	}
}

func (c *cli) printStep(s client.PolicyStep) {
	mark, detail := "no ", ""
	if s.Holds {
		mark = "yes"
	}
	if s.Detail != "" {
		detail = " (" + s.Detail + ")"
	}
	fmt.Fprintf(c.stdout, "  %s %s\n", mark, printable(s.Rule+detail))
}

func (c *cli) printSo(granted bool, d client.Decision) {
	fmt.Fprintf(c.stdout, "  so: %s\n", printable(conclusion(granted, d)))
}

// conclusion is the answer in one line.
func conclusion(granted bool, d client.Decision) string {
	if !granted {
		return "the collection does not exist for the reader"
	}
	text := d.Reason
	if d.Agreement != "" {
		text += ", by agreement " + d.Agreement
	}
	if !d.Opens.IsZero() {
		text += "; from " + d.Opens.Format(time.RFC3339) + " on it may"
	}
	if !d.Ends.IsZero() {
		text += "; until " + d.Ends.Format(time.RFC3339)
	}
	return text
}

func (c *cli) policyCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "List agreements that can never apply and markings that contradict each other",
		Long: `Lists what may not do what it is for: agreements that are over, whose recipients
are nobody here, or that add nothing to what is built in; markings, of objects that are
here, that nothing explains (and why, where their definition is here), that contradict
each other, or that no partner can ever meet. Warns of markings that name an
organisation that is not known here.

Exit codes: 0 there is none but warnings, 1 there are some, 2 could not be done.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var out client.PolicyFindings
			err := c.withNode(cmd.Context(), func(n *admin.Client) error {
				return n.Do(cmd.Context(), http.MethodGet, "/api/v1/policy/check", nil, &out)
			})
			if err != nil {
				return err
			}
			if c.json {
				err = c.printJSON(out.Findings)
			} else if len(out.Findings) == 0 {
				fmt.Fprintln(c.stdout, "nothing is found")
			} else {
				c.printFindings(out.Findings)
			}
			if err == nil && slices.ContainsFunc(out.Findings, func(f client.PolicyFinding) bool { return !f.Warning }) {
				return no()
			}
			return err
		},
	}
}

func (c *cli) printFindings(all []client.PolicyFinding) {
	for _, f := range all {
		warning := ""
		if f.Warning {
			warning = "warning: "
		}
		fmt.Fprintf(c.stdout, "%s%s: %s\n", warning, printable(f.About), printable(f.Says))
	}
}

func (c *cli) policyDiff() *cobra.Command {
	return &cobra.Command{
		Use:   "diff [OLD] NEW",
		Short: "Tell who would gain or lose what by other agreements",
		Long: `Compares two files of agreements, or one with the agreements that are in force, over
all classes that objects have had here and all accounts, whatever is granted to them.
A file is a JSON array as "entente agreement list --json" writes it; "-" is standard
input. Agreements in it that are ended, over or replaced are left out. Where agreements
with somebody are for certain collections, each of these is told by itself, and all
others together. Nothing is changed.

Exit codes: 0 nobody gains or loses anything, 1 somebody does, 2 could not be done.`,
		Example: `  entente agreement list --json > draft.json
  entente policy diff draft.json`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			var draft client.PolicyDraft
			if draft.New, err = c.readAgreements(args[len(args)-1]); err != nil {
				return err
			}
			if len(args) == 2 {
				old, err := c.readAgreements(args[0])
				if err != nil {
					return err
				}
				draft.Old = &old
			}
			var out client.PolicyChanges
			err = c.withNode(cmd.Context(), func(n *admin.Client) error {
				return n.Do(cmd.Context(), http.MethodPost, "/api/v1/policy/diff", draft, &out)
			})
			if err != nil {
				return err
			}
			if c.json {
				err = c.printJSON(out)
			} else {
				c.printChanges(out)
			}
			if err == nil && len(out.Changes) > 0 {
				return no()
			}
			return err
		},
	}
}

func (c *cli) printChanges(out client.PolicyChanges) {
	for _, change := range out.Changes {
		word, why := "loses", change.After.Reason
		if change.After.Allow {
			word, why = "gains", "by agreement "+change.After.Agreement
		}
		class := printable(change.Class)
		if change.Collection != "" {
			class += " in " + change.Collection
		}
		fmt.Fprintf(c.stdout, "%s of %s %s %s: %s\n", change.Account, printable(change.Org), word, class, printable(why))
	}
	fmt.Fprintf(c.stdout, "%d changes for %d accounts over %d classes\n", len(out.Changes), out.Accounts, out.Classes)
}

// maxPolicyFile bounds a file of agreements or of expectations, in octets.
const maxPolicyFile = 1 << 20

// readPolicyFile reads a small file, or standard input.
func (c *cli) readPolicyFile(path string) ([]byte, error) {
	in := c.stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(in, maxPolicyFile+1))
	if err == nil && len(b) > maxPolicyFile {
		err = fmt.Errorf("%s is larger than 1 MiB", path)
	}
	return b, err
}

// readAgreements reads a file of agreements as they are listed.
func (c *cli) readAgreements(path string) ([]client.NewAgreement, error) {
	b, err := c.readPolicyFile(path)
	if err != nil {
		return nil, err
	}
	var listed []client.Agreement
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&listed); err != nil {
		return nil, fmt.Errorf("%s: %w; write a JSON array as entente agreement list --json does", path, err)
	}
	all := []client.NewAgreement{}
	for _, a := range listed {
		switch a.State {
		case "", "in force", "to come":
			all = append(all, client.NewAgreement{Name: a.Name, Kind: a.Kind, To: a.To, TLP: a.TLP, PAP: a.PAP, Terms: a.Terms,
				Purposes: a.Purposes, LegalGrounds: a.LegalGrounds, Review: a.Review, ReviewBeforeUse: a.ReviewBeforeUse, RetentionDays: a.RetentionDays, Collections: a.Collections, Transfers: a.Transfers, From: a.From, Until: a.Until, Note: a.Note})
		case "ended", "over", "replaced":
		default:
			return nil, fmt.Errorf("%s: agreement %s: state %q; there are in force, to come, over, ended and replaced", path, a.Name, a.State)
		}
	}
	return all, nil
}

func (c *cli) policyTest() *cobra.Command {
	return &cobra.Command{
		Use:   "test FILE",
		Short: "Hold decisions against a table of what is expected",
		Long: `Decides for each line of a table and tells which answers are not as expected. A line
is READER | CLASS | yes or no: an account or organisation, a class as it stands in
docs/reference/handling.md, and whether it may be read; purposes: and grounds: say in
it which are allowed, as in "tlp:green grounds:nis2-29". A head as Markdown has it, the
line above one of dashes, is passed over, whatever it says; so are "reader | class |
answer", empty lines and lines that begin with #. "-" is standard input. A class that
begins with in:COLLECTION is asked for in that collection; without it, what agreements
say of certain collections does not count.

Exit codes: 0 all are as expected, 1 some are not, or the table cannot be read, 2
could not be done.`,
		Example: `  echo 'hub | tlp:amber | no' | entente policy test -`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			b, err := c.readPolicyFile(args[0])
			if err != nil {
				return err
			}
			expected, err := parseExpectations(string(b))
			if err != nil {
				return saysNo{fmt.Errorf("%s: %w", args[0], err)}
			}
			return c.testPolicy(cmd, args[0], expected)
		},
	}
}

func (c *cli) testPolicy(cmd *cobra.Command, path string, expected []expectation) error {
	var cases client.PolicyCases
	for _, e := range expected {
		cases.Cases = append(cases.Cases, e.PolicyCase)
	}
	var out client.PolicyAnswers
	err := c.withNode(cmd.Context(), func(n *admin.Client) error {
		return n.Do(cmd.Context(), http.MethodPost, "/api/v1/policy/test", cases, &out)
	})
	if err != nil {
		return err
	}
	wrong := 0
	for i, d := range out.Decisions {
		if e := expected[i]; d.Allow != e.allow {
			wrong++
			c.printUnexpected(path, e, d)
		}
	}
	if c.json {
		err = c.printJSON(out.Decisions)
	} else {
		fmt.Fprintf(c.stdout, "%d of %d as expected\n", len(expected)-wrong, len(expected))
	}
	if err == nil && wrong > 0 {
		return no()
	}
	return err
}

func (c *cli) printUnexpected(path string, e expectation, d client.Decision) {
	answer := "may not read"
	if d.Allow {
		answer = "may read"
	}
	why := d.Reason
	if d.Agreement != "" {
		why += ", by agreement " + d.Agreement
	}
	c.tell("%s:%d: %s %s %s: %s", path, e.line, printable(e.As), answer, printable(e.Class), printable(why))
}
