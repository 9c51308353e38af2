package exchange_test

import "testing"

// A stranger's older version that his own newer one withdraws is moved before it is
// weighed with the producer's, and then not found any more.
func TestAStrangersOlderVersionIsFoundWhereItMoves(t *testing.T) {
	h := build(t)
	h.from("Cedar", malware(1, t1, red))
	h.from("Dara", malware(1, "2026-01-03T00:00:00Z", amber))
	h.gives("a stranger's newer version", m1, 0, 0, 2)
	h.from("Dara", malware(1, "2026-01-02T00:00:00Z", green))
	h.gives("and his older, looser one", m1, 0, 0, 3)
	// both in one publication
	h.from("Cedar", malware(2, t1, red))
	h.from("Dara", malware(2, "2026-01-02T00:00:00Z", green), malware(2, "2026-01-03T00:00:00Z", amber))
	h.gives("both at once", m2, 0, 0, 3)
	// control: without the withdrawal
	h.from("Cedar", malware(3, t1, red))
	h.from("Dara", malware(3, "2026-01-02T00:00:00Z", green))
	h.gives("control", idOf("malware", 3), 0, 0, 2)
	h.verify()
}

// The same of what refers: its older version moves before it is weighed again.
func TestWhatRefersIsFoundWhereItMoves(t *testing.T) {
	h := build(t)
	rel := func(n int, modified, marking string) string {
		return made("relationship", n, modified, marking, `,"relationship_type":"variant-of","source_ref":"`+m1+`","target_ref":"`+m2+`"`)
	}
	h.from("Cedar", malware(1, t1, red), malware(2, t1, green))
	h.from("Dara", malware(1, "2026-01-02T00:00:00Z", green), rel(1, t1, green))
	h.gives("one version", r1, 0, 0, 1)
	h.from("Dara", malware(1, "2026-01-03T00:00:00Z", green), rel(2, t1, green), rel(2, "2026-01-04T00:00:00Z", amber))
	h.gives("two versions", idOf("relationship", 2), 0, 0, 2)
	h.verify()
}

// What the stranger's version refers to moves while it is weighed: two publications at once.
func TestAStrangersVersionIsFoundWhereOthersMoveIt(t *testing.T) {
	h := build(t)
	for n := range 20 {
		h.from("Cedar", malware(100+n, t1, green), made("relationship", 100+n, t1, red, `,"relationship_type":"variant-of","source_ref":"`+idOf("malware", 100+n)+`","target_ref":"`+m2+`"`))
		done := make(chan struct{})
		go func() {
			h.from("Dara", made("relationship", 100+n, "2026-01-02T00:00:00Z", green, `,"relationship_type":"variant-of","source_ref":"`+idOf("malware", 100+n)+`","target_ref":"`+m2+`"`))
			close(done)
		}()
		h.from("Cedar", malware(100+n, "2026-01-05T00:00:00Z", amber))
		<-done
		h.gives("raced", idOf("relationship", 100+n), 0, 0, 2)
	}
}

// More versions of a stranger at once than are looked at.
func TestManyOfAStrangersVersionsLoosenNothing(t *testing.T) {
	h := build(t)
	h.from("Cedar", malware(1, t1, red))
	h.from("Dara", many(1, 150, "2026-01-02", green)...)
	h.gives("150 versions at once", m1, 0, 0, 151)
	h.from("Cedar", malware(2, t1, red))
	for _, one := range many(2, 150, "2026-01-02", green) {
		h.from("Dara", one)
	}
	h.gives("150 versions one by one", m2, 0, 0, 151)
}

// Whatever date a version gives itself: an object is his who was there first.
func TestAnOldDateMakesNobodyAProducer(t *testing.T) {
	h := build(t)
	h.from("Cedar", malware(1, t1, red), malware(2, t1, green), malware(3, t1, amber))
	h.publish(h.bo, malware(1, "2025-01-01T00:00:00Z", green))
	h.publish(h.operator, relation(1, 1, 2, green))
	h.gives("what refers to it", r1, 0, 0, 1)
	h.from("Dara", malware(3, "2025-01-01T00:00:00Z", green))
	h.gives("the stranger's", idOf("malware", 3), 0, 2, 2)
	h.from("Cedar", malware(3, "2026-01-02T00:00:00Z", green))
	h.gives("after its producer loosened it", idOf("malware", 3), 1, 3, 3)
	h.verify()
}
