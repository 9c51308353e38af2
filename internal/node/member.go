package node

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"entente/internal/store"
	"entente/stix"
)

// Member is the organisation that a node belongs to.
type Member struct {
	Name     string    `json:"name"`
	Identity string    `json:"identity"` // id of its STIX identity object
	Created  time.Time `json:"created"`
}

// The row that says whose node it is; written last at init, so that a data
// directory with it is whole.
const (
	memberTable = "node"
	memberKey   = "member"
)

// readMember gives store.ErrNotFound when the directory was never set up whole.
func readMember(r store.Reader) (Member, error) {
	return store.GetJSON[Member](r, memberTable, memberKey)
}

func writeMember(ctx context.Context, st store.Store, m Member) error {
	_, err := st.Commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		return store.SetJSON(tx, memberTable, memberKey, m)
	}})
	return err
}

// newMember makes the member's identity.
func newMember(name string, now time.Time) Member {
	return Member{Name: name, Identity: stix.NewID("identity"), Created: now.UTC().Truncate(time.Second)}
}

// logKeyPath is the file of the key that signs the log's checkpoints.
func logKeyPath(dir string) string { return filepath.Join(dir, "keys", "log.key") }

// makeLogKey writes an Ed25519 key in the form of golang.org/x/mod/sumdb/note
// unless one is there already. Its name is the log's origin.
func makeLogKey(dir, identity string) error {
	path := logKeyPath(dir)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	origin := "entente/" + strings.TrimPrefix(identity, "identity--")
	secret, _, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return fmt.Errorf("make the log's key: %w", err)
	}
	return writePrivate(path, []byte(secret+"\n"))
}

// readLogKey gives the signer of the log's checkpoints.
func readLogKey(dir string) (note.Signer, error) {
	secret, err := os.ReadFile(logKeyPath(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the log's key %s is missing; restore it from a backup, without it nobody can check this node's log", logKeyPath(dir))
	}
	if err != nil {
		return nil, fmt.Errorf("the log's key: %w", err)
	}
	signer, err := note.NewSigner(strings.TrimSpace(string(secret)))
	if err != nil {
		return nil, fmt.Errorf("the log's key %s is damaged (%w); restore it from a backup", logKeyPath(dir), err)
	}
	return signer, nil
}
