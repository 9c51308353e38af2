package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// settle gives each flag that the command line leaves open the value of the
// environment, else of the configuration file.
func (c *cli) settle(cmd *cobra.Command, _ []string) error {
	if v, ok := c.env("ENTENTE_CONFIG"); ok && c.config == "" {
		c.config = v
	}
	file, err := readConfig(c.config, known(cmd.Root()))
	if err != nil {
		return usage("%w", err)
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Changed || err != nil || f.Name == "help" || f.Name == "config" {
			return
		}
		name := variable(f.Name)
		if v, ok := c.env(name); ok {
			if serr := cmd.Flags().Set(f.Name, v); serr != nil {
				err = usage("%s: %w", name, wrongFlag(serr))
			}
			return
		}
		for _, v := range file[f.Name] {
			if serr := cmd.Flags().Set(f.Name, v); serr != nil {
				err = usage("%s: %w", c.config, wrongFlag(serr))
			}
		}
	})
	return err
}

// variable is a flag's name in the environment.
func variable(flag string) string {
	return "ENTENTE_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// known are the names of all flags of all verbs: one file serves them all.
func known(cmd *cobra.Command) map[string]bool {
	names := map[string]bool{}
	add := func(f *pflag.Flag) { names[f.Name] = true }
	cmd.PersistentFlags().VisitAll(add)
	cmd.Flags().VisitAll(add)
	for _, sub := range cmd.Commands() {
		for n := range known(sub) {
			names[n] = true
		}
	}
	return names
}

// readConfig reads a file of settings. A name that no flag has is a mistake
// that would otherwise be silent.
func readConfig(path string, known map[string]bool) (map[string][]string, error) {
	if path == "" {
		return nil, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var raw map[string]any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber() // a number is given to its flag as it is written
	if err = d.Decode(&raw); err == nil && d.More() {
		err = errors.New("more than one object")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w; write a JSON object of flags' names and values, as {\"listen\": \"127.0.0.1:8470\"}", path, err)
	}
	settings := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		if !known[name] {
			return nil, fmt.Errorf("%s: %q is not the name of a flag", path, name)
		}
		values, ok := raw[name].([]any)
		if !ok {
			values = []any{raw[name]}
		}
		for _, v := range values {
			settings[name] = append(settings[name], fmt.Sprint(v))
		}
	}
	return settings, nil
}
