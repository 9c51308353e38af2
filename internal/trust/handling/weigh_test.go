package handling_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"entente/internal/trust/handling"
	"entente/stix"
)

const (
	drum  = "malware--11111111-1111-4111-8111-111111111111"
	lock  = "identity--22222222-2222-4222-8222-222222222222"
	spare = "indicator--33333333-3333-4333-8333-333333333333"
)

// of tells the classes of some objects by their texts.
func of(t testing.TB, classes map[string]string) handling.Targets {
	return func(id string) (handling.Class, bool) {
		text, ok := classes[id]
		if !ok {
			return handling.Class{}, false
		}
		return parse(t, text), true
	}
}

func weigh(t testing.TB, raw string, to handling.Targets) handling.Weight {
	t.Helper()
	o, err := stix.Read([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	w, err := handling.Weigh(&o, handling.Green, noDefinitions{}, to)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// made is an object of a type with some properties more.
func made(typ, more string) string {
	return fmt.Sprintf(`{"type":%q,"spec_version":"2.1","id":"%s--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-02T00:00:00.000Z","created_by_ref":%q%s}`, typ, typ, lock, more)
}

func TestWhatRefersIsAsStrict(t *testing.T) {
	relationship := made("relationship", `,"relationship_type":"indicates","source_ref":"`+spare+`","target_ref":"`+drum+`"`)
	sighting := made("sighting", `,"sighting_of_ref":"`+spare+`","where_sighted_refs":["`+drum+`","`+lock+`"],"count":2`)
	note := made("note", `,"content":"c","object_refs":["`+drum+`","`+spare+`"]`)
	for name, c := range map[string]struct {
		raw     string
		classes map[string]string
		whole   string
		shown   string
		lacks   []string // in the face; none when there is no face
	}{
		"nothing there":              {relationship, nil, "tlp:green", "tlp:green", nil},
		"an end":                     {relationship, map[string]string{drum: "tlp:red"}, "tlp:red", "tlp:red", nil},
		"both ends":                  {relationship, map[string]string{drum: "tlp:amber", spare: "tlp:green pap:red"}, "tlp:amber pap:red", "tlp:amber pap:red", nil},
		"looser ends":                {relationship, map[string]string{drum: "tlp:clear", spare: "tlp:green"}, "tlp:green", "tlp:green", nil},
		"who made it":                {relationship, map[string]string{lock: "tlp:red"}, "tlp:green", "tlp:green", nil},
		"what was sighted":           {sighting, map[string]string{spare: "tlp:amber"}, "tlp:amber", "tlp:amber", nil},
		"who saw it":                 {sighting, map[string]string{drum: "tlp:red"}, "tlp:red", "tlp:green", []string{drum}},
		"who saw it, no stricter":    {sighting, map[string]string{drum: "tlp:amber", spare: "tlp:amber"}, "tlp:amber", "tlp:amber", nil},
		"a part":                     {note, map[string]string{drum: "tlp:amber"}, "tlp:amber", "tlp:green", []string{drum}},
		"all that must be there":     {note, map[string]string{drum: "tlp:amber", spare: "tlp:red"}, "tlp:red", "tlp:green", nil},
		"in an extension":            {made("note", `,"content":"c","object_refs":["`+lock+`"],"extensions":{"extension-definition--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f":{"extension_type":"property-extension","x_ref":"`+drum+`"}}`), map[string]string{drum: "tlp:red"}, "tlp:red", "tlp:green", nil},
		"one that may be left out":   {made("malware", `,"is_family":false,"name":"m","sample_refs":["`+drum+`"]`), map[string]string{drum: "tlp:red"}, "tlp:red", "tlp:green", []string{drum, "sample_refs"}},
		"more than one object names": {relationship, map[string]string{drum: many("tlp:green", 700), spare: many("tlp:green", 701)}, "tlp:red", "tlp:red", nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := weigh(t, c.raw, of(t, c.classes))
			if w.Whole.Canonical() != c.whole || w.Shown.Canonical() != c.shown {
				t.Errorf("it is of %s and %s, want %s and %s", w.Whole.Canonical(), w.Shown.Canonical(), c.whole, c.shown)
			}
			f, ok := w.Face()
			if ok != (c.lacks != nil) {
				t.Fatalf("it has the face %s", f.Body)
			}
			for _, text := range c.lacks {
				if bytes.Contains(f.Body, []byte(text)) {
					t.Errorf("%s is in %s", text, f.Body)
				}
			}
			if (len(w.Stricter) > 0) != (c.whole != "tlp:green") {
				t.Errorf("%+v made it so", w.Stricter)
			}
		})
	}
}

// many is a class that names as many lists as one object may.
func many(label string, n int) string {
	var b strings.Builder
	b.WriteString(label)
	for i := range 40 {
		sep := " to:"
		if i > 0 {
			sep = ","
		}
		fmt.Fprintf(&b, "%sorg:a%d", sep, n*100+i)
	}
	return b.String()
}

// Whatever an object refers to and whatever that is marked with, what a reader is
// given of it is marked no stricter than what he may read, and refers to nothing
// that he may not.
func TestNothingGivenRefersToWhatIsWithheld(t *testing.T) {
	classes, agreements := everyClass(t), everyPolicy(t)
	targets := []string{drum, lock, spare, "ipv4-addr--44444444-4444-4444-8444-444444444444"}
	list := func(rt *rapid.T, name string) string {
		ids := rapid.SliceOfNDistinct(rapid.SampledFrom(targets), 1, len(targets), rapid.ID[string]).Draw(rt, name)
		return `["` + strings.Join(ids, `","`) + `"]`
	}
	rapid.Check(t, func(rt *rapid.T) {
		one := func() string { return rapid.SampledFrom(targets).Draw(rt, "one") }
		raw := rapid.SampledFrom([]string{
			made("relationship", `,"relationship_type":"uses","source_ref":"`+one()+`","target_ref":"`+one()+`","x_also_ref":"`+one()+`"`),
			made("sighting", `,"sighting_of_ref":"`+one()+`","where_sighted_refs":`+list(rt, "where")+`,"x_refs":`+list(rt, "x")),
			made("report", `,"name":"n","published":"2026-01-01T00:00:00Z","description":"d","object_refs":`+list(rt, "objects")+`,"x_a":[{"b_ref":"`+one()+`"},{"c":1}],"granular_markings":[`+granular(redID, "description")+`]`),
		}).Draw(rt, "raw")
		there := map[string]string{}
		for _, id := range targets {
			if rapid.IntRange(0, 2).Draw(rt, "there") > 0 {
				there[id] = rapid.SampledFrom(classes).Draw(rt, "class").Canonical()
			}
		}
		w := weigh(t, raw, of(t, there))
		face, has := w.Face()
		for name, p := range everyProfile() {
			for set, agreed := range agreements {
				may := func(c handling.Class) bool { return handling.Decide(c, p, agreed, noon).Allow }
				given := ""
				switch {
				case may(w.Whole):
					given = raw
				case has && may(face.Shown):
					given = string(face.Body)
				default:
					continue
				}
				if !may(w.Own) && given == raw {
					rt.Fatalf("%s under %s is given what its own markings withhold", name, set)
				}
				o, err := stix.Read([]byte(given))
				if err != nil {
					rt.Fatal(err)
				}
				for _, r := range o.Refs {
					text, is := there[r.ID]
					if is && r.Path != "created_by_ref" && !may(parse(t, text)) {
						rt.Fatalf("%s under %s is given %s, whose %s is %s", name, set, given, r.Path, text)
					}
				}
			}
		}
		ends := map[string][]string{"relationship": {"source_ref", "target_ref"}, "sighting": {"sighting_of_ref"}}
		o, _ := stix.Read([]byte(raw))
		for _, r := range o.Refs {
			if text, is := there[r.ID]; is && slices.Contains(ends[o.Type], r.Path) && handling.Binds(w.Shown, parse(t, text)) {
				rt.Fatalf("%s is shown to who may not read its %s", raw, r.Path)
			}
		}
	})
}

func TestBindsIsWhatJoinSays(t *testing.T) {
	classes := everyClass(t)
	rapid.Check(t, func(rt *rapid.T) {
		a, b := rapid.SampledFrom(classes).Draw(rt, "a"), rapid.SampledFrom(classes).Draw(rt, "b")
		joined, nobody := handling.Join(a, b), a.TLP == handling.Red && len(a.Audience.To) == 0
		if handling.Binds(a, b) != (joined.Canonical() != a.Canonical() && !nobody) || handling.Binds(joined, b) || handling.Binds(joined, a) {
			rt.Fatalf("%s and %s join to %s", a.Canonical(), b.Canonical(), joined.Canonical())
		}
	})
}
