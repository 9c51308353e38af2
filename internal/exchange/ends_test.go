package exchange_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
)

// idOf is the id of an object of a type, ending in n.
func idOf(typ string, n int) string { return fmt.Sprintf("%s--00000000-0000-4000-8000-%012d", typ, n) }

// made is an object of a type, ending in n.
func made(typ string, n int, modified, marking, more string) string {
	return fmt.Sprintf(`{"type":%q,"spec_version":"2.1","id":%q,"created":"2026-01-01T00:00:00Z","modified":%q,"object_marking_refs":[%q]%s}`, typ, idOf(typ, n), modified, marking, more)
}

func malware(n int, modified, marking string) string {
	return made("malware", n, modified, marking, `,"is_family":false,"name":"m"`)
}

// relation is a relationship between two pieces of malware.
func relation(n, source, target int, marking string) string {
	return made("relationship", n, t1, marking, fmt.Sprintf(`,"relationship_type":"variant-of","source_ref":%q,"target_ref":%q`, idOf("malware", source), idOf("malware", target)))
}

// report is one about pieces of malware.
func report(n int, marking string, about ...int) string {
	var refs []string
	for _, m := range about {
		refs = append(refs, `"`+idOf("malware", m)+`"`)
	}
	return made("report", n, t1, marking, `,"name":"r","published":"2026-01-01T00:00:00Z","object_refs":[`+strings.Join(refs, ",")+`]`)
}

// about is a note on an object.
func about(n int, id string) string {
	return made("note", n, t1, green, fmt.Sprintf(`,"content":"n","object_refs":[%q]`, id))
}

// given is what somebody is given of an object, all versions; refs are counted
// to pieces of malware.
func (h *house) given(by account.Principal, id string) (bodies []string) {
	h.t.Helper()
	return h.read(by, exchange.Query{IDs: []string{id}, Versions: store.VersionFilter{All: true}})
}

// gives holds how many versions of an object each of the three is given against
// what is wanted: bo, ana, cleo.
func (h *house) gives(what, id string, want ...int) {
	h.t.Helper()
	for i, by := range []account.Principal{h.bo, h.ana, h.cleo} {
		if got := h.given(by, id); len(got) != want[i] {
			h.t.Errorf("%s: %s is given %d of %s, want %d: %s", what, by.Account, len(got), id, want[i], got)
		}
	}
}

var r1, m1, m2 = idOf("relationship", 1), idOf("malware", 1), idOf("malware", 2)

func TestARelationshipIsAsStrictAsItsEnds(t *testing.T) {
	h := build(t)
	h.publish(h.operator, malware(1, t1, green), malware(2, t1, amber), relation(1, 1, 2, green), relation(2, 1, 1, green))
	h.gives("in one batch", r1, 0, 1, 1)
	h.gives("between what all see", idOf("relationship", 2), 1, 1, 1)
	h.publish(h.operator, relation(3, 2, 1, green), relation(4, 1, 7, green))
	h.gives("in a later one", idOf("relationship", 3), 0, 1, 1)
	h.gives("to what is not there", idOf("relationship", 4), 1, 1, 1)
	h.publish(h.operator, malware(7, t1, red))
	h.gives("whose end comes late", idOf("relationship", 4), 0, 0, 1)
	if _, err := h.x.Recall(t.Context(), h.operator, "c", idOf("malware", 7), exchange.Query{}); err != nil {
		t.Fatal(err)
	}
	h.gives("whose end has gone", idOf("relationship", 4), 0, 0, 1)
}

func TestAReferenceToSomethingStricterIsAPart(t *testing.T) {
	h := build(t)
	h.publish(h.operator, malware(1, t1, green), malware(2, t1, red), report(1, green, 1, 2), report(2, green, 2), report(3, green, 1, 3))
	h.gives("one of two", idOf("report", 1), 1, 1, 1)
	h.gives("all of them", idOf("report", 2), 0, 0, 1)
	h.publish(h.operator, malware(3, t1, amber))
	h.gives("one that comes late", idOf("report", 3), 1, 1, 1)
	for id, lacks := range map[string][2]bool{idOf("report", 1): {true, true}, idOf("report", 3): {true, false}} {
		for i, by := range []account.Principal{h.bo, h.ana, h.cleo} {
			body := h.given(by, id)[0]
			if lacking := strings.Contains(body, `"withheld_parts":1`); lacking != (i < 2 && lacks[i]) || lacking == (strings.Contains(body, m2) || strings.Contains(body, idOf("malware", 3))) {
				t.Errorf("%s is given %s", by.Account, body)
			}
		}
	}
	// Nor is it found by what is withheld.
	if r, err := h.x.View(h.bo).Edges(t.Context(), []string{m2}, 10, ""); err != nil || len(r.Of[0]) != 0 {
		t.Errorf("bo finds by the reference: %v, %v", r.Of, err)
	}
}

