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
	count          int
	first, last    time.Time // as the lines say; zero when none does
}

// sightings are those of one scan.
type sightings struct {
	collection string
	now        time.Time
	log        map[string]*sighted // of the log that is being read, by indicator
	all        map[string]*sighted // by their keys
}

// note counts a hit.
func (s *sightings) note(h *detect.Hit, at time.Time) {
	one := s.log[h.Indicator.ID]
	if one == nil {
		one = &sighted{indicator: h.Indicator.ID, key: sightKey(h)}
		s.log[h.Indicator.ID] = one
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

// endOfLog takes in what was seen in a log. The same log twice, as a copy, counts once.
func (s *sightings) endOfLog() {
	for _, one := range s.log {
		before := s.all[one.key]
		if before == nil || before.count < one.count {
			s.all[one.key] = one
		}
	}
	s.log = map[string]*sighted{}
}

// write has the node publish what was seen, each as one sighting.
func (s *scan) writeSightings(ctx context.Context) error {
	list := slices.SortedFunc(func(yield func(*sighted) bool) {
		for _, one := range s.sights.all {
			if !yield(one) {
				return
			}
		}
	}, func(a, b *sighted) int {
		return cmp.Or(a.first.Compare(b.first), cmp.Compare(a.indicator, b.indicator), cmp.Compare(a.key, b.key))
	})
	if len(list) == 0 {
		return nil
	}
	var written, known, refused int
	err := s.withNode(ctx, func(n *admin.Client) error {
		for _, one := range list {
			var w author.Written
			err := n.As(s.as).Do(ctx, http.MethodPost, "/api/v1/sightings", s.sights.asked(one), &w)
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
	return author.Sighting{Of: one.indicator, Count: one.count, Key: one.key, More: true, Collection: s.collection,
		First: first.UTC().Format(time.RFC3339Nano), Last: last.UTC().Format(time.RFC3339Nano)}
}
