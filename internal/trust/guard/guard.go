package guard

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"

	"golang.org/x/time/rate"

	"entente/internal/trust/account"
)

// Errors of Admit. Their texts are for clients.
var (
	ErrUnauthorized = errors.New("an account of this server is needed: send its name and token by HTTP Basic, or the token as Bearer")
	ErrTooMany      = errors.New("this account sends more requests a second than it may; wait a second")
)

// Authenticator knows accounts by their tokens. An error means that there is
// no such account or token; it may come late, to slow whoever guesses, and
// ends early with the context.
type Authenticator interface {
	Basic(ctx context.Context, name, token string) (account.Principal, error)
	Bearer(ctx context.Context, token string) (account.Principal, error)

	// Again is Basic, or Bearer without a name, for who was let in before: it
	// comes at once.
	Again(name, token string) (account.Principal, error)
}

// DefaultRate is how many requests a second an account may send unless told
// otherwise.
const DefaultRate = 1000

// Guard admits requests. Its methods are safe for concurrent use.
type Guard struct {
	auth      Authenticator
	perSecond float64  // negative: no bound
	limiters  sync.Map // of *rate.Limiter; as many as accounts that have authenticated
}

// New makes a guard. perSecond is the requests a second of one account:
// DefaultRate when 0, no limit when negative.
func New(auth Authenticator, perSecond float64) *Guard {
	if perSecond == 0 {
		perSecond = DefaultRate
	}
	return &Guard{auth: auth, perSecond: perSecond}
}

// Admit tells whose request it is, by HTTP Basic (account name and token) or
// Bearer (token), and counts it. Errors: ErrUnauthorized, ErrTooMany, that of
// the request's context.
func (g *Guard) Admit(r *http.Request) (account.Principal, error) {
	return g.admit(r, account.Device, account.Sensor) // their tokens lie on machines: each opens one thing alone
}

// Sends admits whom Admit does, and sensors, where events are sent to.
func (g *Guard) Sends(r *http.Request) (account.Principal, error) { return g.admit(r, account.Device) }

func (g *Guard) admit(r *http.Request, but ...account.Role) (account.Principal, error) {
	who, err := g.authenticate(r)
	if err == nil && slices.Contains(but, who.Role) {
		return account.Principal{}, ErrUnauthorized
	}
	if err == nil {
		err = g.count(who.Account)
	}
	return who, err
}

// Device admits devices alone, by the token that stands in the path where one does, and
// else as Admit does.
func (g *Guard) Device(r *http.Request, token string) (who account.Principal, err error) {
	if token == "" {
		who, err = g.authenticate(r)
	} else if who, err = g.auth.Bearer(r.Context(), token); err != nil && r.Context().Err() == nil {
		err = ErrUnauthorized
	}
	if err == nil && who.Role != account.Device {
		err = ErrUnauthorized // another account's token is not to be written where addresses are
	}
	if err == nil {
		err = g.count(who.Account)
	}
	if err != nil {
		return account.Principal{}, err
	}
	return who, nil
}

func (g *Guard) authenticate(r *http.Request) (who account.Principal, err error) {
	ctx := r.Context()
	switch name, token, how := credentials(r); how {
	case byBasic:
		who, err = g.auth.Basic(ctx, name, token)
	case byBearer:
		who, err = g.auth.Bearer(ctx, token)
	default:
		return who, ErrUnauthorized
	}
	if err == nil {
		return who, nil
	}
	if ended := ctx.Err(); ended != nil {
		return account.Principal{}, ended
	}
	return account.Principal{}, ErrUnauthorized
}

// Again tells who it is by now whose request was admitted, while its answer goes
// on. Error: ErrUnauthorized when it would not be admitted any more.
func (g *Guard) Again(r *http.Request) (account.Principal, error) {
	name, token, how := credentials(r)
	if how == byNothing {
		return account.Principal{}, ErrUnauthorized
	}
	who, err := g.auth.Again(name, token)
	if err != nil {
		return account.Principal{}, ErrUnauthorized
	}
	return who, nil
}

// How a request says whose it is.
const (
	byNothing = iota
	byBasic
	byBearer
)

// credentials are what a request says of whose it is; Bearer names nobody.
func credentials(r *http.Request) (name, token string, how int) {
	if name, token, ok := r.BasicAuth(); ok {
		return name, token, byBasic
	}
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return "", strings.TrimSpace(token), byBearer
	}
	return "", "", byNothing
}

func (g *Guard) count(name string) error {
	if g.perSecond < 0 {
		return nil
	}
	l, ok := g.limiters.Load(name)
	if !ok {
		burst := max(int(g.perSecond), 1)
		l, _ = g.limiters.LoadOrStore(name, rate.NewLimiter(rate.Limit(g.perSecond), burst))
	}
	if !l.(*rate.Limiter).Allow() {
		return ErrTooMany
	}
	return nil
}
