package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The references of docs are made from the verbs: go test -run Reference -update
// ./cmd/entente writes them.

const madeFromCode = "<!-- Made by go test ./cmd/entente -run Reference -update; do not edit. -->\n\n"

func testRoot() *cobra.Command {
	none := func(string) (string, bool) { return "", false }
	return (&cli{env: none, environ: func() []string { return nil }}).root()
}

func TestReferenceOfVerbs(t *testing.T) {
	var b strings.Builder
	root := testRoot()
	b.WriteString("# Verbs\n\n" + madeFromCode + root.Long + "\n\nFor all verbs:\n\n```text\n" +
		root.PersistentFlags().FlagUsages() + "```\n")
	writeVerbs(&b, root)
	golden(t, "../../docs/reference/verbs.md", b.String())
}

func writeVerbs(b *strings.Builder, of *cobra.Command) {
	for _, v := range of.Commands() {
		if !v.IsAvailableCommand() || v.Name() == "completion" || v.Name() == "help" {
			continue
		}
		if v.HasSubCommands() {
			writeVerbs(b, v)
			continue
		}
		fmt.Fprintf(b, "\n## %s\n\n```text\n%s\n\n%s\n", v.CommandPath(), strings.TrimSuffix(v.UseLine(), " [flags]"), strings.TrimSpace(v.Long))
		if flags := v.LocalNonPersistentFlags().FlagUsages(); flags != "" {
			fmt.Fprintf(b, "\n%s", flags)
		}
		if v.Example != "" {
			fmt.Fprintf(b, "\nAs in:\n%s\n", v.Example)
		}
		b.WriteString("```\n")
	}
}

func TestReferenceOfSettings(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Settings of the server\n\n" + madeFromCode + `What ` + "`entente serve`" + ` takes from the command line (` + "`--name`" + `), the environment (the
variable) or the file that ` + "`--config`" + ` names (the name), in this order. A duration is
written as 30s or 2m, a size as 1048576 or 1MiB. Those with a star take a new value
on SIGHUP; the certificate's files are taken whenever they change. The settings of
other verbs are set likewise; ` + "`entente config show VERB`" + ` lists them.

| setting | default | variable | what it is |
|---|---|---|---|
`)
	serve, _, err := testRoot().Find([]string{"serve"})
	if err != nil {
		t.Fatal(err)
	}
	if err := serve.ParseFlags(nil); err != nil {
		t.Fatal(err)
	}
	serve.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" {
			return
		}
		s := describe(f, "")
		star := ""
		if s.Reload {
			star = " *"
		}
		what, usage := pflag.UnquoteUsage(f)
		if what != "" && !strings.Contains(usage, what) {
			usage += " (" + what + ")"
		}
		fmt.Fprintf(&b, "| `%s`%s | %s | `%s` | %s |\n", s.Name, star, quoted(s.Default), s.Variable, strings.ReplaceAll(usage, "|", "\\|"))
	})
	golden(t, "../../docs/reference/settings.md", b.String())
}

func quoted(value string) string {
	if value == "" || value == "[]" {
		return ""
	}
	return "`" + value + "`"
}

// The manual and the completions are made from the same verbs.
func TestManualHasAPageForEachVerb(t *testing.T) {
	dir := t.TempDir()
	root := testRoot()
	root.SetArgs([]string{"man", dir})
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"entente.1", "entente-serve.1", "entente-config-show.1"} {
		b, err := os.ReadFile(dir + "/" + page)
		if err != nil || !strings.Contains(string(b), ".SH SYNOPSIS") || strings.Contains(string(b), "Auto generated") {
			t.Errorf("%s: %v", page, err)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		var script strings.Builder
		root := testRoot()
		root.SetOut(&script)
		root.SetArgs([]string{"completion", shell})
		if err := root.Execute(); err != nil || !strings.Contains(script.String(), "entente") {
			t.Errorf("completion for %s: %v", shell, err)
		}
	}
}

// golden compares what the code says with a page, or writes it there.
func golden(t *testing.T, path, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s is not what the code says (%v); run go test ./cmd/entente -run Reference -update and read the difference", path, err)
	}
}
