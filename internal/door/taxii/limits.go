package taxii

import (
	"sync"

	"golang.org/x/time/rate"
)

// rates bounds how many requests a second each account may send. There are as
// many entries as accounts that have authenticated.
type rates struct {
	perSecond float64 // negative: no bound
	limiters  sync.Map
}

// allow counts a request of an account; tooMany when it is one too many.
func (r *rates) allow(account string) error {
	if r.perSecond < 0 {
		return nil
	}
	l, ok := r.limiters.Load(account)
	if !ok {
		burst := max(int(r.perSecond), 1)
		l, _ = r.limiters.LoadOrStore(account, rate.NewLimiter(rate.Limit(r.perSecond), burst))
	}
	if !l.(*rate.Limiter).Allow() {
		return tooMany
	}
	return nil
}
