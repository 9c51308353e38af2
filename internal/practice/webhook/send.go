package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
)

// pauses are how long a message waits for each next try. Behind the last it is a
// failure.
var pauses = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, 2 * time.Hour}

const (
	lookEvery  = 250 * time.Millisecond // whether anything is to be sent
	lookAnyway = time.Second
	atOnce     = 16          // webhooks that are sent to at the same time
	saveEvery  = 100         // messages, or
	saveAfter  = time.Second // so long, until it is noted what was taken
	hopeless   = time.Minute // pause when the account or its collections are gone
	mostFailed = 1000        // failures of one webhook; then it waits for its owner
	mostBytes  = 8 << 20     // of one message
)

// Run sends until the context ends.
func (h *Hooks) Run(ctx context.Context) {
	var work sync.WaitGroup
	defer work.Wait()
	places := make(chan struct{}, atOnce)
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	seen, looked := store.Tick(-1), time.Time{}
	for {
		if newest := h.x.Newest(); newest != seen || time.Since(looked) >= lookAnyway {
			seen, looked = newest, time.Now()
			for _, hook := range h.due() {
				work.Go(func() {
					places <- struct{}{}
					h.work(ctx, hook)
					<-places
				})
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
	}
}

// due are the webhooks to be sent to now; they are busy until work ends.
func (h *Hooks) due() (all []*Hook) {
	now := h.o.Now()
	for row, err := range store.RowsJSON[Hook](h.x, hookTable, "") {
		if err != nil {
			continue // told where it is listed
		}
		hook := row.Value
		h.mu.Lock()
		if key := keyOf(hook.Owner, hook.Name); !h.busy[key] && !now.Before(hook.Next) && !time.Now().Before(h.rest[key]) {
			h.busy[key] = true
			all = append(all, &hook)
		}
		h.mu.Unlock()
	}
	return all
}

// work sends what there is for one webhook, until there is nothing more, or
// something is not taken.
func (h *Hooks) work(ctx context.Context, hook *Hook) {
	was, began := hook.State, time.Now()
	defer func() {
		h.mu.Lock()
		key := keyOf(hook.Owner, hook.Name)
		delete(h.busy, key)
		delete(h.rest, key)
		if hook.Sent == was.Sent { // it has passed over what does not match, and will again
			h.rest[key] = time.Now().Add(20 * time.Since(began))
		}
		h.mu.Unlock()
	}()
	if err := h.sendAll(ctx, hook); err != nil && ctx.Err() == nil {
		hook.Trouble, hook.Next = err.Error(), h.o.Now().Add(hopeless)
	}
	if hook.State != was {
		// A webhook that is gone keeps nothing; another error is met again at the next look.
		_ = h.change(context.WithoutCancel(ctx), hook, nil)
	}
}

// sendAll sends object after object. An error is why nothing can be sent at all.
func (h *Hooks) sendAll(ctx context.Context, hook *Hook) error {
	who, err := h.owner(hook)
	if err != nil {
		return err
	}
	tail, err := h.x.Tail(who, hook.query())
	if err != nil {
		return err
	}
	saved, unsaved := h.o.Now(), 0
	for ctx.Err() == nil {
		// One by one, so that each is released at the moment it is sent.
		if who, err = h.owner(hook); err != nil {
			return err
		}
		goOn, err := h.sendNext(ctx, hook, tail, who)
		if err != nil || !goOn {
			return err
		}
		if unsaved++; unsaved >= saveEvery || h.o.Now().Sub(saved) > saveAfter {
			if err := h.change(ctx, hook, nil); errors.Is(err, store.ErrNotFound) {
				return nil // removed
			} else if err != nil {
				return err
			}
			saved, unsaved = h.o.Now(), 0
		}
	}
	return nil
}

// owner is who the account of a webhook is by now. With another token it is somebody
// else's word until it says so again: a token that was stolen may have added the webhook.
func (h *Hooks) owner(hook *Hook) (account.Principal, error) {
	who, token, err := h.o.Who(hook.Account, hook.Owner)
	if err == nil && token != hook.Token {
		err = fmt.Errorf("the account %s has another token since this webhook was added; remove it and add it again", hook.Account)
	}
	return who, err
}

// sendNext sends the next object, if there is one, and notes what became of it.
func (h *Hooks) sendNext(ctx context.Context, hook *Hook, tail *exchange.Tail, who account.Principal) (goOn bool, err error) {
	page, err := tail.Read(ctx, who, 1, 0)
	if page == nil || err != nil {
		return false, err
	}
	defer page.Close()
	m := message{Type: "object", Collection: page.Alias, Added: timeOf(page.Date(0)), Object: page.Bytes(0)}
	f := Failure{ID: messageID(hook, page.ID(0), page.Version(0), int64(page.Date(0))), Collection: page.Alias,
		Object: strings.Clone(page.ID(0)), Version: strings.Clone(page.Version(0)), Added: m.Added}
	err = h.post(ctx, hook, f.ID, m)
	if ctx.Err() != nil {
		return false, nil // the node stops; it is sent again
	}
	if err == nil {
		page.Pass(0)
		hook.State = State{Cursor: tail.Cursor(), Sent: hook.Sent + 1}
		return true, nil
	}
	if hook.Tries < len(h.o.Pauses) {
		hook.Trouble, hook.Next = err.Error(), h.o.Now().Add(h.o.Pauses[hook.Tries])
		hook.Tries++
		return false, nil
	}
	f.Tries, f.Trouble, f.Last = hook.Tries+1, err.Error(), h.o.Now().UTC()
	page.Pass(0)
	return h.fail(ctx, hook, f, tail.Cursor())
}

// fail puts a message among the failures, and goes on behind it.
func (h *Hooks) fail(ctx context.Context, hook *Hook, f Failure, cursor string) (goOn bool, err error) {
	failed, err := h.failures(hook.Owner, hook.Name)
	if err != nil {
		return false, err
	}
	if len(failed) >= mostFailed {
		return false, fmt.Errorf("%d messages have failed, the last with: %s; when the receiver is mended, send them again or remove the webhook", len(failed), f.Trouble)
	}
	// The cursor moves with the failure's row or not at all, also while the node stops.
	next := *hook
	next.State = State{Cursor: cursor, Sent: hook.Sent, Trouble: f.Trouble}
	err = h.change(context.WithoutCancel(ctx), &next, func(tx store.Tx) error { return store.SetJSON(tx, failedTable, f.key(hook), f) })
	if err == nil {
		hook.State = next.State
	}
	return err == nil, err
}

// message is the body of what is sent.
type message struct {
	Type       string          `json:"type"` // object, or test
	Collection string          `json:"collection,omitempty"`
	Added      time.Time       `json:"added"`
	Object     json.RawMessage `json:"object,omitempty"`
}

// encode writes a message with the object's bytes as they are.
func (m *message) encode() ([]byte, error) {
	object := m.Object
	m.Object = nil
	b, err := json.Marshal(m)
	if err != nil || object == nil {
		return b, err
	}
	return append(append(append(b[:len(b)-1], `,"object":`...), object...), '}'), nil
}

// post sends one message; an error is why it was not taken.
func (h *Hooks) post(ctx context.Context, hook *Hook, id string, m message) error {
	body, err := m.encode()
	if err != nil {
		return err
	}
	if len(body) > mostBytes {
		return fmt.Errorf("the message has %d bytes, %d are sent at most; read the object from the API", len(body), mostBytes)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "entente-webhook")
	sign(r.Header, hook.Secret, id, h.o.Now(), body)
	client := h.clients[0]
	switch {
	case r.URL.Scheme == "http":
		client = h.clients[2]
	case hook.Private:
		client = h.clients[1]
	}
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be used again
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("%s answered %s", r.URL.Host, resp.Status)
	}
	return nil
}

func timeOf(t store.Tick) time.Time { return time.UnixMicro(int64(t)).UTC() }
