package seen

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// history is the values that were seen in the last days, by day. Its methods are safe for
// concurrent use.
type history struct {
	dir string
	now func() time.Time

	mu      sync.Mutex
	days    int   // 0: none is kept
	most    int64 // bytes
	today   int   // the day that what waits was seen on
	waiting map[string]uint64
	size    int // bytes of what waits
	parts   []part
}

// What waits in memory is written when it is so much, and after a time.
const (
	mostWaiting  = 1 << 16 // values
	mostSize     = 4 << 20 // bytes
	writeEvery   = 10 * time.Second
	shareOfMerge = 8 // of all bytes, that one file may have, so that what goes first is not all
)

// openHistory reads what there is in a folder.
func openHistory(dir string, now func() time.Time) (*history, error) {
	h := &history{dir: dir, now: now, waiting: map[string]uint64{}}
	files, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, f := range files {
		var p part
		_, err := fmt.Sscanf(f.Name(), partName, &p.day, &p.number, &p.values)
		info, e := f.Info()
		if err != nil || e != nil || f.Name() != fmt.Sprintf(partName, p.day, p.number, p.values) {
			if strings.HasPrefix(f.Name(), ".part-") { // what a kill has left
				_ = os.Remove(dir + string(os.PathSeparator) + f.Name())
			}
			continue
		}
		p.bytes = info.Size()
		h.parts = append(h.parts, p)
	}
	slices.SortFunc(h.parts, func(a, b part) int { return cmp.Or(a.day-b.day, a.number-b.number) })
	return h, nil
}

func dayOf(t time.Time) int { return int(t.Unix() / (24 * 60 * 60)) }

func startOf(day int) time.Time { return time.Unix(int64(day)*24*60*60, 0).UTC() }

// keep says how long and how much is kept from now on, and erases the rest.
func (h *history) keep(days int, most int64) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.days, h.most = days, most
	return h.erase()
}

// add takes note of a value.
func (h *history) add(text string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.days == 0 || len(text) > longestKept {
		return nil
	}
	if len(h.waiting) == 0 {
		h.today = dayOf(h.now())
	}
	if _, there := h.waiting[text]; !there {
		h.size += len(text)
	}
	h.waiting[text]++
	if len(h.waiting) >= mostWaiting || h.size >= mostSize {
		return h.write()
	}
	return nil
}

// flush writes what waits, and erases what is over.
func (h *history) flush() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return errors.Join(h.write(), h.erase())
}

// write puts what waits into a file, and files of a day together when the later ones are
// not much smaller: so each value is written anew a few times.
func (h *history) write() error {
	if len(h.waiting) == 0 {
		return nil
	}
	if err := os.MkdirAll(h.dir, 0o700); err != nil {
		return err
	}
	p, err := writePart(h.dir, part{day: h.today, number: h.next()}, among(h.list()))
	if err != nil {
		return fmt.Errorf("keep seen values: %w", err)
	}
	h.waiting, h.size = map[string]uint64{}, 0
	h.parts = append(h.parts, p)
	for len(h.parts) > 1 {
		a, b := h.parts[len(h.parts)-2], h.parts[len(h.parts)-1]
		if a.day != b.day || a.bytes > 2*b.bytes || a.bytes+b.bytes > h.most/shareOfMerge {
			break
		}
		if err := h.merge(a, b); err != nil {
			return fmt.Errorf("put seen values together: %w", err)
		}
	}
	return h.erase()
}

// list is what waits, in its order.
func (h *history) list() []value {
	list := make([]value, 0, len(h.waiting))
	for text, n := range h.waiting {
		list = append(list, value{text, n})
	}
	slices.SortFunc(list, func(a, b value) int { return strings.Compare(a.text, b.text) })
	return list
}

func (h *history) next() int {
	if n := len(h.parts); n > 0 {
		return h.parts[n-1].number + 1
	}
	return 1
}

