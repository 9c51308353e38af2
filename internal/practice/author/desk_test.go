package author_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/practice/author"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

// office is a node's exchange on a real engine, and the people who write there.
type office struct {
	t    *testing.T
	x    *exchange.Exchange
	desk *author.Desk
	now  time.Time

	operator account.Principal
	ana      account.Principal // own analyst: reads and writes everywhere
	bo       account.Principal // partner: the same
	cy       account.Principal // own analyst: reads everywhere, writes to default alone
	wim      account.Principal // own account that only writes
}

const (
	ownName  = "CERT Estmark"
	ownID    = "identity--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0000"
	otherID  = "identity--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0001"
	theirs   = "indicator--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0002"
	theirsAt = "2026-01-01T00:00:00.000Z"
)

func open(t *testing.T) *office {
	t.Helper()
	st, err := pebble.Open(t.Context(), t.TempDir(), pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	x, err := exchange.Open(t.Context(), st, exchange.Options{Own: ownName})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close(); st.Close() })
	o := &office{t: t, x: x, now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC), operator: account.Operator(ownName)}
	o.desk = author.New(x, author.Member{Name: ownName, ID: ownID, Since: o.now.Add(-time.Hour)}, func() time.Time { return o.now })
	rw, some, w := map[string]account.Access{}, map[string]account.Access{}, map[string]account.Access{}
	for alias, marking := range map[string]handling.Level{"default": handling.Amber, "feed": handling.Green} {
		c, err := x.AddCollection(t.Context(), o.operator, exchange.Collection{Alias: alias, Marking: marking})
		if err != nil {
			t.Fatal(err)
		}
		rw[c.ID], some[c.ID], w[c.ID] = account.Read|account.Write, account.Read, account.Write
		if alias == "default" {
			some[c.ID] |= account.Write
		}
	}
	o.ana = account.Principal{ID: "ana-1", Account: "ana", Org: ownName, Own: true, Role: account.Contributor, Grants: rw}
	o.bo = account.Principal{ID: "bo-1", Account: "bo", Org: "Brookwater", Role: account.Contributor, Grants: rw}
	o.cy = account.Principal{ID: "cy-1", Account: "cy", Org: ownName, Own: true, Role: account.Contributor, Grants: some}
	o.wim = account.Principal{ID: "wim-1", Account: "wim", Org: ownName, Own: true, Role: account.Contributor, Grants: w}
	return o
}

// publish brings an object in as it is, from outside.
func (o *office) publish(collection, raw string) {
	o.t.Helper()
	object, err := stix.Read([]byte(raw))
	if err != nil {
		o.t.Fatal(err)
	}
	r, err := o.x.Publish(o.t.Context(), o.operator, exchange.Publication{Collection: collection, Objects: []stix.Object{object}})
	if err != nil || r[0].Verdict == exchange.Refused {
		o.t.Fatalf("%v %v", r, err)
	}
}

// theirs brings an indicator of another organisation in.
func (o *office) theirs() {
	o.t.Helper()
	o.publish("default", `{"type":"identity","spec_version":"2.1","id":"`+otherID+`","created":"`+theirsAt+`","modified":"`+theirsAt+`","name":"Water ISAC","identity_class":"organization"}`)
	o.publish("default", `{"type":"indicator","spec_version":"2.1","id":"`+theirs+`","created_by_ref":"`+otherID+`","created":"`+theirsAt+`","modified":"`+theirsAt+`","name":"Their find","pattern":"[domain-name:value = 'evil.example']","pattern_type":"stix","valid_from":"`+theirsAt+`","object_marking_refs":["`+handling.AmberStrict.Definition()+`"]}`)
}

func (o *office) new(r author.NewObject) author.Written {
	o.t.Helper()
	w, err := o.desk.New(o.t.Context(), o.ana, r)
	if err != nil {
		o.t.Fatal(err)
	}
	return w
}

func (o *office) edit(id string, c author.Edit) author.Written {
	o.t.Helper()
	w, err := o.desk.Edit(o.t.Context(), o.ana, id, c)
	if err != nil {
		o.t.Fatal(err)
	}
	return w
}

// indicator writes one that most tests go on from.
func (o *office) indicator() author.Written {
	o.t.Helper()
	return o.new(author.NewObject{Type: "indicator", For: "198.51.100.7", Until: "30d", Set: []string{"description=Seen at the gate"}})
}

// refused asserts an error of a kind whose text holds some words.
func (o *office) refused(err, kind error, words ...string) {
	o.t.Helper()
	if !errors.Is(err, kind) {
		o.t.Fatalf("the answer is %v, not %v", err, kind)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			o.t.Errorf("the answer does not say %q: %v", w, err)
		}
	}
}

// property is one of an object's, as JSON.
func property(t *testing.T, raw []byte, name string) string {
	t.Helper()
	var o map[string]json.RawMessage
	if err := json.Unmarshal(raw, &o); err != nil {
		t.Fatal(err)
	}
	return string(o[name])
}

// versions are those of an object in a collection, as the operator sees them.
func (o *office) versions(collection, id string) (all []string) {
	o.t.Helper()
	page, err := o.x.View(o.operator).Versions(o.t.Context(), collection, id)
	if errors.Is(err, exchange.ErrNotFound) {
		return nil
	}
	if err != nil {
		o.t.Fatal(err)
	}
	defer page.Close()
	for i := range page.Len() {
		all = append(all, strings.Clone(page.Version(i)))
	}
	return all
}
