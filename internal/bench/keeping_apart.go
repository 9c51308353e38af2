package bench

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// apart measures a backup of a node in which one object in a hundred is to be erased at
// a time, and stands in it apart, against one of the same node that keeps nothing apart.
func (r *run) apart(ctx context.Context, dir, archive string, before time.Duration) error {
	file := filepath.Join(r.dir, "keep-people.jsonl")
	if err := r.people(file, r.Objects/100); err != nil {
		return err
	}
	for _, verb := range [][]string{
		{"collection", "set", "default", "--keep-personal", "90d", "--data", dir},
		{"import", file, "--data", dir},
	} {
		if _, err := r.verb(ctx, verb...); err != nil {
			return err
		}
	}
	took, err := timed(func() error {
		_, err := r.verb(ctx, "backup", "-o", archive, "--data", dir)
		return err
	})
	if err != nil {
		return err
	}
	r.ratio("time of a backup that keeps one object in a hundred apart, against one that keeps none", took.Seconds(), before.Seconds(), " s", 0)
	info, err := os.Stat(archive)
	if err != nil {
		return err
	}
	full := info.Size()
	next := filepath.Join(r.dir, "keep-next.tar")
	if _, err := r.verb(ctx, "backup", "-o", next, "--base", archive, "--data", dir); err != nil {
		return err
	}
	if info, err = os.Stat(next); err != nil {
		return err
	}
	r.ratio("size of one that builds on it, against it", float64(info.Size())/1e6, float64(full)/1e6, " MB", 0)
	to := filepath.Join(r.dir, "keep-apart-restored")
	took, err = timed(func() error {
		_, err := r.verb(ctx, "restore", archive, "--months", filepath.Join(dir, "months"), "--data", to)
		return err
	})
	if err != nil {
		return err
	}
	r.bound("restore of it, with what it keeps apart", took.Seconds(), " s", 2*before.Seconds()+10, false)
	return os.RemoveAll(to)
}

// people writes notes that name somebody's address.
func (r *run) people(file string, n int) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	for i := range n {
		fmt.Fprintf(w, `{"type":"note","spec_version":"2.1","id":"note--%08x-0000-4000-8000-%012x","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","content":"lure number %d sent to person%d@example.org","object_refs":["note--00000000-0000-4000-8000-000000000000"]}`+"\n", i*2654435761%(1<<32), i, i, i)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}
