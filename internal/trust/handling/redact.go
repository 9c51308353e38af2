package handling

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"entente/internal/trust/provenance"
	"entente/stix"
)

// redactionExtension marks a copy that lacks parts.
const redactionExtension = provenance.Redaction

// redact gives a copy of an object without the parts whose marking is withheld,
// and without hidden references; false when there are none, or one cannot be left
// out: it is not there, must be there, or the copy would break a rule that the
// object keeps.
func redact(o *stix.Object, withheld func(marking string) bool, hidden []stix.Ref) (copied []byte, lacks int, ok bool) {
	r, ok := newRedaction(o)
	if !ok {
		return nil, 0, false
	}
	_, marked := r.object["granular_markings"]
	if marked && !r.mark(withheld) || !r.hide(hidden) || len(r.units) == 0 {
		return nil, 0, false
	}
	digests, _ := provenance.Redact(r.object, r.left()) // of the object as it is
	r.cut()
	r.relabel()
	if !r.declare(digests) {
		return nil, 0, false
	}
	raw, err := json.Marshal(r.object)
	if err != nil {
		return nil, 0, false
	}
	copied, err = stix.Canonical(nil, raw)
	if err != nil {
		return nil, 0, false
	}
	if n := faults(copied); n > 0 && n > faults(o.Raw) {
		return nil, 0, false
	}
	return copied, r.count(), true
}

// Withheld is how many parts a copy says that it lacks; 0 of an object as its
// producer wrote it. Whoever makes an object can say so, too.
func Withheld(raw []byte) int {
	for name, extensions := range stix.Split(raw) {
		if string(name) != "extensions" {
			continue
		}
		for id, extension := range stix.Split(extensions) {
			var said map[string]json.RawMessage // names as they are written
			var parts int
			if string(id) == redactionExtension && json.Unmarshal(extension, &said) == nil && json.Unmarshal(said["withheld_parts"], &parts) == nil {
				return max(parts, 0)
			}
		}
	}
	return 0
}

// faults counts what breaks a MUST.
func faults(raw []byte) (n int) {
	for _, f := range stix.Validate(raw) {
		if f.Severity == stix.Error {
			n++
		}
	}
	return n
}

// redaction is a copy being made.
type redaction struct {
	typ    string
	object map[string]any

	// units are what is left out: of each property all of it (the empty key), or
	// elements of a list by "[n]", or entries of a dictionary by their key.
	units map[string]map[string]bool
	marks []mark           // granular markings that stay
	dots  map[string]bool  // whether the dictionary at a path has a key with a dot in it
	held  []string         // selectors of what is withheld and cannot be left out
	gone  map[string][]int // indices of the elements that are left out of a list, in order
}

// newRedaction begins a copy; false when the object is not JSON.
func newRedaction(o *stix.Object) (*redaction, bool) {
	d := json.NewDecoder(bytes.NewReader(o.Raw))
	d.UseNumber()
	r := &redaction{typ: o.Type, units: map[string]map[string]bool{}}
	return r, d.Decode(&r.object) == nil
}

// mark is one granular marking.
type mark struct {
	fields    map[string]any
	selectors []string
}

// hide notes the references that are left out; false when one cannot be.
func (r *redaction) hide(refs []stix.Ref) bool {
	for _, ref := range refs {
		selector := selectorOf(ref.Path)
		at, ok := r.valueAt(selector)
		if !ok || at != ref.ID || !r.leaveOut(selector) { // long paths lack their beginning
			return false
		}
	}
	return true
}

// mark finds what is left out; false when something cannot be, which is noted
// unless the markings themselves are broken.
func (r *redaction) mark(withheld func(string) bool) bool {
	list, ok := r.object["granular_markings"].([]any)
	if !ok {
		return false
	}
	for _, v := range list {
		fields, ok := v.(map[string]any)
		if !ok {
			return false
		}
		selectors, ok := texts(fields["selectors"])
		if !ok {
			return false
		}
		ref, ok := fields["marking_ref"].(string)
		if !ok || !withheld(ref) { // a language, or no stricter than the whole
			r.marks = append(r.marks, mark{fields, selectors})
			continue
		}
		for _, s := range selectors {
			if !r.leaveOut(s) {
				r.held = append(r.held, s)
			}
		}
	}
	return len(r.held) == 0
}

func texts(v any) (list []string, ok bool) {
	all, ok := v.([]any)
	for _, one := range all {
		text, is := one.(string)
		ok = ok && is
		list = append(list, text)
	}
	return list, ok && len(list) > 0
}

// leaveOut notes what a selector is about. What is deeper inside is left out with
// the element or the entry that it is in.
func (r *redaction) leaveOut(selector string) bool {
	property, key := provenance.UnitOf(selector)
	if provenance.Kept(property) || !r.leads(selector) {
		return false
	}
	if r.units[property] == nil {
		r.units[property] = map[string]bool{}
	}
	r.units[property][key] = true
	return !required(r.typ, property) || key != ""
}

