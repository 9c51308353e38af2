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
	Warning string     // what the own member should know of what is kept, for people; mostly empty
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
	under := x.underway.begin()
	defer under.end()
	writings := make([]*writing, len(all))
	results := make([][]Result, len(all))
	for i := range all {
		w, err := x.write(ctx, by, all[i], under)
		if err != nil {
			return nil, err
		}
		writings[i], results[i] = w, w.results
	}
	for {
		owes, err := x.commitAll(ctx, writings, results, then)
		over, beyond := errors.AsType[*overQuota](err)
		fallen, fell := errors.AsType[*fallenDefinitions](err)
		switch {
		case fell: // nobody is shown them, so nothing is classed by them
			if err := fallen.writing.without(ctx, fallen); err != nil {
				return nil, err
			}
			continue
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
		learned := false
		for _, w := range writings {
			x.published.add(w.results)
			learned = x.markings.learn(w.definitions) || learned
			x.tellWarnings(w)
		}
		if learned {
			x.followers.wake()
		}
		under.end()
		if err := x.tighten(writings, owes); err != nil {
			return nil, fmt.Errorf("what was published is kept, but not all that it makes stricter is so yet: %w", err)
		}
		return results, nil
	}
}

// commitAll writes publications in one batch, and gives the key of the row that
// says what they make stricter.
func (x *Exchange) commitAll(ctx context.Context, writings []*writing, results [][]Result, then func(tx store.Tx, results [][]Result) error) (owes string, err error) {
	var b store.Batch
	classes := x.store.Classes()
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
		if owes, err = x.owe(tx, writings, classes); err != nil {
			return err
		}
		if then == nil {
			return nil
		}
		return then(tx, results)
	}
	_, err = x.commit(ctx, &b)
	return owes, err
}

// write prepares one publication, if it is allowed.
func (x *Exchange) write(ctx context.Context, by account.Principal, p Publication, under *publishing) (*writing, error) {
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
	w := &writing{exchange: x, by: by, profile: handling.ProfileOf(by), knows: knowledgeOf(by, c.Collection), collection: c.Collection, publication: &p,
		results: make([]Result, len(p.Objects)), exempt: map[int]exemption{}, trusted: p.Source == x.opts.Own, under: under}
	return w, w.prepare(ctx)
}

// writing is one publication on its way to the store.
type writing struct {
	exchange    *Exchange
	by          account.Principal
	profile     handling.Profile // of by
	collection  Collection
	publication *Publication
	trusted     bool // the source's marking definitions are believed
	under       *publishing
	knows       knowledge

	puts        []store.Put
	weights     []weight          // of puts
	outcomes    []store.Outcome   // of puts, once written
	object      []int             // of puts[i], the index in publication.Objects and results
	faces       []store.Put       // of objects among puts, in any order
	exempt      map[int]exemption // from the quota, of those asked about: indexes as in object
	results     []Result
	definitions []definition     // of the own member, among the objects
	fallen      map[int]bool     // definitions that do not stand: indexes as in object
	held        map[int]*holding // what personal data is held: indexes as in object
}

// prepare does all that needs no transaction: reads marking definitions,
// classes and digests every object, and refuses what cannot be taken.
func (w *writing) prepare(ctx context.Context) error {
	objects := w.publication.Objects
	w.puts = make([]store.Put, 0, len(objects))
	w.weights = make([]weight, 0, len(objects))
	w.object = make([]int, 0, len(objects))
	w.faces, w.held = nil, nil
	w.readDefinitions()
	defs := w.explained()
	echoes, err := w.echoes(ctx)
	if err != nil {
		return err
	}
	for i := range objects {
		o := &objects[i]
		w.results[i] = Result{ID: o.ID, Version: o.Version()}
		put, class, err := w.put(o, defs)
		if err == nil && w.claimed(o) && !echoes[put.Digest] {
			err = fmt.Errorf("created_by_ref: %s is %s, whose own accounts alone publish what it made; refer to it from an object of your own", w.exchange.opts.Identity, w.exchange.opts.Own)
		}
		if err != nil {
			w.results[i].Verdict, w.results[i].Reason = Refused, err.Error()
			continue
		}
		w.results[i].Warning = w.warn(o, defs)
		w.puts = append(w.puts, put)
		w.weights = append(w.weights, weight{class: class, shown: class, refers: refers(o)})
		w.object = append(w.object, i)
		w.retain(i, class, defs)
	}
	w.under.refer(w.refersTo())
	if err := w.weigh(ctx, defs); err != nil {
		return err
	}
	for i := range w.weights {
		w.weights[i].readable = w.exchange.gate.Decide(w.weights[i].class, w.profile, w.collection.Number).Allow
	}
	return nil
}

