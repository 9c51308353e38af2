package author_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"entente/internal/exchange"
	"entente/internal/practice/author"
	"entente/internal/trust/handling"
	"entente/stix"
)

var (
	network = stix.Asset{Kind: "prefix", Value: "198.51.100.0/24", Note: "the pumping station"}
	domain  = stix.Asset{Kind: "domain", Value: "brook.example"}
)

func (o *office) tell(t author.Telling) author.Told {
	o.t.Helper()
	told, err := o.desk.Tell(o.t.Context(), o.ana, t)
	if err != nil {
		o.t.Fatal(err)
	}
	return told
}

// told gives what stands of the own member's statements in a collection: the asset, its
// note, its label, whether it holds.
func (o *office) told(collection string) (list []string) {
	o.t.Helper()
	q := exchange.Query{Types: []string{"note"}, Limit: 1000, Bodies: true}
	page, err := o.x.View(o.operator).Page(o.t.Context(), collection, q)
	if err != nil {
		o.t.Fatal(err)
	}
	defer page.Close()
	for i := range page.Len() {
		raw := page.Bytes(i)
		a, ok := stix.StatedAsset(raw)
		if !ok {
			o.t.Fatalf("%s says nothing", raw)
		}
		if len(raw) > 4096 {
			o.t.Errorf("a statement has %d bytes", len(raw))
		}
		if faults := stix.Validate(raw); len(faults) > 0 {
			o.t.Errorf("%s: %v", raw, faults)
		}
		over := ""
		if property(o.t, raw, "revoked") == "true" {
			over = " over"
		}
		list = append(list, strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s%s", a.Kind, a.Value, page.Class(i).TLP, a.Note, over)), " "))
	}
	slices.Sort(list)
	return list
}

func (o *office) stands(collection string, want ...string) {
	o.t.Helper()
	if got := o.told(collection); !slices.Equal(got, want) {
		o.t.Errorf("in %s stand %q, want %q", collection, got, want)
	}
}

func TestTellingTwiceChangesNothing(t *testing.T) {
	o := open(t)
	both := []stix.Asset{network, domain}
	if told := o.tell(author.Telling{Assets: both, Register: both}); told.New != 2 || told.Collection != "default" {
		t.Errorf("first: %+v", told)
	}
	before := o.latest("default", ownID)
	o.now = o.now.Add(time.Hour)
	if told := o.tell(author.Telling{Assets: both, Register: both}); told.Same != 2 || told.New+told.Changed+told.TakenBack != 0 {
		t.Errorf("again: %+v", told)
	}
	if before == "" || o.latest("default", ownID) != before {
		t.Error("the own member is not introduced, or twice")
	}
	o.stands("default", "domain brook.example amber", "prefix 198.51.100.0/24 amber")

	// a label and the note by a new version, which a bare telling leaves as they are
	yes, no := true, false
	if told := o.tell(author.Telling{Assets: []stix.Asset{network}, Register: both, TLP: "green", Notes: &yes}); told.Changed != 1 {
		t.Errorf("another label: %+v", told)
	}
	if told := o.tell(author.Telling{Assets: both, Register: both}); told.Same != 2 {
		t.Errorf("as it was told: %+v", told)
	}
	o.stands("default", "domain brook.example amber", "prefix 198.51.100.0/24 green the pumping station")
	if told := o.tell(author.Telling{Assets: both, Register: both, Notes: &no, Collection: "feed"}); told.Changed != 2 {
		t.Errorf("elsewhere, too: %+v", told)
	}
	o.stands("default", "domain brook.example amber", "prefix 198.51.100.0/24 green")
	o.stands("feed", "domain brook.example amber", "prefix 198.51.100.0/24 green")

	// what is no longer one's own is taken back everywhere, whatever is told; and told anew later
	if told := o.tell(author.Telling{Assets: []stix.Asset{domain}, Register: []stix.Asset{domain}}); told.TakenBack != 1 || told.Same != 1 {
		t.Errorf("taken back: %+v", told)
	}
	o.stands("feed", "domain brook.example amber", "prefix 198.51.100.0/24 green over")
	for range 2 {
		o.tell(author.Telling{Assets: both, Register: both})
	}
	o.stands("default", "domain brook.example amber", "prefix 198.51.100.0/24 amber", "prefix 198.51.100.0/24 green over")
}

func TestTellingLoosensNothingThatSomebodyMarked(t *testing.T) {
	o := open(t)
	all := []stix.Asset{network}
	o.tell(author.Telling{Assets: all, Register: all})
	const pap = "marking-definition--5a74f2c2-d0e2-4fb6-b1c8-3cf2a4c0b0f1"
	o.publish("default", `{"type":"marking-definition","spec_version":"2.1","id":"`+pap+`","created":"`+theirsAt+`","name":"PAP:AMBER","extensions":{"extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b":{"extension_type":"property-extension","pap":"amber"}}}`)
	id := ""
	page, err := o.x.View(o.operator).Page(t.Context(), "default", exchange.Query{Types: []string{"note"}, Limit: 9})
	if err != nil || page.Len() != 1 {
		t.Fatal(err)
	}
	id = strings.Clone(page.ID(0))
	page.Close()
	o.edit(id, author.Edit{Set: []string{"object_marking_refs[]=" + pap, "labels[]=water"}})
	o.tell(author.Telling{Assets: all, Register: all, TLP: "amber+strict"})
	got := o.latest("default", id)
	for _, want := range []string{pap, "water", handling.AmberStrict.Definition()} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is gone from %s", want, got)
		}
	}
}

