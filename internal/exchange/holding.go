package exchange

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"entente/internal/store"
	"entente/internal/trust/audit"
	"entente/internal/trust/handling"
	"entente/internal/trust/personal"
	"entente/stix"
)

// Tables of rows about personal data. Each object that limits what time it has has a
// row, written with it and deleted with it; the others order them. What an object only
// refers to gives it none: its own content is not about people for that, whatever it
// is withheld for.
const (
	holdingTable  = "personal-held" // a holding by its collection and the digest of its content
	eraseDueTable = "erase-due"     // holdings that have a time of their own, by the minute
	cameTable     = "personal-came" // holdings that count as personal data, by collection and when they came
)

// holding is content that holds personal data. A new class leaves it as it is: the
// object has a new date added by that, and no more time.
type holding struct {
	ID       string          `json:"id"`
	Version  string          `json:"version,omitempty"`
	Came     store.Tick      `json:"came"`               // when this content first came into the collection
	Personal bool            `json:"personal,omitempty"` // its own class says so: a limit of its collection and the end of its policy count
	Days     int             `json:"days,omitempty"`     // retention by its markings
	Ends     handling.Minute `json:"ends,omitempty"`     // the end of its policy; 0: without
}

// due is when its own markings have it erased; false when they set no time.
func (h *holding) due() (at handling.Minute, ok bool) {
	if h.Days > 0 {
		at = handling.MinuteFrom(audit.Time(h.Came).AddDate(0, 0, h.Days))
	}
	if h.Personal && h.Ends != 0 && (at == 0 || h.Ends < at) {
		at = h.Ends
	}
	return at, at != 0
}

// until is when it goes by its markings or by what its collection keeps of personal
// data; zero when it stays.
func (h *holding) until(limits *Limits) (first time.Time) {
	if at, ok := h.due(); ok {
		first = at.Time()
	}
	if h.Personal && limits.KeepPersonal > 0 {
		if by := audit.Time(h.Came).Add(limits.KeepPersonal); first.IsZero() || by.Before(first) {
			first = by
		}
	}
	return first
}

// address is the key of a holding in holdingTable.
func address(c store.Collection, digest [32]byte) string {
	return fmt.Sprintf("%08x %x", uint32(c), digest)
}

// collectionAt is the collection of an address; without an id when it was removed, and
// its objects go with it.
func (x *Exchange) collectionAt(address string) (Collection, error) {
	var c store.Collection
	if _, err := fmt.Sscanf(address, "%08x ", &c); err != nil {
		return Collection{}, fmt.Errorf("what personal data is held: row %q: %w", address, err)
	}
	return x.collections.numbered(c), nil
}

// dueKey and cameKey are those in the other tables of the holding at an address.
func dueKey(at handling.Minute, address string) string {
	return fmt.Sprintf("%016x %s", int64(at), address)
}

func cameKey(came store.Tick, address string) string {
	c, digest, _ := strings.Cut(address, " ")
	return fmt.Sprintf("%s %016x %s", c, int64(came), digest)
}

// readDue and readCame read what those wrote.
func readDue(key string) (at handling.Minute, address string, err error) {
	minute, address, _ := strings.Cut(key, " ")
	if _, err = fmt.Sscanf(minute, "%x", &at); err != nil {
		err = fmt.Errorf("what is to be erased: row %q: %w", key, err)
	}
	return at, address, err
}

func readCame(key string) (came store.Tick, address string, err error) {
	parts := strings.SplitN(key, " ", 3)
	if len(parts) != 3 {
		return 0, "", fmt.Errorf("what personal data is held: row %q has %d parts, not 3", key, len(parts))
	}
	if _, err = fmt.Sscanf(parts[1], "%x", &came); err != nil {
		err = fmt.Errorf("what personal data is held: row %q: %w", key, err)
	}
	return came, parts[0] + " " + parts[2], err
}

// holds tells what of an object and its own class limits what time it has; nil when
// nothing does. What is found but only noted has none but its retention.
func holds(o *stix.Object, own handling.Class, defs handling.Definitions) *holding {
	days := handling.Retention(o, defs)
	if !own.Personal && (days == 0 || len(personal.Find(o, false)) == 0) {
		return nil
	}
	return &holding{ID: strings.Clone(o.ID), Version: strings.Clone(o.Version()), Personal: own.Personal, Days: days, Ends: own.Closes}
}

