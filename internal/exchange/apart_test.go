package exchange_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/format/months"
	"entente/internal/store"
	"entente/internal/store/pebble"
)

// What was given another class so lately that no follower knows where it stood before
// leaves its words in no backup either.
func TestWhatMovedLatelyLeavesNoWords(t *testing.T) {
	h := build(t)
	h.kept(private, 30)
	h.publish(h.operator, object(1, t1, private, `,"abstract":"bob@example.org"`), object(2, t1, green, ``))
	access, err := h.x.View(h.operator).Collection("c")
	if err != nil {
		t.Fatal(err)
	}
	c := access.Number
	rows := map[int]store.Row{}
	for n, id := range []string{"note--00000000-0000-4000-8000-000000000001", "note--00000000-0000-4000-8000-000000000002"} {
		got, err := h.store.Versions(t.Context(), c, id, store.AllClasses())
		if err != nil || len(got) != 1 {
			t.Fatal(got, err)
		}
		rows[n] = got[0]
	}
	was := rows[0]
	commit := func(b *store.Batch) {
		t.Helper()
		if _, err := h.store.Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	commit(&store.Batch{Postings: []store.Posting{{Run: 1, Field: 1, Term: "bob", Collection: c, Class: was.Class, Added: []store.Tick{was.Added}},
		{Run: 1, Field: 1, Term: "other", Collection: c, Class: rows[1].Class, Added: []store.Tick{rows[1].Added}}}})
	commit(&store.Batch{Reclasses: []store.Reclass{{Collection: c, Added: was.Added, Class: h.store.Classes()[rows[1].Class]}}})

	dir := filepath.Join(t.TempDir(), "laid")
	l, err := pebble.Lay(nil, dir)
	if err != nil {
		t.Fatal(err)
	}
	var part bytes.Buffer
	take := func(ctx context.Context, copied store.Copy) error {
		return h.x.KeepApart(ctx, copied, months.Of(time.Now()), func(_ months.Month, objects int) (io.Writer, error) {
			if objects != 1 {
				t.Errorf("%d objects are kept apart; want 1", objects)
			}
			return &part, nil
		})
	}
	_, err = h.store.BackupWithout(t.Context(), take, func(p store.Part) error {
		r, err := p.Open()
		if err != nil {
			return err
		}
		defer r.Close()
		return l.Add(p.Name, r)
	})
	if err := errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(part.Bytes(), []byte("bob@example.org")) {
		t.Error("the part has not what is kept apart")
	}
	s, err := pebble.Open(t.Context(), dir, pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	p, err := s.Postings(store.Scope{c: store.AllClasses()})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var words []string
	if err := p.Begins(t.Context(), 1, 1, "", func(p *store.Posting) bool { words = append(words, p.Term); return true }); err != nil {
		t.Fatal(err)
	}
	if len(words) != 1 || words[0] != "other" {
		t.Errorf("the backup has the words %q; want other alone", words)
	}
	if _, err := h.x.View(h.operator).Page(t.Context(), "c", exchange.Query{Limit: 1}); err != nil {
		t.Errorf("the exchange itself: %v", err)
	}
}