func TestWhoMayTell(t *testing.T) {
	o := open(t)
	all := []stix.Asset{network}
	_, err := o.desk.Tell(t.Context(), o.bo, author.Telling{Assets: all, Register: all})
	o.refused(err, exchange.ErrForbidden, "in the name of")
	_, err = o.desk.Tell(t.Context(), o.wim, author.Telling{Assets: all, Register: all})
	o.refused(err, exchange.ErrForbidden, "must see there")
	_, err = o.desk.Tell(t.Context(), o.cy, author.Telling{Assets: all, Register: all, Collection: "feed"})
	o.refused(err, exchange.ErrForbidden, "feed")
	_, err = o.desk.Tell(t.Context(), o.ana, author.Telling{Assets: all, Register: all, TLP: "mauve"})
	o.refused(err, exchange.ErrInvalid, "mauve")

	o.tell(author.Telling{Assets: all, Register: all})
	o.tell(author.Telling{Assets: all, Register: all, Collection: "feed"})
	told, err := o.desk.Tell(t.Context(), o.cy, author.Telling{Assets: []stix.Asset{domain}, Register: []stix.Asset{domain}})
	if err != nil || told.TakenBack != 1 || len(told.Left) != 1 || !strings.Contains(told.Left[0], "feed, where cy may not write") {
		t.Errorf("%+v, %v", told, err)
	}
	o.stands("feed", "prefix 198.51.100.0/24 amber")
	o.tell(author.Telling{Assets: []stix.Asset{domain}, Register: []stix.Asset{domain}})
	o.stands("feed", "prefix 198.51.100.0/24 amber over")
}

// Whatever the register has been, what stands after a telling is what it is then.
func TestWhatIsToldIsTheRegister(t *testing.T) {
	o := open(t)
	rapid.Check(t, func(t *rapid.T) {
		var all []stix.Asset
		var want []string
		for n := range 5 {
			if rapid.Bool().Draw(t, "own") {
				a := stix.Asset{Kind: "name", Value: fmt.Sprintf("lock %d", n)}
				all = append(all, a)
				want = append(want, "name "+a.Value+" amber")
			}
		}
		o.now = o.now.Add(time.Second)
		o.tell(author.Telling{Assets: all, Register: all})
		got := slices.DeleteFunc(o.told("default"), func(s string) bool { return strings.HasSuffix(s, " over") })
		if !slices.Equal(got, want) {
			t.Fatalf("%q stand, want %q", got, want)
		}
	})
}

