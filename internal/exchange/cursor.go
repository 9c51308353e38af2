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

// A cursor is 25 bytes as URL-safe base64 without padding:
//
//	form (1)  effective date after which to go on (8)  tag (16)
//
// The tag authenticates form and date for one reader, one collection and one
// filter. It holds a date, never a sequence number, and nothing that its
// reader could not have computed from the pages seen.
const cursorForm = 1

// cursor makes the cursor that goes on after a date.
func (x *Exchange) cursor(p account.Principal, collection string, q *Query, after store.Tick) string {
	var raw [25]byte
	raw[0] = cursorForm
	binary.BigEndian.PutUint64(raw[1:9], uint64(after))
	copy(raw[9:], x.cursorTag(p, collection, q, raw[:9]))
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// resume reads a cursor back; ErrBadCursor when it was not made for this.
func (x *Exchange) resume(p account.Principal, collection string, q *Query) (store.Tick, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(q.Next)
	if err != nil || len(raw) != 25 || raw[0] != cursorForm {
		return 0, ErrBadCursor
	}
	if subtle.ConstantTimeCompare(raw[9:], x.cursorTag(p, collection, q, raw[:9])) != 1 {
		return 0, ErrBadCursor
	}
	return store.Tick(binary.BigEndian.Uint64(raw[1:9])), nil
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
