package exchange

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
)

// Collection is a TAXII collection: an ordered stream of objects with an audience.
type Collection struct {
	ID          string           `json:"id"` // UUID
	Alias       string           `json:"alias"`
	Title       string           `json:"title"`
	Description string           `json:"description,omitempty"`
	Marking     handling.Level   `json:"marking"` // what unmarked objects count as; amber unless set
	Number      store.Collection `json:"number"`
	Limits      Limits           `json:"limits,omitzero"`

	// Removing is set from the removal of the collection until its last object
	// is gone; it exists for nobody then.
	Removing bool `json:"removing,omitempty"`
}

// Access is a collection as one principal has it.
type Access struct {
	Collection
	CanRead  bool
	CanWrite bool
}

// collections is the table of collections in memory, replaced as a whole.
type collections struct {
	load       sync.Mutex   // held while the rows are read
	publishing sync.RWMutex // held by each publication; by a removal until nobody finds the collection

	mu       sync.RWMutex
	byID     map[string]Collection // by id and by alias
	list     []Collection          // by alias
	clearing map[string]bool       // removed ones whose objects are being taken away

	unasked map[store.Collection]bool // those that release what nobody has reviewed, too
}

// numbered is a collection by its number; the strictest that there can be when there
// is none any more.
func (c *collections) numbered(number store.Collection) Collection {
	for _, one := range c.all() {
		if one.Number == number {
			return one
		}
	}
	return Collection{Number: number, Marking: handling.Red}
}

// name is the alias of a collection; its number when there is none any more.
func (c *collections) name(number store.Collection) string {
	for _, one := range c.all() {
		if one.Number == number {
			return one.Alias
		}
	}
	return "#" + strconv.FormatUint(uint64(number), 10)
}

// CollectionName is the alias of a collection, by its number; the number behind '#' when
// there is none any more.
func (x *Exchange) CollectionName(number store.Collection) string {
	return x.collections.name(number)
}

const collectionTable = "collection"

var aliasRule = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

func (x *Exchange) loadCollections() error {
	x.collections.load.Lock()
	defer x.collections.load.Unlock()
	var list []Collection
	for row, err := range store.RowsJSON[Collection](x.store, collectionTable, "") {
		if err != nil {
			return fmt.Errorf("exchange: read the collections: %w", err)
		}
		c := row.Value
		if c.Removing {
			if x.collections.startClearing(c.ID) {
				x.work.Go(func() { x.clear(c) })
			}
			continue
		}
		list = append(list, c)
	}
	x.collections.replace(list)
	return nil
}

func (cs *collections) replace(list []Collection) {
	slices.SortFunc(list, func(a, b Collection) int { return cmp.Compare(a.Alias, b.Alias) })
	byID := make(map[string]Collection, 2*len(list))
	for _, c := range list {
		byID[c.Alias] = c
	}
	unasked := make(map[store.Collection]bool, len(list))
	for _, c := range list {
		byID[c.ID] = c
		if !c.Limits.ReviewedOnly {
			unasked[c.Number] = true
		}
	}
	cs.mu.Lock()
	cs.list, cs.byID, cs.unasked = list, byID, unasked
	cs.mu.Unlock()
}

// reviewedOnly tells whether a collection releases to partners only what is a person's
// or reviewed by one; so does one that is not known.
func (cs *collections) reviewedOnly(number store.Collection) bool {
	cs.mu.RLock()
	defer cs.mu.RUnlock()
	return !cs.unasked[number]
}

// startClearing tells whether the caller is the one to clear the collection.
func (cs *collections) startClearing(id string) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.clearing[id] {
		return false
	}
	if cs.clearing == nil {
		cs.clearing = map[string]bool{}
	}
	cs.clearing[id] = true
	return true
}

func (cs *collections) find(idOrAlias string) (Collection, bool) {
	cs.mu.RLock()
	defer cs.mu.RUnlock()
	c, ok := cs.byID[idOrAlias]
	return c, ok
}

func (cs *collections) all() []Collection {
	cs.mu.RLock()
	defer cs.mu.RUnlock()
	return cs.list
}

// access finds a collection for a principal. One that is not granted does not
// exist for them.
func (x *Exchange) access(p account.Principal, idOrAlias string) (Access, error) {
	c, ok := x.collections.find(idOrAlias)
	if ok {
		a := Access{Collection: c, CanRead: p.MayRead(c.ID), CanWrite: p.MayWrite(c.ID)}
		if a.CanRead || a.CanWrite {
			return a, nil
		}
	}
	return Access{}, fmt.Errorf("collection %q: %w", idOrAlias, ErrNotFound)
}

