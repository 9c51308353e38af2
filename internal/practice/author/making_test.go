package author_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/practice/author"
)

const (
	makingID = "extension-definition--954f4e28-02cd-43f0-965b-052076cd1188"
	byModel  = `"extensions":{"` + makingID + `":{"extension_type":"property-extension","made_by":"model","model":"m 1"}}`
	byPerson = `extensions:={"` + makingID + `":{"extension_type":"property-extension","made_by":"person"}}`
)

// made gives what an object says of how it was made.
func made(t *testing.T, raw []byte) string {
	t.Helper()
	var o struct {
		Extensions map[string]json.RawMessage `json:"extensions"`
	}
	if err := json.Unmarshal(raw, &o); err != nil {
		t.Fatal(err)
	}
	return string(o.Extensions[makingID])
}

// unreviewed tells how the newest version of an object counts where it stands.
func (o *office) unreviewed(collection, id string) bool {
	o.t.Helper()
	page, err := o.x.View(o.operator).Page(o.t.Context(), collection, exchange.Query{IDs: []string{id}, Limit: 1})
	if err != nil || page.Len() != 1 {
		o.t.Fatalf("%s: %v", id, err)
	}
	defer page.Close()
	return page.Class(0).Unreviewed
}

// machine brings a machine's object in, of the own member and of another.
func (o *office) machine() (ours, others string) {
	o.t.Helper()
	ours, others = "tool--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0006", "tool--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0005"
	for id, by := range map[string]string{others: otherID, ours: ownID} {
		o.publish("default", `{"type":"tool","spec_version":"2.1","id":"`+id+`","created_by_ref":"`+by+`","created":"`+theirsAt+`","modified":"`+theirsAt+`","name":"x","description":"d",`+byModel+`}`)
	}
	return ours, others
}

// By no verb does a machine's object become anybody else's.
func TestNoVerbWeakensHowAnObjectWasMade(t *testing.T) {
	o := open(t)
	ours, others := o.machine()
	const at = "extensions." + makingID
	whole := `{"type":"tool","spec_version":"2.1","id":"` + ours + `","created_by_ref":"` + ownID + `","created":"` + theirsAt + `","name":"y"`
	for name, c := range map[string]author.Edit{
		"unset extensions":      {Unset: []string{"extensions"}},
		"unset the extension":   {Unset: []string{at}},
		"unset made_by":         {Unset: []string{at + ".made_by"}},
		"unset model":           {Unset: []string{at + ".model"}},
		"set a person":          {Set: []string{byPerson}},
		"set made_by":           {Set: []string{at + ".made_by=tool"}},
		"set another word":      {Set: []string{at + ".made_by=oracle"}},
		"set another model":     {Set: []string{at + ".model=m 2"}},
		"patch":                 {Patch: []byte(`{"extensions":null}`)},
		"patch made_by":         {Patch: []byte(`{"extensions":{"` + makingID + `":{"made_by":"person"}}}`)},
		"escaped patch":         {Patch: []byte(`{"extensions":{"extension\u002ddefinition` + strings.TrimPrefix(makingID, "extension-definition") + `":{"made\u005fby":"person"}}}`)},
		"whole object":          {Object: []byte(whole + "}")},
		"whole object's person": {Object: []byte(whole + `,"extensions":{"` + makingID + `":{"extension_type":"property-extension","made_by":"person","model":"m 1"}}}`)},
		"flags":                 {Making: author.Making{MadeBy: "person"}},
		"flags, a tool":         {Making: author.Making{Tool: "sandbox 1"}},
		"flags, another model":  {Making: author.Making{Model: "m 2"}},
	} {
		_, err := o.desk.Edit(t.Context(), o.ana, ours, c)
		o.refused(err, exchange.ErrInvalid, "says how it was made")
		if c.Copy = true; len(c.Object) > 0 || strings.HasSuffix(name, "patch") && len(c.Patch) < 30 || name == "unset extensions" || name == "unset the extension" {
			continue // what a copy does not say is passed on
		}
		_, err = o.desk.Edit(t.Context(), o.ana, others, c)
		o.refused(err, exchange.ErrInvalid, "says how it was made")
	}
	for _, t2 := range []author.TearLine{{TLP: "clear", Keep: []string{"name"}, Set: []string{byPerson}},
		{TLP: "clear", Keep: []string{"name", "extensions"}, Set: []string{at + ".made_by=person"}}} {
		_, err := o.desk.TearLine(t.Context(), o.ana, ours, t2)
		o.refused(err, exchange.ErrInvalid, "says how it was made")
	}
	if n := len(o.versions("default", ours)); n != 1 || !o.unreviewed("default", ours) {
		t.Errorf("it has %d versions, unreviewed is %v", n, o.unreviewed("default", ours))
	}
}

