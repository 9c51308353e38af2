package node

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	xtlog "golang.org/x/mod/sumdb/tlog"

	"entente/internal/format/backup"
	"entente/internal/store"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
	"entente/internal/trust/audit"
	"entente/internal/trust/tlog"
)

// logKey is the row that says under which origin the node's log goes on, and
// which logs it has gone on from; a node that was never restored has none.
const logKey = "log"

// logHistory is that row.
type logHistory struct {
	Origin string      `json:"origin"`
	Former []formerLog `json:"former"`
}

// formerLog is a log that ended with a backup. Its succession is the word of
// its own key, a signed note:
//
//	entente/succession/v1
//	former ORIGIN SIZE ROOT
//	next VERIFIER-KEY
type formerLog struct {
	Origin     string    `json:"origin"`
	Size       int64     `json:"size"`
	Root       string    `json:"root"`
	Ended      time.Time `json:"ended"`
	Succession string    `json:"succession"`
}

func readLogHistory(r store.Reader) (h logHistory, err error) {
	if h, err = store.GetJSON[logHistory](r, memberTable, logKey); errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return h, err
}

// checkLogKey refuses a key of another log than the node's: with the key of a
// former one it could sign what contradicts what that one has signed.
func checkLogKey(r store.Reader, signer note.Signer) error {
	h, err := readLogHistory(r)
	if err == nil && h.Origin != "" && h.Origin != signer.Name() {
		err = fmt.Errorf("the log's key is that of %s, and the log goes on as %s since the node was restored; put the key of that one back", signer.Name(), h.Origin)
	}
	return err
}

// check opens the restored node and compares it with what the backup says it
// is; then it begins a new log.
func (r *restore) check() (Restored, error) {
	m := r.manifest
	made := Restored{Data: r.dir, Backup: m.ID, Created: m.Created, Bytes: m.Bytes(), Former: m.Log.Origin, Leaves: m.Log.Size}
	var err error
	if err := pebble.Sound(r.ctx, nil, filepath.Join(r.at, storeFolder)); err != nil {
		return made, fmt.Errorf("the backup was made of a store that was damaged already, and no earlier one is to be thrown away: %w", err)
	}
	if made.Months, err = r.putBack(); err != nil {
		return made, err
	}
	st, err := pebble.Open(r.ctx, filepath.Join(r.at, storeFolder), pebble.Options{
		Logger: r.options.Logger, Upgrade: func(int, int, int64, int64) {}, // a backup may be older than the program
	})
	if err != nil {
		return made, fmt.Errorf("the backup's %w", err)
	}
	made.Member, err = r.compare(st)
	if err == nil {
		made.Log, err = succeed(r.ctx, st, r.at, made.Member, m, r.options.Now)
	}
	if err == nil { // in the log that begins
		made.Erased, err = r.eraseAgain(st, made.Member)
	}
	return made, errors.Join(err, st.Close())
}

// compare holds the restored store against the manifest.
func (r *restore) compare(st store.Store) (Member, error) {
	m := r.manifest
	member, err := readMember(st)
	if err != nil {
		return member, fmt.Errorf("%w: it does not say whose node it is: %w", backup.ErrDamaged, err)
	}
	root, err := tlog.Root(st, st.LogSize())
	if err != nil {
		return member, err
	}
	signer, err := readLogKey(r.at)
	if err != nil {
		return member, err
	}
	switch {
	case member.Identity != m.Member.Identity:
		err = fmt.Errorf("%w: it says it is of %s and holds the node of %s", backup.ErrDamaged, m.Member.Identity, member.Identity)
	case len(m.Months) == 0 && int64(st.Now()) != m.Tick || st.LogSize() != m.Log.Size || !bytes.Equal(root[:], m.Log.Root):
		err = fmt.Errorf("%w: it says its newest date is %d and its log has %d leaves; what it holds has %d and %d, or another head",
			backup.ErrDamaged, m.Tick, m.Log.Size, st.Now(), st.LogSize())
	case signer.Name() != m.Log.Origin:
		err = fmt.Errorf("%w: the log's key in it is of %s, its log is %s", backup.ErrDamaged, signer.Name(), m.Log.Origin)
	}
	return member, err
}

// succeed ends the log of the backup and begins the next one, which goes on
// from it under an origin and a key of its own; its first new leaf says so. The
// former key signs that, and is then gone from the node. So whatever the former
// log has shown to anybody after the backup, this node never contradicts it:
// it cannot sign for that log any more. (docs/decisions/0006)
func succeed(ctx context.Context, st store.Store, dir string, m Member, b backup.Manifest, now time.Time) (string, error) {
	former, err := readLogKey(dir)
	if err != nil {
		return "", err
	}
	h, err := readLogHistory(st)
	if err != nil {
		return "", err
	}
	// Random, so that two restores of one backup do not make two logs of one name.
	h.Origin = fmt.Sprintf("entente/%s/%s", strings.TrimPrefix(m.Identity, "identity--"), rand.Text()[:8])
	secret, verifier, err := note.GenerateKey(rand.Reader, h.Origin)
	if err != nil {
		return "", err
	}
	root := xtlog.Hash(b.Log.Root).String()
	head := fmt.Sprintf("%s %d %s", former.Name(), b.Log.Size, root)
	signed, err := note.Sign(&note.Note{Text: "entente/succession/v1\nformer " + head + "\nnext " + verifier + "\n"}, former)
	if err != nil {
		return "", err
	}
	h.Former = append(h.Former, formerLog{Origin: former.Name(), Size: b.Log.Size, Root: root,
		Ended: now.UTC().Truncate(time.Second), Succession: string(signed)})
	row, err := json.Marshal(h)
	if err != nil {
		return "", err
	}
	if err := os.Remove(logKeyPath(dir)); err != nil {
		return "", err
	}
	if err := writePrivate(logKeyPath(dir), []byte(secret+"\n")); err != nil {
		return "", err
	}
	by := account.Operator(m.Name)
	_, err = st.Commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		tx.Set(memberTable, logKey, row)
		tlog.Append(tx, tlog.Act{Kind: tlog.Restore, By: by.Account, Org: by.Org, Former: head})
		audit.Add(tx, audit.Act{Who: by.Account, What: "restore", On: b.ID, Detail: "backup of " + moment(b.Created)})
		return nil
	}})
	return h.Origin, err
}
