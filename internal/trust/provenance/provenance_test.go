package provenance_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"entente/internal/trust/provenance"
)

// decoded reads an object as Add and Redact take it.
func decoded(t interface{ Fatal(...any) }, raw []byte) map[string]any {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	var o map[string]any
	if err := d.Decode(&o); err != nil {
		t.Fatal(err)
	}
	return o
}

func encoded(t interface{ Fatal(...any) }, o map[string]any) []byte {
	raw, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// report draws one with references, parts that are marked, and a seed.
func report(t *rapid.T) map[string]any {
	o := map[string]any{"type": "report", "spec_version": "2.1", "id": "report--00000000-0000-4000-8000-000000000001",
		"created": "2026-01-01T00:00:00Z", "modified": "2026-01-01T00:00:00Z", "name": rapid.StringN(1, 8, 20).Draw(t, "name"), "published": "2026-01-01T00:00:00Z"}
	refs, labels := []any{}, []any{}
	for i := range rapid.IntRange(1, 6).Draw(t, "references") {
		refs = append(refs, fmt.Sprintf("malware--00000000-0000-4000-8000-%012d", i))
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "labels") {
		labels = append(labels, fmt.Sprint("label ", i))
	}
	o["object_refs"], o["labels"] = refs, labels
	o["x_notes"] = map[string]any{"a": json.Number("1"), "b": "two"}
	o["description"] = "told"
	selectors := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"description", "name", "labels.[0]", "x_notes.a", "object_refs.[0]"}), 1, 4, rapid.ID).Draw(t, "selectors")
	marks := make([]any, len(selectors))
	for i, s := range selectors {
		marks[i] = map[string]any{"marking_ref": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", "selectors": []any{s}}
	}
	o["granular_markings"] = marks
	var seed provenance.Seed
	copy(seed[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed"))
	if added, err := provenance.Add(o, seed); err != nil || !added {
		t.Fatalf("add: %v, %v", added, err)
	}
	return decoded(t, encoded(t, o))
}

// without takes elements of object_refs out of an object, and its description where
// that is a part, and says so in its markings and its extension.
func without(t *rapid.T, o map[string]any) (copied map[string]any, n int) {
	refs := o["object_refs"].([]any)
	var paths []string
	var left []any
	moved := map[string]string{}
	for i, ref := range refs {
		path := fmt.Sprintf("object_refs.[%d]", i)
		if rapid.Bool().Draw(t, "lacks "+path) {
			paths = append(paths, path)
			moved[path] = ""
			continue
		}
		moved[path] = fmt.Sprintf("object_refs.[%d]", len(left))
		left = append(left, ref)
	}
	if marked(o, "description") && rapid.Bool().Draw(t, "lacks description") {
		paths = append(paths, "description")
		moved["description"] = ""
	}
	ext, ok := provenance.Redact(o, paths)
	if !ok {
		t.Fatalf("no copy without %v of %s", paths, encoded(t, o))
	}
	copied = decoded(t, encoded(t, o))
	copied["object_refs"] = left
	if len(left) == 0 {
		delete(copied, "object_refs")
	}
	if slices.Contains(paths, "description") {
		delete(copied, "description")
	}
	var marks []any
	for _, v := range copied["granular_markings"].([]any) {
		selector := v.(map[string]any)["selectors"].([]any)[0].(string)
		if to, moves := moved[selector]; moves {
			if to == "" {
				continue
			}
			selector = to
		}
		v.(map[string]any)["selectors"] = []any{selector}
		marks = append(marks, v)
	}
	copied["granular_markings"] = marks
	extensions := copied["extensions"].(map[string]any)
	extensions[provenance.Extension] = ext
	extensions[provenance.Redaction] = map[string]any{"extension_type": "property-extension", "withheld_parts": len(paths)}
	return decoded(t, encoded(t, copied)), len(paths)
}

func marked(o map[string]any, selector string) bool {
	list, _ := o["granular_markings"].([]any)
	return slices.ContainsFunc(list, func(v any) bool { return v.(map[string]any)["selectors"].([]any)[0] == selector })
}

// A copy commits to what the object does, and so does a copy of a copy.
func TestCopiesCommitToTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := report(t)
		want, err := provenance.Of(encoded(t, o))
		if err != nil {
			t.Fatal(err)
		}
		lacked := 0
		for range 2 {
			if o["object_refs"] == nil || o["granular_markings"] == nil {
				return
			}
			var n int
			o, n = without(t, o)
			lacked += n
			got, err := provenance.Of(encoded(t, o))
			if err != nil {
				t.Fatalf("%v: %s", err, encoded(t, o))
			}
			want.Withheld = lacked
			if got != want {
				t.Fatalf("a copy without %d parts commits to %+v, the object to %+v: %s", lacked, got, want, encoded(t, o))
			}
		}
	})
}

