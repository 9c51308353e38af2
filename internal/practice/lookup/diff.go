package lookup

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"entente/internal/trust/provenance"
)

// Difference is one difference between two contents of an object. What is absent
// on a side was added or taken away.
type Difference struct {
	Path string          `json:"path"` // as "external_references[2].url"
	Was  json.RawMessage `json:"was,omitempty"`
	Is   json.RawMessage `json:"is,omitempty"`
}

// mostChanges is how many differences are told.
const mostChanges = 100

// diff tells how content differs from what was before it, in order of paths.
// The time of modification and the digests of its parts always do and are left out.
func diff(was, is []byte) (changes []Difference, more bool) {
	d := differ{}
	d.compare("", was, is)
	return d.changes, d.more
}

const digests = "extensions." + provenance.Extension

type differ struct {
	changes []Difference
	more    bool
}

func (d *differ) note(path string, was, is json.RawMessage) {
	if path == "modified" || strings.HasPrefix(path, digests) {
		return
	}
	if len(d.changes) == mostChanges {
		d.more = true
		return
	}
	d.changes = append(d.changes, Difference{path, was, is})
}

// compare goes into objects and lists as long as both sides are of one sort.
func (d *differ) compare(path string, was, is json.RawMessage) {
	was, is = bytes.TrimSpace(was), bytes.TrimSpace(is)
	if bytes.Equal(was, is) || d.more {
		return
	}
	var a, b map[string]json.RawMessage
	var l, m []json.RawMessage
	switch {
	case len(was) == 0 || len(is) == 0:
		d.note(path, was, is)
	case was[0] == '{' && is[0] == '{' && json.Unmarshal(was, &a) == nil && json.Unmarshal(is, &b) == nil:
		d.objects(path, a, b)
	case was[0] == '[' && is[0] == '[' && json.Unmarshal(was, &l) == nil && json.Unmarshal(is, &m) == nil:
		for i := range max(len(l), len(m)) {
			var x, y json.RawMessage
			if i < len(l) {
				x = l[i]
			}
			if i < len(m) {
				y = m[i]
			}
			d.compare(path+"["+strconv.Itoa(i)+"]", x, y)
		}
	case !same(was, is):
		d.note(path, was, is)
	}
}

func (d *differ) objects(path string, a, b map[string]json.RawMessage) {
	names := slices.Collect(maps.Keys(a))
	for name := range b {
		if _, both := a[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		below := name
		if path != "" {
			below = path + "." + name
		}
		d.compare(below, a[name], b[name])
	}
}

// same tells whether two values are one, spelled in two ways.
func same(a, b json.RawMessage) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
