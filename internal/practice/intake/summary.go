package intake

import (
	"fmt"
	"strings"

	"entente/internal/exchange"
)

// A summary tells the first refusals and fewer conflicts, which real feeds have
// by the hundred; the rest are counted.
const (
	maxReasons   = 20
	maxConflicts = 5
	maxWarnings  = 5
)

// Summary tells what an import came to.
type Summary struct {
	Collection string    `json:"collection"`
	Files      int       `json:"files"`
	Bytes      int64     `json:"bytes"` // read, after decompression
	Objects    int       `json:"objects"`
	New        int       `json:"new"`
	Same       int       `json:"same"`
	Older      int       `json:"older"`
	Variant    int       `json:"variant"`
	Conflict   int       `json:"conflict"`
	Refused    int       `json:"refused"`            // objects, and files that could not be read
	Warnings   int       `json:"warnings,omitempty"` // objects that are kept, and of which something should be known
	Seconds    float64   `json:"seconds"`
	Reasons    []Refusal `json:"reasons"`         // the first ones
	Error      string    `json:"error,omitempty"` // why it ended early
}

// warned is the Verdict of a Refusal of what was taken, with a warning.
const warned = "warning"

// Refusal is one thing that was not taken as it came, or not without a warning, and why.
type Refusal struct {
	File    string `json:"file"`
	Object  *int   `json:"object,omitempty"` // index in the file, from 0
	Line    int    `json:"line,omitempty"`
	Offset  *int64 `json:"offset,omitempty"` // byte of the file, decompressed
	ID      string `json:"id,omitempty"`
	Verdict string `json:"verdict"` // refused, conflict or warning
	Reason  string `json:"reason"`
}

func (r Refusal) String() string {
	var b strings.Builder
	b.WriteString(r.File)
	if r.Line > 0 {
		fmt.Fprintf(&b, ":%d", r.Line)
	}
	if r.Object != nil {
		fmt.Fprintf(&b, ": object %d", *r.Object)
	}
	if r.Offset != nil {
		fmt.Fprintf(&b, " at byte %d", *r.Offset)
	}
	if r.ID != "" {
		fmt.Fprintf(&b, " (%s)", r.ID)
	}
	fmt.Fprintf(&b, ": %s", r.Reason)
	return b.String()
}

// count adds what became of one object.
func (s *Summary) count(r *exchange.Result, at place) {
	s.Objects++
	switch r.Verdict {
	case exchange.New:
		s.New++
	case exchange.Same:
		s.Same++
	case exchange.Older:
		s.Older++
	case exchange.Variant:
		s.Variant++
	case exchange.Conflict:
		s.Conflict++
	case exchange.Refused:
		s.Refused++
	}
	if r.Verdict == exchange.Conflict || r.Verdict == exchange.Refused {
		s.tell(Refusal{File: at.file, Object: &at.object, ID: r.ID, Verdict: string(r.Verdict), Reason: r.Reason})
	}
	if r.Warning != "" {
		s.Warnings++
		s.tell(Refusal{File: at.file, Object: &at.object, ID: r.ID, Verdict: warned, Reason: r.Warning})
	}
}

// tell keeps one of the first reasons; it was counted before.
func (s *Summary) tell(bad Refusal) {
	if bad.Verdict == string(exchange.Conflict) && s.Conflict > maxConflicts || bad.Verdict == warned && s.Warnings > maxWarnings || s.Refused > maxReasons {
		return
	}
	s.Reasons = append(s.Reasons, bad)
}

// String is the summary in a line.
func (s Summary) String() string {
	return fmt.Sprintf("%s from %s: %d new, %d same, %d older, %s, %s, %d refused",
		Count(s.Objects, "object"), Count(s.Files, "file"), s.New, s.Same, s.Older,
		Count(s.Variant, "variant"), Count(s.Conflict, "conflict"), s.Refused)
}

// Count says how many there are of something, as "1 file" or "2 files".
func Count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
