package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"entente/internal/exchange"
	"entente/internal/format/backup"
	"entente/internal/store"
	"entente/internal/trust/audit"
)

// Folders of a data directory that a backup holds: the store's files, as the
// store gives them, and those of keys, as they lie.
const storeFolder = "store"

var keyFolders = []string{"keys", "tls"}

// Backup writes a backup of the node as of one durable instant, while it goes
// on. With the manifest of an earlier backup of the same node, what that one
// holds is not written again. Nothing is written before the store has made its
// copy, so that an early error is told as one.
func (n *Node) Backup(ctx context.Context, w io.Writer, base *backup.Manifest) (backup.Manifest, error) {
	if base != nil && base.Member.Identity != n.Member.Identity {
		return backup.Manifest{}, fmt.Errorf("backup: %w: the earlier backup is of %q (%s), this node belongs to %q (%s); give one of this node, or none",
			exchange.ErrInvalid, base.Member.Name, base.Member.Identity, n.Member.Name, n.Member.Identity)
	}
	var out *backup.Writer
	program, _ := Program()
	begin := func() (err error) {
		if out == nil {
			out, err = backup.NewWriter(w, backup.Header{
				Program: program,
				Member:  backup.Member{Name: n.Member.Name, Identity: n.Member.Identity},
				Created: time.Now().UTC().Truncate(time.Second),
			}, base)
		}
		return err
	}
	at, err := n.Store.Backup(ctx, func(p store.Part) error {
		if err := begin(); err != nil {
			return err
		}
		return out.Add(path.Join(storeFolder, p.Name), p.Size, p.Open)
	})
	if err == nil {
		err = begin()
	}
	if err == nil {
		err = n.addKeys(out)
	}
	if err != nil {
		return backup.Manifest{}, fmt.Errorf("backup: %w", err)
	}
	m, err := out.Close(int64(at.Tick), backup.Log{Origin: n.logKey.Name(), Size: at.LogSize, Root: at.Root[:]})
	if err != nil {
		return m, fmt.Errorf("backup: %w", err)
	}
	n.noteBackup(ctx, m)
	return m, nil
}

// backupTo is Backup for the admin door: base is the text of an earlier
// manifest, or empty.
func (n *Node) backupTo(ctx context.Context, w io.Writer, base []byte) error {
	var earlier *backup.Manifest
	if len(base) > 0 {
		m, err := backup.ParseManifest(base)
		if err != nil {
			return fmt.Errorf("backup: %w: the earlier backup: %w", exchange.ErrInvalid, err)
		}
		earlier = &m
	}
	_, err := n.Backup(ctx, w, earlier)
	return err
}

// addKeys adds the files of keys.
func (n *Node) addKeys(out *backup.Writer) error {
	for _, folder := range keyFolders {
		entries, err := os.ReadDir(filepath.Join(n.Dir, folder))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, e := range entries {
			if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") {
				continue // what a writer that was killed has left
			}
			info, err := e.Info()
			if err != nil {
				return err
			}
			open := func() (io.ReadCloser, error) { return os.Open(filepath.Join(n.Dir, folder, e.Name())) }
			if err := out.Add(path.Join(folder, e.Name()), info.Size(), open); err != nil {
				return err
			}
		}
	}
	return nil
}

// noteBackup records the act. A store that takes no writes can be backed up,
// too, and then has no record of it.
func (n *Node) noteBackup(ctx context.Context, m backup.Manifest) {
	_, err := n.Store.Commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		audit.Add(tx, audit.Act{Who: n.Operator().Account, What: "backup", On: m.ID,
			Detail: fmt.Sprintf("%d files, %d in the log", len(m.Files), m.Log.Size)})
		return nil
	}})
	if err != nil {
		n.log.Warn("the backup is whole, but the audit has no record of it", "err", err)
	}
}