// What is made of a machine's object says so without being told to.
func TestHowAnObjectWasMadeIsPassedOn(t *testing.T) {
	const words = `"made_by":"model","model":"m 1"`
	var o *office
	check := func(what string, w author.Written, err error) {
		t.Helper()
		if err != nil || !strings.Contains(made(t, w.Object), words) || !o.unreviewed("default", w.ID) {
			t.Errorf("%s: %v: %s", what, err, w.Object)
		}
	}
	for _, c := range []author.Edit{{Set: []string{"name=y"}}, {Unset: []string{"extensions"}}, {Patch: []byte(`{"extensions":null}`)},
		{Object: []byte(`{"type":"tool","spec_version":"2.1","id":"tool--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0005","created_by_ref":"` + otherID + `","created":"` + theirsAt + `","name":"z"}`)}} {
		o = open(t)
		_, others := o.machine()
		c.Copy = true
		w, err := o.desk.Edit(t.Context(), o.ana, others, c)
		check("a copy", w, err)
	}
	o = open(t)
	ours, _ := o.machine()
	w, err := o.desk.TearLine(t.Context(), o.ana, ours, author.TearLine{TLP: "clear", Keep: []string{"name"}})
	check("a tear-line", w, err)
	w, err = o.desk.Edit(t.Context(), o.ana, ours, author.Edit{Set: []string{"name=y"}})
	check("an edit", w, err)
	if _, err := o.desk.Tag(t.Context(), o.ana, author.Tagging{Add: []string{"seen"}, IDs: []string{ours}, Apply: true}); err != nil {
		t.Fatal(err)
	}
	if got := o.latest("default", ours); !strings.Contains(got, `"seen"`) || !strings.Contains(got, words) || !o.unreviewed("default", ours) {
		t.Errorf("with a label it is %s", got)
	}
	w, err = o.desk.Revoke(t.Context(), o.ana, ours, "")
	check("revoked", w, err)
}

// A review is what may be added, by persons who are named.
func TestAReviewIsAdded(t *testing.T) {
	o := open(t)
	o.theirs()
	ours, others := o.machine()
	w := o.edit(ours, author.Edit{Making: author.Making{ReviewedBy: []string{"me"}}})
	if got := made(t, w.Object); !strings.Contains(got, reviewedIn(ownID)) || o.unreviewed("default", ours) {
		t.Errorf("reviewed by me: %s", got)
	}
	if again := o.edit(ours, author.Edit{Making: author.Making{ReviewedBy: []string{"me"}}}); again.Verdict != author.Same {
		t.Errorf("again it is %s", again.Verdict)
	}
	w = o.edit(ours, author.Edit{Making: author.Making{ReviewedBy: []string{otherID}}})
	if got := made(t, w.Object); !strings.Contains(got, `"review_level":"multi-party-reviewed"`) || !strings.Contains(got, ownID) || !strings.Contains(got, otherID) {
		t.Errorf("reviewed by both: %s", got)
	}
	w = o.edit(others, author.Edit{Copy: true, Making: author.Making{ReviewedBy: []string{"me"}}})
	if got := made(t, w.Object); !strings.Contains(got, reviewedIn(ownID)) || !strings.Contains(got, `"made_by":"model"`) || o.unreviewed("default", w.ID) || !o.unreviewed("default", others) {
		t.Errorf("a reviewed copy: %s", got)
	}
	for who, words := range map[string]string{"bogus": "name the id of an identity", ours: "name the id of an identity"} {
		_, err := o.desk.Edit(t.Context(), o.ana, ours, author.Edit{Making: author.Making{ReviewedBy: []string{who}}})
		o.refused(err, exchange.ErrInvalid, words)
	}
	_, err := o.desk.Edit(t.Context(), o.ana, ours, author.Edit{Making: author.Making{ReviewedBy: []string{"identity--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0099"}}})
	o.refused(err, exchange.ErrNotFound)
	plain := o.indicator()
	_, err = o.desk.Edit(t.Context(), o.ana, plain.ID, author.Edit{Making: author.Making{ReviewedBy: []string{"me"}}})
	o.refused(err, exchange.ErrInvalid, "how it was made", "--made-by")
}

