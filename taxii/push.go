package taxii

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"

	"entente/stix"
)

// PushOptions of a Push. The zero value is right for most servers.
type PushOptions struct {
	MaxObjects int           // in one envelope; 1000 when 0
	MaxBytes   int64         // of one envelope; 8 MiB when 0, and never more than the server's max_content_length
	Wait       time.Duration // how long to ask after a pending status; 5 min when 0, negative to leave pendings as they are

	// Progress, when set, is called after each envelope with the report so far.
	Progress func(PushReport)
}

func (o PushOptions) withDefaults() PushOptions {
	if o.MaxObjects <= 0 {
		o.MaxObjects = 1000
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 8 << 20
	}
	if o.Wait == 0 {
		o.Wait = 5 * time.Minute
	}
	return o
}

// mostDetails is how many objects a report names in each list.
const mostDetails = 100_000

// PushReport tells what became of the objects of a Push.
type PushReport struct {
	Succeeded int
	Failed    int // refused, by the server or for their size; Failures says why
	Pending   int // sent, and the server had not decided when asking ended, or gave no status

	Failures []StatusDetail // up to 100,000; servers may leave details out
	Pendings []StatusDetail // the same

	// Unread are the errors of the objects that could not be read in the first
	// place. They were left out and are not counted above.
	Unread []error
}

// Push sends objects to a collection in envelopes as large as the server
// takes, and follows each one's status until it is complete. An envelope that
// the server finds too large, or refuses as a whole, is sent again in halves,
// so that the good objects beside a bad one arrive. Sending twice does no harm:
// an object is identified by its id and version.
//
// Errors from the sequence, as stix.Scan yields them, are collected in Unread
// and skipped. The error that Push returns means that it could not go on; the
// report holds what was done until then.
func (c *Client) Push(ctx context.Context, collection string, objects iter.Seq2[*stix.Object, error], o PushOptions) (PushReport, error) {
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	p := &push{c: c, collection: collection, options: o.withDefaults()}
	if err := p.run(ctx, objects); err != nil {
		return p.report, fmt.Errorf("push to %s: %w", collection, err)
	}
	return p.report, nil
}

type push struct {
	c          *Client
	collection string
	options    PushOptions
	report     PushReport
	refusals   int // objects refused one by one since the last that was taken
}

// parcel is the objects of one envelope.
type parcel struct {
	objects []sent
	size    int64 // of the envelope
}

// sent is what is kept of an object while it is on its way.
type sent struct {
	id, version string
	raw         []byte
}

func (p *push) run(ctx context.Context, objects iter.Seq2[*stix.Object, error]) error {
	root, _, err := p.c.Root(ctx)
	if err != nil {
		return err
	}
	if root.MaxContentLength > 0 {
		p.options.MaxBytes = min(p.options.MaxBytes, root.MaxContentLength)
	}
	const frame = int64(len(envelopeHead) + len(envelopeTail))
	next := parcel{size: frame}
	for object, err := range objects {
		if err != nil {
			p.unread(err)
			continue
		}
		s := keep(object)
		size := int64(len(s.raw)) + 1 // and a comma
		if frame+size-1 > p.options.MaxBytes {
			p.fail(s, fmt.Sprintf("its %d bytes are more than the %d that the server takes", len(s.raw), p.options.MaxBytes))
			continue
		}
		if len(next.objects) == p.options.MaxObjects || next.size+size > p.options.MaxBytes+1 {
			if err := p.deliver(ctx, next.objects); err != nil {
				return err
			}
			next = parcel{size: frame}
		}
		next.objects = append(next.objects, s)
		next.size += size
	}
	return p.deliver(ctx, next.objects)
}

func keep(o *stix.Object) sent {
	version := o.Modified
	if version == "" {
		version = o.Created
	}
	return sent{id: o.ID, version: version, raw: append([]byte(nil), o.Raw...)}
}

