package stix

import "io"

// container is what is known of an object of the outermost level that may be a
// bundle, an envelope or a STIX object: which of them shows in its properties,
// in whatever order they come.
type container struct {
	start    int64 // place in the input
	line     int
	alone    bool // it is in no array
	bundle   bool // type says so
	streamed bool // objects was a list and its elements were yielded
	foreign  bool // it has a property that neither bundle nor envelope has
	unlisted bool // objects is not a list
}

// container reads the object at pos. Until it shows what it is it stays in
// memory, so that a STIX object, or what breaks before that, can be read from
// its start, unless it is too big for one.
func (s *scanner) container(alone bool) bool {
	c := container{start: s.base + int64(s.pos), line: s.line(s.pos), alone: alone}
	s.keep, s.spec = s.pos, ""
	ok := s.properties(&c)
	s.spec = ""
	if !ok && s.keep >= 0 && !s.stopped {
		return s.single(&c)
	}
	return ok
}

// properties reads the object's names and values.
func (s *scanner) properties(c *container) bool {
	s.pos++
	if s.space() && s.buf[s.pos] == '}' {
		s.pos++
		return s.ended(c)
	}
	for s.space() {
		name, ok := s.name()
		if !ok {
			return false
		}
		single, ok := s.entry(c, name)
		if !ok {
			return false
		}
		if single {
			return s.single(c)
		}
		if !s.space() {
			break
		}
		switch s.buf[s.pos] {
		case ',':
			s.pos++
		case '}':
			s.pos++
			return s.ended(c)
		default:
			return s.broken(s.pos, "", faultGrammar.reason())
		}
	}
	return s.broken(s.end, "", faultShort.reason())
}

// entry reads the value of one property; single says that it makes the whole a
// STIX object.
func (s *scanner) entry(c *container, name string) (single, ok bool) {
	text := s.buf[s.pos] == '"'
	switch {
	case name == "type" && text:
		at := s.pos
		typ, ok := s.text()
		if c.bundle = ok && typ == "bundle"; c.bundle {
			s.keep = -1
		}
		if ok && !c.bundle && c.streamed {
			s.refuse(min(at, s.pos), "", "an object of type "+typ+" holds a list of objects; only bundles do", nil)
			return false, !s.stopped
		}
		return ok && !c.bundle, ok
	case name == "spec_version" && text:
		s.spec, ok = s.text()
		return false, ok
	case name == "objects" && s.buf[s.pos] == '[' && !c.streamed:
		c.streamed = true
		s.keep = -1
		return false, s.list(s.member)
	case name == "objects" && c.streamed:
		s.refuse(s.pos, "", "objects occurs twice; keep one of the two", nil)
		return false, !s.stopped && s.skipValue()
	case name == "objects":
		c.unlisted = true
	case name == "id" || name == "more" || name == "next":
	default:
		c.foreign = true
	}
	c.foreign = c.foreign || name == "id"
	return false, s.skipValue()
}

// ended decides on an object that was read to its end.
func (s *scanner) ended(c *container) bool {
	switch {
	case c.bundle && c.unlisted:
		s.refuse(s.pos-1, "", "objects of the bundle must be a list", nil)
		return !s.stopped
	case c.bundle || c.streamed:
		return true
	case c.alone && !c.foreign && !c.unlisted:
		s.keep = -1
		return true // an envelope without objects (TAXII 2.1 section 3.7)
	}
	if s.keep < 0 {
		return s.outgrown(c)
	}
	return s.single(c)
}

// single reads the object as a STIX object.
func (s *scanner) single(c *container) bool {
	s.spec = ""
	if s.keep >= 0 {
		s.pos, s.keep = s.keep, -1
		return s.whole(c.alone)
	}
	f := framer{breakable: s.lines || s.line(s.pos) == s.first}
	f.open('{')
	return s.outgrown(c) && s.skipped(s.skip(&f))
}

// outgrown refuses an object whose start is no longer in memory.
func (s *scanner) outgrown(c *container) bool {
	s.stopped = !s.yield(nil, &ScanError{Index: s.index, Offset: c.start, Line: c.line, Reason: tooBig(s.limit.object), Err: ErrTooBig})
	s.index++
	return !s.stopped
}

// name reads a property's name and its colon, and goes to its value. A name
// that is none of a bundle's may come back empty.
func (s *scanner) name() (string, bool) {
	if s.buf[s.pos] != '"' {
		return "", s.broken(s.pos, "", faultGrammar.reason())
	}
	name, ok := s.text()
	if !ok {
		return "", false
	}
	if s.space() && s.buf[s.pos] != ':' {
		return "", s.broken(s.pos, "", faultGrammar.reason())
	}
	if s.pos < s.end {
		s.pos++
	}
	if !s.space() {
		return "", s.broken(s.end, "", faultShort.reason())
	}
	return name, true
}

// shortText is how long a name or text of a bundle may be to matter.
const shortText = 1024

// text reads the string at pos; empty when it is too long or too odd to matter.
func (s *scanner) text() (string, bool) {
	for {
		b := s.rest()
		b = b[:min(len(b), shortText)]
		end, _, f := scanString(b, 0)
		switch {
		case f == faultNone:
			s.pos += end
			return string(appendUnescaped(nil, b[1:end-1])), true
		case f != faultShort || len(b) == shortText:
			return "", s.skipValue()
		case !s.more():
			return "", s.broken(s.end, "", faultShort.reason())
		}
	}
}

// skipValue goes behind the value at pos, looking only at what it must.
func (s *scanner) skipValue() bool {
	switch s.buf[s.pos] {
	case '"', '{', '[':
		f := framer{breakable: s.lines || s.line(s.pos) == s.first}
		return s.skipped(s.skip(&f))
	}
	for {
		b := s.rest()
		b = b[:min(len(b), shortText)]
		end, f := scanScalar(b)
		if f == faultShort && len(b) < shortText && s.more() {
			continue
		}
		if f == faultShort && s.err == io.EOF {
			end, f = scanScalar(append(b[:len(b):len(b)], ' '))
		}
		if f != faultNone {
			return s.broken(s.pos, "", f.reason())
		}
		s.pos += end
		return true
	}
}

// scanScalar reads the number, true, false or null that starts b and the end
// that must follow it.
func scanScalar(b []byte) (end int, f fault) {
	wrong := faultLiteral
	if c := b[0]; c == '-' || c-'0' <= 9 {
		wrong = faultNumber
		end, _, f = scanNumber(b, 0)
	} else {
		end, f = scanLiteral(b, 0)
	}
	switch {
	case f != faultNone:
		return end, f
	case end == len(b):
		return end, faultShort
	case b[end] == ',' || b[end] == ']' || b[end] == '}' || skipSpace(b, end) > end:
		return end, faultNone
	}
	return end, wrong
}

// skipped says what became of a value that was passed over.
func (s *scanner) skipped(state framing) bool {
	switch state {
	case framingDone:
		return true
	case framingBroken:
		return s.broken(s.pos, "", s.mismatch(s.pos))
	}
	return s.broken(s.end, "", faultShort.reason())
}

// mismatch says why a framer broke at buf[at].
func (s *scanner) mismatch(at int) string {
	if s.buf[at] == '\n' {
		return "a string is not closed before its line ends; close it, or write the line break as \\n"
	}
	return "the brackets or quotes before this do not match"
}
