package exchange_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/stix"
)

// numbered is indicator n with a marking.
func numbered(t *testing.T, n int, marking string) stix.Object {
	t.Helper()
	o, err := stix.Read(fmt.Appendf(nil, `{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-%012d","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","pattern":"[ipv4-addr:value = '198.51.100.7']","pattern_type":"stix","valid_from":"2024-01-01T00:00:00Z","object_marking_refs":[%q]}`, n, marking))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (h *house) send(by account.Principal, from, n int, marking string) (verdicts string, reasons []string) {
	h.t.Helper()
	var objects []stix.Object
	for i := range n {
		objects = append(objects, numbered(h.t, from+i, marking))
	}
	results, err := h.x.Publish(h.t.Context(), by, exchange.Publication{Collection: "c", Objects: objects})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, r := range results {
		verdicts += string(r.Verdict) + " "
		if r.Verdict == exchange.Refused {
			reasons = append(reasons, r.Reason)
		}
	}
	return strings.TrimSpace(verdicts), reasons
}

func (h *house) limit(l exchange.Limits) {
	h.t.Helper()
	if _, err := h.x.SetLimits(h.t.Context(), h.operator, "c", func(now *exchange.Limits) { *now = l }); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) objects() int {
	h.t.Helper()
	page, err := h.x.View(h.operator).Page(h.t.Context(), "c", exchange.Query{Limit: 10_000, Versions: store.VersionFilter{All: true}})
	if err != nil {
		h.t.Fatal(err)
	}
	defer page.Close()
	return page.Len()
}

func TestASourceIsRefusedBeyondItsQuota(t *testing.T) {
	h := build(t)
	h.send(h.bo, 0, 2, green) // counted before there is a quota
	h.limit(exchange.Limits{SourceQuota: 5})
	got, reasons := h.send(h.bo, 2, 5, green)
	if got != "new new new refused refused" {
		t.Errorf("with 2 of 5, five more are %q", got)
	}
	if len(reasons) != 2 || !strings.Contains(reasons[0], "Brookwater has its quota of 5 objects in this collection") {
		t.Errorf("the reason is %q", reasons)
	}
	if got, _ := h.send(h.bo, 0, 5, green); got != "same same same same same" {
		t.Errorf("what is there already is %q", got)
	}
	if got, _ := h.send(h.ana, 10, 2, green); got != "new new" {
		t.Errorf("another source gets %q", got)
	}
	if _, err := h.x.Recall(t.Context(), h.bo, "c", "indicator--00000000-0000-4000-8000-000000000000", exchange.Query{}); err != nil {
		t.Fatal(err)
	}
	if got, _ := h.send(h.bo, 20, 2, green); got != "new refused" {
		t.Errorf("after one recall two more are %q", got)
	}
}

// Who has the quota can still take back what is wrong: once for each object.
func TestAQuotaKeepsNothingFromBeingRevoked(t *testing.T) {
	h := build(t)
	h.limit(exchange.Limits{SourceQuota: 2})
	h.send(h.bo, 1, 2, green)
	revoke := func(n int, modified, marking string) exchange.Verdict {
		t.Helper()
		raw := strings.Replace(string(numbered(t, n, marking).Raw), `"modified":"2024-01-01T00:00:00.000Z"`, `"revoked":true,"modified":"`+modified+`"`, 1)
		o, err := stix.Read([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		results, err := h.x.Publish(t.Context(), h.bo, exchange.Publication{Collection: "c", Objects: []stix.Object{numbered(t, 8, green), o}})
		if err != nil || results[0].Verdict != exchange.Refused {
			t.Fatalf("a new object beside a revocation is %q (%v)", results[0].Verdict, err)
		}
		return results[1].Verdict
	}
	for _, c := range []struct {
		n        int
		modified string
		want     exchange.Verdict
	}{
		{1, "2024-02-01T00:00:00.000Z", exchange.New},
		{1, "2024-02-01T00:00:00.000Z", exchange.Same},
		{1, "2024-03-01T00:00:00.000Z", exchange.Refused}, // revoked already
		{2, "2023-01-01T00:00:00.000Z", exchange.Refused}, // takes nothing back
		{2, "2024-02-01T00:00:00.000Z", exchange.New},
		{9, "2024-02-01T00:00:00.000Z", exchange.Refused}, // nothing is seen, and twice the quota is there
	} {
		if got := revoke(c.n, c.modified, green); got != c.want {
			t.Errorf("revoking %d at %s is %q, want %q", c.n, c.modified, got, c.want)
		}
	}
}

// What the source is told at its quota does not depend on what is there unseen:
// a stranger's object, the same or in conflict, counts as its own would.
func TestAQuotaTellsNothingOfTheUnseen(t *testing.T) {
	for name, writer := range map[string]func(h *house) account.Principal{
		"partner":    func(h *house) account.Principal { return h.bo },
		"write-only": func(h *house) account.Principal { return h.wim },
	} {
		t.Run(name, func(t *testing.T) {
			var told [2]string
			for i, unseen := range []bool{false, true} {
				h := build(t)
				h.limit(exchange.Limits{SourceQuota: 4})
				if unseen {
					h.x.Publish(t.Context(), h.operator, exchange.Publication{Collection: "c", Source: "Elsewhere",
						Objects: []stix.Object{numbered(t, 1, amber), numbered(t, 2, red)}})
				}
				for range 2 {
					for _, n := range []int{2, 1, 3} {
						got, reasons := h.send(writer(h), n, 2, amber)
						told[i] += got + strings.Join(reasons, ";") + "\n"
					}
				}
			}
			if told[0] != told[1] {
				t.Errorf("alone the writer is told\n%s\nand beside the unseen\n%s", told[0], told[1])
			}
		})
	}
}

func TestAQuotaHoldsForWritersAtOnce(t *testing.T) {
	h := build(t)
	h.limit(exchange.Limits{SourceQuota: 50})
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 5 {
				h.send(h.bo, 1000*w+10*i, 3, green)
			}
		})
	}
	wg.Wait()
	if n := h.objects(); n != 50 {
		t.Errorf("eight writers brought %d objects of 50", n)
	}
}