// leads tells whether a selector leads to something.
func (r *redaction) leads(selector string) bool {
	_, ok := r.valueAt(selector)
	return ok
}

// valueAt is what a selector leads to; false when that is nothing. Where a
// dictionary on the way has a key with a dot in it, that is not known.
func (r *redaction) valueAt(selector string) (any, bool) {
	var at any = r.object
	for n := 0; n < len(selector); {
		before := selector[:n]
		step, _, _ := strings.Cut(selector[n:], ".")
		n += len(step) + 1
		switch in := at.(type) {
		case []any:
			i, ok := provenance.Index(step)
			if !ok || i >= len(in) {
				return nil, false
			}
			at = in[i]
		case map[string]any:
			next, there := in[step]
			if !there || r.hasDots(before, in) {
				return nil, false
			}
			at = next
		default:
			return nil, false
		}
	}
	return at, selector != "" && !strings.HasSuffix(selector, ".")
}

// hasDots tells whether a dictionary, which stands at a path, has a key with a dot in
// it. It is looked at once: there may be as many selectors as keys.
func (r *redaction) hasDots(path string, in map[string]any) bool {
	has, known := r.dots[path]
	if !known {
		for key := range in {
			has = has || strings.Contains(key, ".")
		}
		if r.dots == nil {
			r.dots = map[string]bool{}
		}
		r.dots[path] = has
	}
	return has
}

func required(typ, property string) bool {
	return slices.ContainsFunc(stix.Properties(typ), func(p stix.Property) bool { return p.Name == property && p.Required })
}

// cut leaves the units out. What is empty then goes, too.
func (r *redaction) cut() {
	for property, keys := range r.units {
		if keys[""] {
			delete(r.object, property)
			continue
		}
		switch in := r.object[property].(type) {
		case []any:
			left := []any{}
			for i, v := range in {
				if !keys["["+strconv.Itoa(i)+"]"] {
					left = append(left, v)
				}
			}
			r.object[property] = left
			if len(left) == 0 {
				delete(r.object, property)
			}
		case map[string]any:
			for key := range keys {
				delete(in, key)
			}
			if len(in) == 0 {
				delete(r.object, property)
			}
		}
	}
}

// relabel writes the markings that stay, with selectors that are true of the copy.
func (r *redaction) relabel() {
	var marks []any
	for _, m := range r.marks {
		var selectors []any
		for _, s := range m.selectors {
			if s, stays := r.moved(s); stays {
				selectors = append(selectors, s)
			}
		}
		if len(selectors) > 0 {
			m.fields["selectors"] = selectors
			marks = append(marks, m.fields)
		}
	}
	r.object["granular_markings"] = marks
	if len(marks) == 0 {
		delete(r.object, "granular_markings")
	}
}

// declare says how much is left out, with the digests by which the copy can be
// checked, if there are any: an object's seed never goes along. False where extensions
// cannot say it.
func (r *redaction) declare(digests map[string]any) bool {
	extensions, ok := r.object["extensions"].(map[string]any)
	if !ok {
		if _, other := r.object["extensions"]; other {
			return false
		}
		extensions = map[string]any{}
		r.object["extensions"] = extensions
	}
	if delete(extensions, provenance.Extension); digests != nil {
		extensions[provenance.Extension] = digests
	}
	extensions[redactionExtension] = map[string]any{"extension_type": "property-extension", "withheld_parts": r.count()}
	return true
}

// count is how many parts are left out.
func (r *redaction) count() (n int) {
	for _, keys := range r.units {
		if n++; !keys[""] {
			n += len(keys) - 1
		}
	}
	return n
}

// moved is a selector as it is true of the copy; false when what it is about was
// left out.
func (r *redaction) moved(selector string) (string, bool) {
	property, key := provenance.UnitOf(selector)
	keys := r.units[property]
	if len(keys) == 0 {
		return selector, true
	}
	if _, there := r.object[property]; !there || keys[key] {
		return "", false
	}
	n, ok := provenance.Index(key)
	if !ok {
		return selector, true
	}
	before, _ := slices.BinarySearch(r.goneFrom(property), n)
	return property + ".[" + strconv.Itoa(n-before) + "]" + strings.TrimPrefix(selector, property+"."+key), true
}

// goneFrom lists the elements that are left out of a list. It is made once: there may
// be as many selectors as elements.
func (r *redaction) goneFrom(property string) []int {
	list, known := r.gone[property]
	if known {
		return list
	}
	for key := range r.units[property] {
		if n, ok := provenance.Index(key); ok {
			list = append(list, n)
		}
	}
	slices.Sort(list)
	if r.gone == nil {
		r.gone = map[string][]int{}
	}
	r.gone[property] = list
	return list
}
