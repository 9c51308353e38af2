package main

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"entente/internal/spelling"
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
func wrongFlag(cmd *cobra.Command, err error) error {
	if none, ok := errors.AsType[*pflag.NotExistError](err); ok {
		known := map[string]bool{}
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known[f.Name] = true })
		meant := spelling.Nearest(none.GetSpecifiedName(), maps.Keys(known))
		if meant != "" {
			meant = "; did you mean --" + meant + "?"
		}
		return usage("%w%s; see %s --help", err, meant, cmd.CommandPath())
	}
	wrong, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok {
		return usage("%w; see --help", err)
	}
	f := wrong.GetFlag()
	return usage("--%s %q: give %s, as %s", f.Name, wrong.GetValue(), wanted(f), exampleOf(f))
}
