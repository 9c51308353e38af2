package tlog_test

import (
	"crypto/rand"
	"iter"
	"testing"

	"golang.org/x/mod/sumdb/note"
	xtlog "golang.org/x/mod/sumdb/tlog"

	formats "github.com/transparency-dev/formats/log"

	"entente/internal/store"
	"entente/internal/trust/tlog"
)

// memory is a log held in slices: the transaction that appends to it and the
// reader that proves from it.
type memory struct {
	leaves   [][32]byte
	openings [][]byte
	hashes   []xtlog.Hash
}

func (m *memory) Tick() store.Tick                   { return 1_700_000_000_000_000 }
func (m *memory) Get(string, string) ([]byte, error) { return nil, store.ErrNotFound }
func (m *memory) Set(string, string, []byte)         {}
func (m *memory) Delete(string, string)              {}
func (m *memory) Rows(string, string) iter.Seq2[store.Keyed, error] {
	return func(func(store.Keyed, error) bool) {}
}

func (m *memory) AppendLeaf(c [32]byte, opening []byte) int64 {
	n := int64(len(m.leaves))
	stored, err := xtlog.StoredHashesForRecordHash(n, xtlog.RecordHash(c[:]), xtlog.HashReaderFunc(m.read))
	if err != nil {
		return -1
	}
	m.leaves, m.openings, m.hashes = append(m.leaves, c), append(m.openings, opening), append(m.hashes, stored...)
	return n
}

func (m *memory) read(indexes []int64) ([]xtlog.Hash, error) {
	out := make([]xtlog.Hash, len(indexes))
	for i, n := range indexes {
		out[i] = m.hashes[n]
	}
	return out, nil
}

func (m *memory) LogSize() int64 { return int64(len(m.leaves)) }
func (m *memory) Leaf(n int64) ([32]byte, []byte, error) {
	return m.leaves[n], m.openings[n], nil
}
func (m *memory) ReadHashes(indexes []int64) ([][32]byte, error) {
	out := make([][32]byte, len(indexes))
	for i, n := range indexes {
		out[i] = m.hashes[n]
	}
	return out, nil
}

func TestEveryLeafIsProvedUnderTheRoot(t *testing.T) {
	m := &memory{}
	for i := range 100 {
		if n := tlog.Append(m, tlog.Act{Kind: tlog.Share, By: "ana", Objects: i}); n != int64(i) {
			t.Fatalf("leaf %d got index %d", i, n)
		}
	}
	root, err := tlog.Root(m, 100)
	if err != nil {
		t.Fatal(err)
	}
	for n := range int64(100) {
		proof, err := tlog.Prove(m, 100, n)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.Check(proof, 100, root, n, m.leaves[n]); err != nil {
			t.Errorf("leaf %d: %v", n, err)
		}
		if tlog.Check(proof, 100, root, n, m.leaves[(n+1)%100]) == nil {
			t.Errorf("the proof of leaf %d holds for another leaf", n)
		}
	}
}

func TestAnActComesBackFromItsOpening(t *testing.T) {
	m := &memory{}
	act := tlog.Act{Kind: tlog.Grant, By: "ana", Org: "cert", Collection: "c1", To: "bo@water\nkind recall", Objects: 3, First: 7, Last: 9, Digest: [32]byte{1, 2}, Time: 5}
	tlog.Append(m, act)
	for e, err := range tlog.Entries(m, 0) {
		if err != nil {
			t.Fatal(err)
		}
		want := act
		want.To = "bo@water kind recall" // one line a value, whatever it holds
		if e.Act != want {
			t.Errorf("got %+v\nwant %+v", e.Act, want)
		}
	}
}

func TestAnAlteredOpeningProvesNothing(t *testing.T) {
	m := &memory{}
	tlog.Append(m, tlog.Act{Kind: tlog.Share, By: "ana"})
	for i := range m.openings[0] {
		altered := append([]byte(nil), m.openings[0]...)
		altered[i] ^= 1
		if _, err := tlog.Open(m.leaves[0], altered); err == nil {
			t.Fatalf("an opening with byte %d changed was taken", i)
		}
	}
	if _, err := tlog.Open(m.leaves[0], nil); err == nil {
		t.Fatal("an empty opening was taken")
	}
}

// Equal acts have different leaves: a leaf tells nothing to who lacks its salt.
func TestEqualActsHaveDifferentLeaves(t *testing.T) {
	m := &memory{}
	for range 2 {
		tlog.Append(m, tlog.Act{Kind: tlog.Share, By: "ana", Time: 1})
	}
	if m.leaves[0] == m.leaves[1] {
		t.Fatal("two equal acts have one leaf")
	}
}

// The checkpoint is what another implementation of the format reads.
func TestCheckpointIsReadByAnotherImplementation(t *testing.T) {
	m := &memory{}
	for range 5 {
		tlog.Append(m, tlog.Act{Kind: tlog.Share, By: "ana"})
	}
	skey, vkey, err := note.GenerateKey(rand.Reader, "cert.example/log")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := tlog.Checkpoint(m, signer)
	if err != nil {
		t.Fatal(err)
	}
	cp, _, _, err := formats.ParseCheckpoint(signed, "cert.example/log", verifier)
	if err != nil {
		t.Fatal(err)
	}
	root, err := tlog.Root(m, 5)
	if err != nil {
		t.Fatal(err)
	}
	if cp.Size != 5 || string(cp.Hash) != string(root[:]) {
		t.Fatalf("checkpoint %d %x, want 5 %x", cp.Size, cp.Hash, root)
	}
}
