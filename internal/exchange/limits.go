package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/stix"
)

// Limits bound what a collection keeps; zero means no bound. What is too old or
// too much is recalled, oldest first, by date added (see retain.go). A source
// that has its quota is refused more, and told of nothing but its own count;
// but it may revoke what it sees, so that a quota keeps nothing wrong in use.
type Limits struct {
	Keep        time.Duration `json:"keep,omitempty"`         // since the date added
	MaxObjects  int64         `json:"max_objects,omitempty"`  // versions, of all sources
	MaxBytes    int64         `json:"max_bytes,omitempty"`    // of their bodies
	SourceQuota int64         `json:"source_quota,omitempty"` // versions of one organisation
}

func (l Limits) check() error {
	if l.Keep < 0 || l.MaxObjects < 0 || l.MaxBytes < 0 || l.SourceQuota < 0 {
		return fmt.Errorf("%w: a limit of a collection is a number above 0, or 0 for none", ErrInvalid)
	}
	if l.Keep > 0 && l.Keep < time.Minute {
		return fmt.Errorf("%w: objects are kept for %v; give a minute or more", ErrInvalid, l.Keep)
	}
	return nil
}

// ParseKeep reads how long objects are kept: days as 90d, or hours and minutes
// as 36h or 90m; 0 keeps them for ever.
func ParseKeep(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	} else if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return d, nil
	}
	return 0, fmt.Errorf("%w: objects cannot be kept for %q; give days as 90d, hours as 36h, or 0 for ever", ErrInvalid, text)
}

// KeepText is what ParseKeep reads; empty for what is kept for ever.
func (l Limits) KeepText() string {
	const day = 24 * time.Hour
	switch {
	case l.Keep == 0:
		return ""
	case l.Keep%day == 0:
		return strconv.Itoa(int(l.Keep/day)) + "d"
	}
	return l.Keep.String()
}

// SetLimits changes a collection's limits; change is called in the transaction.
// What they exclude goes within a minute.
func (x *Exchange) SetLimits(ctx context.Context, by account.Principal, idOrAlias string, change func(*Limits)) (Access, error) {
	c, err := x.access(by, idOrAlias)
	if err != nil {
		return c, err
	}
	if !by.Administers() {
		return c, fmt.Errorf("set limits of collection %q: %w", c.Alias, ErrForbidden)
	}
	_, err = x.commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		row, err := tx.Get(collectionTable, c.ID)
		if err == nil {
			err = json.Unmarshal(row, &c.Collection)
		}
		if err != nil || c.Removing {
			return fmt.Errorf("collection %q: %w", idOrAlias, ErrNotFound)
		}
		change(&c.Limits)
		if err := c.Limits.check(); err != nil {
			return err
		}
		l := c.Limits
		x.audit(tx, by, "limit collection %s (%s): keep %v, objects %d, bytes %d, quota of a source %d", c.Alias, c.ID, l.Keep, l.MaxObjects, l.MaxBytes, l.SourceQuota)
		return setJSON(tx, collectionTable, c.ID, c.Collection)
	}})
	if err != nil {
		return c, err
	}
	return c, x.loadCollections()
}

// usage is what a source has in a collection, a row written in the transaction
// of whatever changes it. Objects is counted by what the source is told, so
// that its quota tells it nothing else: content that was there already, where
// the source may not see it, counts once, as its own would.
type usage struct {
	Objects int64 `json:"objects"`
	Bytes   int64 `json:"bytes"` // of what the store holds
}

const (
	usageTable = "usage"
	// unseenTable tells what a source was told is new and cannot see: sent
	// again, it must not count again. The key ends in the content's digest.
	unseenTable = "usage-unseen"
)

func usageKey(c Collection, source string) string { return c.ID + " " + source }

func readUsage(tx store.Tx, key string) (u usage, err error) {
	row, err := tx.Get(usageTable, key)
	if errors.Is(err, store.ErrNotFound) {
		return u, nil
	}
	if err == nil {
		err = json.Unmarshal(row, &u)
	}
	return u, err
}

// overQuota ends a batch in which a source would have more than its quota.
type overQuota struct {
	writing *writing
	puts    []int // those beyond it, rising
}

