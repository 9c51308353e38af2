package taxii

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/guard"
	"entente/taxii"
)

// fault is an error that is the client's to read: a status code of the
// standard's tables and a description.
type fault struct {
	status int
	text   string
}

func (f *fault) Error() string { return f.text }

func faultf(status int, format string, args ...any) error {
	return &fault{status, fmt.Sprintf(format, args...)}
}

// fail answers with the error message of section 3.6.1. It is the one place
// where an error becomes a status code.
func (s *Server) fail(r *request, err error) {
	if r.Context().Err() != nil && errors.Is(err, r.Context().Err()) {
		panic(http.ErrAbortHandler) // nobody is there; returning would answer 200
	}
	s.takeRest(r)
	h := r.w.Header()
	h["Cache-Control"] = noStore
	status, text := statusOf(err)
	message := taxii.Error{Title: http.StatusText(status), Description: text, HTTPStatus: strconv.Itoa(status)}
	switch status {
	case http.StatusUnauthorized:
		h["WWW-Authenticate"] = challenges
	case http.StatusTooManyRequests:
		h.Set("Retry-After", "1")
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", "30")
	case http.StatusInternalServerError:
		if message.ErrorID = h.Get("X-Request-Id"); message.ErrorID == "" {
			message.ErrorID = uuid.NewString()
		}
		s.opts.Logger.ErrorContext(r.Context(), "taxii: a request could not be answered", "error_id", message.ErrorID,
			"method", r.Method, "path", r.URL.Path, "account", r.who.Account, "err", err)
	}
	body, err := json.Marshal(message)
	if err != nil { // a struct of strings always can be
		body = nil
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	r.w.WriteHeader(status)
	r.w.Write(body)
}

// statusOf is the status code and the description of an error. What is not
// meant for clients stays in the log.
func statusOf(err error) (status int, text string) {
	if f, ok := errors.AsType[*fault](err); ok {
		return f.status, f.text
	}
	switch {
	case errors.Is(err, guard.ErrUnauthorized):
		return http.StatusUnauthorized, err.Error()
	case errors.Is(err, guard.ErrTooMany):
		return http.StatusTooManyRequests, err.Error()
	case errors.Is(err, exchange.ErrNotFound):
		return http.StatusNotFound, err.Error()
	case errors.Is(err, exchange.ErrForbidden):
		return http.StatusForbidden, err.Error()
	case errors.Is(err, exchange.ErrBadCursor):
		return http.StatusBadRequest, "next: not a value that this listing gave; page on with the next of the last answer and the same filters, or start anew without it"
	case errors.Is(err, exchange.ErrInvalid):
		return http.StatusUnprocessableEntity, err.Error()
	case errors.Is(err, store.ErrFull):
		return http.StatusServiceUnavailable, "no space is left to write; nothing of this request was kept. Reading goes on; send it again later"
	case errors.Is(err, store.ErrClosed), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable, "the server is stopping; send the request again later"
	}
	return http.StatusInternalServerError, "the fault is this server's; its log knows more under the error_id"
}
