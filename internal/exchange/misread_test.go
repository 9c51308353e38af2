package exchange_test

import (
	"strings"
	"testing"

	"entente/internal/exchange"
	"entente/internal/trust/handling"
)

// why is what a curator is told of the marking private.
func (h *house) why() string {
	h.t.Helper()
	says, err := h.x.WhyUnexplained(h.t.Context(), h.cleo, private)
	if err != nil {
		h.t.Fatal(err)
	}
	return says
}

// Of a definition that is here and explains nothing, the own member is told why: when
// it is brought in, and whenever it is asked for.
func TestWhyADefinitionExplainsNothingIsTold(t *testing.T) {
	itself := `{"type":"marking-definition","spec_version":"2.1","id":"` + private + `","created":"` + t1 + `","definition_type":"statement","definition":{"statement":"x"},"object_marking_refs":["` + private + `"]}`
	for what, c := range map[string]struct{ raw, says string }{
		"a purpose that there is not": {releasedTo(t1, unknown), `"fun"`},
		"a policy that ends early":    {policyUntil("2020-01-01T00:00:00Z"), "it ends at 2020-01-01T00:00:00Z, before it starts"},
		"a marking of itself":         {itself, "it is marked itself"},
	} {
		t.Run(what, func(t *testing.T) {
			h := build(t)
			r := h.publish(h.operator, c.raw)[0]
			if r.Verdict != exchange.New || !strings.Contains(r.Warning, c.says) {
				t.Errorf("%+v", r)
			}
			if says := h.why(); !strings.Contains(says, c.says) || !strings.Contains(says, "in collection c, from "+own) {
				t.Error(says)
			}
			h.publish(h.operator, inWait(1))
			found, err := h.x.Explain(t.Context(), h.cleo, "note--00000000-0000-4000-8000-000000000001", handling.ProfileOf(h.bo), func(string) bool { return true })
			if err != nil || len(found[0].Unexplained) != 1 || !strings.Contains(found[0].Unexplained[0], c.says) {
				t.Errorf("%+v, %v", found, err)
			}
			r = h.publish(h.operator, releasedTo(t1, toVendor))[0]
			if r.Verdict != exchange.Conflict || !strings.Contains(r.Reason, "explains nothing") || r.Warning != "" {
				t.Errorf("%+v", r)
			}
		})
	}
}

func policyUntil(end string) string {
	return `{"type":"marking-definition","spec_version":"2.1","id":"` + private + `","created":"` + t1 + `","extensions":{"extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a":{"extension_type":"property-extension","iep_version":2.0,"name":"n","iep_id":"5b1b0e3e-3b5c-4f0d-9b0a-1b1b0e3e3b5c","start_date":"2026-01-01T00:00:00Z","end_date":"` + end + `","encrypt_in_transit":"may","permitted_actions":"externally-visible-direct-actions","affected_party_notifications":"may","tlp":"green","provider_attribution":"may","unmodified_resale":"may"}}}`
}

// A partner's definition is told of where it stands, and so are texts that differ; what
// is explained is not.
func TestWhoseDefinitionDoesNotCountIsTold(t *testing.T) {
	h := build(t)
	if says := h.why(); says != "" {
		t.Error(says)
	}
	if r := h.publish(h.bo, releasedTo(t1, toVendor))[0]; r.Warning != "" {
		t.Errorf("%+v", r)
	}
	if says := h.why(); !strings.Contains(says, "from Brookwater, does not count; bring the same in") {
		t.Error(says)
	}
	if r := h.publish(h.operator, releasedTo(t1, toVendor))[0]; r.Warning != "" || h.why() != "" {
		t.Errorf("%+v, %s", r, h.why())
	}
	if r := h.publish(h.operator, releasedTo(t2, toBrookwater))[0]; !strings.Contains(r.Warning, "mean different things") || h.why() != r.Warning {
		t.Errorf("%+v, %s", r, h.why())
	}
	if _, err := h.x.WhyUnexplained(t.Context(), h.ana, private); err == nil {
		t.Error("who is no curator is told what is here")
	}
}

// A class counts as long as an object has it.
func TestClassesThatNoObjectHasAnyMoreAreNotInUse(t *testing.T) {
	h := build(t)
	h.x.Follow()
	inUse := func() string {
		all, _, err := h.x.ClassesInUse(h.cleo)
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for i := range all {
			texts = append(texts, all[i].Canonical())
		}
		return strings.Join(texts, ", ")
	}
	h.publish(h.operator, inWait(1))
	want(t, "while it waits", inUse(), "tlp:green unexplained:"+private)
	h.publish(h.operator, statement(private))
	h.settled()
	want(t, "once it is free", inUse(), "tlp:clear, tlp:green")
	if _, _, err := h.x.ClassesInUse(h.ana); err == nil {
		t.Error("who is no curator is told what classes there are")
	}
}
