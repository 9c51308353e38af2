package device

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"entente/internal/exchange"
	"entente/internal/format/blocklist"
	"entente/internal/store"
	"entente/internal/trust/handling"
	"entente/stix"
)

// Reasons of this package; others are detect's and the guards'.
const (
	leftUnreviewed = "a machine made it, and nobody has reviewed it"
	leftPAP        = "PAP does not allow blocking it"
	leftTogether   = "it condemns values only together, and none of them by itself"
	leftConfidence = "its confidence is lower than asked for, or not said"
	leftScore      = "its score is lower than asked for"
	leftKind       = "the format says no values of this kind"
	leftUnfit      = "a value that this format cannot hold"
	leftSpecial    = "an address that is private or special"
	leftWider      = "another entry covers it"
	leftLimit      = "the limit is reached by better ones"
)

// What is read at once.
const (
	pageSize  = 1000
	pageBytes = 8 << 20
	workers   = 3
)

// reading goes over the indicators of a reader.
type reading struct {
	chooser     *Chooser
	wish        Wish
	at          time.Time
	kinds       []blocklist.Kind
	view        *exchange.View
	collections []exchange.Access
	guards      guarding
	opinions    *opinions
	worths      *worths

	mu    sync.Mutex
	left  leftOut
	turns time.Time
	fault error
}

// statement is what one version of an indicator, or several, come to.
type statement struct {
	rows  rows
	left  []Left // one of each reason
	turns time.Time

	said    Reading // the last one; its values are written over by the next
	entry   blocklist.Entry
	class   handling.Class
	classed store.ClassID // whose class that is
}

// clear begins it again, in the room that it has.
func (s *statement) clear() {
	s.rows.clear()
	s.left, s.turns = s.left[:0], time.Time{}
}

// read puts what indicators say into a sorter, as rows.
func (r *reading) read(ctx context.Context, into *sorter) error {
	r.left = leftOut{}
	if r.worths != nil {
		r.turns = r.worths.at.Add(24 * time.Hour)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var versions *sorter // where an indicator may stand in several collections
	if len(r.collections) > 1 {
		versions = &sorter{dir: r.chooser.Temp}
		defer versions.Close()
	}
	pages := make(chan *exchange.Page, workers)
	var work sync.WaitGroup
	for range workers {
		work.Go(func() {
			var s statement
			for page := range pages {
				if err := r.page(ctx, &s, page, into, versions); err != nil {
					r.fail(err)
					stop()
				}
				page.Close()
			}
		})
	}
	err := r.pages(ctx, pages)
	close(pages)
	work.Wait()
	if r.fault != nil {
		return r.fault
	}
	if err != nil || versions == nil {
		return err
	}
	return r.newest(versions, into)
}

func (r *reading) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fault == nil {
		r.fault = err
	}
}

// pages sends the pages of all collections to the workers, who close them.
func (r *reading) pages(ctx context.Context, to chan<- *exchange.Page) error {
	for _, c := range r.collections {
		q := exchange.Query{Types: []string{"indicator"}, Limit: pageSize, MaxBytes: pageBytes, Bodies: true, Once: true}
		for {
			page, err := r.view.Page(ctx, c.ID, q)
			if err != nil {
				return fmt.Errorf("collection %q: %w", c.Alias, err)
			}
			q.Next = page.Next
			select {
			case to <- page:
			case <-ctx.Done():
				page.Close()
				return ctx.Err()
			}
			if q.Next == "" {
				break
			}
		}
	}
	return nil
}