// AddCollection makes a collection; its id and number are given here.
func (x *Exchange) AddCollection(ctx context.Context, by account.Principal, c Collection) (Collection, error) {
	if !by.Administers() {
		return Collection{}, fmt.Errorf("add collection %q: %w", c.Alias, ErrForbidden)
	}
	if !aliasRule.MatchString(c.Alias) {
		return Collection{}, fmt.Errorf("%w: alias %q; use 1 to 64 of a-z, 0-9, '.', '_' and '-', starting with a letter or digit", ErrInvalid, c.Alias)
	}
	if uuid.Validate(c.Alias) == nil {
		return Collection{}, fmt.Errorf("%w: alias %q looks like a collection's id; choose a name", ErrInvalid, c.Alias)
	}
	for _, text := range []string{c.Title, c.Description} {
		if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }) {
			return Collection{}, fmt.Errorf("%w: %q holds characters that do not print; write a title and a description as one line of text", ErrInvalid, text)
		}
	}
	if c.Title == "" {
		c.Title = c.Alias
	}
	if c.Marking == 0 {
		c.Marking = handling.Amber
	}
	if err := c.Limits.check(); err != nil {
		return Collection{}, err
	}
	c.ID = uuid.NewString()
	_, err := x.commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		for row, err := range store.RowsJSON[Collection](tx, collectionTable, "") {
			if err != nil {
				return err
			}
			if other := row.Value; other.Alias == c.Alias && !other.Removing {
				return fmt.Errorf("collection %q %w", c.Alias, ErrExists)
			}
		}
		c.Number = nextCollection(tx)
		x.audit(tx, by, "add collection %s (%s), unmarked objects count as %s", c.Alias, c.ID, c.Marking)
		return store.SetJSON(tx, collectionTable, c.ID, c)
	}})
	if err != nil {
		return Collection{}, err
	}
	return c, x.loadCollections()
}

// nextCollection numbers collections from 1; a number is never used again.
func nextCollection(tx store.Tx) store.Collection {
	n := uint64(0)
	if last, err := tx.Get("exchange", "last-collection"); err == nil {
		n, _ = strconv.ParseUint(string(last), 10, 32)
	}
	n++
	tx.Set("exchange", "last-collection", []byte(strconv.FormatUint(n, 10)))
	return store.Collection(n)
}

// Holds is how many versions of objects a collection holds, whoever may see them. It is
// for admins. Errors: ErrNotFound, ErrForbidden.
func (x *Exchange) Holds(by account.Principal, idOrAlias string) (int64, error) {
	c, err := x.access(by, idOrAlias)
	if err != nil {
		return 0, err
	}
	if !by.Administers() {
		return 0, fmt.Errorf("count what collection %q holds: %w", c.Alias, ErrForbidden)
	}
	return x.objectsIn(c.Collection), nil
}

// objectsIn counts the versions of objects in a collection; a face goes with its own.
func (x *Exchange) objectsIn(c Collection) (n int64) {
	for class, some := range x.store.Count(c.Number) {
		if !x.isFace(class) {
			n += some
		}
	}
	return n
}

// RemoveCollection makes a collection vanish at once, and its objects in the background,
// unless it holds more versions of objects than whoever removes it knows of. Errors:
// ErrNotFound, ErrForbidden, ErrHoldsMore.
func (x *Exchange) RemoveCollection(ctx context.Context, by account.Principal, idOrAlias string, knownOf int64) error {
	c, err := x.access(by, idOrAlias)
	if err != nil {
		return err
	}
	if !by.Administers() {
		return fmt.Errorf("remove collection %q: %w", c.Alias, ErrForbidden)
	}
	x.collections.publishing.Lock()
	defer x.collections.publishing.Unlock()
	if holds := x.objectsIn(c.Collection); holds > knownOf {
		return fmt.Errorf("collection %q %w: %d versions of objects, which go with it and do not come back", c.Alias, ErrHoldsMore, holds)
	}
	_, err = x.commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		gone := c.Collection
		gone.Removing = true
		x.audit(tx, by, "remove collection %s (%s)", c.Alias, c.ID)
		return store.SetJSON(tx, collectionTable, c.ID, gone)
	}})
	if err != nil {
		return err
	}
	return x.loadCollections()
}

// clear takes a removed collection's objects away, a batch at a time, then its row.
func (x *Exchange) clear(c Collection) {
	const chunk = 1000
	for x.ctx.Err() == nil {
		page, err := x.store.Page(x.ctx, store.PageQuery{Collection: c.Number, Visible: store.AllClasses(),
			Limit: chunk, Versions: store.VersionFilter{All: true}})
		if err != nil {
			x.opts.Logger.Error("clear a removed collection; it goes on at the next start", "collection", c.Alias, "err", err)
			return
		}
		var b store.Batch
		for i := range page.Rows {
			b.Removes = append(b.Removes, store.Remove{Collection: c.Number, Added: page.Rows[i].Added, Aside: store.AllClasses()})
		}
		page.Close()
		b.Then = func(tx store.Tx, outcomes []store.Outcome) error { return x.letGo(tx, c, b.Removes, outcomes) }
		last := len(b.Removes) == 0
		if last {
			b.Then = func(tx store.Tx, _ []store.Outcome) error {
				tx.Delete(collectionTable, c.ID)
				return forgetUsage(tx, c)
			}
		}
		if _, err := x.commit(x.ctx, &b); err != nil {
			x.opts.Logger.Error("clear a removed collection; it goes on at the next start", "collection", c.Alias, "err", err)
			return
		}
		if last {
			return
		}
	}
}
