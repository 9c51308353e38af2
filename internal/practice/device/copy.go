package device

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"iter"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"entente/internal/exchange"
	"entente/internal/format/blocklist"
	"entente/internal/format/mispfeed"
	"entente/internal/trust/account"
)

// Copy is a list as a device fetches it. Close it.
type Copy struct {
	*io.SectionReader
	ETag    string
	Changed time.Time
	Media   string
	file    *shared
	files   map[string]mispfeed.File // of a feed
	beside  []*shared                // of changes
}

// Part is a file of a feed, with the tag of the whole: exchange.ErrNotFound when there is
// none of the name.
func (c *Copy) Part(name string) (io.ReadSeeker, error) {
	part, is := c.files[name]
	if !is {
		return nil, fmt.Errorf("the file %q of a feed: %w", name, exchange.ErrNotFound)
	}
	return io.NewSectionReader(c.file, part.At, part.Length), nil
}

// Close lets go of the copy.
func (c *Copy) Close() {
	for _, f := range append(c.beside, c.file) {
		f.letGo()
	}
}

// shared is a file that goes when nobody has it any more.
type shared struct {
	*os.File
	users atomic.Int64
}

func (s *shared) letGo() {
	if s.users.Add(-1) == 0 {
		discard(s.File)
	}
}

// copied is a device's list as it was last made, and what must be as it was so that the
// list would be made the same.
type copied struct {
	making sync.Mutex // held while it is looked at or made anew

	file    *shared // nil: it was not made yet
	size    int64
	etag    string
	changed time.Time
	media   string
	files   map[string]mispfeed.File // in it, of a feed

	erasures uint64         // that were before it was made
	point    exchange.Point // up to when all was looked at; zero: nothing was
	stamp    any
	changes  uint64
	turns    time.Time
	asked    time.Time

	stock stock // what the list is chosen out of

	since    atomic.Bool // changes are asked for
	versions []kept      // of which changes can be told, the newest last
	format   *blocklist.Format
}

// idle is after how long a list that nobody asked for is forgotten.
const idle = 10 * time.Minute

// lookIdle is how long after it was looked for such lists they are looked for again.
const lookIdle = time.Minute

// Fetch gives a device's list. When nothing has changed of what it is made of, it is the
// one that was made. Errors: exchange.ErrNotFound (the account is no device), of Choose.
func (d *Devices) Fetch(ctx context.Context, by account.Principal) (*Copy, error) {
	c := d.copyOf(by.ID)
	c.making.Lock()
	defer d.made(by.ID, c)
	return d.fetch(ctx, by, c)
}

// fetch is Fetch of a list that is not made elsewhere meanwhile.
func (d *Devices) fetch(ctx context.Context, by account.Principal, c *copied) (*Copy, error) {
	for made := false; !made || c.erasures != d.erasures.Load(); made = true { // nothing of what was erased meanwhile
		same, err := d.same(ctx, by, c)
		if err == nil && !same {
			err = d.remake(ctx, by, c)
		}
		if err != nil {
			c.point = exchange.Point{} // what was seen until now must be seen again
			return nil, err
		}
	}
	c.file.users.Add(1)
	return &Copy{SectionReader: io.NewSectionReader(c.file, 0, c.size), ETag: c.etag, Changed: c.changed, Media: c.media, file: c.file, files: c.files}, nil
}

// copyOf is where a device's list is kept.
func (d *Devices) copyOf(id string) *copied {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.looking {
		d.looking = true
		time.AfterFunc(lookIdle, d.forgetIdle)
	}
	c := d.copies[id]
	if c == nil {
		c = &copied{}
		d.copies[id] = c
	}
	c.asked = time.Now()
	return c
}

