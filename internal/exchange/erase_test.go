package exchange_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
)

// kept defines a marking of personal data with a retention.
func (h *house) kept(id string, days int) {
	h.t.Helper()
	h.publish(h.operator, fmt.Sprintf(`{"type":"marking-definition","spec_version":"2.1","id":%q,"created":"2026-01-01T00:00:00.000Z","extensions":{"extension-definition--f64497da-bf8d-4941-bc8c-fc538ba3df35":{"extension_type":"property-extension","personal_data":true,"retention_days":%d}}}`, id, days))
}

// erase erases what is due after some days, and tells how many notes are left.
func (h *house) erase(days, want, left int) {
	h.t.Helper()
	n, err := h.x.EraseDue(h.t.Context(), time.Now().Add(time.Duration(days)*24*time.Hour+time.Hour))
	if err != nil || n != want {
		h.t.Errorf("after %d days %d are erased (%v); want %d", days, n, err, want)
	}
	if got := len(h.read(h.cleo, exchange.Query{Types: []string{"note"}, Versions: store.VersionFilter{All: true}})); got != left {
		h.t.Errorf("after %d days %d are left; want %d", days, got, left)
	}
}

func TestMarkedDataIsErasedWhenItsTimeIsOver(t *testing.T) {
	h := build(t)
	h.kept(private, 30)
	h.publish(h.operator, object(1, t1, private, ``), object(2, t1, green, `,"abstract":"bob@example.org"`), object(3, t1, green, ``))
	if got := h.report(exchange.AskPersonal{}).Held[0].KeptUntil; got == nil || time.Until(*got).Round(24*time.Hour) != 30*24*time.Hour {
		t.Errorf("it is kept until %v; want thirty days", got)
	}
	h.erase(29, 0, 3)
	h.erase(30, 1, 2)
	h.erase(30, 0, 2)
}

func TestCollectionsErasePersonalData(t *testing.T) {
	h := build(t)
	h.publish(h.operator, object(1, t1, green, `,"abstract":"bob@example.org"`), object(2, t1, green, ``))
	h.erase(1000, 0, 2)
	h.limit(exchange.Limits{KeepPersonal: 90 * 24 * time.Hour})
	h.erase(89, 0, 2)
	h.erase(90, 1, 1)
}

// An end that a policy sets counts whenever it became known.
func TestEndedPoliciesErasePersonalData(t *testing.T) {
	h := build(t)
	end := time.Now().Add(10 * 24 * time.Hour).UTC().Format("2006-01-02T15:04:05.000Z")
	h.publish(h.operator, `{"type":"marking-definition","spec_version":"2.1","id":"`+private+`","created":"2026-01-01T00:00:00.000Z","extensions":{"extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a":{"extension_type":"property-extension","iep_version":2.0,"name":"n","iep_id":"5b1b0e3e-3b5c-4f0d-9b0a-1b1b0e3e3b5c","start_date":"2026-01-01T00:00:00Z","end_date":"`+end+`","encrypt_in_transit":"may","permitted_actions":"externally-visible-direct-actions","affected_party_notifications":"may","tlp":"green","provider_attribution":"may","unmodified_resale":"may"}}}`)
	h.publish(h.operator, object(1, t1, private, `,"abstract":"bob@example.org"`), object(2, t1, private, ``))
	if got := h.read(h.cleo, exchange.Query{Types: []string{"note"}}); len(got) != 2 {
		t.Fatalf("%q", got)
	}
	h.erase(9, 0, 2)
	h.erase(10, 1, 1)
}

// A definition that comes after what it marks counts from when that came.
func TestLateRetentionCounts(t *testing.T) {
	h := build(t)
	h.x.Follow()
	h.publish(h.operator, object(1, t1, private, ``))
	h.kept(private, 30)
	h.followed()
	h.erase(29, 0, 1)
	h.erase(30, 1, 0)
}

// A new class gives a new date, and not more time.
func TestAnotherClassGivesNoMoreTime(t *testing.T) {
	h := build(t)
	h.x.Follow()
	h.kept(private, 30)
	const later = "marking-definition--66666666-6666-4666-8666-666666666666"
	h.publish(h.operator, strings.Replace(object(1, t1, private, ``), private, private+`","`+later, 1))
	h.publish(h.operator, `{"type":"marking-definition","spec_version":"2.1","id":"`+later+`","created":"2026-01-01T00:00:00.000Z","definition_type":"statement","definition":{"statement":"as you like"}}`)
	h.followed()
	h.erase(30, 1, 0)
}

