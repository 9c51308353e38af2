package taxii

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"entente/internal/exchange"
)

// statusTable holds status resources as they are sent, keyed by the account's ID
// and their own, so that an account finds its own alone, and who has its name
// later finds none.
const statusTable = "taxii-status"

func statusKey(account, id string) string { return account + "/" + id }

func (b *batch) key() string { return statusKey(b.by.ID, b.id) }

// getStatus answers section 4.3.
func (s *Server) getStatus(r *request) error {
	none := fmt.Errorf("status %q: %w", r.status, exchange.ErrNotFound)
	if _, err := uuid.Parse(r.status); err != nil || len(r.status) != 36 {
		return none
	}
	key := statusKey(r.who.ID, r.status)
	if b := s.batches.find(key); b != nil {
		return s.answer(r, http.StatusOK, b.status(0, nil))
	}
	body, err := s.exchange.Record(statusTable, key)
	if err != nil {
		return err
	}
	return s.answer(r, http.StatusOK, body)
}

// status writes the status resource (section 4.3.1) as it will be once the
// objects from start on have these results.
func (b *batch) status(start int, results []exchange.Result) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	details := b.details
	if len(results) > 0 {
		details = append([]detail(nil), b.details...)
		for i := range results {
			details[b.element[start+i]] = outcome(&results[i])
		}
	}
	var count [3]int
	for i := range details {
		count[details[i].state]++
	}
	out := make([]byte, 0, 300+160*len(details))
	out = append(out, `{"id":"`...)
	out = append(out, b.id...)
	out = append(out, `","status":"`...)
	if count[pending] > 0 {
		out = append(out, "pending"...)
	} else {
		out = append(out, "complete"...)
	}
	out = append(out, `","request_timestamp":"`...)
	out = appendTick(out, b.received)
	out = append(out, `","total_count":`...)
	out = strconv.AppendInt(out, int64(len(details)), 10)
	out = b.appendDetails(out, details, succeeded, count, `,"success_count":`, `,"successes":[`)
	out = b.appendDetails(out, details, failed, count, `,"failure_count":`, `,"failures":[`)
	out = b.appendDetails(out, details, pending, count, `,"pending_count":`, `,"pendings":[`)
	return append(out, '}')
}

// appendDetails writes the count and the list of the objects in one state; a
// list that would be empty is left out (section 2).
func (b *batch) appendDetails(out []byte, details []detail, in state, count [3]int, counted, listed string) []byte {
	out = append(out, counted...)
	out = strconv.AppendInt(out, int64(count[in]), 10)
	if count[in] == 0 {
		return out
	}
	out = append(out, listed...)
	first := true
	for i := range details {
		d := &details[i]
		if d.state != in {
			continue
		}
		if !first {
			out = append(out, ',')
		}
		first = false
		added := d.added
		if added == 0 {
			added = b.received
		}
		out = append(out, `{"id":`...)
		out = appendString(out, d.id)
		out = append(out, `,"version":`...)
		out = appendVersion(out, d.version, added)
		if d.message != "" {
			out = append(out, `,"message":`...)
			out = appendString(out, d.message)
		}
		out = append(out, '}')
	}
	return append(out, ']')
}

// unreadable is the failure of an element that is no STIX object. It goes by
// its own id if that can be read, else by its place in the envelope.
func unreadable(i int, raw []byte, err error) detail {
	const longest = 256
	var own struct{ ID, Modified, Created string }
	if json.Unmarshal(raw, &own) != nil || own.ID == "" || len(own.ID) > longest || len(own.Modified)+len(own.Created) > longest {
		own.ID, own.Modified, own.Created = fmt.Sprintf("objects[%d]", i), "", ""
	}
	return detail{state: failed, id: own.ID, version: cmp.Or(own.Modified, own.Created), message: err.Error()}
}
