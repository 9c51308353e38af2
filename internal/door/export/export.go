package export

import (
	"bufio"
	"context"
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/google/uuid"

	"entente/internal/exchange"
	"entente/internal/store"
)

// Form is how objects are written.
type Form string

// The forms.
const (
	Bundle Form = "stix"  // one STIX 2.1 bundle (section 8)
	Lines  Form = "jsonl" // one object a line; line breaks within an object become spaces
)

// ParseForm reads a form's name.
func ParseForm(s string) (Form, error) {
	switch f := Form(s); f {
	case Bundle, Lines:
		return f, nil
	}
	return "", fmt.Errorf("%w: export form %q; there are stix (a bundle) and jsonl (one object a line)", exchange.ErrInvalid, s)
}

// Options say what is exported.
type Options struct {
	Form        Form
	Collections []string // ids or aliases; all that the reader may read when empty
	Latest      bool     // the latest version of each object alone; all versions otherwise
	Reviewed    bool     // without what says that a machine made it and that nobody has reviewed it
}

// pageSize keeps one page's bodies well below what a node may hold.
const (
	pageSize  = 1000
	pageBytes = 8 << 20
)

// Write writes what the view shows, and tells how many objects that was. What
// stands in several collections with the same bytes is written once.
func Write(ctx context.Context, w io.Writer, v *exchange.View, o Options) (int, error) {
	collections, err := v.ReadableOf(o.Collections)
	if err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	out := &writer{w: bufio.NewWriterSize(w, 64<<10), form: o.Form}
	if len(collections) > 1 {
		out.seen = make(map[[16]byte]struct{})
	}
	out.open()
	for _, c := range collections {
		if err := out.collection(ctx, v, c.ID, o); err != nil {
			return out.n, fmt.Errorf("export: collection %q: %w", c.Alias, err)
		}
	}
	out.close()
	if err := out.w.Flush(); err != nil {
		return out.n, fmt.Errorf("export: %w", err)
	}
	return out.n, nil
}

// writer puts objects into a form. Errors of writing stay in w until Flush.
type writer struct {
	w    *bufio.Writer
	form Form
	n    int
	seen map[[16]byte]struct{} // half digests of what was written; nil when nothing can come twice
}

func (w *writer) open() {
	if w.form == Bundle {
		fmt.Fprintf(w.w, `{"type":"bundle","id":"bundle--%s"`, uuid.New())
	}
}

func (w *writer) close() {
	if w.form != Bundle {
		return
	}
	if w.n > 0 {
		w.w.WriteString("\n]")
	}
	w.w.WriteString("}\n")
}

// collection writes one collection, page by page.
func (w *writer) collection(ctx context.Context, v *exchange.View, id string, o Options) error {
	q := exchange.Query{Limit: pageSize, MaxBytes: pageBytes, Bodies: true, Once: true, Reviewed: o.Reviewed}
	q.Versions = store.VersionFilter{Latest: o.Latest, All: !o.Latest}
	for page, err := range v.Pages(ctx, id, q) {
		if err != nil {
			return err
		}
		for i := range page.Len() {
			w.object(page.Bytes(i))
		}
		if err := w.w.Flush(); err != nil { // nobody reads on
			return err
		}
	}
	return nil
}

func (w *writer) object(raw []byte) {
	if w.seen != nil {
		sum := sha256.Sum256(raw)
		half := [16]byte(sum[:16])
		if _, twice := w.seen[half]; twice {
			return
		}
		w.seen[half] = struct{}{}
	}
	switch {
	case w.form == Bundle && w.n == 0:
		w.w.WriteString(",\"objects\":[\n") // a bundle without objects has no list (section 8)
	case w.form == Bundle:
		w.w.WriteString(",\n")
	}
	w.n++
	if w.form == Bundle {
		w.w.Write(raw)
		return
	}
	for _, c := range raw {
		if c == '\n' || c == '\r' {
			c = ' ' // outside strings alone, where JSON lets any space stand
		}
		w.w.WriteByte(c)
	}
	w.w.WriteByte('\n')
}
