package storetest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"entente/internal/store"
)

// writers is the property of order: while a hundred writers write, no reader
// that pages by After misses an object, and none sees half a batch.
func writers(t *testing.T, open Open) {
	story(t, open, "NoReaderMissesAnObjectBehindItsCursor", func(k *keeper) {
		const crowd, rounds = 100, 4
		var batches, objects atomic.Int64
		var writing, reading sync.WaitGroup
		for w := range crowd {
			writing.Go(func() {
				for round := range rounds {
					n := 1 + (w*7+round*13)%20
					batch := batches.Add(1)
					if err := writeBatch(k.Store, batch, w, n); err != nil {
						k.Errorf("writer %d: %v", w, err)
						return
					}
					objects.Add(int64(n))
				}
			})
		}
		written := make(chan struct{})
		readers := make([]*cursor, 6)
		for i := range readers {
			readers[i] = &cursor{limit: []int{3, 50, 1000}[i%3], sizes: map[int64]int{}}
			reading.Go(func() {
				if err := readers[i].follow(k.Store, i%2 == 0, written); err != nil {
					k.Errorf("reader %d: %v", i, err)
				}
			})
		}
		writing.Wait()
		close(written)
		reading.Wait()
		for i, r := range readers {
			k.same(fmt.Sprintf("objects that reader %d met", i), int64(r.met), objects.Load())
		}
		k.same("objects", int64(len(k.rows(all(1)))), objects.Load())
		k.same("leaves", k.LogSize(), batches.Load())
		k.same("member rows", int64(len(k.member(k.Store, "batch", ""))), batches.Load())
	})
}

// writeBatch puts n objects, a member row that counts them, and a leaf.
// Each object says which batch it is of and how many there are in it.
func writeBatch(s store.Store, batch int64, writer, n int) error {
	var puts []store.Put
	for i := range n {
		p := indicator(fmt.Sprintf("%d-%d", batch, i), v1, fmt.Sprintf("%d/%d", batch, n))
		puts = append(puts, inClass([]string{"green", "amber", "red"}[writer%3], p))
	}
	_, err := s.Commit(context.Background(), &store.Batch{Puts: puts, Then: func(tx store.Tx, _ []store.Outcome) error {
		tx.Set("batch", strconv.FormatInt(batch, 10), []byte(strconv.Itoa(n)))
		tx.AppendLeaf([32]byte{byte(batch)}, nil)
		return nil
	}})
	return err
}

// cursor is a reader that pages by After and keeps account of batches.
type cursor struct {
	after store.Tick
	limit int
	met   int
	sizes map[int64]int // objects still to come of each batch begun
}

// follow reads until nothing is left after all was written. A reader of whole
// batches reads each time all of what a snapshot has, which must not end
// within a batch.
func (c *cursor) follow(s store.Store, whole bool, written <-chan struct{}) error {
	for {
		last := false
		select {
		case <-written:
			last = true
		default:
		}
		if err := c.catchUp(s, whole || last); err != nil || last {
			return err
		}
	}
}

func (c *cursor) catchUp(s store.Store, whole bool) error {
	var r store.Reader = s
	if whole {
		snap, err := s.Snapshot()
		if err != nil {
			return err
		}
		defer snap.Close()
		r = snap
	}
	for more := true; more; {
		q := all(1)
		q.After, q.Limit = c.after, c.limit
		page, err := r.Page(context.Background(), q)
		if err != nil {
			return err
		}
		more = page.More && whole
		for _, row := range layOpen(page.Rows) {
			if row.Added <= c.after {
				return fmt.Errorf("%s of %d came after the cursor %d", row.ID, row.Added, c.after)
			}
			c.after = row.Added
			if err := c.meet(s, row); err != nil {
				return err
			}
		}
		page.Close()
	}
	if whole && len(c.sizes) > 0 {
		return fmt.Errorf("half of the batches %v is there", c.sizes)
	}
	return nil
}

func (c *cursor) meet(s store.Reader, r row) error {
	text, size, _ := strings.Cut(textOf(r.Body), "/")
	batch, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fmt.Errorf("%s: %w", r.ID, err)
	}
	n, err := strconv.Atoi(size)
	if err != nil {
		return fmt.Errorf("%s: %w", r.ID, err)
	}
	if _, begun := c.sizes[batch]; !begun {
		c.sizes[batch] = n
		if got, err := s.Get("batch", text); err != nil || string(got) != size {
			return fmt.Errorf("the member row of batch %d is %q, %v", batch, got, err)
		}
	}
	if c.sizes[batch]--; c.sizes[batch] == 0 {
		delete(c.sizes, batch)
	}
	c.met++
	return nil
}
