package pebble

import (
	"encoding/binary"

	"entente/internal/store"
)

// A body row: the length of a header, the header, the producer's bytes. The
// header holds the home collection and what the object is found by, so that a
// removal knows which index rows to take away and Verify which to expect.

func appendBodyHeader(b []byte, p *store.Put) []byte {
	b = append32(b, p.Collection)
	b = binary.AppendUvarint(b, uint64(len(p.Values)))
	for _, v := range p.Values {
		b = appendText(append(b, v.Kind), v.Text)
	}
	b = binary.AppendUvarint(b, uint64(len(p.Edges)))
	for _, e := range p.Edges {
		b = appendText(appendText(b, e.Path), e.ID)
	}
	return b
}

// cutBody takes a body row apart; false when it is none.
func cutBody(row []byte) (header, raw []byte, ok bool) {
	header, raw, ok = cutText(row)
	return header, raw, ok && len(header) >= 4
}

// readBodyHeader reads what appendBodyHeader wrote.
func readBodyHeader(header []byte) (home store.Collection, values []store.Value, edges []store.Ref, ok bool) {
	if len(header) < 4 {
		return 0, nil, nil, false
	}
	home, b := read32[store.Collection](header), header[4:]
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)) {
		return 0, nil, nil, false
	}
	b = b[size:]
	for range n {
		if len(b) == 0 {
			return 0, nil, nil, false
		}
		kind := b[0]
		text, rest, ok := cutText(b[1:])
		if !ok {
			return 0, nil, nil, false
		}
		values, b = append(values, store.Value{Kind: kind, Text: string(text)}), rest
	}
	n, size = binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)) {
		return 0, nil, nil, false
	}
	b = b[size:]
	for range n {
		path, rest, ok := cutText(b)
		if !ok {
			return 0, nil, nil, false
		}
		id, rest, ok := cutText(rest)
		if !ok {
			return 0, nil, nil, false
		}
		edges, b = append(edges, store.Ref{Path: string(path), ID: string(id)}), rest
	}
	return home, values, edges, len(b) == 0
}
