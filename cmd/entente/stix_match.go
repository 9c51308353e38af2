package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"entente/internal/practice/intake"
	"entente/stix/pattern"
	"entente/stix/pattern/match"
)

func (c *cli) stixMatch() *cobra.Command {
	var most int64
	cmd := &cobra.Command{
		Use:   "match PATTERN FILE|DIR|-...",
		Short: "Hold a STIX pattern against observed-data",
		Long: `Looks for observed-data that satisfies a STIX pattern (STIX 2.1 section 9), and
prints which observation satisfied which part of it. Inputs are as for entente
import; the observed-data of all of them is one set of observations. With --json
it is one object: match, observations (how many were read), and bindings, a list
of offset (of the part in the pattern, in bytes), line, column, part, observation
(its id), file, first_observed, last_observed and times.

What the standard leaves open is decided in docs/reference/patterns.md.

Exit codes: 0 a match, 1 none, 2 could not be done: the pattern is refused, an
input could not be read, the search was given up, or there is no match but
observed-data that could not be used.`,
		Example: `  entente stix match "[ipv4-addr:value ISSUBSET '198.51.100.0/24']" observed.json
  zcat sensor.jsonl.gz | entente stix match "[file:name LIKE '%.exe'] REPEATS 5 TIMES WITHIN 60 SECONDS" -`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			return c.matchPattern(args[0], args[1:], intake.Limits{MaxBytes: most})
		},
	}
	sizeVar(cmd.Flags(), &most, "max-input", 256<<20, "most `BYTES` of one input, unpacked; all of it is kept in memory")
	return cmd
}

// binding is a part of a pattern and what satisfied it, as machines read it.
type binding struct {
	Offset      int       `json:"offset"`
	Line        int       `json:"line"`
	Column      int       `json:"column"`
	Part        string    `json:"part"`
	Observation string    `json:"observation,omitempty"`
	File        string    `json:"file"`
	First       time.Time `json:"first_observed"`
	Last        time.Time `json:"last_observed"`
	Times       int64     `json:"times"`
}

func (c *cli) matchPattern(text string, paths []string, limits intake.Limits) error {
	m, err := match.Compile(text)
	if refused, ok := errors.AsType[*match.Refused](err); ok {
		c.tell("pattern:%s\n%s", refused.Problem, strings.TrimSuffix(caret(text, refused.Line, refused.Column), "\n"))
		return fmt.Errorf("stix match: the pattern is refused")
	} else if err != nil {
		return fmt.Errorf("stix match: %w", err)
	}
	for _, p := range pattern.Check(text) {
		c.tell("pattern:%s", p)
	}
	all, files, err := c.observations(paths, limits)
	unusable, ok := errors.AsType[*unusableError](err)
	if err != nil && !ok {
		return err
	}
	found, err := m.Match(match.Plain(all))
	if err == nil && found == nil {
		unusable, err = c.unread(m, all, unusable)
	}
	if err != nil {
		return fmt.Errorf("stix match: %w", err)
	}
	if err := c.printMatch(text, found, all); err != nil {
		return err
	}
	seen := intake.Count(len(all), "observation") + " in " + intake.Count(files, "file")
	switch {
	case found != nil:
		c.tell("%s: match", seen)
		return nil
	case unusable != nil:
		return fmt.Errorf("stix match: %s: no match, but %w", seen, unusable)
	}
	c.tell("%s: no match", seen)
	if len(all) == 0 {
		c.tell("a pattern is matched against observed-data and what it refers to; objects by themselves are not observations")
	}
	return no()
}

// unusableError says that some observed-data could not be used.
type unusableError struct{ n int }

func (u *unusableError) Error() string {
	return intake.Count(u.n, "observation") + " could not be used"
}

// unread tells of texts that should be timestamps, without which there may be a match, and
// counts the observations among those that could not be used.
func (c *cli) unread(m *match.Matcher, all []match.Observed, unusable *unusableError) (*unusableError, error) {
	texts, err := m.Unread(match.Plain(all))
	of := map[int]bool{}
	for _, u := range texts {
		o := &all[u.Observation]
		c.tell("%s", printable(fmt.Sprintf("%s: %s: %s is %.40q, which is no timestamp; write it as 2024-05-01T12:00:00Z", o.Input, observedName(o.ID), u.Path, u.Text)))
		of[u.Observation] = true
	}
	if len(of) == 0 {
		return unusable, err
	}
	if unusable == nil {
		unusable = &unusableError{}
	}
	unusable.n += len(of)
	return unusable, err
}

// observations reads the observed-data of all inputs.
func (c *cli) observations(paths []string, limits intake.Limits) ([]match.Observed, int, error) {
	var r match.Reader
	files, unread := 0, 0
	for s, err := range intake.Sources(paths, c.stdin) {
		if err == nil {
			err = readObserved(&r, s, limits)
			files++
		}
		if err != nil {
			unread++
			c.tell("entente: stix match: %v", err)
		}
	}
	if unread > 0 {
		return nil, files, fmt.Errorf("stix match: %s could not be read", intake.Count(unread, "input"))
	}
	if files == 0 {
		return nil, 0, fmt.Errorf("stix match: no file in %v is named as STIX is (.json, .stix, .stix2, .jsonl, .ndjson); name the file itself", paths)
	}
	all, unusable := r.Observations()
	for _, err := range unusable {
		c.tell("%s", printable(err.Error()))
	}
	if len(unusable) > 0 {
		return all, files, &unusableError{len(unusable)}
	}
	return all, files, nil
}

func readObserved(r *match.Reader, s intake.Source, limits intake.Limits) error {
	content, err := s.Content(limits)
	if err != nil {
		return err
	}
	defer content.Close()
	return r.Read(s.Name, content)
}

func (c *cli) printMatch(text string, found *match.Match, all []match.Observed) error {
	bindings := []binding{}
	if found != nil {
		for _, b := range found.Bindings {
			o := &all[b.Observation]
			line, column := place(text, b.Offset)
			bindings = append(bindings, binding{b.Offset, line, column, b.Text, o.ID, o.Input, o.First, o.Last, b.Times})
		}
	}
	if c.json {
		return c.printJSON(struct {
			Match        bool      `json:"match"`
			Observations int       `json:"observations"`
			Bindings     []binding `json:"bindings"`
		}{found != nil, len(all), bindings})
	}
	part := -1
	for i := range bindings {
		b := &bindings[i]
		if b.Offset != part {
			part = b.Offset
			fmt.Fprintf(c.stdout, "%d:%d: %s is satisfied by\n", b.Line, b.Column, printable(b.Part))
		}
		fmt.Fprintf(c.stdout, "    %s\n", b)
	}
	return nil
}

// String says what was seen, when, how often and where that stands.
func (b *binding) String() string {
	out := printable(observedName(b.Observation)) + ", seen " + b.First.Format(time.RFC3339Nano)
	if !b.Last.Equal(b.First) {
		out += " to " + b.Last.Format(time.RFC3339Nano)
	}
	if b.Times > 1 {
		out += fmt.Sprintf(", %d times", b.Times)
	}
	return out + ", in " + printable(b.File)
}

func observedName(id string) string { return cmp.Or(id, "observed-data without id") }

// place is the line and column, from 1, of an offset in a pattern.
func place(text string, offset int) (line, column int) {
	before := text[:offset]
	start := strings.LastIndexByte(before, '\n') + 1
	return 1 + strings.Count(before, "\n"), 1 + len([]rune(before[start:]))
}
