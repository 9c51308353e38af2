package seen

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/stix"
)

// Hit is a value that was seen, and the indicator that asks for it. However often it is
// seen, it is one.
type Hit struct {
	Indicator string    `json:"indicator" doc:"Its id."`
	Name      string    `json:"name,omitempty" doc:"The indicator's."`
	Kind      string    `json:"kind" doc:"Of what the indicator asks for."`
	Asked     string    `json:"asked" doc:"What it asks for."`
	Value     string    `json:"value" doc:"What was seen."`
	How       string    `json:"how" enum:"exact,below,in" doc:"The value itself, a name below it, an address in it."`
	Count     int       `json:"count" doc:"How often, at least."`
	First     time.Time `json:"first" doc:"To the day where it was seen before it was known."`
	Last      time.Time `json:"last" doc:"Likewise."`
	Before    bool      `json:"before" doc:"It was seen before this node knew the indicator."`
	Apart     bool      `json:"apart,omitempty" doc:"The indicator asks for others with it, all of which were seen, too; whether together, and in the order and time that it asks for, nobody knows any more."`
	Told      time.Time `json:"told" doc:"When this was found."`
}

// Order puts hits in their order: the last first.
func (h *Hit) Order() string {
	return fmt.Sprintf("%016x\x00%s", 1<<62-h.Last.UnixMicro(), h.key())
}

func (h *Hit) key() string {
	return h.Indicator + "\x00" + h.Kind + "\x00" + h.Asked + "\x00" + h.Value
}

// asked is what the indicator asks for; false when its kind is none.
func (h *Hit) asked() (stix.Value, bool) {
	for kind := stix.ValueIP; kind <= stix.ValueOther; kind++ {
		if kind.String() == h.Kind {
			return stix.Value{Kind: kind, Text: h.Asked}, true
		}
	}
	return stix.Value{}, false
}

// table holds hits, by their keys. The value of a row has no name, which is told as the
// reader's view shows it.
const table = "seen-hit"

// Tables are those whose rows belong to the object whose id their keys begin with.
var Tables = []string{table}

const (
	mostHits    = 10_000 // rows; the oldest go first
	mostAtOnce  = 10_000 // hits that wait to be written
	hitsInBatch = 500    // rows read and written in one transaction
)

// hits are those that wait to be written.
type hits map[string]*Hit

// note counts a hit of a scan, unless there are too many; false when it was not.
func (all hits) note(d *Found, seen string, count int, first, last time.Time, before bool) bool {
	h := &Hit{Indicator: d.Indicator, Kind: d.Matched.Kind.String(), Asked: d.Matched.Text, Value: seen, How: d.How,
		Count: count, First: first.UTC(), Last: last.UTC(), Before: before}
	key := h.key()
	was := all[key]
	if was == nil {
		if len(all) >= mostAtOnce {
			return false
		}
		all[key] = h
		return true
	}
	was.Span(h)
	was.Count += count
	return true
}

// Span takes in when another one was.
func (h *Hit) Span(o *Hit) {
	if o.First.Before(h.First) {
		h.First = o.First
	}
	if o.Last.After(h.Last) {
		h.Last = o.Last
	}
}

// join takes in what is known already of the same hit.
func (h *Hit) join(was *Hit) {
	last := h.Last
	h.Span(was)
	if h.Before && dayOf(last) == dayOf(was.Last) {
		h.Last = was.Last // which is no day's end
	}
	if h.Before {
		h.Count = max(was.Count, h.Count)
	} else {
		h.Count += was.Count
	}
	h.Told, h.Before, h.Apart = was.Told, was.Before, was.Apart && h.Apart
}

