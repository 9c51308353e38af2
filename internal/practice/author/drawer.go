package author

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"

	"entente/internal/store"
	"entente/internal/trust/account"
)

// drawer is how much an account has in drafts, a row of its own, so that no
// transaction reads them all. It is true of the drafts that are there.
type drawer struct {
	Last   int   `json:"last"` // number given last; none is given twice
	Drafts int   `json:"drafts"`
	Bytes  int64 `json:"bytes"` // of their rows
}

const (
	drawerTable = "draft-drawer"

	mostDrafts = 1000     // of one account
	mostBytes  = 16 << 20 // of their rows together
)

// Tables are those whose rows belong to the account whose ID their keys
// begin with.
var Tables = []string{draftTable, drawerTable, memoryTable}

// errDraftChanged says that a draft is another than the one that was read.
var errDraftChanged = errors.New("the draft was changed meanwhile")

func drawerKey(by account.Principal) string { return by.ID + "\x00" }

func openDrawer(tx store.Tx, by account.Principal) (w drawer, err error) {
	if w, err = store.GetJSON[drawer](tx, drawerTable, drawerKey(by)); errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return w, err
}

// room refuses what is more than an account may have.
func (w drawer) room() error {
	if w.Drafts > mostDrafts {
		return bad("you have %d drafts, as many as an account may; publish or drop some", mostDrafts)
	}
	if w.Bytes > mostBytes {
		return bad("your drafts would have %d bytes together; %d are allowed: publish or drop some", w.Bytes, mostBytes)
	}
	return nil
}

func (w drawer) close(tx store.Tx, by account.Principal) error {
	return store.SetJSON(tx, drawerTable, drawerKey(by), w)
}

// number keeps a new draft under the next number, which only its key tells: the
// row is encoded before.
func (d *Desk) number(ctx context.Context, by account.Principal, draft *Draft) error {
	row, err := draft.encode()
	if err != nil {
		return err
	}
	return d.x.Keep(ctx, func(tx store.Tx) error {
		w, err := openDrawer(tx, by)
		if err != nil {
			return err
		}
		w.Last++
		if err := w.close(tx, by); err != nil {
			return err
		}
		draft.ID = strconv.Itoa(w.Last)
		return putDraft(tx, by, draft.ID, nil, row)
	})
}

// rewrite keeps a changed draft in the place of the one that was read.
func (d *Desk) rewrite(ctx context.Context, by account.Principal, draft *Draft) error {
	row, err := draft.encode()
	if err != nil {
		return err
	}
	return d.x.Keep(ctx, func(tx store.Tx) error { return putDraft(tx, by, draft.ID, draft.row, row) })
}

// putDraft writes the row of a draft, nil for none, if it is still the former
// one, and counts it.
func putDraft(tx store.Tx, by account.Principal, id string, former, row []byte) error {
	key := draftKey(by.ID, id)
	now, err := tx.Get(draftTable, key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if !bytes.Equal(now, former) {
		return fmt.Errorf("draft %s: %w", id, errDraftChanged)
	}
	w, err := openDrawer(tx, by)
	if err != nil {
		return err
	}
	before := w
	w.Bytes += int64(len(row)) - int64(len(now))
	if now == nil {
		w.Drafts++
	}
	if row == nil {
		w.Drafts--
		tx.Delete(draftTable, key)
	} else {
		tx.Set(draftTable, key, row)
	}
	if w.Drafts > before.Drafts || w.Bytes > before.Bytes {
		if err := w.room(); err != nil {
			return err
		}
	}
	return w.close(tx, by)
}

// dropDraft takes a draft away, if it is still the one that was read, when one
// was. Errors: exchange.ErrNotFound, errDraftChanged.
func dropDraft(tx store.Tx, by account.Principal, id string, read []byte) error {
	now, err := tx.Get(draftTable, draftKey(by.ID, id))
	if errors.Is(err, store.ErrNotFound) {
		return noDraft(id)
	}
	if err != nil {
		return err
	}
	if read == nil {
		read = now
	}
	return putDraft(tx, by, id, read, nil)
}
