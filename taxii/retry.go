package taxii

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Retry says how to treat a server that is busy (429, 503), out of order (5xx,
// 408) or cut off in the middle of an answer. Every request of this package
// may be repeated: TAXII identifies objects by id and version.
type Retry struct {
	Attempts       int           // for one request, the first included; 6 when 0, negative for 1
	First          time.Duration // wait before the second attempt, doubled each time; 500 ms when 0
	Most           time.Duration // longest of these waits; 30 s when 0
	MostRetryAfter time.Duration // longest wait that a Retry-After header may ask for; 5 min when 0
}

func (r Retry) withDefaults() Retry {
	if r.Attempts == 0 {
		r.Attempts = 6
	}
	r.Attempts = max(r.Attempts, 1)
	if r.First <= 0 {
		r.First = 500 * time.Millisecond
	}
	if r.Most <= 0 {
		r.Most = 30 * time.Second
	}
	if r.MostRetryAfter <= 0 {
		r.MostRetryAfter = 5 * time.Minute
	}
	return r
}

// pause returns how long to wait before another attempt: what the server
// asked for, within reason, or an exponential wait of which a random half is
// taken off, so that many clients do not come back at once.
func (r Retry) pause(attempt int, retryAfter time.Duration) time.Duration {
	if retryAfter > 0 {
		return min(retryAfter, r.MostRetryAfter)
	}
	d := r.First << min(attempt, 20)
	if d > r.Most || d <= 0 {
		d = r.Most
	}
	return d/2 + rand.N(d/2+1)
}

// retryAfter reads a Retry-After header: seconds or an HTTP date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	s := strings.TrimSpace(h.Get("Retry-After"))
	if s == "" {
		return 0
	}
	if seconds, err := strconv.ParseUint(s, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(s); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// worthRetrying reports whether the same request may fare better.
func worthRetrying(ctx context.Context, err error) bool {
	if err == nil || ctx.Err() != nil {
		return false
	}
	if refused, ok := errors.AsType[*HTTPError](err); ok {
		switch refused.Code {
		case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
			http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
		return false
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return false
	}
	if errors.Is(err, http.ErrSchemeMismatch) { // plain HTTP where TLS is awaited stays so
		return false
	}
	if unknown, ok := errors.AsType[*net.DNSError](err); ok && unknown.IsNotFound {
		return false
	}
	var permanent interface{ Permanent() bool }
	return !(errors.As(err, &permanent) && permanent.Permanent())
}