// forgetIdle forgets the lists that nobody asks for, or what they are chosen out of, and comes
// again while there are others.
func (d *Devices) forgetIdle() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, c := range d.copies {
		switch asked := time.Since(c.asked); {
		case asked > idle && !c.since.Load(), asked > idleSince:
			d.drop(id, c)
		case asked > idle && c.making.TryLock():
			c.stock.forget()
			c.making.Unlock()
		}
	}
	if d.looking = len(d.copies) > 0; d.looking {
		time.AfterFunc(lookIdle, d.forgetIdle)
	}
}

// made ends the making of a list, and forgets it where Forget or drop could not: nothing of
// what was erased meanwhile is kept.
func (d *Devices) made(id string, c *copied) {
	d.mu.Lock()
	defer d.mu.Unlock()
	stays := c.erasures == d.erasures.Load() && d.copies[id] == c
	if c.making.Unlock(); !stays {
		d.drop(id, c)
	}
}

// drop forgets a list, unless it is being made just now; the lock is held.
func (d *Devices) drop(id string, c *copied) {
	if !c.making.TryLock() {
		return
	}
	c.forget()
	if c.making.Unlock(); d.copies[id] == c {
		delete(d.copies, id)
	}
}

// forget lets go of all that is kept of a list.
func (c *copied) forget() {
	if c.file != nil {
		c.file.letGo()
		c.file = nil
	}
	c.forgetVersions(func(kept) bool { return true })
	c.stock.forget()
}

// Forget forgets all lists that were made: objects were erased. One that is being made is
// made again.
func (d *Devices) Forget() {
	d.erasures.Add(1)
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, c := range d.copies {
		d.drop(id, c)
	}
}

// same tells whether a list would be made as it was, and notes from what on to look.
func (d *Devices) same(ctx context.Context, by account.Principal, c *copied) (bool, error) {
	erasures := d.erasures.Load()
	if erasures != c.erasures {
		c.forget()
	}
	changes, stamp := d.changes.Load(), any(nil)
	if d.Stamp != nil {
		var err error
		if stamp, err = d.Stamp(); err != nil {
			return false, err
		}
	}
	types := []string{"indicator", "note", "identity", "opinion"}
	dev, _, err := d.Get(by.ID)
	if err != nil {
		return false, err
	}
	if w, err := dev.Wish(); err != nil {
		return false, err
	} else if w.scored() { // what was seen last is better
		types = append(types, "sighting")
	}
	point, moved, err := d.Exchange.View(by).Moved(ctx, c.point, types...)
	if err != nil {
		return false, err
	}
	same := c.file != nil && !moved && erasures == c.erasures && (!c.since.Load() || len(c.versions) > 0 || !c.format.HasChanges()) && stamp == c.stamp && changes == c.changes &&
		(c.turns.IsZero() || d.Now().Before(c.turns))
	c.point, c.stamp, c.changes, c.erasures = point, stamp, changes, erasures
	return same, nil
}

