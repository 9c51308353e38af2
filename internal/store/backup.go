package store

import (
	"context"
	"io"
)

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

// Parter is an engine whose backups can go without some of what it holds.
type Parter interface {
	// BackupWithout is Store.Backup of a copy from which take has some taken out first:
	// the parts have nothing of it, in no form. That costs a good part of rewriting the
	// copy, beside the store, and as much of the disk meanwhile; without anything taken
	// out, an opening. The instant is that of the copy as it is given.
	BackupWithout(ctx context.Context, take func(context.Context, Copy) error, to Sink) (Instant, error)
}

// Copy is a backup's copy of a store, before it is given to the sink: a store of its own,
// which is gone once it was given. Erase, before TakeApart, has what was removed before
// taken off its files, too, before they are given.
type Copy interface {
	Store

	// TakeApart removes groups of memberships, one group after another, and tells each
	// group's writer how to put it back. A copy into which all groups were put back, the
	// last first, holds what the store held; and so does, without what is in the others,
	// one into which only the last ones were. It is called once.
	TakeApart(ctx context.Context, groups []Apart) error
}

// Apart is memberships that are taken out of a copy together.
type Apart struct {
	Removes []Remove // all of them are there
	Words   []Tick   // others, under which the index of words may still have them

	// Then, when set, changes member rows with them, as a Batch's does; it is called for
	// some of the Removes at a time. What it changes is put back, too.
	Then func(tx Tx, removed []Remove, outcomes []Outcome) error

	To io.Writer
}
