package tlog

import (
	"fmt"
	"iter"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"entente/internal/store"
)

// Reader is the part of a store that holds the log.
type Reader interface {
	LogSize() int64
	Leaf(n int64) (commitment [32]byte, opening []byte, err error)
	ReadHashes(indexes []int64) ([][32]byte, error)
}

var _ Reader = store.Reader(nil)

// hashes makes a Reader what x/mod's functions take.
func hashes(r Reader) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		stored, err := r.ReadHashes(indexes)
		if err != nil {
			return nil, err
		}
		out := make([]tlog.Hash, len(stored))
		for i, h := range stored {
			out[i] = tlog.Hash(h)
		}
		return out, nil
	})
}

// Root is the tree hash over the first size leaves.
func Root(r Reader, size int64) (tlog.Hash, error) {
	root, err := tlog.TreeHash(size, hashes(r))
	if err != nil {
		return tlog.Hash{}, fmt.Errorf("log: root at size %d: %w", size, err)
	}
	return root, nil
}

// Prove gives the inclusion proof of leaf n in the tree of the given size.
func Prove(r Reader, size, n int64) (tlog.RecordProof, error) {
	proof, err := tlog.ProveRecord(size, n, hashes(r))
	if err != nil {
		return nil, fmt.Errorf("log: proof of leaf %d at size %d: %w", n, size, err)
	}
	return proof, nil
}

// Check tells whether a proof shows the commitment as leaf n under the root.
func Check(proof tlog.RecordProof, size int64, root tlog.Hash, n int64, commitment [32]byte) error {
	return tlog.CheckRecord(proof, size, root, n, tlog.RecordHash(commitment[:]))
}

// Checkpoint signs the present tree (C2SP tlog-checkpoint): origin, size and
// root, one a line, as a signed note by the signer, whose name is the origin.
func Checkpoint(r Reader, signer note.Signer) ([]byte, error) {
	size := r.LogSize()
	root, err := Root(r, size)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", signer.Name(), size, root)
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return nil, fmt.Errorf("log: sign the checkpoint at size %d: %w", size, err)
	}
	return signed, nil
}

// Entry is one leaf with its act.
type Entry struct {
	Index      int64
	Commitment [32]byte
	Act        Act
}

// Entries lists the leaves from index first on, each opened and checked.
func Entries(r Reader, first int64) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for n := first; n < r.LogSize(); n++ {
			e := Entry{Index: n}
			leaf, opening, err := r.Leaf(n)
			if err == nil {
				e.Commitment = leaf
				e.Act, err = Open(leaf, opening)
			}
			if err != nil {
				err = fmt.Errorf("log: leaf %d: %w", n, err)
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}
