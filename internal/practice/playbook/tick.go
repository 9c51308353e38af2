package playbook

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
)

// Tick says that somebody has done a step, or takes that back.
type Tick struct {
	By   string    `json:"by" doc:"Account."`
	At   time.Time `json:"at"`
	Undo bool      `json:"undo,omitempty" doc:"It is not done after all."`
}

// Done tells by the ticks of a step whether it is done.
func Done(ticks []Tick) bool { return len(ticks) > 0 && !ticks[len(ticks)-1].Undo }

const (
	tickTable = "playbook-tick" // a list of Tick, by object and step
	mostTicks = 100             // of one step; the oldest go
)

// Tables are those whose rows belong to the object whose id their keys begin with.
var Tables = []string{tickTable}

// Ticks keep who has done which step of a playbook that is here, for the accounts of
// the own member.
type Ticks struct {
	x   *exchange.Exchange
	now func() time.Time
}

// NewTicks keeps ticks beside an exchange. The clock is time.Now when nil.
func NewTicks(x *exchange.Exchange, now func() time.Time) *Ticks {
	if now == nil {
		now = time.Now
	}
	return &Ticks{x, now}
}

// Carried is a playbook that an object carries, as its reader is told of it.
type Carried struct {
	Object       string        `json:"object" doc:"Id of the course of action."`
	Playbook     string        `json:"playbook" doc:"Id of the playbook."`
	Name         string        `json:"name"`
	Description  string        `json:"description,omitempty"`
	Findings     []string      `json:"findings,omitempty" nullable:"false" doc:"What is wrong with it."`
	Instructions []Instruction `json:"instructions" nullable:"false"`
}

// Of reads the playbook out of an object that was released to a reader, with the
// ticks if he may know them. Error: ErrNotRead.
func (t *Ticks) Of(by account.Principal, id string, object []byte) (*Carried, error) {
	raw, err := Unwrap(object)
	if err != nil {
		return nil, err
	}
	p, err := Read(raw)
	if err != nil {
		return nil, err
	}
	out := &Carried{Object: id, Playbook: p.ID, Name: p.Name, Description: p.Description, Instructions: p.Instructions()}
	for _, f := range p.Check() {
		out.Findings = append(out.Findings, f.At+": "+f.Message)
	}
	if !by.Own {
		return out, nil
	}
	for i := range out.Instructions {
		if out.Instructions[i].Done, err = t.of(id, out.Instructions[i].Step); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func tickKey(object, step string) string { return object + "\x00" + step }

func (t *Ticks) of(object, step string) ([]Tick, error) {
	for row, err := range store.RowsJSON[[]Tick](t.x, tickTable, tickKey(object, step)) {
		if err != nil {
			return nil, fmt.Errorf("read who has done a step of %s: %w", object, err)
		}
		if row.Key == tickKey(object, step) {
			return row.Value, nil
		}
	}
	return nil, nil
}

// Tick notes that a step of a playbook, by its id or number, is done, or is not after
// all. Errors:
// exchange.ErrForbidden, exchange.ErrNotFound.
func (t *Ticks) Tick(ctx context.Context, by account.Principal, c *Carried, step string, undo bool) error {
	if !by.Own {
		return fmt.Errorf("tick a step: %w: this takes an account of the own member", exchange.ErrForbidden)
	}
	i := slices.IndexFunc(c.Instructions, func(i Instruction) bool { return i.Step == step || strconv.Itoa(i.Number) == step })
	if i < 0 {
		return fmt.Errorf("step %.100q of %s: %w; entente playbook show %s lists them", step, c.Object, exchange.ErrNotFound, c.Object)
	}
	step = c.Instructions[i].Step
	return t.x.Keep(ctx, func(tx store.Tx) error {
		ticks, err := store.GetJSON[[]Tick](tx, tickTable, tickKey(c.Object, step))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		ticks = append(ticks, Tick{By: by.Account, At: t.now().UTC().Truncate(time.Microsecond), Undo: undo})
		return store.SetJSON(tx, tickTable, tickKey(c.Object, step), ticks[max(0, len(ticks)-mostTicks):])
	})
}
