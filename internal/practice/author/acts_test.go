package author_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/practice/author"
	"entente/internal/trust/handling"
)

func TestASightingIsOneMoreUnlessKeyed(t *testing.T) {
	o := open(t)
	w := o.indicator()
	sight := func(s author.Sighting) author.Written {
		t.Helper()
		w, err := o.desk.Sight(t.Context(), o.ana, s)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	one := sight(author.Sighting{Of: "198[.]51.100.7", Count: 3, First: "-2h", Last: "now"})
	for property_, want := range map[string]string{
		"sighting_of_ref": `"` + w.ID + `"`, "count": "3", "where_sighted_refs": `["` + ownID + `"]`,
		"first_seen": `"2026-05-01T10:00:00.000Z"`, "last_seen": `"2026-05-01T12:00:00.000Z"`,
	} {
		if got := property(t, one.Object, property_); got != want {
			t.Errorf("%s is %s, want %s", property_, got, want)
		}
	}
	if one.Name != `of indicator "198.51.100.7"` {
		t.Errorf("it is told as %s", one.Name)
	}
	if two := sight(author.Sighting{Of: w.ID}); two.ID == one.ID || property(t, two.Object, "count") != "1" {
		t.Error("a second sighting is the first")
	}
	keyed := sight(author.Sighting{Of: w.ID, Key: "night"})
	o.now = o.now.Add(time.Hour)
	if again := sight(author.Sighting{Of: w.ID, Key: "night"}); again.ID != keyed.ID || again.Verdict != author.Same {
		t.Errorf("a keyed one is %s the second time", again.Verdict)
	}
	there := sight(author.Sighting{Of: w.ID, Where: "Water ISAC"})
	where := strings.Trim(property(t, there.Object, "where_sighted_refs"), `[]"`)
	if where == ownID || len(o.versions("default", where)) != 1 {
		t.Errorf("it was sighted at %s", where)
	}
	if also := sight(author.Sighting{Of: w.ID, Where: "water isac"}); property(t, also.Object, "where_sighted_refs") != `["`+where+`"]` {
		t.Error("one organisation has two identities")
	}
	for s, words := range map[*author.Sighting]string{
		{Of: "203.0.113.1"}:                   "entente new indicator --for 203.0.113.1",
		{Of: "nonsense"}:                      "neither an identifier",
		{Of: w.ID, Count: -1}:                 "count -1",
		{Of: w.ID, First: "now", Last: "-1d"}: "last_seen",
		{Of: one.ID}:                          "a sighting is of an indicator",
	} {
		_, err := o.desk.Sight(t.Context(), o.ana, *s)
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%+v is answered %v, not %q", *s, err, words)
		}
	}
}

