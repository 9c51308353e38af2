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

// Load adds the indicators and identities of a bundle or JSON Lines, as stix.Scan
// reads them. What cannot be read of it is left out and told; the error is r's.
func (s *Set) Load(r io.Reader) (Unread, error) {
	var bad Unread
	for b, err := range stix.Gather(r, func(b *counted, o *stix.Object, properties []stix.Member) {
		b.objects++
		s.prepare(&b.batch, o, properties)
	}) {
		if _, ok := errors.AsType[*stix.ScanError](err); ok {
			bad.add(err)
			continue
		}
		if err != nil {
			return bad, err
		}
		bad.Read += b.objects
		b.objects = 0
		s.putAll(&b.batch)
	}
	return bad, nil
}

// counted is a batch made of so many objects.
type counted struct {
	batch
	objects int
}
