package abreast

import (
	"errors"
	"fmt"
)

// Two runs f and, beside it, g, and gives the errors of both.
func Two(f, g func() error) error {
	type end struct {
		err   error
		panic any
	}
	ended := make(chan end, 1)
	go func() {
		e := end{err: errors.New("what was done beside ended without an answer")} // by runtime.Goexit
		defer func() {
			e.panic = recover()
			ended <- e
		}()
		e.err = g()
	}()
	err := f()
	e := <-ended
	if e.panic != nil {
		panic(fmt.Sprintf("beside its caller: %v", e.panic))
	}
	return errors.Join(err, e.err)
}
