package exchange_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
)

const bob = `,"abstract":"bob@example.org"`

// ends defines a policy that ends in ten days.
func (h *house) ends(id string) {
	h.t.Helper()
	end := time.Now().Add(10 * 24 * time.Hour).UTC().Format("2006-01-02T15:04:05.000Z")
	h.publish(h.operator, `{"type":"marking-definition","spec_version":"2.1","id":"`+id+`","created":"2026-01-01T00:00:00.000Z","extensions":{"extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a":{"extension_type":"property-extension","iep_version":2.0,"name":"n","iep_id":"5b1b0e3e-3b5c-4f0d-9b0a-1b1b0e3e3b5c","start_date":"2026-01-01T00:00:00Z","end_date":"`+end+`","encrypt_in_transit":"may","permitted_actions":"externally-visible-direct-actions","affected_party_notifications":"may","tlp":"green","provider_attribution":"may","unmodified_resale":"may"}}}`)
}

// due erases what is due after some days, and tells how many that was.
func (h *house) due(days int) int {
	h.t.Helper()
	n, err := h.x.EraseDue(h.t.Context(), time.Now().Add(time.Duration(days)*24*time.Hour+time.Hour))
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// What refers to personal data is withheld as that is, and stays when it is erased.
func TestErasingSparesWhatRefersToPersonalData(t *testing.T) {
	h := build(t)
	h.limit(exchange.Limits{KeepPersonal: 90 * 24 * time.Hour})
	toNote := func(made string) string { return strings.Replace(made, m2, idOf("note", 1), 1) }
	h.publish(h.operator, object(1, t1, green, bob), malware(1, t1, green), toNote(report(1, green, 1, 2)), toNote(relation(1, 1, 2, green)))
	if got := h.report(exchange.AskPersonal{}).Held; len(got) != 1 || got[0].Object != idOf("note", 1) || got[0].KeptUntil == nil {
		t.Errorf("held: %+v; want the note", got)
	}
	if n := h.due(91); n != 1 {
		t.Errorf("%d are erased; want the note", n)
	}
	h.gives("the note", idOf("note", 1), 0, 0, 0)
	h.gives("a report about it", idOf("report", 1), 1, 1, 1)
	if got := h.given(h.cleo, r1); len(got) != 1 {
		t.Errorf("the relationship to it has gone")
	}
}

// Nobody has another's objects erased by what he brings under an id that they refer to.
func TestAStrangerHasNothingErased(t *testing.T) {
	h := build(t)
	h.limit(exchange.Limits{KeepPersonal: 90 * 24 * time.Hour})
	d, err := h.x.AddCollection(t.Context(), h.operator, exchange.Collection{Alias: "d"})
	if err != nil {
		t.Fatal(err)
	}
	h.publish(h.operator, malware(1, t1, green), report(1, green, 1, 2), relation(1, 1, 2, green))
	eve := account.Principal{ID: "eve", Account: "eve", Org: "Evil", Role: account.Contributor, Grants: map[string]account.Access{d.ID: account.Write}}
	p := publication(t, made("malware", 2, t1, red, `,"is_family":false,"name":"bob@example.org"`))
	p.Collection = "d"
	if _, err := h.x.Publish(t.Context(), eve, p); err != nil {
		t.Fatal(err)
	}
	if n := h.due(91); n != 0 {
		t.Errorf("%d are erased", n)
	}
	for _, id := range []string{r1, idOf("report", 1)} {
		if got := h.given(h.cleo, id); len(got) != 1 {
			t.Errorf("%s has gone", id)
		}
	}
}

// The end of a policy is that of what is marked with it.
func TestTheEndOfWhatIsReferredToErasesNothing(t *testing.T) {
	h := build(t)
	h.ends(private)
	h.publish(h.operator, made("identity", 1, t1, private, `,"name":"x","contact_information":"ana@mail.example"`), object(1, t1, green, bob))
	for _, one := range h.report(exchange.AskPersonal{}).Held {
		if has := one.KeptUntil != nil; has != (one.Object == idOf("identity", 1)) {
			t.Errorf("%s is kept until %v", one.Object, one.KeptUntil)
		}
	}
	if n := h.due(10); n != 1 {
		t.Errorf("%d are erased; want what is marked", n)
	}
	if n := len(rowsOf(t, h, "personal-held")); n != 1 {
		t.Errorf("%d are held; want the note", n)
	}
}

// A new class gives a new date added; what is kept goes by the first, and all who say
// until when say the same.
func TestCollectionsKeepFromTheFirstDate(t *testing.T) {
	h := build(t)
	h.limit(exchange.Limits{KeepPersonal: 90 * 24 * time.Hour})
	h.publish(h.operator, object(1, t1, green, bob))
	before := h.report(exchange.AskPersonal{}).Held[0]
	h.publish(h.operator, made("identity", 1, t1, red, `,"name":"x"`))
	after := h.report(exchange.AskPersonal{}).Held[0]
	if !after.Added.After(before.Added) {
		t.Fatal("it has not become stricter")
	}
	first, err := h.x.FirstErasure(t.Context())
	if err != nil || !after.KeptUntil.Equal(*before.KeptUntil) || !first.Equal(*before.KeptUntil) {
		t.Errorf("kept until %v, then %v; first %v (%v)", before.KeptUntil, after.KeptUntil, first, err)
	}
	if n, err := h.x.EraseDue(t.Context(), first.Add(-time.Microsecond)); n != 0 || err != nil {
		t.Errorf("before its time %d are erased (%v)", n, err)
	}
	if n, err := h.x.EraseDue(t.Context(), first); n != 1 || err != nil {
		t.Errorf("at its time %d are erased (%v)", n, err)
	}
}

// The time of what was recalled ends with it: what comes again under its version has
// its own.
func TestWhatComesAgainHasItsOwnTime(t *testing.T) {
	h := build(t)
	h.kept(private, 30)
	recall := func() {
		t.Helper()
		if _, err := h.x.Recall(t.Context(), h.operator, "c", idOf("note", 1), exchange.Query{}); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"personal-held", "personal-came", "erase-due"} {
			if got := rowsOf(t, h, table); len(got) != 0 {
				t.Errorf("%s has %q", table, got)
			}
		}
	}
	until := func() time.Time {
		t.Helper()
		return *h.report(exchange.AskPersonal{}).Held[0].KeptUntil
	}
	h.publish(h.operator, object(1, t1, private, ``))
	first := until()
	recall()
	h.publish(h.operator, object(1, t1, green, ``)) // corrected: nothing about people
	h.erase(30, 0, 1)
	recall()
	h.publish(h.operator, object(1, t1, private, ``))
	if again := until(); again.Before(first) {
		t.Errorf("it is kept until %v, and when it comes again until %v", first, again)
	}
	h.erase(31, 1, 0)
}