// What somebody asks for goes from every collection, with all versions, what is shown
// of it and what was kept aside; it is in the log where others read.
func TestErasingOnRequest(t *testing.T) {
	h := build(t)
	h.x.Follow()
	h.publish(h.operator, object(1, t1, green, `,"abstract":"bob@example.org"`), object(1, t2, green, ``), secret, object(2, t1, green, ``))
	h.publish(h.bo, object(1, t1, green, `,"abstract":"other"`))
	const one, two = "note--00000000-0000-4000-8000-000000000001", "indicator--00000000-0000-4000-8000-000000000001"
	for _, by := range []account.Principal{h.ana, h.bo} {
		if _, err := h.x.EraseObjects(t.Context(), by, []string{one}); !errors.Is(err, exchange.ErrForbidden) {
			t.Errorf("%s: %v", by.Account, err)
		}
	}
	if n, err := h.x.EraseObjects(t.Context(), h.cleo, []string{one, "note--00000000-0000-4000-8000-000000000009", two}); n != 3 || !errors.Is(err, exchange.ErrNotFound) {
		t.Errorf("erased %d, %v; want three versions and one that is not found", n, err)
	}
	if got := h.read(h.cleo, exchange.Query{Versions: store.VersionFilter{All: true}}); len(got) != 1 {
		t.Errorf("left: %q", got)
	}
	same(t, "held", held(h.report(exchange.AskPersonal{})))
	if n, err := h.x.EraseFromDisk(t.Context()); n != 3 || err != nil {
		t.Errorf("off the disk: %d, %v", n, err)
	}
	if n, err := h.x.EraseFromDisk(t.Context()); n != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
}

// What was removed and not yet off the disk when a node ended goes at a later start.
func TestErasureGoesOnAfterARestart(t *testing.T) {
	h := build(t)
	h.publish(h.operator, object(1, t1, green, `,"abstract":"bob@example.org"`))
	if n, err := h.x.EraseObjects(t.Context(), h.operator, []string{"note--00000000-0000-4000-8000-000000000001"}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	h.close()
	h.open()
	if n, err := h.x.EraseFromDisk(t.Context()); n != 1 || err != nil {
		t.Errorf("off the disk: %d, %v", n, err)
	}
}

// What was erased goes off the disk by itself, within a day and not at once.
func TestErasedGoesOffTheDiskByItself(t *testing.T) {
	h := build(t)
	h.publish(h.operator, object(1, t1, green, `,"abstract":"bob@example.org"`))
	if _, err := h.x.EraseObjects(t.Context(), h.operator, []string{"note--00000000-0000-4000-8000-000000000001"}); err != nil {
		t.Fatal(err)
	}
	left := func() (n int) {
		for range h.x.Rows("erased", "") {
			n++
		}
		return n
	}
	h.close()
	h.ahead.Store(int64(23 * time.Hour))
	h.open()
	if left() != 1 {
		t.Error("nothing waits to go off the disk")
	}
	h.x.Follow()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 500 {
		if left() == 0 {
			return
		}
		<-tick.C
	}
	t.Error("it is still on the disk")
}

func TestBackupsAreToldWhatTheyHoldTooLong(t *testing.T) {
	h := build(t)
	first := func(want time.Duration) {
		t.Helper()
		at, err := h.x.FirstErasure(t.Context())
		if got := time.Until(at).Round(time.Hour); err != nil || want == 0 && !at.IsZero() || want != 0 && got != want {
			t.Errorf("the first erasure is at %v (%v); want it in %v", at, err, want)
		}
	}
	const day = 24 * time.Hour
	h.publish(h.operator, object(1, t1, green, `,"abstract":"bob@example.org"`))
	first(0)
	h.limit(exchange.Limits{KeepPersonal: 90 * day})
	first(90 * day)
	h.kept(private, 30)
	h.publish(h.operator, object(2, t1, private, ``))
	first(30 * day)
}
