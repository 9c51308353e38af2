package author_test

import (
	"strings"
	"testing"

	"entente/internal/exchange"
	"entente/internal/practice/author"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
)

// secret adds a collection whose unmarked objects count as TLP:RED, which ana
// reads and writes.
func (o *office) secret() {
	o.t.Helper()
	c, err := o.x.AddCollection(o.t.Context(), o.operator, exchange.Collection{Alias: "secret", Marking: handling.Red})
	if err != nil {
		o.t.Fatal(err)
	}
	o.ana.Grants[c.ID] = account.Read | account.Write
}

// latest is an object in a collection, as the operator sees it; empty when it
// is not there.
func (o *office) latest(collection, id string) string {
	o.t.Helper()
	page, err := o.x.View(o.operator).Page(o.t.Context(), collection, exchange.Query{IDs: []string{id}, Limit: 9, Bodies: true})
	if err != nil {
		o.t.Fatal(err)
	}
	defer page.Close()
	if page.Len() == 0 {
		return ""
	}
	return string(page.Bytes(page.Len() - 1))
}

func TestWhatIsSaidOfAMarkedPartIsAsStrict(t *testing.T) {
	o := open(t)
	o.ana.Role = account.Curator // who may read what is red
	o.publish("default", `{"type":"tool","spec_version":"2.1","id":"tool--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0003","created_by_ref":"`+otherID+`","created":"`+theirsAt+`","modified":"`+theirsAt+
		`","name":"x","description":"told in confidence","object_marking_refs":["`+handling.Green.Definition()+`"],"granular_markings":[{"marking_ref":"`+handling.Red.Definition()+`","selectors":["description"]}]}`)
	const id = "tool--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0003"
	w := o.edit(id, author.Edit{Copy: true, Set: []string{"confidence=20"}})
	if got := property(t, w.Object, "object_marking_refs"); got != `["`+handling.Red.Definition()+`"]` || property(t, w.Object, "granular_markings") != "" {
		t.Errorf("the copy is %s", w.Object)
	}
	if !strings.Contains(strings.Join(w.Told, " "), "marked TLP:RED") {
		t.Errorf("its writer is told %q", w.Told)
	}
	_, err := o.desk.Edit(t.Context(), o.ana, id, author.Edit{Copy: true, TLP: "green", Set: []string{"confidence=30"}})
	o.refused(err, exchange.ErrInvalid, "no looser", "TLP:RED")
	note, err := o.desk.Note(t.Context(), o.ana, author.Remark{On: []string{id}, Text: "Told in confidence."})
	if err != nil || note.TLP != "red" {
		t.Errorf("a note on it is %s, %v", note.TLP, err)
	}
}

func TestWritingMovesNothingOfOthers(t *testing.T) {
	o := open(t)
	o.ana.Role = account.Curator // who may read what is red
	o.secret()
	w := o.new(author.NewObject{Type: "ipv4-addr", For: "198.51.100.3", Collection: "default"})
	if _, err := o.x.Recall(t.Context(), o.operator, "default", w.ID, exchange.Query{}); err != nil {
		t.Fatal(err)
	}
	o.publish("secret", `{"type":"ipv4-addr","spec_version":"2.1","id":"`+w.ID+`","value":"198.51.100.3","x_note":"SECRET"}`)
	o.new(author.NewObject{Type: "ipv4-addr", For: "198.51.100.3", Collection: "feed"})
	if got := o.latest("feed", w.ID); got == "" || strings.Contains(got, "SECRET") {
		t.Errorf("the feed has %s", got)
	}

	o.publish("secret", `{"type":"identity","spec_version":"2.1","id":"`+otherID+`","created":"`+theirsAt+`","modified":"`+theirsAt+`","name":"Water ISAC","identity_class":"organization","contact_information":"SECRET"}`)
	seen := o.new(author.NewObject{Type: "indicator", For: "198.51.100.7", TLP: "green", Collection: "feed"})
	s, err := o.desk.Sight(t.Context(), o.ana, author.Sighting{Of: seen.ID, Where: otherID, Collection: "feed"})
	if err != nil || property(t, s.Object, "where_sighted_refs") != `["`+otherID+`"]` {
		t.Fatalf("%v %s", err, s.Object)
	}
	if got := o.latest("feed", otherID); got != "" {
		t.Errorf("the feed has %s", got)
	}
}

// limit gives a collection a quota of objects a source.
func (o *office) limit(collection string, quota int64) {
	o.t.Helper()
	if _, err := o.x.SetLimits(o.t.Context(), o.operator, collection, func(l *exchange.Limits) { l.SourceQuota = quota }); err != nil {
		o.t.Fatal(err)
	}
}

func TestWhatIsWrittenIsWrittenEverywhereOrNowhere(t *testing.T) {
	o := open(t)
	w := o.new(author.NewObject{Type: "indicator", For: "198.51.100.7", TLP: "green"})
	o.new(author.NewObject{Type: "indicator", For: "198.51.100.7", TLP: "green", Collection: "feed"})
	o.limit("feed", 2) // the indicator and its author
	_, err := o.desk.Revoke(t.Context(), o.ana, w.ID, "")
	for _, c := range []string{"default", "feed"} {
		if revoked := property(t, []byte(o.latest(c, w.ID)), "revoked") == "true"; revoked != (err == nil) {
			t.Errorf("the answer is %v, and in %s it is revoked: %v", err, c, revoked)
		}
	}

	o.secret()
	o.limit("secret", 1)
	_, err = o.desk.New(t.Context(), o.ana, author.NewObject{Type: "tool", Set: []string{"name=x"}, Collection: "secret"})
	o.refused(err, exchange.ErrInvalid, "quota of 1")
	if got := o.latest("secret", ownID); got != "" {
		t.Errorf("of what was refused there is %s", got)
	}
}
