package stix

import (
	"bytes"
	"fmt"
	"io"
	"iter"
)

// ValidateAll checks everything that r gives: a bundle, an envelope of TAXII, an
// array, JSON Lines, single objects, or several of these after one another. It
// yields what it finds in the order of the input; what needs all objects of a
// bundle to be told, of translations and of extensions, comes at the bundle's end.
//
// It holds no more in memory than one object at a time, and for bundles what
// their objects are held against one another by: fingerprints of versions (of the
// first million objects), and a few MiB of translations, of the names of
// properties, and of what extensions were used. What is beyond that is checked by
// itself alone.
//
// What is not JSON is a finding with its line and column; checking goes on with
// the next object where its beginning can be known. The error is that of the
// reader alone, after which nothing more comes.
func ValidateAll(r io.Reader, opts ...ValidateOption) iter.Seq2[Finding, error] {
	v := newValidation(opts)
	return func(yield func(Finding, error) bool) {
		in := &input{r: r, limit: v.size, at: origin{line: 1, column: 1}}
		w := &walk{v: v, in: in, yield: func(f Finding) bool { return yield(f, nil) }}
		w.all()
		if in.err != nil && in.err != io.EOF && !w.stopped {
			yield(Finding{}, in.err)
		}
	}
}

// stream is ValidateAll for bytes that are at hand.
func (v *validation) stream(r io.Reader) iter.Seq[Finding] {
	return func(yield func(Finding) bool) {
		w := &walk{v: v, in: &input{r: r, limit: v.size, at: origin{line: 1, column: 1}}, yield: yield}
		w.all()
	}
}

// walk goes through the input, object by object.
type walk struct {
	v       *validation
	in      *input
	yield   func(Finding) bool
	stopped bool // whoever ranges over the findings has enough
	index   int  // of the next object
	bundle  *bundleCheck
	c       checker
}

// emit passes findings on; false when no more are wanted.
func (w *walk) emit(all ...Finding) bool {
	for _, f := range all {
		if w.stopped {
			break
		}
		w.stopped = !w.yield(f)
	}
	return !w.stopped
}

// all reads top-level values until the input ends.
func (w *walk) all() {
	w.in.skipMark()
	w.in.space()
	if w.in.ended() && w.in.err == io.EOF {
		w.emit(w.finding(Error, ruleJSON, "", "there is nothing to check", "give a STIX object or a bundle"))
	}
	for ; !w.in.ended(); w.in.space() {
		ok := true
		switch w.in.peek() {
		case '[':
			ok = w.elements(inList)
		case '{':
			ok = w.value()
		default:
			ok = w.broken(faultNotObject)
		}
		if !ok || w.stopped {
			return
		}
	}
}

// finding is one that lies outside the objects, at the place where the input is.
func (w *walk) finding(s Severity, rule, section, message, fix string) Finding {
	return Finding{Severity: s, Index: -1, Rule: rule, Section: section, Message: message, Fix: fix, Line: w.in.at.line, Column: w.in.at.column}
}

// broken reports input that cannot be followed further.
func (w *walk) broken(f fault) bool {
	if w.in.err != nil && w.in.err != io.EOF {
		return false
	}
	if w.in.ended() {
		f = faultShort
	}
	what, fix := cutReason(f)
	w.emit(w.finding(Error, ruleJSON, "", what, fix))
	return false
}

// elements checks the elements of the list that the input stands at, each an
// object.
func (w *walk) elements(where surroundings) bool {
	w.in.advance(1)
	w.in.space()
	if w.in.peek() == ']' {
		w.in.advance(1)
		if where == inBundle {
			f := w.finding(Error, ruleEmptyList, "8", "objects is empty", "leave it out, or give it an object")
			f.Path = "objects"
			w.emit(f)
		}
		return !w.stopped
	}
	for {
		if !w.object(where) {
			return false
		}
		w.in.space()
		switch w.in.peek() {
		case ',':
			w.in.advance(1)
			w.in.space()
		case ']':
			w.in.advance(1)
			return true
		default:
			return w.broken(faultGrammar)
		}
	}
}

// surroundings say where an object stands.
type surroundings uint8

const (
	onTop surroundings = iota // by itself, or on a line of JSON Lines
	inList
	inBundle
)

// object checks the value that the input stands at as one object.
func (w *walk) object(where surroundings) bool {
	start := w.in.at
	n, fits, f := w.in.valueEnd(0)
	if f != faultNone {
		return w.unfinished(n, start, f, where)
	}
	if !fits {
		return w.tooBig(n, start, where)
	}
	findings := w.c.run(w.v, w.in.bytes(n), start, w.index, where == inBundle && w.bundle.legacy)
	if where == inBundle {
		findings = w.bundle.countUnversioned(findings)
		findings = append(findings, w.bundle.among(&w.c)...)
	}
	w.index++
	w.in.advance(n)
	return w.emit(findings...)
}

// tooBig passes over an object of which n bytes are more than one may have.
func (w *walk) tooBig(n int, start origin, where surroundings) bool {
	if where == onTop && w.brokenLine(n, start) {
		return !w.stopped
	}
	w.emit(Finding{Severity: Error, Index: w.index, Rule: ruleTooBig, Message: fmt.Sprintf("the object has more than %d bytes", w.v.size),
		Fix: "split it, or raise the limit", Line: start.line, Column: start.column})
	w.index++
	if f := w.in.discard(n); f != faultNone {
		return w.broken(f)
	}
	return !w.stopped
}

// unfinished tells of an object whose end cannot be found: what the strict
// parser says of it is more exact than what the search for its end saw.
func (w *walk) unfinished(n int, start origin, f fault, where surroundings) bool {
	if w.in.err != nil && w.in.err != io.EOF {
		return false
	}
	if where == onTop && w.brokenLine(n, start) {
		return !w.stopped
	}
	findings := w.c.run(w.v, w.in.bytes(min(n+1, w.v.size)), start, w.index, false)
	if len(findings) > 0 && findings[0].Rule == ruleJSON {
		return w.emit(findings[0]) && false
	}
	w.in.advance(n)
	return w.broken(f)
}

// brokenLine handles a line of JSON Lines that does not close its brackets, so
// that it does not hide the good lines after it: where a later line begins with
// a brace, that is taken for the next object.
func (w *walk) brokenLine(n int, start origin) bool {
	end := bytes.Index(w.in.bytes(n), []byte("\n{"))
	if end < 0 {
		return false
	}
	findings := w.c.run(w.v, w.in.bytes(end), start, w.index, false)
	if len(findings) == 0 || findings[0].Rule != ruleJSON {
		return false
	}
	w.index++
	w.in.advance(end)
	w.emit(findings[0])
	return true
}
