package exchange_test

import (
	"testing"

	"entente/internal/exchange"
	"entente/internal/store"
)

// What belongs to an object goes with it, once it stands nowhere any more.
func TestBelongingsGoWithWhatIsErased(t *testing.T) {
	h := build(t)
	h.x.Follow()
	note := func(of, step string) {
		h.write(func(tx store.Tx) error { return store.SetJSON(tx, "ticks", of+"\x00"+step, "done") })
	}
	left := func(say string, want ...string) {
		t.Helper()
		var all []string
		for row, err := range h.x.Rows("ticks", "") {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, row.Key)
		}
		same(t, say, all, want...)
	}
	h.publish(h.operator, object(1, t1, green, `,"abstract":"bob@example.org"`), object(1, t2, green, ``), object(2, t1, green, ``))
	for _, of := range []string{noteID(1), noteID(2), noteID(1) + "0"} {
		note(of, "a")
		note(of, "b")
	}
	h.limit(exchange.Limits{KeepPersonal: 90 * 24 * 3600e9})
	h.erase(90, 1, 2)
	left("another version stands", noteID(1)+"\x00a", noteID(1)+"\x00b", noteID(1)+"0\x00a", noteID(1)+"0\x00b", noteID(2)+"\x00a", noteID(2)+"\x00b")
	if _, err := h.x.EraseObjects(t.Context(), h.cleo, []string{noteID(1)}); err != nil {
		t.Fatal(err)
	}
	left("erased", noteID(1)+"0\x00a", noteID(1)+"0\x00b", noteID(2)+"\x00a", noteID(2)+"\x00b")
	note(noteID(1), "late")
	if _, err := h.x.EraseFromDisk(t.Context()); err != nil {
		t.Fatal(err)
	}
	left("off the disk", noteID(1)+"0\x00a", noteID(1)+"0\x00b", noteID(2)+"\x00a", noteID(2)+"\x00b")
}
