package exchange

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/internal/trust/tlog"
	"entente/stix"
)

// MaxBatch is how many objects one Publication may hold.
const MaxBatch = 10_000

// Publication is objects that somebody wants in a collection, in one atomic
// batch. Bad objects are refused one by one; the others are kept.
type Publication struct {
	Collection string        // id or alias
	Objects    []stix.Object // at most MaxBatch; not kept after Publish returns
	Source     string        // organisation the objects come from; the publisher's when empty

	// Expect says what the newest versions, as far as the publisher sees them,
	// must still be. When one is another by now, nothing is written and the
	// answer is ErrStale.
	Expect []Expect

	// Record, when set, is called once inside the commit with the results, and
	// the row it gives is written in the same transaction. It must be quick.
	Record func(results []Result) (table, key string, value []byte)
}

// Expect is the newest version of an object that somebody has read.
type Expect struct {
	ID      string
	Version string // empty when there was none
}

// Result is what a publisher is told of one object. Results stand in the order
// of Publication.Objects.
type Result struct {
	ID      string
	Version string // as written; empty where the object has none
	Verdict Verdict
	Reason  string     // for people; empty for New and Same
	Added   store.Tick // 0 when refused, and when the writer may not read the object
}

// Publish brings objects into a collection. When it returns without an error,
// every object that was not refused is durable, with its log leaf. Errors:
// ErrNotFound, ErrForbidden, ErrInvalid, ErrStale, store.ErrFull.
func (x *Exchange) Publish(ctx context.Context, by account.Principal, p Publication) ([]Result, error) {
	results, err := x.PublishAll(ctx, by, []Publication{p}, nil)
	if err != nil {
		return nil, err
	}
	return results[0], nil
}

// PublishAll is Publish of several publications in one atomic batch. Then, when
// set, runs inside its transaction with all results and may write the rows that
// belong to them; an error from it abandons everything and comes back.
func (x *Exchange) PublishAll(ctx context.Context, by account.Principal, all []Publication, then func(tx store.Tx, results [][]Result) error) ([][]Result, error) {
	// A collection is not removed while something is being published to it.
	x.collections.publishing.RLock()
	defer x.collections.publishing.RUnlock()
	writings := make([]*writing, len(all))
	results := make([][]Result, len(all))
	for i := range all {
		w, err := x.write(by, all[i])
		if err != nil {
			return nil, err
		}
		writings[i], results[i] = w, w.results
	}
	for {
		err := x.commitAll(ctx, writings, results, then)
		over, beyond := errors.AsType[*overQuota](err)
		switch {
		case beyond: // what is beyond it is refused, the rest is tried again
			if err := over.writing.refuse(ctx, over); err != nil {
				return nil, err
			}
			continue
		case errors.Is(err, store.ErrChanged):
			return nil, fmt.Errorf("%w: %w", ErrStale, err)
		case err != nil:
			return nil, err
		}
		for _, w := range writings {
			x.published.add(w.results)
			x.markings.learn(w.definitions)
		}
		return results, nil
	}
}

// commitAll writes publications in one batch.
func (x *Exchange) commitAll(ctx context.Context, writings []*writing, results [][]Result, then func(tx store.Tx, results [][]Result) error) error {
	var b store.Batch
	for _, w := range writings {
		b.Expects = append(b.Expects, w.expects()...)
		b.Puts = append(b.Puts, w.puts...)
	}
	for _, w := range writings { // behind all objects, since each needs its own
		b.Puts = append(b.Puts, w.faces...)
	}
	b.Then = func(tx store.Tx, outcomes []store.Outcome) error {
		for _, w := range writings {
			if err := w.finish(tx, outcomes[:len(w.puts)]); err != nil {
				return err
			}
			outcomes = outcomes[len(w.puts):]
		}
		if then == nil {
			return nil
		}
		return then(tx, results)
	}
	_, err := x.commit(ctx, &b)
	return err
}

// write prepares one publication, if it is allowed.
func (x *Exchange) write(by account.Principal, p Publication) (*writing, error) {
	c, err := x.access(by, p.Collection)
	if err != nil {
		return nil, err
	}
	if !c.CanWrite {
		return nil, fmt.Errorf("publish to collection %q: %w", c.Alias, ErrForbidden)
	}
	if len(p.Objects) > MaxBatch {
		return nil, fmt.Errorf("%w: %d objects in one publication; at most %d are taken", ErrInvalid, len(p.Objects), MaxBatch)
	}
	if p.Source == "" {
		p.Source = by.Org
	}
	w := &writing{exchange: x, by: by, profile: handling.ProfileOf(by), collection: c.Collection, publication: &p,
		results: make([]Result, len(p.Objects)), exempt: map[int]exemption{}, trusted: p.Source == x.opts.Own}
	w.prepare()
	return w, nil
}

// writing is one publication on its way to the store.
type writing struct {
	exchange    *Exchange
	by          account.Principal
	profile     handling.Profile // of by
	collection  Collection
	publication *Publication
	trusted     bool // the source's marking definitions are believed

	puts        []store.Put
	readable    []bool            // whether handling lets the writer read puts[i]
	object      []int             // of puts[i], the index in publication.Objects and results
	faces       []store.Put       // of objects among puts, in any order
	exempt      map[int]exemption // from the quota, of those asked about: indexes as in object
	results     []Result
	definitions map[string]handling.Marking // marking definitions among the objects
}

