package blocklist

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"
)

// Head is what a list says of itself.
type Head struct {
	At      time.Time // when it last changed; a zone's serial number is made of it
	Entries int       // how many there are; below 0 when that is not known
}

// Format is one form of a list.
type Format struct {
	Name  string
	About string // in one line, for people
	Media string // media type
	Kinds []Kind // what it can say

	// Usual are the kinds that it has unless others are asked for; all when empty.
	Usual []Kind

	// Single asks for one kind alone: a file of several would not be read.
	Single bool

	// Blocks tells that who loads it blocks by it, which an adversary can notice.
	Blocks bool

	// Wide tells that an entry also stands for what is below a name and within a
	// prefix, so that what another entry covers need not be there twice.
	Wide bool

	// Scored tells that it says what each entry is worth now.
	Scored bool

	// Ranked tells that devices take so many entries and drop what comes after: the best by
	// what they are worth now come first.
	Ranked bool

	// Most is how many entries the format bears; 0 is any number.
	Most int

	comment string // what begins a comment
	fits    func(*Entry) bool
	begin   func(*out) encoder
	changes func(io.Writer) changeWriter // of formats that can say what has changed
}

// encoder writes entries in one form. Errors of writing stay in the writer.
type encoder interface {
	add(*Entry)
	end()
}

// out is where a list is written.
type out struct {
	*bufio.Writer
	head Head
}

var formats = slices.Concat(dnsFormats, netFormats, lineFormats, ruleFormats, recordFormats)

// All are the formats, in the order in which they are told.
func All() []*Format { return formats }

// Names are those of all formats.
func Names() (list []string) {
	for _, f := range formats {
		list = append(list, f.Name)
	}
	return list
}

// ByName finds a format.
func ByName(name string) (*Format, error) {
	for _, f := range formats {
		if f.Name == name {
			return f, nil
		}
	}
	return nil, refuse("format %q; there are %s", name, strings.Join(Names(), ", "))
}

// Choose gives the kinds that a list of the format has: those asked for, as far as the
// format can say them, or its usual ones.
func (f *Format) Choose(asked []Kind) ([]Kind, error) {
	list := f.Usual
	switch {
	case len(asked) > 0:
		list = nil
		for _, k := range asked {
			if slices.Contains(f.Kinds, k) {
				list = append(list, k)
			}
		}
		if len(list) == 0 {
			return nil, refuse("%s says no %s; it says %s", f.Name, join(asked), join(f.Kinds))
		}
	case len(list) == 0:
		list = f.Kinds
	}
	if f.Single && len(list) > 1 {
		return nil, refuse("%s is a list of one kind; choose one of %s", f.Name, join(f.Kinds))
	}
	return list, nil
}

func join(list []Kind) string {
	var names []string
	for _, k := range list {
		names = append(names, k.String())
	}
	return strings.Join(names, ", ")
}

// Takes tells whether the format can say an entry that is sound.
func (f *Format) Takes(e *Entry) bool {
	return slices.Contains(f.Kinds, e.Kind) && (f.fits == nil || f.fits(e))
}

// Write writes a list of entries that the format takes, and tells how many there were.
// An entry that is not sound ends it: nothing of it is written.
func (f *Format) Write(w io.Writer, h Head, entries iter.Seq2[Entry, error]) (n int, err error) {
	o := &out{Writer: bufio.NewWriterSize(w, 64<<10), head: h}
	if f.comment != "" {
		o.introduce(f.comment)
	}
	enc := f.begin(o)
	var e Entry // of which every one would be an allocation
	for one, err := range entries {
		if e = one; err == nil {
			err = e.Check()
		}
		if err == nil && !f.Takes(&e) {
			err = refuse("%s says no %s", f.Name, e.Value)
		}
		if err != nil {
			return n, fmt.Errorf("list %s: %w", f.Name, err)
		}
		enc.add(&e)
		n++
		if n%1024 == 0 && o.Flush() != nil {
			break // nobody reads on; the error stays
		}
	}
	enc.end()
	if err := o.Flush(); err != nil {
		return n, fmt.Errorf("list %s: %w", f.Name, err)
	}
	return n, nil
}

// introduce writes what the list says of itself, as a comment.
func (o *out) introduce(comment string) {
	o.put(comment, " entente, of ", o.head.At.UTC().Format(time.RFC3339))
	if o.head.Entries >= 0 {
		fmt.Fprintf(o, ", entries: %d", o.head.Entries)
	}
	o.put("\n")
}

// put writes texts one after the other.
func (o *out) put(texts ...string) {
	for _, t := range texts {
		o.WriteString(t)
	}
}

// line is an encoder of formats whose entries do not depend on each other.
type line struct {
	o     *out
	write func(*out, *Entry)
}

func (l line) add(e *Entry) { l.write(l.o, e) }
func (l line) end()         {}

// lines makes encoders that write each entry by itself.
func lines(write func(*out, *Entry)) func(*out) encoder {
	return func(o *out) encoder { return line{o, write} }
}
