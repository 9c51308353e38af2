package author

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"entente/stix"
)

func TestASheetForPeople(t *testing.T) {
	const raw = `{"type":"malware","spec_version":"2.1","id":"malware--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0000","name":"Drum","description":"Two\nlines",` +
		`"aliases":["A","true"],"is_family":false,"confidence":85,"kill_chain_phases":[{"kill_chain_name":"lm","phase_name":"x"}],"x_example_n":5,"x_example_s":"5"}`
	sheet, err := Sheet("A malware.\nSave it.", []byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# A malware.\n# Save it.\n", "\nname = Drum\n", "\ndescription = \"\"\"\nTwo\nlines\n\"\"\"\n", "\naliases[] = A\naliases[] = true\n",
		"\nis_family = false\n", "\nconfidence = 85\n", "\nkill_chain_phases[] := {\"kill_chain_name\":\"lm\",\"phase_name\":\"x\"}\n",
		"\nx_example_n := 5\nx_example_s = 5\n", "# may have one\n", "\n# first_seen =\n",
	} {
		if !strings.Contains(sheet, want) {
			t.Errorf("the sheet lacks %q:\n%s", want, sheet)
		}
	}
	if strings.Contains(sheet, "\nid") || strings.Contains(sheet, "must have") {
		t.Errorf("the sheet has what is not the writer's:\n%s", sheet)
	}
	empty, err := Sheet("", []byte(`{"type":"indicator"}`))
	if err != nil || !strings.Contains(empty, "# must have a value\npattern =\npattern_type =\nvalid_from =\n") {
		t.Errorf("%v\n%s", err, empty)
	}
}

func TestASheetIsReadAsTheObjectItWasWrittenFrom(t *testing.T) {
	value := rapid.Deferred(func() *rapid.Generator[any] {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", " x", "true", "5", "1e400", quotes, "a\n" + quotes + "\nb", "# no", "x\n", "\n", "a\r\nb", "2026-01-01", "now"}))
		return rapid.OneOf(
			rapid.Map(text, func(s string) any { return s }),
			rapid.Map(rapid.IntRange(-5, 1e9), func(n int) any { return n }),
			rapid.Map(rapid.Bool(), func(b bool) any { return b }),
			rapid.Map(rapid.SliceOfN(text, 1, 3), func(l []string) any { return l }),
			rapid.Map(rapid.MapOfN(rapid.StringN(1, 5, -1), text, 1, 3), func(m map[string]string) any { return m }),
			rapid.Map(rapid.SliceOfN(rapid.MapOfN(rapid.StringN(1, 5, -1), text, 1, 2), 1, 2), func(l []map[string]string) any { return l }),
		)
	})
	names := []string{"name", "description", "aliases", "is_family", "confidence", "first_seen", "labels", "external_references", "x_example", "id"}
	rapid.Check(t, func(t *rapid.T) {
		o := rapid.MapOfN(rapid.SampledFrom(names), value, 0, 6).Draw(t, "object")
		o["type"] = rapid.SampledFrom([]string{"malware", "file", "x-example"}).Draw(t, "type")
		raw, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		if raw, err = stix.Canonical(nil, raw); err != nil {
			t.Skip("not what can be exchanged")
		}
		sheet, err := Sheet("x", raw)
		if err != nil {
			t.Fatal(err)
		}
		back, err := FromSheet(sheet, raw, time.Time{})
		if err != nil {
			t.Fatalf("%v\n%s\n%s", err, raw, sheet)
		}
		if !bytes.Equal(raw, back) {
			t.Fatalf("\n%s became\n%s by\n%s", raw, back, sheet)
		}
	})
}

func TestASheetsMistakesAreToldWithTheirLine(t *testing.T) {
	for text, want := range map[string]string{
		"# x\nname":             "line 2: \"name\" gives no value; write name = VALUE",
		"\n\nname = x\na b = c": "line 4: ",
		"text = \"\"\"\nx":      "line 1: the text that begins here is not closed",
		"labels := [":           "line 1: labels: what follows := is not JSON",
	} {
		if _, err := ReadSheet(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is answered %v, want %s", text, err, want)
		}
	}
}

func FuzzSheet(f *testing.F) {
	f.Add("name = x\n# c\ntext = \"\"\"\na\n\"\"\"\nlabels[] = y\nn := 5\n")
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = FromSheet(text, []byte(`{"type":"malware"}`), time.Time{})
	})
}
