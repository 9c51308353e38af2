package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"entente/stix/pattern"
)

func (c *cli) stixPattern() *cobra.Command {
	var strict bool
	cmd := &cobra.Command{
		Use:   "pattern PATTERN",
		Short: "Check a STIX pattern",
		Long: `Checks one STIX pattern (STIX 2.1 section 9): its grammar, and the rules beyond.
Prints what is wrong with the place, like a compiler. With --json it is one
object: valid, and problems, a list of severity (error or warning), offset (in
bytes, from 0), line, column, rule, section, message and fix.

Exit codes: 0 no error, 1 an error (with --strict, or a warning), 2 could not be
done.`,
		Example: `  entente stix pattern "[ipv4-addr:value = '198.51.100.1']"`,
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return c.checkPattern(args[0], strict) },
	}
	cmd.Flags().BoolVar(&strict, "strict", false, "count warnings as errors")
	return cmd
}

// problem is a problem of a pattern as machines read it.
type problem struct {
	Severity string `json:"severity"`
	Offset   int    `json:"offset"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Rule     string `json:"rule"`
	Section  string `json:"section"`
	Message  string `json:"message"`
	Fix      string `json:"fix,omitempty"`
}

func (c *cli) checkPattern(text string, strict bool) error {
	wrong := false
	shown := []problem{}
	for _, p := range pattern.Check(text) {
		wrong = wrong || strict || p.Severity == pattern.SeverityError
		shown = append(shown, problem{p.Severity.String(), p.Offset, p.Line, p.Column, p.Rule, p.Section, p.Message, p.Fix})
		if !c.json {
			fmt.Fprintf(c.stdout, "pattern:%s\n%s", p, caret(text, p.Line, p.Column))
		}
	}
	if c.json {
		answer := struct {
			Valid    bool      `json:"valid"`
			Problems []problem `json:"problems"`
		}{!wrong, shown}
		if err := c.printJSON(answer); err != nil {
			return err
		}
	}
	if wrong {
		return no()
	}
	if !c.json {
		c.tell("the pattern is valid")
	}
	return nil
}

// caret shows a line and, under it, a mark at the column.
func caret(text string, line, column int) string {
	lines := strings.Split(text, "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	shown := []rune(printable(lines[line-1]))
	const around = 60 // characters on either side of the mark
	start := max(0, column-1-around)
	end := min(len(shown), column-1+around)
	if start > end {
		return ""
	}
	return fmt.Sprintf("    %s\n    %s^\n", string(shown[start:end]), strings.Repeat(" ", column-1-start))
}
