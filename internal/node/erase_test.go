package node_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/node"
	"entente/internal/practice/seen"
	"entente/internal/store"
	"entente/stix"
)

// erasedMark is in no other object: as a word, in an address and as an id's end.
const erasedMark = "qxmarker7kw2pf9tjzv"

func noteOf(t *testing.T, n int, text string) stix.Object {
	t.Helper()
	o, err := stix.Read(fmt.Appendf(nil, `{"type":"note","spec_version":"2.1","id":"note--%08d-0000-4000-8000-000000000000","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","content":%q,"object_refs":["note--00000000-0000-4000-8000-000000000000"]}`, n, text))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// holders lists the files below a folder that hold the mark.
func holders(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) || err == nil && !d.Type().IsRegular() {
			return nil
		}
		content, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			return nil
		}
		if bytes.Contains(bytes.ToLower(content), []byte(erasedMark)) {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// indexed waits until all followers have taken what there is.
func indexed(t *testing.T, n *node.Node) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		states, err := n.Exchange.Followers()
		if err != nil {
			t.Fatal(err)
		}
		behind := false
		for _, s := range states {
			behind = behind || s.Waits != 0
		}
		if !behind {
			return
		}
		<-tick.C
	}
	t.Fatal("the followers do not end")
}

// What is overdue when a node begins to serve, as what a restored backup brought back,
// is gone before anybody can ask.
func TestWhatIsOverdueIsNotServed(t *testing.T) {
	dir, _ := newNode(t)
	n, err := node.Open(t.Context(), dir, node.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	const ended = "marking-definition--77777777-7777-4777-8777-777777777777"
	marking, err := stix.Read([]byte(`{"type":"marking-definition","spec_version":"2.1","id":"` + ended + `","created":"2020-01-01T00:00:00.000Z","extensions":{"extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a":{"extension_type":"property-extension","iep_version":2.0,"name":"n","iep_id":"5b1b0e3e-3b5c-4f0d-9b0a-1b1b0e3e3b5c","start_date":"2020-01-01T00:00:00Z","end_date":"2021-01-01T00:00:00Z","encrypt_in_transit":"may","permitted_actions":"externally-visible-direct-actions","affected_party_notifications":"may","tlp":"green","provider_attribution":"may","unmodified_resale":"may"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	late, err := stix.Read([]byte(strings.Replace(string(noteOf(t, 1, "seen by bob@example.org").Raw), `"content"`, `"object_marking_refs":["`+ended+`"],"content"`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Exchange.Publish(t.Context(), n.Operator(), exchange.Publication{Collection: "default", Objects: []stix.Object{marking, late, noteOf(t, 2, "nobody")}}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	left := -1
	err = n.Serve(ctx, node.ServeOptions{Listen: "127.0.0.1:0", Ready: func(string) {
		defer stop()
		page, err := n.Exchange.View(n.Operator()).Page(ctx, "default", exchange.Query{Limit: 10, Types: []string{"note"}})
		if err != nil {
			t.Error(err)
			return
		}
		defer page.Close()
		left = page.Len()
	}})
	if err != nil || left != 1 {
		t.Errorf("%d notes are served, %v; want one", left, err)
	}
}

// What is erased from a node that serves is in none of its files any more: neither the
// object nor its words, its values, what was kept aside, or what it was called. The
// store compresses; that the mark is found before shows that this does not hide it.
func TestWhatIsErasedIsInNoFile(t *testing.T) {
	n, _ := serveNode(t)
	publish := func(objects ...stix.Object) {
		t.Helper()
		if _, err := n.Exchange.Publish(t.Context(), n.Operator(), exchange.Publication{Collection: "default", Objects: objects}); err != nil {
			t.Fatal(err)
		}
	}
	var others []stix.Object
	for i := range 500 {
		others = append(others, noteOf(t, i, fmt.Sprintf("nobody in particular, number %d", i)))
	}
	publish(others...)
	text := "the lure went to " + erasedMark + "@mail.example and spoke of " + erasedMark
	publish(noteOf(t, 1000, text), noteOf(t, 1001, "seen by bob@example.org"))
	publish(noteOf(t, 1000, text+" again")) // other content under the version, kept aside
	indexed(t, n)
	if err := n.Store.Erase(t.Context(), nil); err != nil { // all of it into sorted files
		t.Fatal(err)
	}
	set := filepath.Join(n.Dir, node.ScanDir, "operator.set") // as entente scan keeps it
	if err := errors.Join(os.Mkdir(filepath.Dir(set), 0o700), os.WriteFile(set, []byte(erasedMark), 0o600)); err != nil {
		t.Fatal(err)
	}
	hit := func(tx store.Tx) error {
		return store.SetJSON(tx, seen.Tables[0], "note--00001000-0000-4000-8000-000000000000\x00"+erasedMark, erasedMark)
	}
	if err := n.Exchange.Keep(t.Context(), hit); err != nil {
		t.Fatal(err)
	}
	if before := holders(t, n.Dir); len(before) == 0 || !slices.Contains(before, set) {
		t.Fatal("no file holds what is to be erased: the test proves nothing")
	}
	gone, err := n.Exchange.EraseObjects(t.Context(), n.Operator(), []string{"note--00001000-0000-4000-8000-000000000000"})
	if err != nil || gone != 1 {
		t.Fatal(gone, err)
	}
	if off, err := n.Exchange.EraseFromDisk(t.Context()); err != nil || off != 1 {
		t.Fatal(off, err)
	}
	if after := holders(t, n.Dir); len(after) > 0 {
		t.Errorf("it is still in %q", after)
	}
	page, err := n.Exchange.View(n.Operator()).Page(t.Context(), "default", exchange.Query{Limit: 1000, Versions: store.VersionFilter{All: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	if page.Len() != 501 {
		t.Errorf("%d objects are left; want 501", page.Len())
	}
	if err := n.Store.Verify(t.Context(), func(p string) { t.Error(p) }); err != nil {
		t.Fatal(err)
	}
}
