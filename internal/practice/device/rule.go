package device

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/audit"
)

// Rule says when what organisations tell to be a false positive is in no list any more.
// The own member's word and the producer's suffice by themselves.
type Rule struct {
	// Others is how many other organisations it takes, so that no one of them takes from
	// all what protects them; 0 when no number of them suffices.
	Others int `json:"others"`
}

// UsualRule is the rule unless a node has another.
var UsualRule = Rule{Others: 2}

// MostOthers is the highest number that a rule can ask for.
const MostOthers = 1000

const (
	ruleTable = "false-positive"
	ruleKey   = "rule"
)

// Rule is the node's rule on false positives.
func (c *Chooser) Rule() (Rule, error) {
	row, err := c.Exchange.Record(ruleTable, ruleKey)
	if errors.Is(err, exchange.ErrNotFound) {
		return UsualRule, nil
	}
	r := UsualRule
	if err == nil {
		err = json.Unmarshal(row, &r)
	}
	if err != nil {
		return r, fmt.Errorf("the rule on false positives: %w", err)
	}
	return r, nil
}

// SetRule changes it. Errors: exchange.ErrForbidden, exchange.ErrInvalid.
func (c *Chooser) SetRule(ctx context.Context, by account.Principal, r Rule) error {
	if !by.Administers() {
		return fmt.Errorf("change the rule on false positives: %w: this takes an admin of the node's own member", exchange.ErrForbidden)
	}
	if r.Others < 0 || r.Others > MostOthers {
		return fmt.Errorf("%w: %d other organisations; give 1 to %d, or 0 so that no number of them suffices", exchange.ErrInvalid, r.Others, MostOthers)
	}
	defer c.changes.Add(1)
	return c.Exchange.Keep(ctx, func(tx store.Tx) error {
		audit.Add(tx, audit.Act{Who: by.Account, What: "false positives", Detail: fmt.Sprintf("others=%d", r.Others)})
		return store.SetJSON(tx, ruleTable, ruleKey, r)
	})
}
