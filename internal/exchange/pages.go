package exchange

import (
	"context"
	"iter"
)

// Pages gives the pages of a collection from where a query begins, as Page does, one after
// the other; each is closed when the next one is asked for. It ends with the first error.
func (v *View) Pages(ctx context.Context, collection string, q Query) iter.Seq2[*Page, error] {
	return func(yield func(*Page, error) bool) {
		for {
			page, err := v.Page(ctx, collection, q)
			if err != nil {
				yield(nil, err)
				return
			}
			goOn := yield(page, nil)
			q.Next = page.Next
			page.Close()
			if !goOn || q.Next == "" {
				return
			}
		}
	}
}
