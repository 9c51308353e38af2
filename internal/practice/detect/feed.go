package detect

import (
	"bytes"
	"errors"
	"io"

	"golang.org/x/text/transform"
)

// Feed goes over a text that comes in pieces, as Scan does over one that is there. Between
// two pieces its set may be changed, or another one take its place. It belongs to one
// goroutine.
type Feed struct {
	l    lines
	f    finder
	c    chunk
	rest []byte // what no line feed ends yet

	begun bool
	utf16 io.WriteCloser // where a text of UTF-16 goes; nil for any other
}

// NewFeed begins to go over a text of a name.
func (s *Set) NewFeed(name string, hit func(Hit) error) *Feed {
	return &Feed{l: lines{name: name, set: s, hit: hit}, f: finder{Set: s}}
}

// Use goes on with another set, and what was remembered of patterns of several observations.
func (f *Feed) Use(s *Set) error {
	if f.l.set == s {
		return nil
	}
	err := f.l.flush() // of a line so long that a part of it was looked at
	s.TakeOver(f.l.set)
	f.l.set, f.f.Set = s, s
	return err
}

// Add goes over some more, up to the last line feed in it; the line that goes on behind
// it waits, unless it is very long.
func (f *Feed) Add(b []byte) error {
	if !f.begun && len(b) > 0 {
		if f.begun = true; fromUTF16(b) != nil {
			f.utf16 = transform.NewWriter(inPieces(f.add), fromUTF16(b))
		}
	}
	if f.utf16 != nil {
		_, err := f.utf16.Write(b)
		return err
	}
	return f.add(b)
}

type inPieces func(b []byte) error

func (p inPieces) Write(b []byte) (int, error) { return len(b), p(b) }

func (f *Feed) add(b []byte) error {
	f.rest = append(f.rest, b...)
	for {
		at, within := bytes.LastIndexByte(f.rest, '\n')+1, false
		if at == 0 || at > chunkSize {
			if len(f.rest) < chunkSize {
				return nil
			}
			at, within = cutAt(f.rest[:chunkSize])
		}
		if err := f.look(f.rest[:at]); err != nil {
			return err
		}
		f.c.within = within
		f.rest = f.rest[:copy(f.rest, f.rest[at:])]
	}
}

// End goes over what waits, and tells how much it was in all.
func (f *Feed) End() (Stats, error) {
	var err error
	if f.utf16 != nil {
		err = f.utf16.Close()
		f.utf16 = nil
	}
	err = errors.Join(err, f.look(f.rest))
	f.rest = nil
	if err == nil {
		err = f.l.end()
	}
	return f.l.stats, err
}

// Stats tell how much it was up to now.
func (f *Feed) Stats() Stats { return f.l.stats }

func (f *Feed) look(b []byte) error {
	if !f.l.begun {
		f.c.fields = headed(b)
	}
	f.c.b = b
	f.f.chunk(&f.c)
	if f.f.every != nil && !f.c.within {
		f.l.giveFields(b, f.f.giveValue)
	}
	return f.l.take(&f.c)
}
