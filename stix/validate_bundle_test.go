package stix_test

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"entente/stix"
)

// TestBundlesInAnyOrder: in whatever order the objects of a bundle stand, the
// same is found. Of two versions that do not go together, the second is blamed,
// so that there only the objects are compared.
func TestBundlesInAnyOrder(t *testing.T) {
	for _, c := range []struct {
		input string
		what  func(stix.Finding) string
	}{
		{"after-revoked", func(f stix.Finding) string { return f.Object + " " + f.Rule }},
		{"other-creator", func(f stix.Finding) string { return f.Object + " " + f.Rule }},
		{"translations", func(f stix.Finding) string { return f.Severity.String() + " " + f.String() }},
		{"extensions-defined", func(f stix.Finding) string { return f.Severity.String() + " " + f.String() }},
	} {
		t.Run(c.input, func(t *testing.T) {
			raw, err := os.ReadFile("testdata/validate/input/" + c.input + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var bundle map[string]any
			if err := json.Unmarshal(raw, &bundle); err != nil {
				t.Fatal(err)
			}
			want := foundIn(t, bundle, c.what)
			if len(want) < 2 {
				t.Fatal("the input should have findings:", want)
			}
			objects := bundle["objects"].([]any)
			rapid.Check(t, func(t *rapid.T) {
				bundle["objects"] = rapid.Permutation(objects).Draw(t, "objects")
				if diff := cmp.Diff(want, foundIn(t, bundle, c.what)); diff != "" {
					t.Errorf("(-in order +otherwise):\n%s", diff)
				}
			})
		})
	}
}

func foundIn(t rapid.TB, bundle map[string]any, what func(stix.Finding) string) []string {
	t.Helper()
	raw, err := json.Marshal(bundle)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range stix.Validate(raw) {
		all = append(all, what(f))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// TestBundlesOfTooMuch: what would have to be kept of a bundle for its
// translations and extensions is bounded, and what is beyond is not reported.
func TestBundlesOfTooMuch(t *testing.T) {
	const n = 600
	incident := func(i int, properties string) string {
		return fmt.Sprintf(`{"type":"incident","spec_version":"2.1","id":"incident--dd8651ee-d529-44fe-b063-%012d","created":"2021-03-20T08:17:27.000Z","modified":"2021-03-20T08:17:27.000Z","name":"Flood",%s},`, i, properties)
	}
	translation := func(i, of int, text string) string {
		return fmt.Sprintf(`{"type":"language-content","spec_version":"2.1","id":"language-content--b86bd89f-98bb-4fa9-8cb2-%012d","created":"2021-03-20T08:17:27.000Z","modified":"2021-03-20T08:17:27.000Z","object_ref":"incident--dd8651ee-d529-44fe-b063-%012d","contents":{"de":{"name":[%q]}}},`, i, of, text)
	}
	const extension = `"extension-definition--04b2d3ef-d061-4912-ab77-6bbe807a5b%02d"`
	parts := []io.Reader{strings.NewReader(`{"type":"bundle","id":"bundle--44af6c39-c09b-49c5-9de2-394224b04982","objects":[` + translation(0, 0, "x"))}
	for i := range n { // each of a shape of its own, and the translation of another
		parts = append(parts, &lazyReader{make: func() string {
			labels := strings.Repeat(`"l",`, 15_000+i) + `"l"`
			return incident(i, `"labels":[`+labels+`]`) + translation(1+i, i+1, strings.Repeat("x", 60_000))
		}})
	}
	for i := range 50 { // extensions that nobody defines, and one that comes last
		parts = append(parts, &lazyReader{make: func() string {
			var b strings.Builder
			for j := range 400 {
				b.WriteString(incident(n+400*i+j, fmt.Sprintf(`"extensions":{`+extension+`:{"extension_type":"property-extension","flow":1}}`, 10+j%2)))
			}
			return b.String()
		}})
	}
	parts = append(parts, strings.NewReader(strings.Replace(string(readObjects(t)["extension-definition"]), "7a5bd5", "7a5b10", 1)+"]}\n7"))

	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	found := map[string]int{}
	for f, err := range stix.ValidateAll(io.MultiReader(parts...)) {
		if err != nil {
			t.Fatal(err)
		}
		if found[f.Rule]++; f.Line == 2 {
			runtime.GC()
			runtime.ReadMemStats(&after)
		}
	}
	if found["translation"] < 20 || found["translation"] > n {
		t.Errorf("%d of %d translations were found wrong", found["translation"], n+1)
	}
	if found["json"] != 1 {
		t.Errorf("the last line was not reached: %v", found)
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 48<<20 {
		t.Errorf("%d MiB are held at the end of the bundle", grown>>20)
	} else {
		t.Logf("%d MiB, %v", grown>>20, found)
	}
}
