package seen_test

import (
	"testing"

	"entente/internal/exchange"
)

const pair = "[domain-name:value = 'a.com'] AND [domain-name:value = 'b.com']"

// That something was seen on an earlier day is no observation of now: what is gone over of the
// past is not remembered for indicators that ask for several.
func TestThePastIsNoObservationOfNow(t *testing.T) {
	h := build(t, month)
	h.send("a.com")
	h.publish(1, 1, "("+pair+") WITHIN 60 SECONDS", "")
	h.stop()
	h.publish(2, 1, "[domain-name:value = 'a.com']", "")
	h.late.Add(3 * 24 * 60 * 60)
	h.start(month)
	h.hit("2 a.com") // in the history, which was gone over by all indicators
	if h.send("b.com"); len(h.hits()) != 1 {
		t.Errorf("what was seen three days ago is one of two within a minute: %+v", h.hits())
	}
	if h.send("a.com"); len(h.hits()) != 2 {
		t.Errorf("two within a minute: %+v", h.hits())
	}
}

// What was seen of indicators that ask for several is known on, when all are compiled anew.
func TestWhatIsRememberedOutlastsTheSet(t *testing.T) {
	h := build(t, month)
	h.publish(1, 1, pair, "")
	h.publish(2, 1, "[domain-name:value = 'c.com']", "")
	h.until("they are looked for", func() bool { return h.send("c.com") == 1 })
	h.send("a.com")
	if _, err := h.x.AddCollection(h.Context(), operator, exchange.Collection{Alias: "d"}); err != nil { // the view is another one
		t.Fatal(err)
	}
	h.publish(3, 1, "[domain-name:value = 'd.com']", "")
	h.until("it is looked for, too", func() bool { return h.send("d.com") == 1 })
	h.send("b.com")
	h.hit("1 b.com")
}
