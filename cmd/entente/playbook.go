package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"entente/internal/door/admin"
	"entente/internal/door/api"
	"entente/internal/practice/author"
	"entente/internal/practice/playbook"
)

func (c *cli) playbookVerb() *cobra.Command {
	return group("playbook", "Check, share and follow CACAO 2.0 playbooks",
		c.playbookCheck(), c.playbookImport(), c.playbookShow(), c.playbookTick())
}

func (c *cli) playbookCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE|-",
		Short: "Hold a playbook against CACAO 2.0; needs no node",
		Long: `Tells what breaks CACAO 2.0 in a playbook or cannot be followed: identifiers, types
of steps and commands, what steps need, steps that are named and not there, that are
never come to, or that lead back.

Exit codes: 0 nothing is wrong, 1 something is, 2 it could not be read.`,
		Example: "  entente playbook check ransomware.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			p, _, err := c.readPlaybook(args[0])
			if err != nil {
				return usage("playbook check: %w", err)
			}
			found := p.Check()
			if c.json {
				if err := c.printJSON(append([]playbook.Finding{}, found...)); err != nil {
					return err
				}
			} else {
				for _, f := range found {
					fmt.Fprintf(c.stdout, "%s: %s\n", printable(f.At), printable(f.Message))
				}
			}
			if len(found) > 0 {
				return no()
			}
			c.tell("%s has %d steps, and nothing is wrong", args[0], len(p.Workflow))
			return nil
		},
	}
}

// readPlaybook reads a file.
func (c *cli) readPlaybook(path string) (*playbook.Playbook, []byte, error) {
	raw, err := c.readFile(path)
	if err != nil {
		return nil, nil, err
	}
	p, err := playbook.Read(raw)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, raw, nil
}

func (c *cli) playbookImport() *cobra.Command {
	var as, replaces string
	var o author.NewObject
	cmd := &cobra.Command{
		Use:   "import FILE|- [--collection ALIAS] [--tlp LABEL] [--replaces ID]",
		Short: "Publish a playbook as a course of action",
		Long: `Publishes a course of action in the name of your organisation that carries the
playbook, its bytes as they are, and prints its id, which follows from the
playbook's. Relate it to what it is against: entente relate ID mitigates MALWARE.
What is wrong with the playbook is refused; see entente playbook check. A playbook that
was changed since is carried by a new version of the object that --replaces names.

Exit codes: 0 published, or there already, 1 refused, 2 could not be done.`,
		Example: "  entente playbook import ransomware.json --collection feeds --tlp green",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, raw, err := c.readPlaybook(args[0])
			if err != nil {
				return usage("playbook import: %w", err)
			}
			if found := p.Check(); len(found) > 0 {
				return saysNo{fmt.Errorf("%s: %s: %s; entente playbook check tells all", args[0], printable(found[0].At), printable(found[0].Message))}
			}
			if replaces != "" {
				return c.replacePlaybook(cmd.Context(), as, replaces, p, raw)
			}
			if o.Properties, err = playbook.Wrap(p, raw); err != nil {
				return err
			}
			if o.Type = "course-of-action"; o.Key == "" {
				o.Key = p.ID
			}
			return orReplace(c.write(cmd.Context(), as, "/author", o, "published"))
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Collection, "collection", "", "`ALIAS` of the collection (default unless given)")
	f.StringVar(&o.TLP, "tlp", "", "TLP `LABEL`; the collection's default unless given")
	f.StringVar(&replaces, "replaces", "", "`ID` of the object of yours that carries an older version of the playbook")
	f.StringVar(&o.Key, "key", "", "`NAME` from which the object's id follows; the playbook's id unless given")
	f.StringVar(&as, "as", "", "`ACCOUNT` that writes (the operator unless given)")
	return cmd
}

var anAdvice = regexp.MustCompile(`course-of-action--[0-9a-f-]{36}`)

// orReplace says of a playbook that is there in another version how it is replaced.
func orReplace(err error) error {
	e, ok := errors.AsType[*admin.Refusal](err)
	if !ok || e.Code != string(api.Exists) {
		return err
	}
	id := anAdvice.FindString(e.Reason)
	if id == "" || !strings.Contains(e.Reason, "differs in ") {
		return err
	}
	return saysNo{fmt.Errorf("%s carries another version of this playbook; with --replaces %[1]s it takes its place", id)}
}

