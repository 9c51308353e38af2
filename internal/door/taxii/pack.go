package taxii

import (
	"hash/maphash"
	"strconv"
	"strings"

	"entente/internal/format/coding"
	"entente/internal/recent"
)

// packer compresses answers and tells clients what they have already. Both
// depend on nothing but the bytes that a client is about to be shown, so that
// neither can tell of others' objects.
type packer struct {
	seed, second maphash.Seed
	coder        *coding.Packer

	// Pollers read the same pages again, so packed ones are kept, by a hash of
	// twice the mark's length.
	packed *recent.Cache[packedAs, []byte]
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

// Packing starts at smallest. Packed answers are kept up to so many octets, none
// that takes too much of them.
const (
	smallest = 1 << 10
	kept     = 32 << 20
	largest  = 1 << 20
)

func newPacker() packer {
	return packer{
		seed:   maphash.MakeSeed(),
		second: maphash.MakeSeed(),
		coder:  coding.NewPacker(),
		packed: recent.New[packedAs, []byte](kept, 0),
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
	if packed, ok := p.packed.Get(as); ok {
		return packed, name
	}
	packed := p.coder.Pack(body, name[0])
	if len(packed) <= largest {
		p.packed.Keep(as, packed, len(packed))
	}
	return packed, name
}
