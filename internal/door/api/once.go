package api

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"entente/internal/exchange"
	"entente/internal/store"
)

// onceTable holds what POSTs with an Idempotency-Key were answered, keyed by
// the digest of account and key. The answer is sealed with a key made of the
// same two. That holds off a glance, not somebody who guesses the key: what an
// answer shows once, as a token, is not in the row at all.
const onceTable = "api-once"

// onceLife is how long an answer is given again.
const onceLife = 24 * time.Hour

// outcome is a row of onceTable. Without an answer, the request began and how it
// ended is not known.
type outcome struct {
	Request [32]byte  `json:"request"` // digest of method, path, query and body
	Expires time.Time `json:"expires"`
	Answer  []byte    `json:"answer,omitempty"` // sealed
}

// reply is what was answered.
type reply struct {
	Status   int    `json:"status"`
	Type     string `json:"type,omitempty"`
	Location string `json:"location,omitempty"`
	Body     []byte `json:"body,omitempty"`
}

// onces are the requests with a key that are under way.
type onces struct {
	mu    sync.Mutex
	going map[string]chan struct{} // by row; closed when the request has ended
	swept time.Time
}

// takesKey lets an operation take an Idempotency-Key.
func (s *Server) takesKey(op *huma.Operation) {
	op.Middlewares = append(op.Middlewares, s.doOnce)
	op.Parameters = append(op.Parameters, &huma.Param{Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: "string"},
		Description: "Any text that is new for each act, as a UUID: the same request with the same key is done once, and answered the same for a day."})
}