// replacePlaybook has an object carry a newer version of its playbook.
func (c *cli) replacePlaybook(ctx context.Context, as, id string, p *playbook.Playbook, raw []byte) error {
	var standing playbook.Carried
	if err := c.ask(ctx, as, http.MethodGet, "/playbooks/"+url.PathEscape(id), nil, &standing); err != nil {
		return err
	}
	if standing.Playbook != p.ID {
		return saysNo{fmt.Errorf("%s carries the playbook %s, and this is %s: import it without --replaces", id, printable(standing.Playbook), printable(p.ID))}
	}
	patch, err := playbook.Patch(p, raw)
	if err != nil {
		return err
	}
	return c.write(ctx, as, "/objects/"+url.PathEscape(id)+"/edit", author.Edit{Patch: patch}, "published")
}

func (c *cli) playbookShow() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "show ID|FILE",
		Short: "Print a playbook as numbered instructions",
		Long: `Prints a playbook, out of a file or of the object that carries it, as numbered
instructions for people, with who has done what. Commands are printed; none is
ever run.

Exit codes: 0 printed, 1 there is no such object, or it carries no playbook, 2 could
not be done.`,
		Example: "  entente playbook show ransomware.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := os.Stat(args[0]); err == nil {
				p, _, err := c.readPlaybook(args[0])
				if err != nil {
					return usage("playbook show: %w", err)
				}
				return c.printPlaybook(&playbook.Carried{Playbook: p.ID, Name: p.Name, Description: p.Description, Instructions: p.Instructions()})
			}
			return c.playbookOf(cmd.Context(), as, http.MethodGet, args[0], "", nil)
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "`ACCOUNT` whose view answers (the operator unless given)")
	return cmd
}

func (c *cli) playbookTick() *cobra.Command {
	var as string
	var t api.StepTick
	cmd := &cobra.Command{
		Use:   "tick ID STEP [--undo]",
		Short: "Say that a step is done",
		Long: `Notes that you have done a step, by its number or id, of the playbook that an object
carries, and prints the playbook. Who has ticked what when is kept, also what was
taken back by --undo; it is for your own organisation alone. Where a newer version of the
playbook says something else in a step, who did the former one stays told and counts no more.

Exit codes: 0 noted, 1 there is no such object or step, 2 could not be done.`,
		Example: "  entente playbook tick course-of-action--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0001 2 --as ana",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			t.Step = args[1]
			return c.playbookOf(cmd.Context(), as, http.MethodPost, args[0], "/ticks", t)
		},
	}
	cmd.Flags().BoolVar(&t.Undo, "undo", false, "it is not done after all")
	cmd.Flags().StringVar(&as, "as", "", "`ACCOUNT` that has done it (the operator unless given)")
	return cmd
}

// playbookOf asks the node for the playbook of an object, and prints it.
func (c *cli) playbookOf(ctx context.Context, as, method, id, below string, in any) error {
	var p playbook.Carried
	if err := c.ask(ctx, as, method, "/playbooks/"+url.PathEscape(id)+below, in, &p); err != nil {
		return err
	}
	return c.printPlaybook(&p)
}

func (c *cli) printPlaybook(p *playbook.Carried) error {
	if c.json {
		return c.printJSON(p)
	}
	out := bufio.NewWriter(c.stdout)
	fmt.Fprintln(out, printable(p.Name))
	writeLines(out, "", p.Description)
	for _, f := range p.Findings {
		fmt.Fprintf(out, "wrong: %s\n", printable(f))
	}
	for _, i := range p.Instructions {
		mark := " "
		if playbook.Done(i.Done) {
			mark = "x"
		}
		fmt.Fprintf(out, "\n%d. [%s] %s (%s)\n", i.Number, mark, printable(i.Title), printable(i.Type))
		for _, line := range append(i.Lines, i.Then...) {
			writeLines(out, "   ", line)
		}
		for _, t := range i.Done {
			what := "done"
			if t.Undo {
				what = "taken back"
			}
			before := ""
			if t.Former {
				before = ", before the step was changed"
			}
			fmt.Fprintf(out, "   %s by %s, %s%s\n", what, t.By, t.At.Format(time.RFC3339), before)
		}
	}
	return out.Flush()
}

// writeLines writes a text of others line by line.
func writeLines(out io.Writer, indent, text string) {
	if text == "" {
		return
	}
	for _, line := range strings.Split(text, "\n") {
		fmt.Fprintf(out, "%s%s\n", indent, printable(line))
	}
}
