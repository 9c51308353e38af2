package exchange

import (
	"context"
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

	// NotePersonal lets personal data that was found in an object, and that the
	// object does not speak of, withhold it from nobody. It is reported all the
	// same. It counts for what comes from then on.
	NotePersonal bool `json:"note_personal,omitempty"`

	// KeepPersonal is how long what counts as personal data is kept since the date
	// added, before it is erased.
	KeepPersonal time.Duration `json:"keep_personal,omitempty"`

	// ReviewedOnly releases to no partner, by whatever agreement, what a machine made and
	// no person has reviewed. It counts for all that is there, from the next read on.
	ReviewedOnly bool `json:"reviewed_only,omitempty"`
}

func (l Limits) check() error {
	if l.Keep < 0 || l.MaxObjects < 0 || l.MaxBytes < 0 || l.SourceQuota < 0 {
		return fmt.Errorf("%w: a limit of a collection is a number above 0, or 0 for none", ErrInvalid)
	}
	for _, keep := range []time.Duration{l.Keep, l.KeepPersonal} {
		if keep != 0 && keep < time.Minute {
			return fmt.Errorf("%w: objects are kept for %v; give a minute or more", ErrInvalid, keep)
		}
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
func KeepText(keep time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case keep == 0:
		return ""
	case keep%day == 0:
		return strconv.Itoa(int(keep/day)) + "d"
	}
	return keep.String()
}

// What becomes of an object in which personal data was found.
const (
	Withhold = "withhold" // it counts as if the object said that it holds some
	Note     = "note"     // it is reported, and withholds nothing
)

// PersonalText is Withhold or Note.
func (l Limits) PersonalText() string {
	if l.NotePersonal {
		return Note
	}
	return Withhold
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
		var err error
		if c.Collection, err = store.GetJSON[Collection](tx, collectionTable, c.ID); err != nil || c.Removing {
			return fmt.Errorf("collection %q: %w", idOrAlias, ErrNotFound)
		}
		change(&c.Limits)
		if err := c.Limits.check(); err != nil {
			return err
		}
		l := c.Limits
		x.audit(tx, by, "limit collection %s (%s): keep %v, objects %d, bytes %d, quota of a source %d, personal data %s, kept %v, reviewed only %v", c.Alias, c.ID, l.Keep, l.MaxObjects, l.MaxBytes, l.SourceQuota, l.PersonalText(), l.KeepPersonal, l.ReviewedOnly)
		return store.SetJSON(tx, collectionTable, c.ID, c.Collection)
	}})
	if err != nil {
		return c, err
	}
	return c, x.loadCollections()
}
