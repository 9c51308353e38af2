package pebble

import "entente/internal/store"

// step is an s row: what happened that is no first addition.
type step struct {
	kind       store.ChangeKind
	collection store.Collection
	was        store.Tick // the tick that the row had; 0 for a further membership
	class      store.ClassID
	id         string
	version    string
	spec       string
}

func (s *step) append(b []byte) []byte {
	b = append32(append(b, byte(s.kind)), s.collection)
	b = append32(appendTick(b, s.was), s.class)
	return appendText(appendText(appendText(b, s.id), s.version), s.spec)
}

func readStep(b []byte) (s step, ok bool) {
	if len(b) < 17 {
		return s, false
	}
	s.kind, s.collection = store.ChangeKind(b[0]), read32[store.Collection](b[1:])
	s.was, s.class, b = readTick(b[5:]), read32[store.ClassID](b[13:]), b[17:]
	for _, text := range []*string{&s.id, &s.version, &s.spec} {
		t, rest, ok := cutText(b)
		if !ok {
			return s, false
		}
		*text, b = string(t), rest
	}
	return s, len(b) == 0
}
