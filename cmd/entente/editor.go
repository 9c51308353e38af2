package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"golang.org/x/term"

	"entente/internal/practice/author"
)

// sheetHelp is what every sheet says of itself.
const sheetHelp = `
Write PATH = VALUE, or PATH := JSON; a long text stands between lines of """.
Lines that begin with #, and properties without a value, count for nothing.
What can be filled in is filled in. To go back, leave the sheet as it is.`

// fault marks the lines that tell what was wrong with a text.
const fault = "#! "

// compose lets the writer edit a text until it is accepted. What is wrong with
// it is told on top of it, and it is opened again. A text that is left as it is,
// or emptied, ends it with nothing done.
func (c *cli) compose(ctx context.Context, first string, accept func(text string) error) error {
	editor, err := c.editor()
	if err != nil {
		return err
	}
	path, err := writeScratch(first)
	if err != nil {
		return fmt.Errorf("the text to edit: %w", err)
	}
	keep := false
	defer func() {
		if !keep {
			os.Remove(path)
		}
	}()
	shown := first
	for last := error(nil); ; {
		if err := c.runEditor(ctx, editor, path); err != nil {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("the edited text: %w", err)
		}
		text := withoutFaults(string(b))
		switch {
		case strings.TrimSpace(text) == "", text == shown && last == nil:
			return saysNo{errors.New("nothing was written: the text was left as it was")}
		case text == shown:
			return last
		}
		shown = text
		if last = accept(text); last == nil {
			return nil
		}
		if !saidNo(last) {
			keep = true
			return fmt.Errorf("%w; what you wrote is in %s", last, path)
		}
		if err := os.WriteFile(path, []byte(faults(last)+text), 0o600); err != nil {
			return fmt.Errorf("the edited text: %w", err)
		}
	}
}

// faults tells what is wrong with a text, in lines to put on top of it.
func faults(err error) string {
	var b strings.Builder
	for line := range strings.SplitSeq(strings.ReplaceAll(err.Error(), "; object", "\nobject"), "\n") {
		b.WriteString(fault + printable(line) + "\n")
	}
	return b.String()
}

// withoutFaults is the text without the lines that faults has written.
func withoutFaults(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, fault) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// writeScratch makes a file that its owner alone can read.
func writeScratch(text string) (string, error) {
	f, err := os.CreateTemp("", "entente-*.txt") // made 0600
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(f.Name())
	}
	return f.Name(), err
}

// editor is the program that edits, and its arguments.
func (c *cli) editor() ([]string, error) {
	visual, _ := c.env("VISUAL")
	plain, _ := c.env("EDITOR")
	command := cmp.Or(visual, plain)
	if command == "" && !term.IsTerminal(int(c.stdin.Fd())) {
		return nil, usage("there is nothing to write: give --set, --file or the like; or set EDITOR to write in an editor")
	}
	words, err := splitWords(cmp.Or(command, "vi"))
	if err != nil || len(words) == 0 {
		return nil, usage("EDITOR %q cannot be read as a program and its arguments", command)
	}
	return words, nil
}

// runEditor runs the editor itself, without a shell.
func (c *cli) runEditor(ctx context.Context, words []string, path string) error {
	cmd := exec.CommandContext(ctx, words[0], append(words[1:len(words):len(words)], path)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.stdin, c.stderr, c.stderr // results alone go to standard output
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("the editor %s: %w; set EDITOR to another, or give --set", words[0], err)
	}
	return nil
}

// splitWords cuts a command at its spaces, those in quotes excepted.
func splitWords(s string) (words []string, err error) {
	var word strings.Builder
	var quote rune
	begun := false
	for _, r := range s {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, begun = r, true
		case quote == 0 && (r == ' ' || r == '\t'):
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if begun {
		words = append(words, word.String())
	}
	if quote != 0 {
		return nil, errors.New("a quote is not closed")
	}
	return words, nil
}

// sheetObject reads a sheet; what is wrong with it is an answer of no.
func sheetObject(text string, base []byte) ([]byte, error) {
	raw, err := author.FromSheet(text, base, time.Now())
	if err != nil {
		return nil, saysNo{err}
	}
	return raw, nil
}
