package stix_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"entente/stix"
)

// TestValidObjectsHaveNoErrors draws valid objects, with changes that keep them
// valid, and expects none to have an error, alone or in a bundle.
func TestValidObjectsHaveNoErrors(t *testing.T) {
	objects := readObjects(t)
	names := slices.Sorted(maps.Keys(objects))
	rapid.Check(t, func(t *rapid.T) {
		object := map[string]any{}
		name := rapid.SampledFrom(names).Draw(t, "object")
		if err := json.Unmarshal(objects[name], &object); err != nil {
			t.Fatal(err)
		}
		if _, versioned := object["modified"]; versioned && name != "language-content" && name != "extension-definition" {
			keepValid(t, object)
		}
		raw, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		if found := errorsOf(stix.Validate(raw)); len(found) > 0 {
			t.Fatalf("%s\n%s", raw, printed(found))
		}
		bundle := fmt.Appendf(nil, `{"type": "bundle", "id": "bundle--44af6c39-c09b-49c5-9de2-394224b04982", "objects": [%s]}`, raw)
		if found := errorsOf(stix.Validate(bundle)); len(found) > 0 {
			t.Fatalf("%s\n%s", bundle, printed(found))
		}
	})
}

// keepValid sets common properties to values that the specification allows.
func keepValid(t *rapid.T, object map[string]any) {
	digits := rapid.StringMatching(`[0-9]{3,9}`).Draw(t, "digits")
	object["created"] = "2016-02-29T08:17:27." + digits + "Z"
	object["modified"] = "2016-03-01T00:00:00." + digits + "Z"
	if rapid.Bool().Draw(t, "confident") {
		object["confidence"] = rapid.IntRange(0, 100).Draw(t, "confidence")
	}
	if rapid.Bool().Draw(t, "labelled") {
		object["labels"] = rapid.SliceOfN(rapid.String(), 1, 4).Draw(t, "labels")
		object["granular_markings"] = []any{map[string]any{"lang": "de", "selectors": []any{"labels.[0]", "created"}}}
	}
	if rapid.Bool().Draw(t, "custom") {
		object[rapid.StringMatching(`x_[a-z0-9]{3,20}_[a-z0-9_]{1,20}`).Draw(t, "name")] = rapid.Float64Range(-1e9, 1e9).Draw(t, "value")
	}
	object["description"] = rapid.String().Draw(t, "description")
	if object["type"] == "my-pump" || object["type"] == "x-example-com-pump" {
		delete(object, "description")
	}
}

func errorsOf(found []stix.Finding) []stix.Finding {
	return slices.DeleteFunc(found, func(f stix.Finding) bool { return f.Severity != stix.Error })
}

// TestValidateAllReadsInAnyPieces: how the input arrives changes nothing.
func TestValidateAllReadsInAnyPieces(t *testing.T) {
	var lines bytes.Buffer
	for _, name := range []string{"tool", "file", "observed-container", "custom"} {
		lines.Write(readObjects(t)[name])
		lines.WriteString("\r\n")
	}
	fmt.Fprintf(&lines, `[%s, 7, {"type": "tool"}]`, readObjects(t)["tool"])
	fmt.Fprintf(&lines, `{"type": "bundle", "objects" : [ %s , {"a": "\"]}\\"} ] , "x": [1, {"y": "z"}] }`, readObjects(t)["tool"])
	want := collected(t, bytes.NewReader(lines.Bytes()))
	if len(want) < 8 {
		t.Fatalf("the input should have more findings than %d", len(want))
	}
	for _, r := range []io.Reader{iotest.OneByteReader(bytes.NewReader(lines.Bytes())), iotest.HalfReader(bytes.NewReader(lines.Bytes())), iotest.DataErrReader(bytes.NewReader(lines.Bytes()))} {
		if diff := cmp.Diff(want, collected(t, r)); diff != "" {
			t.Errorf("(-whole +pieces):\n%s", diff)
		}
	}
}

func collected(t *testing.T, r io.Reader) []stix.Finding {
	t.Helper()
	var all []stix.Finding
	for f, err := range stix.ValidateAll(r) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	return all
}