// When an end becomes stricter, so has what refers to it when that is
// acknowledged, over however many steps; looser it does not become.
func TestTighteningReachesWhatRefers(t *testing.T) {
	h := build(t)
	sighting := made("sighting", 1, t1, green, `,"sighting_of_ref":"`+r1+`"`)
	note := made("note", 1, t1, green, `,"content":"n","object_refs":["`+idOf("sighting", 1)+`","`+m1+`"]`)
	h.publish(h.operator, note, sighting, relation(1, 1, 2, green), malware(1, t1, green), malware(2, t1, clear))
	for _, id := range []string{r1, idOf("sighting", 1), idOf("note", 1), m2} {
		h.gives("before", id, 1, 1, 1)
	}
	h.publish(h.operator, malware(2, t2, amber))
	for _, id := range []string{r1, idOf("sighting", 1)} {
		h.gives("after", id, 0, 1, 1)
	}
	h.gives("after", m2, 0, 2, 2) // older versions are withdrawn
	h.gives("after", idOf("note", 1), 1, 1, 1)
	if body := h.given(h.bo, idOf("note", 1))[0]; strings.Contains(body, "sighting--") {
		t.Errorf("bo is given %s", body)
	}
	h.publish(h.operator, malware(2, "2026-01-03T00:00:00Z", clear))
	h.gives("looser again", r1, 0, 1, 1)
	h.gives("looser again", m2, 1, 3, 3)
	h.verify()
}

func (h *house) verify() {
	h.t.Helper()
	if err := h.store.Verify(h.t.Context(), func(p string) { h.t.Error(p) }); err != nil {
		h.t.Error(err)
	}
}

func TestAProducersTighteningWithdrawsLooserVersions(t *testing.T) {
	const t3, t4 = "2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z"
	h := build(t)
	h.from("Cedar", malware(1, t1, green))
	h.from("Fernwood", malware(1, t3, red))
	h.gives("a stranger's", m1, 1, 1, 2)
	h.from("Cedar", malware(1, t4, amber))
	h.gives("the producer's", m1, 0, 2, 3)
	h.from("Cedar", malware(1, t2, green))
	h.gives("an older one that comes late", m1, 0, 3, 4)
	h.publish(h.operator, malware(1, "2026-01-05T00:00:00Z", red))
	h.gives("the own member's", m1, 0, 0, 5)
	h.publish(h.operator, malware(1, "2026-01-06T00:00:00Z", green))
	h.gives("a looser one", m1, 1, 1, 6)
	// What a version refers to is not its marking.
	h.publish(h.operator, malware(2, t1, red), strings.Replace(report(1, green, 1), "2026-01-01T00:00:00Z", t2, 1))
	h.publish(h.operator, strings.Replace(report(1, green, 1, 2), `"modified":"2026-01-01`, `"modified":"2026-01-04`, 1))
	h.gives("a version with a stricter reference", idOf("report", 1), 2, 2, 2)
	h.verify()
}

// Faces of older versions are withdrawn, too.
func TestFacesAreWithdrawn(t *testing.T) {
	h := build(t)
	h.publish(h.operator, secret)
	id := idOf("indicator", 1)
	h.gives("a face", id, 1, 1, 1)
	h.publish(h.operator, strings.NewReplacer(`"modified":"2026-01-01`, `"modified":"2026-02-01`, green, amber).Replace(secret))
	h.gives("after", id, 0, 2, 2)
	h.publish(h.operator, strings.NewReplacer(`"modified":"2026-01-01`, `"modified":"2026-03-01`, green, red).Replace(secret))
	h.gives("for nobody", id, 0, 0, 3)
	h.verify()
}