func (o *overQuota) Error() string { return "a source has its quota" }

// count adds what a publication brings to its source's usage, or tells what is
// beyond the quota.
func (w *writing) count(tx store.Tx, outcomes []store.Outcome, seen *store.Classes) error {
	key, quota := usageKey(w.collection, w.publication.Source), w.collection.Limits.SourceQuota
	u, err := readUsage(tx, key)
	if err != nil {
		return err
	}
	over := &overQuota{writing: w}
	before := u
	for i, o := range outcomes {
		if o.State != store.Same && o.State != store.Conflict {
			u.Bytes += int64(len(w.puts[i].Body))
		}
		verdict := w.results[w.object[i]].Verdict
		if verdict == Same || verdict == Conflict || !w.counts(tx, key, i, seen.Has(o.Class)) {
			continue
		}
		if u.Objects++; quota > 0 && u.Objects > quota && !w.exempt[w.object[i]] {
			over.puts = append(over.puts, i)
		}
	}
	if len(over.puts) > 0 {
		return over
	}
	if u == before {
		return nil
	}
	return setJSON(tx, usageTable, key, u)
}

// counts tells whether what reads as new to the source is new to it.
func (w *writing) counts(tx store.Tx, key string, put int, seen bool) bool {
	if seen || w.collection.Limits.SourceQuota == 0 {
		return true
	}
	key += " " + string(w.puts[put].Digest[:])
	if _, err := tx.Get(unseenTable, key); err == nil {
		return false
	}
	tx.Set(unseenTable, key, nil)
	return true
}

// revokes tells whether a put is the first revocation of what its writer sees.
// So each object that is seen allows one, and what is unseen changes nothing.
func (w *writing) revokes(ctx context.Context, put int) (bool, error) {
	p := &w.puts[put]
	if !p.Revoked || p.Version == "" || !w.by.MayRead(w.collection.ID) {
		return false, nil
	}
	page, err := w.exchange.View(w.by).Page(ctx, w.collection.ID, Query{IDs: []string{p.ID}, Limit: 1, Bodies: true})
	if err != nil {
		return false, err
	}
	defer page.Close()
	if page.Len() == 0 {
		return false, nil
	}
	there, err := stix.Read(page.Bytes(0))
	return err == nil && !there.Revoked && stix.CompareVersions(p.Version, there.Version()) > 0, nil
}

// refuse takes what is beyond the quota out of the publication.
func (w *writing) refuse(ctx context.Context, over *overQuota) error {
	for _, i := range slices.Backward(over.puts) {
		exempt, err := w.revokes(ctx, i)
		if err != nil {
			return err
		}
		if exempt {
			w.exempt[w.object[i]] = true
			continue
		}
		r := &w.results[w.object[i]]
		r.Verdict, r.Added = Refused, 0
		r.Reason = fmt.Sprintf("%s has its quota of %d objects in this collection; delete some, or ask whoever keeps the collection", w.publication.Source, w.collection.Limits.SourceQuota)
		w.puts = slices.Delete(w.puts, i, i+1)
		w.readable = slices.Delete(w.readable, i, i+1)
		w.object = slices.Delete(w.object, i, i+1)
	}
	return nil
}

// uncount takes what was removed from the usage of those who had brought it.
func uncount(tx store.Tx, c Collection, outcomes []store.Outcome) error {
	gone := map[string]usage{}
	for _, o := range outcomes {
		if o.State == store.Removed {
			u := gone[o.Source]
			gone[o.Source] = usage{u.Objects + 1, u.Bytes + int64(o.Size)}
		}
	}
	for source, less := range gone {
		key := usageKey(c, source)
		u, err := readUsage(tx, key)
		if err != nil {
			return err
		}
		u = usage{max(0, u.Objects-less.Objects), max(0, u.Bytes-less.Bytes)}
		if err := setJSON(tx, usageTable, key, u); err != nil {
			return err
		}
	}
	return nil
}

// forgetUsage drops what was counted of a collection that is gone.
func forgetUsage(tx store.Tx, c Collection) error {
	for _, table := range []string{usageTable, unseenTable} {
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
