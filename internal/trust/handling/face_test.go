package handling_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"entente/internal/trust/handling"
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
	f, ok, err := handling.FaceOf(&o, handling.Amber, noDefinitions{})
	if err != nil {
		t.Fatal(err)
	}
	return f, ok
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
		face, ok, err := handling.FaceOf(&o, handling.Amber, noDefinitions{})
		if err != nil || !ok {
			return
		}
		again, err := stix.Read(face.Body)
		if err != nil || again.ID != o.ID || again.Version() != o.Version() || again.Type != o.Type {
			t.Fatalf("%s: %v %v", face.Body, again.Envelope, err)
		}
	})
}
