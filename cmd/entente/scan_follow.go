package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"entente/internal/door/admin"
	"entente/internal/practice/detect"
	"entente/internal/practice/intake"
)

// How often a scan that follows looks at its files, asks the node for news, and tells it
// what was seen.
const (
	lookEvery  = 200 * time.Millisecond
	newsEvery  = 500 * time.Millisecond
	sightEvery = time.Minute
)

// followed is an input of a scan that follows.
type followed struct {
	*detect.Feed
	log *scanLog
}

// follow goes over all inputs, and on with what comes, until ctx ends.
func (s *scan) follow(ctx context.Context, paths []string) (files int, err error) {
	if s.keeper != nil {
		<-s.keeper // what is kept must not change meanwhile
	}
	f := following{scan: s, feeds: map[*intake.Followed]*followed{}, news: time.Now(), sighted: time.Now()}
	if slices.Contains(paths, intake.Stdin) {
		paths = slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return p == intake.Stdin })
		f.pipe = f.begin("standard input")
		f.piped = pieces(ctx, s.stdin)
	}
	f.trail = intake.NewTrail(paths)
	f.trail.Piece = func(file *intake.Followed, b []byte) error {
		if f.feeds[file] == nil {
			f.feeds[file] = f.begin(file.Name)
		}
		f.feeds[file].log.name = file.Name
		return f.feeds[file].Add(b)
	}
	f.trail.End = func(file *intake.Followed) error {
		one := f.feeds[file]
		delete(f.feeds, file)
		return f.end(one)
	}
	f.trail.Tell = func(_ string, err error) {
		s.tell("entente: scan: %s; it is followed when that is over", printable(err.Error()))
	}
	err = f.run(ctx, len(paths) > 0)
	return f.files, errors.Join(err, f.trail.Close(), f.end(f.pipe))
}

// following is a scan under way.
type following struct {
	*scan
	trail   *intake.Trail
	feeds   map[*intake.Followed]*followed
	pipe    *followed // standard input; nil when it is none, or over
	piped   <-chan []byte
	files   int
	news    time.Time // when the node was asked last
	trouble string    // why it did not answer
	sighted time.Time // when it was told last
}

func (f *following) begin(name string) *followed {
	f.files++
	log := newScanLog(name)
	return &followed{f.set.NewFeed(name, func(h detect.Hit) error { return f.hit(log, &h) }), log}
}

func (f *following) end(one *followed) error {
	if one == nil {
		return nil
	}
	stats, err := one.End()
	f.endOfLog(one.log, stats)
	return err
}

func (f *following) run(ctx context.Context, files bool) error {
	for ctx.Err() == nil {
		more, err := f.trail.Look(time.Now())
		if err == nil {
			err = f.out.Flush()
		}
		if err != nil {
			return err
		}
		if err := f.now(ctx); err != nil {
			return err
		}
		wait := time.After(lookEvery)
		if more {
			wait = closedTime
		}
		select {
		case b, ok := <-f.piped:
			if err := f.fromPipe(b, ok); err != nil {
				return err
			}
			if !ok && !files {
				return nil
			}
		case <-wait:
		case <-ctx.Done():
		}
	}
	return nil
}

var closedTime = func() <-chan time.Time { c := make(chan time.Time); close(c); return c }()

func (f *following) fromPipe(b []byte, ok bool) error {
	if ok {
		return f.pipe.Add(b)
	}
	one := f.pipe
	f.pipe, f.piped = nil, nil
	return f.end(one)
}

// now asks for news and tells what was seen, when it is time. What goes wrong is told
// once, and tried again.
func (f *following) now(ctx context.Context) error {
	at := time.Now()
	if len(f.sets) == 0 && at.Sub(f.news) >= newsEvery {
		f.news = at
		before, trouble := f.set, ""
		if err := f.ask(ctx); err != nil && ctx.Err() == nil {
			trouble = err.Error()
		}
		if trouble != "" && trouble != f.trouble {
			f.tell("indicators that come are not known until a server answers: %s", printable(trouble))
		}
		f.trouble = trouble
		if f.set != before {
			for _, one := range f.feeds {
				if err := one.Use(f.set); err != nil {
					return err
				}
			}
			if f.pipe != nil {
				return f.pipe.Use(f.set)
			}
		}
	}
	if f.sight && at.Sub(f.sighted) >= sightEvery {
		f.sighted = at
		for _, one := range f.feeds {
			f.sights.take(one.log)
		}
		if err := f.writeSightings(ctx, false); err != nil && ctx.Err() == nil {
			f.tell("entente: scan: %s", printable(err.Error()))
		}
	}
	return nil
}

// ask takes the news of a node that serves.
func (f *following) ask(ctx context.Context) error {
	n, err := admin.Connect(ctx, f.data)
	if err != nil {
		return err
	}
	defer n.Close()
	_, err = f.refresh(ctx, n)
	return err
}

// pieces gives what comes of r, until it or ctx ends.
func pieces(ctx context.Context, r io.Reader) <-chan []byte {
	out := make(chan []byte)
	go func() { // a read that waits is left to the end of the process
		defer close(out)
		for {
			b := make([]byte, 1<<16)
			n, err := r.Read(b)
			if n > 0 {
				select {
				case out <- b[:n]:
				case <-ctx.Done():
					return
				}
			}
			if err != nil {
				return
			}
		}
	}()
	return out
}
