package stix_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"entente/stix"
)

// extended is a bundle of an object with n extensions that add top-level properties, n
// such properties, and the definitions of some of the extensions, each of one of them.
func extended(n, defined int) string {
	id := func(i int) string { return fmt.Sprintf("extension-definition--%08x-0000-4000-8000-000000000001", i) }
	var b strings.Builder
	b.WriteString(`{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","objects":[`)
	for i := range defined {
		fmt.Fprintf(&b, `{"type":"extension-definition","spec_version":"2.1","id":%q,"created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","created_by_ref":"identity--00000000-0000-4000-8000-000000000001","name":"x","schema":"x","version":"1.0.0","extension_types":["toplevel-property-extension"],"extension_properties":["more_%d"]},`, id(i), i)
	}
	b.WriteString(`{"type":"campaign","spec_version":"2.1","id":"campaign--00000000-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"x"`)
	for i := range n {
		fmt.Fprintf(&b, `,"more_%d":1`, i)
	}
	b.WriteString(`,"extensions":{`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `%q:{"extension_type":"toplevel-property-extension"}`, id(i))
	}
	b.WriteString(`}}]}`)
	return b.String()
}

func judged(t *testing.T, bundle string) (undefined int, took time.Duration) {
	t.Helper()
	begun := time.Now()
	for f, err := range stix.ValidateAll(strings.NewReader(bundle)) {
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(f.String(), "do not have this among their extension_properties") {
			undefined++
		}
	}
	return undefined, time.Since(begun)
}

// What many extensions of one object add is judged in time that grows with the object.
func TestManyExtensionsAreJudgedAtOnce(t *testing.T) {
	least := time.Hour
	for range 3 {
		_, took := judged(t, extended(4000, 0))
		least = min(least, took)
	}
	if least > 2500*time.Millisecond { // where each was held against each, it was more on any machine
		t.Errorf("4,000 extensions and properties take %v", least)
	}
}

// A property that no definition of the object's extensions has is found when all of them
// are there, and only then.
func TestWhatNoExtensionAddsIsFound(t *testing.T) {
	for defined, want := range map[int]int{0: 0, 3: 0, 4: 1} {
		bundle := strings.Replace(extended(4, defined), `"name":"x","more_0"`, `"name":"x","other":1,"more_0"`, 1)
		if got, _ := judged(t, bundle); got != want {
			t.Errorf("%d of 4 definitions are there: %d are found, want %d", defined, got, want)
		}
	}
}
