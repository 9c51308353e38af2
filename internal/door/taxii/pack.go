package taxii

import (
	"bytes"
	"hash/maphash"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"entente/internal/format/coding"
)

// packer compresses answers and tells clients what they have already. Both
// depend on nothing but the bytes that a client is about to be shown, so that
// neither can tell of others' objects.
type packer struct {
	seed, second maphash.Seed
	gzips        sync.Pool
	zstd         *zstd.Encoder

	// Pollers read the same pages again, so packed ones are kept, by a
	// hash of twice the mark's length: two generations, the elder dropped whole when the younger is full.
	mu           sync.Mutex
	young, elder map[packedAs][]byte
	size         int // octets in young
}

type packedAs struct {
	mark   mark
	second uint64
	name   string
}

// mark stands for the bytes of an answer. It is keyed afresh in every process,
// so that nobody can make two answers with one mark; after a restart, or from
// another replica, an answer is only sent once more than needed.
type mark uint64

// Packing starts at smallest; packed answers up to generation octets are kept
// in each of two generations.
const (
	smallest   = 1 << 10
	generation = 16 << 20
)

func newPacker() packer {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)), zstd.WithLowerEncoderMem(true))
	if err != nil { // only options can be wrong, and they are constant
		encoder = nil
	}
	return packer{
		seed:   maphash.MakeSeed(),
		second: maphash.MakeSeed(),
		gzips: sync.Pool{New: func() any {
			w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed)
			return w
		}},
		zstd:  encoder,
		young: map[packedAs][]byte{},
	}
}

func (p *packer) mark(body []byte) mark {
	return mark(maphash.Bytes(p.seed, body))
}

// etag is weak (RFC 9110 section 8.8.1), as packed and plain answers share it.
func (m mark) etag() string {
	b := make([]byte, 0, 20)
	b = append(b, `W/"`...)
	b = strconv.AppendUint(b, uint64(m), 36)
	return string(append(b, '"'))
}

// has tells whether If-None-Match lists the tag (RFC 9110 section 13.1.2; weak
// comparison).
func has(header []string, tag string) bool {
	for _, line := range header {
		for _, t := range strings.Split(line, ",") {
			t = strings.TrimSpace(t)
			if t == "*" || strings.TrimPrefix(t, "W/") == tag[len("W/"):] {
				return true
			}
		}
	}
	return false
}

// The content codings offered, as header values.
var codings = map[string][]string{coding.Gzip: {coding.Gzip}, coding.Zstd: {coding.Zstd}}

// pack gives the body packed in the coding that the client likes best, with
// the coding's name; nil when it likes none, or there is nothing to gain.
func (p *packer) pack(accept []string, m mark, body []byte) ([]byte, []string) {
	if len(accept) == 0 || len(body) < smallest {
		return nil, nil
	}
	name := codings[coding.Choose(accept)]
	if name == nil {
		return nil, nil
	}
	as := packedAs{m, maphash.Bytes(p.second, body), name[0]}
	if packed, ok := p.kept(as); ok {
		return packed, name
	}
	packed := p.compress(name[0], body)
	if packed == nil {
		return nil, nil
	}
	p.keep(as, packed)
	return packed, name
}

func (p *packer) compress(name string, body []byte) []byte {
	if name == "zstd" {
		if p.zstd == nil {
			return nil
		}
		return p.zstd.EncodeAll(body, make([]byte, 0, len(body)/4))
	}
	w := p.gzips.Get().(*gzip.Writer)
	defer p.gzips.Put(w)
	b := bytes.NewBuffer(make([]byte, 0, len(body)/4))
	w.Reset(b)
	w.Write(body)
	if w.Close() != nil {
		return nil
	}
	return b.Bytes()
}

func (p *packer) kept(as packedAs) ([]byte, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	packed, ok := p.young[as]
	if ok {
		return packed, true
	}
	if packed, ok = p.elder[as]; ok {
		p.put(as, packed)
	}
	return packed, ok
}

func (p *packer) keep(as packedAs, packed []byte) {
	if len(packed) > generation/16 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.put(as, packed)
}

// put adds to the young generation; p.mu is held.
func (p *packer) put(as packedAs, packed []byte) {
	if p.size+len(packed) > generation {
		p.elder, p.young, p.size = p.young, map[packedAs][]byte{}, 0
	}
	if _, twice := p.young[as]; !twice {
		p.young[as] = packed
		p.size += len(packed)
	}
}
