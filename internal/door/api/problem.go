package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	wire "entente/client"
	"entente/internal/exchange"
	"entente/internal/practice/intake"
	"entente/internal/practice/playbook"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/guard"
)

// Code is the stable name of a problem. What it means never changes; codes lists
// them all.
type Code string

// The codes that any topic may answer with. Topics add their own beside them,
// each with its line in codes.
const (
	BadRequest       Code = "bad_request"
	BadCursor        Code = "bad_cursor"
	Unauthorized     Code = "unauthorized"
	Forbidden        Code = "forbidden"
	NotFound         Code = "not_found"
	MethodNotAllowed Code = "method_not_allowed"
	Timeout          Code = "timeout"
	Exists           Code = "exists"
	HoldsMore        Code = "holds_more"
	Stale            Code = "stale"
	OutcomeUnknown   Code = "outcome_unknown"
	TooLarge         Code = "too_large"
	URITooLong       Code = "uri_too_long"
	UnknownMediaType Code = "unknown_media_type"
	Invalid          Code = "invalid"
	KeyReused        Code = "key_reused"
	TooManyRequests  Code = "too_many_requests"
	Busy             Code = "busy"
	Internal         Code = "internal"
	Stopping         Code = "stopping"
	StorageFull      Code = "storage_full"
)

// meaning is what a code stands for.
type meaning struct {
	Code
	status int
	title  string
	what   string // why it comes, and what to do, for the reference of errors
}

// codes are all problems there are, by status.
var codes = []meaning{
	{BadRequest, 400, "The request cannot be read", "The body is not JSON, or did not come whole. Send it again as the operation's description has it."},
	{BadCursor, 400, "Not a cursor of this listing", "`next` is not a value that this listing gave to this account with these filters. Start anew without it."},
	{Unauthorized, 401, "An account is needed", "No account, or a wrong, expired or revoked token. Send name and token by HTTP Basic, or the token as Bearer."},
	{Forbidden, 403, "Not allowed", "What is asked for is there for the account, but it may not do this with it. A grant or a role is missing."},
	{NotFound, 404, "Not there", "It does not exist, or not for this account: the two look alike."},
	{MethodNotAllowed, 405, "Not a method of this path", "The header `Allow` lists those that are."},
	{Timeout, 408, "The body did not come in time", "Nothing of it was kept; send it again."},
	{Exists, 409, "There already", "Something else has that name. Choose another, or use what is there."},
	{HoldsMore, 409, "It holds more than was said", "Nothing was removed. `detail` tells how much it holds; say that number with the request if all of it is to go."},
	{Stale, 412, "Made from a version that is not the newest any more", "Somebody was quicker, and nothing was written. `detail` says what changed on both sides; look at the newest version and send the change again, made from that."},
	{OutcomeUnknown, 409, "How it ended is not known", "A request with this `Idempotency-Key` began and was cut off, as by a loss of power. Look whether its act is done; go on with a new key."},
	{TooLarge, 413, "The body is too large", "Send it in several requests."},
	{URITooLong, 414, "The query is too long", "Ask for less at once."},
	{UnknownMediaType, 415, "Not a media type of this operation", "Send `Content-Type: application/json`, or what the operation's description names."},
	{Invalid, 422, "Not acceptable", "The request can be read, but says something that cannot be done. `detail` and `errors` say what, and where."},
	{KeyReused, 422, "The key was used for something else", "Another request came with this `Idempotency-Key` within a day. Give each act a key of its own."},
	{TooManyRequests, 429, "Too many requests", "The account asks more often than it may. Wait as long as `Retry-After` says, in seconds."},
	{Busy, 429, "Too much at once", "As much of this kind is under way as may be. Wait as long as `Retry-After` says, in seconds."},
	{Internal, 500, "A fault of the server", "Its log tells more under the `instance`."},
	{Stopping, 503, "The server is stopping", "Send the request again later, as `Retry-After` says."},
	{StorageFull, 507, "No space is left", "Nothing of the request was kept. Reading goes on; send it again when the operator has made room."},
}