// put makes the store's part of one object, of the class that its own markings
// ask for.
func (w *writing) put(o *stix.Object, defs handling.Definitions) (put store.Put, class handling.Class, err error) {
	typ, _, err := stix.ParseID(o.ID)
	if err != nil {
		return store.Put{}, class, fmt.Errorf("id: %w", err)
	}
	if o.Type == "bundle" {
		return store.Put{}, class, fmt.Errorf("a bundle is a parcel of objects, not an object; send its objects")
	}
	if typ != o.Type { // whoever refers to it would take it for something else
		return store.Put{}, class, fmt.Errorf("id: it is that of an object of type %.60q, and this is one of type %.60q; correct the one that is wrong (STIX 2.1 section 2.9)", typ, o.Type)
	}
	if spec := o.Spec(); spec != "2.1" && spec != "2.0" {
		// What another version of STIX says about handling is not known.
		return store.Put{}, class, fmt.Errorf("spec_version: %.40q is not a version of STIX that is kept here; 2.1 and 2.0 are", spec)
	}
	version := o.Version()
	if version != "" {
		if _, err := stix.ParseTimestamp(version); err != nil {
			return store.Put{}, class, fmt.Errorf("version: %w", err)
		}
	}
	class, found, err := classify(o, &w.collection, defs)
	if err != nil {
		return store.Put{}, class, fmt.Errorf("markings: %w", err)
	}
	digest, err := stix.Digest(o.Raw)
	if err != nil {
		return store.Put{}, class, fmt.Errorf("content: %w", err)
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
	indexPersonal(&put, found)
	return put, class, nil
}

// expects are the publication's expectations, of what its writer may see.
func (w *writing) expects() []store.Expect {
	list := make([]store.Expect, len(w.publication.Expect))
	for i, e := range w.publication.Expect {
		list[i] = store.Expect{Collection: w.collection.Number, ID: e.ID, Version: e.Version}
		if w.by.MayRead(w.collection.ID) {
			list[i].Visible = w.exchange.gate.Clearance(handling.ProfileOf(w.by), w.collection.Number)
		}
	}
	return list
}

// finish runs inside the transaction: it turns outcomes into what the writer
// may know, adds the log leaf, and writes the rows that belong to the act.
func (w *writing) finish(tx store.Tx, outcomes []store.Outcome) error {
	if err := w.learn(tx, outcomes); err != nil {
		return err
	}
	seen := w.seen(outcomes)
	act := tlog.Act{Kind: tlog.Share, By: w.by.Account, Org: w.by.Org, Collection: w.collection.ID}
	sum := sha256.New()
	for i, o := range outcomes {
		r := &w.results[w.object[i]]
		r.Verdict, r.Reason = w.verdict(o, seen)
		if r.Verdict == Conflict && w.at(i).Type == "marking-definition" {
			r.Reason, r.Warning = asideSays, ""
		}
		if seen.Has(o.Class) {
			r.Added = o.Added
		}
		if o.State == store.Same || o.State == store.Conflict {
			continue
		}
		if err := w.keepHeld(tx, i, o.Added); err != nil {
			return err
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
	if err := w.noteKnowledge(tx, outcomes); err != nil {
		return err
	}
	w.outcomes = outcomes
	if act.Objects > 0 && w.isAct(tx) {
		sum.Sum(act.Digest[:0])
		tlog.Append(tx, act)
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
