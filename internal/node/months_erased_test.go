package node_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/node"
)

// markedText is a note's content that is found as words, as an address and in the clear.
const markedText = "the lure went to " + erasedMark + "@mail.example and spoke of " + erasedMark

// What was removed and is still on the disk is in no backup, and whoever restores one
// has none of it: whether or not there is anything else to be kept apart, and however it
// was removed.
func TestBackupsHaveNothingOfWhatIsStillOnTheDisk(t *testing.T) {
	id := noteOf(t, 1, "").ID
	january := func(d *dated) { d.set(time.Date(2027, 2, 1, 0, 1, 0, 0, time.UTC)) }
	ways := map[string]func(d *dated) (int, error){
		"its time was over": func(d *dated) (int, error) {
			january(d)
			return d.Exchange.EraseDue(t.Context(), d.now())
		},
		"somebody asked": func(d *dated) (int, error) {
			return d.Exchange.EraseObjects(t.Context(), d.Operator(), []string{id})
		},
		"it was recalled": func(d *dated) (int, error) {
			return d.Exchange.Recall(t.Context(), d.Operator(), "default", id, exchange.Query{})
		},
	}
	for name, remove := range ways {
		for _, another := range []bool{false, true} {
			dir, _ := newNode(t)
			d := openDated(t, dir, december)
			d.markedNote(1, 30, markedText) // until 9 January
			want := ""
			if another {
				d.markedNote(2, 90, "seen by bob@b.example") // until 10 March
				want = "2027-03 1; "
			}
			indexed(t, d.Node)
			if err := d.Store.Erase(t.Context(), nil); err != nil { // all of it into sorted files
				t.Fatal(err)
			}
			if n, err := remove(d); n != 1 || err != nil {
				t.Fatal(name, n, err)
			}
			if len(holders(t, dir)) == 0 {
				t.Fatal("no file of the node holds the text: the test proves nothing")
			}
			archive, m := d.backup(nil)
			same(t, name, monthsOfManifest(m), want)
			none, _ := restoredFrom(t, d.now(), "", archive)
			if left := holders(t, none.Dir); len(left) > 0 {
				t.Errorf("%s, another %v: the text is in %v of what is restored", name, another, left)
			}
			if bytes.Contains(bytes.ToLower(archive), []byte(erasedMark)) {
				t.Errorf("%s, another %v: the archive holds the text", name, another)
			}
		}
	}
}

