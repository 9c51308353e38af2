package exchange

import (
	"context"
	"fmt"
	"slices"

	"entente/internal/store"
	"entente/stix"
)

// claimed tells whether an object says that the own member made it, or is the own
// member's identity. Only its own accounts publish such versions: else a stranger
// could loosen, revoke or put words to what the own member stands for.
func (w *writing) claimed(o *stix.Object) bool {
	own := w.exchange.opts.Identity
	return own != "" && !w.trusted && (o.CreatedByRef == own || o.ID == own)
}

// echoes are the digests of those claimed objects that the writer can read here
// already: what comes back as it went out is no claim. By what he cannot read he is
// not told.
func (w *writing) echoes(ctx context.Context) (map[[32]byte]bool, error) {
	var ids []string
	for i := range w.publication.Objects {
		if o := &w.publication.Objects[i]; w.claimed(o) {
			ids = append(ids, o.ID)
		}
	}
	if ids == nil {
		return nil, nil
	}
	slices.Sort(ids)
	view, digests := w.exchange.View(w.by), map[[32]byte]bool{}
	for _, c := range view.Readable() {
		for some := range slices.Chunk(slices.Compact(ids), 500) {
			if err := view.digestsOf(ctx, c, some, digests); err != nil {
				return nil, fmt.Errorf("whether what comes back is what went out: %w", err)
			}
		}
	}
	return digests, nil
}

// digestsOf adds the digests of all versions of objects that the reader may see.
func (v *View) digestsOf(ctx context.Context, c Access, ids []string, digests map[[32]byte]bool) error {
	q := Query{IDs: ids, Limit: 500, MaxBytes: 8 << 20, Bodies: true, Versions: store.VersionFilter{All: true}}
	for {
		page, err := v.unaccounted(ctx, c, q)
		if err != nil {
			return err
		}
		for i := range page.Len() {
			if digest, err := stix.Digest(page.Bytes(i)); err == nil {
				digests[digest] = true
			}
		}
		page.Close()
		if q.Next = page.Next; q.Next == "" {
			return nil
		}
	}
}
