package stix

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// name is one name of an open object, as it stands in b.
type name struct {
	mark       uint64 // differs for most different names
	start, end int
	escaped    bool
}

// manyNames is how many names of one object are compared one by one as they
// come; of larger objects they are sorted at the end.
const manyNames = 32

// markOf is a number that differs for most different names.
func markOf(key []byte) (mark uint64) {
	size := len(key)
	if size >= 8 {
		return binary.LittleEndian.Uint64(key) ^ binary.LittleEndian.Uint64(key[size-8:])<<1 ^ uint64(size)
	}
	for _, c := range key {
		mark = mark<<8 | uint64(c)
	}
	return mark ^ uint64(size)<<56
}

// spread brings all bits of a mark to the top when it is multiplied by it.
const spread = 0x9e3779b97f4a7c15

// known tells whether the innermost object has the name already. Of an object
// with many names only the first are looked at; distinct sees to the others.
func (p *parser) known(first int, n name) bool {
	if len(p.names)-first > manyNames {
		return false
	}
	for i := range p.names[first:] {
		if o := &p.names[first+i]; o.mark == n.mark && p.compareNames(*o, n) == 0 {
			return true
		}
	}
	return false
}

// distinct tells whether the names from first on all differ.
func (p *parser) distinct(first int) bool {
	names := p.names[first:]
	slices.SortFunc(names, func(a, b name) int {
		if a.mark != b.mark {
			return cmp.Compare(a.mark, b.mark)
		}
		if c := p.compareNames(a, b); c != 0 {
			return c
		}
		return cmp.Compare(a.start, b.start)
	})
	for i := 1; i < len(names); i++ {
		if names[i].mark == names[i-1].mark && p.compareNames(names[i], names[i-1]) == 0 {
			p.fail(names[i].start-1, faultDuplicate)
			return false
		}
	}
	return true
}

func (p *parser) compareNames(a, b name) int {
	x, y := p.b[a.start:a.end], p.b[b.start:b.end]
	if a.escaped {
		x = appendUnescaped(nil, x)
	}
	if b.escaped {
		y = appendUnescaped(nil, y)
	}
	return slices.Compare(x, y)
}