// What somebody else says of the same observable gives no time to anybody's.
func TestOthersContentHasItsOwnTime(t *testing.T) {
	h := build(t)
	h.kept(private, 1)
	const id = "ipv4-addr--00000000-0000-4000-8000-000000000001"
	addr := func(markings ...string) string {
		return fmt.Sprintf(`{"type":"ipv4-addr","spec_version":"2.1","id":%q,"value":"198.51.100.7","object_marking_refs":["%s"]}`, id, strings.Join(markings, `","`))
	}
	h.publish(h.operator, addr(green))
	h.publish(h.bo, addr(green, private))
	if n := h.due(2); n != 1 {
		t.Errorf("%d are erased; want one", n)
	}
	if got := h.given(h.cleo, id); len(got) != 1 || strings.Contains(got[0], private) {
		t.Errorf("left: %q; want the own member's", got)
	}
}

// A store of before the rows is read through once.
func TestWhatWasHeldBeforeIsNoted(t *testing.T) {
	h := build(t)
	h.limit(exchange.Limits{NotePersonal: true})
	h.kept(private, 30)
	h.publish(h.operator, object(1, t1, private, ``), object(2, t1, green, bob), object(3, t1, green, ``))
	h.limit(exchange.Limits{KeepPersonal: 90 * 24 * time.Hour})
	h.publish(h.operator, object(4, t1, green, bob))
	tables := []string{"personal-held", "personal-came", "erase-due"}
	var want [][]string
	for _, table := range tables {
		want = append(want, rowsOf(t, h, table))
	}
	err := h.x.Keep(t.Context(), func(tx store.Tx) error {
		for i, table := range tables {
			for _, key := range want[i] {
				tx.Delete(table, key)
			}
		}
		tx.Delete("exchange", "personal-held")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	h.close()
	h.open()
	h.gives("what was only noted", idOf("note", 2), 1, 1, 1)
	if got := rowsOf(t, h, "erase-due"); !slices.Equal(got, want[2]) || len(got) != 1 {
		t.Errorf("due: %q; want %q", got, want[2])
	}
	if n := h.due(30); n != 1 {
		t.Errorf("%d are erased by their markings; want one", n)
	}
	if n := h.due(91); n == 0 || len(h.given(h.cleo, idOf("note", 4))) != 0 {
		t.Errorf("%d are erased by the limit", n)
	}
}
