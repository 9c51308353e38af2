package match

import (
	"strings"

	"entente/stix/pattern"
)

// look holds comparisons against the objects of one observation.
type look struct {
	o *Observation
	c *comparison

	steps *int64 // that are left, by Holds; nil when they are not counted

	// generous lets comparisons hold that cannot be made, of which unread are told.
	generous bool
	unread   []Unread

	// been are the objects that the path has come to by a reference, at which
	// step: to come there again can find nothing new, so that rings of
	// references end and the work is bounded by the number of references.
	been map[place]bool
}

type place struct {
	step int
	at   *Object
}

// holds tells whether a comparison holds for an object: some value that the
// path leads to passes. Under NOT, some value fails; without a value nothing
// holds but NOT EXISTS.
func (l *look) holds(c *comparison, o *Object) bool {
	if o.Type != c.typ {
		return false
	}
	l.c = c
	l.been = nil
	found := l.values(o) || l.from(0, o.Properties, false)
	if c.exists {
		return found != c.negated
	}
	return found
}

// test says what one value at the end of the path says.
func (l *look) test(value any) bool {
	if l.c.exists {
		return true
	}
	if l.steps != nil {
		if *l.steps -= l.c.price.of(value); *l.steps < 0 {
			return false // as is all that would come
		}
	}
	value = decoded(value, l.c.coding)
	if text, ok := l.c.unreadable(value); ok {
		if l.generous {
			l.unread = append(l.unread, Unread{Path: l.c.typ + ":" + l.c.key, Text: text})
		}
		return l.generous
	}
	return l.c.holds(value) != l.c.negated
}

// values tries the values that are given by path.
func (l *look) values(o *Object) bool {
	if len(o.Values) == 0 {
		return false
	}
	for _, v := range o.Values[l.c.key] {
		if l.test(v) {
			return true
		}
	}
	if l.c.index >= 0 {
		if all := o.Values[l.c.anyKey]; l.c.index < int64(len(all)) {
			return l.test(all[l.c.index])
		}
	}
	return false
}

// from goes on from what step has led to. Refers says that texts there name
// objects.
func (l *look) from(step int, at any, refers bool) bool {
	if step == len(l.c.steps) {
		return l.test(at)
	}
	switch s := &l.c.steps[step]; s.Kind {
	case pattern.Property:
		ref, isText := at.(string)
		if isText && refers {
			return l.behind(step, ref)
		}
		properties, _ := at.(map[string]any)
		if value, ok := properties[s.Name]; ok {
			return l.from(step+1, value, strings.HasSuffix(s.Name, "_ref") || strings.HasSuffix(s.Name, "_refs"))
		}
	case pattern.Element:
		if list, ok := at.([]any); ok && s.Index < int64(len(list)) {
			return l.from(step+1, list[s.Index], refers)
		}
	case pattern.AnyElement:
		switch all := at.(type) {
		case []any:
			for _, value := range all {
				if l.from(step+1, value, refers) {
					return true
				}
			}
		case map[string]any:
			for _, value := range all {
				if l.from(step+1, value, refers) {
					return true
				}
			}
		}
	}
	return false
}

// behind goes on in the object that a reference names.
func (l *look) behind(step int, ref string) bool {
	if l.o.Resolve == nil {
		return false
	}
	o := l.o.Resolve(ref)
	if o == nil || l.been[place{step, o}] {
		return false
	}
	if l.been == nil {
		l.been = make(map[place]bool)
	}
	l.been[place{step, o}] = true
	return l.from(step, o.Properties, false)
}
