package lookup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"entente/internal/exchange"
	"entente/internal/score"
	"entente/internal/store"
	"entente/internal/trust/account"
)

// HalfLives are days in which indicators of each kind lose half of what they are worth.
type HalfLives map[string]float64

// Models keeps the model by which a node scores indicators. Its methods are safe for
// concurrent use.
type Models struct {
	x *exchange.Exchange

	mu    sync.Mutex
	model *score.Model // nil until it is asked for
	mark  string       // another one whenever the model is
}

// NewModels keeps a model beside an exchange.
func NewModels(x *exchange.Exchange) *Models { return &Models{x: x} }

const (
	modelTable = "score"
	modelKey   = "half-lives"
	mostDays   = 36_500
)

// Model is the node's model, and a mark of it.
func (m *Models) Model() (*score.Model, string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.model != nil {
		return m.model, m.mark, nil
	}
	row, err := m.x.Record(modelTable, modelKey)
	if err != nil && !errors.Is(err, exchange.ErrNotFound) {
		return nil, "", fmt.Errorf("the model of scores: %w", err)
	}
	days := HalfLives{}
	if err == nil {
		if err := json.Unmarshal(row, &days); err != nil {
			return nil, "", fmt.Errorf("the model of scores: %w", err)
		}
	}
	model := score.Usual
	for name, n := range days {
		if k, ok := score.KindOf(name); ok {
			model.HalfLife[k] = time.Duration(n * 24 * float64(time.Hour))
		}
	}
	m.model, m.mark = &model, string(row)
	return m.model, m.mark, nil
}

// HalfLives tells of all kinds.
func (m *Models) HalfLives() (HalfLives, error) {
	model, _, err := m.Model()
	if err != nil {
		return nil, err
	}
	out := HalfLives{}
	for _, k := range score.Kinds() {
		out[k.String()] = model.HalfLife[k].Hours() / 24
	}
	return out, nil
}

// Set changes the half-lives of some kinds; 0 days is the usual one again. Errors:
// exchange.ErrForbidden, exchange.ErrInvalid.
func (m *Models) Set(ctx context.Context, by account.Principal, change HalfLives) error {
	if !by.Administers() {
		return fmt.Errorf("change the half-lives of scores: %w: this takes an admin of the node's own member", exchange.ErrForbidden)
	}
	for name, n := range change {
		if _, ok := score.KindOf(name); !ok {
			return fmt.Errorf("%w: there is no kind %.40q of indicators; there are %v", exchange.ErrInvalid, name, score.Kinds())
		}
		if math.IsNaN(n) || n < 0 || n > mostDays || n > 0 && n < 0.01 {
			return fmt.Errorf("%w: %s: a half-life of %v days; give 0.01 to %d, or 0 for the usual one", exchange.ErrInvalid, name, n, mostDays)
		}
	}
	err := m.x.Keep(ctx, func(tx store.Tx) error {
		days, err := store.GetJSON[HalfLives](tx, modelTable, modelKey)
		if errors.Is(err, store.ErrNotFound) {
			days, err = HalfLives{}, nil
		}
		if err != nil {
			return err
		}
		for name, n := range change {
			if days[name] = n; n == 0 {
				delete(days, name)
			}
		}
		return store.SetJSON(tx, modelTable, modelKey, days)
	})
	m.mu.Lock()
	m.model = nil
	m.mu.Unlock()
	return err
}
