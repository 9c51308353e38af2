package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"entente/internal/store"
	"entente/internal/trust/account"
)

// Erasure is an object that was erased because somebody asked for it. A backup that was
// made before still has it, and what is restored from one must not.
type Erasure struct {
	ID     string     `json:"id"`
	Before store.Tick `json:"before"` // what was added before this
	At     time.Time  `json:"at"`
}

// EraseObjects removes all versions of objects from all collections, as a person may
// ask for; they are unreadable when it returns, and off the disk within a day. It is
// for curators: ErrForbidden. ErrNotFound when one of them is nowhere; the others are
// erased.
func (x *Exchange) EraseObjects(ctx context.Context, by account.Principal, ids []string) (n int, err error) {
	if !by.Curates() {
		return 0, fmt.Errorf("erase objects: %w: this takes a curator of the node's own member", ErrForbidden)
	}
	var missing error
	for _, id := range ids {
		found := 0
		for _, c := range x.collections.all() {
			some, err := x.eraseObject(ctx, by, true, c, id, 1<<63-1)
			if found += some; err != nil {
				return n + found, err
			}
		}
		if n += found; found == 0 {
			missing = errors.Join(missing, fmt.Errorf("object %q: %w", id, ErrNotFound))
		}
	}
	return n, errors.Join(missing, x.tellErased())
}

// tellErased tells what was erased because somebody asked, until it is off the disk, so
// that it is told also when a node was killed meanwhile.
func (x *Exchange) tellErased() error {
	if x.opts.Erased == nil {
		return nil
	}
	var list []Erasure
	for row, err := range store.RowsJSON[erased](x.store, erasedTable, "") {
		if err != nil {
			return err
		}
		if row.Value.Asked {
			list = append(list, Erasure{row.Value.ID, row.Value.Removed, row.Value.At})
		}
	}
	if len(list) == 0 {
		return nil
	}
	if err := x.opts.Erased(list); err != nil {
		return fmt.Errorf("what was erased is gone from this node; that a restored one must not have it could not be noted, erase it there again: %w", err)
	}
	return nil
}

// EraseAgain removes what was erased before and has come back with a backup. It tells
// how many versions that were.
func (x *Exchange) EraseAgain(ctx context.Context, list []Erasure) (n int, err error) {
	for _, e := range list {
		for _, c := range x.collections.all() {
			some, err := x.eraseObject(ctx, x.erasing(), false, c, e.ID, e.Before)
			if n += some; err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// eraseObject removes all versions of an object that were added to a collection before
// a tick, also those that are given another class meanwhile.
func (x *Exchange) eraseObject(ctx context.Context, by account.Principal, asked bool, c Collection, id string, before store.Tick) (n int, err error) {
	for range mostLooks {
		rows, err := x.objectRows(ctx, c, id)
		rows = slices.DeleteFunc(rows, func(r store.Row) bool { return r.Added >= before })
		if err != nil || len(rows) == 0 {
			return n, err
		}
		some, err := x.remove(ctx, by, c, rows, asked, "erase %d versions of "+strings.ReplaceAll(id, "%", "%%")+" from collection %s (%s)")
		if n += some; err != nil {
			return n, err
		}
	}
	return n, fmt.Errorf("object %q in collection %q: %w", id, c.Alias, errMoved)
}
