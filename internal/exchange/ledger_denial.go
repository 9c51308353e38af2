package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"entente/internal/store"
	"entente/internal/trust/audit"
	"entente/internal/trust/handling"
)

// asked is a question for one object that was answered with nothing.
type asked struct {
	audit.Denial
	collection store.Collection
	profile    handling.Profile
	failed     int // how often it could not be looked up
}

const (
	mostAsked  = 10_000 // questions that are remembered until they are looked up
	mostFailed = 3      // after which a question is looked up no more
)

// whole tells that a query names one object and asks for any of it, so that an
// empty answer means that there is none for the reader.
func (q *Query) whole() bool {
	v := q.Versions
	narrow := len(v.Exact) > 0 && !v.All && !v.First && !v.Latest
	return len(q.IDs) == 1 && len(q.Types)+len(q.Specs) == 0 && !narrow && q.After == 0 && q.Next == ""
}

// askedInVain notes that somebody named an object and was given nothing, which
// is a denial if the object is there. Whether it is, is looked up later, so that
// the answer takes as long either way.
func (v *View) askedInVain(c Collection, id string) {
	d := audit.Denial{Time: time.Now().UTC(), Reader: readerOf(v.reader), Collection: c.ID, Object: id}
	v.x.ledger.ask([]asked{{Denial: d, collection: c.Number, profile: v.profile}}, 0)
}

// ask remembers questions, and how many others are not.
func (l *ledger) ask(questions []asked, unkept int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := min(len(questions), mostAsked-len(l.asked))
	l.asked = append(l.asked, questions[:kept]...)
	l.unkept += unkept + len(questions) - kept
}

// writeDenials writes which questions were about something here. One that cannot
// be looked up is tried again a few times, and then counted alone.
func (x *Exchange) writeDenials(ctx context.Context) error {
	l := &x.ledger
	l.mu.Lock()
	questions, unkept := l.asked, l.unkept
	l.asked, l.unkept = nil, 0
	l.mu.Unlock()
	if len(questions)+unkept == 0 {
		return nil
	}
	var denials []audit.Denial
	var again []asked
	lost := unkept
	for _, q := range questions {
		denied, err := x.denied(ctx, &q)
		switch {
		case ctx.Err() != nil:
			l.ask(questions, unkept)
			return ctx.Err()
		case err == nil && denied:
			denials = append(denials, q.Denial)
		case err == nil:
		case q.failed+1 < mostFailed:
			q.failed++
			again = append(again, q)
		default:
			x.opts.Logger.Error("whether a question was refused could not be told; the audit counts it alone", "collection", q.Collection, "err", err)
			lost++
		}
	}
	if err := x.keepDenials(ctx, denials, lost); err != nil {
		l.ask(questions, unkept)
		return err
	}
	l.ask(again, 0)
	return nil
}

func (x *Exchange) keepDenials(ctx context.Context, denials []audit.Denial, lost int) error {
	if lost > 0 {
		denials = append(denials, audit.Denial{Time: time.Now().UTC(),
			Reason: strconv.Itoa(lost) + " more questions were not looked into: too many came at once, or the store could not be read"})
	}
	if len(denials) == 0 {
		return nil
	}
	_, err := x.store.Commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		for i, d := range denials {
			row, err := json.Marshal(d)
			if err != nil {
				return err
			}
			tx.Set(denialTable, fmt.Sprintf("%016x %04x", int64(tx.Tick()), i), row)
		}
		return nil
	}})
	return err
}

// denied tells whether a question was about something here of which its reader
// may read nothing, not even a face, and says why.
func (x *Exchange) denied(ctx context.Context, q *asked) (bool, error) {
	found, err := x.store.Versions(ctx, q.collection, q.Object, store.AllClasses())
	if err != nil {
		return false, err
	}
	classes, readable := x.store.Classes(), x.gate.Clearance(q.profile)
	for n := range found {
		if readable.Has(found[n].Class) {
			return false, nil
		}
		class, face, err := handling.ShownClass(classes[found[n].Class])
		if face {
			continue
		}
		if q.Reason = "its handling class is not understood"; err == nil {
			q.Reason = x.gate.Decide(class, q.profile).Reason
		}
	}
	return len(found) > 0, nil
}
