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

// The name of an indicator is often what its pattern asks for: what is marked stricter
// does not go out by it.
func TestATearLineDoesNotTellOfWhatItLacks(t *testing.T) {
	o := open(t)
	const id = "indicator--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0005"
	o.publish("default", `{"type":"indicator","spec_version":"2.1","id":"`+id+`","created_by_ref":"`+ownID+`","created":"`+theirsAt+`","modified":"`+theirsAt+
		`","name":"evil.example","labels":["to evil.example"],"pattern":"[domain-name:value = 'evil.example']","pattern_type":"stix","valid_from":"`+theirsAt+`","object_marking_refs":["`+handling.Green.Definition()+`"],"granular_markings":[{"marking_ref":"`+handling.Red.Definition()+`","selectors":["pattern"]}]}`)
	ask := author.TearLine{Set: []string{"pattern=[domain-name:value LIKE '%.example']"}}
	for _, mended := range []string{"labels[0]", "name"} {
		if _, err := o.desk.TearLine(t.Context(), o.operator, id, ask); !errors.Is(err, exchange.ErrInvalid) || !strings.Contains(err.Error(), mended+" holds evil.example") {
			t.Errorf("%q: %v, want that %s tells", ask.Set, err, mended)
		}
		ask.Set = append(ask.Set, mended+"=A domain of theirs")
	}
	w, err := o.desk.TearLine(t.Context(), o.operator, id, ask)
	if err != nil || strings.Contains(string(w.Object), "evil.example") {
		t.Errorf("%s, %v", w.Object, err)
	}
	// What the author names is his word.
	ask = author.TearLine{TLP: "clear", Keep: []string{"name", "pattern"}, Set: ask.Set[:1], DryRun: true}
	if w, err = o.desk.TearLine(t.Context(), o.operator, id, ask); err != nil || !strings.Contains(strings.Join(w.Told, "\n"), "name holds evil.example") {
		t.Errorf("told %q, %v", w.Told, err)
	}
}
