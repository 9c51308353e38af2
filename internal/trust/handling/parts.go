package handling

// Part is what a granular marking is on that makes it stricter than the rest of its
// object.
type Part struct {
	Selectors []string
	Class     Class
}

// Parts are those that the object's own markings make stricter than what is shown of it
// to who may not read them, in their order.
func (w *Weight) Parts() (list []Part) {
	if len(w.o.GranularMarkingRefs) == 0 {
		return nil
	}
	r, ok := newRedaction(w.o)
	if !ok {
		return nil
	}
	is := stricter(w.gathered, w.Shown, w.unmarked, w.defs)
	marks, _ := r.object["granular_markings"].([]any)
	for _, v := range marks {
		fields, _ := v.(map[string]any)
		ref, _ := fields["marking_ref"].(string)
		selectors, ok := texts(fields["selectors"])
		if ref == "" || !ok || !is(ref) {
			continue
		}
		part := w.gathered
		part.mark(ref, w.defs)
		list = append(list, Part{selectors, part.settled(w.unmarked)})
	}
	return list
}
