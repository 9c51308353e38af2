package node_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"entente/internal/format/backup"
	"entente/internal/node"
	"entente/internal/store"
	"entente/internal/trust/tlog"
)

// backedUp is the backup of a node with something in it.
func backedUp(t *testing.T) []byte {
	t.Helper()
	dir, _ := newNode(t)
	n, err := node.Open(t.Context(), dir, node.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	fill(t, n, formatObjects)
	var archive bytes.Buffer
	if _, err := n.Backup(t.Context(), &archive, nil); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

// restoreFails restores what must be refused, and tells the reason. Nothing may
// be left, whether the directory was there before or not.
func restoreFails(t *testing.T, ctx context.Context, archive io.Reader) error {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "node")
	_, err := node.Restore(ctx, dir, archive, node.RestoreOptions{})
	if err == nil {
		t.Fatal("it was restored")
	}
	if _, there := os.Stat(dir); !errors.Is(there, os.ErrNotExist) {
		t.Errorf("after %v, something is left: %v", err, there)
	}
	return err
}

func TestDamagedBackupsAreRefusedAndLeaveNothing(t *testing.T) {
	archive := backedUp(t)
	for _, part := range []int{1, 5, 10, 50, 90, 99} {
		cut := archive[:len(archive)*part/100]
		if err := restoreFails(t, t.Context(), bytes.NewReader(cut)); !errors.Is(err, backup.ErrCut) && !errors.Is(err, backup.ErrNotBackup) {
			t.Errorf("cut at %d %%: %v", part, err)
		}
	}
	for name, at := range places(t, archive) {
		damaged := bytes.Clone(archive)
		damaged[at] ^= 0x20
		if err := restoreFails(t, t.Context(), bytes.NewReader(damaged)); !errors.Is(err, backup.ErrDamaged) {
			t.Errorf("with %s damaged: %v", name, err)
		}
	}
}

// places is where the content of each file in an archive begins.
func places(t *testing.T, archive []byte) map[string]int64 {
	t.Helper()
	at := map[string]int64{}
	r := bytes.NewReader(archive)
	for in := tar.NewReader(r); ; {
		h, err := in.Next()
		if err == io.EOF {
			return at
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 && h.Name != "backup.json" { // what begins it says whether it is one
			at[h.Name] = r.Size() - int64(r.Len())
		}
	}
}

func TestAStoppedRestoreLeavesNothing(t *testing.T) {
	archive := backedUp(t)
	ctx, stop := context.WithCancel(t.Context())
	half := bytes.NewReader(archive[:len(archive)/2])
	rest := readerFunc(func([]byte) (int, error) { stop(); return 0, nil })
	if err := restoreFails(t, ctx, io.MultiReader(half, rest)); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// What a restore that was killed has left is no node, and the next one takes it
// away; anything else in the way is not touched.
func TestRestoreAfterAKilledOne(t *testing.T) {
	archive := backedUp(t)
	dir := filepath.Join(t.TempDir(), "node")
	for _, left := range []string{"restoring/store/000001.sst", "keys/log.key"} {
		path := filepath.Join(dir, left)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := node.Open(t.Context(), dir, node.Options{}); !errors.Is(err, node.ErrNoNode) {
		t.Errorf("half a restored node answers %v, want ErrNoNode", err)
	}
	mine := filepath.Join(dir, "mine.txt")
	if err := os.WriteFile(mine, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := node.Restore(t.Context(), dir, bytes.NewReader(archive), node.RestoreOptions{}); !errors.Is(err, node.ErrExists) {
		t.Errorf("a directory with another's file answers %v, want ErrExists", err)
	}
	if err := os.Remove(mine); err != nil {
		t.Fatal(err)
	}
	if _, err := node.Restore(t.Context(), dir, bytes.NewReader(archive), node.RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(t.Context(), dir, node.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	holds(t, n, formatObjects)
}

// Two restores of one backup are two logs: no leaf of the one is signed under
// the name of the other, or of the log that the backup ended.
func TestARestoredNodeDoesNotForkItsLog(t *testing.T) {
	archive := backedUp(t)
	origins := map[string]bool{}
	for range 2 {
		dir := filepath.Join(t.TempDir(), "node")
		made, err := node.Restore(t.Context(), dir, bytes.NewReader(archive), node.RestoreOptions{})
		if err != nil {
			t.Fatal(err)
		}
		origins[made.Former], origins[made.Log] = true, true
		n, err := node.Open(t.Context(), dir, node.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for e, err := range tlog.Entries(n.Store, made.Leaves) {
			if err != nil || e.Act.Kind != tlog.Restore || e.Act.Former == "" {
				t.Errorf("the first leaf after the restore is %+v, %v", e.Act, err)
			}
			break
		}
		if n.Store.LogSize() != made.Leaves+1 {
			t.Errorf("the log has %d leaves, want %d", n.Store.LogSize(), made.Leaves+1)
		}
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(origins) != 3 {
		t.Errorf("two restores go on as %v; want two new names", origins)
	}
}

// A node that was closed says so, and writes nothing.
func TestAClosedNodeHasNoBackup(t *testing.T) {
	dir, _ := newNode(t)
	n, err := node.Open(t.Context(), dir, node.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Backup(t.Context(), io.Discard, nil); !errors.Is(err, store.ErrClosed) {
		t.Errorf("a closed node answers %v, want ErrClosed", err)
	}
}
