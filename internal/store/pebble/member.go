package pebble

import (
	"bytes"
	"encoding/binary"
	"slices"

	"entente/internal/store"
)

// A membership row: 4 bytes of class, a byte of flags, then as the flags say:
// the classes of newer versions, the tick of a body that lies elsewhere, the
// id, the version, the specification's version.
const (
	flagElsewhere = 1 << iota // the body lies under another tick than the row's
	flagRevoked
	flagUUID // the id is type--uuid; else its whole text stands here
	flagVersion
	flagNewer
	flagSpec21
	flagSpec20 // with flagSpec21: another text, which follows
	flagFace   // what is shown of the object to those who may not see all of it
)

// member is a membership row read. Its slices point into the row.
type member struct {
	class   store.ClassID
	flags   byte
	newer   []byte     // encoded classes; see newerSet
	body    store.Tick // 0 when the body lies under the row's own tick
	typ     []byte     // the id's type, or its whole text when uuid is nil
	uuid    []byte
	version []byte
	spec    []byte // only when it is neither "2.1" nor "2.0"
	tail    []byte // id, version and spec as they stand in the row
}

// readMember reads a row; false when it is no row.
func readMember(row []byte) (m member, ok bool) {
	if len(row) < 5 {
		return m, false
	}
	m.class, m.flags = read32[store.ClassID](row), row[4]
	rest := row[5:]
	if m.flags&flagNewer != 0 {
		if m.newer, rest, ok = cutText(rest); !ok {
			return m, false
		}
	}
	if m.flags&flagElsewhere != 0 {
		if len(rest) < 8 {
			return m, false
		}
		m.body, rest = readTick(rest), rest[8:]
	}
	m.tail = rest
	if m.typ, rest, ok = cutText(rest); !ok {
		return m, false
	}
	if m.flags&flagUUID != 0 {
		if len(rest) < 16 {
			return m, false
		}
		m.uuid, rest = rest[:16], rest[16:]
	}
	if m.flags&flagVersion != 0 {
		if m.version, rest, ok = cutText(rest); !ok {
			return m, false
		}
	}
	if m.flags&(flagSpec21|flagSpec20) == flagSpec21|flagSpec20 {
		if m.spec, rest, ok = cutText(rest); !ok {
			return m, false
		}
	}
	return m, len(rest) == 0
}

// appendMember writes a row. Flags are those of the tail; the others follow
// from newer and body (0 for a body under the row's own tick).
func appendMember(b []byte, class store.ClassID, flags byte, newer []byte, body store.Tick, tail []byte) []byte {
	flags &^= flagNewer | flagElsewhere
	if len(newer) > 0 {
		flags |= flagNewer
	}
	if body != 0 {
		flags |= flagElsewhere
	}
	b = append(append32(b, class), flags)
	if len(newer) > 0 {
		b = appendText(b, newer)
	}
	if body != 0 {
		b = appendTick(b, body)
	}
	return append(b, tail...)
}

// appendTail writes what a row says of its object whatever the class.
func appendTail(b []byte, p *store.Put) (tail []byte, flags byte) {
	if typ, uuid, ok := splitID(p.ID); ok {
		flags |= flagUUID
		b = append(appendText(b, typ), uuid[:]...)
	} else {
		b = appendText(b, p.ID)
	}
	if p.Version != "" {
		flags |= flagVersion
		b = appendText(b, p.Version)
	}
	if p.Revoked {
		flags |= flagRevoked
	}
	if p.Face {
		flags |= flagFace
	}
	switch p.Spec {
	case "":
	case "2.1":
		flags |= flagSpec21
	case "2.0":
		flags |= flagSpec20
	default:
		flags |= flagSpec21 | flagSpec20
		b = appendText(b, p.Spec)
	}
	return b, flags
}

// appendID appends the text of the row's id.
func (m *member) appendID(b []byte) []byte {
	if m.uuid == nil {
		return append(b, m.typ...)
	}
	return joinID(b, m.typ, m.uuid)
}

// appendVersion appends the row's version as in keys.
func (m *member) appendVersion(b []byte) []byte {
	b = appendVersion(b, string(m.version))
	if m.flags&flagFace != 0 {
		b = append(b, versionFace)
	}
	return b
}

// stixType is the type that the row's id names.
func (m *member) stixType() []byte {
	if m.uuid != nil {
		return m.typ
	}
	typ, _, _ := bytes.Cut(m.typ, []byte("--"))
	return typ
}

// specText is the specification's version.
func (m *member) specText() string {
	switch m.flags & (flagSpec21 | flagSpec20) {
	case flagSpec21:
		return "2.1"
	case flagSpec20:
		return "2.0"
	case flagSpec21 | flagSpec20:
		return string(m.spec)
	}
	return ""
}

// bodyAt is the tick under which the body of the row at a tick lies.
func (m *member) bodyAt(row store.Tick) store.Tick {
	if m.body != 0 {
		return m.body
	}
	return row
}

// latest tells whether no newer version is in a visible class.
func (m *member) latest(visible *store.Classes) bool {
	for b := m.newer; len(b) > 0; {
		class, n := binary.Uvarint(b)
		if n <= 0 || visible.Has(store.ClassID(class)) {
			return false
		}
		b = b[n:]
	}
	return true
}

// newerSet is the classes of newer versions, in rising order.
func (m *member) newerSet() []store.ClassID {
	var set []store.ClassID
	for b := m.newer; len(b) > 0; {
		class, n := binary.Uvarint(b)
		if n <= 0 {
			break
		}
		set, b = append(set, store.ClassID(class)), b[n:]
	}
	return set
}

func appendClasses(b []byte, set []store.ClassID) []byte {
	for _, class := range set {
		b = binary.AppendUvarint(b, uint64(class))
	}
	return b
}

// with is the set and one class more, as a new slice.
func with(set []store.ClassID, class store.ClassID) []store.ClassID {
	at, found := slices.BinarySearch(set, class)
	if found {
		return set
	}
	return slices.Insert(slices.Clone(set), at, class)
}

func appendText[T ~string | ~[]byte](b []byte, text T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// cutText takes what appendText wrote off the front of b.
func cutText(b []byte) (text, rest []byte, ok bool) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return nil, nil, false
	}
	end := size + int(n)
	return b[size:end:end], b[end:], true
}
