package export_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/door/export"
	"entente/internal/exchange"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
	"entente/stix"
)

// desk is an exchange with the collections a and b.
type desk struct {
	*exchange.Exchange
	t  *testing.T
	by account.Principal
}

func newDesk(t *testing.T) *desk {
	st, err := pebble.Open(t.Context(), "store", pebble.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	x, err := exchange.Open(t.Context(), st, exchange.Options{Own: "CERT Example"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		x.Close()
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	d := &desk{x, t, account.Operator("CERT Example")}
	for _, alias := range []string{"a", "b"} {
		if _, err := x.AddCollection(t.Context(), d.by, exchange.Collection{Alias: alias}); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func (d *desk) publish(collection string, raws ...string) {
	d.t.Helper()
	var objects []stix.Object
	for _, raw := range raws {
		o, err := stix.Read([]byte(raw))
		if err != nil {
			d.t.Fatal(err)
		}
		objects = append(objects, o)
	}
	if _, err := d.Publish(d.t.Context(), d.by, exchange.Publication{Collection: collection, Objects: objects}); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) export(by account.Principal, o export.Options) (string, int) {
	d.t.Helper()
	var b bytes.Buffer
	n, err := export.Write(d.t.Context(), &b, d.View(by), o)
	if err != nil {
		d.t.Fatal(err)
	}
	return b.String(), n
}

func note(modified, more string) string {
	return `{"type":"note","spec_version":"2.1","id":"note--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061","created":"2026-03-01T10:00:00.000Z","modified":"` +
		modified + `","content":"c","object_refs":["note--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061"]` + more + `}`
}

const (
	march = "2026-03-01T10:00:00.000Z"
	april = "2026-04-01T10:00:00.000Z"
)

func TestBundleHoldsTheProducersBytes(t *testing.T) {
	d := newDesk(t)
	odd := note(march, ` ,  "x_n" : 1.0e2,`+"\n\t"+`"x_t":"\u00e9 é"`)
	d.publish("a", odd)
	text, n := d.export(d.by, export.Options{Form: export.Bundle})
	var bundle struct {
		Type    string            `json:"type"`
		ID      string            `json:"id"`
		Objects []json.RawMessage `json:"objects"`
	}
	if err := json.Unmarshal([]byte(text), &bundle); err != nil {
		t.Fatal(err)
	}
	if n != 1 || len(bundle.Objects) != 1 || string(bundle.Objects[0]) != odd {
		t.Errorf("bundle holds %s, want %s", bundle.Objects, odd)
	}
	for _, f := range stix.Validate([]byte(text)) {
		if f.Index < 0 {
			t.Errorf("the bundle itself: %s", f)
		}
	}
}

func TestLinesHoldTheSameObjects(t *testing.T) {
	d := newDesk(t)
	odd := note(march, ",\r\n\"x_t\":\"a\\nb\"")
	d.publish("a", odd)
	text, _ := d.export(d.by, export.Options{Form: export.Lines})
	if strings.Count(text, "\n") != 1 || strings.Contains(text, "\r") {
		t.Fatalf("not one line: %q", text)
	}
	want, err := stix.Digest([]byte(odd))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := stix.Digest([]byte(strings.TrimSpace(text))); err != nil || got != want {
		t.Errorf("the line is another object: %s, %v", text, err)
	}
}

func TestVersionsAndCollections(t *testing.T) {
	d := newDesk(t)
	d.publish("a", note(march, ""), note(april, ""))
	d.publish("b", note(march, ""))
	for why, c := range map[string]struct {
		o    export.Options
		want int
	}{
		"all versions, each once": {export.Options{}, 2},
		"the latest alone":        {export.Options{Latest: true, Collections: []string{"a"}}, 1},
		"one collection":          {export.Options{Collections: []string{"b"}}, 1},
		"the same one twice":      {export.Options{Collections: []string{"b", "b"}}, 1},
	} {
		c.o.Form = export.Lines
		if text, n := d.export(d.by, c.o); n != c.want || strings.Count(text, "\n") != c.want {
			t.Errorf("%s: %d objects, want %d: %s", why, n, c.want, text)
		}
	}
}

func TestReaderSeesWhatIsGranted(t *testing.T) {
	d := newDesk(t)
	d.publish("a", note(march, ""))
	nobody := account.Principal{Account: "bo", Org: "CERT Example", Own: true, Role: account.Contributor}
	if text, n := d.export(nobody, export.Options{Form: export.Bundle}); n != 0 || strings.Contains(text, "objects") {
		t.Errorf("without a grant: %d objects: %s", n, text)
	}
	for _, name := range []string{"a", "none"} {
		_, err := export.Write(t.Context(), &bytes.Buffer{}, d.View(nobody), export.Options{Form: export.Bundle, Collections: []string{name}})
		if !errors.Is(err, exchange.ErrNotFound) {
			t.Errorf("collection %s without a grant: %v, want ErrNotFound", name, err)
		}
	}
}
