package pebble

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"entente/internal/store"
)

// prepared is a put with all that can be worked out before the committer, by
// the goroutine that brings it.
type prepared struct {
	*store.Put
	id      []byte // as in keys
	version []byte // as in keys
	plain   []byte // the version of the object, where this is a face
	body    []byte // the body row
	tail    []byte // of the membership row
	flags   byte
	found   found
}

// found is the beginnings of the index rows by which an object is found; a
// place ends each.
type found struct {
	values [][]byte
	edges  []edgeRow
}

type edgeRow struct {
	key   []byte
	paths []byte // each with its length
}

// prepare encodes the puts of a batch into one buffer.
func prepare(puts []store.Put) (list []prepared, size int) {
	for i := range puts {
		size += sizeOf(&puts[i])
	}
	buf := make([]byte, 0, size)
	list = make([]prepared, len(puts))
	cut := func(from int) []byte { return buf[from:len(buf):len(buf)] }
	var header []byte
	for i := range puts {
		p := &list[i]
		p.Put = &puts[i]
		at := len(buf)
		buf = appendID(buf, p.ID)
		p.id, at = cut(at), len(buf)
		buf = appendVersion(buf, p.Version)
		p.plain = cut(at)
		if p.Face {
			buf = append(buf, versionFace)
		}
		p.version, at = cut(at), len(buf)
		buf, p.flags = appendTail(buf, p.Put)
		p.tail, at = cut(at), len(buf)
		header = appendBodyHeader(header[:0], p.Put)
		buf = append(appendText(buf, header), p.Body...)
		p.body = cut(at)
		p.found, buf = findable(p.Values, p.Edges, buf)
	}
	return list, size
}

// sizeOf is about how many bytes the rows of a put take.
func sizeOf(p *store.Put) int {
	n := len(p.Body) + 3*len(p.ID) + 2*len(p.Version) + 200
	for _, v := range p.Values {
		n += 2*len(v.Text) + 32
	}
	for _, e := range p.Edges {
		n += 2*len(e.ID) + 2*len(e.Path) + 48
	}
	return n
}

// findable encodes values and edges, each value once and each target once,
// appending to buf.
func findable(values []store.Value, edges []store.Ref, buf []byte) (found, []byte) {
	var f found
	if len(values) > 0 {
		f.values = make([][]byte, 0, len(values))
	}
	for _, v := range values {
		at := len(buf)
		buf = appendValue(buf, v.Kind, v.Text)
		f.values = append(f.values, buf[at:len(buf):len(buf)])
	}
	f.values = unique(f.values)
	if len(edges) == 0 {
		return f, buf
	}
	// Paths of one target stand together, in order, each once.
	order := make([]int, len(edges))
	for i := range order {
		order[i] = i
	}
	if len(edges) > 1 {
		slices.SortFunc(order, func(a, b int) int {
			return cmp.Or(strings.Compare(edges[a].ID, edges[b].ID), strings.Compare(edges[a].Path, edges[b].Path))
		})
	}
	f.edges = make([]edgeRow, 0, len(edges))
	for n := 0; n < len(order); {
		target := edges[order[n]].ID
		at := len(buf)
		buf = appendID(append(buf, kindEdge), target)
		row := edgeRow{key: buf[at:len(buf):len(buf)]}
		at = len(buf)
		for first := n; n < len(order) && edges[order[n]].ID == target; n++ {
			if path := edges[order[n]].Path; n == first || path != edges[order[n-1]].Path {
				buf = appendText(buf, path)
			}
		}
		row.paths = buf[at:len(buf):len(buf)]
		f.edges = append(f.edges, row)
	}
	return f, buf
}

// unique drops values that came twice.
func unique(list [][]byte) [][]byte {
	if len(list) < 2 {
		return list
	}
	slices.SortFunc(list, bytes.Compare)
	return slices.CompactFunc(list, bytes.Equal)
}

// readPaths reads the value of an edge's row.
func readPaths(b []byte) (paths []string, ok bool) {
	for len(b) > 0 {
		text, rest, ok := cutText(b)
		if !ok {
			return nil, false
		}
		paths, b = append(paths, string(text)), rest
	}
	return paths, true
}

// indexRow is what the index of ids says of a membership.
type indexRow struct {
	version []byte
	tick    store.Tick
	class   store.ClassID
	body    store.Tick
	since   store.Tick // when this content first came into the collection
	digest  [32]byte
	source  string
}

func (r *indexRow) versioned() bool { return r.version[0] != versionNone }

func (r *indexRow) append(b []byte) []byte {
	b = appendTick(append32(b, r.class), r.body)
	b = binary.AppendUvarint(b, uint64(r.tick-r.since))
	return append(append(b, r.digest[:]...), r.source...)
}

// readIndexRow reads a row whose key ends, after the collection, in rest.
// The version points into rest.
func readIndexRow(rest, value []byte) (r indexRow, ok bool) {
	n := versionLen(rest)
	if n == 0 || len(rest) != n+8 || len(value) < 12 {
		return r, false
	}
	r.version, r.tick = rest[:n], readTick(rest[n:])
	r.class, r.body, value = read32[store.ClassID](value), readTick(value[4:]), value[12:]
	ago, size := binary.Uvarint(value)
	if size <= 0 || len(value) < size+32 {
		return r, false
	}
	r.since = r.tick - store.Tick(ago)
	copy(r.digest[:], value[size:])
	r.source = string(value[size+32:])
	return r, true
}
