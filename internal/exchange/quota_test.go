package exchange_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/stix"
)

// turn is one thing that happens in a collection with a quota.
type turn struct {
	Who     string // writer, other or curator
	N       int    // of the object
	Version int
	Text    int // contents under one version
	Revoked bool
	Marking string
}

func someTurn() *rapid.Generator[turn] {
	return rapid.Custom(func(rt *rapid.T) turn {
		return turn{
			Who:     rapid.SampledFrom([]string{"writer", "writer", "other", "curator"}).Draw(rt, "who"),
			N:       rapid.IntRange(1, 3).Draw(rt, "object"),
			Version: rapid.IntRange(1, 2).Draw(rt, "version"),
			Text:    rapid.IntRange(1, 2).Draw(rt, "text"),
			Revoked: rapid.IntRange(0, 4).Draw(rt, "revoked") == 0,
			Marking: rapid.SampledFrom([]string{amber, red}).Draw(rt, "marking"),
		}
	})
}

func (u turn) object(t rapid.TB) stix.Object {
	raw := object(u.N, fmt.Sprintf("2026-01-0%dT00:00:00Z", u.Version), u.Marking, fmt.Sprintf(`,"revoked":%v,"authors":["%d"]`, u.Revoked, u.Text))
	o, err := stix.Read([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// What a source is told does not depend on what others brought that it may not
// see, also when a curator takes things back: neither who brought the same first,
// nor what its own clashed with. And what counts is what is there.
func TestNeitherQuotaNorRecallTellsOfTheUnseen(t *testing.T) {
	h := build(t)
	collections := 0
	rapid.Check(t, func(rt *rapid.T) {
		turns := rapid.SliceOfN(someTurn(), 1, 25).Draw(rt, "turns")
		access := rapid.SampledFrom([]account.Access{account.Write, account.Read | account.Write}).Draw(rt, "access")
		quota := rapid.Int64Range(0, 4).Draw(rt, "quota")
		var told [2]string
		for i := range told {
			collections++
			c, err := h.x.AddCollection(t.Context(), h.operator, exchange.Collection{Alias: fmt.Sprintf("q%d", collections), Limits: exchange.Limits{SourceQuota: quota}})
			if err != nil {
				rt.Fatal(err)
			}
			writer := account.Principal{Account: "bo", Org: "Brookwater", Role: account.Contributor, Grants: map[string]account.Access{c.ID: access}}
			for _, u := range turns {
				switch {
				case u.Who == "writer":
					told[i] += h.turn(rt, writer, "", c.ID, u)
				case u.Who == "other" && i == 1:
					h.turn(rt, h.operator, "Elsewhere", c.ID, u)
				case u.Who == "curator":
					id := u.object(rt).ID
					if _, err := h.x.Recall(t.Context(), h.operator, c.ID, id, exchange.Query{}); err != nil && !errors.Is(err, exchange.ErrNotFound) {
						rt.Fatal(err)
					}
				}
			}
			h.usageHolds(rt, c)
		}
		if told[0] != told[1] {
			rt.Fatalf("alone the writer is told\n%s\nand beside the unseen\n%s", told[0], told[1])
		}
	})
}

func (h *house) turn(t rapid.TB, by account.Principal, source, collection string, u turn) string {
	o := u.object(t)
	results, err := h.x.Publish(h.t.Context(), by, exchange.Publication{Collection: collection, Source: source, Objects: []stix.Object{o}})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintln(u, results[0].Verdict, results[0].Reason)
}

// usageHolds compares what counts for the sources with what is there.
func (h *house) usageHolds(t rapid.TB, c exchange.Collection) {
	var objects, bytes, apart, rows int64
	for row, err := range h.store.Rows("usage", c.ID) {
		var u struct{ Objects, Apart, Bytes int64 }
		if err == nil {
			err = json.Unmarshal(row.Value, &u)
		}
		if err != nil {
			t.Fatal(err)
		}
		objects, bytes, apart = objects+u.Objects, bytes+u.Bytes, apart+u.Apart
	}
	for range h.store.Rows("usage-apart", c.ID) {
		rows++
	}
	page, err := h.x.View(h.operator).Page(h.t.Context(), c.ID, exchange.Query{Limit: 1000, Bodies: true, Versions: store.VersionFilter{All: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	var size int64
	for i := range page.Len() {
		size += int64(len(page.Bytes(i)))
	}
	if objects != int64(page.Len())+apart || apart != rows || bytes != size {
		t.Fatalf("%d objects, %d apart, %d bytes are counted; %d, %d, %d are there", objects, apart, bytes, page.Len(), rows, size)
	}
	if kept, err := h.x.Conflicts(h.operator, c.ID); err != nil {
		t.Fatal(err)
	} else if page.Len() == 0 {
		for a, err := range kept {
			t.Fatalf("%s is kept aside beside nothing (%v)", a.ID, err)
		}
	}
}

// A new version counts, since the former stays; who sees nothing may still take
// back all that it can have brought.
func TestAtItsQuotaAWriteOnlySourceRevokesAndNothingElse(t *testing.T) {
	h := build(t)
	h.limit(exchange.Limits{SourceQuota: 2})
	h.publish(h.wim, object(1, t1, amber, ""), object(2, t1, amber, ""))
	want(t, "new versions", verdicts(h.publish(h.wim, object(1, t2, amber, ""))), "refused")
	revoked := `,"revoked":true`
	want(t, "revocations", verdicts(h.publish(h.wim, object(1, t2, amber, revoked), object(2, t2, amber, revoked))), "new new")
	want(t, "again", verdicts(h.publish(h.wim, object(1, t2, amber, revoked), object(2, t2, amber, revoked))), "new new")
	want(t, "one more", verdicts(h.publish(h.wim, object(3, t2, amber, revoked))), "refused")
}

// Content that is sent again and again counts once, also while there is no quota.
func TestWhatIsSentAgainCountsOnce(t *testing.T) {
	h := build(t)
	for range 3 {
		h.publish(h.wim, object(1, t1, amber, ""), object(1, t1, amber, `,"lang":"en"`))
	}
	h.limit(exchange.Limits{SourceQuota: 3})
	want(t, "a third and a fourth", verdicts(h.publish(h.wim, object(2, t1, amber, ""), object(3, t1, amber, ""))), "new refused")
}

func TestARecallTakesWhatWasKeptAside(t *testing.T) {
	h := build(t)
	h.publish(h.ana, object(1, t1, green, ""))
	h.publish(h.ana, object(1, t1, amber, `,"lang":"en"`))
	h.publish(h.ana, object(1, t1, green, `,"lang":"fr"`))
	aside := func() (kept []string) {
		all, err := h.x.Conflicts(h.cleo, "c")
		if err != nil {
			t.Fatal(err)
		}
		for a, err := range all {
			if err != nil {
				t.Fatal(err)
			}
			_, lang, _ := strings.Cut(string(a.Raw), `"lang":`)
			kept = append(kept, lang[:4])
		}
		return kept
	}
	want(t, "before", fmt.Sprint(len(aside())), "2")
	if _, err := h.x.Recall(t.Context(), h.bo, "c", "note--00000000-0000-4000-8000-000000000001", exchange.Query{}); err != nil {
		t.Fatal(err)
	}
	want(t, "what the partner does not see stays", fmt.Sprint(aside()), `["en"]`)
}

// A recall from several collections is one act: from each or from none.
func TestARecallFromSeveralCollectionsIsWholeOrNothing(t *testing.T) {
	h := build(t)
	if _, err := h.x.AddCollection(t.Context(), h.operator, exchange.Collection{Alias: "d"}); err != nil {
		t.Fatal(err)
	}
	const id = "note--00000000-0000-4000-8000-000000000001"
	h.publish(h.operator, object(1, t1, green, ""), object(1, t2, green, ""))
	if _, err := h.x.RecallAll(t.Context(), h.operator, []string{"c", "d"}, id, exchange.Query{}, nil); !errors.Is(err, exchange.ErrNotFound) {
		t.Errorf("from where it is and where it is not: %v", err)
	}
	want(t, "nothing is taken", h.sees(h.ana, exchange.Query{}), "1")
	p := publication(t, object(1, t1, green, ""))
	p.Collection = "d"
	if _, err := h.x.Publish(t.Context(), h.operator, p); err != nil {
		t.Fatal(err)
	}
	taken, err := h.x.RecallAll(t.Context(), h.operator, []string{"c", "d"}, id, exchange.Query{}, nil)
	if err != nil || fmt.Sprint(taken) != "[2 1]" {
		t.Errorf("taken are %v (%v)", taken, err)
	}
	want(t, "all is taken", h.sees(h.ana, exchange.Query{}), "")
}

// Who may not read is not told by a recall what is there.
func TestAWriteOnlyAccountRecallsNothing(t *testing.T) {
	h := build(t)
	h.publish(h.ana, object(1, t1, green, ""))
	if n, err := h.x.Recall(t.Context(), h.wim, "c", "note--00000000-0000-4000-8000-000000000001", exchange.Query{}); !errors.Is(err, exchange.ErrNotFound) {
		t.Errorf("it recalled %d (%v)", n, err)
	}
}
