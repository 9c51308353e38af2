package device

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"entente/internal/exchange"
	"entente/internal/score"
	"entente/stix"
)

// worths are what a reader sees of what indicators are worth besides what they say
// themselves, for lists that depend on it (docs/reference/score.md).
type worths struct {
	model *score.Model
	at    time.Time // when the day began: what age changes is another one once a day
	said  map[string]*score.Facts
}

// mostDoubts is how many voices that doubt one indicator count.
const mostDoubts = 100

// worthsFor reads sightings and opinions, when a list depends on them.
func (c *Chooser) worthsFor(ctx context.Context, view *exchange.View, w *Wish, at time.Time) (*worths, error) {
	if !w.scored() {
		return nil, nil
	}
	out := &worths{model: &score.Usual, at: at.UTC().Truncate(24 * time.Hour), said: map[string]*score.Facts{}}
	if c.Model != nil {
		var err error
		if out.model, err = c.Model(); err != nil {
			return nil, err
		}
	}
	for _, in := range view.Readable() {
		q := exchange.Query{Types: []string{"sighting", "opinion"}, Limit: pageSize, MaxBytes: pageBytes, Bodies: true, Once: true}
		for page, err := range view.Pages(ctx, in.ID, q) {
			if err != nil {
				return nil, fmt.Errorf("sightings in collection %q: %w", in.Alias, err)
			}
			for i := range page.Len() {
				out.hear(page.Bytes(i))
			}
		}
	}
	return out, nil
}

func (w *worths) hear(raw []byte) {
	var o struct {
		By       string   `json:"created_by_ref"`
		Of       string   `json:"sighting_of_ref"`
		On       []string `json:"object_refs"`
		Count    *float64 `json:"count"`
		Opinion  string   `json:"opinion"`
		First    string   `json:"first_seen"`
		Last     string   `json:"last_seen"`
		Created  string   `json:"created"`
		Modified string   `json:"modified"`
		Revoked  bool     `json:"revoked"`
	}
	if json.Unmarshal(raw, &o) != nil || o.Revoked {
		return
	}
	switch {
	case o.Of == "" && positions[o.Opinion] == against:
		for _, id := range o.On {
			if f := w.doubted(id); f != nil {
				f.Opinion(o.By, o.Opinion)
			}
		}
	case o.Of == "":
	case o.Count != nil && *o.Count == 0:
		if f := w.doubted(o.Of); f != nil {
			f.Sighting(o.By, 0, w.at, w.at)
		}
	default:
		w.of(o.Of).Sighting(o.By, 1, timeOf(cmp.Or(o.Last, o.First, o.Created)), timeOf(cmp.Or(o.Modified, o.Created)))
	}
}

func (w *worths) of(id string) *score.Facts {
	f := w.said[id]
	if f == nil {
		f = &score.Facts{}
		w.said[strings.Clone(id)] = f
	}
	return f
}

// doubted is what is said of an indicator, to which a doubt may be added; nil when it may not.
func (w *worths) doubted(id string) *score.Facts {
	if !strings.HasPrefix(id, "indicator--") {
		return nil
	}
	if f := w.of(id); f.Doubts() < mostDoubts {
		return f
	}
	return nil
}

func timeOf(text string) time.Time {
	t, err := stix.ParseTimestamp(text)
	if err != nil {
		return time.Time{}
	}
	return t.Time()
}

// rank is where what an indicator asks for stands in a list: 1 for the best to 101; 0 for
// all in lists that are in the order of confidence.
func (w *worths) rank(of *facts) byte {
	if w == nil {
		return 0
	}
	f := score.Facts{}
	if said := w.said[string(of.id)]; said != nil {
		f = *said
	}
	f.Kind, f.Confidence, f.Since, f.Until = of.of, confidenceOf(of.confidence), of.since, of.until
	if f.Since.IsZero() {
		f.Since = of.created
	}
	worth, _ := w.model.Score(&f, w.at)
	return byte(1 + 100 - worth)
}

// scoreOf is what a rank stands for; -1 when it is none.
func scoreOf(rank byte) int {
	if rank == 0 {
		return -1
	}
	return 101 - int(rank)
}
