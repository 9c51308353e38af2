package store

import "io"

// Instant says what a store held at one durable moment: the newest tick and
// the head of the log. Two stores of one instant have written the same history.
type Instant struct {
	Tick    Tick
	LogSize int64
	Root    [32]byte // tree hash of the log at that size (golang.org/x/mod/sumdb/tlog)
}

// Part is one named stream of a backup. Its name is made of letters, digits,
// '.', '_' and '-', and means something to the engine alone.
type Part struct {
	Name string
	Size int64

	// Open reads the part from its start. It may be called more than once, by
	// the sink and until the sink returns; the caller closes what it gives.
	Open func() (io.ReadCloser, error)
}

// Sink takes the parts of a backup, one after another. Its error ends the
// backup.
type Sink func(Part) error
