package device

import (
	"encoding/binary"
	"strings"

	"entente/stix"
)

// pack makes a row of a statement: those of one indicator stand together, the newest
// version first.
func (s *statement) pack(id, version string) []byte {
	b := newestFirst(id, version)
	b = binary.BigEndian.AppendUint64(b, uint64(seconds(s.turns)))
	part := func(kind byte, texts ...string) {
		b = append(b, kind)
		for _, t := range texts {
			b = binary.BigEndian.AppendUint32(b, uint32(len(t)))
			b = append(b, t...)
		}
	}
	for _, l := range s.left {
		part('l', l.Reason, l.Example)
	}
	for i := range s.rows.at {
		part('r', string(s.rows.row(i)))
	}
	return b
}

// newestFirst begins a row so that those of one indicator stand together, the newest
// version first: its id, ended by 0, and 8 bytes.
func newestFirst(id, version string) []byte {
	age := uint64(1) << 63
	if t, err := stix.ParseTimestamp(version); err == nil {
		age -= uint64(t.Time().UnixMicro())
	}
	return binary.BigEndian.AppendUint64(append([]byte(id), 0), age)
}

// newest takes the newest version of each indicator.
func (r *reading) newest(versions, into *sorter) error {
	var last string
	for packed, err := range versions.all() {
		if err != nil {
			return err
		}
		id, rest, _ := strings.Cut(string(packed), "\x00")
		if id == last {
			continue
		}
		last = id
		s := unpack(rest)
		r.mu.Lock()
		err := r.keep(&s, into)
		r.mu.Unlock()
		if err != nil {
			return err
		}
	}
	return nil
}

// unpack reads what pack has written behind the id.
func unpack(text string) (s statement) {
	s.turns = instant([]byte(text[8:16]))
	text = text[16:]
	next := func() string {
		n := binary.BigEndian.Uint32([]byte(text))
		one := text[4 : 4+n]
		text = text[4+n:]
		return one
	}
	for text != "" {
		kind := text[0]
		text = text[1:]
		if kind == 'l' {
			s.left = append(s.left, Left{Reason: next(), Example: next()})
		} else {
			s.rows.add([]byte(next()))
		}
	}
	return s
}
