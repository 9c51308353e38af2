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
//
// What is to be erased at a time is kept apart in it, sealed under the keys of months;
// what was erased and is still on the disk is not in it.
func (n *Node) Backup(ctx context.Context, w io.Writer, base *backup.Manifest) (m backup.Manifest, err error) {
	if base != nil && base.Member.Identity != n.Member.Identity {
		return backup.Manifest{}, fmt.Errorf("backup: %w: the earlier backup is of %q (%s), this node belongs to %q (%s); give one of this node, or none",
			exchange.ErrInvalid, base.Member.Name, base.Member.Identity, n.Member.Name, n.Member.Identity)
	}
	if err := n.passMonths(ctx); err != nil { // what was to go with a key would stay
		return m, fmt.Errorf("backup: %w", err)
	}
	b := &backingUp{node: n, to: w, base: base}
	defer b.close()
	apart, err := n.Exchange.MustForget(ctx) // it may be gone, from the store but not from the copy, until that is made
	if err != nil {
		return m, fmt.Errorf("backup: %w", err)
	}
	if m, err = b.write(ctx, apart); errors.Is(err, errMustForget) {
		m, err = b.write(ctx, true)
	}
	if err != nil {
		return m, fmt.Errorf("backup: %w", err)
	}
	n.noteBackup(ctx, m)
	return m, nil
}

// errMustForget ends a backup, before anything is written, that has in the clear what it must not.
var errMustForget = errors.New("it holds what is to be erased, or what was erased and is still on the disk")

// backingUp is a backup that is being written.
type backingUp struct {
	node  *Node
	to    io.Writer
	base  *backup.Manifest
	out   *backup.Writer
	parts []*monthPart
}

// write writes the backup; only one that keeps apart what is to be erased may be of a
// store that has some.
func (b *backingUp) write(ctx context.Context, apart bool) (backup.Manifest, error) {
	n := b.node
	part := func(p store.Part) error {
		if err := b.begin(ctx, apart); err != nil {
			return err
		}
		return b.out.Add(path.Join(storeFolder, p.Name), p.Size, p.Open)
	}
	var at store.Instant
	err := error(nil)
	if apart {
		at, err = n.engine.BackupWithout(ctx, b.keepApart, part)
	} else {
		at, err = n.Store.Backup(ctx, part)
	}
	if err == nil {
		err = b.begin(ctx, apart)
	}
	if err == nil {
		err = n.addKeys(b.out)
	}
	for _, p := range b.parts {
		if err == nil {
			err = p.addTo(b.out)
		}
	}
	if err != nil {
		return backup.Manifest{}, err
	}
	return b.out.Close(int64(at.Tick), backup.Log{Origin: n.logKey.Name(), Size: at.LogSize, Root: at.Root[:]})
}

// begin writes the header, when the copy is made: whatever came into the copy since it
// was last asked for that is to be erased is known by now, or was erased meanwhile.
func (b *backingUp) begin(ctx context.Context, apart bool) (err error) {
	if b.out != nil {
		return nil
	}
	if !apart {
		if must, err := b.node.Exchange.MustForget(ctx); err != nil {
			return err
		} else if must {
			return errMustForget
		}
	}
	program, _ := Program()
	h := backup.Header{
		Program: program,
		Member:  backup.Member{Name: b.node.Member.Name, Identity: b.node.Member.Identity},
		Created: b.node.now().UTC().Truncate(time.Second),
	}
	for _, p := range b.parts {
		h.Months = append(h.Months, p.Month)
	}
	b.out, err = backup.NewWriter(b.to, h, b.base)
	return err
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
