package lookup

import (
	"slices"

	"entente/internal/score"
	"entente/stix"
)

// Beside is what answers are made of besides objects: the node's own.
type Beside struct {
	Model *score.Model                // by which indicators are weighed; score.Usual when nil
	Lists func(v stix.Value) []Listed // warninglists that a value is on, as the reader may know; none when nil
	Mark  string                      // another one whenever an answer may be another by any of this
}

// Listed is a warninglist that a value is on.
type Listed struct {
	List  string `json:"list"`
	How   string `json:"how"`   // is, below, on, within, holds, has or like the entry
	Entry string `json:"entry"` // of the list, in the form in which it is compared
	Value string `json:"value"`
	Words string `json:"words"` // the list, and the entry where that says more
}

// With makes the finder's answers of something besides objects, too.
func (f *Finder) With(b *Beside) *Finder {
	f.beside = b
	return f
}

func (b *Beside) model() *score.Model {
	if b.Model == nil {
		return &score.Usual
	}
	return b.Model
}

// on adds the lists that a value is on, each once.
func (b *Beside) on(v stix.Value, to []Listed) []Listed {
	if b.Lists == nil {
		return to
	}
	for _, l := range b.Lists(v) {
		if !slices.ContainsFunc(to, func(o Listed) bool { return o.List == l.List && o.Entry == l.Entry }) {
			to = append(to, l)
		}
	}
	return to
}
