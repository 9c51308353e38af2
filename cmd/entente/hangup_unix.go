//go:build unix

package main

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// onHangup calls f at each SIGHUP until what it gives is called.
func onHangup(f func()) (stop func()) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	var calls sync.WaitGroup
	calls.Go(func() {
		for range hangups {
			f()
		}
	})
	return func() {
		signal.Stop(hangups)
		close(hangups)
		calls.Wait()
	}
}