// prepare does all that needs no transaction: reads marking definitions,
// classes and digests every object, and refuses what cannot be taken.
func (w *writing) prepare() {
	objects := w.publication.Objects
	w.puts = make([]store.Put, 0, len(objects))
	w.readable = make([]bool, 0, len(objects))
	w.object = make([]int, 0, len(objects))
	w.definitions = w.readDefinitions()
	defs := overlay{w.definitions, &w.exchange.markings}
	for i := range objects {
		o := &objects[i]
		w.results[i] = Result{ID: o.ID, Version: o.Version()}
		put, readable, err := w.put(o, defs)
		if err == nil {
			err = w.face(o, &put, defs)
		}
		if err != nil {
			w.results[i].Verdict, w.results[i].Reason = Refused, err.Error()
			continue
		}
		w.puts = append(w.puts, put)
		w.readable = append(w.readable, readable)
		w.object = append(w.object, i)
	}
}

// readDefinitions reads the marking definitions among the objects, so that
// objects marked with them are classed right from the start.
func (w *writing) readDefinitions() map[string]handling.Marking {
	var defs map[string]handling.Marking
	for i := range w.publication.Objects {
		o := &w.publication.Objects[i]
		if !w.trusted || o.Type != "marking-definition" {
			continue
		}
		if m, err := handling.ReadMarking(o.Raw); err == nil && m.Known() {
			if defs == nil {
				defs = map[string]handling.Marking{}
			}
			if _, twice := defs[o.ID]; !twice {
				defs[o.ID] = m
			}
		}
	}
	return defs
}

// put makes the store's part of one object, and tells whether handling lets
// the writer read it.
func (w *writing) put(o *stix.Object, defs handling.Definitions) (put store.Put, readable bool, err error) {
	if _, _, err := stix.ParseID(o.ID); err != nil {
		return store.Put{}, false, fmt.Errorf("id: %w", err)
	}
	if o.Type == "bundle" {
		return store.Put{}, false, fmt.Errorf("a bundle is a parcel of objects, not an object; send its objects")
	}
	if spec := o.Spec(); spec != "2.1" && spec != "2.0" {
		// What another version of STIX says about handling is not known.
		return store.Put{}, false, fmt.Errorf("spec_version: %.40q is not a version of STIX that is kept here; 2.1 and 2.0 are", spec)
	}
	version := o.Version()
	if version != "" {
		if _, err := stix.ParseTimestamp(version); err != nil {
			return store.Put{}, false, fmt.Errorf("version: %w", err)
		}
	}
	class, err := handling.Classify(o, w.collection.Marking, defs)
	if err != nil {
		return store.Put{}, false, fmt.Errorf("markings: %w", err)
	}
	digest, err := stix.Digest(o.Raw)
	if err != nil {
		return store.Put{}, false, fmt.Errorf("content: %w", err)
	}
	put = store.Put{
		Collection: w.collection.Number,
		ID:         o.ID,
		Version:    version,
		Spec:       o.Spec(),
		Source:     w.publication.Source,
		Digest:     digest,
		Class:      class.Canonical(),
		Revoked:    o.Revoked,
		Body:       o.Raw,
	}
	index(&put, o)
	return put, w.exchange.gate.Decide(class, w.profile).Allow, nil
}

// expects are the publication's expectations, of what its writer may see.
func (w *writing) expects() []store.Expect {
	list := make([]store.Expect, len(w.publication.Expect))
	for i, e := range w.publication.Expect {
		list[i] = store.Expect{Collection: w.collection.Number, ID: e.ID, Version: e.Version}
		if w.by.MayRead(w.collection.ID) {
			list[i].Visible = w.exchange.gate.Clearance(handling.ProfileOf(w.by))
		}
	}
	return list
}

// finish runs inside the transaction: it turns outcomes into what the writer
// may know, adds the log leaf, and writes the rows that belong to the act.
func (w *writing) finish(tx store.Tx, outcomes []store.Outcome) error {
	seen := w.seen(outcomes)
	act := tlog.Act{Kind: tlog.Share, By: w.by.Account, Org: w.by.Org, Collection: w.collection.ID}
	sum := sha256.New()
	for i, o := range outcomes {
		r := &w.results[w.object[i]]
		r.Verdict, r.Reason = w.verdict(o, seen)
		if seen.Has(o.Class) {
			r.Added = o.Added
		}
		if o.State == store.Same || o.State == store.Conflict {
			continue
		}
		if act.Objects == 0 {
			act.First = o.Added
		}
		act.Objects++
		act.Last = o.Added
		sum.Write(w.puts[i].Digest[:])
	}
	if err := w.count(tx, outcomes); err != nil {
		return err
	}
	if act.Objects > 0 && w.isAct(tx) {
		sum.Sum(act.Digest[:0])
		tlog.Append(tx, act)
	}
	for id, m := range w.definitions {
		if _, err := tx.Get(markingTable, id); err == nil {
			continue // the first definition stays
		}
		if err := setJSON(tx, markingTable, id, m); err != nil {
			return err
		}
	}
	if w.publication.Record != nil {
		table, key, value := w.publication.Record(w.results)
		tx.Set(table, key, value)
	}
	return nil
}

// isAct tells whether the publication is something done towards others: it
// came from an account, or others read the collection.
func (w *writing) isAct(tx store.Tx) bool {
	if !w.by.Operates() {
		return true
	}
	shared := w.exchange.opts.Shared
	return shared != nil && shared(tx, w.collection.ID)
}

// overlay explains markings from a publication's own definitions first.
type overlay struct {
	own  map[string]handling.Marking
	rest handling.Definitions
}

func (o overlay) Marking(id string) handling.Marking {
	if m := o.rest.Marking(id); m.Known() {
		return m
	}
	return o.own[id]
}
