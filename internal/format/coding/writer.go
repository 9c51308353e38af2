package coding

import (
	"bytes"
	"io"
	"runtime"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Writer packs what is written to it. Close ends the packed stream, not what it
// is written to; one that is not closed ends as cut.
type Writer interface {
	io.WriteCloser
	Flush() error // all that was written can be read
}

var gzips = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // only a wrong level is an error
	return w
}}

var zstds = sync.Pool{New: func() any {
	w, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), // only wrong options are an error
		zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(256<<10))
	return w
}}

// resettable is a writer that may be used again.
type resettable interface {
	Writer
	Reset(to io.Writer)
}

// NewWriter packs by a coding that Choose has named.
func NewWriter(to io.Writer, name string) Writer {
	pool := &gzips
	if name == Zstd {
		pool = &zstds
	}
	w := pool.Get().(resettable)
	w.Reset(to)
	return &pooled{w, pool}
}

type pooled struct {
	resettable
	pool *sync.Pool
}

// Close ends the stream. The writer must not be used after it.
func (p *pooled) Close() error {
	err := p.resettable.Close()
	p.pool.Put(p.resettable)
	return err
}

// Packer packs wholes, many at once.
type Packer struct{ zstd *zstd.Encoder }

// NewPacker makes a packer.
func NewPacker() *Packer {
	w, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), // only wrong options are an error
		zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)), zstd.WithLowerEncoderMem(true))
	return &Packer{w}
}

// Pack packs a whole by a coding that Choose has named.
func (p *Packer) Pack(body []byte, name string) []byte {
	room := make([]byte, 0, len(body)/4)
	if name == Zstd {
		return p.zstd.EncodeAll(body, room)
	}
	b := bytes.NewBuffer(room)
	w := NewWriter(b, name)
	_, _ = w.Write(body) // a buffer takes all
	_ = w.Close()
	return b.Bytes()
}
