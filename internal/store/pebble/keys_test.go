package pebble

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"entente/internal/store"
	"entente/stix"
)

// anyID draws ids as they come: well-formed, odd, and close to each other.
func anyID(t *rapid.T) string {
	return rapid.OneOf(
		rapid.StringMatching(`[a-z][a-z-]{0,12}--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`),
		rapid.StringMatching(`[ab]--[0-9a-fA-F]{8}-0000-0000-0000-[0-9a-f]{11,13}`),
		rapid.String(),
	).Draw(t, "id")
}

func anyVersion(t *rapid.T) string {
	return rapid.OneOf(
		rapid.Just(""),
		rapid.StringMatching(`20[0-2][0-9]-0[1-9]-1[0-9]T0[0-9]:00:00(\.[0-9]{1,9})?Z`),
		rapid.StringMatching(`2020-01-01T00:00:00(\.[01]{1,4})?Z`),
		rapid.String(),
		rapid.StringMatching(`[a\x00\x01]{0,5}`),
	).Draw(t, "version")
}

func TestIDsAreTakenApartAndPutTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id, other := anyID(t), anyID(t)
		key := appendID(nil, id)
		if n := idLen(append(bytes.Clone(key), "what follows"...)); n != len(key) {
			t.Fatalf("the key of %q has %d bytes, %d are read", id, len(key), n)
		}
		if id != other && bytes.HasPrefix(appendID(nil, other), key) {
			t.Fatalf("the key of %q begins that of %q", id, other)
		}
		if typ, uuid, ok := splitID(id); ok {
			if got := string(joinID(nil, []byte(typ), uuid[:])); got != id {
				t.Fatalf("%q becomes %q", id, got)
			}
		}
	})
}

func TestVersionKeysSortAsVersionsDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyVersion(t), anyVersion(t)
		ka, kb := appendVersion(nil, a), appendVersion(nil, b)
		if got, want := bytes.Compare(ka, kb), stix.CompareVersions(a, b); got != want && len(a) < longestOdd && len(b) < longestOdd {
			t.Fatalf("keys of %q and %q compare as %d, versions as %d", a, b, got, want)
		}
		if n := versionLen(append(ka, 0, 0, 1, 0xff)); n != len(ka) {
			t.Fatalf("the key of %q has %d bytes, %d are read", a, len(ka), n)
		}
	})
}

// Pebble's Bloom filters work when keys sort by what Split cuts off, then by
// the rest, whatever the bytes.
func TestSplitKeepsTheOrderOfKeys(t *testing.T) {
	key := rapid.Custom(func(t *rapid.T) []byte {
		kind := rapid.SampledFrom([]byte("ievbmp")).Draw(t, "kind")
		rest := rapid.OneOf(
			rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 2, 0xff}), 0, 60), slices.Clone[[]byte]),
			rapid.Custom(func(t *rapid.T) []byte { return appendPlace(appendID(nil, anyID(t)), store.Place{Added: 7}) }),
		).Draw(t, "rest")
		return append([]byte{kind}, rest...)
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := key.Draw(t, "a"), key.Draw(t, "b")
		pa, pb := a[:splitKey(a)], b[:splitKey(b)]
		want := bytes.Compare(pa, pb)
		if want == 0 {
			want = bytes.Compare(a[len(pa):], b[len(pb):])
		}
		if got := bytes.Compare(a, b); got != want {
			t.Fatalf("%x and %x compare as %d, by parts as %d", a, b, got, want)
		}
		if n := splitKey(pa); n != len(pa) {
			t.Fatalf("the prefix of %x is cut again, at %d", a, n)
		}
	})
}

func TestMemberRowsReadAsTheyWereWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := store.Put{ID: anyID(t), Version: anyVersion(t), Spec: rapid.SampledFrom([]string{"", "2.1", "2.0", "3.0"}).Draw(t, "spec"), Revoked: rapid.Bool().Draw(t, "revoked")}
		newer := rapid.SliceOfDistinct(rapid.Uint32Range(1, 20000), func(c uint32) uint32 { return c }).Draw(t, "newer")
		slices.Sort(newer)
		set := make([]store.ClassID, len(newer))
		for i, c := range newer {
			set[i] = store.ClassID(c)
		}
		class := store.ClassID(rapid.Uint32().Draw(t, "class"))
		body := store.Tick(rapid.Int64Range(0, 1<<50).Draw(t, "body"))
		tail, flags := appendTail(nil, &p)
		row := appendMember(nil, class, flags, appendClasses(nil, set), body, tail)
		m, ok := readMember(row)
		if !ok || m.class != class || m.body != body || !slices.Equal(m.newerSet(), set) || string(m.appendID(nil)) != p.ID ||
			string(m.version) != p.Version || m.specText() != p.Spec || (m.flags&flagRevoked != 0) != p.Revoked || !bytes.Equal(m.tail, tail) {
			t.Fatalf("%+v with newer %v became %+v", p, set, m)
		}
		if string(m.stixType()) != typeOf(p.ID) {
			t.Fatalf("the type of %q is %q", p.ID, m.stixType())
		}
	})
}

func TestBodyHeadersReadAsTheyWereWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := store.Put{Collection: store.Collection(rapid.Uint32().Draw(t, "collection"))}
		for range rapid.IntRange(0, 5).Draw(t, "values") {
			p.Values = append(p.Values, store.Value{Kind: rapid.Byte().Draw(t, "kind"), Text: rapid.String().Draw(t, "text")})
			p.Edges = append(p.Edges, store.Ref{Path: rapid.String().Draw(t, "path"), ID: anyID(t)})
		}
		home, values, edges, ok := readBodyHeader(appendBodyHeader(nil, &p))
		if !ok || home != p.Collection || !slices.Equal(values, p.Values) || !slices.Equal(edges, p.Edges) {
			t.Fatalf("%+v became %v %v %v", p, home, values, edges)
		}
	})
}

// Rows come from a disk, so no bytes may bring a reader down.
func FuzzRows(f *testing.F) {
	tail, flags := appendTail(nil, &store.Put{ID: "malware--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", Version: "2024-01-01T00:00:00Z", Spec: "3"})
	f.Add(appendMember(nil, 3, flags, []byte{1, 2}, 9, tail))
	f.Add(appendBodyHeader(nil, &store.Put{Values: []store.Value{{Kind: 1, Text: "192.0.2.1"}}, Edges: []store.Ref{{Path: "x_ref", ID: "a--b"}}}))
	f.Add((&step{kind: store.ChangeRemoved, id: "a--b", version: "v", spec: "2.1"}).append(nil))
	f.Add((&indexRow{version: []byte{0}, tick: 5, since: 3, source: "s"}).append(nil))
	f.Add(appendText(nil, "a path"))
	f.Fuzz(func(t *testing.T, row []byte) {
		if m, ok := readMember(row); ok {
			m.latest(store.AllClasses())
			again := appendMember(nil, m.class, m.flags, m.newer, m.body, m.tail)
			n, ok := readMember(again)
			n.flags, m.flags = 0, 0 // one that says nothing is not written again
			if !ok || fmt.Sprint(n) != fmt.Sprint(m) {
				t.Errorf("%x is read as %v, written again as %x", row, m, again)
			}
		}
		readBodyHeader(row)
		cutBody(row)
		readStep(row)
		readPaths(row)
		readIndexRow(row, row)
		readIndexRow(append(appendVersion(nil, ""), make([]byte, 8)...), row)
		splitKey(row)
	})
}
