package ledger

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"entente/internal/store"
	"entente/internal/trust/audit"
	"entente/internal/trust/handling"
)

// Question is one for one object that was answered with nothing.
type Question struct {
	Denial     audit.Denial // what it is if the object is there, without the reason
	Collection store.Collection
	Profile    handling.Profile

	failed int // how often it could not be looked up
}

const (
	mostAsked  = 10_000 // questions that are remembered until they are looked up
	mostFailed = 3      // after which a question is looked up no more
)

// Ask notes that somebody named an object and was given nothing, which is a denial
// if the object is there. Whether it is, is looked up later, so that the answer
// takes as long either way.
func (l *Ledger) Ask(q Question) { l.remember([]Question{q}, 0) }

// remember keeps questions, and how many others are not kept.
func (l *Ledger) remember(questions []Question, unkept int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := min(len(questions), mostAsked-len(l.asked))
	l.asked = append(l.asked, questions[:kept]...)
	l.unkept += unkept + len(questions) - kept
}

// writeDenials writes which questions were about something here. One that cannot
// be looked up is tried again a few times, and then counted alone.
func (l *Ledger) writeDenials(ctx context.Context) error {
	l.mu.Lock()
	questions, unkept := l.asked, l.unkept
	l.asked, l.unkept = nil, 0
	l.mu.Unlock()
	if len(questions)+unkept == 0 {
		return nil
	}
	var denials []audit.Denial
	var again []Question
	lost := unkept
	for _, q := range questions {
		reason, denied, err := l.opts.Denied(ctx, &q)
		switch {
		case ctx.Err() != nil:
			l.remember(questions, unkept)
			return ctx.Err()
		case err == nil && denied:
			q.Denial.Reason = reason
			denials = append(denials, q.Denial)
		case err == nil:
		case q.failed+1 < mostFailed:
			q.failed++
			again = append(again, q)
		default:
			l.opts.Logger.Error("whether a question was refused could not be told; the audit counts it alone", "collection", q.Denial.Collection, "err", err)
			lost++
		}
	}
	if err := l.keepDenials(ctx, denials, lost); err != nil {
		l.remember(questions, unkept)
		return err
	}
	l.remember(again, 0)
	return nil
}

func (l *Ledger) keepDenials(ctx context.Context, denials []audit.Denial, lost int) error {
	if lost > 0 {
		denials = append(denials, audit.Denial{Time: time.Now().UTC(),
			Reason: strconv.Itoa(lost) + " more questions were not looked into: too many came at once, or the store could not be read"})
	}
	if len(denials) == 0 {
		return nil
	}
	_, err := l.store.Commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		for i, d := range denials {
			if err := store.SetJSON(tx, denialTable, fmt.Sprintf("%016x %04x", int64(tx.Tick()), i), d); err != nil {
				return err
			}
		}
		return nil
	}})
	return err
}
