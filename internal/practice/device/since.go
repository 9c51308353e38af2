package device

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"entente/internal/format/blocklist"
	"entente/internal/trust/account"
)

// kept is a version of a list whose rows are kept, in the order of their values, so that
// what has changed since can be told.
type kept struct {
	etag string
	rows *shared
	size int64
}

// How much of former versions is kept of one device: what is more is forgotten, the oldest
// first. They lie in files without a name and go with the process.
const (
	mostKept      = 16
	mostKeptBytes = 128 << 20
)

// idleSince is idle for a list of which changes were asked for.
const idleSince = 26 * time.Hour

// Changes are what became of a list from a version that a device has to this one.
type Changes struct {
	from, to kept
	format   *blocklist.Format
}

// FetchSince is Fetch for a device that has a version of its list, by its tag, and the
// changes since; none when that version is not known any more, or the format says none.
// Close the copy after what is written of the changes.
func (d *Devices) FetchSince(ctx context.Context, by account.Principal, tag string) (*Copy, *Changes, error) {
	c := d.copyOf(by.ID)
	c.making.Lock()
	defer d.made(by.ID, c)
	c.since.Store(true)
	copy, err := d.fetch(ctx, by, c)
	if err != nil || !c.format.HasChanges() {
		c.since.Store(false)
		return copy, nil, err
	}
	tag = `"` + strings.Trim(strings.TrimPrefix(tag, "W/"), `"`) + `"`
	i := slices.IndexFunc(c.versions, func(k kept) bool { return k.etag == tag })
	if i < 0 {
		return copy, nil, nil
	}
	ch := &Changes{c.versions[i], c.versions[len(c.versions)-1], c.format}
	ch.from.rows.users.Add(1)
	ch.to.rows.users.Add(1)
	copy.beside = []*shared{ch.from.rows, ch.to.rows}
	return copy, ch, nil
}

// keepRows keeps the rows of the version that was made just now.
func (d *Devices) keepRows(c *copied, list *List, keep func([]byte) bool) error {
	if n := len(c.versions); n > 0 && c.versions[n-1].etag == c.etag {
		return nil
	}
	sorted := &sorter{dir: d.Temp}
	defer sorted.Close()
	for row, err := range list.kept(keep) {
		if err == nil {
			err = sorted.add(row)
		}
		if err != nil {
			return err
		}
	}
	f, err := nameless(d.Temp)
	if err != nil {
		return err
	}
	k := kept{etag: c.etag, rows: &shared{File: f}}
	k.rows.users.Add(1)
	w := bufio.NewWriterSize(f, 256<<10)
	for row, err := range sorted.all() {
		if err != nil {
			k.rows.letGo()
			return err
		}
		writeRow(w, row)
	}
	if err := w.Flush(); err != nil {
		k.rows.letGo()
		return err
	}
	if k.size, err = f.Seek(0, io.SeekCurrent); err != nil {
		k.rows.letGo()
		return err
	}
	c.forgetVersions(func(former kept) bool { return former.etag == c.etag }) // the list is again what it was
	c.versions = append(c.versions, k)
	for c.tooMuch() {
		c.versions[0].rows.letGo()
		c.versions = slices.Delete(c.versions, 0, 1)
	}
	return nil
}

// tooMuch tells that the oldest version is to be forgotten; the newest never is.
func (c *copied) tooMuch() bool {
	former := int64(0)
	for _, k := range c.versions[:len(c.versions)-1] {
		former += k.size
	}
	return len(c.versions) > mostKept || former > mostKeptBytes
}

func (c *copied) forgetVersions(which func(kept) bool) {
	c.versions = slices.DeleteFunc(c.versions, func(k kept) bool {
		if !which(k) {
			return false
		}
		k.rows.letGo()
		return true
	})
}

// Write writes the changes in the list's format.
func (ch *Changes) Write(w io.Writer) error { return ch.format.WriteChanges(w, ch.all()) }

// all gives the changes in the order of values.
func (ch *Changes) all() iter.Seq2[blocklist.Change, error] {
	return func(yield func(blocklist.Change, error) bool) {
		was, is := ch.from.read(), ch.to.read()
		for was.row != nil || is.row != nil {
			var c blocklist.Change
			var err error
			switch order := compareKeys(was.row, is.row); {
			case order < 0:
				c = blocklist.Change{What: blocklist.Removed, Entry: entryOf(was.row)}
				err = was.next()
			case order > 0:
				c = blocklist.Change{What: blocklist.Added, Entry: entryOf(is.row)}
				err = is.next()
			default:
				if !bytes.Equal(was.row, is.row) {
					c = blocklist.Change{What: blocklist.Changed, Entry: entryOf(is.row)}
				}
				err = errors.Join(was.next(), is.next())
			}
			if c.What != "" && !yield(c, nil) {
				return
			}
			if err != nil {
				yield(c, err)
				return
			}
		}
		if err := errors.Join(was.err, is.err); err != nil {
			yield(blocklist.Change{}, err)
		}
	}
}

// compareKeys orders rows by their values; no row comes last.
func compareKeys(a, b []byte) int {
	switch {
	case b == nil:
		return -1
	case a == nil:
		return 1
	}
	return bytes.Compare(a[:keyLen(a)], b[:keyLen(b)])
}

// keptRows reads the rows of a version.
type keptRows struct {
	r   *bufio.Reader
	row []byte // nil after the last
	err error
}

func (k *kept) read() *keptRows {
	r := &keptRows{r: bufio.NewReaderSize(io.NewSectionReader(k.rows, 0, k.size), 64<<10)}
	r.err = r.next()
	return r
}

func (r *keptRows) next() (err error) {
	r.row, err = readRow(r.r, r.row)
	if err != nil {
		r.row = nil
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
