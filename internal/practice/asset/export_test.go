package asset

// Bound bounds what is read of one organisation for a test, and gives what puts it back.
func Bound(claims, others int) (undo func()) {
	was := readOfEach
	readOfEach = bounds{claims, others}
	return func() { readOfEach = was }
}