// A log that grows is counted again: what is there says more, and never less.
func TestAKeyedSightingGrows(t *testing.T) {
	o := open(t)
	seen, err := o.desk.New(t.Context(), o.ana, author.NewObject{Type: "indicator", For: "198.51.100.7"})
	if err != nil {
		t.Fatal(err)
	}
	sight := func(s author.Sighting) author.Written {
		s.Of, s.Key, s.More = seen.ID, "log", true
		w, err := o.desk.Sight(t.Context(), o.ana, s)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	first := sight(author.Sighting{Count: 3, First: "2026-04-01T10:00:00Z", Last: "2026-04-01T11:00:00Z"})
	o.now = o.now.Add(time.Hour)
	for _, count := range []int{2, 3} {
		if w := sight(author.Sighting{Count: count, First: "-1h", Last: "now"}); w.ID != first.ID || w.Verdict != author.Same || property(t, w.Object, "count") != "3" {
			t.Errorf("counted %d: %s, %s", count, w.Verdict, w.Object)
		}
	}
	more := sight(author.Sighting{Count: 5, First: "2026-04-01T10:30:00Z", Last: "2026-04-02T09:00:00Z"})
	for name, want := range map[string]string{"count": "5", "first_seen": `"2026-04-01T10:00:00Z"`, "last_seen": `"2026-04-02T09:00:00Z"`} {
		if got := property(t, more.Object, name); more.ID != first.ID || got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if _, err := o.desk.Revoke(t.Context(), o.ana, first.ID, ""); err != nil {
		t.Fatal(err)
	}
	_, err = o.desk.Sight(t.Context(), o.ana, author.Sighting{Of: seen.ID, Key: "log", More: true, Count: 9})
	o.refused(err, exchange.ErrExists, "was revoked")
	_, err = o.desk.Sight(t.Context(), o.ana, author.Sighting{Of: seen.ID, More: true})
	o.refused(err, exchange.ErrInvalid, "Give the key")
}

// A sighting without a name holds nothing by which its member is known, and stays as it
// is; asking for it twice changes nothing.
func TestAnAnonymousSightingNamesNobody(t *testing.T) {
	o := open(t)
	seen := o.indicator().ID
	sight := func(count int) author.Written {
		t.Helper()
		w, err := o.desk.Sight(t.Context(), o.ana, author.Sighting{Of: seen, Anonymous: true, Key: "log", More: true, Count: count})
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	first := sight(2)
	for _, text := range []string{"created_by_ref", "where_sighted_refs", "identity--"} {
		if strings.Contains(string(first.Object), text) {
			t.Errorf("it holds %s: %s", text, first.Object)
		}
	}
	if named, err := o.desk.Sight(t.Context(), o.ana, author.Sighting{Of: seen, Key: "log"}); err != nil || named.ID == first.ID {
		t.Errorf("a key gives %s with a name and %s without, %v", named.ID, first.ID, err)
	}
	for _, count := range []int{2, 9} {
		if again := sight(count); again.ID != first.ID || again.Verdict != author.Same || again.Version != first.Version {
			t.Errorf("%d times: %+v", count, again)
		}
	}
	if _, err := o.desk.Sight(t.Context(), o.ana, author.Sighting{Of: seen, Anonymous: true, Where: "Fern"}); err == nil {
		t.Error("it says where, and is taken")
	}
	_, err := o.desk.Sight(t.Context(), o.ana, author.Sighting{Of: seen, InVain: true, Count: 3})
	o.refused(err, exchange.ErrInvalid, "in vain")
}

// The member has one opinion of an object, its newest word, and what was taken back stays so.
func TestAMemberHasOneOpinion(t *testing.T) {
	o := open(t)
	of := o.indicator().ID
	judge := func(word, why string) author.Written {
		t.Helper()
		o.now = o.now.Add(time.Minute)
		w, err := o.desk.Judge(t.Context(), o.ana, author.Opinion{On: of, Opinion: word, Explanation: why})
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	first := judge("strongly-disagree", "ours")
	if again := judge("strongly-disagree", "ours"); again.ID != first.ID || again.Verdict != author.Same {
		t.Errorf("said twice: %+v", again)
	}
	other := judge("agree", "")
	if other.ID != first.ID || property(t, other.Object, "opinion") != `"agree"` || strings.Contains(string(other.Object), "explanation") {
		t.Errorf("another word: %s", other.Object)
	}
	if _, err := o.desk.Revoke(t.Context(), o.ana, first.ID, ""); err != nil {
		t.Fatal(err)
	}
	second := judge("disagree", "again")
	if third := judge("disagree", "again"); second.ID == first.ID || third.ID != second.ID || third.Verdict != author.Same {
		t.Errorf("after it was taken back: %s, then %s, %s", second.ID, third.ID, third.Verdict)
	}
	_, err := o.desk.Judge(t.Context(), o.ana, author.Opinion{On: of, Opinion: ""})
	o.refused(err, exchange.ErrInvalid, "opinion")
}

func TestANoteIsOnAnybodysObjectsAndNoLooser(t *testing.T) {
	o := open(t)
	o.theirs()
	note := author.Remark{On: []string{"evil.example"}, Text: "Not ours.\nWe looked."}
	w, err := o.desk.Note(t.Context(), o.ana, note)
	if err != nil {
		t.Fatal(err)
	}
	if property(t, w.Object, "object_refs") != `["`+theirs+`"]` || property(t, w.Object, "object_marking_refs") != `["`+handling.AmberStrict.Definition()+`"]` {
		t.Errorf("the note is %s", w.Object)
	}
	if w.Name != `on indicator "Their find"` {
		t.Errorf("it is told as %s", w.Name)
	}
	if again, err := o.desk.Note(t.Context(), o.ana, note); err != nil || again.Verdict != author.Same {
		t.Errorf("the same note is %s, %v", again.Verdict, err)
	}
	_, err = o.desk.Note(t.Context(), o.ana, author.Remark{On: []string{theirs}, Text: " "})
	o.refused(err, exchange.ErrInvalid, "needs a text")
	_, err = o.desk.Note(t.Context(), o.ana, author.Remark{Text: "x"})
	o.refused(err, exchange.ErrInvalid, "name at least one")
}

func TestARelationshipIsOneTheSpecificationHas(t *testing.T) {
	o := open(t)
	w := o.indicator()
	drum := o.new(author.NewObject{Type: "malware", Set: []string{"name=Drum"}, Collection: "feed"})
	rel := author.Relation{Source: "198.51.100.7", Type: "indicates", Target: drum.ID}
	edge, err := o.desk.Relate(t.Context(), o.ana, rel)
	if err != nil {
		t.Fatal(err)
	}
	if edge.Name != `indicator "198.51.100.7" indicates malware "Drum"` || property(t, edge.Object, "source_ref") != `"`+w.ID+`"` || edge.TLP != "amber" {
		t.Errorf("it is told as %s, %s: %s", edge.Name, edge.TLP, edge.Object)
	}
	if again, err := o.desk.Relate(t.Context(), o.ana, rel); err != nil || again.Verdict != author.Same {
		t.Errorf("the same relationship is %s, %v", again.Verdict, err)
	}
	rel.Type = "uses"
	_, err = o.desk.Relate(t.Context(), o.ana, rel)
	o.refused(err, exchange.ErrInvalid, `"uses" is not defined for an indicator`, "use indicates or related-to", "--custom")
	rel.Custom = true
	if w, err := o.desk.Relate(t.Context(), o.ana, rel); err != nil || len(w.Warnings) == 0 {
		t.Errorf("it is written all the same: %v, warned of %v", err, w.Warnings)
	}
	rel.Target = "malware--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0099"
	_, err = o.desk.Relate(t.Context(), o.ana, rel)
	o.refused(err, exchange.ErrNotFound, "target")
}

func TestDeletingTakesAnObjectOut(t *testing.T) {
	o := open(t)
	w := o.indicator()
	o.edit(w.ID, author.Edit{Set: []string{"confidence=5"}})
	o.new(author.NewObject{Type: "indicator", For: "198.51.100.7", Until: "30d", Set: []string{"description=Seen at the gate"}, Collection: "feed"})
	gone, err := o.desk.Delete(t.Context(), o.ana, w.ID, "feed")
	if err != nil || gone.Versions["feed"] != 1 || len(gone.Versions) != 1 || !strings.Contains(strings.Join(gone.Told, " "), "entente revoke") {
		t.Fatalf("%v %+v", err, gone)
	}
	gone, err = o.desk.Delete(t.Context(), o.ana, w.ID, "")
	if err != nil || gone.Versions["default"] != 2 || gone.Name != "198.51.100.7" {
		t.Fatalf("%v %+v", err, gone)
	}
	_, err = o.desk.Delete(t.Context(), o.ana, w.ID, "")
	o.refused(err, exchange.ErrNotFound)
	// It can be written anew.
	if again := o.indicator(); again.Verdict != author.Done || again.ID != w.ID {
		t.Errorf("after a delete it is %s", again.Verdict)
	}
}

func TestTagsAreShownBeforeTheyAreWritten(t *testing.T) {
	o := open(t)
	o.theirs()
	var ids []string
	for _, name := range []string{"One invoice", "Two", "Three INVOICES"} {
		ids = append(ids, o.new(author.NewObject{Type: "tool", Set: []string{"name=" + name, "labels=old"}}).ID)
	}
	o.edit(ids[0], author.Edit{Set: []string{"labels[]=phish"}})
	o.now = o.now.Add(time.Minute)
	tag := author.Tagging{Add: []string{"phish"}, Remove: []string{"old"}, Types: []string{"tool", "indicator"}, Where: []string{"name~i"}}
	seen, err := o.desk.Tag(t.Context(), o.ana, tag)
	if err != nil {
		t.Fatal(err)
	}
	if seen.Matching != 2 || seen.Changing != 2 || seen.Others != 1 || seen.Applied || len(seen.Sample) != 2 {
		t.Errorf("the preview is %+v", seen)
	}
	if !slices.Equal(seen.Sample[0].Was, []string{"old"}) && !slices.Equal(seen.Sample[1].Was, []string{"old"}) {
		t.Errorf("the sample is %+v", seen.Sample)
	}
	if n := len(o.versions("default", ids[2])); n != 1 {
		t.Fatalf("the preview wrote version %d", n)
	}
	tag.Apply = true
	done, err := o.desk.Tag(t.Context(), o.ana, tag)
	if err != nil || done.Changing != 2 || !done.Applied {
		t.Fatalf("%v %+v", err, done)
	}
	again, err := o.desk.Tag(t.Context(), o.ana, tag)
	if err != nil || again.Changing != 0 || again.Matching != 2 {
		t.Errorf("the second time: %v %+v", err, again)
	}
	now := o.edit(ids[2], author.Edit{})
	if property(t, now.Object, "labels") != `["phish"]` || now.Version != "2026-05-01T12:01:00.000Z" {
		t.Errorf("it is %s", now.Object)
	}
	if n := len(o.versions("default", ids[1])); n != 1 {
		t.Errorf("what was not meant has %d versions", n)
	}
	for word, bad := range map[string]author.Tagging{
		"name a label":     {Types: []string{"tool"}},
		"say which":        {Add: []string{"x"}},
		"no condition":     {Add: []string{"x"}, Where: []string{"name"}},
		`" x" is no label`: {Add: []string{" x"}, Types: []string{"tool"}},
	} {
		_, err := o.desk.Tag(t.Context(), o.ana, bad)
		o.refused(err, exchange.ErrInvalid, word)
	}
}
