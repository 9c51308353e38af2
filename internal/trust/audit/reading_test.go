package audit_test

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"entente/internal/store"
	"entente/internal/trust/audit"
)

// A reading holds what was added to it, in any order, and is read as it was
// written; merging is the union.
func TestReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ticks := rapid.SliceOfN(rapid.Int64Range(1, 60), 0, 40)
		footing := rapid.Byte().Draw(t, "footing")
		a, b := ticks.Draw(t, "a"), ticks.Draw(t, "b")
		read := func(list []int64) *audit.Reading {
			r := &audit.Reading{Collection: 7, By: audit.Reader{ID: "i d", Account: "ana", Org: "Örg"}, From: 5, Until: 9, Footing: audit.FootingID{footing}}
			for _, at := range list {
				r.Objects.Add(store.Tick(at))
				r.Names.Add(store.Tick(at * 3))
				r.Asides = append(r.Asides, audit.Aside{ID: "note--" + strconv.Itoa(int(at)), Version: "v", Digest: [32]byte{byte(at)}})
			}
			r.Order()
			return r
		}
		one := read(a)
		one.Merge(read(b))
		in := map[int64]bool{}
		for _, at := range append(a, b...) {
			in[at] = true
		}
		for at := range int64(62) {
			if one.Objects.Has(store.Tick(at)) != in[at] || one.Names.Has(store.Tick(at*3)) != in[at] {
				t.Fatalf("%d: in the set %v, wanted %v", at, one.Objects.Has(store.Tick(at)), in[at])
			}
		}
		if len(one.Asides) != len(in) {
			t.Fatalf("%d kept aside, wanted %d", len(one.Asides), len(in))
		}
		back, err := audit.ReadReading(one.Key(), one.Value())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(*one, back, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func FuzzReading(f *testing.F) {
	r := audit.Reading{Collection: 1, By: audit.Reader{ID: "x", Account: "ana", Org: "o"}, From: 1, Until: 2, Objects: audit.Runs{{1, 5}, {8, 8}}}
	f.Add(r.Key(), r.Value())
	r.Asides = []audit.Aside{{ID: "note--1", Version: "v", Digest: [32]byte{1}}}
	f.Add(r.Key(), r.Value())
	r.Footing = audit.FootingID{1, 2}
	f.Add(r.Key(), r.Value())
	f.Add("00000001 78 0000000000000001", []byte{1, 0, 0, 0, 2, 1, 1})
	f.Fuzz(func(t *testing.T, key string, value []byte) {
		r, err := audit.ReadReading(key, value)
		if err != nil {
			return
		}
		again, err := audit.ReadReading(r.Key(), r.Value())
		if err != nil || !cmp.Equal(r, again) {
			t.Fatalf("%v, %v, %v", r, again, err)
		}
	})
}
