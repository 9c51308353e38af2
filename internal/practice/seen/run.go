package seen

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"entente/internal/exchange"
	"entente/stix"
)

// How often it is looked for indicators that came, hits are written, and what is over is
// erased.
const (
	newsEvery = 250 * time.Millisecond
	hitsEvery = time.Second
	tidyEvery = time.Minute

	restFactor = 3 // times as long as the history was gone over, until it is again
)

// Run takes events until the context ends. What goes wrong is told, and tried again.
func (s *Seen) Run(ctx context.Context, set Settings) {
	s.report(s.history.keep(set.Days, set.Bytes))
	if s.history.kept().Values > 0 {
		s.want() // what came while the node was down may have been seen before
	}
	s.running.Store(true)
	defer s.running.Store(false)
	tick := time.NewTicker(newsEvery)
	defer tick.Stop()
	var rest, written, flushed, tidied time.Time
	for {
		now := time.Now()
		if now.After(rest) {
			took, err := s.look(ctx)
			s.report(err)
			rest = time.Now().Add(restFactor * took)
		}
		if now.Sub(written) >= hitsEvery {
			written = now
			s.report(s.Write(ctx))
		}
		if now.Sub(flushed) >= writeEvery {
			flushed = now
			s.report(s.history.flush())
		}
		if now.Sub(tidied) >= tidyEvery {
			tidied = now
			s.report(s.tidyHits(ctx))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			s.report(errors.Join(s.Write(context.WithoutCancel(ctx)), s.history.flush()))
			return
		}
	}
}

// report says in the log what went wrong.
func (s *Seen) report(err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		s.log.Error("what was seen; it is tried again", "err", err)
	}
}

var types = []string{"indicator", "identity"}

// look takes in what became of indicators, and holds what came against the history. It
// tells how long that took.
func (s *Seen) look(ctx context.Context) (took time.Duration, err error) {
	begun := time.Now()
	if s.set == nil {
		select {
		case <-s.begin:
		default:
			return 0, nil // nobody has sent events
		}
		if err := s.anew(ctx); err != nil {
			s.want()
			return time.Since(begun), err
		}
		return time.Since(begun), nil
	}
	v := s.x.View(s.as)
	news, err := v.News(ctx, s.point, types...)
	if errors.Is(err, exchange.ErrAnew) || err == nil && s.set.Worn() {
		return time.Since(begun), s.anew(ctx)
	}
	if err != nil {
		return 0, err
	}
	if len(news.Gone) == 0 && len(news.There) == 0 {
		s.mu.Lock()
		s.point = news.To
		s.set.Advance(s.now())
		s.mu.Unlock()
		return 0, nil
	}
	var objects bytes.Buffer
	if err := v.Each(ctx, news, func(raw []byte) error { return line(&objects, raw) }); err != nil {
		return 0, err
	}
	fresh := s.match.NewSet(s.now())
	err = fresh.Load(bytes.NewReader(objects.Bytes()))
	if err == nil {
		err = s.change(func() error {
			s.set.Advance(s.now())
			for _, id := range news.Gone {
				s.set.Remove(id)
			}
			s.point = news.To
			return s.set.Load(bytes.NewReader(objects.Bytes()))
		}, fresh, ctx)
	}
	return time.Since(begun), err
}

// anew compiles all indicators there are, and holds them against the history.
func (s *Seen) anew(ctx context.Context) error {
	v := s.x.View(s.as)
	point, set := v.Point(), s.match.NewSet(s.now())
	from, to := io.Pipe()
	go func() {
		to.CloseWithError(v.All(ctx, func(raw []byte) error { return line(to, raw) }, types...))
	}()
	err := set.Load(from)
	from.CloseWithError(err)
	if err != nil {
		return fmt.Errorf("indicators to look for: %w", err)
	}
	return s.change(func() error {
		if s.set == nil {
			close(s.ready)
		} else {
			set.TakeOver(s.set)
		}
		s.set, s.point = set, point
		return nil
	}, set, ctx)
}

// line writes an object on a line: its line breaks stand outside of strings alone.
func line(to io.Writer, raw []byte) error {
	raw = append(bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\n"), []byte(" ")), []byte("\r"), []byte(" ")), '\n')
	_, err := to.Write(raw)
	return err
}

// change changes what is looked for, and holds a set of what is new in it against what was
// seen up to that moment.
func (s *Seen) change(do func() error, fresh Set, ctx context.Context) error {
	s.mu.Lock()
	err := do()
	seen, fault := s.history.read()
	s.mu.Unlock()
	s.report(fault)
	if err != nil {
		return err
	}
	p := past{s: s, set: fresh, hits: hits{}, met: map[stix.Value]hits{}}
	for _, one := range seen {
		if err == nil && fresh.Values() > 0 {
			s.report(p.over(ctx, one))
			err = ctx.Err()
		}
		one.end()
	}
	if err != nil {
		return err
	}
	if len(p.met) > 0 {
		p.together()
	}
	found, err := s.writeHits(ctx, p.hits)
	s.count.before.Add(int64(len(found)))
	s.tellFresh(found)
	return err
}