func reviewedIn(id string) string { return `"reviewed_by_refs":["` + id + `"]` }

// What is written here says how it was made when its writer does.
func TestWritersSayHowAnObjectWasMade(t *testing.T) {
	o := open(t)
	for n, c := range []struct {
		m    author.Making
		want string
	}{
		{author.Making{}, ""},
		{author.Making{MadeBy: "person"}, `{"extension_type":"property-extension","made_by":"person"}`},
		{author.Making{Tool: "sandbox 2"}, `{"extension_type":"property-extension","made_by":"tool","tool":"sandbox 2"}`},
		{author.Making{Model: "m 1", Tool: "agent 3"}, `{"extension_type":"property-extension","made_by":"model","model":"m 1","tool":"agent 3"}`},
		{author.Making{MadeBy: "model", ReviewedBy: []string{"me"}}, `{"extension_type":"property-extension","made_by":"model","review_level":"human-reviewed","reviewed_by_refs":["` + ownID + `"]}`},
	} {
		r := author.NewObject{Type: "malware", Set: []string{"name=Drum"}, Key: fmt.Sprint(n), Making: c.m}
		w := o.new(r)
		if got := made(t, w.Object); got != c.want {
			t.Errorf("%+v: %s, want %s", c.m, got, c.want)
		}
		o.now = o.now.Add(time.Hour)
		if again := o.new(r); again.Verdict != author.Same {
			t.Errorf("%+v: again it is %s", c.m, again.Verdict)
		}
		if c.m.Model == "" {
			continue
		}
		o.edit(w.ID, author.Edit{Making: author.Making{ReviewedBy: []string{"me"}}})
		if again := o.new(r); again.Verdict != author.Same || o.unreviewed("default", w.ID) {
			t.Errorf("%+v: after a review it is %s", c.m, again.Verdict)
		}
		r.Making = author.Making{MadeBy: "person"}
		_, err := o.desk.New(t.Context(), o.ana, r)
		o.refused(err, exchange.ErrExists, "differs in extensions")
	}
	for _, m := range []author.Making{{MadeBy: "oracle"}, {MadeBy: "tool", Model: "m 1"}, {MadeBy: "person", Model: "m 1"}, {ReviewedBy: []string{"me"}}} {
		_, err := o.desk.New(t.Context(), o.ana, author.NewObject{Type: "malware", Set: []string{"name=Drum"}, Making: m})
		o.refused(err, exchange.ErrInvalid, "made")
	}
	_, err := o.desk.New(t.Context(), o.ana, author.NewObject{Type: "malware", Properties: []byte(`{"name":"x",` + byModel + `}`), Making: author.Making{MadeBy: "person"}})
	o.refused(err, exchange.ErrInvalid, "says how it was made")
}

// A draft that a machine made stays one, and is published as one.
func TestADraftKeepsHowItWasMade(t *testing.T) {
	o := open(t)
	draft, err := o.desk.AddDraft(t.Context(), o.ana, author.NewObject{Type: "malware", Set: []string{"name=Drum"}, Making: author.Making{Model: "m 1"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []author.Edit{{Unset: []string{"extensions"}}, {Set: []string{byPerson}}, {Making: author.Making{MadeBy: "person"}}, {Object: []byte(`{"type":"malware","name":"x"}`)}} {
		_, err := o.desk.EditDraft(t.Context(), o.ana, draft.ID, time.Time{}, c)
		o.refused(err, exchange.ErrInvalid, "says how it was made")
	}
	if _, err = o.desk.EditDraft(t.Context(), o.ana, draft.ID, time.Time{}, author.Edit{Set: []string{"name=Drums"}}); err != nil {
		t.Fatal(err)
	}
	w, err := o.desk.PublishDraft(t.Context(), o.ana, draft.ID)
	if err != nil || !strings.Contains(made(t, w.Object), `"model":"m 1"`) || !o.unreviewed("default", w.ID) {
		t.Errorf("published: %v: %s", err, w.Object)
	}
}