// Nobody learns of something hidden by what becomes of a reference to it; but what
// he could see binds what he wrote, also when it is taken from him.
func TestOnlyWhatAWriterMayReadBinds(t *testing.T) {
	h := build(t)
	h.publish(h.operator, malware(1, t1, green), malware(2, t1, red))
	h.publish(h.bo, relation(1, 1, 2, green), report(1, green, 1, 2), relation(2, 1, 3, green), relation(3, 1, 4, green))
	h.publish(h.wim, relation(5, 1, 2, green), relation(6, 1, 1, green))
	for _, id := range []string{r1, idOf("report", 1), idOf("relationship", 5)} {
		h.gives("to a hidden end", id, 1, 1, 1)
	}
	if body := h.given(h.bo, idOf("report", 1))[0]; !strings.Contains(body, m2) {
		t.Errorf("bo wrote it, and is given %s", body)
	}
	h.publish(h.operator, relation(7, 1, 2, green))
	h.gives("to the same, by the operator", idOf("relationship", 7), 0, 0, 1)
	h.publish(h.operator, malware(3, t1, red), malware(4, t1, green))
	h.gives("whose end comes late, hidden", idOf("relationship", 2), 1, 1, 1)
	h.from("Brookwater", malware(4, t2, red))
	h.gives("whose end, once hidden from nobody, is a stranger's", idOf("relationship", 3), 1, 1, 1)
	h.publish(h.operator, malware(4, "2026-01-03T00:00:00Z", red))
	h.gives("whose end is taken away", idOf("relationship", 3), 0, 0, 1)
	h.publish(h.operator, malware(1, t2, amber))
	for _, id := range []string{r1, idOf("relationship", 2)} {
		h.gives("whose other end becomes stricter", id, 0, 1, 1)
	}
	// By the same rule after a restart.
	h.close()
	h.open()
	h.publish(h.operator, malware(3, t2, red))
	h.gives("after a restart", idOf("relationship", 2), 0, 1, 1)
	// What he brings along he knows of.
	h.publish(h.bo, malware(8, t1, red), relation(8, 8, 8, green))
	h.gives("to what comes along", idOf("relationship", 8), 0, 0, 1)
}

// An end that stands in another collection counts, unless it stands in its own.
func TestEndsInOtherCollections(t *testing.T) {
	h := build(t)
	if _, err := h.x.AddCollection(t.Context(), h.operator, exchange.Collection{Alias: "d"}); err != nil {
		t.Fatal(err)
	}
	in := func(collection string, raw ...string) {
		t.Helper()
		p := publication(t, raw...)
		p.Collection = collection
		if _, err := h.x.Publish(t.Context(), h.operator, p); err != nil {
			t.Fatal(err)
		}
	}
	in("d", malware(1, t1, red), malware(2, t1, red))
	in("c", malware(2, t1, green), relation(1, 1, 1, green), relation(2, 2, 2, green), relation(3, 3, 3, green))
	h.gives("elsewhere", r1, 0, 0, 1)
	h.gives("here, too", idOf("relationship", 2), 1, 1, 1)
	in("d", malware(3, t1, amber))
	h.gives("later, elsewhere", idOf("relationship", 3), 0, 1, 1)
	h.publish(h.bo, relation(4, 1, 1, green))
	h.gives("elsewhere, for who does not see it", idOf("relationship", 4), 1, 1, 1)
}

// Of two that come at once one sees the other.
func TestEndsAndReferrersMeet(t *testing.T) {
	h := build(t)
	h.publish(h.operator, malware(100, t1, red)) // so that there is something stricter
	const n = 60
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() { h.x.Publish(t.Context(), h.operator, publication(t, malware(i, t1, red))) })
		wait.Go(func() {
			h.x.Publish(t.Context(), h.operator, publication(t, relation(i, i, i, green), report(i, green, i)))
		})
	}
	wait.Wait()
	for i := range n {
		h.gives("at once", idOf("relationship", i), 0, 0, 1)
		h.gives("at once", idOf("report", i), 0, 0, 1)
	}
}

// A definition that comes late makes what refers stricter, or opens it with what
// it refers to.
func TestLateDefinitionsReachWhatRefers(t *testing.T) {
	for label, want := range map[string][]int{"white": {0, 1, 1}, "amber": {0, 1, 1}, "red": {0, 0, 1}} {
		h := build(t)
		h.x.Follow()
		h.publish(h.operator, relation(1, 1, 2, green), malware(1, t1, green), report(1, green, 1, 2), report(2, green, 2))
		h.publish(h.operator, malware(2, t1, private))
		h.gives("before, "+label, r1, 0, 1, 1)
		h.publish(h.operator, `{"type":"marking-definition","spec_version":"2.1","id":"`+private+`","created":"2026-01-01T00:00:00.000Z","definition_type":"tlp","definition":{"tlp":"`+label+`"}}`)
		h.followed()
		if label == "white" { // what refers was as strict as what is unmarked, and stays so
			h.gives(label, m2, 1, 1, 1)
		}
		h.gives(label, r1, want...)
		h.gives(label, idOf("report", 2), want...)
		for i, by := range []account.Principal{h.bo, h.ana, h.cleo} {
			if body := h.given(by, idOf("report", 1)); len(body) != 1 || strings.Contains(body[0], m2) != (want[i] == 1) {
				t.Errorf("%s: %s is given %s", label, by.Account, body)
			}
		}
		h.verify()
	}
}

