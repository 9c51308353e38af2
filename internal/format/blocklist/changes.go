package blocklist

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
)

// Change is what became of an entry from one version of a list to another.
type Change struct {
	What  string // Added, Removed or Changed
	Entry Entry  // as it is since; as it was when it was removed
}

// What becomes of entries. Changed is the same value with something else said of it.
const (
	Added   = "added"
	Removed = "removed"
	Changed = "changed"
)

// HasChanges tells whether the format can say what has changed of a list: where each entry
// stands for itself, and who reads it takes lines rather than a file.
func (f *Format) HasChanges() bool {
	return slices.Contains([]string{"plain", "csv", "ndjson"}, f.Name)
}

// WriteChanges writes changes in the form of a list, each with what became of it: a sign
// before the value in plain, which has no Changed; a first column in CSV; a property in
// NDJSON.
func (f *Format) WriteChanges(w io.Writer, changes iter.Seq2[Change, error]) error {
	out := bufio.NewWriterSize(w, 32<<10)
	write, end := f.changeWriter(out)
	for c, err := range changes {
		if err == nil {
			err = c.Entry.Check()
		}
		if err == nil {
			err = write(&c)
		}
		if err != nil {
			return fmt.Errorf("changes of a list: %w", err)
		}
	}
	if err := errors.Join(end(), out.Flush()); err != nil {
		return fmt.Errorf("changes of a list: %w", err)
	}
	return nil
}

func (f *Format) changeWriter(w io.Writer) (write func(*Change) error, end func() error) {
	none := func() error { return nil }
	switch f.Name {
	case "plain":
		return func(c *Change) (err error) {
			if sign := map[string]string{Added: "+", Removed: "-"}[c.What]; sign != "" {
				_, err = io.WriteString(w, sign+c.Entry.Value+"\n")
			}
			return err
		}, none
	case "csv":
		rows := csv.NewWriter(w)
		_ = rows.Write(append([]string{"change"}, columns...)) // its error is told by Flush
		return func(c *Change) error { return rows.Write(append([]string{c.What}, c.Entry.columns()...)) },
			func() error { rows.Flush(); return rows.Error() }
	case "ndjson":
		e := json.NewEncoder(w)
		return func(c *Change) error {
			return e.Encode(struct {
				Change string `json:"change"`
				record
			}{c.What, c.Entry.record()})
		}, none
	}
	return func(*Change) error { return fmt.Errorf("%w: %s says no changes", ErrInvalid, f.Name) }, none
}
