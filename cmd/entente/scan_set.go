package main

import (
	"bufio"
	"context"
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
	kept := make(chan struct{})
	go func() { // while the node is opened
		defer close(kept)
		s.readKept()
	}()
	err := s.withNode(ctx, func(n *admin.Client) error {
		<-kept
		news, err := s.refresh(ctx, n)
		if err == nil && (news.anew || news.gone > 0 || news.came >= worthKeeping) {
			s.keeper = make(chan struct{})
		}
		return err
	})
	<-kept
	if err == nil && s.keeper != nil {
		go func() { // while logs are read: neither changes the set
			defer close(s.keeper)
			if err := s.keepSet(); err != nil {
				s.tell("the compiled set could not be kept, the next scan compiles it again: %s", printable(err.Error()))
			}
		}()
	}
	return err
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

// keptPath is the file of the reader's set.
func (s *scan) keptPath() string {
	name := "operator"
	if s.as != "" {
		sum := sha256.Sum256([]byte(s.as))
		name = "as-" + hex.EncodeToString(sum[:8])
	}
	return filepath.Join(s.data, node.ScanDir, name+".set")
}

// readKept reads the set that was kept, if it is whole and of this program's form.
func (s *scan) readKept() {
	f, err := os.Open(s.keptPath())
	if err != nil {
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return
	}
	set, note, err := detect.Kept(f, info.Size())
	if err == nil && !set.Worn() {
		s.set, s.point = set, string(note)
	}
}

// keepSet writes the set in place of the one that is kept.
func (s *scan) keepSet() (err error) {
	dir := filepath.Dir(s.keptPath())
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	f, err := os.CreateTemp(dir, ".set-*") // for its owner alone
	if err != nil {
		return err
	}
	err = errors.Join(s.set.Keep(f, []byte(s.point)), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), s.keptPath())
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}
