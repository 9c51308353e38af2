package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"entente/internal/door/admin"
	"entente/internal/format/backup"
	"entente/internal/node"
	"entente/internal/practice/intake"
)

// backingUp is one backup verb.
type backingUp struct {
	output string
	base   string
	seal   sealing
	open   opening // of the earlier backup
}

func (c *cli) backupVerb() *cobra.Command {
	var b backingUp
	cmd := &cobra.Command{
		Use:   "backup -o FILE|DIR|- [--base EARLIER] [--encrypt-to RECIPIENT | --encrypt-to-file FILE | --passphrase-file FILE]",
		Short: "Back the node up, also while it serves",
		Long: `Writes a backup of the whole node, as of one moment, to a file; in a folder to
one named after the member and the time; to - for standard output. It works the
same while a server runs, which goes on reading and writing meanwhile.

A backup holds everything that the node has, its keys too: who has it has the
node. It is readable by its owner alone, and with --encrypt-to (a recipient of
age, age1...) or --passphrase-file encrypted; without, that is said.

What is to be erased at a time stands in a backup apart, in a part for each month,
sealed under a key that is in DATA/months and in no backup. When the month is over the
key is destroyed, and with it that part of every backup. Keep a copy of that folder
elsewhere, and only the newest. A backup of a node that holds such objects rewrites
its copy of the store, and builds on an earlier one in little.

With --base an earlier backup is read and what it holds is not written again; to
restore, both are needed. What can be restored is checked by entente backup
verify.

Exit codes: 0 backed up, 1 refused (the earlier backup is another node's), 2 could
not be done; then the file is not there, or still the former one.`,
		Example: `  entente backup -o /backups/ --encrypt-to age1...
  entente backup -o monday.tar --base sunday.tar`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.backUp(cmd.Context(), b) },
	}
	f := cmd.Flags()
	f.StringVarP(&b.output, "output", "o", "", "`FILE` or folder to write to; - is standard output")
	f.StringVar(&b.base, "base", "", "`EARLIER` backup to build on")
	b.seal.flags(f)
	f.StringArrayVar(&b.open.identities, "identity", nil, "`KEYFILE` that opens the earlier backup (repeatable)")
	cmd.AddCommand(c.backupVerify())
	return cmd
}

func (c *cli) backupVerify() *cobra.Command {
	var o opening
	var folder string
	cmd := &cobra.Command{
		Use:   "verify FILE [--months DIR] [--identity KEYFILE | --passphrase-file FILE]",
		Short: "Read a backup through and check it",
		Long: `Reads a backup from its start to its end and checks every file in it against the
checksums of its manifest, without restoring it. Of a backup that builds on
earlier ones what is in it is checked; they are named. Of what is kept apart, since it
is to be erased, it tells for each month whether the key in the folder of months opens
it; without a key it is checked as well.

Exit codes: 0 whole, 1 damaged, cut short or not a backup, 2 could not be done.`,
		Example: "  entente backup verify monday.tar",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			m, err := c.readBackup(args[0], o, nil)
			if err != nil {
				return fmt.Errorf("backup verify: %s: %w", args[0], err)
			}
			b := backedUp{File: args[0]}.with(m)
			if len(m.Months) > 0 {
				if b.Months, err = node.Readable(c.monthsFolder(folder), m); err != nil {
					return fmt.Errorf("backup verify: %s is whole, but which months can be read is not known: %w", args[0], err)
				}
			}
			return c.printBackup(b)
		},
	}
	o.flags(cmd.Flags())
	cmd.Flags().StringVar(&folder, "months", "", "`DIR` with the key of months (that of --data unless given)")
	return cmd
}

// monthsFolder is the folder of months that was given, or that of the node.
func (c *cli) monthsFolder(given string) string {
	if given == "" {
		given = filepath.Join(c.data, "months")
	}
	return given
}

// backedUp is what a backup came to.
type backedUp struct {
	File      string           `json:"file,omitempty"`
	ID        string           `json:"id"`
	Member    string           `json:"member"`
	Created   time.Time        `json:"created"`
	Files     int              `json:"files"`
	Bytes     int64            `json:"bytes"` // of the node's files, those in earlier backups too
	LogSize   int64            `json:"log_size"`
	Needs     []backup.Earlier `json:"needs,omitempty"`
	Encrypted bool             `json:"encrypted"`
	EraseFrom time.Time        `json:"erase_from,omitzero"` // of the personal data that it has in the clear, the first

	Apart  []backup.Month       `json:"kept_apart,omitempty"` // since it is to be erased
	Months []node.RestoredMonth `json:"months,omitempty"`     // of these, once it was looked whether they can be read
}

func (b backedUp) with(m backup.Manifest) backedUp {
	b.ID, b.Member, b.Created, b.Files, b.Bytes = m.ID, m.Member.Name, m.Created, len(m.Files), m.Bytes()
	b.LogSize, b.Needs, b.EraseFrom, b.Apart = m.Log.Size, m.Needs, m.EraseFrom, m.Months
	return b
}