func TestWhatIsOldOrTooMuchIsRecalled(t *testing.T) {
	h := build(t)
	h.send(h.ana, 0, 10, green)
	size := int64(len(numbered(t, 0, green).Raw))
	now := time.Now()
	retain := func(want int) {
		t.Helper()
		if n, err := h.x.Retain(t.Context(), now); err != nil || n != want {
			t.Errorf("%d were recalled (%v), want %d", n, err, want)
		}
	}
	retain(0)
	h.limit(exchange.Limits{Keep: time.Hour, MaxObjects: 8})
	retain(2)
	if _, err := h.x.View(h.operator).Versions(t.Context(), "c", "indicator--00000000-0000-4000-8000-000000000001"); !errors.Is(err, exchange.ErrNotFound) {
		t.Errorf("the second oldest is there: %v", err)
	}
	h.limit(exchange.Limits{MaxBytes: 5*size + 10})
	retain(3)
	h.send(h.ana, 0, 1, green) // it may come again
	retain(1)
	h.limit(exchange.Limits{Keep: time.Hour})
	retain(0)
	now = now.Add(2 * time.Hour)
	retain(5)
	if n := h.objects(); n != 0 {
		t.Errorf("%d objects are left", n)
	}
	if err := h.store.Verify(t.Context(), func(problem string) { t.Error(problem) }); err != nil {
		t.Fatal(err)
	}
}

// Limits that were taken back recall nothing more, also while a recall by them is
// under way: here they go between its first batch and its second.
func TestLimitsThatWereTakenBackRecallNothingMore(t *testing.T) {
	h := build(t)
	for from := 0; from < 1500; from += 500 {
		h.send(h.ana, from, 500, green)
	}
	h.limit(exchange.Limits{Keep: time.Hour})
	h.x.Close()
	var err error
	h.x, err = exchange.Open(t.Context(), h.store, exchange.Options{Own: own, Shared: func(tx store.Tx, id string) bool {
		row, err := tx.Get("collection", id)
		if err != nil {
			t.Error(err)
		}
		tx.Set("collection", id, regexp.MustCompile(`"keep":\d+`).ReplaceAll(row, []byte(`"keep":0`)))
		return false
	}})
	if err != nil {
		t.Fatal(err)
	}
	n, err := h.x.Retain(t.Context(), time.Now().Add(2*time.Hour))
	if err != nil || n != 1000 {
		t.Errorf("%d were recalled (%v), want the first batch of 1000", n, err)
	}
}

func TestLimitsOutliveARestartAndAreForAdmins(t *testing.T) {
	h := build(t)
	l := exchange.Limits{Keep: 90 * 24 * time.Hour, MaxObjects: 1, MaxBytes: 2, SourceQuota: 3}
	h.limit(l)
	h.close()
	h.open()
	if c, err := h.x.View(h.operator).Collection("c"); err != nil || c.Limits != l {
		t.Errorf("after a restart: %+v, %v", c.Limits, err)
	}
	if _, err := h.x.SetLimits(t.Context(), h.ana, "c", func(*exchange.Limits) {}); !errors.Is(err, exchange.ErrForbidden) {
		t.Errorf("a contributor is answered %v, want ErrForbidden", err)
	}
	for _, wrong := range []exchange.Limits{{Keep: -1}, {Keep: time.Second}, {MaxObjects: -1}} {
		if _, err := h.x.SetLimits(t.Context(), h.operator, "c", func(now *exchange.Limits) { *now = wrong }); !errors.Is(err, exchange.ErrInvalid) {
			t.Errorf("%+v is answered %v, want ErrInvalid", wrong, err)
		}
	}
}

func TestKeepIsReadAndWritten(t *testing.T) {
	for text, want := range map[string]time.Duration{"90d": 90 * 24 * time.Hour, "36h0m0s": 36 * time.Hour} {
		if d, err := exchange.ParseKeep(text); err != nil || d != want || exchange.KeepText(d) != text {
			t.Errorf("%q is read as %v (%v) and written as %q", text, d, err, exchange.KeepText(d))
		}
	}
	if d, err := exchange.ParseKeep("0"); err != nil || d != 0 {
		t.Errorf("0 is read as %v (%v)", d, err)
	}
	for _, text := range []string{"", "d", "-1d", "-1h", "90", "1e9d", "99999999d", "soon"} {
		if d, err := exchange.ParseKeep(text); !errors.Is(err, exchange.ErrInvalid) {
			t.Errorf("%q is read as %v (%v)", text, d, err)
		}
	}
}
