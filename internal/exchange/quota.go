package exchange

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"entente/internal/store"
	"entente/stix"
)

// usage is what a source has in a collection, a row written in the transaction
// of whatever changes it. Objects is counted by what the source is told, so
// that its quota tells it nothing else: content that came from another source
// first, where this one may not see it, counts as its own would, and is no longer
// counted once it is recalled, whosever it was.
//
// What must stay true: Objects is the rows in the collection that the source was
// the first to bring, and Apart.
type usage struct {
	Objects int64 `json:"objects"`
	Apart   int64 `json:"apart,omitempty"` // rows in apartTable
	Bytes   int64 `json:"bytes"`           // of what the store holds
}

const (
	usageTable = "usage"
	// apartTable has what counts for a source and is no row of its own: content
	// that it was told is new, but another had brought, and what it brought that
	// was kept aside. The key is the collection, the content's digest, the source.
	apartTable = "usage-apart"
)

func usageKey(c Collection, source string) string { return c.ID + " " + source }

func apartKey(c Collection, digest [32]byte, source string) string {
	return c.ID + " " + string(digest[:]) + source
}

func readUsage(tx store.Tx, key string) (u usage, err error) {
	if u, err = store.GetJSON[usage](tx, usageTable, key); errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return u, err
}

// overQuota ends a batch in which a source would have more than its quota.
type overQuota struct {
	writing *writing
	puts    []int // those beyond it, rising
}

func (o *overQuota) Error() string { return "a source has its quota" }

// exemption says why a put may go beyond the quota.
type exemption uint8

const (
	revokesSeen   exemption = iota + 1 // what the writer sees: once for each object
	revokesUnseen                      // what may be there or not: as many as the quota has objects
)

// count adds what a publication brings to its source's usage, or tells what is
// beyond the quota.
func (w *writing) count(tx store.Tx, outcomes []store.Outcome) error {
	key, quota := usageKey(w.collection, w.publication.Source), w.collection.Limits.SourceQuota
	u, err := readUsage(tx, key)
	if err != nil {
		return err
	}
	over := &overQuota{writing: w}
	before := u
	for i := range outcomes {
		counts, err := w.counts(tx, &u, i, &outcomes[i])
		if err != nil {
			return err
		}
		if !counts {
			continue
		}
		u.Objects++
		if quota > 0 && u.Objects > w.mayHave(i, quota) {
			over.puts = append(over.puts, i)
		}
	}
	if len(over.puts) > 0 {
		return over
	}
	if u == before {
		return nil
	}
	return store.SetJSON(tx, usageTable, key, u)
}

// mayHave is how many objects the source may have when it brings a put.
func (w *writing) mayHave(put int, quota int64) int64 {
	switch w.exempt[w.object[put]] {
	case revokesSeen:
		return math.MaxInt64
	case revokesUnseen:
		return quota + min(quota, math.MaxInt64-quota)
	}
	return quota
}

// counts tells whether a put is one object more to its source. Where its content
// stands apart from the source's own rows, that is noted once.
func (w *writing) counts(tx store.Tx, u *usage, put int, o *store.Outcome) (bool, error) {
	p := &w.puts[put]
	own := o.State != store.Same && o.State != store.Conflict
	if own {
		u.Bytes += int64(len(p.Body))
	}
	switch {
	case own && u.Apart == 0:
		return true, nil
	case o.State == store.Same && (o.Source == p.Source || w.results[w.object[put]].Verdict == Same):
		return false, nil
	}
	key := apartKey(w.collection, p.Digest, p.Source)
	_, err := tx.Get(apartTable, key)
	noted := err == nil
	switch {
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return false, err
	case own && noted: // what it clashed with is gone: now it is a row of the source
		tx.Delete(apartTable, key)
		u.Apart--
	case !own && !noted:
		tx.Set(apartTable, key, nil)
		u.Apart++
	}
	return !noted, nil
}

