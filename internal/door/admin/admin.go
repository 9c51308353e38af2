package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
)

// Node is what the door gives access to.
type Node struct {
	By       account.Principal // whoever reaches the door
	Exchange *exchange.Exchange
	Accounts *account.Accounts
	Store    store.Store // for the log and for reading everything back
	Logger   *slog.Logger

	// Export writes what an account may see in a form (see GET /export): the door
	// for exports, which this one does not know.
	Export func(ctx context.Context, w io.Writer, by account.Principal, e Export) error

	// Backup writes a backup of the whole node, without what an earlier one
	// holds, of which base is the manifest (see POST /backup).
	Backup func(ctx context.Context, w io.Writer, base []byte) error
}

// Export says what is to be exported.
type Export struct {
	Form        string
	Collections []string // ids or aliases; all when empty
	Latest      bool     // the latest version of each object alone
	Reviewed    bool     // without what a machine made and nobody has reviewed

	// Of lists for devices.
	Kinds         []string
	MinConfidence int
	MinScore      int
	Limit         int

	// Tell sets a header of the answer, before its first byte.
	Tell func(name, value string)
}

// Chooses tells that some of the values of a list are asked for.
func (e *Export) Chooses() bool {
	return len(e.Kinds) > 0 || e.MinConfidence > 0 || e.MinScore > 0 || e.Limit > 0
}

// New makes the door's handler.
func New(n Node) http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, f func(http.ResponseWriter, *http.Request) error) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := f(w, r); err != nil {
				n.refuse(w, r, err)
			}
		})
	}
	handle("POST /import", n.importFiles)
	handle("GET /export", n.export)
	handle("GET /indicators", n.indicators)
	handle("POST /backup", n.backup)
	handle("GET /log", n.showLog)
	handle("GET /verify", n.verify)
	handle("GET /followers", n.listFollowers)
	handle("POST /followers/{name}/rebuild", n.rebuildFollower)
	profiles(mux)
	return mux
}

// refuse is the one place that turns an error into an answer.
func (n Node) refuse(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusInternalServerError
	for _, no := range []struct {
		err    error
		status int
	}{
		{account.ErrNotFound, http.StatusNotFound},
		{exchange.ErrNotFound, http.StatusNotFound},
		{account.ErrExists, http.StatusConflict},
		{exchange.ErrExists, http.StatusConflict},
		{account.ErrInvalid, http.StatusUnprocessableEntity},
		{exchange.ErrInvalid, http.StatusUnprocessableEntity},
		{exchange.ErrForbidden, http.StatusForbidden},
		{store.ErrFull, http.StatusInsufficientStorage},
	} {
		if errors.Is(err, no.err) {
			status = no.status
			break
		}
	}
	n.Logger.DebugContext(r.Context(), "admin", "method", r.Method, "path", r.URL.Path, "status", status, "err", err)
	answer(w, status, map[string]string{"error": err.Error()})
}

// answer writes JSON. An error of writing is the verb's having gone.
func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// invalid marks an error as one of the request.
func invalid(err error) error { return fmt.Errorf("%w: %w", exchange.ErrInvalid, err) }
