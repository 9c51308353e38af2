package taxii

import (
	"testing"
)

// What one account sends at once is bounded, and given back.
func TestBodiesInFlightAreBounded(t *testing.T) {
	in := &intake{perAccount: 100, total: 150, byAccount: map[string]int64{}}
	a, b := &hold{in: in, account: "a"}, &hold{in: in, account: "b"}
	for _, step := range []struct {
		h    *hold
		n    int64
		want error
	}{{a, 100, nil}, {a, 1, tooManyBodies}, {b, 50, nil}, {b, 1, tooManyBodies}} {
		if err := step.h.take(step.n); err != step.want && !(err == nil && step.want == nil) {
			t.Errorf("take %d for %s: %v, want %v", step.n, step.h.account, err, step.want)
		}
	}
	a.release()
	b.release()
	if in.held != 0 || len(in.byAccount) != 0 {
		t.Errorf("%d octets are still held, %v", in.held, in.byAccount)
	}
}