func TestValidateAllTellsTheReadersError(t *testing.T) {
	broken := errors.New("the line went dead")
	r := io.MultiReader(strings.NewReader(`{"type":"bundle","id":"bundle--44af6c39-c09b-49c5-9de2-394224b04982","objects":[{"type":`), iotest.ErrReader(broken))
	var last error
	for f, err := range stix.ValidateAll(r) {
		if err == nil {
			t.Errorf("a finding where the reader failed: %v", f)
		}
		last = err
	}
	if !errors.Is(last, broken) {
		t.Errorf("got %v, want the reader's error", last)
	}
}

func TestValidateAllStopsWhenAsked(t *testing.T) {
	input := strings.Repeat("7\n", 1000)
	n := 0
	for range stix.ValidateAll(strings.NewReader("[" + strings.ReplaceAll(strings.TrimSpace(input), "\n", ",") + "]")) {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("got %d findings after asking for 3", n)
	}
}

// TestValidateLimits: what is too large, too deep or too wrong is told in few
// findings, and what follows is still checked.
func TestValidateLimits(t *testing.T) {
	mutex := `{"type":"mutex","id":"mutex--f93fe911-e545-5239-b9b0-597840d0c871","name":7}`
	for _, c := range []struct {
		name, input string
		want        []string
		opts        []stix.ValidateOption
	}{
		{"object too big", `[{"type":"mutex","name":"` + strings.Repeat("x", 3000) + `"}, ` + mutex + `]`, []string{"deterministic-id", "too-big!", "wrong-type!"}, []stix.ValidateOption{stix.MaxObjectSize(2000)}},
		{"value too big, without end", `{"type":"mutex","name":"` + strings.Repeat("x", 3000), []string{"json!", "too-big!"}, []stix.ValidateOption{stix.MaxObjectSize(2000)}},
		{"nested too deep", `[{"x":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `},` + mutex + `]`, []string{"json!"}, nil},
		{"as deep as may be", `{"type":"mutex","id":"mutex--f93fe911-e545-4239-b9b0-597840d0c871","name":"x","x_example_com_deep":` + strings.Repeat("[", 62) + "1" + strings.Repeat("]", 62) + `}`, []string{"custom-property", "uuid-version"}, nil},
		{"many findings", `{"type":"mutex","id":"mutex--f93fe911-e545-5239-b9b0-597840d0c871","name":7,"x_example_com_list":[` + strings.Repeat("[],", 500) + `[]]}`, []string{"custom-property", "deterministic-id", "empty-list!", "more-findings!", "wrong-type!"}, []stix.ValidateOption{stix.MaxFindings(4)}},
		{"rules left out", mutex, nil, []stix.ValidateOption{stix.WithoutRules("wrong-type", "deterministic-id")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var found []stix.Finding
			for f, err := range stix.ValidateAll(strings.NewReader(c.input), c.opts...) {
				if err != nil {
					t.Fatal(err)
				}
				found = append(found, f)
			}
			if diff := cmp.Diff(c.want, rules(found)); diff != "" {
				t.Errorf("(-want +got):\n%s%s", diff, printed(found))
			}
		})
	}
}

// TestValidateWideObjects: an object of many names, selected many times over, is
// checked in time that grows with its bytes.
func TestValidateWideObjects(t *testing.T) {
	var names, selectors []string
	for i := range 10_000 {
		names = append(names, fmt.Sprintf(`"x_example_n%d":1`, i))
		selectors = append(selectors, fmt.Sprintf(`"x_example_n%d"`, 9999-i))
	}
	raw := strings.Replace(string(readObjects(t)["tool"]), "{", `{"granular_markings":[{"lang":"de","selectors":[`+strings.Join(selectors, ",")+`]}],`+strings.Join(names, ",")+",", 1)
	if found := errorsOf(stix.Validate([]byte(raw), stix.WithoutRules("custom-property"))); len(found) != 0 {
		t.Errorf("got %v", found[0])
	}
	twice := strings.Replace(raw, `"x_example_n77":1`, `"x_example_n78":1`, 1)
	if found := stix.Validate([]byte(twice)); len(found) != 1 || found[0].Rule != "json" {
		t.Errorf("a name that occurs twice among many was not found: %d findings", len(found))
	}
}

// TestValidateAllHoldsLittle: a bundle is read in memory that does not grow with
// it, fingerprints of versions excepted.
func TestValidateAllHoldsLittle(t *testing.T) {
	const objects = 20_000
	object := func(i int) string {
		return fmt.Sprintf(`{"type":"incident","spec_version":"2.1","id":"incident--dd8651ee-d529-44fe-b063-%012d","created":"2021-03-20T08:17:27.000Z","modified":"2021-03-20T08:17:27.000Z","name":%q}`, i, strings.Repeat("x", 600))
	}
	parts := []io.Reader{strings.NewReader(`{"type":"bundle","id":"bundle--44af6c39-c09b-49c5-9de2-394224b04982","objects":[` + object(0))}
	for i := range objects / 1000 {
		parts = append(parts, &lazyReader{make: func() string {
			var b strings.Builder
			for j := range 1000 {
				b.WriteString("," + object(1+1000*i+j))
			}
			return b.String()
		}})
	}
	parts = append(parts, strings.NewReader(`]}`+"\n"+`7`))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for f, err := range stix.ValidateAll(io.MultiReader(parts...)) {
		if err != nil || f.Line != 2 {
			t.Fatal(f, err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
	}
	if after.HeapAlloc == 0 {
		t.Fatal("the last line was not reached")
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("%d MiB are held at the end of a bundle of %d objects", grown>>20, objects)
	}
}

// lazyReader makes its text when it is first read, and forgets it when done.
type lazyReader struct {
	make func() string
	r    *strings.Reader
}

func (l *lazyReader) Read(p []byte) (int, error) {
	if l.make == nil {
		return 0, io.EOF
	}
	if l.r == nil {
		l.r = strings.NewReader(l.make())
	}
	n, err := l.r.Read(p)
	if err == io.EOF {
		l.make, l.r = nil, nil
	}
	return n, err
}

func TestFindingAsText(t *testing.T) {
	f := stix.Finding{Severity: stix.Error, Object: "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", Path: "kill_chain_phases[0]",
		Rule: "missing-property", Section: "2.11", Message: "phase_name is missing", Fix: "add it", Line: 3, Column: 7}
	want := "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f at kill_chain_phases[0]: phase_name is missing (STIX 2.1 section 2.11); add it"
	if f.String() != want {
		t.Errorf("got  %s\nwant %s", f, want)
	}
	raw, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var back stix.Finding
	if err := json.Unmarshal(raw, &back); err != nil || back != f {
		t.Errorf("%s reads back as %+v, %v", raw, back, err)
	}
	if !strings.Contains(string(raw), `"severity":"error"`) {
		t.Errorf("severity is not a word: %s", raw)
	}
}

// FuzzValidate: nothing panics, every finding names its place and rule, and the
// streaming validator agrees on whether an object has errors.
func FuzzValidate(f *testing.F) {
	for _, raw := range readObjects(f) {
		f.Add([]byte(raw))
	}
	f.Add([]byte(`{"type":"bundle","id":"bundle--44af6c39-c09b-49c5-9de2-394224b04982","objects":[{"type":"mutex"},[],null]}`))
	for _, name := range []string{"after-revoked", "other-creator", "translations", "extensions-defined"} {
		raw, err := os.ReadFile("testdata/validate/input/" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`[{"type":"tool","granular_markings":[{"selectors":["a.[9].b"]}]}]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		found := stix.Validate(raw)
		for _, x := range found {
			if x.Rule == "" || x.Message == "" || x.Line < 1 || x.Column < 1 || x.Severity == 0 || x.String() == "" {
				t.Fatalf("%q: a finding without rule, message or place: %+v", raw, x)
			}
		}
		streamed := 0
		for x, err := range stix.ValidateAll(bytes.NewReader(raw)) {
			if err != nil {
				t.Fatal(err)
			}
			if x.Severity == stix.Error {
				streamed++
			}
		}
		if len(errorsOf(found)) == 0 && streamed > 0 && len(bytes.TrimSpace(raw)) > 0 && raw[0] == '{' {
			t.Fatalf("%q: errors only when streamed", raw)
		}
	})
}
