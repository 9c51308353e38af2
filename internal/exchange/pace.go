package exchange

import "time"

// How a Poster gives way. Words may come later than objects, so that it has a
// small part of the time while others want the processors.
const (
	besidePublishing = 24 // it works one part of so many
	besideReading    = 4
	longestPause     = 2 * time.Second
	look             = 10 * time.Millisecond // how often it looks whether others go on
	lately           = 100 * time.Millisecond
)

// giveWay lets those who publish and read go first, after a Poster has worked
// for some time. It ends early when nobody does any more.
func (x *Exchange) giveWay(worked time.Duration) {
	for began := time.Now(); ; {
		parts := x.followers.others(x.gate.Released())
		if parts == 0 || time.Since(began) >= min(time.Duration(parts-1)*worked, longestPause) {
			return
		}
		select {
		case <-x.ctx.Done():
			return
		case <-time.After(look):
		}
	}
}

// others tells what part of the time others leave to a Poster; 0 when nobody
// wants any. Read counts the objects that readers were given so far.
func (f *followers) others(read int64) (parts int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	reading := read != f.read
	f.read = read
	switch {
	case time.Since(f.woken) < lately:
		return besidePublishing
	case reading:
		return besideReading
	}
	return 0
}
