package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"entente/internal/store"
	"entente/internal/trust/audit"
	"entente/internal/trust/tlog"
)

// verification holds the audit against the log: each leaf of the audit has one
// seal, each seal is what its leaf commits to, and each sealed reading is of one
// seal. A backup has rows and log of one moment, so that this is also true of
// what is restored from it.
type verification struct {
	l      *Ledger
	report func(problem string)

	seals    map[int64]int            // how many name a leaf
	readings map[string]bool          // rows of sealed readings: whether a seal names them
	footings map[audit.FootingID]bool // looked at

	// Acts are walked once, beside the seals, which are in the same order.
	nextAct func() (store.Keyed, error, bool)
	act     store.Keyed // the first that no seal has covered yet
	acts    bool        // there is one
}

// Verify reads all that was sealed and reports every disagreement with the log.
func (l *Ledger) Verify(ctx context.Context, report func(problem string)) error {
	v := &verification{l: l, report: report, seals: map[int64]int{}, readings: map[string]bool{}, footings: map[audit.FootingID]bool{}}
	return v.run(ctx)
}

// run reads the log's size and the readings before the seals, and the acts after
// them, so that a seal that is made meanwhile is no disagreement.
func (v *verification) run(ctx context.Context) error {
	size := v.l.store.LogSize()
	for row, err := range v.l.store.Rows(readingTable, "") {
		if err != nil {
			return err
		}
		v.readings[row.Key] = false
		if err := v.footing(row); err != nil {
			return err
		}
	}
	next, stop := iter.Pull2(v.l.store.Rows(audit.Table, ""))
	defer stop()
	v.nextAct = next
	for row, err := range v.l.store.Rows(sealTable, "") {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if row.Key == lastSeal || strings.Contains(row.Key, " ") {
			continue
		}
		if err := v.seal(row); err != nil {
			return err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(v.readings)) {
		if !v.readings[key] {
			v.report("the reading " + key + " is of no seal")
		}
	}
	return v.log(ctx, size)
}

// footing looks that what a reading was given on is there, as it was written. What is
// wrong with the reading itself its seal tells.
func (v *verification) footing(row store.Keyed) error {
	r, err := audit.ReadReading(row.Key, row.Value)
	if err != nil || v.footings[r.Footing] {
		return nil
	}
	v.footings[r.Footing] = true
	switch _, _, err := v.l.Footing(r.Footing); {
	case errors.Is(err, store.ErrClosed):
		return err
	case err != nil:
		v.report(fmt.Sprintf("the reading %s: %v", row.Key, err))
	}
	return nil
}

// seal holds one seal against what it covers and its leaf.
func (v *verification) seal(row store.Keyed) error {
	var s audit.Seal
	if err := json.Unmarshal(row.Value, &s); err != nil {
		v.report(fmt.Sprintf("the seal %s cannot be read: %v", row.Key, err))
		return nil
	}
	v.seals[s.Leaf]++
	fault := func(format string, args ...any) {
		v.report(fmt.Sprintf("the seal of %s: ", s.Time.Format(time.RFC3339)) + fmt.Sprintf(format, args...))
	}
	acts, err := v.actsUpTo(store.Tick(s.UpTo))
	if err != nil {
		return err
	}
	readings, problem, err := v.readingsOf(row.Key)
	if err != nil {
		return err
	}
	act, leafFault := v.leaf(s.Leaf)
	switch {
	case problem != "":
		fault("%s", problem)
	case leafFault != nil:
		fault("leaf %d of the log: %v", s.Leaf, leafFault)
	case act.Kind != tlog.Audit || act.Digest != bound(acts, readings):
		fault("what it covers is not what leaf %d of the log commits to", s.Leaf)
	}
	return nil
}

// actsUpTo digests the acts behind those of earlier seals.
func (v *verification) actsUpTo(upTo store.Tick) (hash.Hash, error) {
	h := sha256.New()
	for ; ; v.acts = false {
		if !v.acts {
			var err error
			if v.act, err, v.acts = v.nextAct(); err != nil || !v.acts {
				return h, err
			}
		}
		tick, ok := audit.TickOf(v.act.Key)
		switch {
		case !ok:
			v.report(fmt.Sprintf("the act %q has no time", v.act.Key))
		case tick > upTo:
			return h, nil
		default:
			addRow(h, v.act.Key, v.act.Value)
		}
	}
}

// readingsOf digests the readings of a seal, or tells what is wrong with them.
func (v *verification) readingsOf(seal string) (h hash.Hash, problem string, err error) {
	h = sha256.New()
	for member, err := range v.l.store.Rows(sealTable, seal+" ") {
		if err != nil {
			return nil, "", err
		}
		key := strings.TrimPrefix(member.Key, seal+" ")
		value, err := v.l.store.Get(readingTable, key)
		switch named, before := v.readings[key]; {
		case errors.Is(err, store.ErrNotFound):
			problem = "the reading " + key + " is missing"
		case err != nil:
			return nil, "", err
		case named:
			problem = "the reading " + key + " is of an earlier seal, too"
		case before:
			v.readings[key] = true
		}
		addRow(h, key, value)
	}
	return h, problem, nil
}

// log finds leaves of the audit whose seal is gone, or is there twice.
func (v *verification) log(ctx context.Context, size int64) error {
	for n := range size {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch v.seals[n] {
		case 1:
		case 0:
			act, err := v.leaf(n)
			if err != nil {
				v.report(fmt.Sprintf("leaf %d of the log: %v", n, err))
			} else if act.Kind == tlog.Audit {
				v.report(fmt.Sprintf("the seal of leaf %d of the log, of %s, is missing", n, act.When().Format(time.RFC3339)))
			}
		default:
			v.report(fmt.Sprintf("leaf %d of the log has %d seals", n, v.seals[n]))
		}
	}
	return nil
}

func (v *verification) leaf(n int64) (tlog.Act, error) {
	commitment, opening, err := v.l.store.Leaf(n)
	if err != nil {
		return tlog.Act{}, err
	}
	return tlog.Open(commitment, opening)
}
