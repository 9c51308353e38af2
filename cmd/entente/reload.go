package main

import (
	"log/slog"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"entente/internal/node"
)

// reload takes what can be taken anew while a server runs, the certificate and
// the level of the log, and tells which other settings have changed and wait
// for a restart.
func (c *cli) reload(cmd *cobra.Command, n *node.Node, l *logging, log *slog.Logger) {
	n.Reload()
	fresh, err := c.anew(cmd)
	if err != nil {
		log.Error("the settings cannot be taken anew, the old ones stay", "err", err)
		return
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		g := fresh.Lookup(f.Name)
		if g == nil || g.Value.String() == f.Value.String() {
			return
		}
		if f.Name != "log-level" {
			log.Warn("a setting has changed; restart to use it", "setting", f.Name)
			return
		}
		level := g.Value.String()
		if err := (&logging{format: l.format, level: level}).check(); err != nil {
			log.Error("the settings cannot be taken anew, the old ones stay", "err", err)
			return
		}
		if err := f.Value.Set(level); err != nil { // it is a text, which takes any
			return
		}
		l.least.Set(levels[level])
		log.Info("the level of the log has changed", "level", level)
	})
	log.Info("took the settings anew")
}

// anew settles the verb's flags once more, from the same command line and
// environment and the file as it is now.
func (c *cli) anew(cmd *cobra.Command) (*pflag.FlagSet, error) {
	again := &cli{stdin: c.stdin, stdout: c.stdout, stderr: c.stderr, env: c.env, environ: c.environ}
	root := again.root()
	of, _, err := root.Find(commandPath(cmd))
	if err != nil {
		return nil, err
	}
	if err := of.ParseFlags(c.args); err != nil {
		return nil, err
	}
	if _, problems := again.resolve(of); len(problems) > 0 {
		return nil, problems[0]
	}
	return of.Flags(), nil
}

// commandPath is the names that lead to a verb.
func commandPath(cmd *cobra.Command) (names []string) {
	for ; cmd.HasParent(); cmd = cmd.Parent() {
		names = append([]string{cmd.Name()}, names...)
	}
	return names
}
