package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"entente/internal/door/admin"
	"entente/internal/practice/author"
	"entente/internal/practice/detect"
	"entente/internal/practice/intake"
)

// sighted is how often an indicator hit in one log. The log is known by the line of the
// first hit, whatever the file is called and however it is packed: who scans it again
// tells the same sighting, and a larger one when the log has grown.
type sighted struct {
	indicator, key string
	count, told    int
	first, last    time.Time // as the lines say; zero when none does
}

// scanLog is one log of a scan.
type scanLog struct {
	name string
	seen map[string]*sighted // by indicator
}

func newScanLog(name string) *scanLog { return &scanLog{name, map[string]*sighted{}} }

// sightings are those of one scan.
type sightings struct {
	collection string
	anonymous  bool
	now        time.Time
	all        map[string]*sighted // by their keys
}

// note counts a hit.
func (l *scanLog) note(h *detect.Hit, at time.Time) {
	one := l.seen[h.Indicator.ID]
	if one == nil {
		one = &sighted{indicator: h.Indicator.ID, key: sightKey(h)}
		l.seen[h.Indicator.ID] = one
	}
	one.count++
	if at.IsZero() {
		return
	}
	if one.first.IsZero() || at.Before(one.first) {
		one.first = at
	}
	if at.After(one.last) {
		one.last = at
	}
}

func sightKey(h *detect.Hit) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%d\n%q\n%s", h.Indicator.ID, h.Column, h.Value, h.Start))
	return "scan " + hex.EncodeToString(sum[:16])
}

// take takes in what was seen in a log. The same log twice, as a copy, counts once.
func (s *sightings) take(l *scanLog) {
	for _, one := range l.seen {
		before := s.all[one.key]
		switch {
		case before == nil:
			s.all[one.key] = one
		case before.count < one.count:
			one.told = max(one.told, before.told)
			s.all[one.key] = one
		}
	}
}

// due are the sightings to tell: all that were not told as they are, or, while more is to
// come, those that are new or twice as many.
func (s *sightings) due(last bool) []*sighted {
	var list []*sighted
	for _, one := range s.all {
		if one.count > one.told && (last || one.count >= 2*one.told) {
			list = append(list, one)
		}
	}
	slices.SortFunc(list, func(a, b *sighted) int {
		return cmp.Or(a.first.Compare(b.first), cmp.Compare(a.indicator, b.indicator), cmp.Compare(a.key, b.key))
	})
	return list
}

// writeSightings has the node publish what was seen, each as one sighting.
func (s *scan) writeSightings(ctx context.Context, last bool) error {
	list := s.sights.due(last)
	if len(list) == 0 {
		return nil
	}
	var written, known, refused int
	err := s.withNode(ctx, func(n *admin.Client) error {
		for _, one := range list {
			var w author.Written
			asked := s.sights.asked(one)
			err := n.As(s.as).Do(ctx, http.MethodPost, "/api/v1/sightings", asked, &w)
			no, is := errors.AsType[*admin.Refusal](err)
			switch {
			case is:
				if refused++; refused <= 10 {
					s.tell("entente: scan: sighting of %s: %s", one.indicator, printable(no.Reason))
				}
			case err != nil:
				return fmt.Errorf("sighting of %s: %w", one.indicator, err)
			case w.Verdict == author.Same:
				known++
			default:
				written++
			}
			one.told = asked.Count
		}
		return nil
	})
	s.tell("%s written, %d known already", intake.Count(written, "sighting"), known)
	if err == nil && refused > 0 {
		err = fmt.Errorf("%s could not be written", intake.Count(refused, "sighting"))
	}
	return err
}

func (s *sightings) asked(one *sighted) author.Sighting {
	first, last := one.first, one.last
	if first.IsZero() {
		first, last = s.now, s.now
	}
	return author.Sighting{Of: one.indicator, Count: one.count, Key: one.key, More: true, Anonymous: s.anonymous, Collection: s.collection,
		First: first.UTC().Format(time.RFC3339Nano), Last: last.UTC().Format(time.RFC3339Nano)}
}