// page takes a page of indicators.
func (r *reading) page(ctx context.Context, s *statement, page *exchange.Page, into, versions *sorter) error {
	s.clear()
	var packed [][]byte
	for i := range page.Len() {
		if err := r.state(ctx, s, page, i); err != nil {
			return err
		}
		if versions != nil {
			packed = append(packed, s.pack(page.ID(i), page.Version(i)))
			s.clear()
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range packed {
		if err := versions.add(p); err != nil {
			return err
		}
	}
	return r.keep(s, into)
}

// keep takes what counts into the list; the lock is held.
func (r *reading) keep(s *statement, into *sorter) error {
	r.turns = sooner(r.turns, s.turns)
	for i := range s.left {
		r.left.leave(s.left[i].Reason, s.left[i].Example, 1)
	}
	return into.addAll(&s.rows)
}

// sooner is the first of two moments; zero is none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// state hears one indicator.
func (r *reading) state(ctx context.Context, s *statement, page *exchange.Page, i int) error {
	said := &s.said
	r.chooser.Hear(said, page.Bytes(i), r.at)
	for _, t := range []time.Time{said.Since, said.Until} {
		if t.After(r.at) {
			s.turns = sooner(s.turns, t)
		}
	}
	id := page.ID(i)
	before := len(s.left)
	leave := func(reason, example string) {
		if !slices.ContainsFunc(s.left[before:], func(l Left) bool { return l.Reason == reason }) {
			s.left = append(s.left, Left{Reason: reason, Example: strings.Clone(example)}) // of a page
		}
	}
	if at := page.Place(i).Class; at != s.classed {
		s.classed, s.class = at, page.Class(i)
	}
	class := &s.class
	switch {
	case said.Left != "" && len(said.Values) == 0 && !said.Together:
		leave(said.Left, id)
		return nil
	case r.wish.Format.Blocks && !mayBlock(class.PAP):
		leave(leftPAP, id)
		return nil
	case r.wish.Reviewed && class.Unreviewed:
		leave(leftUnreviewed, id)
		return nil
	case said.Confidence < r.wish.MinConfidence && r.wish.MinConfidence > 0:
		leave(leftConfidence, id)
		return nil
	}
	rank := r.worths.rank(page.Bytes(i), id, said)
	if r.wish.MinScore > 0 && scoreOf(rank) < r.wish.MinScore {
		leave(leftScore, id)
		return nil
	}
	wrong, err := r.opinions.against(ctx, page, i)
	if err != nil {
		return err
	}
	if wrong != "" {
		leave(wrong, id)
		said.Values = slices.DeleteFunc(said.Values, func(v stix.Value) bool { return !r.guards.insisted[v] })
	}
	if said.Left != "" {
		leave(said.Left, id)
	}
	if said.Together {
		leave(leftTogether, id)
	}
	entry := &s.entry
	*entry = blocklist.Entry{Ref: reference(id), Confidence: said.Confidence, Since: said.Since, Until: said.Until, TLP: class.TLP.String()}
	if r.wish.Format == Feed {
		entry.By = property(page.Bytes(i), "created_by_ref")
		if t, err := stix.ParseTimestamp(page.Version(i)); err == nil {
			entry.Changed = t.Time()
		}
	}
	for _, v := range said.Values {
		if why := r.fit(entry, v); why != "" {
			leave(why, v.Text)
			continue
		}
		s.rows.addEntry(entry, rank)
	}
	return nil
}

// fit makes a value the entry's, or tells why it is not taken.
func (r *reading) fit(e *blocklist.Entry, v stix.Value) string {
	e.Kind, e.Value = kindOf(v), v.Text
	switch {
	case !slices.Contains(r.kinds, e.Kind):
		return leftKind
	case e.Check() != nil || !r.wish.Format.Takes(e):
		return leftUnfit
	case r.wish.Format.Blocks && isSpecial(v):
		return leftSpecial
	}
	return r.guards.against(v)
}

// kindOf is the kind of a value in lists; 0 when it has none there.
func kindOf(v stix.Value) blocklist.Kind {
	switch v.Kind {
	case stix.ValueIP:
		return blocklist.IP
	case stix.ValueDomain:
		return blocklist.Domain
	case stix.ValueURL:
		return blocklist.URL
	case stix.ValueHash:
		k, _ := blocklist.Digest(v.Text)
		return k
	case stix.ValueEmail:
		return blocklist.Mail
	case stix.ValueFile:
		return blocklist.File
	case stix.ValueCert:
		return blocklist.Cert
	}
	return 0
}

// reference is what leads back to an indicator: the UUID in its id.
func reference(id string) string {
	if _, rest, ok := strings.Cut(id, "--"); ok && len(rest) == 36 {
		if _, _, err := stix.ParseID(id); err == nil {
			return rest
		}
	}
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:16])
}