// keep writes the rows of a holding; what is known of it already counts on.
func (h holding) keep(tx store.Tx, c store.Collection, digest [32]byte) error {
	at := address(c, digest)
	former, err := store.GetJSON[holding](tx, holdingTable, at)
	switch {
	case err == nil:
		former.forget(tx, at)
		h.Came, h.Personal = min(h.Came, former.Came), h.Personal || former.Personal
		h.Days, h.Ends = earlier(h.Days, former.Days), earlier(h.Ends, former.Ends)
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	if due, ok := h.due(); ok {
		tx.Set(eraseDueTable, dueKey(due, at), nil)
	}
	if h.Personal {
		tx.Set(cameTable, cameKey(h.Came, at), nil)
	}
	return store.SetJSON(tx, holdingTable, at, h)
}

// earlier is the smaller of two limits, of which 0 is none.
func earlier[T int | handling.Minute](a, b T) T {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// forget deletes the rows of the holding at an address.
func (h *holding) forget(tx store.Tx, address string) {
	tx.Delete(holdingTable, address)
	if due, ok := h.due(); ok {
		tx.Delete(eraseDueTable, dueKey(due, address))
	}
	tx.Delete(cameTable, cameKey(h.Came, address))
}

// forgetHoldings deletes the rows of what was removed, in the transaction that removes
// it: content that comes again has its own time. gone, when set, is asked for each.
func forgetHoldings(tx store.Tx, c store.Collection, outcomes []store.Outcome, gone func(i int, h *holding) error) error {
	for i, o := range outcomes {
		if o.State != store.Removed || o.Gone.Face {
			continue
		}
		at := address(c, o.Gone.Digest)
		h, err := store.GetJSON[holding](tx, holdingTable, at)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err == nil && gone != nil {
			err = gone(i, &h)
		}
		if err != nil {
			return err
		}
		h.forget(tx, at)
	}
	return nil
}

// letGo is forgetHoldings of what goes for whatever reason: what had a time is to be
// off the disk by then, and nothing else would know of it any more.
func (x *Exchange) letGo(tx store.Tx, c Collection, removes []store.Remove, outcomes []store.Outcome) error {
	return forgetHoldings(tx, c.Number, outcomes, func(i int, h *holding) error {
		return x.noteErased(tx, removes[i].Added, outcomes[i].Added, h.ID, false)
	})
}

// retain notes what personal data the publication's object i holds.
func (w *writing) retain(i int, own handling.Class, defs handling.Definitions) {
	if h := holds(&w.publication.Objects[i], own, defs); h != nil {
		if w.held == nil {
			w.held = map[int]*holding{}
		}
		w.held[i] = h
	}
}

// keepHeld writes what retain noted of puts[put], which is kept since came.
func (w *writing) keepHeld(tx store.Tx, put int, came store.Tick) error {
	h := w.held[w.object[put]]
	if h == nil {
		return nil
	}
	held := *h // the transaction may be tried again
	held.Came = came
	return held.keep(tx, w.collection.Number, w.puts[put].Digest)
}

// noteHoldings notes what objects hold that came before it was known.
func (x *Exchange) noteHoldings(ctx context.Context, list []waiting) error {
	type noted struct {
		holding
		collection store.Collection
		digest     [32]byte
	}
	var all []noted
	for _, w := range list {
		o, err := stix.Read(w.raw, stix.MaxObject(len(w.raw)))
		if err != nil || x.isFace(w.row.Class) {
			continue // withheld as it is; or it goes with its object
		}
		in := x.collections.numbered(w.row.Collection)
		own, _, err := classify(&o, &in, &x.markings)
		if err != nil {
			continue
		}
		digest, err := stix.Digest(w.raw)
		if h := holds(&o, own, &x.markings); h != nil && err == nil {
			h.Came = w.row.Added
			all = append(all, noted{*h, w.row.Collection, digest})
		}
	}
	if len(all) == 0 {
		return nil
	}
	return x.Keep(ctx, func(tx store.Tx) error {
		for _, n := range all {
			if err := n.keep(tx, n.collection, n.digest); err != nil {
				return err
			}
		}
		return nil
	})
}
