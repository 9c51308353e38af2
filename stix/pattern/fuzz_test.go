package pattern

import (
	"errors"
	"testing"
)

// stable holds for any text: it is refused at a place inside it, or its
// canonical form parses to itself and every position is inside the text.
func stable(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string) {
	t.Helper()
	for _, problem := range Check(text) {
		if problem.Offset < 0 || problem.Offset > len(text) || problem.Line < 1 || problem.Column < 1 || problem.Message == "" {
			t.Fatalf("%q: %+v", text, problem)
		}
	}
	p, err := Parse(text)
	if err != nil {
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Offset < 0 || e.Offset > len(text) || e.Caret() == "" {
			t.Fatalf("%q: %v", text, err)
		}
		return
	}
	for c := range p.Comparisons() {
		last := c.Path.Steps[len(c.Path.Steps)-1].Pos
		if c.Pos < 0 || c.OpPos < c.Pos || c.OpPos >= len(text) || last >= len(text) || c.Value.Pos >= len(text) {
			t.Fatalf("%q: positions of %+v", text, c)
		}
	}
	canonical := p.String()
	again, err := Parse(canonical)
	if err != nil || again.String() != canonical {
		t.Fatalf("%q prints %q, then %v, %v", text, canonical, again, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, file := range []string{"valid.txt", "invalid.txt", "doubtful.txt"} {
		for _, text := range cases(f, file) {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) { stable(t, text) })
}
