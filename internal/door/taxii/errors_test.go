package taxii

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"entente/internal/exchange"
	"entente/internal/store"
)

// Errors of the floors below become the answers of the standard's tables.
func TestErrorsBecomeStatusCodes(t *testing.T) {
	for want, errs := range map[int][]error{
		http.StatusNotFound:            {exchange.ErrNotFound},
		http.StatusForbidden:           {exchange.ErrForbidden},
		http.StatusBadRequest:          {exchange.ErrBadCursor},
		http.StatusUnprocessableEntity: {exchange.ErrInvalid},
		http.StatusServiceUnavailable:  {store.ErrFull, store.ErrClosed, context.DeadlineExceeded},
		http.StatusInternalServerError: {store.ErrDamaged, errors.New("/var/lib/secret: broken")},
	} {
		for _, err := range errs {
			status, text := statusOf(fmt.Errorf("page: %w", err))
			if status != want || strings.Contains(text, "secret") {
				t.Errorf("%v becomes %d %q, want %d", err, status, text, want)
			}
		}
	}
}
