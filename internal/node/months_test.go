package node_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/format/backup"
	"entente/internal/node"
	"entente/internal/store"
	"entente/stix"
)

// dated is a node whose clock is the test's.
type dated struct {
	*node.Node
	t     *testing.T
	clock atomic.Pointer[time.Time]
}

func (d *dated) now() time.Time  { return *d.clock.Load() }
func (d *dated) set(t time.Time) { d.clock.Store(&t) }

func openDated(t *testing.T, dir string, now time.Time) *dated {
	t.Helper()
	d := &dated{t: t}
	d.set(now)
	n, err := node.Open(t.Context(), dir, node.Options{Now: d.now})
	if err != nil {
		t.Fatal(err)
	}
	d.Node = n
	t.Cleanup(func() { n.Close() })
	return d
}

func (d *dated) publish(objects ...stix.Object) {
	d.t.Helper()
	results, err := d.Exchange.Publish(d.t.Context(), d.Operator(), exchange.Publication{Collection: "default", Objects: objects})
	if err != nil {
		d.t.Fatal(err)
	}
	for _, r := range results {
		if r.Verdict == exchange.Refused {
			d.t.Fatalf("refused: %v", r.Reason)
		}
	}
}

// markedNote is a note under a marking that gives it some days.
func (d *dated) markedNote(number, days int, text string) {
	d.t.Helper()
	id := fmt.Sprintf("marking-definition--%08d-7777-4777-8777-777777777777", days)
	read := func(text string) stix.Object {
		o, err := stix.Read([]byte(text))
		if err != nil {
			d.t.Fatal(err)
		}
		return o
	}
	d.publish(read(fmt.Sprintf(`{"type":"marking-definition","spec_version":"2.1","id":%q,"created":"2020-01-01T00:00:00.000Z","extensions":{"extension-definition--f64497da-bf8d-4941-bc8c-fc538ba3df35":{"extension_type":"property-extension","personal_data":true,"retention_days":%d}}}`, id, days)),
		read(strings.Replace(string(noteOf(d.t, number, text).Raw), `"content"`, `"object_marking_refs":["`+id+`"],"content"`, 1)))
}

func (d *dated) backup(base *backup.Manifest) ([]byte, backup.Manifest) {
	d.t.Helper()
	var archive bytes.Buffer
	m, err := d.Backup(d.t.Context(), &archive, base)
	if err != nil {
		d.t.Fatal(err)
	}
	if got, err := backup.Read(bytes.NewReader(archive.Bytes()), nil); err != nil || got.ID != m.ID {
		d.t.Fatalf("the backup is not whole: %v", err)
	}
	return archive.Bytes(), m
}

// restoredFrom restores a node, which must agree with itself, and opens it.
func restoredFrom(t *testing.T, now time.Time, folder string, archive []byte, earlier ...[]byte) (*dated, node.Restored) {
	t.Helper()
	o := node.RestoreOptions{Months: folder, Now: now}
	for _, e := range earlier {
		o.Earlier = append(o.Earlier, bytes.NewReader(e))
	}
	dir := filepath.Join(t.TempDir(), "node")
	made, err := node.Restore(t.Context(), dir, bytes.NewReader(archive), o)
	if err != nil {
		t.Fatal(err)
	}
	d := openDated(t, dir, now)
	if err := d.Store.Verify(t.Context(), func(p string) { t.Error(p) }); err != nil {
		t.Fatal(err)
	}
	return d, made
}

// notes are the numbers of the notes that a curator sees.
func (d *dated) notes() (list []string) {
	d.t.Helper()
	page, err := d.Exchange.View(d.Operator()).Page(d.t.Context(), "default", exchange.Query{Limit: 1000, Types: []string{"note"}, Versions: store.VersionFilter{All: true}})
	if err != nil {
		d.t.Fatal(err)
	}
	defer page.Close()
	for i := range page.Len() {
		list = append(list, strings.TrimLeft(strings.Split(page.ID(i), "-")[2], "0"))
	}
	return list
}

func (d *dated) keptUntil() map[string]time.Time {
	d.t.Helper()
	r, err := d.Exchange.PersonalReport(d.t.Context(), d.Operator(), exchange.AskPersonal{Limit: 100, Agreement: d.Agreements.Edition})
	if err != nil {
		d.t.Fatal(err)
	}
	until := map[string]time.Time{}
	for _, h := range r.Held {
		if h.KeptUntil != nil {
			until[h.Object] = *h.KeptUntil
		}
	}
	return until
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v; want %v", what, got, want)
	}
}

