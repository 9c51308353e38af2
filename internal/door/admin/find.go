package admin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"entente/internal/exchange"
	"entente/internal/practice/lookup"
)

// Question is what POST /find is asked.
type Question struct {
	Values []string `json:"values"`
	Limit  int      `json:"limit,omitempty"` // objects told of each value; lookup.DefaultLimit when 0
	As     string   `json:"as,omitempty"`    // account whose view answers; the operator's when empty
}

// MaxQuestion is how many values one request may ask for.
const MaxQuestion = 200

// find streams one answer a line, in the order of the values.
func (n Node) find(w http.ResponseWriter, r *http.Request) error {
	var q Question
	if err := read(r, &q); err != nil {
		return err
	}
	if len(q.Values) > MaxQuestion {
		return fmt.Errorf("%w: %d values in one request; at most %d are looked up", exchange.ErrInvalid, len(q.Values), MaxQuestion)
	}
	reader, err := n.as(q.As)
	if err != nil {
		return err
	}
	finder := lookup.NewFinder(n.Exchange.View(reader), q.Limit, time.Now())
	out := json.NewEncoder(w)
	for i, value := range q.Values {
		answer, err := finder.Find(r.Context(), value)
		if err != nil && i == 0 {
			return err
		}
		if err != nil {
			return out.Encode(map[string]string{"error": err.Error()})
		}
		if err := out.Encode(answer); err != nil {
			return nil // the verb has gone
		}
	}
	return nil
}
