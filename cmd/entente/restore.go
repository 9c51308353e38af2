package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"entente/internal/node"
	"entente/internal/practice/intake"
)

func (c *cli) restoreVerb() *cobra.Command {
	var o opening
	var bases []string
	var folder string
	cmd := &cobra.Command{
		Use:   "restore FILE --data DIR [--base EARLIER]... [--months DIR] [--identity KEYFILE | --passphrase-file FILE]",
		Short: "Make a node from a backup",
		Long: `Makes the node of a backup in a directory that is empty or not there; - reads the
backup from standard input. A backup that builds on earlier ones needs all of
them, with --base.

Everything is checked before the directory becomes a node: each file's checksum,
the store's newest date, the size and the head of its log, the keys. Until then
nothing is believed, and what fails or is stopped leaves nothing behind.

What is to be erased at a time is in the backup sealed under keys of months. With
--months, the folder of that name of the node that was backed up, what the key in it
opens is put back, due as before, and what was erased since because somebody asked is
erased again; the restored node goes on with a copy of the folder. The rest is told,
and left out.

The node is as it was when the backup was made: accounts that were revoked since,
grants that were ended and objects that were recalled are there again. Its log
goes on under a new name and key, and says so in its next entry, because what the
former log showed to others after the backup must not be contradicted.

Exit codes: 0 restored, 1 refused (the directory is in use; the backup is damaged,
cut short, or not one), 2 could not be done (also: made by a newer program).`,
		Example: `  entente restore monday.tar --base sunday.tar --data node2
  entente restore node.tar.age --identity key.txt --data node2`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.restore(cmd.Context(), args[0], bases, folder, o)
		},
	}
	o.flags(cmd.Flags())
	cmd.Flags().StringVar(&folder, "months", "", "`DIR` with the key of months of the node that was backed up")
	cmd.Flags().StringArrayVar(&bases, "base", nil, "`EARLIER` backup that this one builds on (repeatable)")
	return cmd
}

func (c *cli) restore(ctx context.Context, path string, bases []string, folder string, o opening) error {
	in, err := c.openBackup(path, o)
	if err != nil {
		return fmt.Errorf("restore: %s: %w", path, err)
	}
	defer in.Close()
	var earlier []io.Reader
	for _, base := range bases {
		b, err := c.openBackup(base, o)
		if err != nil {
			return fmt.Errorf("restore: %s: %w", base, err)
		}
		defer b.Close()
		earlier = append(earlier, b)
	}
	made, err := node.Restore(ctx, c.data, in, node.RestoreOptions{Earlier: earlier, Months: folder, Logger: c.quietLogger()})
	if err != nil && ctx.Err() != nil {
		return errors.New("restore: stopped; nothing is left of it")
	}
	if err != nil {
		return noRoom(err)
	}
	c.tell("accounts, grants and recalls are as they were at %s; end again what was ended since", made.Created.Format("2006-01-02T15:04:05Z"))
	for _, m := range made.Months {
		if !m.Restored {
			c.tell("left out: %s to be erased in %s; %s", intake.Count(m.Objects, "object"), m.Month, m.Reason)
		}
	}
	if made.Erased > 0 {
		c.tell("erased again, since somebody had asked: %s", intake.Count(made.Erased, "object"))
	}
	c.tell("its log goes on as %s; the former one ended with %s", made.Log, leaves(made.Leaves))
	if c.json {
		return c.printJSON(made)
	}
	_, err = fmt.Fprintf(c.stdout, "the node of %s is restored in %s\n", made.Member.Name, made.Data)
	return err
}
