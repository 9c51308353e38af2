package detect

import (
	"errors"
	"io"

	"entente/stix"
)

// Unread says what of a set's input could not be read.
type Unread struct {
	Read  int // objects that could be
	Count int
	First []error // of them, at most ten
}

func (u *Unread) add(err error) {
	if u.Count++; len(u.First) < 10 {
		u.First = append(u.First, err)
	}
}

// batchSize is how many objects go from reading to compiling at once.
const batchSize = 256

// Load adds the indicators and identities of a bundle or JSON Lines, as stix.Scan
// reads them. What cannot be read of it is left out and told; the error is r's.
func (s *Set) Load(r io.Reader) (Unread, error) {
	var bad Unread
	var fault error
	batches := make(chan []*prepared, 8)
	go func() {
		defer close(batches)
		var batch []*prepared
		for o, err := range stix.Scan(r) {
			if _, ok := errors.AsType[*stix.ScanError](err); ok {
				bad.add(err)
				continue
			}
			if fault = err; err != nil {
				break
			}
			bad.Read++
			if p := s.prepare(o); p != nil {
				batch = append(batch, p)
			}
			if len(batch) == batchSize {
				batches <- batch
				batch = nil
			}
		}
		batches <- batch
	}()
	for batch := range batches {
		for _, p := range batch {
			s.put(p)
		}
	}
	return bad, fault
}
