package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// keeping measures backups of a node that serves against cp -r of its files,
// which is no backup of a running node but the least that copying costs; writes
// beside backups against writes alone; and a restore until the node is ready.
func (r *run) keeping(ctx context.Context) error {
	n := max(r.Objects/10, tenths)
	files, _, err := r.objectFiles("keep", Mix{Seed: 6, Classes: 300}, r.Objects)
	if err != nil {
		return err
	}
	dir := filepath.Join(r.dir, "keep-node")
	token, _, err := r.newNode(ctx, dir)
	if err != nil {
		return err
	}
	server, err := r.serve(ctx, dir)
	if err != nil {
		return err
	}
	defer server.stop()
	if _, err := r.verb(ctx, append([]string{"import", "--data", dir}, files...)...); err != nil {
		return err
	}
	search := reader{server.url + "/api/v1/search", token}
	if err := search.searchable(ctx); err != nil { // so that only what is served goes on beside
		return err
	}
	archive := filepath.Join(r.dir, "keep.tar")
	copied, backedUp, err := r.copies(ctx, dir, archive)
	if err != nil {
		return err
	}
	bytes, err := diskUse(filepath.Join(dir, "store"))
	if err != nil {
		return err
	}
	speed := func(d time.Duration) float64 { return float64(bytes) / 1e6 / d.Seconds() }
	r.ratio("backup while serving, against cp -r and sync", speed(backedUp), speed(copied), " MB/s", 0.5)
	if err := r.writesBeside(ctx, dir, n); err != nil {
		return err
	}
	if err := r.apart(ctx, dir, filepath.Join(r.dir, "keep-apart.tar"), backedUp); err != nil {
		return err
	}
	if err := server.stop(); err != nil {
		return err
	}
	return r.restoring(ctx, archive, copied)
}

// copies gives the medians of copying a node's files and of backing it up, in
// turn, three times each. Both are on the disk when they end.
func (r *run) copies(ctx context.Context, dir, archive string) (copied, backedUp time.Duration, err error) {
	var cps, backups []time.Duration
	to := filepath.Join(r.dir, "keep-copy")
	for range 3 {
		took, err := timed(func() error {
			// What compactions take away meanwhile is missed by cp, and told.
			script := fmt.Sprintf("cp -r %q %q; find %q -type f -exec sync -d {} +", filepath.Join(dir, "store"), to, to)
			return exec.CommandContext(ctx, "sh", "-c", script).Run()
		})
		if err != nil {
			return 0, 0, fmt.Errorf("cp -r: %w", err)
		}
		cps = append(cps, took)
		if err := os.RemoveAll(to); err != nil {
			return 0, 0, err
		}
		took, err = timed(func() error {
			_, err := r.verb(ctx, "backup", "-o", archive, "--data", dir)
			return err
		})
		if err != nil {
			return 0, 0, err
		}
		backups = append(backups, took)
	}
	slices.Sort(cps)
	slices.Sort(backups)
	return cps[1], backups[1], nil
}

// writesBeside measures an import alone, then one beside backups without pause.
func (r *run) writesBeside(ctx context.Context, dir string, n int) error {
	var speeds [2]float64
	for i, backups := range []bool{false, true} {
		files, _, err := r.objectFiles(fmt.Sprintf("keep-more-%d", i), Mix{Seed: uint64(7 + i), Classes: 300}, n)
		if err != nil {
			return err
		}
		beside, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() {
			for made := 0; backups && beside.Err() == nil; made++ {
				if _, err := r.verb(beside, "backup", "-o", "/dev/null", "--data", dir); err != nil && beside.Err() == nil {
					ended <- err
					return
				}
			}
			ended <- nil
		}()
		took, err := timed(func() error {
			_, err := r.verb(ctx, append([]string{"import", "--data", dir}, files...)...)
			return err
		})
		stop()
		if berr := <-ended; err == nil {
			err = berr
		}
		if err != nil {
			return err
		}
		speeds[i] = float64(n) / took.Seconds()
	}
	r.ratio("import beside backups without pause, against alone", speeds[1], speeds[0], " objects/s", 0.7)
	return nil
}

// restoring measures a restore until the node answers.
func (r *run) restoring(ctx context.Context, archive string, copied time.Duration) error {
	dir := filepath.Join(r.dir, "keep-restored")
	took, err := timed(func() error {
		if _, err := r.verb(ctx, "restore", archive, "--data", dir); err != nil {
			return err
		}
		server, err := r.serve(ctx, dir)
		if err != nil {
			return err
		}
		return server.stop()
	})
	if err != nil {
		return err
	}
	r.bound("restore and ready, against twice cp -r and sync, and 2 s", took.Seconds(), " s", 2*copied.Seconds()+2, false)
	return nil
}
