package bench

import (
	"bytes"
	"testing"

	"entente/stix"
)

// What is measured on must be what it says: valid STIX of about 800 bytes, the
// same for the same seed, in the classes asked for.
func TestGeneratedObjects(t *testing.T) {
	const objects, classes = 3000, 300
	g, again := NewGenerator(Mix{Seed: 5, Classes: classes}), NewGenerator(Mix{Seed: 5, Classes: classes})
	total, marked := 0, map[string]bool{}
	for range objects {
		raw := g.Next()
		if !bytes.Equal(raw, again.Next()) {
			t.Fatal("the same seed gave other objects")
		}
		for _, f := range stix.Validate(raw) {
			if f.Severity == stix.Error {
				t.Fatalf("%s\n%s", f, raw)
			}
		}
		o, err := stix.Read(raw)
		if err != nil {
			t.Fatal(err)
		}
		key := ""
		for _, m := range o.MarkingRefs {
			key += m
		}
		marked[key] = true
		total += len(raw)
	}
	if average := total / objects; average < 750 || average > 850 {
		t.Errorf("objects of %d bytes on average, want about 800", average)
	}
	if n := len(marked); n < classes-5 || n > classes+1 {
		t.Errorf("%d classes, want about %d", n, classes)
	}
}
