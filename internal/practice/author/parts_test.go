package author_test

import (
	"errors"
	"strings"
	"testing"

	"entente/internal/exchange"
	"entente/internal/practice/author"
	"entente/internal/trust/handling"
)

// Who is shown less than all of an object would publish it without the rest: the
// edit is refused, by whatever verb, and a copy is not.
func TestWhoSeesAFaceMayNotChangeTheObject(t *testing.T) {
	o := open(t)
	const id = "tool--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0003"
	o.publish("default", `{"type":"tool","spec_version":"2.1","id":"`+id+`","created_by_ref":"`+ownID+`","created":"`+theirsAt+`","modified":"`+theirsAt+
		`","name":"x","description":"told in confidence","object_marking_refs":["`+handling.Green.Definition()+`"],"granular_markings":[{"marking_ref":"`+handling.Red.Definition()+`","selectors":["description"]}]}`)
	if _, err := o.desk.Edit(t.Context(), o.ana, id, author.Edit{Set: []string{"name=y"}}); !errors.Is(err, exchange.ErrForbidden) {
		t.Errorf("edit: %v, want ErrForbidden", err)
	}
	if _, err := o.desk.Revoke(t.Context(), o.ana, id, ""); !errors.Is(err, exchange.ErrForbidden) {
		t.Errorf("revoke: %v, want ErrForbidden", err)
	}
	if got := o.latest("default", id); !strings.Contains(got, "confidence") || strings.Contains(got, `"name":"y"`) {
		t.Errorf("the curator reads %s", got)
	}
}

// An object counts as its collection has it where it bears no label, so that its
// parts go out in a looser one by name alone.
func TestATearLineTakesNothingFromWhatIsStricterUnlessItIsNamed(t *testing.T) {
	o := open(t)
	const id = "tool--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0004"
	o.publish("default", `{"type":"tool","spec_version":"2.1","id":"`+id+`","created_by_ref":"`+ownID+`","created":"`+theirsAt+`","modified":"`+theirsAt+
		`","name":"x","description":"for the members alone"}`)
	ask := author.TearLine{TLP: "clear"}
	if _, err := o.desk.TearLine(t.Context(), o.ana, id, ask); !errors.Is(err, exchange.ErrInvalid) || !strings.Contains(err.Error(), "--keep") {
		t.Errorf("without a name of what is kept: %v", err)
	}
	ask.Keep = []string{"name"}
	w, err := o.desk.TearLine(t.Context(), o.ana, id, ask)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(w.Object); w.TLP != "clear" || !strings.Contains(text, `"name":"x"`) || strings.Contains(text, "members alone") {
		t.Errorf("with one: %s", w.Object)
	}
	if again, err := o.desk.TearLine(t.Context(), o.ana, id, ask); err != nil || again.ID != w.ID || again.Verdict != author.Same {
		t.Errorf("again: %s %s, %v; want %s as it is", again.ID, again.Verdict, err, w.ID)
	}
}
