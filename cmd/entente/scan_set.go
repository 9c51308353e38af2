package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"entente/internal/door/admin"
	"entente/internal/node"
	"entente/internal/practice/detect"
)

// worthKeeping is after how much that came a set is kept again: less is asked for again
// by the next scan. When anything went, it is kept again in any case.
const worthKeeping = 1000

// loadNode takes the node's indicators, as its reader sees them: a set that was kept,
// and what has become of them since.
func (s *scan) loadNode(ctx context.Context) error {
	shelf, shelfErr := os.OpenRoot(filepath.Join(s.data, node.ScanDir))
	kept := make(chan struct{})
	go func() { // while the node is opened
		defer close(kept)
		if shelfErr == nil {
			s.readKept(shelf)
		}
	}()
	err := s.withNode(ctx, func(n *admin.Client) error {
		<-kept
		if shelfErr != nil {
			shelf, shelfErr = s.newShelf()
		}
		news, err := s.refresh(ctx, n)
		if err == nil && s.set.Damaged() {
			s.set, s.point = detect.NewSet(time.Now()), ""
			news, err = s.refresh(ctx, n)
		}
		if err == nil && (news.anew || news.gone > 0 || news.came >= worthKeeping) {
			s.keeper = make(chan struct{})
		}
		return err
	})
	<-kept
	if err != nil || s.keeper == nil {
		if shelfErr == nil {
			err = errors.Join(err, shelf.Close())
		}
		return err
	}
	go func() { // while logs are read: neither changes the set
		defer close(s.keeper)
		err := shelfErr
		if err == nil {
			err = errors.Join(s.keepSet(shelf), shelf.Close())
		}
		if err != nil {
			s.tell("the compiled set could not be kept, the next scan compiles it again: %s", printable(err.Error()))
		}
	}()
	return nil
}

// newShelf makes the folder of kept sets, in a node's data. An erasure takes the folder
// away: a set made of what stood before it finds no place in a folder opened before it.
func (s *scan) newShelf() (*os.Root, error) {
	dir := filepath.Join(s.data, node.ScanDir)
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.OpenRoot(dir)
}

// refresh asks the node what became of indicators since the set's point, and puts it in.
func (s *scan) refresh(ctx context.Context, n *admin.Client) (news scanNews, err error) {
	query := url.Values{}
	if s.point != "" {
		query.Set("since", s.point)
	}
	if s.as != "" {
		query.Set("as", s.as)
	}
	r, err := n.Stream(ctx, http.MethodGet, "/indicators", query, "", nil)
	if err != nil {
		return news, err
	}
	defer r.Close()
	in := bufio.NewReaderSize(r, 1<<16)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return news, fmt.Errorf("the node's answer ended early: %w", err)
	}
	var head admin.Indicators
	if err := json.Unmarshal(line, &head); err != nil {
		return news, fmt.Errorf("the node's answer: %w", err)
	}
	now, set := time.Now(), s.set
	if head.Anew {
		set = detect.NewSet(now)
	}
	set.Advance(now)
	for _, id := range head.Gone {
		set.Remove(id)
	}
	news = scanNews{anew: head.Anew, gone: len(head.Gone)}
	if news.came, err = s.add(set, "the node", in); err != nil {
		return news, err // what came of the news comes again
	}
	s.set, s.point = set, head.Point
	return news, nil
}

// scanNews is how much has become of indicators.
type scanNews struct {
	anew       bool // all there are came
	came, gone int
}

// keptName is the file of the reader's set.
func (s *scan) keptName() string {
	if s.as == "" {
		return "operator.set"
	}
	sum := sha256.Sum256([]byte(s.as))
	return "as-" + hex.EncodeToString(sum[:8]) + ".set"
}

// readKept reads the set that was kept, if it is whole and of this program's form.
func (s *scan) readKept(shelf *os.Root) {
	f, err := shelf.Open(s.keptName())
	if err != nil {
		return
	}
	defer f.Close()
	b, err := mapped(f)
	if err != nil {
		return
	}
	set, note, err := detect.Kept(b)
	if err == nil && !set.Worn() {
		s.set, s.point = set, string(note)
		s.collect(100) // it stands in the file
	}
}

// spoiled is what ends a scan by a set that was kept and is damaged: hits may be missing. It
// is forgotten.
func (s *scan) spoiled() error {
	err := errors.New("what was compiled of the indicators is damaged on the disk, so that hits may be missing; it is removed, and the next scan compiles it again")
	return errors.Join(err, os.Remove(filepath.Join(s.data, node.ScanDir, s.keptName())))
}

// keepSet writes the set in place of the one that is kept.
func (s *scan) keepSet(shelf *os.Root) error {
	name := s.keptName()
	made := "." + name + "-" + rand.Text()
	f, err := shelf.OpenFile(made, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // for its owner alone
	if err != nil {
		return err
	}
	if err = s.set.Keep(f, []byte(s.point)); err == nil {
		err = f.Sync() // its blocks are not looked at before they are needed
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = shelf.Rename(made, name)
	}
	if err != nil {
		err = errors.Join(err, shelf.Remove(made))
	}
	return err
}
