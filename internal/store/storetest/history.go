package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"entente/internal/store"
)

// history is the property that after any history the engine answers every
// question as the model does, and a follower of its feed knows what it holds.
func history(t *testing.T, open Open) {
	t.Run("AnyHistoryReadsAsTheModelDoes", func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			h := &historian{keeper: newKeeperFor(rt, t, open), model: newModel(), follower: map[store.Tick]row{}}
			rt.Repeat(map[string]func(*rapid.T){
				"commit":   h.commit,
				"commit 2": h.commit, // twice as often
				"clock":    h.turnClock,
				"snapshot": h.snapshot,
				"let go":   h.letGo,
				"reopen":   h.reopen,
				"follow":   h.follow,
				"":         h.compare,
			})
			h.follow(rt)
			h.verify()
			for len(h.snaps) > 0 {
				h.letGo(rt)
			}
			h.close()
		})
	})
}

// historian plays a history on an engine and on the model side by side.
type historian struct {
	*keeper
	model    *model
	gone     []store.Place // places that a row once had
	snaps    []still
	followed store.Tick
	follower map[store.Tick]row
	tick     store.Tick // of the newest posting
}

// still is a snapshot and the model of that instant.
type still struct {
	store.Snapshot
	model *model
}

var errRefused = errors.New("refused within the transaction")

func (h *historian) commit(rt *rapid.T) {
	b := &store.Batch{
		Expects:   rapid.SliceOfN(rapid.Custom(h.someExpect), 0, 1).Draw(rt, "expects"),
		Puts:      rapid.SliceOfN(someObject("A", "B"), 0, 6).Draw(rt, "puts"),
		Removes:   rapid.SliceOfN(rapid.Custom(h.someRemove), 0, 2).Draw(rt, "removes"),
		Reclasses: rapid.SliceOfN(rapid.Custom(h.someReclass), 0, 2).Draw(rt, "reclasses"),
	}
	acts := rapid.SliceOfN(someAct(), 0, 4).Draw(rt, "acts")
	h.somePostings(rt, b)
	refuse := rapid.IntRange(0, 7).Draw(rt, "refuse") == 0

	var given []store.Outcome
	var tick store.Tick
	var noted []string
	if len(acts) > 0 || refuse {
		b.Then = func(tx store.Tx, out []store.Outcome) error {
			given, tick, noted = slices.Clone(out), tx.Tick(), play(tx, acts)
			if refuse {
				return errRefused
			}
			return nil
		}
	}
	out, err := h.Commit(h.ctx(), b)
	if !h.model.holds(b.Expects) {
		if !errors.Is(err, store.ErrChanged) || given != nil {
			h.Fatalf("a batch that expects another version answers %v", err)
		}
		return
	}
	if refuse {
		if !errors.Is(err, errRefused) {
			h.Fatalf("a refused batch answers %v", err)
		}
		out = given
	} else {
		h.ok(err)
	}
	h.rising(out, b.Then != nil, tick)

	// The model plays the same with the ticks the engine gave.
	ticks := make([]store.Tick, len(out))
	for i, o := range out {
		ticks[i] = o.Added
	}
	next := h.model.clone()
	next.classes = slices.Clone(h.Classes())
	engineNoted := noted
	want, err := next.commit(b, ticks, tick)
	h.same("what the transaction read", engineNoted, noted)
	if refuse {
		want = given // set by the model's own run of Then
		h.same("states of a refused batch", states(out), states(want))
		return
	}
	h.ok(err)
	h.same("outcomes", none(out), none(want))
	h.model = next
	h.remember()
}

// rising asserts that what was written has ticks above all before.
func (h *historian) rising(out []store.Outcome, then bool, tick store.Tick) {
	h.Helper()
	last := h.model.now
	for i, o := range out {
		if o.State == store.Same || o.State == store.Conflict || o.State == store.Absent {
			continue
		}
		if o.Added <= last {
			h.Fatalf("part %d has tick %d, at or before %d", i, o.Added, last)
		}
		last = o.Added
	}
	if then && tick <= last {
		h.Fatalf("the transaction has tick %d, at or before %d", tick, last)
	}
}

func (h *historian) remember() {
	for _, e := range h.model.rows {
		if p := h.model.place(e); !slices.Contains(h.gone, p) {
			h.gone = append(h.gone, p)
		}
	}
}

// someExpect is most often the newest version of a row's object.
func (h *historian) someExpect(rt *rapid.T) store.Expect {
	x := store.Expect{Collection: 1, ID: rapid.SampledFrom(someIDs).Draw(rt, "id"), Visible: someVisible(h.Store).Draw(rt, "visible")}
	if rapid.IntRange(0, 3).Draw(rt, "expect") == 0 {
		x.Version = rapid.SampledFrom(append(someVersions, "")).Draw(rt, "version")
		return x
	}
	for _, e := range h.model.rows {
		if e.collection == x.Collection && e.id == x.ID && x.Visible.Has(h.model.intern(e.class)) &&
			(x.Version == "" || compareVersions(e.version, x.Version) > 0) {
			x.Version = e.version
		}
	}
	return x
}

