package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// misused is the error of a command line that cannot be understood.
type misused struct{ error }

func usage(format string, args ...any) error { return misused{fmt.Errorf(format, args...)} }

// explain makes a verb, and the verbs below it, answer a wrong count of
// arguments with how it is written.
func explain(cmd *cobra.Command) {
	if check := cmd.Args; check != nil && !cmd.HasSubCommands() {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if check(cmd, args) != nil {
				return usage("write it as: %s; see %s --help", strings.TrimSuffix(cmd.UseLine(), " [flags]"), cmd.CommandPath())
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		explain(sub)
	}
}

// wrongFlag says in the words of the command line why a flag cannot be taken.
func wrongFlag(err error) error {
	wrong, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok {
		return usage("%w; see --help", err)
	}
	f := wrong.GetFlag()
	what := map[string]string{
		"bool": "true or false", "int": "a whole number", "int64": "a whole number",
		"float64": "a number", "duration": "a duration, as 5s",
	}[f.Value.Type()]
	if what == "" {
		return usage("%w", err)
	}
	return usage("--%s %q: give %s", f.Name, wrong.GetValue(), what)
}
