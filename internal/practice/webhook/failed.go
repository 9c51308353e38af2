package webhook

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
)

// Failure is a message that was not taken, without its content.
type Failure struct {
	ID         string    `json:"id" doc:"The message's, as in webhook-id."`
	Collection string    `json:"collection"`
	Object     string    `json:"object" doc:"Id of the object; empty when the account does not see it any more."`
	Version    string    `json:"version,omitempty"`
	Added      time.Time `json:"added"`
	Tries      int       `json:"tries"`
	Last       time.Time `json:"last" doc:"When it was last tried."`
	Trouble    string    `json:"trouble" doc:"Why it was not taken."`
}

func (f *Failure) key(h *Hook) string { return keyOf(h.Owner, h.Name) + "\x00" + f.ID }

// Replayed is what became of a failure that was sent again.
type Replayed struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Result  string `json:"result" enum:"sent,gone,failed" doc:"gone: the object is not there for the account any more; the failure is forgotten."`
	Trouble string `json:"trouble,omitempty"`
}

// MaxReplay is how many failures one call sends again.
const MaxReplay = 100

func read[T any](row []byte) (*T, error) {
	v := new(T)
	return v, json.Unmarshal(row, v)
}

func (h *Hooks) failures(owner, name string) (all []Failure, err error) {
	for row, err := range store.RowsJSON[Failure](h.x, failedTable, keyOf(owner, name)+"\x00") {
		if err != nil {
			return nil, fmt.Errorf("read what failed of webhook %s: %w", name, err)
		}
		all = append(all, row.Value)
	}
	slices.SortFunc(all, func(a, b Failure) int {
		return cmp.Or(a.Added.Compare(b.Added), strings.Compare(a.ID, b.ID))
	})
	return all, nil
}

// Failed lists what failed of an account's webhook, the oldest first. Of an object that
// the account does not see any more it tells nothing but that there was one. Errors:
// exchange.ErrNotFound.
func (h *Hooks) Failed(ctx context.Context, by account.Principal, name string) ([]Failure, error) {
	if _, err := h.get(by.ID, name); err != nil {
		return nil, err
	}
	all, err := h.failures(by.ID, name)
	for i := range all {
		f := &all[i]
		seen, err := h.sees(ctx, by, f)
		if err != nil {
			return nil, err
		}
		if !seen {
			f.Collection, f.Object, f.Version, f.Added = "", "", "", time.Time{}
		}
	}
	return all, err
}

// sees tells whether a failure's object is there for an account.
func (h *Hooks) sees(ctx context.Context, by account.Principal, f *Failure) (bool, error) {
	page, err := h.x.View(by).Page(ctx, f.Collection, f.query())
	if errors.Is(err, exchange.ErrNotFound) || errors.Is(err, exchange.ErrForbidden) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer page.Close()
	return page.Len() > 0, nil
}

func (f *Failure) query() exchange.Query {
	q := exchange.Query{IDs: []string{f.Object}, Limit: 1}
	if f.Version != "" {
		q.Versions.Exact = []string{f.Version}
	}
	return q
}

// Replay sends failures of a webhook again, those with the ids or the oldest, at most
// MaxReplay, as its owner may see them now. When one is taken, what waits for its next try
// is tried at once. Errors: exchange.ErrNotFound.
func (h *Hooks) Replay(ctx context.Context, by account.Principal, name string, ids []string) ([]Replayed, error) {
	hook, err := h.get(by.ID, name)
	if err != nil {
		return nil, err
	}
	failed, err := h.failures(by.ID, name)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if !slices.ContainsFunc(failed, func(f Failure) bool { return f.ID == id }) {
			return nil, fmt.Errorf("failed message %.70q of webhook %s: %w", id, name, exchange.ErrNotFound)
		}
	}
	done, sent := []Replayed{}, int64(0)
	for i := range failed {
		if len(ids) > 0 && !slices.Contains(ids, failed[i].ID) || len(done) == MaxReplay {
			continue
		}
		r, err := h.replay(ctx, by, hook, &failed[i])
		if err != nil {
			return done, err
		}
		if r.Result == "sent" {
			sent++
		}
		done = append(done, r)
	}
	if sent == 0 {
		return done, nil
	}
	return done, h.mended(ctx, hook, sent)
}

// mended notes that the receiver takes messages again: what waits for its next try is
// tried at once, and what was wrong is over.
func (h *Hooks) mended(ctx context.Context, hook *Hook, sent int64) error {
	err := h.x.Keep(ctx, func(tx store.Tx) error {
		now, err := keptHook(tx, hook)
		if err != nil {
			return err
		}
		now.Sent += sent
		if now.Tries > 0 || sent > 0 {
			now.Next = time.Time{}
		}
		if now.Tries == 0 && sent > 0 {
			now.Trouble = ""
		}
		return store.SetJSON(tx, hookTable, keyOf(hook.Owner, hook.Name), now)
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil // removed
	}
	return err
}

// replay sends one failure again.
func (h *Hooks) replay(ctx context.Context, by account.Principal, hook *Hook, f *Failure) (Replayed, error) {
	r := Replayed{ID: f.ID, Object: f.Object, Result: "gone"}
	object, err := h.content(ctx, by, f)
	if err != nil {
		return r, err
	}
	if object != nil {
		r.Result = "sent"
		if err := h.post(ctx, hook, f.ID, message{Type: "object", Collection: f.Collection, Added: f.Added, Object: object}); err != nil {
			r.Result, r.Trouble = "failed", err.Error()
		}
	}
	return r, h.x.Keep(ctx, func(tx store.Tx) error {
		if r.Result != "failed" {
			tx.Delete(failedTable, f.key(hook))
			return nil
		}
		f.Tries, f.Last, f.Trouble = f.Tries+1, h.o.Now().UTC(), r.Trouble
		return store.SetJSON(tx, failedTable, f.key(hook), f)
	})
}

// content is the object of a failure, as it may be seen now; nil when it may not.
func (h *Hooks) content(ctx context.Context, by account.Principal, f *Failure) ([]byte, error) {
	q := f.query()
	q.Bodies = true
	page, err := h.x.View(by).Page(ctx, f.Collection, q)
	if errors.Is(err, exchange.ErrNotFound) || errors.Is(err, exchange.ErrForbidden) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer page.Close()
	if page.Len() == 0 {
		return nil, nil
	}
	return slices.Clone(page.Bytes(0)), nil
}

// Tested is how a receiver took a test.
type Tested struct {
	OK      bool   `json:"ok"`
	Took    int64  `json:"took_ms"`
	Trouble string `json:"trouble,omitempty"`
}

// Test sends a message that holds no object, signed as others are. When it is taken, what
// waits for its next try is tried at once. Errors:
// exchange.ErrNotFound.
func (h *Hooks) Test(ctx context.Context, by account.Principal, name string) (*Tested, error) {
	hook, err := h.get(by.ID, name)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	t := &Tested{OK: true}
	if err := h.post(ctx, hook, "msg_test"+strings.ToLower(rand.Text()), message{Type: "test", Added: h.o.Now().UTC()}); err != nil {
		t.OK, t.Trouble = false, err.Error()
	}
	t.Took = time.Since(began).Milliseconds()
	if !t.OK {
		return t, nil
	}
	return t, h.mended(ctx, hook, 0)
}
