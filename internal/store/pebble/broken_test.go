package pebble

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"entente/internal/sealed"
	"entente/internal/store"
)

var errDisk = errors.New("input/output error (injected)")

// TestDiskThatStaysBroken lets every call that writes fail from some moment on:
// the store must still answer, tell the state it is in, read, and close.
func TestDiskThatStaysBroken(t *testing.T) {
	total := (&ordeal{T: t, fail: -1}).live()
	step := max(1, total/8)
	if os.Getenv("ENTENTE_TEST_EVERY") != "" {
		step = max(1, total/100)
	}
	for n := 0; n < total; n += step {
		(&ordeal{T: t, fail: n, stays: true}).live()
	}
}

// ordeal is one life of a store on a disk whose call number fail goes wrong.
type ordeal struct {
	*testing.T
	fail  int
	stays bool // all writes after that fail, too
	calls atomic.Int64
	op    atomic.Value // the failed call
	mem   *vfs.MemFS

	kept map[string][]byte     // what was acknowledged
	gone map[string]bool       // removals that were acknowledged
	at   map[string]store.Tick // where it is
	open map[string]bool       // removals whose fate is not known
}

func (o *ordeal) MaybeError(op errorfs.Op) error {
	if n := int(o.calls.Add(1) - 1); n == o.fail || o.stays && n > o.fail && op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
		o.op.Store(fmt.Sprint(op.Kind, " ", op.Path))
		return errDisk
	}
	return nil
}

func (o *ordeal) String() string { return "" }

// live tells how many calls of the file system there were.
func (o *ordeal) live() int {
	o.kept, o.gone, o.at, o.open = map[string][]byte{}, map[string]bool{}, map[string]store.Tick{}, map[string]bool{}
	o.mem = vfs.NewCrashableMem()
	s, err := Open(o.Context(), "data/store", Options{FS: errorfs.Wrap(o.mem, o), MemTable: 64 << 10, CacheBytes: 1 << 20})
	if err == nil {
		o.work(s)
		o.end(s)
	} else if !errors.Is(err, errDisk) {
		o.Errorf("%v: opening answers %v, which does not tell the cause", o.op.Load(), err)
	}
	o.judge(o.mem.CrashClone(vfs.CrashCloneCfg{}))
	return int(o.calls.Load())
}

// work writes until a write is refused, and removes and reads beside it.
func (o *ordeal) work(s *Store) {
	rnd := rand.New(rand.NewPCG(7, 7))
	for n := range 24 {
		b := new(store.Batch)
		for i := range 8 {
			body := make([]byte, 1200)
			for j := range body {
				body[j] = byte(' ' + rnd.IntN(90))
			}
			id := fmt.Sprintf("indicator--8e2e2d2b-17d4-4cbf-938f-%012x", n*100+i)
			p := store.Put{Collection: 1, ID: id, Version: "2024-01-01T00:00:00Z", Spec: "2.1", Class: "green", Body: body,
				Values: []store.Value{{Kind: 1, Text: id[12:30]}}, Edges: []store.Ref{{Path: "x_ref", ID: id}}}
			copy(p.Digest[:], body)
			b.Puts = append(b.Puts, p)
		}
		b.Then = func(tx store.Tx, _ []store.Outcome) error {
			tx.AppendLeaf([32]byte{byte(n)}, []byte("opening"))
			tx.Set("table", fmt.Sprint(n), []byte("row"))
			return nil
		}
		removed := o.someKept()
		if removed != "" {
			b.Removes = []store.Remove{{Collection: 1, Added: o.at[removed]}}
			o.open[removed] = true
		}
		out, err := s.Commit(o.Context(), b)
		if err != nil {
			if !errors.Is(err, errDisk) {
				o.Errorf("%v: a batch is answered %v, which does not tell the cause", o.op.Load(), err)
			}
			return
		}
		for i, p := range b.Puts {
			o.kept[p.ID], o.at[p.ID] = p.Body, out[i].Added
		}
		if removed != "" {
			delete(o.kept, removed)
			o.gone[removed] = true
			delete(o.open, removed)
		}
		o.read(s)
	}
}

func (o *ordeal) someKept() string {
	best := ""
	for id := range o.kept {
		if best == "" || id < best {
			best = id
		}
	}
	return best
}

// read may fail, but what it gives is right.
func (o *ordeal) read(s *Store) {
	page, err := s.Page(o.Context(), store.PageQuery{Collection: 1, Visible: store.AllClasses(), Limit: 1000, Bodies: true})
	if err != nil {
		return
	}
	defer page.Close()
	if len(page.Rows) != len(o.kept) {
		o.Errorf("%v: %d rows are read, %d are there", o.op.Load(), len(page.Rows), len(o.kept))
	}
	for _, row := range page.Rows {
		if string(sealed.Open(row.Body)) != string(o.kept[row.ID]) {
			o.Fatalf("%v: %s is read otherwise than it was written", o.op.Load(), row.ID)
		}
	}
}

// end closes the store, which must not hang.
func (o *ordeal) end(s *Store) {
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	select {
	case <-closed:
	case <-time.After(20 * time.Second):
		o.Fatalf("%v: the store does not close", o.op.Load())
	}
}

// judge reads everything back from what reached the disk.
func (o *ordeal) judge(disk vfs.FS) {
	s, err := Open(o.Context(), "data/store", Options{FS: disk, CacheBytes: 1 << 20})
	if err != nil {
		o.Fatalf("%v: the store does not open again: %v", o.op.Load(), err)
	}
	defer s.Close()
	if err := s.Verify(o.Context(), func(problem string) { o.Errorf("%v: %s", o.op.Load(), problem) }); err != nil {
		o.Errorf("%v: %v", o.op.Load(), err)
	}
	page, err := s.Page(o.Context(), store.PageQuery{Collection: 1, Visible: store.AllClasses(), Limit: 10000, Bodies: true})
	if err != nil {
		o.Fatalf("%v: %v", o.op.Load(), err)
	}
	defer page.Close()
	found := make(map[string]string)
	for _, row := range page.Rows {
		found[row.ID] = string(sealed.Open(row.Body))
		if o.gone[row.ID] {
			o.Errorf("%v: %s is back after its removal", o.op.Load(), row.ID)
		}
	}
	for id, body := range o.kept {
		if found[id] != string(body) && !o.open[id] {
			o.Errorf("%v: %s was acknowledged and is lost", o.op.Load(), id)
		}
	}
	if (len(found)+len(o.gone))%8 != 0 && len(o.open) == 0 {
		o.Errorf("%v: %d objects are there, half a batch among them", o.op.Load(), len(found))
	}
}
