package exchange

import (
	"context"
	"time"

	"entente/internal/store"
	"entente/internal/trust/handling"
)

// What the exchange does for itself, as the custodian of what the node keeps.

// opened reads a page as a custodian. Close what is released; the rows are those of
// the page.
func (x *Exchange) opened(page *store.Page, err error) ([]store.Row, *handling.Page, error) {
	if err != nil {
		return nil, nil, err
	}
	rows := page.Rows
	released, err := x.gate.Release(handling.Curator, page)
	return rows, released, err
}

// everywhere is some classes in all collections.
func (x *Exchange) everywhere(classes *store.Classes) store.Scope {
	scope := store.Scope{}
	for _, c := range x.collections.all() {
		scope[c.Number] = classes
	}
	return scope
}

// again tries, a second after each failure, to do what could not be done, until it is
// done or the exchange is closed; undone says in the log what is the matter meanwhile.
func (x *Exchange) again(undone string, do func(context.Context) error) {
	x.work.Go(func() {
		for {
			select {
			case <-x.ctx.Done():
				return
			case <-time.After(time.Second):
			}
			err := do(x.ctx)
			if err == nil {
				return
			}
			if x.ctx.Err() == nil {
				x.opts.Logger.Error(undone+"; it is tried again", "err", err)
			}
		}
	})
}
