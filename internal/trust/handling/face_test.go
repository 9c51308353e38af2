package handling_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"entente/internal/trust/handling"
	"entente/internal/trust/provenance"
	"entente/stix"
)

const (
	greenID = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
	redID   = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
)

// noDefinitions explains nothing.
type noDefinitions struct{}

func (noDefinitions) Marking(string) handling.Marking { return handling.Marking{} }

// report makes a report with granular markings.
func report(more, marks string) string {
	return `{"type":"report","spec_version":"2.1","id":"report--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-02T00:00:00.000Z","name":"Drum","published":"2026-01-01T00:00:00Z","description":"secret words","labels":["one","secret","three"],"external_references":[{"source_name":"first","external_id":"secret-id"},{"source_name":"second","external_id":"x"}],"object_refs":["malware--11111111-1111-4111-8111-111111111111","identity--22222222-2222-4222-8222-222222222222"],"object_marking_refs":["` + greenID + `"]` + more + `,"granular_markings":[` + marks + `]}`
}

func face(t testing.TB, raw string) (handling.Face, bool) {
	t.Helper()
	o, err := stix.Read([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	w, err := handling.Weigh(&o, handling.Amber, noDefinitions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.Face()
}

func granular(marking string, selectors ...string) string {
	return fmt.Sprintf(`{"marking_ref":%q,"selectors":["%s"]}`, marking, strings.Join(selectors, `","`))
}

func TestFaceLeavesOutWhatIsStricter(t *testing.T) {
	for name, c := range map[string]struct {
		marks string
		has   []string
		lacks []string
	}{
		"a property":             {granular(redID, "description"), []string{`"labels":["one","secret","three"]`, `"withheld_parts":1`}, []string{"description", "granular", redID}},
		"an element":             {granular(redID, "labels.[1]"), []string{`"labels":["one","three"]`, "secret words"}, []string{`"secret"`}},
		"a reference":            {granular(redID, "object_refs.[1]"), []string{`"object_refs":["malware--11111111-1111-4111-8111-111111111111"]`}, []string{"identity--22222222"}},
		"all of a list":          {granular(redID, "labels.[0]", "labels.[1]", "labels.[2]"), []string{`"withheld_parts":3`}, []string{"labels"}},
		"others move":            {granular(redID, "labels.[0]") + "," + granular(greenID, "labels.[2]", "labels.[0]", "name"), []string{`"selectors":["labels.[1]","name"]`}, []string{redID}},
		"a language stays":       {granular(redID, "description") + `,{"lang":"de","selectors":["name","description"]}`, []string{`{"lang":"de","selectors":["name"]}`}, []string{redID}},
		"what nothing explains":  {granular("marking-definition--77777777-7777-4777-8777-777777777777", "description"), []string{`"name":"Drum"`}, []string{"secret words", "77777777"}},
		"deep inside an element": {granular(redID, "external_references.[0].external_id"), []string{`"external_references":[{"external_id":"x","source_name":"second"}]`}, []string{"secret-id"}},
	} {
		t.Run(name, func(t *testing.T) {
			f, ok := face(t, report("", c.marks))
			if !ok {
				t.Fatal("it has no face")
			}
			canonical, err := stix.Canonical(nil, f.Body)
			if err != nil || !bytes.Equal(canonical, f.Body) {
				t.Errorf("not canonical: %v %s", err, f.Body)
			}
			for _, finding := range stix.Validate(f.Body) {
				if finding.Severity == stix.Error {
					t.Errorf("the face breaks a rule: %v", finding)
				}
			}
			for _, text := range c.has {
				if !bytes.Contains(f.Body, []byte(text)) {
					t.Errorf("%s is not in %s", text, f.Body)
				}
			}
			for _, text := range c.lacks {
				if bytes.Contains(f.Body, []byte(text)) {
					t.Errorf("%s is in %s", text, f.Body)
				}
			}
			if f.Shown.TLP != handling.Green || f.Whole.Canonical() == f.Shown.Canonical() {
				t.Errorf("shown %s, whole %s", f.Shown.Canonical(), f.Whole.Canonical())
			}
		})
	}
}

func TestObjectsWithoutAFace(t *testing.T) {
	for name, raw := range map[string]string{
		"no stricter part":     report("", granular(greenID, "description")),
		"a part that must be":  report("", granular(redID, "name")),
		"all of what must be":  report("", granular(redID, "object_refs.[0]", "object_refs.[1]")),
		"its label":            report("", granular(redID, "object_marking_refs.[0]")),
		"nowhere":              report("", granular(redID, "labels.[3]")),
		"nowhere, either":      report("", granular(redID, "description", "pattern")),
		"nowhere inside":       report("", granular(redID, "labels.[1].x")),
		"a key with a dot":     report(`,"x_d":{"a":1,"a.b":"PLANT"}`, granular(redID, "x_d.a.b")),
		"no index":             report("", granular(redID, "labels.x")),
		"an index of its own":  report("", granular(redID, "labels.[01]")),
		"in what has no parts": report("", granular(redID, "description.[0]")),
		"other extensions":     report(`,"extensions":"none"`, granular(redID, "description")),
		"no version":           `{"type":"url","spec_version":"2.1","id":"url--8e2e2d2b-17d4-5cbf-938f-98ee46b3cd3f","value":"http://a.example/","defanged":false,"object_marking_refs":["` + greenID + `"],"granular_markings":[` + granular(redID, "defanged") + `]}`,
	} {
		if f, ok := face(t, raw); ok {
			t.Errorf("%s: it has the face %s", name, f.Body)
		}
	}
}

// Whatever is marked, the face holds nothing of it and is no looser than the
// object's own markings; without a face there is no copy at all.
func TestFaceHoldsNoMarkedPart(t *testing.T) {
	all := []string{"description", "labels.[0]", "labels.[1]", "labels.[2]", "labels", "object_refs.[0]", "object_refs.[1]", "name", "published"}
	words := map[string]string{"description": "secret words", "labels.[0]": `"one"`, "labels.[1]": `"secret"`, "labels.[2]": `"three"`,
		"object_refs.[0]": "malware--1", "object_refs.[1]": "identity--2", "name": "Drum"}
	rapid.Check(t, func(rt *rapid.T) {
		var marks []string
		red := map[string]bool{}
		for range rapid.IntRange(1, 4).Draw(rt, "marks") {
			marking := rapid.SampledFrom([]string{redID, greenID}).Draw(rt, "marking")
			selectors := rapid.SliceOfNDistinct(rapid.SampledFrom(all), 1, 3, rapid.ID[string]).Draw(rt, "selectors")
			marks = append(marks, granular(marking, selectors...))
			for _, s := range selectors {
				red[s] = red[s] || marking == redID
			}
		}
		f, ok := face(t, report("", strings.Join(marks, ",")))
		if !ok {
			return
		}
		for s, is := range red {
			if !is {
				continue
			}
			if word := words[s]; word != "" && bytes.Contains(f.Body, []byte(word)) {
				rt.Fatalf("%s is in %s", word, f.Body)
			}
			if s == "labels" && bytes.Contains(f.Body, []byte("labels")) {
				rt.Fatalf("labels are in %s", f.Body)
			}
		}
		if bytes.Contains(f.Body, []byte(redID)) {
			rt.Fatalf("the marking is in %s", f.Body)
		}
	})
}

func FuzzFace(f *testing.F) {
	f.Add([]byte(report("", granular(redID, "description", "labels.[1]"))))
	f.Add([]byte(report(`,"extensions":{"a":{}}`, granular(redID, "extensions.a"))))
	f.Add([]byte(report("", `{"marking_ref":1,"selectors":[[]]},{}`)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		o, err := stix.Read(raw)
		if err != nil {
			return
		}
		w, err := handling.Weigh(&o, handling.Amber, noDefinitions{}, func(id string) (handling.Class, bool) {
			return handling.Class{TLP: handling.Red}, len(id)%2 == 0
		})
		if err != nil {
			return
		}
		face, ok := w.Face()
		if !ok {
			return
		}
		again, err := stix.Read(face.Body)
		if err != nil || again.ID != o.ID || again.Version() != o.Version() || again.Type != o.Type {
			t.Fatalf("%s: %v %v", face.Body, again.Envelope, err)
		}
	})
}

// As many selectors as elements cost what as many cost that nothing has moved under:
// whoever sends such an object holds no core for minutes.
func TestAFaceOfManyMarkedElementsIsMadeAtOnce(t *testing.T) {
	const elements = 20_000
	selectors := make([]string, elements)
	for i := range selectors {
		selectors[i] = fmt.Sprintf("x_list.[%d]", i)
	}
	list := `,"x_list":[0` + strings.Repeat(`,0`, elements-1) + `]`
	made := func(red string, want int) time.Duration {
		raw := report(list, granular(redID, red)+","+granular(greenID, selectors...))
		begun := time.Now()
		f, ok := face(t, raw)
		took := time.Since(begun)
		if n := bytes.Count(f.Body, []byte(`"x_list.[`)); !ok || n != want {
			t.Fatalf("without %s it has %d marked elements (%v), want %d", red, n, ok, want)
		}
		return took
	}
	still, moved := made("description", elements), made("x_list.[0]", elements-1)
	if moved > 10*still {
		t.Errorf("it takes %v, and %v when the first element is left out", still, moved)
	}
}

// A copy commits to what the object does, and never holds what the salts follow from.
func TestAFaceCanBeCheckedWithoutItsParts(t *testing.T) {
	const refs = `"object_refs":["malware--00000000-0000-4000-8000-000000000001","malware--00000000-0000-4000-8000-000000000002"]`
	red := handling.Red.Definition()
	for why, c := range map[string]struct{ more, marks string }{
		"a property":            {`"description":"x"`, `{"marking_ref":"` + red + `","selectors":["description"]}`},
		"an element":            {`"labels":["a","b","c"]`, `{"marking_ref":"` + red + `","selectors":["labels.[1]"]},{"lang":"en","selectors":["labels.[2]"]}`},
		"an entry":              {`"x_notes":{"a":1,"b":2}`, `{"marking_ref":"` + red + `","selectors":["x_notes.a"]}`},
		"a reference":           {`"labels":["a"]`, `{"lang":"en","selectors":["object_refs.[1]"]}`},
		"all of them, and more": {`"description":"x","labels":["a","b"]`, `{"marking_ref":"` + red + `","selectors":["description","labels","labels.[0]"]}`},
	} {
		var o map[string]any
		raw := `{"type":"report","spec_version":"2.1","id":"report--00000000-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","published":"2026-01-01T00:00:00Z","name":"x","object_marking_refs":["` + handling.Green.Definition() + `"],` + refs + `,` + c.more + `,"granular_markings":[` + c.marks + `]}`
		if err := json.Unmarshal([]byte(raw), &o); err != nil {
			t.Fatal(err)
		}
		if added, err := provenance.Add(o, provenance.Seed{1, 2, 3}); !added || err != nil {
			t.Fatal(added, err)
		}
		whole, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		want, err := provenance.Of(whole)
		if err != nil {
			t.Fatal(err)
		}
		read, err := stix.Read(whole)
		if err != nil {
			t.Fatal(err)
		}
		w, err := handling.Weigh(&read, handling.Amber, noDefinitions{}, func(id string) (handling.Class, bool) {
			return handling.Class{TLP: handling.Red}, strings.HasSuffix(id, "1") // the first reference is to something stricter
		})
		if err != nil {
			t.Fatal(err)
		}
		f, has := w.Face()
		if !has {
			t.Errorf("%s: no face", why)
			continue
		}
		got, err := provenance.Of(f.Body)
		if err != nil {
			t.Fatalf("%s: %v: %s", why, err, f.Body)
		}
		if want.Withheld = got.Withheld; got != want || got.Withheld == 0 || strings.Contains(string(f.Body), `"seed"`) {
			t.Errorf("%s: the face commits to %+v, the object to %+v: %s", why, got, want, f.Body)
		}
	}
}
