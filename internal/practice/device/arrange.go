package device

import (
	"bytes"
	"iter"

	"entente/internal/format/blocklist"
)

// arranging makes a list of rows: each value once, by score or confidence, none that another
// one covers, and no more than was asked for.
type arranging struct {
	wish Wish
	temp string
	left leftOut
}

func (a *arranging) list(rows iter.Seq2[[]byte, error]) (*List, error) {
	list := &List{Wish: a.wish, shelves: &shelves{dir: a.temp}}
	limit := a.wish.Limit
	if most := a.wish.Format.Most; most > 0 && (limit == 0 || limit > most) {
		limit = most
	}
	if err := a.choose(list, rows, a.wish.Format.Wide, limit); err != nil {
		list.Close()
		return nil, err
	}
	return list, nil
}

func (a *arranging) choose(list *List, rows iter.Seq2[[]byte, error], wide bool, limit int) (err error) {
	once := a.once(rows, wide && limit == 0)
	if limit == 0 {
		list.Len, err = shelve(list.shelves, once)
		return err
	}
	// What is covered may be surer than what covers it: first the surest, then that.
	all := &shelves{dir: a.temp}
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
	first := &sorter{dir: a.temp}
	defer first.Close()
	if err := a.first(first, all, limit); err != nil {
		return err
	}
	list.Len, err = shelve(list.shelves, a.once(first.all(), wide))
	return err
}

// once leaves the surest row of each value, and with wide those that no other covers.
func (a *arranging) once(rows iter.Seq2[[]byte, error], wide bool) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		var best, last []byte // of this value; that was given
		give := func() bool {
			switch {
			case best == nil:
				return true
			case wide && covers(last, best):
				a.left.leave(leftWider, entryOf(best).Value, 1)
				return true
			}
			last = append(last[:0], best...)
			return yield(last, nil)
		}
		for row, err := range rows {
			if err != nil {
				yield(nil, err)
				return
			}
			if best != nil && sameKey(best, row) {
				if bytes.Compare(row, best) < 0 {
					best = append(best[:0], row...)
				}
				continue
			}
			if !give() {
				return
			}
			best = append(best[:0], row...)
		}
		give()
	}
}

// first takes the surest rows, and tells of the others.
func (a *arranging) first(into *sorter, all *shelves, limit int) error {
	n := 0
	for row, err := range all.all() {
		if err != nil {
			return err
		}
		if n++; n > limit {
			a.left.leave(leftLimit, entryOf(row).Value, 1)
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