// deliver sends one envelope and follows it to its end.
func (p *push) deliver(ctx context.Context, objects []sent) error {
	if len(objects) == 0 {
		return nil
	}
	var body envelopeWriter
	for _, s := range objects {
		body.add(s.raw)
	}
	status, err := p.c.add(ctx, p.collection, body.bytes())
	if refused, ok := errors.AsType[*HTTPError](err); ok && divisible(refused.Code) {
		return p.divide(ctx, objects, refused)
	}
	if err != nil {
		return err
	}
	p.refusals = 0
	status, err = p.follow(ctx, status)
	p.note(objects, status)
	if p.options.Progress != nil {
		p.options.Progress(p.report)
	}
	return err
}

// divisible reports whether a refusal may concern some objects of an envelope
// only, or their number.
func divisible(code int) bool {
	return code == http.StatusRequestEntityTooLarge || code == http.StatusUnprocessableEntity || code == http.StatusBadRequest
}

// mostRefusals is how many objects in a row a server may refuse one by one
// before it is taken to refuse them all.
const mostRefusals = 20

func (p *push) divide(ctx context.Context, objects []sent, refused *HTTPError) error {
	if len(objects) > 1 {
		half := len(objects) / 2
		if refused.Code == http.StatusRequestEntityTooLarge {
			// The next envelopes need not be found too large again.
			p.options.MaxObjects = max(1, min(p.options.MaxObjects, half))
		}
		if err := p.deliver(ctx, objects[:half]); err != nil {
			return err
		}
		return p.deliver(ctx, objects[half:])
	}
	p.fail(objects[0], refused.reason())
	if p.refusals++; p.refusals >= mostRefusals {
		return fmt.Errorf("%d objects in a row were refused one by one; the last time: %w", p.refusals, refused)
	}
	return nil
}

// note counts what a status tells of an envelope.
func (p *push) note(objects []sent, status Status) {
	if status.ID == "" && status.SuccessCount+status.FailureCount+status.PendingCount == 0 {
		for _, s := range objects {
			p.report.Pendings = appendDetails(p.report.Pendings, StatusDetail{s.id, s.version, "the server took it and gave no status"})
		}
		p.report.Pending += len(objects)
		return
	}
	p.report.Succeeded += max(status.SuccessCount, len(status.Successes))
	p.report.Failed += max(status.FailureCount, len(status.Failures))
	p.report.Pending += max(status.PendingCount, len(status.Pendings))
	p.report.Failures = appendDetails(p.report.Failures, status.Failures...)
	p.report.Pendings = appendDetails(p.report.Pendings, status.Pendings...)
}

func (p *push) fail(s sent, reason string) {
	p.report.Failed++
	p.report.Failures = appendDetails(p.report.Failures, StatusDetail{s.id, s.version, reason})
}

func (p *push) unread(err error) {
	if len(p.report.Unread) < mostDetails {
		p.report.Unread = append(p.report.Unread, err)
	}
}

func appendDetails(list []StatusDetail, more ...StatusDetail) []StatusDetail {
	return append(list, more[:min(len(more), max(0, mostDetails-len(list)))]...)
}

// follow asks after a status until it is complete or the wait is over. A
// status that can no longer be read leaves the last one standing.
func (p *push) follow(ctx context.Context, status Status) (Status, error) {
	const first, most = 200 * time.Millisecond, 10 * time.Second
	id := status.ID
	until := p.c.now().Add(p.options.Wait)
	for pause := first; status.Status == StatusPending && id != "" && p.c.now().Before(until); pause = min(pause*2, most) {
		if err := p.c.wait(ctx, min(pause, until.Sub(p.c.now()))); err != nil {
			return status, err
		}
		newer, err := p.c.Status(ctx, id)
		if _, refused := errors.AsType[*HTTPError](err); refused {
			return status, nil
		}
		if err != nil {
			return status, err
		}
		status = newer
	}
	return status, nil
}
