package stix

import "iter"

// node is one JSON value of the object that is checked. The nodes of an object
// lie in one slice, a child after its parent; the root is node 0.
type node struct {
	text  string // of strings: decoded; of numbers and literals: as written
	name  string // decoded name, where the node is a member
	start int32  // offset of the value's first byte
	at    int32  // offset of the member's name, or start
	next  int32  // next sibling; 0 when none
	child int32  // first child; 0 when none
	size  int32  // number of children
	kind  nodeKind
	whole bool // a number without fraction and exponent
}

type nodeKind uint8

const (
	nullNode nodeKind = iota + 1
	boolNode
	numberNode
	stringNode
	listNode
	objectNode
)

func (k nodeKind) String() string {
	switch k {
	case nullNode:
		return "null"
	case boolNode:
		return "a boolean"
	case numberNode:
		return "a number"
	case stringNode:
		return "a string"
	case listNode:
		return "a list"
	}
	return "an object"
}

// maxTreeDepth bounds how deep objects may be nested, the object itself counted.
const maxTreeDepth = 64

// tree parses into nodes that it reuses.
type tree struct {
	raw   []byte
	src   string // raw once more: texts of nodes are cut from it
	nodes []node
	end   []int32                    // end offset of each node's value
	wide  map[int32]map[string]int32 // by name, the members of objects that have many
}

// wideObject is the number of members from which on they are found by a map, so
// that an object of thousands costs no more than its bytes.
const wideObject = 32

// keptNodes is the largest number of nodes that go back to the pool.
const keptNodes = 1 << 14

// parse reads raw, which must hold one JSON value and nothing else. On a fault
// at is where it lies.
func (t *tree) parse(raw []byte) (at int, f fault) {
	t.raw, t.src, t.nodes, t.end = raw, string(raw), t.nodes[:0], t.end[:0]
	clear(t.wide)
	i, f := t.value(skipSpace(raw, 0), 1)
	if f == faultNone {
		if i = skipSpace(raw, i); i < len(raw) {
			f = faultTrailing
		}
	}
	return i, f
}

// value parses the value at raw[i] and returns the index after it.
func (t *tree) value(i, depth int) (int, fault) {
	if i >= len(t.raw) {
		return i, faultShort
	}
	n := len(t.nodes)
	t.nodes = append(t.nodes, node{start: int32(i), at: int32(i)})
	t.end = append(t.end, 0)
	var f fault
	end := i
	switch b := t.raw[i]; {
	case b == '"':
		t.nodes[n].kind = stringNode
		t.nodes[n].text, end, f = t.string(i)
	case b == '{' || b == '[':
		if depth > maxTreeDepth {
			return i, faultDepth
		}
		t.nodes[n].kind = objectNode
		if b == '[' {
			t.nodes[n].kind = listNode
		}
		end, f = t.children(n, i, depth, b+2) // in ASCII the closing bracket comes two after the opening one
	case b == '-' || b-'0' <= 9:
		end, f = t.number(n, i)
	default:
		if end, f = scanLiteral(t.raw, i); f == faultNone {
			t.nodes[n].kind = boolNode
			if b == 'n' {
				t.nodes[n].kind = nullNode
			}
			t.nodes[n].text = t.src[i:end]
		}
	}
	t.end[n] = int32(end)
	return end, f
}

func (t *tree) string(i int) (string, int, fault) {
	end, escaped, f := scanString(t.raw, i)
	if f != faultNone {
		return "", end, f
	}
	if escaped {
		return string(appendUnescaped(nil, t.raw[i+1:end-1])), end, faultNone
	}
	return t.src[i+1 : end-1], end, faultNone
}

func (t *tree) number(n, i int) (int, fault) {
	end, whole, f := scanNumber(t.raw, i)
	if f != faultNone {
		return end, f
	}
	t.nodes[n].kind, t.nodes[n].text, t.nodes[n].whole = numberNode, t.src[i:end], whole
	if whole && !exactInteger(t.raw[i:end]) {
		return i, faultInteger
	}
	return end, faultNone
}

// children parses what is between the brackets of node n; closing is its last
// byte.
func (t *tree) children(n, i, depth int, closing byte) (int, fault) {
	i = skipSpace(t.raw, i+1)
	if i < len(t.raw) && t.raw[i] == closing {
		return i + 1, faultNone
	}
	last := 0
	for {
		at, name := i, ""
		var f fault
		if closing == '}' {
			if name, i, f = t.memberName(i); f != faultNone {
				return i, f
			}
			if t.member(int32(n), name) != 0 {
				return at, faultDuplicate
			}
		}
		child := len(t.nodes)
		if i, f = t.value(i, depth+1); f != faultNone {
			return i, f
		}
		t.nodes[child].name, t.nodes[child].at = name, int32(at)
		if last == 0 {
			t.nodes[n].child = int32(child)
		} else {
			t.nodes[last].next = int32(child)
		}
		last = child
		t.nodes[n].size++
		if closing == '}' && t.nodes[n].size >= wideObject {
			t.widen(int32(n), int32(child))
		}
		if i = skipSpace(t.raw, i); i >= len(t.raw) {
			return i, faultShort
		}
		switch t.raw[i] {
		case ',':
			i = skipSpace(t.raw, i+1)
		case closing:
			return i + 1, faultNone
		default:
			return i, faultGrammar
		}
	}
}

// memberName reads a name and its colon; it returns the index of the value.
func (t *tree) memberName(i int) (string, int, fault) {
	if i >= len(t.raw) {
		return "", i, faultShort
	}
	if t.raw[i] != '"' {
		return "", i, faultGrammar
	}
	name, i, f := t.string(i)
	if f != faultNone {
		return "", i, f
	}
	if i = skipSpace(t.raw, i); i >= len(t.raw) {
		return "", i, faultShort
	}
	if t.raw[i] != ':' {
		return "", i, faultGrammar
	}
	return name, skipSpace(t.raw, i+1), faultNone
}

// widen enters the newest member of a wide object into its map.
func (t *tree) widen(n, child int32) {
	if t.nodes[n].size > wideObject {
		t.wide[n][t.nodes[child].name] = child
		return
	}
	names := make(map[string]int32, 2*wideObject)
	for i := t.nodes[n].child; i != 0; i = t.nodes[i].next {
		names[t.nodes[i].name] = i
	}
	if t.wide == nil {
		t.wide = make(map[int32]map[string]int32)
	}
	t.wide[n] = names
}

// member finds a member of object n; 0 when there is none.
func (t *tree) member(n int32, name string) int32 {
	if t.nodes[n].size >= wideObject {
		return t.wide[n][name]
	}
	for i := t.nodes[n].child; i != 0; i = t.nodes[i].next {
		if t.nodes[i].name == name {
			return i
		}
	}
	return 0
}

// element gives the i-th element of list n; 0 when there is none.
func (t *tree) element(n int32, i int) int32 {
	at := t.nodes[n].child
	for ; i > 0 && at != 0; i-- {
		at = t.nodes[at].next
	}
	return at
}

// elements are those of a list; there are none in anything else.
func (t *tree) elements(n int32) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		if t.nodes[n].kind != listNode {
			return
		}
		for i := t.nodes[n].child; i != 0 && yield(i); i = t.nodes[i].next {
		}
	}
}

// textOf is the decoded text of a member that is a string, else empty.
func (t *tree) textOf(n int32, name string) string {
	if i := t.member(n, name); i != 0 && t.nodes[i].kind == stringNode {
		return t.nodes[i].text
	}
	return ""
}