// merge puts the last two files together.
func (h *history) merge(a, b part) error {
	x, endX, err := openPart(a.path(h.dir))
	if err != nil {
		return err
	}
	defer endX()
	y, endY, err := openPart(b.path(h.dir))
	if err != nil {
		return err
	}
	defer endY()
	p, err := writePart(h.dir, part{day: a.day, number: h.next()}, merged(x, y))
	if err != nil {
		return err
	}
	// Killed here, some are counted twice until the day is over.
	h.parts = append(h.parts[:len(h.parts)-2], p)
	return errors.Join(os.Remove(b.path(h.dir)), os.Remove(a.path(h.dir)))
}

// erase removes the days that are over, and the oldest of what is too much.
func (h *history) erase() (err error) {
	first, size := dayOf(h.now())-h.days+1, h.bytes()
	for len(h.parts) > 0 {
		p := h.parts[0]
		if p.day >= first && size <= h.most {
			break
		}
		if err := os.Remove(p.path(h.dir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("erase seen values: %w", err)
		}
		size -= p.bytes
		h.parts = h.parts[1:]
	}
	if h.days == 0 {
		h.waiting, h.size = map[string]uint64{}, 0
	}
	return nil
}

func (h *history) bytes() (n int64) {
	for _, p := range h.parts {
		n += p.bytes
	}
	return n
}

// forget erases a value, or all of them when there is none, and tells how often it was seen.
func (h *history) forget(text string, all bool) (n uint64, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if all {
		for _, p := range h.parts {
			err = errors.Join(err, os.Remove(p.path(h.dir)))
		}
		if err == nil {
			h.parts, h.waiting, h.size = nil, map[string]uint64{}, 0
		}
		return 0, err
	}
	n = h.waiting[text]
	delete(h.waiting, text)
	var kept []part
	for i, p := range h.parts {
		seen, next, err := h.anew(p, text)
		if err == nil && next != nil && next.values == p.values { // its name is the same, and so is what it holds
			kept = append(kept, p)
			continue
		}
		if err == nil {
			err = os.Remove(p.path(h.dir))
		}
		if err != nil {
			h.parts = append(kept, h.parts[i:]...)
			return n, err
		}
		if n += seen; next != nil {
			kept = append(kept, *next)
		}
	}
	h.parts = kept
	return n, nil
}

// anew writes a file again without a value; nil when the file is damaged, and goes.
func (h *history) anew(p part, text string) (seen uint64, next *part, err error) {
	from, end, err := openPart(p.path(h.dir))
	if err != nil {
		return 0, nil, nil
	}
	defer end()
	var damaged error
	without := without(from, text, &seen)
	made, err := writePart(h.dir, part{day: p.day, number: p.number}, func() (value, error) {
		v, err := without()
		if err != nil && !errors.Is(err, io.EOF) {
			damaged = err
		}
		return v, err
	})
	if damaged != nil {
		return 0, nil, nil
	}
	return seen, &made, err
}

// reading is a moment of the history that is gone over.
type reading struct {
	day  int
	from source
	end  func()
}

// read gives all there is, as of now. What cannot be read is told.
func (h *history) read() (all []reading, fault error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range h.parts {
		from, end, err := openPart(p.path(h.dir))
		if err != nil {
			fault = errors.Join(fault, err)
			continue
		}
		all = append(all, reading{p.day, from, end})
	}
	if len(h.waiting) > 0 {
		all = append(all, reading{h.today, among(h.list()), func() {}})
	}
	return all, fault
}

// Kept is how much the history holds.
type Kept struct {
	Days   int        `json:"days" doc:"For how many days values are kept; 0 when none are."`
	Values int        `json:"values" doc:"How many there are, each once for each day and file."`
	Bytes  int64      `json:"bytes" doc:"How many the files have."`
	Since  *time.Time `json:"since,omitempty" doc:"The first day of which there are any."`
}

func (h *history) kept() Kept {
	h.mu.Lock()
	defer h.mu.Unlock()
	k := Kept{Days: h.days, Values: len(h.waiting), Bytes: h.bytes()}
	first := h.today
	for i, p := range h.parts {
		if k.Values += p.values; i == 0 {
			first = p.day
		}
	}
	if k.Values > 0 {
		since := startOf(first)
		k.Since = &since
	}
	return k
}
