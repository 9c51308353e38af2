package device

import (
	"iter"

	"entente/internal/abreast"
)

// ahead gives what a sequence has, and reads the next of it beside whoever takes, so many
// at once: nothing that it gives may be written over by that.
func ahead[T any](of iter.Seq2[T, error], atOnce int) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		full, used, left := make(chan []T), make(chan []T, 2), make(chan struct{})
		used <- nil
		used <- nil
		var fault error // after all that was read; full is closed behind it
		give := func(some []T) bool {
			select {
			case full <- some:
				return true
			case <-left:
				return false
			}
		}
		read := func() error {
			defer close(full)
			some := <-used
			for one, err := range of {
				if err != nil {
					fault = err
					break
				}
				if some = append(some, one); len(some) < atOnce {
					continue
				}
				if !give(some) {
					return nil
				}
				some = <-used
			}
			give(some)
			return nil
		}
		err := abreast.Two(func() error {
			defer close(left)
			for some := range full {
				for i := range some {
					if !yield(some[i], nil) {
						return nil
					}
				}
				used <- some[:0]
			}
			if fault != nil {
				var none T
				yield(none, fault)
			}
			return nil
		}, read)
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}

// entriesAtOnce go from who reads ahead to who takes.
const entriesAtOnce = 512