func monthsTold(made node.Restored) (text string) {
	for _, m := range made.Months {
		text += fmt.Sprintf("%s %d %v %s; ", m.Month, m.Objects, m.Restored, m.Reason)
	}
	return text
}

var december = time.Date(2026, 12, 10, 12, 0, 0, 0, time.UTC)

// What is to be erased comes back from a backup with its key, due as before; without the
// key, or once its month is over, from no backup that was ever made, whole or in parts.
func TestBackupsForgetWithTheirMonths(t *testing.T) {
	dir, _ := newNode(t)
	d := openDated(t, dir, december)
	text := "the lure went to " + erasedMark + "@mail.example and spoke of " + erasedMark
	for i := range 20 {
		d.publish(noteOf(t, 100+i, "nobody in particular"))
	}
	d.markedNote(1, 30, text)                    // until 9 January
	d.markedNote(2, 90, "seen by bob@b.example") // until 10 March
	d.publish(noteOf(t, 3, "nobody"))
	indexed(t, d.Node)
	if err := d.Store.Erase(t.Context(), nil); err != nil { // all of it into sorted files
		t.Fatal(err)
	}
	if len(holders(t, dir)) == 0 {
		t.Fatal("no file of the node holds the text: the test proves nothing")
	}
	full, m := d.backup(nil)
	d.publish(noteOf(t, 4, "later"))
	next, _ := d.backup(&m)
	for _, archive := range [][]byte{full, next} {
		if bytes.Contains(bytes.ToLower(archive), []byte(erasedMark)) {
			t.Error("the archive holds the text in the clear")
		}
	}
	same(t, "what is kept apart", monthsOfManifest(m), "2027-01 1; 2027-03 1; ")
	all, due := d.notes(), d.keptUntil()
	if len(due) != 2 || len(all) != 24 {
		t.Fatalf("%v are due, of %v", due, all)
	}
	folder := filepath.Join(dir, "months")

	whole, made := restoredFrom(t, december, folder, next, full)
	same(t, "with the key", monthsTold(made), "2027-01 1 true ; 2027-03 1 true ; ")
	same(t, "its notes", whole.notes(), all)
	same(t, "due", whole.keptUntil(), due)
	indexed(t, whole.Node)
	if len(holders(t, whole.Dir)) == 0 {
		t.Error("it came back, and no file has it")
	}

	none, made := restoredFrom(t, december, "", next, full)
	same(t, "without a key", monthsTold(made), "2027-01 1 false its key is not there; 2027-03 1 false its key is not there; ")
	same(t, "its notes", len(none.notes()), 22)
	if left := holders(t, none.Dir); len(left) > 0 {
		t.Errorf("without the key the text is in %v", left)
	}

	// The month passes: what was due is erased, and with the key from the backups.
	d.set(time.Date(2027, 2, 1, 0, 1, 0, 0, time.UTC))
	if n, err := d.Exchange.EraseDue(t.Context(), d.now()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := d.Exchange.EraseFromDisk(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	later, m := d.backup(nil)
	same(t, "what is kept apart later", monthsOfManifest(m), "2027-03 1; ")
	for name, chain := range map[string][][]byte{"full": {full}, "incremental": {next, full}, "later": {later}} {
		after, made := restoredFrom(t, d.now(), folder, chain[0], chain[1:]...)
		if want := "2027-01 1 false its key is destroyed; 2027-03 1 true ; "; name != "later" {
			same(t, name, monthsTold(made), want)
		}
		if left := holders(t, after.Dir); len(left) > 0 {
			t.Errorf("%s: the text is back in %v", name, left)
		}
		if until := after.keptUntil(); len(until) != 1 {
			t.Errorf("%s: due are %v; want the one of March", name, until)
		}
	}
	if left := holders(t, dir); len(left) > 0 {
		t.Errorf("the node still has it in %v", left)
	}
}

func monthsOfManifest(m backup.Manifest) (text string) {
	for _, one := range m.Months {
		text += fmt.Sprintf("%s %d; ", one.Month, one.Objects)
	}
	return text
}

// A key is destroyed only once nothing of its month is left to be erased.
func TestAKeyStaysWhileItsMonthIsNotErased(t *testing.T) {
	dir, _ := newNode(t)
	d := openDated(t, dir, december)
	d.markedNote(1, 30, "seen by bob@b.example")
	d.backup(nil)
	key := filepath.Join(dir, "months", "key")
	before, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file is %v, %v", info.Mode(), err)
	}
	if info, err := os.Stat(filepath.Dir(key)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the key's folder is %v, %v", info.Mode(), err)
	}
	d.set(time.Date(2027, 1, 20, 0, 0, 0, 0, time.UTC)) // due since eleven days
	d.backup(nil)
	if now, _ := os.ReadFile(key); !bytes.Contains(now, []byte(" 2027-01 ")) || bytes.Equal(now, before) {
		t.Errorf("in January, with something of January due, the key is %.40q", now)
	}
	d.set(time.Date(2027, 2, 20, 0, 0, 0, 0, time.UTC))
	d.backup(nil)
	if now, _ := os.ReadFile(key); !bytes.Contains(now, []byte(" 2027-01 ")) {
		t.Errorf("with something of January left the key is %.40q", now)
	}
	if n, err := d.Exchange.EraseDue(t.Context(), d.now()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	d.backup(nil)
	if now, _ := os.ReadFile(key); !bytes.Contains(now, []byte(" 2027-02 ")) {
		t.Errorf("with nothing of January left the key is %.40q", now)
	}
}

// What was erased because somebody asked does not come back with a backup from before,
// and what came anew afterwards stays.
func TestWhatWasErasedOnRequestDoesNotComeBack(t *testing.T) {
	dir, _ := newNode(t)
	d := openDated(t, dir, december)
	d.publish(noteOf(t, 1, "seen by bob@b.example"), noteOf(t, 2, "nobody"), noteOf(t, 3, "seen by eve@b.example"))
	archive, _ := d.backup(nil)
	gone := []string{"note--00000001-0000-4000-8000-000000000000", "note--00000003-0000-4000-8000-000000000000"}
	if n, err := d.Exchange.EraseObjects(t.Context(), d.Operator(), gone); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	d.publish(noteOf(t, 3, "brought again"))
	again, _ := d.backup(nil)
	folder := filepath.Join(dir, "months")
	for name, c := range map[string]struct {
		archive []byte
		folder  string
		erased  int
		want    []string
	}{
		"before, with the list":    {archive, folder, 2, []string{"2"}},
		"before, without the list": {archive, "", 0, []string{"1", "2", "3"}},
		"after":                    {again, folder, 0, []string{"2", "3"}},
	} {
		r, made := restoredFrom(t, december, c.folder, c.archive)
		same(t, name, made.Erased, c.erased)
		same(t, name, r.notes(), c.want)
		if kept, _ := os.ReadFile(filepath.Join(r.Dir, "months", "erased")); c.folder != "" && bytes.Count(kept, []byte("\n")) != 2 {
			t.Errorf("%s: the restored node goes on with %q", name, kept)
		}
	}
}

// The key of another node is refused, as is a part that is damaged; nothing is left.
func TestKeptApartWithAnotherKeyOrDamaged(t *testing.T) {
	dir, _ := newNode(t)
	d := openDated(t, dir, december)
	d.markedNote(1, 30, "seen by bob@b.example")
	archive, _ := d.backup(nil)
	otherDir, _ := newNode(t)
	other := openDated(t, otherDir, december)
	other.markedNote(1, 30, "seen by bob@b.example")
	other.backup(nil)
	at := filepath.Join(t.TempDir(), "node")
	_, err := node.Restore(t.Context(), at, bytes.NewReader(archive), node.RestoreOptions{Months: filepath.Join(otherDir, "months")})
	if !errors.Is(err, exchange.ErrInvalid) {
		t.Errorf("with another node's key: %v", err)
	}
	if _, err := os.Stat(at); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it left %s (%v)", at, err)
	}
	damaged := bytes.Clone(archive)
	damaged[places(t, archive)["months/2027-01"]+50] ^= 1
	if err := restoreFails(t, t.Context(), bytes.NewReader(damaged)); !errors.Is(err, backup.ErrDamaged) {
		t.Errorf("with a part damaged, and no key: %v", err)
	}
}

// A node without anything that is to be erased makes backups as older programs read
// them, and no key.
func TestWithoutAnythingToEraseBackupsAreAsBefore(t *testing.T) {
	dir, _ := newNode(t)
	d := openDated(t, dir, december)
	d.publish(noteOf(t, 1, "seen by bob@b.example"))
	_, m := d.backup(nil)
	if m.Format != 1 || len(m.Months) > 0 {
		t.Errorf("its format is %d, with %v", m.Format, m.Months)
	}
	if _, err := os.Stat(filepath.Join(dir, "months")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it has a folder of months (%v)", err)
	}
	d.markedNote(2, 30, "seen by bob@b.example")
	if _, m = d.backup(nil); m.Format != 2 || len(m.Months) != 1 {
		t.Errorf("its format is %d, with %v", m.Format, m.Months)
	}
	if _, err := d.Backup(t.Context(), failingWriter{}, nil); err == nil {
		t.Error("a backup that cannot be written is one")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "months", ".part-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
