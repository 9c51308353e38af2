package detect

import (
	"bytes"
	"maps"
	"strings"
	"sync"
	"sync/atomic"

	"entente/stix"
)

// compilePlain compiles what most indicators say, [type:path = 'text'], as compile does of
// any pattern, without making a tree of it; false when it is anything else.
func compilePlain(text []byte) (compiled, bool) {
	p, constant, ok := plainPattern(text)
	if !ok {
		return compiled{}, false
	}
	c := equals(p, string(constant))
	return c, c.left != NoPlace && c.left != NoValue // fields may tell that
}

// compileOnly is compilePlain of what asks for one value alone, which it appends to dst;
// false when it is anything else, or there is more to say of it.
func compileOnly(dst, text []byte) (_ []byte, kind stix.ValueKind, ok bool) {
	p, constant, ok := plainPattern(text)
	if !ok || len(constant) == 0 {
		return dst, 0, false
	}
	return p.AppendOnly(dst, constant)
}

// plainPattern takes [type:path = 'text'] apart.
func plainPattern(text []byte) (p *stix.ValuePath, constant []byte, ok bool) {
	if len(text) > 1024 || len(text) < len("[:='']") || text[0] != '[' || !bytes.HasSuffix(text, []byte("']")) {
		return nil, nil, false
	}
	path, constant, ok := bytes.Cut(text[1:len(text)-2], []byte(" = '"))
	if !ok || !isPlainText(constant) {
		return nil, nil, false
	}
	p, ok = paths.of(path)
	return p, constant, ok
}

// isPlainText tells texts of printable ASCII that mean themselves in quotes.
func isPlainText(text []byte) bool {
	for _, c := range text {
		if c < ' ' || c >= 0x7f || c == '\'' || c == '\\' {
			return false
		}
	}
	return true
}

// plainPath reads an object path of plain steps.
func plainPath(path string) (*stix.ValuePath, bool) {
	typ, path, ok := strings.Cut(path, ":")
	if !ok || !isPlain(typ, "-") {
		return nil, false
	}
	steps := make([]string, 0, 4)
	for step := range strings.SplitSeq(path, ".") {
		if quoted, is := strings.CutPrefix(step, "'"); is && len(steps) > 0 {
			if step, is = strings.CutSuffix(quoted, "'"); !is || !isPlain(strings.ToLower(step), "-") {
				return nil, false
			}
		} else if !isPlain(step, "_") {
			return nil, false
		}
		steps = append(steps, step)
	}
	p := stix.NewValuePath(typ, steps)
	return &p, true
}

// known remembers the object paths that were met first, since most indicators have one of
// few. A list is not changed any more once it is there.
type known struct {
	list atomic.Pointer[map[string]*stix.ValuePath]
	mu   sync.Mutex // of who makes the next list
}

const mostPaths = 64

var paths known

func (k *known) of(path []byte) (*stix.ValuePath, bool) {
	if list := k.list.Load(); list != nil {
		if p, ok := (*list)[string(path)]; ok {
			return p, true
		}
	}
	p, ok := plainPath(string(path))
	if ok {
		k.add(string(path), p)
	}
	return p, ok
}

func (k *known) add(path string, p *stix.ValuePath) {
	k.mu.Lock()
	defer k.mu.Unlock()
	list := map[string]*stix.ValuePath{}
	if old := k.list.Load(); old != nil {
		if len(*old) >= mostPaths {
			return
		}
		maps.Copy(list, *old)
	}
	list[path] = p
	k.list.Store(&list)
}

// isPlain tells names of lower-case letters, digits and a sign, a letter first.
func isPlain(name, sign string) bool {
	return name != "" && name[0]-'a' < 26 && isWordOf(name, sign) && strings.ToLower(name) == name
}
