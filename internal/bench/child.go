package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// child is a server process: a node's, or the baseline's.
type child struct {
	cmd *exec.Cmd
	url string
	dir string // of a node
}

// verb runs one of this program's verbs to its end and gives what it printed.
func (r *run) verb(ctx context.Context, args ...string) (string, error) {
	return r.verbWith(ctx, nil, args...)
}

// verbWith is verb with a standard input.
func (r *run) verbWith(ctx context.Context, in io.Reader, args ...string) (string, error) {
	var errs strings.Builder
	cmd := exec.CommandContext(ctx, r.self, args...)
	cmd.Stdin = in
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("entente %s: %w\n%s", strings.Join(args, " "), err, errs.String())
	}
	return strings.TrimSpace(string(out)), nil
}

// start runs a server verb and waits for the line that names its address.
func (r *run) start(ctx context.Context, args ...string) (*child, error) {
	cmd := exec.CommandContext(ctx, r.self, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = r.log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if i := strings.Index(lines.Text(), "http://"); i >= 0 {
			url, _, _ := strings.Cut(lines.Text()[i:], " ")
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return &child{cmd: cmd, url: strings.TrimRight(url, "/")}, nil
		}
	}
	return nil, fmt.Errorf("entente %s said no address: %w", strings.Join(args, " "), errors.Join(lines.Err(), cmd.Wait()))
}

// stop ends a server as an operator would, and waits for it.
func (c *child) stop() error {
	if c == nil || c.cmd.Process == nil {
		return nil
	}
	if err := c.cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	err := c.cmd.Wait()
	if _, ended := err.(*exec.ExitError); ended {
		return nil
	}
	return err
}

// newNode makes a node in dir with an own reader and a partner's, and gives
// their tokens.
func (r *run) newNode(ctx context.Context, dir string) (reader, partner string, err error) {
	for _, args := range [][]string{
		{"init", "--data", dir, "--name", "Bench"},
		{"org", "add", "Partner", "--data", dir},
	} {
		if _, err = r.verb(ctx, args...); err != nil {
			return "", "", err
		}
	}
	if reader, err = r.verb(ctx, "account", "add", "reader", "--grant", "default:rw", "--data", dir); err != nil {
		return "", "", err
	}
	partner, err = r.verb(ctx, "account", "add", "partner", "--org", "Partner", "--grant", "default:r", "--data", dir)
	return reader, partner, err
}

// fresh serves a new node in the folder of that name, and gives the token of an
// own account.
func (r *run) fresh(ctx context.Context, name string) (server *child, token string, err error) {
	dir := filepath.Join(r.dir, name)
	if token, _, err = r.newNode(ctx, dir); err != nil {
		return nil, "", err
	}
	server, err = r.serve(ctx, dir)
	return server, token, err
}

func (r *run) serve(ctx context.Context, dir string) (*child, error) {
	c, err := r.start(ctx, "serve", "--data", dir, "--listen", "127.0.0.1:0", "--rate", "-1")
	if c != nil {
		c.dir = dir
	}
	return c, err
}

// rss is a process's resident memory in MB, where the system tells it.
func (c *child) rss() (float64, bool) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(c.cmd.Process.Pid) + "/status")
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024, err == nil
		}
	}
	return 0, false
}

// diskUse is the size of all files below a directory.
func diskUse(dir string) (bytes int64, err error) {
	err = filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().IsRegular() {
			bytes += info.Size()
		}
		return nil // files come and go under a running engine
	})
	return bytes, err
}

// timed runs f and tells how long it took.
func timed(f func() error) (time.Duration, error) {
	began := time.Now()
	err := f()
	return time.Since(began), err
}
