package stix_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"entente/stix"
)

var update = flag.Bool("update", false, "rewrite golden files")

// TestValidateRules runs testdata/validate/cases.txt: each rule of the
// specification broken by one change to a valid object.
func TestValidateRules(t *testing.T) {
	objects := readObjects(t)
	text, err := os.ReadFile("testdata/validate/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(text), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		part := strings.Split(line, " | ")
		if len(part) != 3 {
			t.Fatalf("line %d is not object | patch | rules", i+1)
		}
		raw := patched(t, objects[part[0]], part[1])
		var opts []stix.ValidateOption
		if !strings.Contains(part[2], "deterministic-id") {
			opts = append(opts, stix.WithoutRules("deterministic-id"))
		}
		found := stix.Validate(raw, opts...)
		want := strings.Fields(part[2])
		if part[2] == "none" {
			want = nil
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, rules(found)); diff != "" {
			t.Errorf("cases.txt:%d: %s %s (-want +got):\n%s%s", i+1, part[0], part[1], diff, printed(found))
		}
	}
}

// rules are the rules of findings, sorted, those of errors with a "!".
func rules(found []stix.Finding) []string {
	var all []string
	for _, f := range found {
		name := f.Rule
		if f.Severity == stix.Error {
			name += "!"
		}
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

func printed(found []stix.Finding) string {
	var b strings.Builder
	for _, f := range found {
		b.WriteString("  " + f.Severity.String() + " " + f.String() + "\n")
	}
	return b.String()
}

func readObjects(t testing.TB) map[string]json.RawMessage {
	t.Helper()
	text, err := os.ReadFile("testdata/validate/objects.json")
	if err != nil {
		t.Fatal(err)
	}
	var objects map[string]json.RawMessage
	if err := json.Unmarshal(text, &objects); err != nil {
		t.Fatal(err)
	}
	return objects
}

// patched applies a merge patch (RFC 7386).
func patched(t testing.TB, object json.RawMessage, patch string) []byte {
	t.Helper()
	if object == nil {
		t.Fatalf("there is no such object for the patch %s", patch)
	}
	raw, err := json.Marshal(merged(decoded(t, object), decoded(t, []byte(patch))))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func decoded(t testing.TB, raw []byte) any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return v
}

func merged(target, patch any) any {
	change, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	object, ok := target.(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	for name, v := range change {
		if v == nil {
			delete(object, name)
		} else {
			object[name] = merged(object[name], v)
		}
	}
	return object
}

// TestValidateGolden holds what is printed for whole inputs against files:
// testdata/validate/*.golden, for the input of the same name.
func TestValidateGolden(t *testing.T) {
	inputs, err := filepath.Glob("testdata/validate/input/*")
	if err != nil || len(inputs) == 0 {
		t.Fatal("no inputs", err)
	}
	for _, input := range inputs {
		t.Run(filepath.Base(input), func(t *testing.T) {
			raw, err := os.ReadFile(input)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			for f, err := range stix.ValidateAll(bytes.NewReader(raw)) {
				if err != nil {
					t.Fatal(err)
				}
				line, err := json.Marshal([]int{f.Line, f.Column})
				if err != nil {
					t.Fatal(err)
				}
				b.WriteString(string(line) + " " + f.Severity.String() + " " + f.Rule + "\n    " + f.String() + "\n")
			}
			golden := filepath.Join("testdata/validate", filepath.Base(input)+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), b.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
