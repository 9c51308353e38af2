package author

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/stix"
)

// Draft is a new object before it is published: a row of the node that its
// account alone reads. It is held against the specification when it is
// published; what is wrong with it by now is told.
type Draft struct {
	ID       string    `json:"id"` // a number, from 1 for each account
	Type     string    `json:"type"`
	Name     string    `json:"name,omitempty"`
	Created  time.Time `json:"created"`
	Changed  time.Time `json:"changed"` // its version, by which two writers are told apart
	Wanted   NewObject `json:"wanted"`
	Problems []string  `json:"problems"` // what keeps it from being published

	row []byte // as it was read
}

const (
	draftTable = "draft"
	draftSize  = 1 << 20 // bytes of the object
)

// draftKey puts the drafts of an account, by its ID, beside each other, in
// their order.
func draftKey(owner, id string) string { return owner + "\x00" + draftOrder(id) }

func draftOrder(id string) string { return fmt.Sprintf("%8s", id) }

// Order is a text whose order among the drafts of an account is their own.
func (draft *Draft) Order() string { return draftOrder(draft.ID) }

func noDraft(id string) error {
	return fmt.Errorf("draft %q: %w; see entente draft list", shorten(id), exchange.ErrNotFound)
}

// AddDraft keeps a request for later.
func (d *Desk) AddDraft(ctx context.Context, by account.Principal, r NewObject) (Draft, error) {
	if err := d.mayWrite(by); err != nil {
		return Draft{}, err
	}
	o := map[string]any{}
	if len(r.Properties) > 0 {
		var err error
		if o, err = decodeObject(r.Properties); err != nil {
			return Draft{}, bad("the properties are not JSON as it is exchanged: %w", err)
		}
	}
	if typ, ok := o["type"].(string); ok && r.Type == "" {
		r.Type = typ
	}
	if r.Type == "" {
		return Draft{}, bad("a draft needs a type, such as indicator")
	}
	o["type"] = r.Type
	if r.Key == "" {
		// Publishing it twice must not make two objects of it.
		r.Key = stix.NewID("draft")
	}
	draft := Draft{Wanted: r}
	how, err := d.making(ctx, by, r.Making)
	if err != nil {
		return Draft{}, err
	}
	if err := draft.revise(o, Edit{Set: r.Set, Making: how}, d.now()); err != nil {
		return Draft{}, err
	}
	draft.Created = draft.Changed
	if err := d.number(ctx, by, &draft); err != nil {
		return Draft{}, err
	}
	return d.judged(by, draft), nil
}

// revise gives a draft other properties.
func (draft *Draft) revise(o map[string]any, c Edit, now time.Time) error {
	o, _, err := c.apply(o, now)
	if err != nil {
		return err
	}
	if typ, ok := o["type"].(string); ok {
		draft.Wanted.Type = typ
	}
	raw, err := canonical(o)
	if err != nil {
		return bad("the draft cannot be written as JSON: %w", err)
	}
	if len(raw) > draftSize {
		return bad("the draft has %d bytes; %d are allowed", len(raw), draftSize)
	}
	draft.Wanted.Properties, draft.Wanted.Set, draft.Wanted.Making = raw, nil, Making{}
	draft.Type, draft.Name = title(o)
	if draft.Name == "" {
		draft.Name = draft.Wanted.For
	}
	changed := now.UTC().Truncate(time.Microsecond)
	if !changed.After(draft.Changed) {
		changed = draft.Changed.Add(time.Microsecond)
	}
	draft.Changed = changed
	return nil
}

// Sheet writes a draft as Sheet does an object, with what the draft stands for: the
// value that it is for, and what follows from it. More is said below its first line.
func (draft *Draft) Sheet(more string) (string, error) {
	o, err := decodeObject(draft.Wanted.Properties)
	if err != nil {
		return "", err
	}
	heading := fmt.Sprintf("Draft %s, %s", draft.ID, article(draft.Type))
	if draft.Wanted.For != "" {
		heading += " for " + firstLine(draft.Wanted.For)
	}
	return sheet(heading+"."+more, draft.Wanted.Properties, draft.Wanted.given(o))
}

// given are the properties that follow from the value that is asked for, and not from o;
// what depends on when it is published is said to be so.
func (r *NewObject) given(o map[string]any) map[string]any {
	b := &building{r: r}
	b.o, _ = clone(o).(map[string]any)
	if b.subject() != nil {
		return nil // its problems are told
	}
	said := b.o
	b.o, _ = clone(said).(map[string]any)
	if b.defaults() != nil {
		return nil
	}
	given := map[string]any{}
	for name, value := range b.o {
		if same, err := equal(value, o[name]); err == nil && same {
			continue
		}
		if given[name] = value; said[name] == nil && value == stix.NewTimestamp(b.at).String() {
			given[name] = moment("now")
		}
	}
	if r.Until != "" {
		given["valid_until"] = moment(firstLine(r.Until))
	}
	return given
}