func (b backedUp) String() string {
	text := fmt.Sprintf("%s: the node of %s at %s, %d files, %d bytes, a log of %s", b.File, b.Member, b.Created.Format(time.RFC3339), b.Files, b.Bytes, leaves(b.LogSize))
	for _, e := range b.Needs {
		text += fmt.Sprintf("\nit builds on the backup of %s", e.Created.Format(time.RFC3339))
	}
	if !b.EraseFrom.IsZero() {
		text += fmt.Sprintf("\nit holds personal data that is to be erased from %s on; keep it no longer", b.EraseFrom.Format(time.RFC3339))
	}
	if n := len(b.Apart); n > 0 && b.Months == nil {
		objects, when := 0, "in "+b.Apart[0].Month
		for _, m := range b.Apart {
			objects += m.Objects
		}
		if n > 1 {
			when = "from " + b.Apart[0].Month + " to " + b.Apart[n-1].Month
		}
		text += fmt.Sprintf("\nit keeps %s apart, to be erased %s; the key is in the node's folder months and in no backup: keep a copy elsewhere", intake.Count(objects, "object"), when)
	}
	for _, m := range b.Months {
		text += fmt.Sprintf("\nit keeps %s apart, to be erased in %s: %s", intake.Count(m.Objects, "object"), m.Month, cmp.Or(m.Reason, "its key is there"))
	}
	return text
}

func (c *cli) printBackup(b backedUp) error {
	if c.json {
		return c.printJSON(b)
	}
	_, err := fmt.Fprintln(c.stdout, b)
	return err
}

func (c *cli) backUp(ctx context.Context, b backingUp) error {
	if b.output == "" {
		return usage("backup: name the file or the folder to write to with -o")
	}
	recipients, err := b.seal.recipients()
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	base, err := c.manifestOf(b)
	if err != nil {
		return err
	}
	if b.output == "-" {
		return c.backUpTo(ctx, b, base, &sealed{Writer: c.stdout, to: recipients}, func(m backup.Manifest) error {
			c.tell("%s", backedUp{File: "standard output"}.with(m))
			return nil
		})
	}
	dir := ""
	if at, err := os.Stat(b.output); err == nil && at.IsDir() {
		dir = b.output
		b.output = filepath.Join(dir, "backup")
	} else if earlier, berr := os.Stat(b.base); berr == nil && err == nil && os.SameFile(at, earlier) {
		return usage("backup: %s is the backup to build on; write to another file", b.output)
	}
	out, err := createOutput(b.output)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer out.discard()
	return c.backUpTo(ctx, b, base, &sealed{Writer: newFlowing(out), to: recipients}, func(m backup.Manifest) error {
		if dir != "" {
			b.output, err = out.commitIn(dir, func(n int) string { return backupName(m, n, len(recipients) > 0) })
		} else {
			err = out.commit()
		}
		if err != nil {
			return fmt.Errorf("backup: %w", err)
		}
		return c.printBackup(backedUp{File: b.output, Encrypted: len(recipients) > 0}.with(m))
	})
}

// backUpTo has the node write a backup, checks what comes and hands it on;
// done is called when all of it is written.
func (c *cli) backUpTo(ctx context.Context, b backingUp, base []byte, out *sealed, done func(backup.Manifest) error) error {
	if b.output == "-" && term.IsTerminal(int(c.stdout.Fd())) {
		return usage("backup: a backup is not for a terminal; name a file with -o")
	}
	if len(out.to) == 0 {
		c.tell("backup: NOT ENCRYPTED: whoever can read it has the node's keys and all that it keeps; see --encrypt-to")
	}
	var m backup.Manifest
	err := c.withNode(ctx, func(n *admin.Client) error {
		r, err := n.Stream(ctx, http.MethodPost, "/backup", nil, "application/json", bytes.NewReader(base))
		if err != nil {
			return err
		}
		defer r.Close()
		bar := c.progressOf("backup", -1)
		defer bar.end()
		m, err = out.receive(bar.reader(r))
		return err
	})
	switch {
	case err != nil && ctx.Err() != nil:
		return errors.New("backup: stopped; nothing was kept")
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, backup.ErrCut):
		return errors.New("backup: the node ended it early, so nothing was kept; its log says why")
	case err != nil:
		return fmt.Errorf("backup: %w", noRoom(err))
	}
	return done(m)
}

// manifestOf reads the earlier backup, all of it: what builds on a damaged one
// could not be restored.
func (c *cli) manifestOf(b backingUp) ([]byte, error) {
	if b.base == "" {
		return nil, nil
	}
	b.open.passphrase = b.seal.passphrase
	m, err := c.readBackup(b.base, b.open, nil)
	if err != nil {
		return nil, fmt.Errorf("backup: the earlier backup %s: %w", b.base, err)
	}
	return json.Marshal(m)
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// backupName names a backup in a folder, so that names sort by time; n is 1 for the first
// of a second.
func backupName(m backup.Manifest, n int, encrypted bool) string {
	member := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(m.Member.Name), "-"), "-")
	name := strings.TrimSuffix("entente-"+member, "-") + "-" + m.Created.UTC().Format("20060102T150405Z")
	if n > 1 {
		name += fmt.Sprintf("_%d", n)
	}
	name += ".tar"
	if encrypted {
		name += ".age"
	}
	return name
}
