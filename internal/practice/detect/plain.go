package detect

import (
	"strings"
	"sync"

	"entente/stix"
)

// compilePlain compiles what most indicators say, [type:path = 'text'], as compile does of
// any pattern, without making a tree of it; false when it is anything else.
func compilePlain(text string) (compiled, bool) {
	var none compiled
	rest, ok := strings.CutPrefix(text, "[")
	if !ok || len(text) > 1024 {
		return none, false
	}
	if rest, ok = strings.CutSuffix(rest, "']"); !ok {
		return none, false
	}
	path, value, ok := strings.Cut(rest, " = '")
	if !ok || !isPlainText(value) {
		return none, false
	}
	p, ok := paths.of(path)
	if !ok {
		return none, false
	}
	return equals(p, value), true
}

// isPlainText tells texts of printable ASCII that mean themselves in quotes.
func isPlainText(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= 0x7f || c == '\'' || c == '\\' {
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
// few.
type known struct {
	mu   sync.RWMutex
	list map[string]*stix.ValuePath
}

const mostPaths = 64

var paths = known{list: map[string]*stix.ValuePath{}}

func (k *known) of(path string) (*stix.ValuePath, bool) {
	k.mu.RLock()
	p, ok := k.list[path]
	full := len(k.list) >= mostPaths
	k.mu.RUnlock()
	if ok {
		return p, true
	}
	if p, ok = plainPath(path); ok && !full {
		k.mu.Lock()
		k.list[strings.Clone(path)] = p
		k.mu.Unlock()
	}
	return p, ok
}

// isPlain tells names of lower-case letters, digits and a sign, a letter first.
func isPlain(name, sign string) bool {
	return name != "" && name[0]-'a' < 26 && isWordOf(name, sign) && strings.ToLower(name) == name
}