// remake makes a list anew.
func (d *Devices) remake(ctx context.Context, by account.Principal, c *copied) error {
	select { // lists are made a few at a time
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	// A device that waits less than a large list takes finds it when it asks again.
	ctx = context.WithoutCancel(ctx)
	dev, s, err := d.Get(by.ID)
	if err != nil {
		return err
	}
	w, err := dev.Wish()
	if err != nil {
		return err
	}
	list, err := d.choose(ctx, by, w, &c.stock)
	if err != nil {
		return err
	}
	defer list.Close()
	held, err := d.weigh(ctx, by, &dev, &s, list)
	if err != nil {
		return err
	}
	if err := d.write(ctx, by, c, list, held, s); err != nil {
		return err
	}
	if c.format = list.Wish.Format; c.since.Load() && c.format.HasChanges() {
		return d.keepRows(c, list, held)
	}
	return nil
}

// weigh holds a list against what the device had, notes how it stands, and gives what
// must not go out; nil when all may.
func (d *Devices) weigh(ctx context.Context, by account.Principal, dev *Device, s *State, list *List) (keep func(row []byte) bool, err error) {
	was, err := d.had(by.ID)
	if err != nil {
		return nil, err
	}
	is, sum, err := d.gone(list, nil)
	if err != nil {
		return nil, err
	}
	before, added := *s, was.lacks(is)
	if first := s.Changed.IsZero(); !first && dev.MaxChange > 0 && added > dev.MaxChange && !s.Release {
		keep = func(row []byte) bool { return was.has(d.digestOf(row)) }
		if s.Held == 0 {
			s.Since = d.Now().UTC().Truncate(time.Second)
			d.log.Warn("a device's new values are held back: they are more than it is given at once; entente device release lets them go out",
				"device", by.Account, "new", added, "most", dev.MaxChange)
		}
		s.Held = added
		if is, sum, err = d.gone(list, keep); err != nil {
			return nil, err
		}
	} else {
		s.Held, s.Since, s.Release = 0, time.Time{}, false
	}
	s.Entries, s.Cut = is.len(), list.left(leftLimit)
	if sum != s.Digest || s.Changed.IsZero() {
		// A zone's serial number only rises, whatever the clock does.
		s.Digest, s.Changed = sum, later(d.Now().UTC().Truncate(time.Second), s.Changed.Add(time.Second))
	}
	if *s == before {
		return keep, nil
	}
	return keep, d.keep(ctx, by.ID, before, *s, was, is)
}

// gone is what a device has when the rows that are kept have gone out, and a digest of them.
func (d *Devices) gone(list *List, keep func(row []byte) bool) (is *had, sum string, err error) {
	is = &had{}
	digest := sha256.New()
	for row, err := range list.kept(keep) {
		if err != nil {
			return nil, "", err
		}
		is.add(d.digestOf(row))
		frame(digest, row)
	}
	is.sort()
	return is, hex.EncodeToString(digest.Sum(nil)), nil
}

// frame adds a row to a digest, so that no two lists are the same in it.
func frame(h hash.Hash, row []byte) {
	h.Write([]byte{byte(len(row) >> 8), byte(len(row))})
	h.Write(row)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// write puts a list where it is fetched from.
func (d *Devices) write(ctx context.Context, by account.Principal, c *copied, list *List, keep func([]byte) bool, s State) error {
	f, err := nameless(d.Temp)
	if err != nil {
		return err
	}
	file := &shared{File: f}
	file.users.Add(1)
	sum := sha256.New()
	w := io.MultiWriter(f, sum)
	files, err := d.Write(ctx, by, w, list, blocklist.Head{At: s.Changed, Entries: s.Entries}, keep)
	if err != nil {
		file.letGo()
		return err
	}
	if c.file != nil {
		c.file.letGo()
	}
	size, err := f.Seek(0, io.SeekEnd)
	c.file, c.size, c.changed, c.media, c.turns = file, size, s.Changed, list.Wish.Format.Media, list.Turns
	c.etag = `"` + hex.EncodeToString(sum.Sum(nil)[:16]) + `"`
	c.files = map[string]mispfeed.File{}
	for _, part := range files {
		c.files[part.Name] = part
	}
	return err
}

// kept are the rows that go out; all when nothing says which. An error is the last.
func (l *List) kept(keep func([]byte) bool) iter.Seq2[[]byte, error] {
	if keep == nil {
		return l.all()
	}
	return func(yield func([]byte, error) bool) {
		for row, err := range l.all() {
			if (err != nil || keep(row)) && !yield(row, err) {
				return
			}
		}
	}
}

// entries are those of the rows that are kept, read beside whoever takes them.
func (l *List) entries(keep func([]byte) bool) iter.Seq2[blocklist.Entry, error] {
	return func(yield func(blocklist.Entry, error) bool) {
		for some, err := range inTurn(blocksOf(l.kept(keep)), entriesOf) {
			if err != nil {
				yield(blocklist.Entry{}, err)
				return
			}
			for i := range some {
				if !yield(some[i], nil) {
					return
				}
			}
		}
	}
}