// faults turn errors of the floors below into codes. The first that fits counts.
var faults = []struct {
	err  error
	code Code
}{
	{guard.ErrUnauthorized, Unauthorized},
	{guard.ErrTooMany, TooManyRequests},
	{account.ErrNotFound, NotFound},
	{exchange.ErrNotFound, NotFound},
	{account.ErrForbidden, Forbidden},
	{exchange.ErrForbidden, Forbidden},
	{account.ErrExists, Exists},
	{exchange.ErrExists, Exists},
	{exchange.ErrHoldsMore, HoldsMore},
	{exchange.ErrStale, Stale},
	{exchange.ErrBadCursor, BadCursor},
	{account.ErrInvalid, Invalid},
	{exchange.ErrInvalid, Invalid},
	{intake.ErrTooLarge, TooLarge},
	{intake.ErrNotSTIX, Invalid},
	{playbook.ErrNotRead, Invalid},
	{store.ErrFull, StorageFull},
	{store.ErrClosed, Stopping},
	{context.Canceled, Stopping},
	{context.DeadlineExceeded, Stopping},
}

// explain is the meaning of a code; a code without one is a mistake of ours.
func explain(c Code) meaning {
	for _, m := range codes {
		if m.Code == c {
			return m
		}
	}
	return meaning{c, http.StatusInternalServerError, "A fault of the server", ""}
}

// problem is an error on its way to a client.
type problem wire.Error

// Error is what went wrong.
func (p *problem) Error() string { return (*wire.Error)(p).Error() }

// GetStatus and ContentType are what huma asks of an error.
func (p *problem) GetStatus() int              { return p.Status }
func (p *problem) ContentType(_ string) string { return "application/problem+json" }

// problemf is an error with a code, and what went wrong for people.
func problemf(c Code, format string, args ...any) error {
	m := explain(c)
	return &problem{Type: errorsPage + string(c), Title: m.title, Status: m.status, Code: string(c),
		Detail: fmt.Sprintf(format, args...)}
}

// problemOf is the one place where an error becomes an answer.
func (s *Server) problemOf(c *call, err error) *problem {
	ctx := c.Context()
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		panic(http.ErrAbortHandler) // nobody is there; returning would answer 200
	}
	p := *s.problem(err, c.door.local, "method", c.Method, "path", c.URL.Path, "account", c.who.Account)
	p.Request = c.requestID()
	c.adviseOn(Code(p.Code))
	return &p
}

// problem words an error. One that nobody foresaw goes to the log, with what it
// was about; the operator, whose log it is, is told it.
func (s *Server) problem(err error, local bool, about ...any) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	for _, f := range faults {
		if errors.Is(err, f.err) {
			return problemf(f.code, "%v", err).(*problem)
		}
	}
	p := problemf(Internal, "the fault is this server's; its log knows more under the instance").(*problem)
	if local {
		p.Detail = err.Error()
	}
	p.Instance = "urn:uuid:" + uuid.NewString()
	s.Logger.Error("api: a request could not be answered", append(about, "instance", p.Instance, "err", err)...)
	return p
}

// adviseOn sets the headers that go with a code.
func (c *call) adviseOn(code Code) {
	h := c.w.Header()
	h["Cache-Control"] = noStore
	switch code {
	case Unauthorized:
		h["WWW-Authenticate"] = challenges
	case TooManyRequests, Busy:
		h.Set("Retry-After", "1")
	case Stopping:
		h.Set("Retry-After", "30")
	case Timeout:
		h.Set("Connection", "close") // what follows would be read as the next request
	}
}

// fail answers with a problem, outside of an operation.
func (s *Server) fail(c *call, err error) {
	p := s.problemOf(c, err)
	body, err := json.Marshal(p)
	if err != nil { // a struct of strings always can be
		body = nil
	}
	h := c.w.Header()
	h["Content-Type"] = problemType
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.w.WriteHeader(p.Status)
	c.w.Write(body)
}

// reword turns huma's own answer to a request that does not fit into a problem.
func reword(ctx huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	code := Invalid
	switch e.Status {
	case http.StatusBadRequest:
		code = BadRequest
	case http.StatusUnsupportedMediaType:
		code = UnknownMediaType
	case http.StatusInternalServerError:
		code = Internal
	}
	p := problemf(code, "%s", e.Detail).(*problem)
	for _, d := range e.Errors {
		p.Errors = append(p.Errors, wire.Detail{Location: d.Location, Message: d.Message})
	}
	if len(p.Errors) == 1 {
		p.Detail, p.Errors = p.Errors[0].Location+": "+p.Errors[0].Message, nil
	}
	c := callOf(ctx.Context())
	p.Request = c.requestID()
	c.adviseOn(code)
	return p, nil
}

// requestID is what the node has given the request; empty where nothing gives any.
func (c *call) requestID() string { return c.w.Header().Get("X-Request-Id") }
