package intake

import (
	"io"
	"iter"
)

// Files opens what paths stand for, as [Sources] lists it, one after the other.
// An input is closed when the next one is asked for.
func Files(paths []string) iter.Seq2[Input, error] {
	return func(yield func(Input, error) bool) {
		for source, err := range Sources(paths, eof{}) {
			if err != nil {
				if !yield(Input{Name: source.Name}, err) {
					return
				}
				continue
			}
			f, err := source.Open()
			goOn := yield(Input{Name: source.Name, Reader: f}, err)
			if f != nil {
				f.Close()
			}
			if !goOn {
				return
			}
		}
	}
}

// eof is a standard input with nothing in it.
type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }
