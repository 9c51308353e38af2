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
