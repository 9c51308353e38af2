package exchange

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"entente/internal/store"
)

// Referrers are objects that refer to others, each once, in the latest version
// that the reader sees.
type Referrers struct {
	*Page
	Of   [][]Reference // element i: the references to ids[i]
	More []bool        // element i: there are others to ids[i], which the reader may see, too

	// Next goes on when one id was asked for and there is more; else it is empty.
	Next string
}

// Reference is one reference by object Row of the page.
type Reference struct {
	Row  int
	Path string // as "object_refs[2]"
}

// Edges gives what refers to each id in all collections that the reader may
// read, at most limit references to each. Next goes on where an answer about
// one id has ended. Close the page. Errors: ErrBadCursor.
func (v *View) Edges(ctx context.Context, ids []string, limit int, next string) (*Referrers, error) {
	targets := make([]store.Target, len(ids))
	for i, id := range ids {
		targets[i].ID = id
	}
	if next != "" {
		after, err := v.resumeEdges(ids, next)
		if err != nil {
			return nil, err
		}
		targets[0].After = after
	}
	scope := v.scope()
	// Older versions refer, too, and are passed over.
	most := 2*limit + 1
	found, err := v.x.store.Edges(ctx, targets, scope, most)
	if err != nil {
		return nil, err
	}
	page, rows, err := v.referring(ctx, found, scope)
	if err != nil {
		return nil, err
	}
	r := &Referrers{Page: page, Of: make([][]Reference, len(ids)), More: make([]bool, len(ids))}
	for i, edges := range found {
		last := len(edges) - 1
		for n, e := range edges {
			row, latest := rows[e.Place]
			if !latest {
				continue
			}
			if len(r.Of[i]) == limit {
				r.More[i], last = true, n-1
				break
			}
			r.Of[i] = append(r.Of[i], Reference{row, e.Path})
		}
		r.More[i] = r.More[i] || len(edges) == most
		if r.More[i] && len(ids) == 1 {
			r.Next = v.edgesCursor(ids, edges[last])
		}
	}
	return r, nil
}

// referring fetches the objects of edges, each once, and tells in which row of
// the page those of which the reader sees no newer version are.
func (v *View) referring(ctx context.Context, found [][]store.Edge, scope store.Scope) (*Page, map[store.Place]int, error) {
	rows := map[store.Place]int{}
	var places []store.Place
	for _, edges := range found {
		for _, e := range edges {
			if _, twice := rows[e.Place]; !twice {
				rows[e.Place] = 0
				places = append(places, e.Place)
			}
		}
	}
	fetched, err := v.x.store.Fetch(ctx, places, scope)
	if err != nil {
		return nil, nil, err
	}
	page, err := v.release(ctx, fetched)
	if err != nil {
		return nil, nil, err
	}
	clear(rows)
	for i := range page.Len() {
		rows[page.Place(i)] = i
	}
	return page, rows, nil
}

// A cursor of edges is a place and a path, sealed, since their numbers count
// what its reader may not see: nonce (12), sealed position, as URL-safe base64.
// It is bound to one reader and one id.
func (v *View) edgesCursor(ids []string, at store.Edge) string {
	position := binary.BigEndian.AppendUint32(nil, uint32(at.Collection))
	position = binary.BigEndian.AppendUint32(position, uint32(at.Class))
	position = binary.BigEndian.AppendUint64(position, uint64(at.Added))
	position = append(position, at.Path...)
	aead, bound := v.edgesSeal(ids)
	mac := hmac.New(sha256.New, v.x.cursorKey)
	mac.Write(bound)
	mac.Write(position)
	nonce := mac.Sum(nil)[:aead.NonceSize()]
	return base64.RawURLEncoding.EncodeToString(aead.Seal(nonce, nonce, position, bound))
}

func (v *View) resumeEdges(ids []string, next string) (at store.Edge, err error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(next)
	if err != nil || len(ids) != 1 {
		return at, ErrBadCursor
	}
	aead, bound := v.edgesSeal(ids)
	if len(raw) < aead.NonceSize() {
		return at, ErrBadCursor
	}
	n := aead.NonceSize()
	position, err := aead.Open(nil, raw[:n], raw[n:], bound)
	if err != nil || len(position) < 16 {
		return at, ErrBadCursor
	}
	at.Collection = store.Collection(binary.BigEndian.Uint32(position))
	at.Class = store.ClassID(binary.BigEndian.Uint32(position[4:]))
	at.Added = store.Tick(binary.BigEndian.Uint64(position[8:]))
	at.Path = string(position[16:])
	return at, nil
}

// edgesSeal is what seals cursors of edges, and what they are bound to.
func (v *View) edgesSeal(ids []string) (aead cipher.AEAD, bound []byte) {
	mac := hmac.New(sha256.New, v.x.cursorKey)
	mac.Write([]byte("cursors of edges"))
	block, err := aes.NewCipher(mac.Sum(nil))
	if err == nil {
		aead, err = cipher.NewGCM(block)
	}
	if err != nil {
		panic(err) // a key of 32 bytes is one
	}
	for _, field := range append([]string{v.reader.Org, v.reader.Account}, ids...) {
		bound = binary.BigEndian.AppendUint32(bound, uint32(len(field)))
		bound = append(bound, field...)
	}
	return aead, bound
}
