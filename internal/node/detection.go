package node

import (
	"io"
	"time"

	"entente/internal/practice/detect"
	"entente/internal/practice/seen"
	"entente/stix"
)

// Detection is detect, as what was seen is gone over by it.
func Detection() seen.Matching {
	return seen.Matching{
		NewSet: func(at time.Time) seen.Set {
			s := detect.NewSet(at)
			s.Live(time.Now)
			return detection{s}
		},
		Values:  func(give func(stix.Value)) seen.Feed { return detectionFeed{detect.NewValues(give)} },
		Time:    detect.LineTime,
		AsksFor: detect.AsksFor,
	}
}

type detection struct{ *detect.Set }

func (d detection) Load(objects io.Reader) error {
	_, err := d.Set.Load(objects)
	return err
}

func (d detection) Feed(hit func(*seen.Found) error) seen.Feed {
	return detectionFeed{d.NewFeed("", found(hit))}
}

func (d detection) Past(hit func(*seen.Found) error, met func(*seen.Found)) seen.Feed {
	give := found(func(h *seen.Found) error {
		met(h)
		return nil
	})
	return detectionFeed{d.Set.Past(found(hit), func(h detect.Hit) { _ = give(h) })}
}

func (d detection) TakeOver(from seen.Set) { d.Set.TakeOver(from.(detection).Set) }

func found(hit func(*seen.Found) error) func(detect.Hit) error {
	return func(h detect.Hit) error {
		return hit(&seen.Found{Line: h.Line, Column: h.Column, Value: h.Value, How: h.How.String(), Start: h.Start, Matched: h.Matched, Indicator: h.Indicator.ID})
	}
}

type detectionFeed struct{ *detect.Feed }

func (f detectionFeed) Use(s seen.Set) error { return f.Feed.Use(s.(detection).Set) }

func (f detectionFeed) Lines() int64 { return f.Stats().Lines }

func (f detectionFeed) End() (lines, bytes int64, err error) {
	stats, err := f.Feed.End()
	return stats.Lines, stats.Bytes, err
}
