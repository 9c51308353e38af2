package ledger

import (
	"fmt"
	"iter"
	"time"

	"entente/internal/store"
	"entente/internal/trust/audit"
)

// Readings gives the readings whose keys begin so (audit.CollectionKey), the open
// ones last.
func (l *Ledger) Readings(prefix string) iter.Seq2[audit.Reading, error] {
	return func(yield func(audit.Reading, error) bool) {
		for _, table := range []string{readingTable, openTable} {
			for row, err := range l.store.Rows(table, prefix) {
				var r audit.Reading
				if err == nil {
					r, err = audit.ReadReading(row.Key, row.Value)
				}
				if !yield(r, err) || err != nil {
					return
				}
			}
		}
	}
}

// Footing tells on what a reading was given; false of one from before that was kept.
func (l *Ledger) Footing(id audit.FootingID) (f audit.Footing, known bool, err error) {
	if id == (audit.FootingID{}) {
		return f, false, nil
	}
	row, err := l.store.Get(footingTable, id.String())
	if err != nil {
		return f, false, fmt.Errorf("audit: the footing %s: %w", id, err)
	}
	f, err = audit.ReadFooting(id, row)
	return f, err == nil, err
}

// Gaps are what a killed node may have given without having written it.
func (l *Ledger) Gaps() (gaps []audit.Gap, err error) {
	for row, err := range store.RowsJSON[audit.Gap](l.store, gapTable, "") {
		if err != nil {
			return nil, fmt.Errorf("audit: %w", err)
		}
		gaps = append(gaps, row.Value)
	}
	return gaps, nil
}

// Denials gives the denials since a time, oldest first, until more than limit.
func (l *Ledger) Denials(since time.Time, limit int) (list []audit.Denial, err error) {
	for row, err := range store.RowsJSON[audit.Denial](l.store, denialTable, "") {
		if err != nil {
			return nil, fmt.Errorf("audit: %w", err)
		}
		if d := row.Value; d.Time.After(since) {
			list = append(list, d)
		}
		if len(list) > limit {
			break
		}
	}
	return list, nil
}
