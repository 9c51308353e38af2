package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"entente/internal/practice/intake"
)

func (c *cli) configVerb() *cobra.Command {
	g := group("config", "Show and check settings", c.configShow(), c.configCheck())
	// Settings are read by the verbs themselves, as those of another verb.
	g.PersistentPreRunE = func(*cobra.Command, []string) error { return nil }
	return g
}

func (c *cli) configShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show [VERB...]",
		Short: "Show a verb's settings and where each came from",
		Long: `Shows each setting of a verb (serve unless given), its value, and where that
came from: the command line, a variable of the environment, a line of the file
that --config or ENTENTE_CONFIG names, or the default, in that order. Secrets
are masked.

Exit codes: 0 shown, 2 could not be done, as when a setting is wrong.`,
		Example: `  entente config show --config /etc/entente/entente.json
  entente config show taxii pull --json`,
		RunE: func(cmd *cobra.Command, verb []string) error {
			of, err := c.verb(cmd, verb)
			if err != nil {
				return err
			}
			all, problems := c.resolve(of)
			if len(problems) > 0 {
				return usage("%w", problems[0])
			}
			return c.printSettings(all)
		},
	}
}

// verb is the verb whose settings are asked for, under the flags that all verbs
// share as they are given here.
func (c *cli) verb(cmd *cobra.Command, names []string) (*cobra.Command, error) {
	if len(names) == 0 {
		names = []string{"serve"}
	}
	of, rest, err := cmd.Root().Find(names)
	if err != nil || len(rest) > 0 || of.HasSubCommands() {
		return nil, usage("config %s: %q is not a verb; see entente --help", cmd.Name(), strings.Join(names, " "))
	}
	return of, of.ParseFlags(nil) // which adds those that all verbs share
}

func (c *cli) printSettings(all []setting) error {
	if c.json {
		return c.printJSON(all)
	}
	w := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "SETTING\tVALUE\tFROM")
	for _, s := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Name, s.Value, s.From)
	}
	return w.Flush()
}

func (c *cli) configCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "check [VERB...]",
		Short: "Check the file and the environment for mistakes",
		Long: `Checks the file that --config or ENTENTE_CONFIG names, and the environment: names
that no setting has, values of the wrong type or out of bounds, files that are
not there. Prints one problem a line. The values of a verb (serve unless given)
are checked together, as that verb would.

Exit codes: 0 nothing is wrong, 1 something is, 2 could not be done.`,
		Example: `  entente config check --config /etc/entente/entente.json`,
		RunE: func(cmd *cobra.Command, verb []string) error {
			of, err := c.verb(cmd, verb)
			if err != nil {
				return err
			}
			all, problems := c.resolve(of)
			if len(problems) == 0 && of.PreRunE != nil {
				if err := of.PreRunE(of, nil); err != nil {
					problems = append(problems, err)
				}
			}
			var told []error
			for _, s := range c.strayVariables(cmd.Root()) {
				told = append(told, s)
			}
			return c.printChecked(all, append(told, problems...))
		},
	}
}

func (c *cli) printChecked(all []setting, problems []error) error {
	told := []string{}
	for _, p := range problems {
		told = append(told, p.Error())
	}
	if c.json {
		if err := c.printJSON(told); err != nil {
			return err
		}
	} else {
		for _, p := range told {
			c.tell("%s", p)
		}
	}
	if len(problems) > 0 {
		c.tell("%s", intake.Count(len(problems), "problem"))
		return no()
	}
	set := 0
	for _, s := range all {
		if s.From != "default" {
			set++
		}
	}
	if !c.json {
		c.tell("nothing is wrong; %s set, the others have their defaults", intake.Count(set, "setting"))
	}
	return nil
}
