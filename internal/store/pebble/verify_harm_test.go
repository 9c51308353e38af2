package pebble

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/store"
)

// Verify must find what no checksum can: rows that are as they were written
// and do not agree. Each sort of row is lost, altered and added once.
func TestVerifyFindsEachRowThatDisagrees(t *testing.T) {
	for _, kind := range []byte{
		kindBody, kindMember, kindByClass, kindID, kindValue, kindEdge, kindStep, kindCount, kindClass, kindLeaf, kindHash,
	} {
		for _, harm := range []struct {
			name string
			do   func(db *pebble.DB, key, value []byte) error
			not  string // kinds in which it does no harm
		}{
			{"lost", func(db *pebble.DB, key, _ []byte) error { return db.Delete(key, pebble.Sync) }, ""},
			{"altered", func(db *pebble.DB, key, value []byte) error {
				changed := bytes.Clone(value)
				changed[0] ^= 1
				return db.Set(key, changed, pebble.Sync)
			}, "kvc"}, // the first two have no value, and a class may have any name
			{"added behind", func(db *pebble.DB, key, value []byte) error {
				other := bytes.Clone(key)
				other[len(other)-1] += 100
				return db.Set(other, value, pebble.Sync)
			}, "c"}, // a class more is only a class without rows
			{"added before", func(db *pebble.DB, key, value []byte) error {
				other := bytes.Clone(key)
				other[len(other)-2]--
				return db.Set(other, value, pebble.Sync)
			}, "c"},
		} {
			if strings.IndexByte(harm.not, kind) >= 0 {
				continue
			}
			t.Run(fmt.Sprintf("%c %s", kind, harm.name), func(t *testing.T) {
				fs := vfs.NewMem()
				s := openToHarm(t, fs)
				writeEachKind(t, s)
				key, value := oneRow(t, s, kind)
				if err := harm.do(s.db, key, value); err != nil {
					t.Fatal(err)
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				problems, err := problemsOf(fs)
				if len(problems) == 0 && err == nil {
					t.Errorf("row %x was %s, and Verify is silent", key, harm.name)
				}
				for _, p := range problems {
					if strings.TrimSpace(p) == "" {
						t.Error("a problem is told without a word")
					}
				}
			})
		}
	}
}

// atNoon is a clock that stands.
func atNoon() time.Time { return time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC) }

func openToHarm(t *testing.T, fs vfs.FS) *Store {
	t.Helper()
	s, err := Open(context.Background(), "data", Options{FS: fs, CacheBytes: 1 << 20, Now: atNoon})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// writeEachKind makes a store that has rows of every sort, none of which is
// there by half.
func writeEachKind(t *testing.T, s *Store) {
	t.Helper()
	put := func(c store.Collection, name, version, text string) store.Put {
		body := fmt.Sprintf("%s %s %s", name, version, text)
		return store.Put{
			Collection: c, ID: "indicator--0f5a3c1e-7b7f-4c6e-9d50-" + name, Version: version, Spec: "2.1",
			Source: "A", Class: "green", Digest: sha256.Sum256([]byte(body)), Body: []byte(body),
			Values: []store.Value{{Kind: 2, Text: name + ".example"}}, Edges: []store.Ref{{Path: "x_ref", ID: "malware--1"}},
		}
	}
	const one, two = "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"
	a, b, c := "000000000001", "000000000002", "000000000003"
	out := commitToHarm(t, s, &store.Batch{
		Puts: []store.Put{put(1, a, one, ""), put(1, a, two, ""), put(2, a, one, ""), put(1, b, one, ""), put(1, c, one, ""), put(1, c, one, "conflict")},
		Then: func(tx store.Tx, _ []store.Outcome) error {
			for i := range byte(5) {
				tx.AppendLeaf([32]byte{i}, []byte{i})
			}
			return nil
		},
	})
	commitToHarm(t, s, &store.Batch{
		Removes:   []store.Remove{{Collection: 1, Added: out[3].Added}},
		Reclasses: []store.Reclass{{Collection: 1, Added: out[4].Added, Class: "red"}},
	})
}

func commitToHarm(t *testing.T, s *Store, b *store.Batch) []store.Outcome {
	t.Helper()
	out, err := s.Commit(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// oneRow is the first row of a kind.
func oneRow(t *testing.T, s *Store, kind byte) (key, value []byte) {
	t.Helper()
	err := each(s.db, []byte{kind}, func(k, v []byte) error {
		if key == nil {
			key, value = bytes.Clone(k), bytes.Clone(v)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if key == nil {
		t.Fatalf("there is no row of kind %c", kind)
	}
	return key, value
}

// problemsOf is what a check of the store tells; opening may find it, too.
func problemsOf(fs vfs.FS) (problems []string, err error) {
	s, err := Open(context.Background(), "data", Options{FS: fs, CacheBytes: 1 << 20, Now: atNoon})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	err = s.Verify(context.Background(), func(p string) { problems = append(problems, p) })
	return problems, err
}

// A store that Verify is silent about stays so.
func TestVerifyIsSilentAboutASoundStore(t *testing.T) {
	fs := vfs.NewMem()
	s := openToHarm(t, fs)
	writeEachKind(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if problems, err := problemsOf(fs); len(problems) > 0 || err != nil {
		t.Errorf("%q, %v", problems, err)
	}
}
