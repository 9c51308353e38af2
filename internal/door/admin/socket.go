package admin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// maxSocketPath is what fits into a socket address everywhere (104 bytes on
// some systems, with a final zero).
const maxSocketPath = 100

// Listen opens the admin socket of a data directory. The caller has the
// directory to itself, so that a socket found there is a dead server's.
func Listen(dir string) (net.Listener, error) {
	path := filepath.Join(dir, "admin.sock")
	pointer := filepath.Join(dir, "admin.addr")
	removeStale(dir)
	if len(path) <= maxSocketPath {
		return listenAt(path)
	}
	private, err := os.MkdirTemp("", "entente-") // 0700
	if err != nil {
		return nil, fmt.Errorf("admin socket: %w", err)
	}
	l, err := listenAt(filepath.Join(private, "admin.sock"))
	if err != nil {
		os.RemoveAll(private)
		return nil, err
	}
	if err := os.WriteFile(pointer, []byte(l.Addr().String()+"\n"), 0o600); err != nil {
		l.Close()
		os.RemoveAll(private)
		return nil, fmt.Errorf("admin socket: %w", err)
	}
	return &pointed{l, pointer, private}, nil
}

func listenAt(path string) (net.Listener, error) {
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("admin socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, fmt.Errorf("admin socket: %w", err)
	}
	return l, nil
}

// pointed is a listener whose path stands in a file, since it is elsewhere.
type pointed struct {
	net.Listener
	pointer, private string
}

func (p *pointed) Close() error {
	err := p.Listener.Close()
	os.Remove(p.pointer)
	os.RemoveAll(p.private)
	return err
}

// removeStale removes what a server that was killed has left.
func removeStale(dir string) {
	os.Remove(filepath.Join(dir, "admin.sock"))
	if path, err := socketPath(dir); err == nil && strings.HasPrefix(filepath.Base(filepath.Dir(path)), "entente-") {
		os.Remove(path)
		os.Remove(filepath.Dir(path)) // only when empty
	}
	os.Remove(filepath.Join(dir, "admin.addr"))
}

// socketPath is where a server on the directory listens, if one does.
func socketPath(dir string) (string, error) {
	b, err := os.ReadFile(filepath.Join(dir, "admin.addr"))
	if errors.Is(err, fs.ErrNotExist) {
		return filepath.Join(dir, "admin.sock"), nil
	}
	return strings.TrimSpace(string(b)), err
}

// dial reaches the server on a directory.
func dial(ctx context.Context, dir string) (net.Conn, error) {
	path, err := socketPath(dir)
	if err != nil {
		return nil, err
	}
	if len(path) > maxSocketPath {
		return nil, fs.ErrNotExist // a server would have left a pointer
	}
	var d net.Dialer
	return d.DialContext(ctx, "unix", path)
}