func (h *historian) someRemove(rt *rapid.T) store.Remove {
	p := h.somePlace(rt)
	return store.Remove{Collection: p.Collection, Added: p.Added, Aside: someVisible(h.Store).Draw(rt, "aside")}
}

func (h *historian) someReclass(rt *rapid.T) store.Reclass {
	p := h.somePlace(rt)
	return store.Reclass{Collection: p.Collection, Added: p.Added, Class: rapid.SampledFrom(someClasses).Draw(rt, "class")}
}

// somePlace is most often that of a row, and sometimes of none.
func (h *historian) somePlace(rt *rapid.T) store.Place {
	kind := rapid.IntRange(0, 5).Draw(rt, "place")
	switch {
	case kind == 0 || len(h.gone)+len(h.model.rows) == 0:
		return store.Place{Collection: 1, Class: 1, Added: store.Tick(kind)}
	case kind == 1 && len(h.gone) > 0 || len(h.model.rows) == 0:
		return rapid.SampledFrom(h.gone).Draw(rt, "once")
	}
	i := rapid.IntRange(0, len(h.model.rows)-1).Draw(rt, "row")
	return h.model.place(h.model.rows[i])
}

func (h *historian) turnClock(rt *rapid.T) {
	h.clock.move(time.Duration(rapid.IntRange(-200, 600).Draw(rt, "seconds")) * time.Second)
}

func (h *historian) snapshot(rt *rapid.T) {
	if len(h.snaps) == 2 {
		h.letGo(rt)
	}
	snap, err := h.Snapshot()
	h.ok(err)
	h.snaps = append(h.snaps, still{snap, h.model.clone()})
}

func (h *historian) letGo(*rapid.T) {
	if len(h.snaps) > 0 {
		h.ok(h.snaps[0].Close())
		h.snaps = h.snaps[1:]
	}
}

func (h *historian) reopen(rt *rapid.T) {
	for len(h.snaps) > 0 {
		h.letGo(rt)
	}
	h.keeper.reopen()
}

// follow reads the rest of the feed as a follower would, in runs.
func (h *historian) follow(rt *rapid.T) {
	limit := rapid.IntRange(1, 9).Draw(rt, "run")
	for more := true; more; {
		var list []change
		list, more = h.changesOf(h.Store, h.followed, limit)
		follow(h.follower, list)
		if len(list) > 0 {
			h.followed = list[len(list)-1].Row.Added
		}
	}
	want := map[store.Tick]row{}
	for _, e := range h.model.rows {
		want[e.added] = h.model.open(e, true)
	}
	h.same("what a follower knows", h.follower, want)
}

func (h *historian) compare(rt *rapid.T) {
	h.model.classes = slices.Clone(h.Classes())
	for _, m := range h.model.rows {
		if !slices.Contains(h.model.classes, m.class) {
			h.Fatalf("class %q of %s is not interned", m.class, m.id)
		}
	}
	h.agree(rt, h.Store, h.model)
	for i, s := range h.snaps {
		rt.Logf("snapshot %d", i)
		s.model.classes = h.model.classes
		h.agree(rt, s.Snapshot, s.model)
	}
}

// act is one thing that a random transaction does.
type act struct {
	do         string
	table, key string
	value      string
}

var someNames = []string{"", "a", "a\x00", "ab", "\xff"}

func someAct() *rapid.Generator[act] {
	return rapid.Custom(func(rt *rapid.T) act {
		return act{
			do:    rapid.SampledFrom([]string{"set", "set", "delete", "get", "rows", "leaf"}).Draw(rt, "do"),
			table: rapid.SampledFrom(someNames).Draw(rt, "table"),
			key:   rapid.SampledFrom(someNames).Draw(rt, "key"),
			value: rapid.SampledFrom(someTexts).Draw(rt, "value"),
		}
	})
}

// play does the acts and notes what they answered.
func play(tx store.Tx, acts []act) (noted []string) {
	for _, a := range acts {
		switch a.do {
		case "set":
			tx.Set(a.table, a.key, []byte(a.value))
		case "delete":
			tx.Delete(a.table, a.key)
		case "get":
			noted = append(noted, txGet(tx, a.table, a.key))
		case "rows":
			noted = append(noted, txRows(tx, a.table, a.key)...)
		case "leaf":
			n := tx.AppendLeaf([32]byte{a.value[0]}, []byte(a.value))
			noted = append(noted, fmt.Sprintf("leaf %d", n))
		}
	}
	return noted
}
