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
		for row, err := range r.Rows(Table, "") {
			var a Act
			if err == nil {
				err = json.Unmarshal(row.Value, &a)
			}
			if err != nil {
				err = fmt.Errorf("audit: read row %s: %w", row.Key, err)
			}
			if !yield(a, err) || err != nil {
				return
			}
		}
	}
}

// Covers tells whether the act of a row came after one tick and not after
// another.
func Covers(key string, after, upTo store.Tick) bool {
	if len(key) < 16 {
		return false
	}
	tick, err := strconv.ParseInt(key[:16], 16, 64)
	return err == nil && store.Tick(tick) > after && store.Tick(tick) <= upTo
}
