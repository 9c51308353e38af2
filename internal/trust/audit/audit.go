package audit

import (
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
	"time"

	"entente/internal/store"
)

// Table is where the rows stand; the key is the tick in 16 hexadecimal digits,
// then what was done and to what, which tells acts of one transaction apart.
const Table = "audit"

// Act is one administrative act.
type Act struct {
	Time   time.Time `json:"time"`
	Who    string    `json:"who"`              // account, or "operator" for local verbs
	What   string    `json:"what"`             // e.g. "account add"
	On     string    `json:"on"`               // what it was done to
	Detail string    `json:"detail,omitempty"` // for people
}

// Add writes an act inside the transaction of the act.
func Add(tx store.Tx, a Act) {
	tick := tx.Tick()
	a.Time = time.UnixMicro(int64(tick)).UTC()
	value, _ := json.Marshal(a) // strings and a time of this age always can be
	tx.Set(Table, fmt.Sprintf("%016x %s %s", int64(tick), a.What, a.On), value)
}

// Rows is the part of a store that holds the acts.
type Rows interface {
	Rows(table, prefix string) iter.Seq2[store.Keyed, error]
}

// Acts lists all acts, oldest first.
func Acts(r Rows) iter.Seq2[Act, error] {
	return func(yield func(Act, error) bool) {
		for row, err := range store.RowsJSON[Act](r, Table, "") {
			if err != nil {
				err = fmt.Errorf("audit: %w", err)
			}
			if !yield(row.Value, err) {
				return
			}
		}
	}
}

// TickOf is when the act of a row was done; false when its key is none of an act.
func TickOf(key string) (store.Tick, bool) {
	if len(key) < 16 {
		return 0, false
	}
	tick, err := strconv.ParseInt(key[:16], 16, 64)
	return store.Tick(tick), err == nil
}

// Between lists the rows of acts after one tick and up to another, oldest first.
// It reads no others: rows are had by the beginnings of their keys alone, so it
// asks for each beginning that all later ticks have from one digit on.
func Between(r Rows, after, upTo store.Tick) iter.Seq2[store.Keyed, error] {
	return func(yield func(store.Keyed, error) bool) {
		from, to := fmt.Sprintf("%016x", int64(after)), fmt.Sprintf("%016x", int64(upTo))
		for n := len(from) - 1; n >= 0; n-- {
			for _, digit := range "0123456789abcdef" {
				begins := from[:n] + string(digit)
				if begins <= from[:n+1] || begins > to[:n+1] {
					continue
				}
				for row, err := range r.Rows(Table, begins) {
					if tick, ok := TickOf(row.Key); err == nil && (!ok || tick > upTo) {
						continue
					}
					if !yield(row, err) || err != nil {
						return
					}
				}
			}
		}
	}
}
