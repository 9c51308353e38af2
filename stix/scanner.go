package stix

import (
	"bytes"
	"fmt"
	"io"
)

// scanner goes through the input of one Scan. Its methods return false when the
// value they read is broken or the caller wants no more.
type scanner struct {
	window
	limit   limits
	yield   func(*Object, error) bool
	stopped bool // yield said so
	failed  bool // the reader's error was told

	parser parser
	object Object
	index  int

	lines bool   // values stand one a line
	alone int    // the line of the value before, if it had one of its own
	first int    // the line on which the value of the outermost level starts
	spec  string // spec_version of the bundle being read
}

func (s *scanner) run() {
	if s.base == 0 && !s.mark() {
		return
	}
	for s.space() {
		s.first = s.line(s.pos)
		s.lines = s.lines || s.alone > 0 && s.first > s.alone
		whole := s.value()
		if s.stopped {
			return
		}
		s.keep, s.alone = -1, 0
		if !whole && !s.resume() {
			break
		}
		if whole && s.line(s.pos) == s.first {
			s.alone = s.first
		}
	}
	if s.err != nil && s.err != io.EOF && !s.failed {
		s.broken(s.end, "", "")
	}
}

// mark passes over a byte order mark of UTF-8 and refuses those of UTF-16.
func (s *scanner) mark() bool {
	for s.end < 3 && s.more() {
	}
	head := s.rest()
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		s.pos += 3
	}
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return s.broken(0, "", "the input is UTF-16; convert it to UTF-8")
	}
	return true
}

// value reads a value of the outermost level.
func (s *scanner) value() bool {
	if s.buf[s.pos] == '[' {
		return s.list(func() bool { return s.either(false) })
	}
	return s.either(true)
}

// either reads an object or a whole bundle.
func (s *scanner) either(alone bool) bool {
	if s.buf[s.pos] != '{' {
		return s.notObject()
	}
	b := s.rest()
	size := s.parser.parse(b[:min(len(b), s.limit.object+1)], s.limit, true)
	if size > 0 && size <= s.limit.object {
		return s.emit(size)
	}
	return s.container(alone)
}

// list reads an array whose elements are read by element.
func (s *scanner) list(element func() bool) bool {
	s.pos++
	if s.space() && s.buf[s.pos] == ']' {
		s.pos++
		return true
	}
	for s.space() {
		if !element() {
			return false
		}
		if !s.space() {
			break
		}
		switch s.buf[s.pos] {
		case ',':
			s.pos++
		case ']':
			s.pos++
			return true
		default:
			return s.broken(s.pos, "", faultGrammar.reason())
		}
	}
	return s.broken(s.end, "", faultShort.reason())
}

// member reads one element of a bundle's or an envelope's objects.
func (s *scanner) member() bool {
	if s.buf[s.pos] != '{' {
		return s.notObject()
	}
	b := s.rest()
	size := s.parser.parse(b[:min(len(b), s.limit.object+1)], s.limit, false)
	if size > 0 && size <= s.limit.object {
		return s.emit(size)
	}
	if size = s.parser.size; size > 0 && size <= s.limit.object {
		s.refuse(s.pos, findID(b[:size]), s.parser.reason(nestedBundle), nil)
		s.pos += size
		return !s.stopped
	}
	return s.whole(false)
}

// whole gets the object at pos into memory and reads or refuses it. Alone means
// that it is in no array.
func (s *scanner) whole(alone bool) bool {
	f := framer{breakable: s.lines || s.line(s.pos) == s.first}
	size, state := s.frame(&f, s.limit.object)
	if size > s.limit.object {
		return s.tooBig(&f, size, state)
	}
	if state == framingBroken {
		size++ // so that the parser sees what breaks it
	}
	b := s.buf[s.pos : s.pos+size]
	if s.parser.parse(b, s.limit, false) > 0 {
		return s.emit(size)
	}
	id, reason := findID(b), s.parser.reason(nestedBundle)
	at := s.pos + s.parser.at
	switch {
	case s.parser.fault == faultShort && state == framingBroken:
		at = s.pos + size - 1
		reason = s.mismatch(at)
	case s.parser.fault == faultShort:
		at = s.pos + size
	}
	if state != framingDone || alone && s.parser.fault == faultGrammar {
		return s.broken(at, id, reason)
	}
	s.refuse(at, id, reason, nil)
	s.pos += size
	return !s.stopped
}

const nestedBundle = "this is a bundle inside a bundle; give bundles one after another"

// tooBig refuses the object at pos, of which the framer has seen size bytes,
// and passes over the rest of it.
func (s *scanner) tooBig(f *framer, size int, state framing) bool {
	b := s.buf[s.pos : s.pos+s.limit.object+1] // no more, however much the reader gave
	reason := tooBig(s.limit.object)
	if s.parser.parse(b, s.limit, false); s.parser.fault == faultContainer {
		reason = s.parser.reason(nestedBundle)
	}
	s.refuse(s.pos, findID(b), reason, ErrTooBig)
	s.pos += size
	if state == framingMore && !s.stopped {
		state = s.skip(f)
	}
	return !s.stopped && s.skipped(state)
}

func tooBig(limit int) string {
	return fmt.Sprintf("the object has more than %d bytes; raise the limit or split it", limit)
}

// notObject refuses a value that is no object and goes behind it.
func (s *scanner) notObject() bool {
	at := s.base + int64(s.pos)
	line := s.line(s.pos)
	if !s.skipValue() {
		return false
	}
	s.stopped = !s.yield(nil, &ScanError{Index: s.index, Offset: at, Line: line, Reason: faultNotObject.reason()})
	s.index++
	return !s.stopped
}

// emit yields the object that was parsed from the size bytes at pos.
func (s *scanner) emit(size int) bool {
	s.parser.fill(&s.object, s.buf[s.pos:s.pos+size:s.pos+size])
	if s.object.SpecVersion == "" && s.spec == "2.0" {
		s.object.SpecVersion = s.spec
	}
	s.index++
	s.pos += size
	s.stopped = !s.yield(&s.object, nil)
	return !s.stopped
}

// refuse yields what is wrong at buf[at].
func (s *scanner) refuse(at int, id, reason string, cause error) {
	s.stopped = !s.yield(nil, &ScanError{
		Index:  s.index,
		Offset: s.base + int64(at),
		Line:   s.line(at),
		ID:     id,
		Reason: reason,
		Err:    cause,
	})
	s.index++
}

// broken says that the input cannot be followed from buf[at] on: for the reason
// given, or because the reader failed there.
func (s *scanner) broken(at int, id, reason string) bool {
	if s.keep >= 0 {
		return false // container reads it as a STIX object, which tells more
	}
	cause := ErrBroken
	if at == s.end && s.err != nil && s.err != io.EOF {
		s.failed = true
		cause, reason = s.err, "the input could not be read further: "+s.err.Error()
	}
	s.refuse(at, id, reason, cause)
	s.pos = at
	return false
}

// resume goes to where, after broken JSON, the next line of JSON Lines starts;
// false when the input does not look like JSON Lines. As long as it is not
// known to be, only a line that starts with a bracket counts as one.
func (s *scanner) resume() bool {
	if s.failed {
		return false
	}
	if line := s.line(s.pos); line > s.first {
		if !s.lines && line > s.first+1 {
			return false
		}
		if (s.pos < s.end || s.more()) && s.buf[s.pos] == '{' && s.startsLine() {
			return true
		}
		if !s.lines {
			return false
		}
	}
	for s.nextLine() {
		if c := s.buf[s.pos]; s.lines || c == '{' || c == '[' {
			return true
		}
	}
	return false
}