// What a kill leaves to be made stricter is so before anybody reads again.
func TestWhatIsOwedIsMadeStricterAtTheNextStart(t *testing.T) {
	h := build(t)
	h.publish(h.operator, relation(1, 1, 2, green), malware(1, t1, green), malware(2, t1, green), report(1, green, 1, 2))
	h.x.Close()
	commits := 0
	trouble := &between{Store: h.store, commit: func() error {
		if commits++; commits > 1 {
			return store.ErrFull
		}
		return nil
	}}
	x, err := exchange.Open(t.Context(), trouble, exchange.Options{Own: own})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Publish(t.Context(), h.operator, publication(t, malware(2, t2, red))); err == nil {
		t.Error("it is acknowledged, though what refers to it is as it was")
	}
	x.Close()
	h.gives("before the start", r1, 1, 1, 1)
	h.x, err = exchange.Open(t.Context(), h.store, exchange.Options{Own: own})
	if err != nil {
		t.Fatal(err)
	}
	h.gives("after the start", r1, 0, 0, 1)
	h.gives("after the start", m2, 0, 0, 2)
	if body := h.given(h.bo, idOf("report", 1)); len(body) != 1 || strings.Contains(body[0], m2) {
		t.Errorf("bo is given %s", body)
	}
	if n := len(rowsOf(t, h, "owed")); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

func rowsOf(t *testing.T, h *house, table string) (keys []string) {
	t.Helper()
	for row, err := range h.x.Rows(table, "") {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, row.Key)
	}
	return keys
}

// The rows that say by what somebody's objects were made stricter go with them.
func TestKnowledgeGoesWithItsObject(t *testing.T) {
	h := build(t)
	h.publish(h.bo, relation(1, 1, 2, green), malware(1, t1, green))
	if n := len(rowsOf(t, h, "known-by")); n != 1 {
		t.Errorf("%d rows, want one", n)
	}
	if _, err := h.x.Recall(t.Context(), h.operator, "c", r1, exchange.Query{}); err != nil {
		t.Fatal(err)
	}
	if n := len(rowsOf(t, h, "known-by")); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

// A face that stands already loses what becomes stricter, however strict its object
// is.
func TestFacesLoseWhatBecomesStricter(t *testing.T) {
	h := build(t)
	part := `,"name":"r","published":"2026-01-01T00:00:00Z","description":"plant","object_refs":["` + m1 + `","` + m2 + `"],"granular_markings":[{"marking_ref":"` + red + `","selectors":["description"]}]`
	h.publish(h.operator, malware(1, t1, green), malware(2, t1, green), made("report", 1, t1, green, part))
	h.gives("before", idOf("report", 1), 1, 1, 1)
	h.publish(h.operator, malware(2, t2, amber))
	if body := h.given(h.bo, idOf("report", 1)); len(body) != 1 || strings.Contains(body[0], m2) || !strings.Contains(body[0], `"withheld_parts":2`) {
		t.Errorf("bo is given %s", body)
	}
	h.publish(h.operator, malware(3, t1, amber), made("report", 2, t1, green, strings.ReplaceAll(part, m1, idOf("malware", 3))))
	if body := h.given(h.bo, idOf("report", 2)); len(body) != 0 {
		t.Errorf("bo is given %s", body)
	}
	h.verify()
}

// Values without versions have no copy without a part, and go as a whole.
func TestObservablesGoAsAWhole(t *testing.T) {
	h := build(t)
	file := `{"type":"file","spec_version":"2.1","id":"` + idOf("file", 1) + `","name":"f","object_marking_refs":["` + red + `"]}`
	dir := `{"type":"directory","spec_version":"2.1","id":"` + idOf("directory", 1) + `","path":"/x","contains_refs":["` + idOf("file", 1) + `"],"object_marking_refs":["` + green + `"]}`
	h.publish(h.operator, dir)
	h.gives("before", idOf("directory", 1), 1, 1, 1)
	h.publish(h.operator, file)
	h.gives("after", idOf("directory", 1), 0, 0, 1)
}

// As many versions of one object, and as many references to it, as a publication may
// hold cost no more than their number.
func TestManyVersionsOfOneInAPublication(t *testing.T) {
	h := build(t)
	const n = 3000
	var all []string
	for i := range n {
		all = append(all, malware(1, fmt.Sprintf("2026-01-01T%02d:%02d:%02dZ", i/3600, i/60%60, i%60), green))
	}
	all = append(all, malware(3, t1, amber))
	for i := range n {
		all = append(all, relation(i+10, 1, 1, green))
	}
	began := time.Now()
	h.publish(h.operator, all...)
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("%d objects took %v", len(all), took)
	}
}
