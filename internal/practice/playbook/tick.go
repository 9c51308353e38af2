package playbook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	// Former is reckoned when it is asked for.
	Former bool `json:"former,omitempty" doc:"The step has said something else since, so that this does not count."`
}

// Done tells by the ticks of a step whether it is done, as it is now.
func Done(ticks []Tick) bool {
	if len(ticks) == 0 {
		return false
	}
	last := ticks[len(ticks)-1]
	return !last.Undo && !last.Former
}

// kept is a tick with what its step said then, as a digest: who has pulled one cable has
// not pulled both. Those of before that was noted have none, and count.
type kept struct {
	Tick
	Said string `json:"said,omitempty"`
}

// said is a digest of what a step asks for; where it leads to is no part of that.
func (i *Instruction) said() string {
	h := sha256.New()
	for _, line := range append([]string{i.Type, i.Title}, i.Lines...) {
		fmt.Fprintf(h, "%d %s\n", len(line), line)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

const (
	tickTable = "playbook-tick" // a list of kept, by object and step
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
		if out.Instructions[i].Done, err = t.of(id, &out.Instructions[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func tickKey(object, step string) string { return object + "\x00" + step }

func (t *Ticks) of(object string, i *Instruction) (ticks []Tick, err error) {
	for row, err := range store.RowsJSON[[]kept](t.x, tickTable, tickKey(object, i.Step)) {
		if err != nil {
			return nil, fmt.Errorf("read who has done a step of %s: %w", object, err)
		}
		if row.Key != tickKey(object, i.Step) {
			continue
		}
		now := i.said()
		for _, k := range row.Value {
			k.Former = k.Said != "" && k.Said != now
			ticks = append(ticks, k.Tick)
		}
		return ticks, nil
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
	step, said := c.Instructions[i].Step, c.Instructions[i].said()
	return t.x.Keep(ctx, func(tx store.Tx) error {
		ticks, err := store.GetJSON[[]kept](tx, tickTable, tickKey(c.Object, step))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		ticks = append(ticks, kept{Tick{By: by.Account, At: t.now().UTC().Truncate(time.Microsecond), Undo: undo}, said})
		return store.SetJSON(tx, tickTable, tickKey(c.Object, step), ticks[max(0, len(ticks)-mostTicks):])
	})
}
