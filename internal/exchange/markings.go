package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"entente/internal/store"
	"entente/internal/trust/handling"
	"entente/stix"
)

// markings explains the marking definitions that the own member has brought
// in. The well-known ones are handling's.
type markings struct {
	mu   sync.RWMutex
	byID map[string]handling.Marking
}

const markingTable = "marking"

func (x *Exchange) loadMarkings() error {
	byID := map[string]handling.Marking{}
	for row, err := range x.store.Rows(markingTable, "") {
		var m handling.Marking
		if err == nil {
			err = json.Unmarshal(row.Value, &m)
		}
		if err != nil {
			return fmt.Errorf("exchange: read the marking definitions: %w", err)
		}
		byID[row.Key] = m
	}
	x.markings.byID = byID
	return nil
}

// Marking explains a marking definition; the zero Marking when nothing does.
func (m *markings) Marking(id string) handling.Marking {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.byID[id]
}

// learn adds definitions that a publication brought; the first one of an id stays.
func (m *markings) learn(defs map[string]handling.Marking) {
	if len(defs) == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, def := range defs {
		if _, known := m.byID[id]; !known {
			m.byID[id] = def
		}
	}
}

// explainer is the follower that re-classes what was withheld for a marking
// that nothing explained, once a definition is there. A re-classed object has
// a new date, so that those who poll by date get it.
type explainer struct {
	x *Exchange
}

// explainerName is the follower's name in its cursor row.
const explainerName = "markings"

// Name is the follower's name.
func (e *explainer) Name() string { return explainerName }

// Reset has nothing to drop: what it derives are classes.
func (e *explainer) Reset(context.Context) error { return nil }

// Follow re-classes in two cases: a definition arrived for classes that wait
// for it, or an object arrived with a class that has been explained meanwhile.
// It remembers where objects stood that were moved or removed, for the audit.
func (e *explainer) Follow(ctx context.Context, changes *handling.Changes) (func(store.Tx) error, error) {
	swept := false
	var gone []stood
	for i := range changes.Len() {
		change := changes.Change(i)
		row := change.Row
		if change.Kind != store.ChangeAdded {
			gone = append(gone, stood{Collection: row.Collection, ID: strings.Clone(row.ID), Version: strings.Clone(row.Version), Added: change.Was, Parts: e.x.isFace(row.Class)})
		}
		if changes.Change(i).Kind == store.ChangeRemoved {
			continue
		}
		if !swept && len(row.ID) > 20 && row.ID[:20] == "marking-definition--" {
			swept = true
			if err := e.sweep(ctx); err != nil {
				return nil, err
			}
		}
		if next, ok := e.explained(row.Class); ok {
			if err := e.settle(ctx, []waiting{{&row, changes.Bytes(i)}}, next); err != nil {
				return nil, err
			}
		}
	}
	if gone == nil {
		return nil, nil
	}
	return func(tx store.Tx) error { return keepFormer(tx, gone) }, nil
}

// explained gives the class that a class becomes with the definitions known
// now, and whether that changes what anybody may read. Where it does not, the
// object stays as it is: a new date would only show it twice to those who poll.
func (e *explainer) explained(id store.ClassID) (string, bool) {
	classes := e.x.store.Classes()
	if int(id) >= len(classes) {
		return "", false
	}
	return handling.ExplainedText(classes[id], &e.x.markings)
}

// sweep re-classes the objects of every class that can now be explained.
func (e *explainer) sweep(ctx context.Context) error {
	for id := range e.x.store.Classes() {
		next, ok := e.explained(store.ClassID(id))
		if !ok {
			continue
		}
		only := &store.Classes{}
		only.Add(store.ClassID(id))
		for _, c := range e.x.collections.all() {
			if err := e.sweepCollection(ctx, c.Number, only, next); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *explainer) sweepCollection(ctx context.Context, c store.Collection, only *store.Classes, next string) error {
	for after := store.Tick(0); ; {
		page, err := e.x.store.Page(ctx, store.PageQuery{Collection: c, Visible: only, After: after, Limit: 1000, MaxBytes: 4 << 20, Bodies: true,
			Versions: store.VersionFilter{All: true}})
		if err != nil {
			return err
		}
		rows := page.Rows
		released, err := e.x.gate.Release(handling.Curator, page)
		if err != nil {
			return err
		}
		list := make([]waiting, released.Len())
		for i := range list {
			list[i] = waiting{&rows[i], released.Bytes(i)}
			after = rows[i].Added
		}
		err = e.settle(ctx, list, next)
		released.Close()
		if err != nil || len(list) == 0 {
			return err
		}
	}
}

// waiting is a row of a class that can be explained by now.
type waiting struct {
	row *store.Row
	raw []byte
}

// settle classes what waited as if it came only now: its class alone does not
// tell which of its parts a marking was on, so what is made of that, next, can
// be stricter than it has to be.
func (e *explainer) settle(ctx context.Context, list []waiting, next string) error {
	var b store.Batch
	for _, w := range list {
		o, err := stix.Read(w.raw, stix.MaxObject(len(w.raw)))
		if err == nil && (handling.IsFace(next) || len(o.GranularMarkingRefs) > 0) {
			if err := e.x.renew(ctx, w.row); err != nil {
				return err
			}
			continue
		}
		class := next
		if err == nil {
			if c, err := handling.Classify(&o, e.x.collections.marking(w.row.Collection), &e.x.markings); err == nil {
				class = c.Canonical()
			}
		}
		b.Reclasses = append(b.Reclasses, store.Reclass{Collection: w.row.Collection, Added: w.row.Added, Class: class})
	}
	if len(b.Reclasses) == 0 {
		return nil
	}
	_, err := e.x.commit(ctx, &b)
	return err
}
