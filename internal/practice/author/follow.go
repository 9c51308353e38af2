package author

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// following keeps the granular markings of an object on what they are about (STIX 2.1
// section 7.2.3) while the object is changed. Selectors count the elements of a list:
// left as they are, the marking of one that moves would stay behind on another.
type following struct {
	o       map[string]any
	loose   map[string]bool     // of what went; what comes in its place takes its marking
	matches map[string]matching // of the lists of one step
	changed bool                // some selector is another one now
	notes   int                 // how often one became another
	told    []string            // of the first of these
}

// follow begins to keep the markings of an object's parts on them.
func follow(o map[string]any) *following {
	return &following{o: o, loose: map[string]bool{}}
}

// mostSelectors bounds what the selectors of one step may become.
const mostSelectors = 100_000

// each gives every selector what it has become. The markings themselves keep their
// places, which paths of the same request may count, until end.
func (f *following) each(become func(mark map[string]any, selector string) []string) error {
	marks, _ := f.o["granular_markings"].([]any)
	n := 0
	for _, v := range marks {
		mark, _ := v.(map[string]any)
		selectors, _ := mark["selectors"].([]any)
		left := make([]any, 0, len(selectors))
		for _, v := range selectors {
			selector, is := v.(string)
			if !is {
				left = append(left, v) // which validation tells
				continue
			}
			now := become(mark, selector)
			if n += len(now); n > mostSelectors {
				return bad("too many parts are marked to follow each through this change; say in granular_markings, in the same edit, which parts are marked")
			}
			f.note(selector, now)
			for _, s := range now {
				left = append(left, s)
				if f.loose[selector] {
					f.loose[s] = true
				}
			}
		}
		if len(selectors) > 0 {
			mark["selectors"] = left
		}
	}
	return nil
}

// note says what became of a selector, unless it is as it was.
func (f *following) note(was string, now []string) {
	const most = 5
	if len(now) == 1 && now[0] == was {
		return
	}
	f.changed = true
	switch f.notes++; {
	case f.notes > most:
		return
	case len(now) == 0:
		f.told = append(f.told, was+" is gone, and its marking with it")
	case len(now) > 3:
		f.told = append(f.told, fmt.Sprintf("the marking of %s is on %s and %d more now", was, strings.Join(now[:3], ", "), len(now)-3))
	default:
		f.told = append(f.told, "the marking of "+was+" is on "+strings.Join(now, ", ")+" now")
	}
}

// marked tells whether some part of what a selector leads to is marked.
func (f *following) marked(at string) bool {
	marks, _ := f.o["granular_markings"].([]any)
	return slices.ContainsFunc(marks, func(v any) bool {
		mark, _ := v.(map[string]any)
		selectors, _ := mark["selectors"].([]any)
		return slices.ContainsFunc(selectors, func(v any) bool {
			selector, _ := v.(string)
			return within(selector, at)
		})
	})
}

// removed follows what is taken away at a path.
func (f *following) removed(gone Path) error {
	at, last := selectorOf(gone), gone[len(gone)-1]
	list := strings.TrimSuffix(at, elementOf(last.Index))
	if last.Name == "" && !f.marked(strings.TrimSuffix(list, ".")) {
		return nil
	}
	return f.each(func(_ map[string]any, selector string) []string {
		if last.Name != "" {
			if within(selector, at) {
				f.loose[selector] = true
			}
			return []string{selector}
		}
		rest, in := strings.CutPrefix(selector, list)
		step, deeper, more := strings.Cut(rest, ".")
		n, is := placeOf(step)
		switch {
		case !in || !is || n < last.Index:
			return []string{selector}
		case n == last.Index:
			return nil
		}
		selector = list + elementOf(n-1)
		if more {
			selector += "." + deeper
		}
		return []string{selector}
	})
}

// replaced follows what is put in the place of a value at a path.
func (f *following) replaced(p Path, was, is any) error {
	at := selectorOf(p)
	if !f.marked(at) {
		return nil
	}
	f.matches = map[string]matching{}
	return f.each(func(mark map[string]any, selector string) []string {
		if rest, in := strings.CutPrefix(selector, at+"."); in {
			return f.heirs(mark, was, is, rest, at, at)
		}
		return []string{selector}
	})
}

// rewritten follows what became of a whole object. Where the markings of a property's
// parts are said anew, they are as they are said.
func (f *following) rewritten(base map[string]any) error {
	was, is := marksOf(base), marksOf(f.o)
	anew := map[string]bool{}
	for property := range is {
		anew[property] = !slices.Equal(was[property], is[property])
	}
	f.matches = map[string]matching{}
	return f.each(func(mark map[string]any, selector string) []string {
		property, _, _ := strings.Cut(selector, ".")
		if anew[property] {
			return []string{selector}
		}
		return f.heirs(mark, base, f.o, selector, "", "")
	})
}

// marksOf lists, of each property, what marks it or its parts.
func marksOf(o map[string]any) map[string][]string {
	all := map[string][]string{}
	marks, _ := o["granular_markings"].([]any)
	for _, v := range marks {
		mark, _ := v.(map[string]any)
		selectors, _ := mark["selectors"].([]any)
		by := fmt.Sprint(mark["marking_ref"], " ", mark["lang"], " ")
		for _, v := range selectors {
			selector, _ := v.(string)
			property, _, _ := strings.Cut(selector, ".")
			all[property] = append(all[property], by+selector)
		}
	}
	for _, list := range all {
		slices.Sort(list)
	}
	return all
}