// Nothing that a copy shows can be changed, moved, added or taken away unnoticed, nor
// a marking be taken off.
func TestAnyChangeIsNoticed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := report(t)
		if rapid.Bool().Draw(t, "of a copy") {
			o, _ = without(t, o)
		}
		want, err := provenance.Of(encoded(t, o))
		if err != nil {
			t.Fatal(err)
		}
		changes := map[string]func() bool{
			"a property of the skeleton": func() bool { o["published"] = "2026-01-02T00:00:00Z"; return true },
			"a property is added":        func() bool { o["x_added"] = "x"; return true },
			"another name":               func() bool { o["name"] = o["name"].(string) + "x"; return true },
			"a description":              func() bool { had := o["description"] != nil; o["description"] = "changed"; return had },
			"a label is added":           func() bool { o["labels"] = append(o["labels"].([]any), "more"); return true },
			"a label is moved": func() bool {
				list := o["labels"].([]any)
				slices.Reverse(list)
				return len(list) > 1
			},
			"a reference goes": func() bool {
				list, _ := o["object_refs"].([]any)
				if len(list) > 0 {
					o["object_refs"] = list[1:]
				}
				return len(list) > 0
			},
			"markings go": func() bool { had := o["granular_markings"] != nil; delete(o, "granular_markings"); return had },
			"an entry": func() bool {
				o["x_notes"].(map[string]any)["b"] = "three"
				return true
			},
		}
		what := rapid.SampledFrom(slices.Sorted(maps.Keys(changes))).Draw(t, "change")
		if !changes[what]() {
			return
		}
		if got, err := provenance.Of(encoded(t, o)); err == nil && got == want {
			t.Fatalf("%s is not noticed: %s", what, encoded(t, o))
		}
	})
}

func TestWhatCommitsToNothing(t *testing.T) {
	o := map[string]any{"type": "relationship", "id": "relationship--00000000-0000-4000-8000-000000000001", "source_ref": "a", "target_ref": "b"}
	if added, err := provenance.Add(o, provenance.Seed{1}); added || err != nil {
		t.Errorf("without parts: %v, %v; want none added", added, err)
	}
	if _, err := provenance.Of(encoded(t, o)); !errors.Is(err, provenance.ErrNone) {
		t.Errorf("without the extension: %v, want ErrNone", err)
	}
	for _, ext := range []string{`{"seed":"short"}`, `{"seed":3}`, `{"salts":["name x"],"withheld":["no"]}`, `{"salts":["gone x"]}`, `{"salts":["name"]}`, `{"salts":{"name":"x"}}`, `{"seed":"` + strings.Repeat("A", 43) + `","withheld":["x"]}`} {
		raw := `{"type":"report","id":"x","name":"n","object_refs":["a"],"extensions":{"` + provenance.Extension + `":` + ext + `}}`
		if c, err := provenance.Of([]byte(raw)); err == nil {
			t.Errorf("%s commits to %+v", ext, c)
		}
	}
}

func FuzzOf(f *testing.F) {
	f.Add([]byte(`{"type":"report","name":"n","object_refs":["a"],"granular_markings":[{"selectors":["name"],"lang":"en"}],"extensions":{"` + provenance.Extension + `":{"seed":"` + strings.Repeat("A", 43) + `"}}}`))
	f.Add([]byte(`{"object_refs":["a","b"],"extensions":{"` + provenance.Extension + `":{"salts":["object_refs.[1] x","object_refs.[7] y"],"withheld":["` + strings.Repeat("A", 43) + `"]}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := provenance.Of(raw)
		if err != nil {
			return
		}
		if b, err := provenance.Of(raw); err != nil || a != b {
			t.Errorf("the same object commits to %+v and %+v, %v", a, b, err)
		}
	})
}

// What an object commits to is read by exact names: others beside them, and escapes,
// change nothing.
func TestDigestsAreReadByExactNames(t *testing.T) {
	o := decoded(t, []byte(`{"type":"report","id":"report--1","object_refs":["tool--00000000-0000-4000-8000-000000000001"]}`))
	if added, err := provenance.Add(o, provenance.Seed{1}); err != nil || !added {
		t.Fatalf("add: %v, %v", added, err)
	}
	raw := string(encoded(t, o))
	want, err := provenance.Of([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range []string{
		strings.Replace(raw, `"seed":`, `"SEED":"x","seed":`, 1), strings.Replace(raw, `"seed":`, `"Withheld":["x"],"seed":`, 1),
		strings.Replace(raw, `"seed":`, `"s\u0065ed":`, 1), strings.Replace(raw, "extension-definition--", `extension\u002ddefinition--`, 1),
	} {
		if got, err := provenance.Of([]byte(other)); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", other, got, err, want)
		}
	}
}
