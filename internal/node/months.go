package node

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"entente/internal/exchange"
	"entente/internal/format/months"
)

// monthsFolder has what makes backups forget, and is in none of them: the key of the
// months in which something is to be erased, and what was erased because somebody asked.
const monthsFolder = "months"

const (
	monthsKeyFile    = "key"
	monthsErasedFile = "erased"
	damagedEnd       = ".damaged-" // and a digest: an erased that could not be read
	partPattern      = ".part-*"   // of a backup that is being made
)

// monthsKept is that folder of a node. Its methods are safe for concurrent use.
type monthsKept struct {
	dir string
	mu  sync.Mutex
}

func monthsOf(dir string) *monthsKept {
	return &monthsKept{dir: filepath.Join(dir, monthsFolder)}
}

// tidy takes away what backups and writes that were killed have left.
func (k *monthsKept) tidy() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return errors.Join(k.remove(partPattern), k.remove(unfinished))
}

// remove removes the files that match a pattern for good.
func (k *monthsKept) remove(pattern string) error {
	left, err := filepath.Glob(filepath.Join(k.dir, pattern))
	for _, file := range left {
		err = errors.Join(err, os.Remove(file))
	}
	if len(left) > 0 {
		err = errors.Join(err, syncFolder(k.dir))
	}
	return err
}

// key reads the key; false when there is none.
func (k *monthsKept) key() (key months.Key, has bool, err error) {
	path := filepath.Join(k.dir, monthsKeyFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return key, false, nil
	}
	if err == nil {
		key, err = months.ReadKey(text)
	}
	if err != nil {
		return key, false, fmt.Errorf("%s: %w; what backups keep apart cannot be read without it: put it back, or move it away to begin anew", path, err)
	}
	return key, true, nil
}

// keyOf is the key, and a new one of the given month where there is none.
func (k *monthsKept) keyOf(m months.Month) (months.Key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key, has, err := k.key()
	if err != nil || has {
		return key, err
	}
	key = months.NewKey(m)
	return key, k.put(key)
}

func (k *monthsKept) put(key months.Key) error { return k.write(monthsKeyFile, key.Text()) }

// write writes a file of the folder so that it stays.
func (k *monthsKept) write(name string, text []byte) error {
	if err := writePrivate(filepath.Join(k.dir, name), text); err != nil {
		return err
	}
	return errors.Join(syncFolder(k.dir), syncFolder(filepath.Dir(k.dir)))
}

// pass destroys the keys of the months before the given one, and tells whether there
// were any, and whatever a write that was killed has left of them. Without a key there is
// nothing else to destroy.
func (k *monthsKept) pass(to months.Month) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	left := k.remove(unfinished)
	key, has, err := k.key()
	if err != nil || !has || key.Month >= to {
		return false, errors.Join(left, err)
	}
	if key, err = key.At(to); err != nil {
		return false, errors.Join(left, err)
	}
	return true, errors.Join(left, k.put(key))
}

// errUnreadable is about a list of what was erased of which some cannot be read.
var errUnreadable = errors.New("it is no list of what was erased; mend it by hand, a line is as {\"id\":\"note--...\",\"before\":0,\"at\":\"2027-01-01T00:00:00Z\"}, or move it away and erase again what it tells")

// erased reads what was erased because somebody asked; after errUnreadable what of it
// can be read.
func (k *monthsKept) erased() (list []exchange.Erasure, err error) {
	path := filepath.Join(k.dir, monthsErasedFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	n := 0
	for line := range bytes.Lines(text) {
		n++
		var e exchange.Erasure
		if bad := json.Unmarshal(line, &e); bad == nil && e.ID != "" {
			list = append(list, e)
		} else if err == nil {
			err = fmt.Errorf("%s: line %d: %w (%v)", path, n, errUnreadable, bad)
		}
	}
	return list, err
}

// allErased is erased for one who needs all of it: nothing may have been put aside.
func (k *monthsKept) allErased() ([]exchange.Erasure, error) {
	aside, err := filepath.Glob(filepath.Join(k.dir, monthsErasedFile+damagedEnd+"*"))
	if err == nil && len(aside) > 0 {
		err = fmt.Errorf("%s was put aside: %w; what can be read of it is in %s already", aside[0], errUnreadable, monthsErasedFile)
	}
	if err != nil {
		return nil, err
	}
	return k.erased()
}

// putAside keeps a copy of a list that cannot be read, under a name by what it has: a
// second time it is the same.
func (k *monthsKept) putAside() (aside string, err error) {
	path := filepath.Join(k.dir, monthsErasedFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	aside = fmt.Sprintf("%s%s%x", path, damagedEnd, sha256.Sum256(text))
	return aside, writePrivate(aside, text)
}

// noteErased adds to what was erased because somebody asked; what is there already is
// not added again. What cannot be read must not keep it from being noted: it is put aside,
// and aside tells where.
func (k *monthsKept) noteErased(more []exchange.Erasure) (aside string, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	list, err := k.erased()
	if errors.Is(err, errUnreadable) {
		aside, err = k.putAside()
	}
	if err != nil {
		return "", err
	}
	list, changed := mergeErased(list, more)
	if !changed && aside == "" {
		return "", nil
	}
	var text bytes.Buffer
	out := json.NewEncoder(&text)
	for _, e := range list {
		if err := out.Encode(e); err != nil {
			return aside, err
		}
	}
	return aside, k.write(monthsErasedFile, text.Bytes())
}

// mergeErased adds more to a list that has one line for each id, and tells whether that
// changed it.
func mergeErased(list []exchange.Erasure, more []exchange.Erasure) (_ []exchange.Erasure, changed bool) {
	newest := map[string]int{}
	for i, e := range list {
		newest[e.ID] = i
	}
	for _, e := range more {
		i, has := newest[e.ID]
		switch {
		case !has:
			newest[e.ID], changed = len(list), true
			list = append(list, e)
		case list[i].Before < e.Before:
			list[i], changed = e, true
		}
	}
	return list, changed
}

// noteErased is monthsKept.noteErased, and says so when something was put aside.
func (n *Node) noteErased(more []exchange.Erasure) error {
	aside, err := n.months.noteErased(more)
	if aside != "" {
		n.log.Error("a list of what was erased cannot be read; it is put aside, what can be read of it goes on, and no restore takes the folder until it is mended or moved away", "file", aside)
	}
	if n.Devices != nil { // while the node is being opened none was made
		n.Devices.Forget()
	}
	return err
}

// passMonths destroys the keys of months that are over, once nothing of them is left to
// be erased.
func (n *Node) passMonths(ctx context.Context) error {
	now := months.Of(n.now())
	first, err := n.Exchange.FirstErasure(ctx)
	if err != nil {
		return err
	}
	if !first.IsZero() {
		now = min(now, months.Of(first))
	}
	passed, err := n.months.pass(now)
	if passed && err == nil {
		n.log.Info("the keys of the months before this one are destroyed: what backups keep apart for them cannot be read any more", "month", now.String())
	}
	if err != nil {
		err = fmt.Errorf("destroy the keys of months that are over: %w", err)
	}
	return err
}

// monthsEvery is how often a node that serves looks whether a month is over.
const monthsEvery = 10 * time.Minute

// keepMonths passes months until the context ends.
func (n *Node) keepMonths(ctx context.Context) {
	tick := time.NewTicker(monthsEvery)
	defer tick.Stop()
	for {
		if err := n.passMonths(ctx); err != nil && ctx.Err() == nil {
			n.log.Error("a month's key is still there; it is tried again in ten minutes", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