// heirs are the selectors of what became of a part: of was, at the path from, which
// is is now, at the path to. What was there is known again by its value wherever it
// stands in the list; where it is not there any more, whatever is new in the list may
// be what it was made into, and takes its marking.
func (f *following) heirs(mark map[string]any, was, is any, selector, from, to string) []string {
	step, rest, more := strings.Cut(selector, ".")
	on := func(step string) string {
		if more {
			step += "." + rest
		}
		return joined(to, step)
	}
	switch in := was.(type) {
	case map[string]any:
		old, had := in[step]
		now, isObject := is.(map[string]any)
		next, has := now[step]
		switch {
		case !isObject:
			return []string{to}
		case had && !has:
			f.loose[on(step)] = true
		case had && more:
			return f.heirs(mark, old, next, rest, joined(from, step), joined(to, step))
		}
	case []any:
		now, isList := is.([]any)
		n, isPlace := placeOf(step)
		if !isList {
			return []string{to}
		}
		if !isPlace || n >= len(in) {
			break // which validation tells
		}
		m := f.match(from, in, now)
		if m.same {
			break
		}
		var list []string
		for _, j := range m.places[m.was[n]] {
			list = append(list, on(elementOf(j)))
		}
		switch _, lang := mark["lang"]; {
		case len(list) > 0 || len(m.fresh) == 0:
			return list
		case len(m.fresh) == 1 && more:
			j := m.fresh[0]
			return f.heirs(mark, in[n], now[j], rest, joined(from, step), joined(to, elementOf(j)))
		case lang && len(m.fresh) > 1:
			return nil // it keeps nobody from anything
		}
		for _, j := range m.fresh {
			list = append(list, joined(to, elementOf(j)))
		}
		return list
	}
	return []string{on(step)}
}

// matching tells where the elements of a list are in what it became.
type matching struct {
	same   bool
	was    []string         // its elements, canonical
	places map[string][]int // of what it became, by element
	fresh  []int            // places of what was not in it
}

// match is worked out once for a list: there may be as many selectors as elements.
func (f *following) match(at string, was, is []any) matching {
	if m, known := f.matches[at]; known {
		return m
	}
	m := matching{places: map[string][]int{}}
	had := map[string]bool{}
	for _, v := range was {
		m.was = append(m.was, textOf(v))
		had[textOf(v)] = true
	}
	now := []string{}
	for i, v := range is {
		text := textOf(v)
		now = append(now, text)
		m.places[text] = append(m.places[text], i)
		if !had[text] {
			m.fresh = append(m.fresh, i)
		}
	}
	m.same = slices.Equal(m.was, now)
	f.matches[at] = m
	return m
}

// textOf is a value in canonical form.
func textOf(v any) string {
	return string(rawOf(map[string]any{"v": v}, "v"))
}

// counts refuses a path to one of the selectors when they are not those that its
// writer has counted any more.
func (f *following) counts(p Path) error {
	if f.changed && p.marks() && len(p) > 3 && p[3].Index != End {
		return fmt.Errorf("%s: the same edit moves what is marked; say all of granular_markings, or change the two one after the other", p)
	}
	return nil
}

// marks tells whether a path leads to markings of parts.
func (p Path) marks() bool { return p[0].Name == "granular_markings" }

// end takes the markings away whose parts went and did not come again, and tells, in
// few lines, what became of the others.
func (f *following) end() []string {
	marks, _ := f.o["granular_markings"].([]any)
	var stay []any
	for _, v := range marks {
		mark, _ := v.(map[string]any)
		selectors, _ := mark["selectors"].([]any)
		seen := map[string]bool{}
		left := slices.DeleteFunc(slices.Clone(selectors), func(v any) bool {
			selector, _ := v.(string)
			again := f.changed && seen[selector]
			seen[selector] = true
			return again || f.loose[selector] && !leads(f.o, selector)
		})
		if f.changed = f.changed || len(left) < len(selectors); len(left) < len(selectors) {
			mark["selectors"] = left
		}
		if selectors == nil || len(left) > 0 || !f.changed {
			stay = append(stay, v)
		}
	}
	if len(stay) < len(marks) {
		f.o["granular_markings"] = stay
	}
	if len(stay) == 0 && len(marks) > 0 {
		delete(f.o, "granular_markings")
	}
	if n := f.notes - len(f.told); n > 0 {
		f.told = append(f.told, fmt.Sprintf("and so on, %d times more", n))
	}
	return f.told
}

// leads tells whether an object has what a selector is about.
func leads(o map[string]any, selector string) bool {
	var at any = o
	for step := range strings.SplitSeq(selector, ".") {
		switch in := at.(type) {
		case map[string]any:
			next, there := in[step]
			if !there {
				return false
			}
			at = next
		case []any:
			n, is := placeOf(step)
			if !is || n >= len(in) {
				return false
			}
			at = in[n]
		default:
			return false
		}
	}
	return true
}

// within tells whether a selector is about what another is about, or a part of it.
func within(selector, at string) bool {
	return selector == at || strings.HasPrefix(selector, at+".")
}

// selectorOf writes a path as granular markings do (STIX 2.1 section 7.2.3.1).
func selectorOf(p Path) string {
	steps := make([]string, len(p))
	for i, s := range p {
		if steps[i] = s.Name; s.Name == "" {
			steps[i] = elementOf(s.Index)
		}
	}
	return strings.Join(steps, ".")
}

func elementOf(n int) string { return "[" + strconv.Itoa(n) + "]" }

// placeOf reads the step of a selector that counts elements.
func placeOf(step string) (int, bool) {
	digits, ok := strings.CutPrefix(step, "[")
	digits, closed := strings.CutSuffix(digits, "]")
	n, err := strconv.ParseUint(digits, 10, 31)
	return int(n), ok && closed && err == nil
}

func joined(at, step string) string { return strings.TrimPrefix(at+"."+step, ".") }