// encode is the row of a draft, which leaves its number to the key.
func (draft *Draft) encode() ([]byte, error) {
	kept := *draft
	kept.ID, kept.Problems = "", nil
	return json.Marshal(kept)
}

// judged tells what keeps a draft from being published as it is.
func (d *Desk) judged(by account.Principal, draft Draft) Draft {
	draft.Problems = []string{}
	_, err := d.foretell(by, &draft.Wanted)
	if invalid, ok := errors.AsType[*Invalid](err); ok {
		for _, f := range invalid.Faults {
			draft.Problems = append(draft.Problems, f.String())
		}
	} else if err != nil {
		draft.Problems = append(draft.Problems, err.Error())
	}
	return draft
}

// Drafts lists an account's drafts, oldest first.
func (d *Desk) Drafts(by account.Principal) ([]Draft, error) {
	if err := d.mayWrite(by); err != nil {
		return nil, err
	}
	all := []Draft{}
	for row, err := range store.RowsJSON[Draft](d.x, draftTable, by.ID+"\x00") {
		if err != nil {
			return nil, fmt.Errorf("read the drafts: %w", err)
		}
		draft := row.Value
		draft.ID = strings.TrimLeft(strings.TrimPrefix(row.Key, by.ID+"\x00"), " ")
		all = append(all, d.judged(by, draft))
	}
	return all, nil
}

// Draft is one of an account's drafts. Errors: exchange.ErrNotFound.
func (d *Desk) Draft(by account.Principal, id string) (Draft, error) {
	draft, err := d.draft(by, id)
	if err != nil {
		return Draft{}, err
	}
	return d.judged(by, draft), nil
}

// draft reads a draft as it is kept.
func (d *Desk) draft(by account.Principal, id string) (draft Draft, err error) {
	if err := d.mayWrite(by); err != nil {
		return draft, err
	}
	draft.row, err = d.x.Record(draftTable, draftKey(by.ID, id))
	if errors.Is(err, exchange.ErrNotFound) {
		return draft, noDraft(id)
	}
	if err == nil {
		err = json.Unmarshal(draft.row, &draft)
	}
	draft.ID = strings.TrimLeft(id, " ")
	return draft, err
}

// EditDraft changes a draft. Base, when not zero, is the Changed that the edit
// was made from; another one is refused as exchange.ErrStale. All of it is worked
// out before the transaction, which only looks whether the draft is still the one
// that was read; else it is read again.
func (d *Desk) EditDraft(ctx context.Context, by account.Principal, id string, base time.Time, c Edit) (Draft, error) {
	how, err := d.making(ctx, by, c.Making)
	if err != nil {
		return Draft{}, err
	}
	c.Making = how
	for {
		draft, err := d.draft(by, id)
		if err != nil {
			return Draft{}, err
		}
		if !base.IsZero() && !base.Equal(draft.Changed) {
			return Draft{}, fmt.Errorf("draft %s was changed at %s; yours was %w", id, draft.Changed.Format(time.RFC3339Nano), exchange.ErrStale)
		}
		o, err := decodeObject(draft.Wanted.Properties)
		if err != nil {
			return Draft{}, err
		}
		if err := draft.revise(o, c, d.now()); err != nil {
			return Draft{}, err
		}
		if is, err := decodeObject(draft.Wanted.Properties); err != nil {
			return Draft{}, err
		} else if err := asMade("draft "+id, o, is); err != nil {
			return Draft{}, err
		}
		if err := d.rewrite(ctx, by, &draft); err == nil {
			return d.judged(by, draft), nil
		} else if !errors.Is(err, errDraftChanged) {
			return Draft{}, err
		}
	}
}

// PublishDraft writes the object that a draft asks for and drops the draft in
// the same transaction; one that was changed meanwhile stays. Errors as New.
func (d *Desk) PublishDraft(ctx context.Context, by account.Principal, id string) (Written, error) {
	draft, err := d.draft(by, id)
	if err != nil {
		return Written{}, err
	}
	draft.Wanted.after = func(tx store.Tx) error {
		err := dropDraft(tx, by, id, draft.row)
		if errors.Is(err, errDraftChanged) || errors.Is(err, exchange.ErrNotFound) {
			return nil // it stays, or somebody was quicker
		}
		return err
	}
	return d.New(ctx, by, draft.Wanted)
}

// DropDraft forgets a draft. Errors: exchange.ErrNotFound.
func (d *Desk) DropDraft(ctx context.Context, by account.Principal, id string) error {
	if err := d.mayWrite(by); err != nil {
		return err
	}
	return d.x.Keep(ctx, func(tx store.Tx) error { return dropDraft(tx, by, id, nil) })
}
