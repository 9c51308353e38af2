package blocklist

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
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
func (f *Format) HasChanges() bool { return f.changes != nil }

// WriteChanges writes changes in the form of a list, each with what became of it: a sign
// before the value in plain, which has no Changed; a first column in CSV; a property in
// NDJSON.
func (f *Format) WriteChanges(w io.Writer, changes iter.Seq2[Change, error]) error {
	if !f.HasChanges() {
		return refuse("%s says no changes", f.Name)
	}
	out := bufio.NewWriterSize(w, 32<<10)
	to := f.changes(out)
	for c, err := range changes {
		if err == nil {
			err = c.Entry.Check()
		}
		if err == nil {
			err = to.add(&c)
		}
		if err != nil {
			return fmt.Errorf("changes of a list: %w", err)
		}
	}
	if err := errors.Join(to.end(), out.Flush()); err != nil {
		return fmt.Errorf("changes of a list: %w", err)
	}
	return nil
}

// changeWriter writes changes in one form.
type changeWriter struct {
	add func(*Change) error
	end func() error
}

func nothing() error { return nil }

func plainChanges(w io.Writer) changeWriter {
	return changeWriter{func(c *Change) (err error) {
		if sign := map[string]string{Added: "+", Removed: "-"}[c.What]; sign != "" {
			_, err = io.WriteString(w, sign+c.Entry.Value+"\n")
		}
		return err
	}, nothing}
}

func csvChanges(w io.Writer) changeWriter {
	rows := csv.NewWriter(w)
	_ = rows.Write(append([]string{"change"}, columns...)) // its error is told by Flush
	return changeWriter{func(c *Change) error { return rows.Write(append([]string{c.What}, c.Entry.columns()...)) },
		func() error { rows.Flush(); return rows.Error() }}
}

func jsonChanges(w io.Writer) changeWriter {
	e := json.NewEncoder(w)
	return changeWriter{func(c *Change) error {
		return e.Encode(struct {
			Change string `json:"change"`
			record
		}{c.What, c.Entry.record()})
	}, nothing}
}
