package storetest

import (
	"bytes"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"entente/internal/store"
)

// agree asks a reader everything there is to ask and compares with the model.
func (h *historian) agree(rt *rapid.T, r store.Reader, m *model) {
	h.Helper()
	h.agreeOnPages(rt, r, m)
	h.agreeOnIndexes(rt, r, m)
	h.agreeOnChanges(rt, r, m)
	h.agreeOnPostings(rt, r, m)
	h.agreeOnMember(r, m)
	h.agreeOnLog(r, m)
	if r.Now() < m.now {
		h.Fatalf("now is %d, but %d is there", r.Now(), m.now)
	}
}

func (h *historian) agreeOnPages(rt *rapid.T, r store.Reader, m *model) {
	h.Helper()
	queries := []store.PageQuery{all(1), latest(2)}
	for range 3 {
		q := someQuery().Draw(rt, "query")
		q.Visible = someVisible(r).Draw(rt, "visible")
		queries = append(queries, q)
	}
	for _, q := range queries {
		got, gotMore := h.pageOf(r, q)
		want, wantMore := m.page(q)
		h.same(fmt.Sprintf("page of %+v", q), got, want)
		h.same(fmt.Sprintf("more after a page of %+v", q), gotMore, wantMore)
	}
	for c := store.Collection(1); c <= 3; c++ {
		count := map[store.ClassID]int64{}
		for class, n := range r.Count(c) {
			if n != 0 {
				count[class] = n
			}
		}
		h.same("count", count, m.count(c))
	}
}

func (h *historian) agreeOnIndexes(rt *rapid.T, r store.Reader, m *model) {
	h.Helper()
	scope := store.Scope{
		1: someVisible(r).Draw(rt, "visible in 1"),
		2: someVisible(r).Draw(rt, "visible in 2"),
	}
	limit := rapid.SampledFrom([]int{1, 3, 100}).Draw(rt, "limit")
	standings, err := r.Standings(h.ctx(), someIDs, limit)
	h.ok(err)
	for i, id := range someIDs {
		h.same("standings of "+id, none(standings[i]), none(m.standings(id, limit)))
	}
	for _, id := range someIDs {
		rows, err := r.Versions(h.ctx(), 1, id, scope[1])
		h.ok(err)
		h.same("versions of "+id, layOpen(rows), m.versions(1, id, scope[1]))
		for target := (store.Target{ID: id}); ; {
			edges, err := r.Edges(h.ctx(), []store.Target{target}, scope, limit)
			h.ok(err)
			h.same("edges to "+id, none(edges[0]), none(m.edges(target, scope, limit)))
			if s, live := r.(store.Store); live && len(edges[0]) > 0 {
				h.same("whether anything may refer to "+id, s.MayRefer(id), true)
			}
			if len(edges[0]) < limit {
				break
			}
			target.After = edges[0][limit-1]
		}
	}
	for in := (store.Range{Kind: 1, From: "192.0.2.0", To: "192.0.2.5"}); ; {
		carriers, err := r.Within(h.ctx(), in, scope, limit)
		h.ok(err)
		h.same("carriers in a range", none(carriers), none(m.within(in, scope, limit)))
		if len(carriers) < limit {
			break
		}
		in.After = carriers[limit-1]
	}
	for _, v := range someValues {
		places, err := r.Lookup(h.ctx(), v.Kind, v.Text, scope, limit)
		h.ok(err)
		h.same("places of "+v.Text, none(places), none(m.lookup(v.Kind, v.Text, scope, limit)))
	}
	var places []store.Place
	for range 4 {
		places = append(places, h.somePlace(rt))
	}
	h.same("rows fetched", h.fetch(r, places...), m.fetch(places, nil))
	h.same("latest rows fetched", h.fetchLatest(r, scope, places...), m.fetch(places, scope))
}

func (h *historian) agreeOnChanges(rt *rapid.T, r store.Reader, m *model) {
	h.Helper()
	after := h.somePlace(rt).Added
	limit := rapid.SampledFrom([]int{1, 2, 5, 1000}).Draw(rt, "run of changes")
	got, gotMore := h.changesOf(r, after, limit)
	want, wantMore := m.changes(after, limit)
	h.same("changes", got, want)
	h.same("more changes", gotMore, wantMore)
}

func (h *historian) agreeOnMember(r store.Reader, m *model) {
	h.Helper()
	for _, table := range someNames {
		for _, key := range someNames {
			got, err := r.Get(table, key)
			want, there := m.get(table, key)
			if there != (err == nil) || !there && !errors.Is(err, store.ErrNotFound) || !bytes.Equal(got, want) {
				h.Fatalf("Get(%q, %q) answers %q, %v; want %q, %v", table, key, got, err, want, there)
			}
			h.same("member rows", h.member(r, table, key), m.keyed(table, key))
		}
	}
}

func (h *historian) agreeOnLog(r store.Reader, m *model) {
	h.Helper()
	h.same("size of the log", r.LogSize(), int64(len(m.leaves)))
	tree := &plainTree{}
	for n, want := range m.leaves {
		commitment, opening, err := r.Leaf(int64(n))
		h.ok(err)
		h.same("leaf", leaf{commitment, opening}.String(), want.String())
		h.ok(tree.append(want.commitment))
	}
	if len(m.leaves) == 0 {
		return
	}
	got, err := tlog.TreeHash(r.LogSize(), hashes(r))
	h.ok(err)
	want, err := tlog.TreeHash(r.LogSize(), tree)
	h.ok(err)
	h.same("root", got, want)
}

func (l leaf) String() string { return fmt.Sprintf("%x %q", l.commitment, l.opening) }

// plainTree is a tree's stored hashes in a slice.
type plainTree struct {
	leaves int64
	stored []tlog.Hash
}

func (t *plainTree) append(commitment [32]byte) error {
	hashes, err := tlog.StoredHashes(t.leaves, commitment[:], t)
	t.leaves++
	t.stored = append(t.stored, hashes...)
	return err
}

func (t *plainTree) ReadHashes(indexes []int64) (list []tlog.Hash, err error) {
	for _, i := range indexes {
		if i < 0 || i >= int64(len(t.stored)) {
			return nil, fmt.Errorf("hash %d: %w", i, store.ErrNotFound)
		}
		list = append(list, t.stored[i])
	}
	return list, nil
}
