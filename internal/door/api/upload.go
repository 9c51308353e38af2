package api

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// roomEvery is after how many octets of a file it is asked whether there is
// still room.
const roomEvery = 8 << 20

// takeFile takes a body into a file without a name. Bodies take turns with
// those of addObjects, and leave the store its space.
func (s *Server) takeFile(c *call) (*os.File, error) {
	if err := c.takeStream(c.door.maxUpload); err != nil {
		return nil, err
	}
	release, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer release()
	f, err := s.unnamed()
	if err != nil {
		return nil, fmt.Errorf("import: keep the body: %w", err)
	}
	if err := s.fill(f, c.Body); err != nil {
		f.Close()
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		f.Close()
		return nil, fmt.Errorf("import: read the body back: %w", err)
	}
	return f, nil
}

// unnamed opens a file that is gone when it is closed.
func (s *Server) unnamed() (*os.File, error) {
	if s.Files != "" {
		if err := os.MkdirAll(s.Files, 0o700); err != nil {
			return nil, err
		}
	}
	f, err := os.CreateTemp(s.Files, "entente-import-") // made 0600
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil { // what is open is still there
		s.Logger.Warn("api: a body's file stays behind until the next start", "file", f.Name(), "err", err)
	}
	return f, nil
}

// fill copies a body into a file as long as there is room.
func (s *Server) fill(f *os.File, body io.Reader) error {
	for {
		if s.Room != nil {
			if err := s.Room(); err != nil {
				return err
			}
		}
		_, err := io.CopyN(f, body, roomEvery)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if _, ours := errors.AsType[*os.PathError](err); ours {
			return fmt.Errorf("import: keep the body: %w", err)
		}
		if err != nil {
			return bodyFault(err)
		}
	}
}

// emptyFiles takes away what a killed program may have left of bodies.
func (s *Server) emptyFiles() {
	if s.Files == "" {
		return
	}
	if err := os.RemoveAll(s.Files); err != nil {
		s.Logger.Warn("api: old bodies of imports are still there", "folder", s.Files, "err", err)
	}
}
