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
// themselves, for lists that hold the best so many (docs/reference/score.md).
type worths struct {
	model *score.Model
	at    time.Time // when the day began: what age changes is another one once a day
	said  map[string]*saidOf
}

// saidOf is what is said of one indicator, as far as it counts for its score.
type saidOf struct {
	seen   time.Time // last
	doubts map[[2]string]bool
}

// mostDoubts is how many doubts on one indicator count.
const mostDoubts = 100

// inVain is a doubt that is no opinion.
const inVain = "in vain"

// worthsFor reads sightings and opinions, when a list is to hold the best so many.
func (c *Chooser) worthsFor(ctx context.Context, view *exchange.View, w *Wish, at time.Time) (*worths, error) {
	if w.Limit == 0 {
		return nil, nil
	}
	out := &worths{model: &score.Usual, at: at.UTC().Truncate(24 * time.Hour), said: map[string]*saidOf{}}
	if c.Model != nil {
		var err error
		if out.model, err = c.Model(); err != nil {
			return nil, err
		}
	}
	for _, in := range view.Readable() {
		q := exchange.Query{Types: []string{"sighting", "opinion"}, Limit: pageSize, MaxBytes: pageBytes, Bodies: true}
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
	case o.Of == "":
		for _, id := range o.On {
			w.doubt(id, o.By, o.Opinion)
		}
	case o.Count != nil && *o.Count == 0:
		w.doubt(o.Of, o.By, inVain)
	default:
		seen, said := timeOf(cmp.Or(o.Last, o.First, o.Created)), timeOf(cmp.Or(o.Modified, o.Created))
		if !said.IsZero() && said.Before(seen) {
			seen = said
		}
		if s := w.of(o.Of); seen.After(s.seen) {
			s.seen = seen
		}
	}
}

func (w *worths) of(id string) *saidOf {
	s := w.said[id]
	if s == nil {
		s = &saidOf{}
		w.said[strings.Clone(id)] = s
	}
	return s
}

func (w *worths) doubt(id, by, word string) {
	if word != inVain && positions[word] != against || !strings.HasPrefix(id, "indicator--") {
		return
	}
	s := w.of(id)
	if s.doubts == nil {
		s.doubts = map[[2]string]bool{}
	}
	if len(s.doubts) < mostDoubts {
		s.doubts[[2]string{by, word}] = true
	}
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
func (w *worths) rank(raw []byte, id string, said *Reading) byte {
	if w == nil {
		return 0
	}
	f := score.Facts{Kind: score.OfPattern(property(raw, "pattern")), Confidence: said.Confidence, Since: said.Since, Until: said.Until}
	if f.Since.IsZero() {
		f.Since = timeOf(property(raw, "created"))
	}
	if s := w.said[id]; s != nil {
		if !s.seen.IsZero() {
			f.Sighting("", 1, s.seen, time.Time{})
		}
		for d := range s.doubts {
			if d[1] == inVain {
				f.Sighting(d[0], 0, w.at, w.at)
			} else {
				f.Opinion(d[0], d[1])
			}
		}
	}
	worth, _ := w.model.Score(&f, w.at)
	return byte(1 + 100 - worth)
}
