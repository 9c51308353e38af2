package pebble

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"

	"entente/internal/store"
)

// The kinds of keys; the table in the package comment says what follows each.
const (
	kindBody       = 'b'
	kindMember     = 'm'
	kindByClass    = 'k'
	kindID         = 'i'
	kindValue      = 'v'
	kindEdge       = 'e'
	kindStep       = 's'
	kindConflict   = 'x'
	kindCount      = 'n'
	kindClass      = 'c'
	kindRow        = 'r'
	kindLeaf       = 'l'
	kindHash       = 'h'
	kindPosting    = 'p'
	kindMeta       = '!'
	metaFormat     = "format"
	metaTick       = "tick"
	longestKeyText = 64 // longer values are keyed by their hash
)

func appendTick(b []byte, t store.Tick) []byte { return binary.BigEndian.AppendUint64(b, uint64(t)) }
func append32[T ~uint32](b []byte, v T) []byte { return binary.BigEndian.AppendUint32(b, uint32(v)) }
func readTick(b []byte) store.Tick             { return store.Tick(binary.BigEndian.Uint64(b)) }
func read32[T ~uint32](b []byte) T             { return T(binary.BigEndian.Uint32(b)) }

func bodyKey(b []byte, t store.Tick) []byte { return appendTick(append(b, kindBody), t) }
func stepKey(b []byte, t store.Tick) []byte { return appendTick(append(b, kindStep), t) }

func memberKey(b []byte, c store.Collection, t store.Tick) []byte {
	return appendTick(append32(append(b, kindMember), c), t)
}

func byClassKey(b []byte, c store.Collection, class store.ClassID, t store.Tick) []byte {
	return appendTick(append32(append32(append(b, kindByClass), c), class), t)
}

func countKey(b []byte, c store.Collection, class store.ClassID) []byte {
	return append32(append32(append(b, kindCount), c), class)
}

func classKey(b []byte, class store.ClassID) []byte { return append32(append(b, kindClass), class) }
func leafKey(b []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(append(b, kindLeaf), uint64(n))
}
func hashKey(b []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(append(b, kindHash), uint64(n))
}
func metaKey(name string) []byte { return append([]byte{kindMeta}, name...) }

func rowKey(b []byte, table, key string) []byte {
	return append(appendText(append(b, kindRow), table), key...)
}

// appendID writes an id so that no id's form is the beginning of another's:
// 16 bytes of UUID, the length of the type, the type. An id of another shape
// is its SHA-256 around a length of 0.
func appendID(b []byte, id string) []byte {
	if typ, uuid, ok := splitID(id); ok {
		b = append(b, uuid[:]...)
		return append(append(b, byte(len(typ))), typ...)
	}
	sum := sha256.Sum256([]byte(id))
	b = append(b, sum[:16]...)
	return append(append(b, 0), sum[16:]...)
}

// idLen is the length of the id at the start of b, or len(b) when b is shorter.
func idLen(b []byte) int {
	if len(b) < 17 {
		return len(b)
	}
	n := 17 + int(b[16])
	if b[16] == 0 {
		n = 33
	}
	return min(n, len(b))
}

// splitID takes "type--uuid" apart when the UUID is in its canonical
// lower-case form, so that joinID gives the same text back.
func splitID(id string) (typ string, uuid [16]byte, ok bool) {
	n := len(id) - 38
	if n < 1 || n > 255 || strings.Index(id, "--") != n {
		return "", uuid, false
	}
	text := id[n+2:]
	if text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return "", uuid, false
	}
	at := 0
	for i := 0; i < 36; i += 2 {
		if text[i] == '-' {
			i++
		}
		hi, lo := unhex(text[i]), unhex(text[i+1])
		if hi|lo > 15 {
			return "", uuid, false
		}
		uuid[at] = hi<<4 | lo
		at++
	}
	return id[:n], uuid, true
}

func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 0xff
}

// joinID appends the text of an id that splitID took apart.
func joinID(b, typ, uuid []byte) []byte {
	b = append(b, typ...)
	b = append(b, '-', '-')
	b = hex.AppendEncode(b, uuid[0:4])
	b = hex.AppendEncode(append(b, '-'), uuid[4:6])
	b = hex.AppendEncode(append(b, '-'), uuid[6:8])
	b = hex.AppendEncode(append(b, '-'), uuid[8:10])
	return hex.AppendEncode(append(b, '-'), uuid[10:16])
}

// chainKey begins all rows of one id in one collection.
func chainKey(b, id []byte, c store.Collection) []byte {
	return append32(append(append(b, kindID), id...), c)
}

func idKey(b, id []byte, c store.Collection, version []byte, t store.Tick) []byte {
	return appendTick(append(chainKey(b, id, c), version...), t)
}

// appendValue writes kind, length and text of a look-up value; long texts by
// their hash, with a length no text has.
func appendValue(b []byte, kind uint8, text string) []byte {
	b = append(b, kindValue, kind)
	if len(text) <= longestKeyText {
		return append(append(b, byte(len(text))), text...)
	}
	sum := sha256.Sum256([]byte(text))
	return append(append(b, 0xff), sum[:]...)
}

// valueLen is the length of what appendValue wrote at the start of b.
func valueLen(b []byte) int {
	if len(b) < 3 {
		return len(b)
	}
	n := 3 + int(b[2])
	if b[2] == 0xff {
		n = 3 + sha256.Size
	}
	return min(n, len(b))
}

// appendPlace ends a value's or an edge's key.
func appendPlace(b []byte, p store.Place) []byte {
	return appendTick(append32(append32(b, p.Collection), p.Class), p.Added)
}

const placeLen = 16

func readPlace(b []byte) store.Place {
	return store.Place{Collection: read32[store.Collection](b), Class: read32[store.ClassID](b[4:]), Added: readTick(b[8:])}
}

// after is the first key behind all keys that begin with prefix.
func after(prefix []byte) []byte {
	end := bytes.Clone(prefix)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i]++; end[i] != 0 {
			return end[:i+1]
		}
	}
	return nil
}

// typeOf is the STIX type that an id names.
func typeOf(id string) string {
	typ, _, _ := strings.Cut(id, "--")
	return typ
}
