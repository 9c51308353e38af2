package intake

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"
	"time"

	"entente/internal/exchange"
	"entente/internal/trust/account"
	"entente/stix"
)

// Batches are as large as one durable write likes best.
const (
	batchObjects = 1000
	batchBytes   = 4 << 20
)

// Import brings inputs into one collection.
type Import struct {
	Exchange   *exchange.Exchange
	By         account.Principal
	Collection string // id or alias
	Source     string // organisation the objects come from; By's when empty
	Limits     Limits

	// Progress, when set, is called after each batch with the count of objects
	// read so far.
	Progress func(objects int)
}

// Input is one thing to import.
type Input struct {
	Name   string
	Reader io.Reader
}

// batch is what is published at once.
type batch struct {
	objects []stix.Object
	places  []place // of objects[i]
	bytes   int
}

// place is where an object stands in the inputs.
type place struct {
	file   string
	object int
}

// Run imports the inputs in order. While one batch is being made durable, the
// next are read. A bad object or a bad input is told in the summary and left
// out; an error means that the import ended early, and the summary says how far
// it came. Running it again with the same inputs goes on from there, since
// what is there already is recognised.
func (im Import) Run(ctx context.Context, inputs iter.Seq2[Input, error]) (Summary, error) {
	start := time.Now()
	r := &run{Import: im, summary: Summary{Collection: im.Collection, Reasons: []Refusal{}}}
	r.Limits = im.Limits.withDefaults()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	batches := make(chan *batch, 2)
	ended := make(chan error, 1)
	go func() {
		defer close(batches)
		ended <- r.read(ctx, inputs, batches)
	}()
	var failed error
	for b := range batches {
		if failed == nil {
			if failed = r.publish(ctx, b); failed != nil {
				cancel() // and let the reader come to its end
			}
		}
	}
	if err := <-ended; failed == nil {
		failed = err
	}
	r.summary.Seconds = time.Since(start).Seconds()
	return r.summary, failed
}

// run is one import under way. The reading goroutine alone uses reading.
type run struct {
	Import
	reading *batch

	mu      sync.Mutex
	summary Summary
}

// read cuts the inputs into batches.
func (r *run) read(ctx context.Context, inputs iter.Seq2[Input, error], out chan<- *batch) error {
	r.reading = &batch{}
	send := func() error {
		if len(r.reading.objects) == 0 {
			return nil
		}
		select {
		case out <- r.reading:
			r.reading = &batch{}
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for in, err := range inputs {
		if err != nil {
			return err
		}
		if err := r.readInput(in, send); err != nil {
			return err
		}
	}
	return send()
}

// readInput reads the objects of one input. What is wrong with the input is
// noted; an error is one of going on.
func (r *run) readInput(in Input, send func() error) error {
	r.note(func(s *Summary) { s.Files++ })
	content, err := Open(in.Reader, r.Limits)
	if err != nil {
		r.refuse(Refusal{File: in.Name, Reason: err.Error()})
		return nil
	}
	defer content.Close()
	counted := &counter{r: content}
	defer func() { r.note(func(s *Summary) { s.Bytes += counted.n }) }()
	plain := bufio.NewReaderSize(counted, 64<<10)
	if err := checkStart(plain); err != nil {
		r.refuse(Refusal{File: in.Name, Reason: err.Error()})
		return nil
	}
	index := 0
	for o, err := range stix.Scan(plain, stix.MaxObject(r.Limits.MaxObject)) {
		if err != nil {
			r.refuse(refusalOf(in.Name, index, err))
			index++
			continue
		}
		b := r.reading
		b.objects = append(b.objects, *o.Clone())
		b.places = append(b.places, place{in.Name, index})
		b.bytes += len(o.Raw)
		index++
		if len(b.objects) >= batchObjects || b.bytes >= batchBytes {
			if err := send(); err != nil {
				return err
			}
		}
	}
	return nil
}

// refusalOf words a fault of the scanner.
func refusalOf(file string, index int, err error) Refusal {
	bad := Refusal{File: file, Object: &index, Reason: err.Error()}
	if e, ok := errors.AsType[*stix.ScanError](err); ok {
		bad.Object, bad.Line, bad.Offset, bad.ID, bad.Reason = &e.Index, e.Line, &e.Offset, e.ID, e.Reason
	}
	return bad
}

// publish hands one batch to the exchange and counts what became of it.
func (r *run) publish(ctx context.Context, b *batch) error {
	results, err := r.Exchange.Publish(ctx, r.By, exchange.Publication{
		Collection: r.Collection, Objects: b.objects, Source: r.Source,
	})
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	total := r.count(results, b.places)
	if r.Progress != nil {
		r.Progress(total)
	}
	return nil
}

// note changes the summary, which both goroutines do.
func (r *run) note(f func(*Summary)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f(&r.summary)
}

// refuse counts what cannot be read at all.
func (r *run) refuse(bad Refusal) {
	bad.Verdict = string(exchange.Refused)
	r.note(func(s *Summary) {
		s.Refused++
		s.tell(bad)
	})
}

// count counts what became of the objects of a batch, and gives the total.
func (r *run) count(results []exchange.Result, places []place) (total int) {
	r.note(func(s *Summary) {
		for i := range results {
			s.count(&results[i], places[i])
		}
		total = s.Objects
	})
	return total
}

// looks are the first bytes of what is often mistaken for STIX, and what to say.
func looks() []struct{ magic, what string } {
	return []struct{ magic, what string }{
		{"PK\x03\x04", "a zip archive; unpack it first"},
		{"%PDF", "a PDF document"},
		{"<", "XML or HTML; STIX 1 is not read here, convert it to STIX 2.1"},
		{"\xff\xfe", "UTF-16; save it as UTF-8"},
		{"\xfe\xff", "UTF-16; save it as UTF-8"},
		{"BZh", "bzip2; unpack it, or use gzip, zstd or xz"},
	}
}

// checkStart refuses at once what is not JSON at all.
func checkStart(b *bufio.Reader) error {
	head, err := b.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return err
	}
	for _, l := range looks() {
		if bytes.HasPrefix(head, []byte(l.magic)) {
			return fmt.Errorf("%w: it looks like %s", ErrNotSTIX, l.what)
		}
	}
	if len(head) == 0 {
		return fmt.Errorf("%w: it is empty", ErrNotSTIX)
	}
	// A first line that is broken must not cost the lines after it.
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(text) > 0 && text[0] != '{' && text[0] != '[' && !bytes.Contains(text, []byte("\n{")) {
		return fmt.Errorf("%w: it starts with %.20q; give a STIX bundle, a TAXII envelope, an array of objects or JSON Lines", ErrNotSTIX, text)
	}
	return nil
}
