package lookup

import (
	"time"

	"entente/internal/score"
	"entente/stix"
)

// worth is what an indicator says itself of what it is worth.
func (o properties) worth(confidence *int) *score.Facts {
	f := &score.Facts{Kind: score.Other, Confidence: -1, Revoked: string(o.raw("revoked")) == "true"}
	if language := o.text("pattern_type"); language == "stix" || language == "" {
		f.Kind = score.OfPattern(o.text("pattern"))
	}
	if confidence != nil {
		f.Confidence = *confidence
	}
	f.Since = timeOf(o.first("valid_from", "created"))
	f.Until = timeOf(o.text("valid_until"))
	return f
}

// timeOf is the time of a timestamp; zero when it is none.
func timeOf(text string) time.Time {
	t, err := stix.ParseTimestamp(text)
	if err != nil {
		return time.Time{}
	}
	return t.Time()
}

// hear takes in what an object says of an indicator that it refers to by a path, and tells
// whether that is all there is to tell of it.
func (finding *Finding) hear(typ, path string, o properties) (all bool) {
	if finding.worth == nil {
		return false
	}
	by := o.text("created_by_ref")
	switch {
	case typ == "opinion" && path == "object_refs":
		finding.worth.Opinion(by, o.text("opinion"))
	case typ == "sighting" && path == "sighting_of_ref":
		count, given := o.number("count")
		if !given || count < 0 {
			count = 1
		}
		finding.worth.Sighting(by, count, timeOf(o.first("last_seen", "first_seen", "created")), timeOf(o.first("modified", "created")))
		return count == 0
	}
	return false
}

// weigh puts an indicator's score in.
func (f *Finder) weigh(finding *Finding) {
	if finding.worth == nil {
		return
	}
	n, until := f.beside.model().Score(finding.worth, f.now)
	finding.Score, finding.Doubts = &n, finding.worth.Doubts()
	if !until.IsZero() && (f.until.IsZero() || until.Before(f.until)) {
		f.until = until
	}
}
