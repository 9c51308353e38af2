package device

import (
	"bytes"
	"iter"

	"entente/internal/format/blocklist"
)

// arrange makes the list of what was said: each value once, by score or confidence, none that
// another one covers, and no more than was asked for.
func (r *reading) arrange(said *sorter) (*List, error) {
	list := &List{Wish: r.wish, Turns: r.turns, shelves: &shelves{dir: r.chooser.Temp}}
	wide := r.wish.Format.Wide
	limit := r.wish.Limit
	if most := r.wish.Format.Most; most > 0 && (limit == 0 || limit > most) {
		limit = most
	}
	err := r.choose(list, said, wide, limit)
	if err != nil {
		list.Close()
		return nil, err
	}
	list.Left = r.left.list()
	return list, nil
}

func (r *reading) choose(list *List, said *sorter, wide bool, limit int) (err error) {
	once := r.once(rowsAhead(said.all()), wide && limit == 0)
	if limit == 0 {
		list.Len, err = shelve(list.shelves, once)
		return err
	}
	// What is covered may be surer than what covers it: first the surest, then that.
	all := &shelves{dir: r.chooser.Temp}
	defer all.Close()
	n, err := shelve(all, once)
	if err != nil {
		return err
	}
	if n <= limit && !wide {
		*list.shelves, *all = *all, *list.shelves
		list.Len = n
		return nil
	}
	first := &sorter{dir: r.chooser.Temp}
	defer first.Close()
	if err := r.first(first, all, limit); err != nil {
		return err
	}
	list.Len, err = shelve(list.shelves, r.once(first.all(), wide))
	return err
}

// once leaves the surest row of each value, and with wide those that no other covers.
func (r *reading) once(rows iter.Seq2[[]byte, error], wide bool) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		var last []byte
		for row, err := range rows {
			if err != nil {
				yield(nil, err)
				return
			}
			if n := keyLen(row); len(last) >= n && bytes.Equal(last[:n], row[:n]) {
				continue
			}
			if wide && covers(last, row) {
				r.left.leave(leftWider, entryOf(row).Value, 1)
				continue
			}
			last = append(last[:0], row...)
			if !yield(row, nil) {
				return
			}
		}
	}
}

// first takes the surest rows, and tells of the others.
func (r *reading) first(into *sorter, all *shelves, limit int) error {
	n := 0
	for row, err := range all.all() {
		if err != nil {
			return err
		}
		if n++; n > limit {
			r.left.leave(leftLimit, entryOf(row).Value, 1)
			continue
		}
		if err := into.add(row); err != nil {
			return err
		}
	}
	return nil
}

func shelve(s *shelves, rows iter.Seq2[[]byte, error]) (n int, err error) {
	for row, err := range rows {
		if err != nil {
			return n, err
		}
		if err := s.add(orderOf(row), row); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// Entries gives the entries of the list, the surest first.
func (l *List) Entries() iter.Seq2[blocklist.Entry, error] { return l.entries(nil) }
