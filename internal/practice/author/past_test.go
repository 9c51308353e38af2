package author_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/practice/author"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/stix"
)

// take takes an object away as somebody.
func (o *office) take(by account.Principal, named, collection string) {
	o.t.Helper()
	if _, err := o.desk.Delete(o.t.Context(), by, named, collection); err != nil {
		o.t.Fatal(err)
	}
	o.now = o.now.Add(time.Hour)
}

func TestWhatWasRevokedAndDeletedStaysRevoked(t *testing.T) {
	o := open(t)
	for _, r := range []author.NewObject{
		{Type: "indicator", For: "203.0.113.5", TLP: "clear"},
		{Type: "malware", Set: []string{"name=Drum"}, Key: "drum"},
		{Properties: []byte(`{"type":"tool","id":"tool--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0007","name":"nmap"}`)},
	} {
		w := o.new(r)
		o.now = o.now.Add(time.Hour)
		if _, err := o.desk.Revoke(t.Context(), o.ana, w.ID, ""); err != nil {
			t.Fatal(err)
		}
		o.take(o.ana, w.ID, "")
		_, err := o.desk.New(t.Context(), o.ana, r)
		o.refused(err, exchange.ErrExists, w.ID, "was revoked", "another --key")
		if len(o.versions("default", w.ID)) > 0 {
			t.Errorf("%s is back", w.ID)
		}
		r.Key = "another"
		if r.Properties == nil && o.new(r).ID == w.ID {
			t.Error("another key gave the same id")
		}
	}
}

func TestWhatWasDeletedGoesOnAsOldAsItWas(t *testing.T) {
	o := open(t)
	r := author.NewObject{Type: "indicator", For: "203.0.113.5", Until: "30d"}
	first := o.new(r)
	o.now = o.now.Add(time.Hour)
	o.take(o.ana, first.ID, "")
	second := o.new(r)
	if second.ID != first.ID || property(t, second.Object, "created") != property(t, first.Object, "created") {
		t.Errorf("it became\n%s\nof\n%s", second.Object, first.Object)
	}
	if stix.CompareVersions(second.Version, first.Version) <= 0 {
		t.Errorf("version %s follows %s", second.Version, first.Version)
	}
	if got := property(t, second.Object, "valid_from"); got == property(t, first.Object, "valid_from") {
		t.Errorf("it holds from %s, before it was asked for", got)
	}
	o.now = o.now.Add(time.Hour)
	if again := o.new(r); again.Verdict != author.Same {
		t.Errorf("asked for once more it is %s", again.Verdict)
	}
	// Revoked now, it stays so.
	if _, err := o.desk.Revoke(t.Context(), o.ana, "203.0.113.5", ""); err != nil {
		t.Fatal(err)
	}
	o.take(o.ana, "203.0.113.5", "default")
	_, err := o.desk.New(t.Context(), o.ana, r)
	o.refused(err, exchange.ErrExists, "was revoked")

	// What says itself when it was made must agree.
	const made = `{"type":"tool","id":"tool--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0008","name":"nmap","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z"}`
	o.new(author.NewObject{Properties: []byte(made)})
	o.take(o.ana, "tool--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0008", "")
	_, err = o.desk.New(t.Context(), o.ana, author.NewObject{Properties: []byte(made)})
	o.refused(err, exchange.ErrInvalid, "give a later one")
	_, err = o.desk.New(t.Context(), o.ana, author.NewObject{Properties: []byte(`{"type":"tool","id":"tool--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0008","name":"nmap"}`), Set: []string{"created=2026-02-01"}})
	o.refused(err, exchange.ErrInvalid, "which never changes")
}

func TestWhoCouldNotSeeItIsToldNothingOfThePast(t *testing.T) {
	o := open(t)
	r := author.NewObject{Type: "malware", Set: []string{"name=Drum"}, Key: "drum", Collection: "feed"}
	w := o.new(r)
	if _, err := o.desk.Revoke(t.Context(), o.ana, w.ID, ""); err != nil {
		t.Fatal(err)
	}
	o.take(o.ana, w.ID, "")
	// Who does not read feed is told nothing of what was there.
	r.Collection = "default"
	c, err := o.x.View(o.operator).Collection("default")
	if err != nil {
		t.Fatal(err)
	}
	dan := account.Principal{ID: "dan-1", Account: "dan", Org: ownName, Own: true, Role: account.Contributor,
		Grants: map[string]account.Access{c.ID: account.Read | account.Write}}
	for _, by := range []account.Principal{dan, o.wim} {
		got, err := o.desk.New(t.Context(), by, r)
		if err != nil || got.Verdict != author.Done || len(got.Told) != 1 {
			t.Errorf("%s is told %+v %v", by.Account, got, err)
		}
		o.take(o.operator, w.ID, "")
	}
}

