package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// cli is what all verbs share.
type cli struct {
	stdin, stdout, stderr *os.File
	env                   func(string) (string, bool)
	environ               func() []string
	args                  []string // the command line

	data    string
	json    bool
	config  string
	verbose bool
}

func (c *cli) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "entente",
		Short: "Share threat intelligence with those you trust",
		Long: `Entente is one member's node of a coalition: it keeps STIX 2.1 to the byte,
serves it over TAXII 2.1 to those who may see it, and keeps account of what was shared.

  entente init --data DIR --name "ORG"   make a node
  entente serve --data DIR               serve it
  entente import FILE --collection ALIAS bring STIX in
  entente new indicator --for ADDRESS    write an indicator yourself

Every flag can also be set in the environment (ENTENTE_ and the flag's name in
capitals, as ENTENTE_DATA) or in a file given by --config: a JSON object of
flags' names and values. The command line comes first, then the environment,
then the file; entente config show tells where each value came from.

Exit codes: 0 done, 1 the answer is no (invalid, not found, refused), 2 could
not be done.`,
		SilenceUsage:      true,
		SilenceErrors:     true,
		PersistentPreRunE: c.settle,
	}
	f := root.PersistentFlags()
	f.StringVar(&c.data, "data", "./entente-data", "`DIR` that holds the node")
	f.BoolVar(&c.json, "json", false, "write results as JSON")
	f.StringVar(&c.config, "config", "", "`FILE` with settings, a JSON object of flags")
	f.BoolVarP(&c.verbose, "verbose", "v", false, "tell more on standard error")
	root.AddCommand(
		c.initVerb(), c.serveVerb(),
		c.searchVerb(),
		c.accountVerb(), c.orgVerb(), c.agreementVerb(), c.policyVerb(), c.collectionVerb(),
		c.newVerb(), c.editVerb(), c.tearLineVerb(), c.revokeVerb(), c.deleteVerb(), c.sightVerb(), c.noteVerb(), c.relateVerb(), c.tagVerb(), c.draftVerb(),
		c.importVerb(), c.exportVerb(), c.findVerb(), c.watchVerb(), c.webhookVerb(), c.playbookVerb(), c.auditVerb(), c.privacyVerb(), c.previewVerb(), c.assetVerb(), c.deviceVerb(), c.warninglistVerb(), c.scoreVerb(), c.feedbackVerb(), c.showVerb(), c.neighboursVerb(), c.stixVerb(), c.taxiiVerb(),
		c.scanVerb(), c.seenVerb(), c.logVerb(), c.followerVerb(), c.backupVerb(), c.restoreVerb(),
		c.upgradeVerb(), c.verifyStoreVerb(), c.configVerb(), c.manVerb(), c.versionVerb(), c.demoVerb(), c.benchVerb(),
	)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(wrongFlag)
	explain(root)
	return root
}

// group is a verb that only holds others.
func group(use, short string, verbs ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usage("%s needs a verb; see entente %s --help", cmd.CommandPath(), use)
		}}
	g.AddCommand(verbs...)
	return g
}

// tell writes a line for people, apart from results.
func (c *cli) tell(format string, args ...any) {
	fmt.Fprintf(c.stderr, format+"\n", args...)
}

// printJSON writes a result as JSON.
func (c *cli) printJSON(v any) error { return writeJSON(c.stdout, v) }

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// jsonList writes a JSON array element by element. Without a writer it writes
// nothing.
type jsonList struct {
	w io.Writer
	n int
}

func (l *jsonList) add(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	lead := ",\n"
	if l.n == 0 {
		lead = "[\n"
	}
	l.n++
	_, err = fmt.Fprintf(l.w, "%s%s", lead, b)
	return err
}

func (l *jsonList) end() error {
	text := "\n]\n"
	if l.n == 0 {
		text = "[]\n"
	}
	if l.w == nil {
		return nil
	}
	_, err := io.WriteString(l.w, text)
	return err
}
