package exchange

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"slices"

	"entente/internal/store"
	"entente/internal/trust/account"
)

// A cursor is, as URL-safe base64 without padding:
//
//	form (1)  effective date after which to go on (8)  tag (16)
//
// or, within a run of what was opened at one date (opened.go),
//
//	form (3)  that date (8)  when the last object was added (8)  tag (16)
//
// The tag authenticates form and dates for one reader, one collection and one
// filter. It holds dates, never a sequence number, and nothing that its
// reader could not have computed from the pages seen.
const (
	cursorForm    = 1
	runCursorForm = 3 // 2 is a mark's
)

// cursor makes the cursor that goes on after a place.
func (x *Exchange) cursor(p account.Principal, collection string, q *Query, after place) string {
	raw := binary.BigEndian.AppendUint64([]byte{cursorForm}, uint64(after.date))
	if after.row != after.date {
		raw[0] = runCursorForm
		raw = binary.BigEndian.AppendUint64(raw, uint64(after.row))
	}
	return base64.RawURLEncoding.EncodeToString(append(raw, x.cursorTag(p, collection, q, raw)...))
}

// resume reads a cursor back; ErrBadCursor when it was not made for this.
func (x *Exchange) resume(p account.Principal, collection string, q *Query) (place, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(q.Next)
	if err != nil || len(raw) < 25 {
		return place{}, ErrBadCursor
	}
	position, tag := raw[:len(raw)-16], raw[len(raw)-16:]
	if subtle.ConstantTimeCompare(tag, x.cursorTag(p, collection, q, position)) != 1 {
		return place{}, ErrBadCursor
	}
	date := store.Tick(binary.BigEndian.Uint64(position[1:]))
	switch {
	case position[0] == cursorForm && len(position) == 9:
		return at(date), nil
	case position[0] == runCursorForm && len(position) == 17:
		return place{date, store.Tick(binary.BigEndian.Uint64(position[9:]))}, nil
	}
	return place{}, ErrBadCursor
}

// cursorTag binds a position to reader, collection and filter. The page size
// and the kind of page are left out: a listing may go on with another.
func (x *Exchange) cursorTag(p account.Principal, collection string, q *Query, position []byte) []byte {
	mac := hmac.New(sha256.New, x.cursorKey)
	buf := make([]byte, 0, 256)
	field := func(s string) {
		buf = binary.BigEndian.AppendUint32(buf, uint32(len(s)))
		buf = append(buf, s...)
	}
	list := func(ss []string) {
		buf = binary.BigEndian.AppendUint32(buf, uint32(len(ss)))
		if len(ss) > 1 {
			ss = slices.Sorted(slices.Values(ss))
		}
		for _, s := range ss {
			field(s)
		}
	}
	buf = append(buf, position...)
	field(p.Org)
	field(p.Account)
	field(collection)
	list(q.IDs)
	list(q.Types)
	list(q.Specs)
	list(q.Versions.Exact)
	buf = append(buf, flag(q.Versions.All), flag(q.Versions.First), flag(q.Versions.Latest || q.latestByDefault()))
	mac.Write(buf)
	return mac.Sum(nil)[:16]
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// latestByDefault is true for the zero filter, which means latest.
func (q *Query) latestByDefault() bool {
	v := q.Versions
	return !v.All && !v.First && !v.Latest && len(v.Exact) == 0
}
