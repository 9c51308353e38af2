package lookup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
)

// Watches keeps the watches of accounts, as rows of the node. What one account
// watches no other account learns.
type Watches struct {
	x   *exchange.Exchange
	now func() time.Time
}

// NewWatches keeps watches beside an exchange. The clock is time.Now when nil.
func NewWatches(x *exchange.Exchange, now func() time.Time) *Watches {
	if now == nil {
		now = time.Now
	}
	return &Watches{x, now}
}

// Watch is a look-up that is kept: values, and what was known of them when it
// was last checked.
type Watch struct {
	Name    string    `json:"name"`
	Values  []string  `json:"values"`
	Made    time.Time `json:"made"`
	Checked time.Time `json:"checked"` // when the answer was kept that the next check compares with
	Known   int       `json:"known"`   // objects in that answer, counted for each value
}

// Known is what is kept of a finding: enough to tell that it is another now.
type Known struct {
	ID       string `json:"id"`
	Modified string `json:"modified,omitempty"`
	State    State  `json:"state,omitempty"`
	Seen     int    `json:"seen,omitempty"` // times, by the sightings that are told
}

const (
	watchTable = "watch"       // a Watch
	knownTable = "watch-known" // what was known of each value, a list of lists of Known

	// MaxWatches is how many watches an account may have, MaxWatched how many
	// values one of them.
	MaxWatches = 1000
	MaxWatched = 100

	watchedSize = 16 << 10 // bytes of a watch's values together
	mostKnown   = 1000     // findings of a watch, an equal share for each value
)

var watchForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$`)

// WatchTables are those whose rows belong to the account whose ID their keys
// begin with.
var WatchTables = []string{watchTable, knownTable}

// watchKey puts the watches of an account, by its ID, beside each other, by
// name. Who has the account's name later does not get them.
func watchKey(by account.Principal, name string) string { return by.ID + "\x00" + name }

func badWatch(format string, args ...any) error {
	return fmt.Errorf("%w: watch: %w", exchange.ErrInvalid, fmt.Errorf(format, args...))
}

func noWatch(name string) error {
	return fmt.Errorf("watch %q: %w; see entente watch list", shorten(name), exchange.ErrNotFound)
}

// checkWatch refuses what cannot be watched.
func checkWatch(name string, values []string) error {
	if !watchForm.MatchString(name) {
		return badWatch("the name %q: use 1 to 64 letters, digits and . _ @ + -, starting with a letter or digit", shorten(name))
	}
	if len(values) == 0 || len(values) > MaxWatched {
		return badWatch("%s has %d values; give 1 to %d", name, len(values), MaxWatched)
	}
	size := 0
	for i, value := range values {
		size += len(value)
		if len(Readings(value)) == 0 {
			return badWatch("%q is no value that can be looked up", shorten(value))
		}
		if slices.Contains(values[:i], value) {
			return badWatch("%q is there twice", shorten(value))
		}
	}
	if size > watchedSize {
		return badWatch("the values of %s have %d bytes; %d are allowed", name, size, watchedSize)
	}
	return nil
}

// Add keeps a watch, with what is known of its values now. Errors:
// exchange.ErrInvalid, exchange.ErrExists.
func (w *Watches) Add(ctx context.Context, by account.Principal, name string, values []string) (Watch, error) {
	if err := checkWatch(name, values); err != nil {
		return Watch{}, err
	}
	watch := Watch{Name: name, Values: values, Made: w.moment()}
	watch.Checked = watch.Made
	answers, err := w.look(ctx, by, &watch)
	if err != nil {
		return Watch{}, err
	}
	err = w.x.Keep(ctx, func(tx store.Tx) error {
		if _, err := tx.Get(watchTable, watchKey(by, name)); !errors.Is(err, store.ErrNotFound) {
			if err == nil {
				err = fmt.Errorf("watch %s: %w; remove it, or choose another name", name, exchange.ErrExists)
			}
			return err
		}
		n := 0
		for _, err := range tx.Rows(watchTable, watchKey(by, "")) {
			if err != nil {
				return err
			}
			n++
		}
		if n >= MaxWatches {
			return badWatch("you have %d, as many as an account may; remove some", n)
		}
		return watch.keep(tx, by, answers)
	})
	return watch, err
}

// moment is now, as precisely as it is kept.
func (w *Watches) moment() time.Time { return w.now().UTC().Truncate(time.Microsecond) }

// look gives what is known of a watch's values to its owner, at this moment and
// with the rights of this moment.
func (w *Watches) look(ctx context.Context, by account.Principal, watch *Watch) ([]Answer, error) {
	return NewFinder(w.x.View(by), mostKnown/len(watch.Values), w.now()).Find(ctx, watch.Values...)
}

// keep writes a watch and what is known now.
func (watch *Watch) keep(tx store.Tx, by account.Principal, answers []Answer) error {
	known := make([][]Known, len(answers))
	watch.Known = 0
	for i := range answers {
		known[i] = []Known{}
		for j := range answers[i].Findings {
			known[i] = append(known[i], answers[i].Findings[j].known())
		}
		watch.Known += len(known[i])
	}
	key := watchKey(by, watch.Name)
	return errors.Join(store.SetJSON(tx, watchTable, key, watch), store.SetJSON(tx, knownTable, key, known))
}

func (f *Finding) known() Known {
	k := Known{ID: f.ID, Modified: f.Modified, State: f.State}
	if f.Sightings != nil {
		k.Seen = f.Sightings.Count
	}
	return k
}

// List gives an account's watches, by name.
func (w *Watches) List(by account.Principal) ([]Watch, error) {
	all := []Watch{}
	for row, err := range store.RowsJSON[Watch](w.x, watchTable, watchKey(by, "")) {
		if err != nil {
			return nil, fmt.Errorf("read the watches: %w", err)
		}
		all = append(all, row.Value)
	}
	return all, nil
}

func readRow[T any](row []byte, err error) (v T, _ error) {
	if err == nil {
		err = json.Unmarshal(row, &v)
	}
	return v, err
}

// Get is one of an account's watches. Errors: exchange.ErrNotFound.
func (w *Watches) Get(by account.Principal, name string) (Watch, error) {
	row, err := w.x.Record(watchTable, watchKey(by, name))
	if errors.Is(err, exchange.ErrNotFound) {
		return Watch{}, noWatch(name)
	}
	return readRow[Watch](row, err)
}

// Remove forgets a watch. Errors: exchange.ErrNotFound.
func (w *Watches) Remove(ctx context.Context, by account.Principal, name string) error {
	return w.x.Keep(ctx, func(tx store.Tx) error {
		key := watchKey(by, name)
		if _, err := tx.Get(watchTable, key); errors.Is(err, store.ErrNotFound) {
			return noWatch(name)
		} else if err != nil {
			return err
		}
		tx.Delete(watchTable, key)
		tx.Delete(knownTable, key)
		return nil
	})
}

// Order is a text whose order among the watches of an account is their own.
func (watch *Watch) Order() string { return watch.Name }
