package exchange

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"entente/internal/store"
	"entente/internal/trust/handling"
	"entente/stix"
)

// Poster is a Follower that keeps the index of words, of which there is one.
// Rebuilding it drops the index.
type Poster interface {
	Follower

	// Post gives the postings of what Follow has taken since it last gave any;
	// they are written in the same transaction as the cursor. While more history
	// is there it may answer false, which puts that off: what it has taken is
	// given to it again after a restart.
	Post(more bool) (postings []store.Posting, ready bool)
}

// Index is the index of words as one reader has it. Close it.
type Index struct {
	store.Postings
	view  *View
	scope store.Scope
}

// Beside is another reader of the same index as of the same instant, for another
// goroutine. Close it, too.
func (i *Index) Beside() (*Index, error) {
	p, err := i.Postings.Beside()
	if err != nil {
		return nil, err
	}
	return &Index{Postings: p, view: i.view, scope: i.scope}, nil
}

// Narrowing makes an index smaller. Empty lists mean any.
type Narrowing struct {
	Collections []string // ids or aliases
	TLP         []handling.Level
}

// Index opens the index of words. It holds nothing that the reader may not
// see. ErrNotFound and ErrForbidden are about the collections named.
func (v *View) Index(n Narrowing) (*Index, error) {
	scope := v.scope()
	if len(n.Collections) > 0 {
		all := scope
		scope = store.Scope{}
		for _, name := range n.Collections {
			c, err := v.readable(name)
			if err != nil {
				return nil, err
			}
			scope[c.Number] = all[c.Number]
		}
	}
	if len(n.TLP) > 0 {
		labelled := map[*store.Classes]*store.Classes{}
		for c, set := range scope {
			if labelled[set] == nil {
				labelled[set] = v.x.labelled(set, n.TLP)
			}
			scope[c] = labelled[set]
		}
	}
	p, err := v.x.store.Postings(scope)
	if err != nil {
		return nil, err
	}
	return &Index{Postings: p, view: v, scope: scope}, nil
}

// labelled is those of a set of classes that have one of the labels.
func (x *Exchange) labelled(set *store.Classes, levels []handling.Level) *store.Classes {
	out := new(store.Classes)
	for id, text := range x.store.Classes() {
		if !set.Has(store.ClassID(id)) {
			continue
		}
		if c, _, err := handling.ShownClass(text); err == nil && slices.Contains(levels, c.TLP) {
			out.Add(store.ClassID(id))
		}
	}
	return out
}

// Unread is how many objects of the index's scope its follower has still to
// read; it counts no further than most.
func (i *Index) Unread(ctx context.Context, follower string, most int) (n int, err error) {
	x := i.view.x
	after, err := x.followed(follower)
	if err != nil || after >= x.store.Now() {
		return 0, err
	}
	for c, visible := range i.scope {
		page, err := x.store.Page(ctx, store.PageQuery{Collection: c, Visible: visible, After: after, Limit: most, Versions: store.VersionFilter{All: true}})
		if err != nil {
			return 0, err
		}
		n += len(page.Rows)
		page.Close()
	}
	return min(n, most), nil
}

// Current gives the objects at the places that are what the reader now sees of
// their ids, in the order of the places: the newest version in all collections
// that he reads and, where several hold it or there are no versions, the one
// added last. Close the page.
func (v *View) Current(ctx context.Context, places []store.Place) (*Page, error) {
	scope := v.scope()
	page, err := v.x.store.Fetch(ctx, places, scope)
	if err != nil {
		return nil, err
	}
	// In one collection, Fetch has told the latest of what has versions.
	if len(scope) > 1 || slices.ContainsFunc(page.Rows, func(r store.Row) bool { return r.Version == "" }) {
		newest, err := v.newestOf(ctx, page.Rows, scope)
		if err != nil {
			page.Close()
			return nil, err
		}
		page.Rows = slices.DeleteFunc(page.Rows, func(r store.Row) bool { return newest[r.ID].added != r.Added })
	}
	return v.release(ctx, page)
}

// standing is a version of an id and when it was added.
type standing struct {
	version string
	added   store.Tick
}

// newestOf tells of each row's id what the reader sees as the newest.
func (v *View) newestOf(ctx context.Context, rows []store.Row, scope store.Scope) (map[string]standing, error) {
	newest := make(map[string]standing, len(rows))
	var ids []string
	for i := range rows {
		if _, known := newest[rows[i].ID]; !known {
			id := strings.Clone(rows[i].ID)
			newest[id] = standing{}
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return newest, nil
	}
	for c, visible := range scope {
		page, err := v.x.store.Page(ctx, store.PageQuery{Collection: c, Visible: visible, Limit: mostVersions(ids), IDs: ids})
		if err != nil {
			return nil, err
		}
		for _, r := range page.Rows {
			s := standing{strings.Clone(r.Version), r.Added}
			if old := newest[r.ID]; cmp.Or(stix.CompareVersions(s.version, old.version), cmp.Compare(s.added, old.added)) > 0 {
				newest[strings.Clone(r.ID)] = s
			}
		}
		page.Close()
	}
	return newest, nil
}

// A mark is a cursor of a listing that is no collection's:
//
//	form (1)  position  tag (16)
//
// The tag authenticates the position for one reader and one listing.
const markForm = 2

// Mark makes the cursor of a place in a listing, which listing names whole,
// with all its filters. The reader can read what position says.
func (v *View) Mark(listing string, position []byte) string {
	raw := append([]byte{markForm}, position...)
	return base64.RawURLEncoding.EncodeToString(append(raw, v.markTag(listing, raw)...))
}

// Resume gives a mark's position back; ErrBadCursor when it was not made for
// this listing and reader.
func (v *View) Resume(listing, mark string) (position []byte, err error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(mark)
	if err != nil || len(raw) < 17 || raw[0] != markForm {
		return nil, ErrBadCursor
	}
	at := len(raw) - 16
	if subtle.ConstantTimeCompare(raw[at:], v.markTag(listing, raw[:at])) != 1 {
		return nil, ErrBadCursor
	}
	return raw[1:at], nil
}

func (v *View) markTag(listing string, raw []byte) []byte {
	mac := hmac.New(sha256.New, v.x.cursorKey)
	for _, field := range []string{string(raw), v.reader.Org, v.reader.Account, listing} {
		_ = binary.Write(mac, binary.BigEndian, uint32(len(field)))
		fmt.Fprint(mac, field)
	}
	return mac.Sum(nil)[:16]
}
