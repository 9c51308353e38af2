package events

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"entente/internal/practice/intake"
	"entente/internal/practice/seen"
)

const (
	lookEvery = 200 * time.Millisecond
	mostFiles = 256
	pieceSize = 16 << 10 // bytes that are gone over at once
)

// follower goes on with what comes in files.
type follower struct {
	seen    *seen.Seen
	log     *slog.Logger
	sources map[*intake.Followed]*seen.Source
	past    bool // what is read stood there at the start
	refused map[*intake.Followed]bool
}

// Follow takes the lines that come in files, and in those that come in folders, until the
// context ends. What stands in them at the start is passed over: a start would count it
// again each time, and entente scan reads it.
func Follow(ctx context.Context, s *seen.Seen, paths []string, log *slog.Logger) {
	f := follower{seen: s, log: log, sources: map[*intake.Followed]*seen.Source{}, refused: map[*intake.Followed]bool{}, past: true}
	t := intake.NewTrail(paths)
	t.Piece = func(file *intake.Followed, b []byte) error { return f.piece(ctx, file, b) }
	t.End = f.end
	t.Tell = func(path string, err error) {
		log.Warn("a file of events is not followed until that is over", "path", path, "err", err)
	}
	defer t.Close()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		more, err := t.Look(time.Now())
		if err != nil && ctx.Err() == nil {
			log.Error("events of a file could not be gone over", "err", err)
		}
		f.past = f.past && (more || err != nil)
		if more && ctx.Err() == nil {
			continue
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (f *follower) piece(ctx context.Context, file *intake.Followed, b []byte) error {
	if f.past || f.refused[file] {
		return ctx.Err()
	}
	source := f.sources[file]
	if source == nil {
		if len(f.sources) == mostFiles {
			f.refused[file] = true
			f.log.Warn("a file of events is not followed", "path", file.Name, "err", fmt.Errorf("%d are already", mostFiles))
			return nil
		}
		var err error
		if source, err = f.seen.Begin(ctx); err != nil {
			return err
		}
		f.sources[file] = source
	}
	for len(b) > 0 {
		n := min(len(b), pieceSize)
		if err := source.Add(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

func (f *follower) end(file *intake.Followed) error {
	source := f.sources[file]
	delete(f.sources, file)
	delete(f.refused, file)
	if source == nil {
		return nil
	}
	_, err := source.End()
	return err
}
