package handling

import (
	"errors"
	"strings"
)

// Face is an object as those are shown it who may read it, but not all of its
// parts: a copy without these, of a class of its own. It is shown to whoever may
// read Shown and may not read Whole, so that of an object and its face a reader
// sees one.
type Face struct {
	Body  []byte // the copy, in canonical form (RFC 8785), marked as one that lacks parts
	Lacks int    // how many parts it lacks
	Shown Class  // of the object without the parts
	Whole Class  // of all of the object
}

// stricter tells of a marking whether a part that has it, in a whole with these
// limits, is stricter than what is shown.
func stricter(whole, shown Class, unmarked Level, defs Definitions) func(marking string) bool {
	return func(marking string) bool {
		part := whole
		part.mark(marking, defs)
		return Binds(shown, part.settled(unmarked))
	}
}

// faceMark begins the text of a face's class. No class begins so, and a program
// that does not know of faces takes it for one that is not understood.
const faceMark = "face\n"

// Canonical is the class of the face as text, as Class.Canonical.
func (f *Face) Canonical() string {
	return faceMark + f.Shown.Canonical() + "\n" + f.Whole.Canonical()
}

// ShownClass reads what Canonical of a class or of a face wrote: the class of
// what is shown, and whether that is a face.
func ShownClass(text string) (c Class, face bool, err error) {
	if !IsFace(text) {
		c, err = ParseClass(text)
		return c, false, err
	}
	f, err := parseFace(text)
	return f.Shown, true, err
}

// IsFace tells the text of a face's class.
func IsFace(text string) bool { return strings.HasPrefix(text, faceMark) }

// ExplainedText is what the text of a class or of a face becomes with the
// definitions known now, and whether that changes what anybody may read.
func ExplainedText(text string, defs Definitions) (next string, differs bool) {
	if !strings.Contains(text, unexplainedWord) { // most by far, which are not read for it
		return "", false
	}
	if c, err := ParseClass(text); err == nil {
		then := c.Explained(defs)
		return then.Canonical(), len(c.Unexplained) > 0 && Differ(c, then)
	}
	f, err := parseFace(text)
	if err != nil {
		return "", false
	}
	then := Face{Shown: f.Shown.Explained(defs), Whole: f.Whole.Explained(defs)}
	return then.Canonical(), Differ(f.Shown, then.Shown) || Differ(f.Whole, then.Whole)
}

var errNoFace = errors.New("handling: it is not the class of a face")

// parseFace reads what Canonical wrote, without the body.
func parseFace(text string) (f Face, err error) {
	rest, ok := strings.CutPrefix(text, faceMark)
	shown, whole, two := strings.Cut(rest, "\n")
	if !ok || !two {
		return f, errNoFace
	}
	if f.Shown, err = ParseClass(shown); err != nil {
		return f, err
	}
	f.Whole, err = ParseClass(whole)
	return f, err
}
