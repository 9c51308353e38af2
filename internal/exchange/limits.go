package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"entente/internal/store"
	"entente/internal/trust/account"
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
