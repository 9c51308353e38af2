package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"entente/internal/spelling"
)

// setting is one flag of a verb, what it is set to, and by what.
type setting struct {
	Name     string `json:"name"`
	Value    string `json:"value"` // secrets are masked
	From     string `json:"from"`  // "default", "command line", a variable, or FILE:LINE
	Default  string `json:"default"`
	Variable string `json:"variable"` // that sets it
	Reload   bool   `json:"reload"`   // whether SIGHUP takes a new value
}

// secret marks flags whose values are not shown, reloads those that SIGHUP takes
// anew.
const (
	secret  = "entente_secret"
	reloads = "entente_reloads"
)

func mark(f *pflag.FlagSet, annotation string, names ...string) {
	for _, n := range names {
		if err := f.SetAnnotation(n, annotation, []string{"true"}); err != nil {
			panic(err) // there is no such flag
		}
	}
}

// settle gives each flag that the command line leaves open the value of the
// environment, else of the configuration file.
func (c *cli) settle(cmd *cobra.Command, _ []string) error {
	strays := c.strayVariables(cmd.Root())
	for _, s := range strays {
		if s.meant != "" {
			return usage("%w", s)
		}
	}
	for _, s := range strays {
		c.tell("entente: %v", s)
	}
	_, problems := c.resolve(cmd)
	if len(problems) > 0 {
		return usage("%w", problems[0])
	}
	return nil
}

// resolve settles the flags of a verb and tells where each value came from. It
// goes on after a problem, so that all of them can be told.
func (c *cli) resolve(cmd *cobra.Command) (all []setting, problems []error) {
	if v, ok := c.env("ENTENTE_CONFIG"); ok && c.config == "" {
		c.config = v
	}
	file, problems := readConfig(c.config, flagsByName(cmd.Root()))
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" {
			return
		}
		from := "default"
		variable := variable(f.Name)
		value, inEnv := c.env(variable)
		w, inFile := file[f.Name]
		switch {
		case f.Name == "config":
			if c.config != "" {
				from = variable
			}
			if f.Changed {
				from = commandLine
			}
		case f.Changed:
			from = commandLine
		case inEnv:
			from = variable
			if err := cmd.Flags().Set(f.Name, value); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", variable, wrongFlag(cmd, err)))
			}
		case inFile:
			from = w.place
			if _, isList := f.Value.(pflag.SliceValue); len(w.values) != 1 && !isList {
				problems = append(problems, fmt.Errorf("%s: %s takes one value here, not %d", w.place, f.Name, len(w.values)))
				return
			}
			for _, v := range w.values {
				if err := cmd.Flags().Set(f.Name, v); err != nil {
					problems = append(problems, fmt.Errorf("%s: %w", w.place, wrongFlag(cmd, err)))
				}
			}
		}
		all = append(all, describe(f, from))
	})
	return all, problems
}

const commandLine = "command line"

func describe(f *pflag.Flag, from string) setting {
	s := setting{Name: f.Name, Value: f.Value.String(), From: from, Default: f.DefValue,
		Variable: variable(f.Name), Reload: f.Annotations[reloads] != nil}
	if f.Annotations[secret] != nil && s.Value != "" {
		s.Value = "(secret)"
	}
	return s
}

const variablePrefix = "ENTENTE_"

// variable is a flag's name in the environment.
func variable(flag string) string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// stray is a variable of the environment that looks like a setting and is none.
type stray struct{ name, meant string }

// Error says so, and which setting seems to be meant.
func (s stray) Error() string {
	text := s.name + " in the environment is not a setting"
	if s.meant != "" {
		text += "; did you mean " + s.meant + "?"
	}
	return text
}

// strayVariables are those of the environment. One that nearly is a setting is a
// mistake, by which something would stay as it was; others are told alone, since
// some systems make such variables of the names of their services, as
// ENTENTE_PORT and ENTENTE_SERVICE_HOST.
func (c *cli) strayVariables(root *cobra.Command) (all []stray) {
	known := map[string]bool{}
	for name := range flagsByName(root) {
		known[variable(name)] = true
	}
	for _, pair := range c.environ() {
		name, value, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, variablePrefix) && !known[name] && value != "" {
			all = append(all, stray{name, misspelt(strings.TrimPrefix(name, variablePrefix), known)})
		}
	}
	return all
}

// misspelt is the variable that a name without its prefix is at most two letters
// away from, and not more than a letter for every four: short names are near to
// everything.
func misspelt(name string, known map[string]bool) string {
	best, least := "", 3
	for k := range known {
		right := strings.TrimPrefix(k, variablePrefix)
		d := spelling.Apart(strings.ToUpper(name), right)
		if d > max(len(name), len(right))/4 {
			continue
		}
		if d < least || d == least && k < best {
			best, least = k, d
		}
	}
	return best
}

// flagsByName are the flags of all verbs: one file and one environment serve
// them all.
func flagsByName(cmd *cobra.Command) map[string][]*pflag.Flag {
	all := map[string][]*pflag.Flag{}
	add := func(f *pflag.Flag) { all[f.Name] = append(all[f.Name], f) }
	cmd.PersistentFlags().VisitAll(add)
	cmd.LocalNonPersistentFlags().VisitAll(add)
	for _, sub := range cmd.Commands() {
		for name, flags := range flagsByName(sub) {
			all[name] = append(all[name], flags...)
		}
	}
	return all
}
