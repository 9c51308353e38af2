package exchange_test

import (
	"fmt"
	"testing"
)

// many are versions of a piece of malware on one day.
func many(n, versions int, day, marking string) (all []string) {
	for i := range versions {
		all = append(all, malware(n, fmt.Sprintf("%sT00:%02d:%02dZ", day, i/60, i%60), marking))
	}
	return all
}

// However many versions there are, all of them are withdrawn.
func TestAllOlderVersionsAreWithdrawn(t *testing.T) {
	h := build(t)
	h.publish(h.operator, many(1, 300, "2026-01-01", green)...)
	h.gives("before", m1, 300, 300, 300)
	h.publish(h.operator, malware(1, "2026-01-03T00:00:00Z", amber))
	h.gives("after", m1, 0, 301, 301)
	h.publish(h.operator, malware(1, "2025-01-01T00:00:00Z", green))
	h.gives("an older one that comes late", m1, 0, 302, 302)
	h.publish(h.operator, malware(1, "2026-01-04T00:00:00Z", red))
	h.gives("stricter again", m1, 0, 0, 303)
	h.publish(h.operator, malware(1, "2026-01-05T00:00:00Z", green))
	h.gives("a looser one", m1, 1, 1, 304)
	h.verify()
}

// Versions by others between those of the producer change nothing of what he
// withdraws.
func TestAllOlderVersionsOfTheProducerAreWithdrawn(t *testing.T) {
	h := build(t)
	h.from("Cedar", many(1, 70, "2026-01-01", green)...)
	h.from("Fernwood", many(1, 70, "2026-01-02", green)...)
	h.from("Cedar", malware(1, "2026-01-03T00:00:00Z", amber))
	h.gives("after", m1, 70, 141, 141)
	h.verify()
}
