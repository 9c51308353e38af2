package exchange_test

import (
	"fmt"
	"testing"

	"entente/internal/exchange"
)

// releasedTo defines the marking private, with what else it says.
func releasedTo(created, says string) string {
	return fmt.Sprintf(`{"type":"marking-definition","spec_version":"2.1","id":%q,"created":%q,"name":"x","object_marking_refs":[%q],"extensions":{"extension-definition--f64497da-bf8d-4941-bc8c-fc538ba3df35":{"extension_type":"property-extension",%s}}}`, private, created, clear, says)
}

const (
	toVendor     = `"release_to":["org:Vendor"]`
	toBrookwater = `"release_to":["org:Brookwater"]`
	unknown      = `"purposes":["fun"]`
)

// inWait is note n, GREEN and marked private.
func inWait(n int) string {
	return object(n, t1, "", `,"object_marking_refs":["`+green+`","`+private+`"]`)
}

// settled waits until the followers have nothing to do.
func (h *house) settled() {
	h.t.Helper()
	eventually(h.t, "the followers are done", func() bool {
		states, err := h.x.Followers()
		if err != nil {
			h.t.Fatal(err)
		}
		for _, s := range states {
			if s.Fault != "" {
				h.t.Fatal(s.Fault)
			}
			if s.Waits > 0 {
				return false
			}
		}
		return true
	})
}

// notes are those that bo sees, also after a restart.
func (h *house) notes(what, sees string) {
	h.t.Helper()
	h.settled()
	want(h.t, what, h.sees(h.bo, exchange.Query{Types: []string{"note"}}), sees)
	h.close()
	h.open()
	h.x.Follow()
	h.settled()
	want(h.t, what+", after a restart", h.sees(h.bo, exchange.Query{Types: []string{"note"}}), sees)
}

// Nothing is opened by the text of a definition that was kept aside, since nobody is
// shown it: not what waits, not what comes along, not what comes later.
func TestADefinitionThatIsKeptAsideExplainsNothing(t *testing.T) {
	for what, there := range map[string]func(h *house){
		"a partner's":               func(h *house) { h.publish(h.bo, releasedTo(t1, toVendor)) },
		"one that means nothing":    func(h *house) { h.publish(h.operator, releasedTo(t1, unknown)) },
		"a partner's with an older": func(h *house) { h.publish(h.bo, releasedTo(t2, toVendor), releasedTo(t1, toVendor)) },
	} {
		t.Run(what, func(t *testing.T) {
			h := build(t)
			h.x.Follow()
			there(h)
			h.publish(h.operator, inWait(1))
			results := h.publish(h.operator, inWait(2), releasedTo(t1, toBrookwater))
			if results[0].Verdict != exchange.New || results[1].Verdict != exchange.Conflict {
				t.Fatal(results)
			}
			h.publish(h.operator, inWait(3), statement("marking-definition--88888888-8888-4888-8888-888888888888"))
			h.notes("by a text that is kept aside", "")
		})
	}
}

// What counts is what stands: of two definitions in a batch, too, and when the first
// of them says nothing that is understood.
func TestOfTwoDefinitionsInABatchTheOneThatStandsCounts(t *testing.T) {
	h := build(t)
	h.x.Follow()
	results := h.publish(h.operator, inWait(1), releasedTo(t1, unknown), releasedTo(t1, toBrookwater))
	if results[2].Verdict != exchange.Conflict {
		t.Fatal(results)
	}
	h.notes("the second is kept aside", "")
}

// What goes beyond a quota, is refused and defines nothing.
func TestARefusedDefinitionExplainsNothing(t *testing.T) {
	h := build(t)
	h.x.Follow()
	if _, err := h.x.SetLimits(t.Context(), h.operator, "c", func(l *exchange.Limits) { l.SourceQuota = 1 }); err != nil {
		t.Fatal(err)
	}
	results := h.publish(h.operator, inWait(1), releasedTo(t1, toBrookwater))
	if results[0].Verdict != exchange.New || results[1].Verdict != exchange.Refused {
		t.Fatal(results)
	}
	h.notes("the definition is refused", "")
}

// The own member vouches for what a partner defined by bringing the same: what waits
// is free then, though nothing is written.
func TestWhatAPartnerDefinedCountsOnceTheOwnMemberBringsItToo(t *testing.T) {
	h := build(t)
	h.x.Follow()
	h.publish(h.bo, releasedTo(t1, toBrookwater))
	h.publish(h.operator, inWait(1), inWait(2))
	h.settled()
	want(t, "before", h.sees(h.bo, exchange.Query{Types: []string{"note"}}), "")
	if r := h.publish(h.operator, releasedTo(t1, toBrookwater)); r[0].Verdict != exchange.Same {
		t.Fatal(r)
	}
	h.notes("once it is brought", "1 2")
}

// Where the own member has brought texts of different meaning under an id, as after the
// removal of a former one, none counts: nothing becomes looser by a later text.
func TestOfSeveralTextsOfADefinitionNoneCounts(t *testing.T) {
	h := build(t)
	h.x.Follow()
	h.publish(h.operator, releasedTo(t1, toVendor), inWait(1))
	if _, err := h.x.Recall(t.Context(), h.operator, "c", private, exchange.Query{}); err != nil {
		t.Fatal(err)
	}
	h.publish(h.operator, releasedTo(t1, toBrookwater))
	h.publish(h.operator, inWait(2))
	h.notes("after another text", "")
}

// A definition that was not understood can be taken away, and one that is comes in
// its place.
func TestADefinitionThatWasNotUnderstoodIsCorrected(t *testing.T) {
	for what, bad := range map[string]func(h *house){
		"own":         func(h *house) { h.publish(h.operator, releasedTo(t1, unknown)) },
		"a partner's": func(h *house) { h.publish(h.bo, releasedTo(t1, toVendor)) },
	} {
		t.Run(what, func(t *testing.T) {
			h := build(t)
			h.x.Follow()
			bad(h)
			h.publish(h.operator, inWait(1))
			if _, err := h.x.Recall(t.Context(), h.operator, "c", private, exchange.Query{}); err != nil {
				t.Fatal(err)
			}
			h.publish(h.operator, releasedTo(t1, toBrookwater))
			h.notes("once it is corrected", "1")
		})
	}
}
