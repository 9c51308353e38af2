package handling

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"entente/stix"
)

// redactionExtension marks a copy that lacks parts.
const redactionExtension = "extension-definition--0a4a3c9b-6a63-4b1e-9a0e-3f4c1c5f2f0d"

// kept are the properties that are never left out: without them a copy would say
// something else, or be no version of the object.
var kept = []string{"type", "id", "spec_version", "created", "modified", "created_by_ref", "revoked", "valid_until",
	"confidence", "object_marking_refs", "granular_markings", "extensions", "pattern_type"}

// redact gives a copy of an object without the parts whose marking is withheld;
// false when there are none, or one cannot be left out: it is not there, must be
// there, or the copy would break a rule that the object keeps.
func redact(o *stix.Object, withheld func(marking string) bool) (copied []byte, lacks int, ok bool) {
	tree, ok := treeOf(o.Raw)
	if !ok {
		return nil, 0, false
	}
	r := redaction{typ: o.Type, object: tree, units: map[string]map[string]bool{}}
	if !r.mark(withheld) || len(r.units) == 0 {
		return nil, 0, false
	}
	r.cut()
	if !r.label() {
		return nil, 0, false
	}
	raw, err := json.Marshal(r.object)
	if err != nil {
		return nil, 0, false
	}
	copied, err = stix.Canonical(nil, raw)
	if err != nil || faults(copied) > faults(o.Raw) {
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
			var said struct {
				Parts int `json:"withheld_parts"`
			}
			if string(id) == redactionExtension && json.Unmarshal(extension, &said) == nil {
				return max(said.Parts, 0)
			}
		}
	}
	return 0
}

func treeOf(raw []byte) (tree map[string]any, ok bool) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return tree, d.Decode(&tree) == nil
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
	marks []mark // granular markings that stay
}

// mark is one granular marking.
type mark struct {
	fields    map[string]any
	selectors []string
}

// mark finds what is left out; false when something cannot be.
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
				return false
			}
		}
	}
	return true
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
	property, key := unitOf(selector)
	if slices.Contains(kept, property) || !leads(r.object, strings.Split(selector, ".")) {
		return false
	}
	if r.units[property] == nil {
		r.units[property] = map[string]bool{}
	}
	r.units[property][key] = true
	return !required(r.typ, property) || key != ""
}

// leads tells whether a path leads to something. Where a dictionary on the way
// has a key with a dot in it, that is not known.
func leads(at any, path []string) bool {
	for _, step := range path {
		switch in := at.(type) {
		case []any:
			n, ok := index(step)
			if !ok || n >= len(in) {
				return false
			}
			at = in[n]
		case map[string]any:
			for key := range in {
				if strings.Contains(key, ".") {
					return false
				}
			}
			next, there := in[step]
			if !there {
				return false
			}
			at = next
		default:
			return false
		}
	}
	return true
}

// unitOf is the property of a selector, and the element or entry in it; the
// latter is empty when it is about all of the property.
func unitOf(selector string) (property, key string) {
	property, rest, _ := strings.Cut(selector, ".")
	key, _, _ = strings.Cut(rest, ".")
	return property, key
}

func index(key string) (int, bool) {
	inner, ok := strings.CutPrefix(key, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	n, err := strconv.Atoi(inner)
	return n, ok && closed && err == nil && n >= 0 && strconv.Itoa(n) == inner
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

// label writes the markings that stay, with selectors that are true of the copy,
// and says how much is left out; false where extensions cannot say it.
func (r *redaction) label() bool {
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
	extensions, ok := r.object["extensions"].(map[string]any)
	if !ok {
		if _, other := r.object["extensions"]; other {
			return false
		}
		extensions = map[string]any{}
		r.object["extensions"] = extensions
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
	property, key := unitOf(selector)
	keys := r.units[property]
	if len(keys) == 0 {
		return selector, true
	}
	if _, there := r.object[property]; !there || keys[key] {
		return "", false
	}
	n, ok := index(key)
	if !ok {
		return selector, true
	}
	before := 0
	for i := range n {
		if keys["["+strconv.Itoa(i)+"]"] {
			before++
		}
	}
	return property + ".[" + strconv.Itoa(n-before) + "]" + strings.TrimPrefix(selector, property+"."+key), true
}
