package search

import "strings"

// termNumber stands for a term among words.
type termNumber uint32

// words numbers the terms of many objects, and knows which of them the object
// has that is being read.
type words struct {
	numbers map[string]termNumber
	terms   []string // by number
	marks   []mark   // likewise
	object  uint32   // counts those read
	taken   int      // terms of the object at hand
}

// mark is the object that last had a term, and the field where it had it first.
type mark struct {
	object uint32
	in     field
}

func newWords() *words { return &words{numbers: map[string]termNumber{}} }

// begin begins an object.
func (w *words) begin() {
	w.object++
	w.taken = 0
}

// number is the number of a term.
func (w *words) number(term string) termNumber {
	if n, known := w.numbers[term]; known {
		return n
	}
	n := termNumber(len(w.terms))
	term = strings.Clone(term) // which may be a part of a long text
	w.numbers[term] = n
	w.terms, w.marks = append(w.terms, term), append(w.marks, mark{})
	return n
}

// take notes that the object has a term in a field. It is the first time unless
// the object had it before; that a label is a name, too, does not count.
func (w *words) take(f field, term string) (n termNumber, first bool) {
	if w.taken >= mostTerms {
		return 0, false
	}
	n = w.number(term)
	m := &w.marks[n]
	if m.object == w.object && (f != fieldLabel || m.in == fieldLabel) {
		return n, false
	}
	if m.object != w.object {
		w.taken++
	}
	*m = mark{w.object, f}
	return n, true
}
