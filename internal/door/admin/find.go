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
	Known  bool     `json:"known,omitempty"` // only values of which something is known are answered
	As     string   `json:"as,omitempty"`    // account whose view answers; the operator's when empty
}

// MaxQuestion is how many values one request may ask for.
const MaxQuestion = 5000

// find answers one value a line, in the order of the values.
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
	answers, err := lookup.NewFinder(n.Exchange.View(reader), q.Limit, time.Now()).Find(r.Context(), q.Values...)
	if err != nil {
		return err
	}
	out := json.NewEncoder(w)
	for i := range answers {
		if q.Known && len(answers[i].Findings) == 0 {
			continue
		}
		if err := out.Encode(&answers[i]); err != nil {
			return nil // the verb has gone
		}
	}
	return nil
}