// revokes tells whether a put takes something back: the first revocation of what
// its writer sees, or one of what the writer sees nothing of, so that what is
// unseen changes nothing.
func (w *writing) revokes(ctx context.Context, put int) (exemption, error) {
	p := &w.puts[put]
	if !p.Revoked || p.Version == "" {
		return 0, nil
	}
	if !w.by.MayRead(w.collection.ID) {
		return revokesUnseen, nil
	}
	page, err := w.exchange.View(w.by).unaccounted(ctx, Access{Collection: w.collection}, Query{IDs: []string{p.ID}, Limit: 1, Bodies: true})
	if err != nil {
		return 0, err
	}
	defer page.Close()
	if page.Len() == 0 {
		return revokesUnseen, nil
	}
	there, err := stix.Read(page.Bytes(0))
	if err == nil && !there.Revoked && stix.CompareVersions(p.Version, there.Version()) > 0 {
		return revokesSeen, nil
	}
	return 0, nil
}

// refuse takes what is beyond the quota out of the publication.
func (w *writing) refuse(ctx context.Context, over *overQuota) error {
	for _, i := range slices.Backward(over.puts) {
		if _, asked := w.exempt[w.object[i]]; !asked {
			exempt, err := w.revokes(ctx, i)
			if err != nil {
				return err
			}
			if w.exempt[w.object[i]] = exempt; exempt > 0 {
				continue
			}
		}
		r := &w.results[w.object[i]]
		r.Verdict, r.Added, r.Warning = Refused, 0, ""
		r.Reason = fmt.Sprintf("%s has its quota of %d objects in this collection; delete some, or ask whoever keeps the collection", w.publication.Source, w.collection.Limits.SourceQuota)
		w.leaveOut(i)
	}
	return nil
}

// uncount takes what was removed from the usage of those who had brought it,
// first or later.
func uncount(tx store.Tx, c Collection, outcomes []store.Outcome) error {
	apart, err := standsApart(tx, c)
	if err != nil {
		return err
	}
	less := map[string]usage{}
	drop := func(digest [32]byte) error {
		prefix := apartKey(c, digest, "")
		for row, err := range tx.Rows(apartTable, prefix) {
			if err != nil {
				return err
			}
			source := strings.TrimPrefix(row.Key, prefix)
			u := less[source]
			less[source] = usage{u.Objects + 1, u.Apart + 1, u.Bytes}
			tx.Delete(apartTable, row.Key)
		}
		return nil
	}
	for _, o := range outcomes {
		if o.State != store.Removed {
			continue
		}
		for _, table := range []string{knownTable, facesOwedTable} {
			if key := knownKey(c, o.Gone.Digest); has(tx, table, key) {
				tx.Delete(table, key)
			}
		}
		if o.Gone.Face { // it counted with its object
			continue
		}
		u := less[o.Source]
		less[o.Source] = usage{u.Objects + 1, u.Apart, u.Bytes + int64(o.Gone.Size)}
		if !apart {
			continue
		}
		for _, digest := range append([][32]byte{o.Gone.Digest}, o.Gone.Aside...) {
			if err := drop(digest); err != nil {
				return err
			}
		}
	}
	for source, less := range less {
		key := usageKey(c, source)
		u, err := readUsage(tx, key)
		if err != nil {
			return err
		}
		u = usage{max(0, u.Objects-less.Objects), max(0, u.Apart-less.Apart), max(0, u.Bytes-less.Bytes)}
		if err := store.SetJSON(tx, usageTable, key, u); err != nil {
			return err
		}
	}
	return nil
}

// standsApart tells whether anything in a collection counts for a source that is
// no row of its own.
func standsApart(tx store.Tx, c Collection) (bool, error) {
	for _, err := range tx.Rows(apartTable, c.ID+" ") {
		return err == nil, err
	}
	return false, nil
}

// forgetUsage drops what was counted of a collection that is gone.
func forgetUsage(tx store.Tx, c Collection) error {
	for _, table := range []string{usageTable, apartTable, knownTable, facesOwedTable} {
		var keys []string
		for row, err := range tx.Rows(table, usageKey(c, "")) {
			if err != nil {
				return err
			}
			keys = append(keys, row.Key)
		}
		for _, key := range keys {
			tx.Delete(table, key)
		}
	}
	return nil
}
