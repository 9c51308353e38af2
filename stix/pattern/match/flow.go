package match

import "slices"

// flow is what observations give to slots. It is never undone when the search
// turns back: what no longer fits is taken away, what lacks is found anew.
type flow struct {
	used    []int64   // of each observation
	holders [][]int32 // the slots that each gives to

	// Of one search for a way to give more:
	round   int32
	visited []int32 // the round in which an observation was looked at
	from    []int32 // by which slot
	queued  []int32 // the round in which a slot was
	by      []int32 // for which observation it must find another
}

func (w *flow) reset(observations int) {
	*w = flow{
		used: make([]int64, observations), holders: make([][]int32, observations),
		visited: make([]int32, observations), from: make([]int32, observations),
	}
}

// settle gives every slot what it needs within the present ranges; false when
// that cannot be.
func (f *finder) settle() bool {
	if len(f.rooms) < len(f.p.slots) {
		f.rooms = make([]room, len(f.p.slots))
	}
	rooms := f.rooms
	for i := range f.p.slots {
		d := &f.p.slots[i]
		rooms[i] = f.room(d)
		f.release(int32(i), &rooms[i])
	}
	for i := range f.p.slots {
		if f.p.slots[i].lacks > 0 {
			f.fill(int32(i), &rooms[i])
		}
	}
	for i := range f.p.slots {
		for f.p.slots[i].lacks > 0 {
			if f.work < 0 || !f.augment(int32(i), rooms) {
				return false
			}
		}
	}
	return true
}

// release takes away from a slot what is no longer in its room.
func (f *finder) release(i int32, r *room) {
	d := &f.p.slots[i]
	f.work -= int64(len(d.given))
	for k := len(d.given) - 1; k >= 0; k-- {
		g := d.given[k]
		at, _ := slices.BinarySearch(d.offer.from, g.o)
		if !f.fits(d, r, at) {
			f.move(i, g.o, -g.n)
		}
	}
}

// fill gives a slot what is free, the earliest first.
func (f *finder) fill(i int32, r *room) {
	d := &f.p.slots[i]
	for at := r.start; at < r.stop && d.lacks > 0; at++ {
		f.work--
		o := d.offer.from[at]
		if free := f.supply.sorted[o].count - f.flow.used[o]; free > 0 && f.fits(d, r, at) {
			f.move(i, o, min(free, d.lacks))
		}
	}
}

// move gives an observation to a slot n times more, or fewer.
func (f *finder) move(i, o int32, n int64) {
	d, w := &f.p.slots[i], &f.flow
	d.lacks -= n
	w.used[o] += n
	k, held := slices.BinarySearchFunc(d.given, o, func(g given, o int32) int { return int(g.o - o) })
	if !held {
		d.given = slices.Insert(d.given, k, given{o: o})
		w.holders[o] = append(w.holders[o], i)
	}
	if d.given[k].n += n; d.given[k].n == 0 {
		d.given = slices.Delete(d.given, k, k+1)
		w.holders[o] = slices.DeleteFunc(w.holders[o], func(slot int32) bool { return slot == i })
	}
}

// augment finds a way to give a slot more, by giving others something else
// instead; false when there is none.
func (f *finder) augment(start int32, rooms []room) bool {
	w := &f.flow
	w.round++
	if len(w.queued) < len(f.p.slots) {
		w.queued, w.by = make([]int32, len(f.p.slots)), make([]int32, len(f.p.slots))
	}
	queue := []int32{start}
	w.queued[start] = w.round
	for len(queue) > 0 && f.work >= 0 {
		i := queue[0]
		queue = queue[1:]
		d := &f.p.slots[i]
		for at := rooms[i].start; at < rooms[i].stop; at++ {
			f.work--
			o := d.offer.from[at]
			if w.visited[o] == w.round || !f.fits(d, &rooms[i], at) {
				continue
			}
			w.visited[o], w.from[o] = w.round, i
			if f.supply.sorted[o].count > w.used[o] {
				f.shift(start, o)
				return true
			}
			for _, holder := range w.holders[o] {
				if w.queued[holder] != w.round {
					w.queued[holder], w.by[holder] = w.round, o
					queue = append(queue, holder)
				}
			}
		}
	}
	return false
}

// shift gives along the way that augment found, as much as all of it allows.
func (f *finder) shift(start, free int32) {
	w := &f.flow
	n := min(f.p.slots[start].lacks, f.supply.sorted[free].count-w.used[free])
	for i := w.from[free]; i != start; i = w.from[w.by[i]] {
		n = min(n, f.p.slots[i].gives(w.by[i]))
	}
	for o, i := free, w.from[free]; ; {
		f.move(i, o, n)
		if i == start {
			return
		}
		o = w.by[i]
		f.move(i, o, -n)
		i = w.from[o]
	}
}

// gives is how much of an observation a slot has.
func (d *demand) gives(o int32) int64 {
	k, held := slices.BinarySearchFunc(d.given, o, func(g given, o int32) int { return int(g.o - o) })
	if !held {
		return 0
	}
	return d.given[k].n
}
