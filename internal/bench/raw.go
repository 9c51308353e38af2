package bench

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	engine "github.com/cockroachdb/pebble/v2"

	"entente/internal/exchange"
	"entente/internal/practice/intake"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
)

// rawImport is the baseline of importing: what the engine writes for these
// files, batch by batch, is captured in a run that is not timed, and written
// again to a bare Pebble database of the same settings, each batch synced. It
// gives the time of each tenth of the bytes, like the import's of each file.
func (r *run) rawImport(ctx context.Context, files []string) (took []time.Duration, err error) {
	captured := filepath.Join(r.dir, "captured")
	if err := r.capture(ctx, captured, func(x *exchange.Exchange, by account.Principal) error {
		_, err := intake.Import{Exchange: x, By: by, Collection: "default"}.Run(ctx, intake.Files(files))
		return err
	}); err != nil {
		return nil, err
	}
	defer os.Remove(captured)
	db, remove, err := r.bare("raw")
	if err != nil {
		return nil, err
	}
	defer remove()
	f, err := os.Open(captured)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	in := bufio.NewReaderSize(f, 1<<20)
	began, written := time.Now(), int64(0)
	for {
		repr, err := nextBatch(in)
		if errors.Is(err, io.EOF) {
			err := db.LogData(nil, engine.Sync)
			return append(took, time.Since(began)), err
		}
		if err != nil {
			return nil, err
		}
		if err := apply(db, repr); err != nil {
			return nil, err
		}
		if written += int64(len(repr)) + 4; written >= info.Size()*int64(len(took)+1)/tenths && len(took) < tenths-1 {
			took, began = append(took, time.Since(began)), time.Now()
		}
	}
}

// capture runs do on a fresh exchange and writes the batches it leads to.
func (r *run) capture(ctx context.Context, file string, do func(*exchange.Exchange, account.Principal) error) error {
	dir := filepath.Join(r.dir, "capturing")
	defer os.RemoveAll(dir)
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	out := bufio.NewWriterSize(f, 1<<20)
	var mu sync.Mutex
	st, err := pebble.Open(ctx, dir, pebble.Options{Tap: func(repr []byte) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = out.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(repr))))
		_, _ = out.Write(repr)
	}})
	if err != nil {
		return err
	}
	defer st.Close()
	x, err := exchange.Open(ctx, st, exchange.Options{Own: "Bench"})
	if err != nil {
		return err
	}
	defer x.Close()
	by := account.Operator("Bench")
	if _, err := x.AddCollection(ctx, by, exchange.Collection{Alias: "default", Marking: handling.Amber}); err != nil {
		return err
	}
	if err := do(x, by); err != nil {
		return err
	}
	mu.Lock()
	defer mu.Unlock()
	return out.Flush()
}

// bare opens an empty Pebble database with the engine's own settings.
func (r *run) bare(name string) (*engine.DB, func(), error) {
	dir := filepath.Join(r.dir, name)
	db, end, err := pebble.Bare(dir, pebble.Options{})
	if err != nil {
		return nil, nil, err
	}
	return db, func() { _ = end(); os.RemoveAll(dir) }, nil
}

func nextBatch(in io.Reader) ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(in, size[:]); err != nil {
		return nil, err
	}
	repr := make([]byte, binary.LittleEndian.Uint32(size[:]))
	_, err := io.ReadFull(in, repr)
	return repr, err
}

// readBatches reads all batches of a file.
func readBatches(file string) (reprs [][]byte, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for in := bufio.NewReader(f); ; {
		repr, err := nextBatch(in)
		if errors.Is(err, io.EOF) {
			return reprs, nil
		}
		if err != nil {
			return nil, err
		}
		reprs = append(reprs, repr)
	}
}

// apply writes one captured batch, durably.
func apply(db *engine.DB, repr []byte) error {
	b := db.NewBatchWithSize(len(repr))
	if err := b.SetRepr(append(b.Repr()[:0], repr...)); err != nil {
		return err
	}
	return errors.Join(b.Commit(engine.Sync), b.Close())
}