func TestAsManyAsARegisterHolds(t *testing.T) {
	if testing.Short() {
		t.Skip("not in short mode: it makes 25,000 statements, which go test without -short does")
	}
	o := open(t)
	var all []stix.Asset
	for n := range 25_000 {
		all = append(all, stix.Asset{Kind: "prefix", Value: fmt.Sprintf("198.%d.%d.%d", n>>16, n>>8&255, n&255)})
	}
	requests, made := 0, 0
	for more := true; more; requests++ {
		told := o.tell(author.Telling{Assets: all, Register: all})
		if made += told.New; told.New > 10_500 {
			t.Fatalf("one request wrote %d", told.New)
		}
		more = told.More
	}
	if made != len(all) || requests != 3 {
		t.Errorf("%d made by %d requests", made, requests)
	}
	if told := o.tell(author.Telling{Assets: all, Register: all}); told.Same != len(all) || told.More {
		t.Errorf("again: %+v", told)
	}
}

func TestAStatementThatWasTakenBackAndDeletedStaysSo(t *testing.T) {
	o := open(t)
	only := []stix.Asset{domain}
	o.tell(author.Telling{Assets: only, Register: only})
	if told := o.tell(author.Telling{}); told.TakenBack != 1 {
		t.Fatalf("%+v", told)
	}
	first := o.ids("default", "note")
	o.take(o.ana, first[0], "")
	if told := o.tell(author.Telling{Assets: only, Register: only}); told.New != 1 {
		t.Fatalf("%+v", told)
	}
	if again := o.ids("default", "note"); again[0] == first[0] {
		t.Errorf("%s holds again", first[0])
	}
}

// ids are those of a type's objects in a collection.
func (o *office) ids(collection, typ string) (ids []string) {
	o.t.Helper()
	page, err := o.x.View(o.operator).Page(o.t.Context(), collection, exchange.Query{Types: []string{typ}, Limit: 1000})
	if err != nil {
		o.t.Fatal(err)
	}
	defer page.Close()
	for i := range page.Len() {
		ids = append(ids, strings.Clone(page.ID(i)))
	}
	return ids
}

const strangerID = "identity--0c7b5b88-8ff7-4a4d-aa9d-feb398cd7777"

// Whoever else may write where a statement stands does not have the own member say his
// words, nor loosen, revoke or keep what it said.
func TestNobodyElseSpeaksInAStatement(t *testing.T) {
	o := open(t)
	all := []stix.Asset{network, domain}
	o.tell(author.Telling{Assets: all, Register: all, TLP: "green"})
	ids := o.ids("default", "note")
	first := map[string]string{}
	for i, id := range ids {
		raw := o.latest("default", id)
		first[id] = property(t, []byte(raw), "created")
		theirs := strings.NewReplacer(ownID, strangerID, handling.Green.Definition(), handling.Clear.Definition(),
			first[id], `"2020-01-01T00:00:00.000Z"`, `"spec_version"`, `"abstract":"theirs","spec_version"`).Replace(raw)
		if i == 0 {
			theirs = strings.Replace(theirs, `"spec_version"`, `"revoked":true,"spec_version"`, 1)
		}
		modified := property(t, []byte(theirs), "modified")
		theirs = strings.Replace(theirs, `"modified":`+modified, `"modified":"2099-01-01T00:00:00.000Z"`, 1)
		object, err := stix.Read([]byte(theirs))
		if err != nil {
			t.Fatal(err)
		}
		if results, err := o.x.Publish(t.Context(), o.bo, exchange.Publication{Collection: "default", Objects: []stix.Object{object}}); err != nil || results[0].Verdict != exchange.New {
			t.Fatalf("%v, %v: %s", results, err, theirs)
		}
	}
	if told := o.tell(author.Telling{Assets: all, Register: all}); told.Changed != 2 || len(told.Left) > 0 {
		t.Errorf("with theirs on top: %+v", told)
	}
	for _, id := range ids {
		raw := o.latest("default", id)
		for _, word := range []string{"theirs", strangerID, handling.Clear.Definition(), "revoked"} {
			if strings.Contains(raw, word) {
				t.Errorf("%s says %s: %s", id, word, raw)
			}
		}
		if got := property(t, []byte(raw), "created"); got != first[id] {
			t.Errorf("%s was created at %s, and then at %s", id, first[id], got)
		}
	}
	o.stands("default", "domain brook.example green", "prefix 198.51.100.0/24 green")
	if told := o.tell(author.Telling{Assets: all, Register: all}); told.Same != 2 {
		t.Errorf("again: %+v", told)
	}
}