func TestAValueNamesWhatWasRevoked(t *testing.T) {
	o := open(t)
	w := o.indicator()
	for _, verdict := range []author.Verdict{author.Done, author.Same, author.Same} {
		got, err := o.desk.Revoke(t.Context(), o.ana, "198.51.100.7", "")
		if err != nil || got.ID != w.ID || got.Verdict != verdict {
			t.Fatalf("revoked: %+v %v, want %s", got, err, verdict)
		}
	}
	_, err := o.desk.Sight(t.Context(), o.ana, author.Sighting{Of: "198.51.100.7"})
	o.refused(err, exchange.ErrNotFound, w.ID, "was revoked and stays so", "--key NAME")
	_, err = o.desk.Note(t.Context(), o.ana, author.Remark{On: []string{"198.51.100.7"}, Text: "x"})
	o.refused(err, exchange.ErrNotFound, w.ID, "was revoked and stays so")

	// One that holds is meant before.
	other := o.new(author.NewObject{Type: "indicator", For: "198.51.100.7", Key: "other"})
	gone, err := o.desk.Delete(t.Context(), o.ana, "198.51.100.7", "")
	if err != nil || gone.ID != other.ID {
		t.Fatalf("%+v %v", gone, err)
	}
	if gone, err = o.desk.Delete(t.Context(), o.ana, "198.51.100.7", ""); err != nil || gone.ID != w.ID {
		t.Fatalf("%+v %v", gone, err)
	}

	// What others revoked is theirs.
	o.theirs()
	o.publish("default", `{"type":"indicator","spec_version":"2.1","id":"`+theirs+`","created_by_ref":"`+otherID+`","created":"`+theirsAt+`","modified":"2026-04-30T00:00:00.000Z","revoked":true,"name":"Their find","pattern":"[domain-name:value = 'evil.example']","pattern_type":"stix","valid_from":"`+theirsAt+`"}`)
	if _, err := o.desk.Delete(t.Context(), o.ana, "evil.example", ""); !errors.Is(err, exchange.ErrNotFound) {
		t.Fatal(err)
	}
}

// A version that somebody else puts on top takes nothing away of what is remembered.
func TestWhatWasRevokedStaysSoUnderAStrangersVersion(t *testing.T) {
	o := open(t)
	r := author.NewObject{Type: "indicator", For: "203.0.113.5", TLP: "green"}
	w := o.new(r)
	o.now = o.now.Add(time.Hour)
	if _, err := o.desk.Revoke(t.Context(), o.ana, w.ID, ""); err != nil {
		t.Fatal(err)
	}
	theirs := strings.NewReplacer(ownID, strangerID, property(t, w.Object, "modified"), `"2099-01-01T00:00:00.000Z"`).Replace(string(w.Object))
	theirs = strings.Replace(theirs, `"created":"2099-01-01T00:00:00.000Z"`, `"created":`+property(t, w.Object, "created"), 1)
	object, err := stix.Read([]byte(theirs))
	if err != nil {
		t.Fatal(err)
	}
	if results, err := o.x.Publish(t.Context(), o.bo, exchange.Publication{Collection: "default", Objects: []stix.Object{object}}); err != nil || results[0].Verdict != exchange.New {
		t.Fatalf("%v, %v: %s", results, err, theirs)
	}
	o.take(o.operator, w.ID, "")
	_, err = o.desk.New(t.Context(), o.ana, r)
	o.refused(err, exchange.ErrExists, w.ID, "was revoked")
}

// What cannot be read of what was is not written over.
func TestWhatIsRememberedIsNotForgottenUnread(t *testing.T) {
	o := open(t)
	w := o.new(author.NewObject{Type: "indicator", For: "203.0.113.5", TLP: "green"})
	o.now = o.now.Add(time.Hour)
	if _, err := o.desk.Revoke(t.Context(), o.ana, w.ID, ""); err != nil {
		t.Fatal(err)
	}
	const table = "author-past"
	var keys []string
	for row, err := range o.x.Rows(table, w.ID) {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, row.Key)
	}
	if err := o.x.Keep(t.Context(), func(tx store.Tx) error {
		for _, key := range keys {
			tx.Set(table, key, []byte("{"))
		}
		return nil
	}); err != nil || len(keys) == 0 {
		t.Fatalf("%q, %v", keys, err)
	}
	if _, err := o.desk.Delete(t.Context(), o.ana, w.ID, ""); err == nil || !strings.Contains(err.Error(), "what became of "+w.ID) {
		t.Fatal(err)
	}
	if len(o.versions("default", w.ID)) == 0 {
		t.Error("it is gone")
	}
}
