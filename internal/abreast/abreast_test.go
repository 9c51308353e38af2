package abreast

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// What either of two does is the caller's: errors, a panic, an end without an
// answer.
func TestTwo(t *testing.T) {
	first, second := errors.New("first"), errors.New("second")
	give := func(err error) func() error { return func() error { return err } }
	met, came := make(chan bool), false
	if err := Two(func() error { met <- true; return nil }, func() error { came = <-met; return nil }); err != nil || !came {
		t.Errorf("two that wait for each other: %v", err)
	}
	if err := Two(give(nil), give(nil)); err != nil {
		t.Errorf("two without an error gave %v", err)
	}
	if err := Two(give(first), give(second)); !errors.Is(err, first) || !errors.Is(err, second) {
		t.Errorf("two errors came out as %v", err)
	}
	if err := Two(give(nil), func() error { runtime.Goexit(); return nil }); err == nil {
		t.Error("who ended without an answer gave no error")
	}
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, "lost") {
			t.Errorf("a panic came out as %q", got)
		}
	}()
	_ = Two(give(nil), func() error { panic("lost") })
}
