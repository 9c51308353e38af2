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

// Of a new indicator that asks for several values it is told when all of them were seen, as no more
// than that; of one of which a value was not seen, nothing is.
func TestSeveralThatWereSeenAreTold(t *testing.T) {
	h := build(t, month)
	h.send("a.com", "www.b.com", "198.51.100.7")
	h.late.Add(2 * 24 * 60 * 60)
	h.send("b.com", "d.com")
	for i, pattern := range []string{
		"[domain-name:value = 'a.com' AND ipv4-addr:value = '198.51.100.0/24']",
		"[domain-name:value = 'b.com'] FOLLOWEDBY [domain-name:value = 'd.com']",
		pair + " AND [domain-name:value = 'c.com']",
		"[domain-name:value = 'a.com'] REPEATS 2 TIMES",
		"[domain-name:value = 'c.com'] REPEATS 2 TIMES",
		"[domain-name:value = 'd.com']",
	} {
		h.publish(i+1, 1, pattern, "")
	}
	h.hit("6 d.com")
	for _, key := range []string{"1 a.com", "1 198.51.100.7", "2 b.com", "2 www.b.com", "2 d.com"} {
		if got := h.hit(key); !got.Apart || !got.Before {
			t.Errorf("%s: %+v", key, got)
		}
	}
	if all := h.hits(); len(all) != 6 || all["6 d.com"].Apart {
		t.Errorf("%+v", all)
	}
	h.until("it is whole", func() bool { return h.send("a.com 198.51.100.7") == 1 })
	if got := h.hit("1 a.com"); got.Apart {
		t.Errorf("what was seen together is told as apart: %+v", got)
	}
	if got := h.hit("1 198.51.100.7"); !got.Apart {
		t.Errorf("%+v", got)
	}
}
