package score

import (
	"math"
	"time"
)

// Model says how fast indicators lose worth: to a half in so much time, by their kind.
type Model struct {
	HalfLife [kinds]time.Duration
}

const day = 24 * time.Hour

// Usual is the model unless a node has another.
var Usual = Model{HalfLife: [kinds]time.Duration{
	Address: 30 * day, Name: 90 * day, URL: 30 * day, Mail: 180 * day, File: 730 * day, Other: 365 * day,
}}

// unsaid is the confidence of what says none.
const unsaid = 50

// What is left of the score for each voice that doubts, by how it says so.
const (
	stronglyDisagrees = 0.5
	disagrees         = 0.7
	lookedInVain      = 0.85
)

// Facts are what a reader may see of an indicator's worth.
type Facts struct {
	Kind       Kind
	Confidence int       // 0 to 100; less when it says none
	Since      time.Time // from when it holds
	Until      time.Time // when it ends; zero for never
	Revoked    bool

	seen   time.Time          // last
	doubts map[string]float64 // by voice, the hardest word of each
}

// Sighting takes a sighting in: by whom, how often, when last, and when it was said,
// which nothing can have been seen after. Of 0 times it says that one has looked in vain.
func (f *Facts) Sighting(by string, count int, last, said time.Time) {
	if count == 0 {
		f.doubt(by, lookedInVain)
		return
	}
	if !said.IsZero() && said.Before(last) {
		last = said
	}
	if last.After(f.seen) {
		f.seen = last
	}
}

// Opinion takes an opinion in, by a word of STIX's opinion-enum. One that agrees changes
// nothing.
func (f *Facts) Opinion(by, word string) {
	switch word {
	case "strongly-disagree":
		f.doubt(by, stronglyDisagrees)
	case "disagree":
		f.doubt(by, disagrees)
	}
}

func (f *Facts) doubt(by string, left float64) {
	if f.doubts == nil {
		f.doubts = map[string]float64{}
	}
	if old, known := f.doubts[by]; !known || left < old {
		f.doubts[by] = left
	}
}

// Doubts is how many voices doubt.
func (f *Facts) Doubts() int { return len(f.doubts) }

// Score weighs facts at a moment, and tells when time alone weighs them anew; zero for
// never. Age counts in whole days.
func (m *Model) Score(f *Facts, now time.Time) (score int, until time.Time) {
	if f.Revoked || !f.Until.IsZero() && !f.Until.After(now) {
		return 0, time.Time{}
	}
	fresh := f.Since
	if f.seen.After(fresh) {
		fresh = f.seen
	}
	if fresh.After(now) { // what is still to come is as fresh as can be
		fresh, until = now, fresh
	}
	days := math.Floor(now.Sub(fresh).Hours() / 24)
	worth := float64(unsaid)
	if f.Confidence >= 0 {
		worth = float64(min(f.Confidence, 100))
	}
	if half := m.HalfLife[min(f.Kind, Other)]; half > 0 {
		worth *= math.Exp2(-days * float64(day) / float64(half))
	}
	// In the order of the words, since what is multiplied in another order may differ.
	for _, left := range []float64{stronglyDisagrees, disagrees, lookedInVain} {
		for _, of := range f.doubts {
			if of == left {
				worth *= left
			}
		}
	}
	if until.IsZero() {
		until = fresh.Add(time.Duration(days+1) * day)
	}
	if score = int(math.Floor(worth + 0.5)); score == 0 {
		until = time.Time{}
	}
	return score, until
}
