package main

import (
	"bufio"
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"entente/internal/practice/intake"
	"entente/stix"
)

func (c *cli) stixVerb() *cobra.Command {
	return group("stix", "Check STIX; needs no node", c.stixValidate(), c.stixPattern(), c.stixMatch())
}

// validating is one validate verb.
type validating struct {
	strict, all bool
	maxSize     int64

	files, errors, warnings, unread int

	out  *bufio.Writer
	list jsonList // with --json
}

// What is printed for people is cut off: of one rule, as many findings of one
// input are shown, and the rest counted. Whoever breaks a SHOULD once does it in
// every object.
const (
	mostErrors   = 1000
	mostWarnings = 20
)

// located is a finding with the file it is in.
type located struct {
	File string `json:"file"`
	stix.Finding
}

func (c *cli) stixValidate() *cobra.Command {
	var v validating
	cmd := &cobra.Command{
		Use:   "validate FILE|DIR|-... [--strict]",
		Short: "Hold STIX against the specification",
		Long: `Holds every object against STIX 2.1: each MUST that is broken is an error, each
SHOULD a warning. Of a bundle, versions of one object are held against each
other, translations against what they translate, and extensions against their
definitions, where both are in it. Inputs are as for entente import. Prints one finding a line,
as file:line:column: error: what is wrong; what would be right. Of one rule it
prints 1000 errors and 20 warnings an input and counts the rest. With --json it
is one list of all findings, empty when there is none, each an object: file,
severity (error or warning), object (its id), index (its place in the input, -1
for what holds it), path, rule, section, message, fix, line and column.

Exit codes: 0 no error, 1 an error (with --strict, or a warning), 2 an input
could not be read.`,
		Example: `  entente stix validate bundle.json
  curl -s https://feeds.example/stix.json | entente stix validate --json -`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, paths []string) error { return c.validate(&v, paths) },
	}
	f := cmd.Flags()
	f.BoolVar(&v.strict, "strict", false, "count warnings as errors")
	f.BoolVar(&v.all, "all", false, "print all findings, however many are alike")
	sizeVar(f, &v.maxSize, "max-object", 1<<20, "most `BYTES` of one object")
	return cmd
}

func (c *cli) validate(v *validating, paths []string) error {
	v.out = bufio.NewWriterSize(c.stdout, 64<<10)
	if c.json {
		v.list.w = v.out
	}
	for s, err := range intake.Sources(paths, c.stdin) {
		if err == nil {
			err = c.validateSource(v, s)
		}
		if err != nil {
			v.unread++
			c.tell("entente: stix validate: %v", err)
		}
	}
	if err := v.list.end(); err != nil {
		return err
	}
	if err := v.out.Flush(); err != nil {
		return err
	}
	c.tell("%s: %s, %s", intake.Count(v.files, "file"), intake.Count(v.errors, "error"), intake.Count(v.warnings, "warning"))
	switch {
	case v.unread > 0:
		return fmt.Errorf("stix validate: %s could not be read", intake.Count(v.unread, "input"))
	case v.files == 0:
		return fmt.Errorf("stix validate: no file in %v is named as STIX is (.json, .stix, .stix2, .jsonl, .ndjson); name the file itself", paths)
	case v.errors > 0 || v.strict && v.warnings > 0:
		return no()
	}
	return nil
}

func (c *cli) validateSource(v *validating, s intake.Source) error {
	content, err := s.Content(intake.Limits{})
	if err != nil {
		return err
	}
	defer content.Close()
	v.files++
	alike := make(map[kind]int)
	for f, err := range stix.ValidateAll(content, stix.MaxObjectSize(int(v.maxSize))) {
		if err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		most := mostWarnings
		if f.Severity == stix.Error {
			v.errors++
			most = mostErrors
		} else {
			v.warnings++
		}
		k := kind{f.Severity, f.Rule}
		switch alike[k]++; {
		case c.json:
			err = v.list.add(located{s.Name, f})
		case v.all || alike[k] <= most:
			_, err = fmt.Fprintf(v.out, "%s:%d:%d: %s: %s\n", s.Name, f.Line, f.Column, f.Severity, f)
		}
		if err != nil {
			return err
		}
	}
	if !c.json && !v.all {
		v.printRest(s.Name, alike)
	}
	return v.out.Flush()
}

// kind is what makes findings alike.
type kind struct {
	severity stix.Severity
	rule     string
}

// printRest tells how many findings of each kind were not printed.
func (v *validating) printRest(file string, alike map[kind]int) {
	byRule := func(a, b kind) int { return cmp.Or(cmp.Compare(a.severity, b.severity), cmp.Compare(a.rule, b.rule)) }
	for _, k := range slices.SortedFunc(maps.Keys(alike), byRule) {
		most := mostWarnings
		if k.severity == stix.Error {
			most = mostErrors
		}
		if n := alike[k] - most; n > 0 {
			fmt.Fprintf(v.out, "%s: %s: %d more of %s; --all prints them\n", file, k.severity, n, k.rule)
		}
	}
}
