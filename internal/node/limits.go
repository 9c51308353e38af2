package node

import (
	"cmp"
	"fmt"
	"time"

	"entente/internal/practice/intake"
)

// Limits bound what clients can make a node hold and do. A field that is 0
// stands for that of DefaultLimits.
type Limits struct {
	Connections    int           // open at once
	Rate           float64       // requests a second of one account; no limit when negative
	Body           int64         // bytes of a request's body, as sent and as unpacked, but for the next two
	Bulk           int64         // bytes of objects in one body of the JSON API, as sent and as unpacked
	Upload         int64         // bytes of a file that is sent for a job
	Object         int64         // bytes of one object that is sent
	HeaderBytes    int64         // bytes of a request's header
	Page           int           // objects in one answer
	Header         time.Duration // for a request's header to arrive
	Idle           time.Duration // between requests on a connection
	Grace          time.Duration // before a client must send or take Pace
	Pace           int64         // bytes a second
	Streams        int           // of the API open at once
	AccountStreams int           // of one account
	StreamPatience time.Duration // how long the reader of a stream may leave what was sent untaken
	Patience       time.Duration // how long a TAXII POST waits for its objects before it answers "pending"
	Drain          time.Duration // for requests under way when stopping
	Notice         time.Duration // between readiness going and the listener, for balancers to see it
}

// DefaultLimits are safe for a node that strangers reach, and wide enough for
// a busy one.
var DefaultLimits = Limits{
	Connections:    4096,
	Rate:           1000,
	Body:           16 << 20,
	Bulk:           256 << 20,
	Upload:         1 << 30,
	Object:         1 << 20,
	HeaderBytes:    64 << 10,
	Page:           1000,
	Header:         10 * time.Second,
	Idle:           2 * time.Minute,
	Grace:          30 * time.Second,
	Pace:           4 << 10,
	Streams:        2048,
	AccountStreams: 16,
	StreamPatience: 10 * time.Second,
	Patience:       5 * time.Second,
	Drain:          30 * time.Second,
}

func (l Limits) withDefaults() Limits {
	d := DefaultLimits
	return Limits{
		Connections:    cmp.Or(l.Connections, d.Connections),
		Rate:           cmp.Or(l.Rate, d.Rate),
		Body:           cmp.Or(l.Body, d.Body),
		Bulk:           cmp.Or(l.Bulk, d.Bulk),
		Upload:         cmp.Or(l.Upload, d.Upload),
		Object:         cmp.Or(l.Object, d.Object),
		HeaderBytes:    cmp.Or(l.HeaderBytes, d.HeaderBytes),
		Page:           cmp.Or(l.Page, d.Page),
		Header:         cmp.Or(l.Header, d.Header),
		Idle:           cmp.Or(l.Idle, d.Idle),
		Grace:          cmp.Or(l.Grace, d.Grace),
		Pace:           cmp.Or(l.Pace, d.Pace),
		Streams:        cmp.Or(l.Streams, d.Streams),
		AccountStreams: cmp.Or(l.AccountStreams, d.AccountStreams),
		StreamPatience: cmp.Or(l.StreamPatience, d.StreamPatience),
		Patience:       cmp.Or(l.Patience, d.Patience),
		Drain:          cmp.Or(l.Drain, d.Drain),
		Notice:         cmp.Or(l.Notice, d.Notice),
	}
}

// check refuses what could not work, in words of the settings.
func (l Limits) check() error {
	const mostHeader = 1 << 20
	for _, c := range []struct {
		ok   bool
		text string
	}{
		{l.Connections > 0, "max-connections: at least 1 is needed"},
		{l.Object <= intake.LargestObject, fmt.Sprintf("max-object: give a number of bytes up to %d", intake.LargestObject)},
		{l.Body >= l.Object && l.Bulk >= l.Object && l.Upload >= l.Object, "max-body, max-bulk and max-upload: must not be less than max-object"},
		{l.HeaderBytes >= 4<<10 && l.HeaderBytes <= mostHeader, "max-header: give 4KiB to 1MiB"},
		{l.Page > 0 && l.Page <= 10_000, "max-page: give 1 to 10000 objects"},
		{l.Header > 0 && l.Idle > 0 && l.Grace > 0 && l.Patience > 0 && l.Drain > 0 && l.Notice >= 0, "header-timeout, idle-timeout, grace, patience, drain and notice: give a positive time"},
		{l.Streams > 0 && l.AccountStreams > 0, "max-streams and account-streams: at least 1 is needed"},
		{l.StreamPatience > 0, "stream-patience: give a positive time"},
		{l.Pace > 0, "pace: at least 1 byte a second is needed"},
	} {
		if !c.ok {
			return fmt.Errorf("serve: %s", c.text)
		}
	}
	return nil
}