// writeHits adds hits to what is known of them, and tells which are new. Those of the past
// are counted again each time that they are looked for, so that the larger count is theirs.
func (s *Seen) writeHits(ctx context.Context, all hits) (fresh []*Hit, err error) {
	list := make([]*Hit, 0, len(all))
	for _, h := range all {
		h.Told = s.now().UTC().Truncate(time.Second)
		list = append(list, h)
	}
	for some := range slices.Chunk(list, hitsInBatch) {
		var added []*Hit
		err := s.x.Keep(ctx, func(tx store.Tx) error {
			added = added[:0]
			for _, one := range some {
				h, key := *one, one.key()
				was, err := store.GetJSON[Hit](tx, table, key)
				switch {
				case errors.Is(err, store.ErrNotFound):
					added = append(added, one)
				case err != nil:
					return err
				case one.Before && one.Count <= was.Count && (one.Apart || !was.Apart):
					continue // the history has no more than is known, and only its days
				default:
					h.join(&was)
				}
				if err := store.SetJSON(tx, table, key, h); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fresh, fmt.Errorf("keep hits of what was seen: %w", err)
		}
		fresh = append(fresh, added...)
	}
	return fresh, nil
}

// tidyHits forgets hits whose days are over, and the oldest of too many.
func (s *Seen) tidyHits(ctx context.Context) error {
	var all []Hit
	for row, err := range store.RowsJSON[Hit](s.x, table, "") {
		if err != nil {
			return err
		}
		all = append(all, row.Value)
	}
	slices.SortFunc(all, func(a, b Hit) int { return b.kept().Compare(a.kept()) })
	days := cmp.Or(s.history.kept().Days, DefaultSettings.Days)
	limit := s.now().Add(-time.Duration(days) * 24 * time.Hour)
	old := slices.IndexFunc(all, func(h Hit) bool { return h.kept().Before(limit) })
	if old < 0 {
		old = len(all)
	}
	return s.dropHits(ctx, all[min(old, mostHits):])
}

// kept is from when on the days of a hit count: an old log that comes today is of today.
func (h *Hit) kept() time.Time {
	if h.Told.After(h.Last) {
		return h.Told
	}
	return h.Last
}

func (s *Seen) dropHits(ctx context.Context, all []Hit) error {
	for some := range slices.Chunk(all, hitsInBatch) {
		err := s.x.Keep(ctx, func(tx store.Tx) error {
			for i := range some {
				tx.Delete(table, some[i].key())
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("forget hits of what was seen: %w", err)
		}
	}
	return nil
}

// Hits are those whose indicators the reader sees now, as they ask for what was seen.
// Errors: exchange.ErrForbidden.
func (s *Seen) Hits(ctx context.Context, by account.Principal) ([]Hit, error) {
	if err := mayAsk(by, "read what was seen"); err != nil {
		return nil, err
	}
	of := map[string][]Hit{}
	var ids []string
	for row, err := range store.RowsJSON[Hit](s.x, table, "") {
		if err != nil {
			return nil, fmt.Errorf("read hits of what was seen: %w", err)
		}
		if id := row.Value.Indicator; of[id] == nil {
			ids = append(ids, id)
		}
		of[row.Value.Indicator] = append(of[row.Value.Indicator], row.Value)
	}
	told := map[string]Hit{}
	if err := s.x.View(by).Newest(ctx, ids, func(raw []byte) error { return s.tell(raw, of, told) }); err != nil {
		return nil, err
	}
	all := make([]Hit, 0, len(told))
	for _, h := range told {
		all = append(all, h)
	}
	slices.SortFunc(all, func(a, b Hit) int { return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.key(), b.key())) })
	return all, nil
}

// tell adds the hits of an indicator that asks for what they say.
func (s *Seen) tell(raw []byte, of map[string][]Hit, told map[string]Hit) error {
	var shown struct{ ID, Name string }
	if err := json.Unmarshal(raw, &shown); err != nil {
		return nil // no indicator: nothing of it was ever looked for
	}
	for _, h := range of[shown.ID] {
		if v, ok := h.asked(); ok && s.match.AsksFor(raw, v) {
			h.Name = shown.Name
			told[h.key()] = h
		}
	}
	return nil
}

// mayAsk lets custodians of the node alone.
func mayAsk(by account.Principal, what string) error {
	if !by.Curates() {
		return fmt.Errorf("%s: %w: this takes a curator or an admin of the node's own member", what, exchange.ErrForbidden)
	}
	return nil
}