// doOnce does what a key stands for once, also when the same request comes
// several times at once.
func (s *Server) doOnce(ctx huma.Context, next func(huma.Context)) {
	c := callOf(ctx.Context())
	key := c.Header.Get("Idempotency-Key")
	if key == "" {
		next(ctx)
		return
	}
	r, w := humago.Unwrap(ctx)
	body, err := io.ReadAll(r.Body) // takeBody has it in memory
	if err == nil && len(key) > 255 {
		err = problemf(Invalid, "Idempotency-Key has %d octets; at most 255 are taken", len(key))
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	o := &onceRequest{Server: s, row: digestOf("row", c.who.ID, key), seal: digestOf("seal", c.who.ID, key),
		request: digestOf(r.Method, r.URL.Path, r.URL.RawQuery, string(body))}
	err = o.alone(ctx.Context(), func() error {
		again, err := o.begin(ctx.Context())
		if err != nil {
			return err
		}
		if again != nil {
			again.write(w)
			return nil
		}
		// It is done and recorded also when who asked has gone: they ask again.
		lasting := context.WithoutCancel(ctx.Context())
		rec := &recorder{ResponseWriter: w}
		c.w, c.Request = rec, r.WithContext(lasting)
		next(humago.NewContext(ctx.Operation(), c.Request, rec))
		c.w = w
		if err := o.end(lasting, rec, c.lasting); err != nil {
			o.Logger.Error("api: the answer to an Idempotency-Key is not recorded", "path", r.URL.Path, "err", err)
		}
		rec.send(w)
		return nil
	})
	if err != nil {
		s.fail(c, err)
	}
}

// onceRequest is one request with a key.
type onceRequest struct {
	*Server
	row, seal, request [32]byte
}

func digestOf(parts ...string) [32]byte {
	h := sha256.New()
	for _, p := range parts {
		n := len(p)
		h.Write([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
		io.WriteString(h, p)
	}
	return [32]byte(h.Sum(nil))
}

func (o *onceRequest) key() string { return hex.EncodeToString(o.row[:]) }

// alone runs f while no other request with the same key runs.
func (o *onceRequest) alone(ctx context.Context, f func() error) error {
	key := o.key()
	for {
		o.onces.mu.Lock()
		other, busy := o.onces.going[key]
		if !busy {
			done := make(chan struct{})
			o.onces.going[key] = done
			o.onces.mu.Unlock()
			defer func() {
				o.onces.mu.Lock()
				delete(o.onces.going, key)
				o.onces.mu.Unlock()
				close(done)
			}()
			return f()
		}
		o.onces.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// begin notes that the request begins, or gives what it was answered before.
func (o *onceRequest) begin(ctx context.Context) (*reply, error) {
	b, err := o.Exchange.Record(onceTable, o.key())
	if err != nil && !errors.Is(err, exchange.ErrNotFound) {
		return nil, err
	}
	var past outcome
	if err == nil {
		if err := json.Unmarshal(b, &past); err != nil {
			return nil, err
		}
	}
	if time.Now().Before(past.Expires) {
		if past.Request != o.request {
			return nil, problemf(KeyReused, "this Idempotency-Key came with another request before; give each act a key of its own")
		}
		if past.Answer == nil {
			return nil, problemf(OutcomeUnknown, "a request with this Idempotency-Key began and was cut off; look whether its act is done, and go on with a new key")
		}
		return o.open(past.Answer)
	}
	o.sweep(ctx)
	return nil, o.set(ctx, &outcome{Request: o.request, Expires: time.Now().Add(onceLife)})
}

// end records how the request was answered. One that was refused changed
// nothing, and may come again. What is given again is lasting, unless that is nil.
func (o *onceRequest) end(ctx context.Context, rec *recorder, lasting any) error {
	if rec.status >= 300 {
		return o.set(ctx, nil)
	}
	h, body := rec.Header(), rec.body.Bytes()
	if lasting != nil {
		var err error
		if body, err = json.Marshal(lasting); err != nil {
			return err
		}
	}
	plain, err := json.Marshal(reply{rec.status, h.Get("Content-Type"), h.Get("Location"), body})
	if err != nil {
		return err
	}
	aead := o.aead()
	// The key seals one answer only, so that the nonce may be fixed.
	sealed := aead.Seal(nil, make([]byte, aead.NonceSize()), plain, o.request[:])
	return o.set(ctx, &outcome{Request: o.request, Expires: time.Now().Add(onceLife), Answer: sealed})
}

func (o *onceRequest) open(sealed []byte) (*reply, error) {
	aead := o.aead()
	plain, err := aead.Open(nil, make([]byte, aead.NonceSize()), sealed, o.request[:])
	if err != nil {
		return nil, err
	}
	var r reply
	return &r, json.Unmarshal(plain, &r)
}

func (o *onceRequest) aead() cipher.AEAD {
	block, err := aes.NewCipher(o.seal[:])
	if err != nil {
		panic(err) // the key has 32 bytes
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has the block size of GCM
	}
	return aead
}

// set writes the row, or takes it away.
func (o *onceRequest) set(ctx context.Context, row *outcome) error {
	return setRow(ctx, o.Store, onceTable, o.key(), row)
}

// setRow writes a row of the API's own, or takes it away when it is nil.
func setRow[T any](ctx context.Context, st store.Store, table, key string, row *T) error {
	var value []byte
	if row != nil {
		var err error
		if value, err = json.Marshal(row); err != nil {
			return err
		}
	}
	_, err := st.Commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		if row == nil {
			tx.Delete(table, key)
		} else {
			tx.Set(table, key, value)
		}
		return nil
	}})
	return err
}

// sweep forgets old answers, once an hour.
func (o *onceRequest) sweep(ctx context.Context) {
	o.onces.mu.Lock()
	now := time.Now()
	due := now.Sub(o.onces.swept) > time.Hour
	if due {
		o.onces.swept = now
	}
	o.onces.mu.Unlock()
	if !due {
		return
	}
	_, err := o.Exchange.Forget(ctx, onceTable, func(row []byte) bool {
		var old outcome
		return json.Unmarshal(row, &old) != nil || now.After(old.Expires)
	})
	if err != nil && ctx.Err() == nil {
		o.Logger.Warn("api: old answers are still there", "err", err)
	}
}

// recorder holds an answer back. Its headers are the real ones.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}

func (r *recorder) send(w http.ResponseWriter) {
	r.WriteHeader(http.StatusOK)
	w.WriteHeader(r.status)
	w.Write(r.body.Bytes())
}

func (r *reply) write(w http.ResponseWriter) {
	h := w.Header()
	if r.Type != "" {
		h.Set("Content-Type", r.Type)
	}
	if r.Location != "" {
		h.Set("Location", r.Location)
	}
	h.Set("Idempotency-Replayed", "true")
	w.WriteHeader(r.Status)
	w.Write(r.Body)
}