// What has a time and goes before that, for another reason, is taken off the disk too.
func TestWhatHadATimeGoesFromTheDiskHoweverItWent(t *testing.T) {
	ways := map[string]func(d *dated){
		"recalled": func(d *dated) {
			if n, err := d.Exchange.Recall(t.Context(), d.Operator(), "default", noteOf(t, 1, "").ID, exchange.Query{}); n != 1 || err != nil {
				t.Fatal(n, err)
			}
		},
		"beyond a limit": func(d *dated) {
			keep := func(l *exchange.Limits) { l.Keep = 24 * time.Hour }
			if _, err := d.Exchange.SetLimits(t.Context(), d.Operator(), "default", keep); err != nil {
				t.Fatal(err)
			}
			d.set(d.now().Add(48 * time.Hour))
			if n, err := d.Exchange.Retain(t.Context(), d.now()); n == 0 || err != nil {
				t.Fatal(n, err)
			}
		},
		"its collection was removed": func(d *dated) {
			if err := d.Exchange.RemoveCollection(t.Context(), d.Operator(), "default", math.MaxInt64); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, remove := range ways {
		dir, _ := newNode(t)
		d := openDated(t, dir, december)
		d.markedNote(1, 30, markedText)
		indexed(t, d.Node)
		if err := d.Store.Erase(t.Context(), nil); err != nil { // all of it into sorted files
			t.Fatal(err)
		}
		remove(d)
		archive, _ := d.backup(nil) // a collection's objects may still be there
		none, _ := restoredFrom(t, d.now(), "", archive)
		if left := holders(t, none.Dir); len(left) > 0 {
			t.Errorf("%s: the text is in %v of what is restored", name, left)
		}
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		off := 0
		for range 500 {
			n, err := d.Exchange.EraseFromDisk(t.Context())
			if err != nil {
				t.Fatal(name, err)
			}
			if off += n; off > 0 {
				break
			}
			<-tick.C
		}
		if left := holders(t, dir); off != 1 || len(left) > 0 {
			t.Errorf("%s: %d are off the disk, and the text is in %v", name, off, left)
		}
	}
}

// A key that was being written when the node was killed goes at the next start, and with
// the months that pass; that it cannot be removed is an error.
func TestAKeyThatWasBeingWrittenGoes(t *testing.T) {
	dir, _ := newNode(t)
	d := openDated(t, dir, december)
	d.markedNote(1, 200, "seen by bob@b.example")
	d.backup(nil)
	folder := filepath.Join(dir, "months")
	key, err := os.ReadFile(filepath.Join(folder, "key"))
	if err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(folder, ".new-123")
	killed := func() {
		if err := os.WriteFile(left, key, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	gone := func(when string) {
		if _, err := os.Stat(left); !os.IsNotExist(err) {
			t.Errorf("%s the key is still there (%v)", when, err)
		}
	}
	killed()
	d.Close()
	d = openDated(t, dir, december)
	gone("after a start")
	killed()
	d.backup(nil)
	gone("after a backup within the month")
	killed()
	d.set(time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC))
	d.backup(nil)
	gone("after the month")
	if err := os.MkdirAll(filepath.Join(left, "kept"), 0o700); err != nil { // no removal of a file removes it
		t.Fatal(err)
	}
	if _, err := d.Backup(t.Context(), &bytes.Buffer{}, nil); err == nil {
		t.Error("a backup passes months, and what was left of a key stays without a word")
	}
}

// A list of what was erased that cannot be read keeps nothing from being noted: what can
// be read goes on, the rest is kept, and a restore asks for it. While nothing can be noted
// the store is not written anew for nothing.
func TestAnUnreadableListOfWhatWasErased(t *testing.T) {
	dir, _ := newNode(t)
	d := openDated(t, dir, december)
	d.publish(noteOf(t, 1, "seen by bob@b.example"), noteOf(t, 2, "nobody"))
	archive, _ := d.backup(nil)
	folder := filepath.Join(dir, "months")
	file := filepath.Join(folder, "erased")
	if err := os.MkdirAll(file, 0o700); err != nil { // no file can be written there
		t.Fatal(err)
	}
	if _, err := d.Exchange.EraseObjects(t.Context(), d.Operator(), []string{noteOf(t, 1, "").ID}); err == nil {
		t.Error("that it could not be noted was not said")
	}
	indexed(t, d.Node)
	before := d.Store.Now()
	if n, err := d.Exchange.EraseFromDisk(t.Context()); n != 0 || err == nil || d.Store.Now() != before {
		t.Errorf("%d were taken off the disk, %v; the store went from %d to %d", n, err, before, d.Store.Now())
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	readable := `{"id":"` + noteOf(t, 2, "").ID + `","before":9000000000000000,"at":"2026-12-01T00:00:00Z"}` + "\n"
	if err := os.WriteFile(file, []byte("?\n"+readable), 0o600); err != nil {
		t.Fatal(err)
	}
	if n, err := d.Exchange.EraseFromDisk(t.Context()); n != 1 || err != nil {
		t.Errorf("%d were taken off the disk, %v", n, err)
	}
	list, _ := os.ReadFile(file)
	if !strings.HasPrefix(string(list), readable) || !strings.Contains(string(list), noteOf(t, 1, "").ID) {
		t.Errorf("it goes on with %q", list)
	}
	aside, _ := filepath.Glob(file + ".damaged-*")
	if len(aside) != 1 {
		t.Fatalf("put aside: %v", aside)
	}
	if text, _ := os.ReadFile(aside[0]); string(text) != "?\n"+readable {
		t.Errorf("put aside: %q", text)
	}
	o := node.RestoreOptions{Months: folder, Now: december}
	at := filepath.Join(t.TempDir(), "node")
	if _, err := node.Restore(t.Context(), at, bytes.NewReader(archive), o); err == nil || !strings.Contains(err.Error(), aside[0]) {
		t.Errorf("restored without what cannot be read: %v", err)
	}
	if err := os.Remove(aside[0]); err != nil {
		t.Fatal(err)
	}
	r, made := restoredFrom(t, december, folder, archive)
	same(t, "erased again", made.Erased, 2)
	same(t, "its notes", len(r.notes()), 0)
}

// Whoever asks is somebody, whatever the name of the account.
func TestAnAccountNamedRetentionCanAsk(t *testing.T) {
	dir, _ := newNode(t)
	d := openDated(t, dir, december)
	d.publish(noteOf(t, 1, "seen by bob@b.example"))
	by := d.Operator()
	by.Account = "retention"
	if n, err := d.Exchange.EraseObjects(t.Context(), by, []string{noteOf(t, 1, "").ID}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if list, err := os.ReadFile(filepath.Join(dir, "months", "erased")); !strings.Contains(string(list), noteOf(t, 1, "").ID) {
		t.Errorf("noted is %q (%v)", list, err)
	}
}
