package stix

import (
	"bytes"
	"io"
	"iter"
	"sync"
)

// ScanOption sets a limit of Scan or Read.
type ScanOption func(*limits)

// MaxObject sets how many bytes one object may have; 1 MiB unless set.
func MaxObject(bytes int) ScanOption { return func(l *limits) { l.object = bytes } }

// MaxDepth sets how deep one object may be nested, itself counted; 64 unless
// set.
func MaxDepth(levels int) ScanOption { return func(l *limits) { l.depth = levels } }

type limits struct {
	object int
	depth  int
}

func limitsOf(opts []ScanOption) limits {
	l := limits{object: 1 << 20, depth: 64}
	for _, set := range opts {
		set(&l)
	}
	return l
}

// Scan streams the objects of a bundle, a TAXII envelope, a JSON array, JSON
// Lines (an object or a whole bundle a line), a single object, or several of
// these one after another. A byte order mark, CRLF and blank lines do not
// disturb it. It needs memory for one object, however long the input is.
//
// The object that is yielded, its Raw and its slices are valid until the next
// step; Clone keeps it. Its strings may be kept as they are.
//
// What cannot be read is yielded as a [*ScanError], and scanning goes on with
// the next object. Where the JSON itself breaks, so that nobody can say where
// the next object starts, the error is ErrBroken: of that bundle or array
// nothing more comes, and JSON Lines go on at the next line. An error of r ends
// the scan.
//
// Objects in a bundle of STIX 2.0, which carry no spec_version themselves, get
// the bundle's as SpecVersion if it comes before them.
func Scan(r io.Reader, opts ...ScanOption) iter.Seq2[*Object, error] {
	return func(yield func(*Object, error) bool) {
		limit := limitsOf(opts)
		s := scanner{
			window: window{r: r, buf: make([]byte, firstBuffer), keep: -1, most: limit.object},
			limit:  limit,
			yield:  yield,
		}
		s.run()
	}
}

// Read reads exactly one object; white space around it is left out of Raw,
// which is a part of raw. The error is a [*ScanError].
func Read(raw []byte, opts ...ScanOption) (Object, error) {
	p := parsers.Get().(*parser)
	defer p.release()
	var o Object
	limit, start := limitsOf(opts), skipSpace(raw, 0)
	text := raw[start:]
	if len(text) == 0 || text[0] != '{' {
		return o, refusal(raw, start, "", faultNotObject.reason(), nil)
	}
	size := p.parse(text[:min(len(text), limit.object+1)], limit, false)
	switch {
	case size < 0 && p.fault == faultShort && len(text) > limit.object, size > limit.object:
		return o, refusal(raw, start, findID(text[:limit.object+1]), tooBig(limit.object), ErrTooBig)
	case size < 0:
		return o, refusal(raw, start+p.at, findID(text), p.reason("this is a bundle, not an object; read it with Scan"), nil)
	}
	if end := skipSpace(text, size); end < len(text) {
		return o, refusal(raw, start+end, p.kept(p.found.id), faultTrailing.reason(), nil)
	}
	p.fill(&o, text[:size:size])
	return o, nil
}

var parsers = sync.Pool{New: func() any { return new(parser) }}

// release gives a parser back for the next Read, unless one object made it
// large.
func (p *parser) release() {
	p.b = nil
	if cap(p.arena)+cap(p.plain)+cap(p.unquoted)+24*cap(p.names)+32*cap(p.found.refs) < keptBuffer {
		parsers.Put(p)
	}
}

func refusal(raw []byte, at int, id, reason string, cause error) *ScanError {
	return &ScanError{
		Offset: int64(at),
		Line:   1 + bytes.Count(raw[:at], []byte{'\n'}),
		ID:     id,
		Reason: reason,
		Err:    cause,
	}
}

// Clone is a copy that stays valid after the next step of Scan.
func (o *Object) Clone() *Object {
	c := *o
	c.Raw = bytes.Clone(o.Raw)
	c.MarkingRefs = kept(o.MarkingRefs)
	c.GranularMarkingRefs = kept(o.GranularMarkingRefs)
	c.Refs = kept(o.Refs)
	c.Values = kept(o.Values)
	return &c
}

// kept is a copy of a slice; nil of an empty one.
func kept[T any](s []T) []T { return append([]T(nil), s...) }
