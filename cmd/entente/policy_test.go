package main

import (
	"fmt"
	"testing"
)

func TestExpectationsAreATable(t *testing.T) {
	got, err := parseExpectations("# ours\n\n| reader | class | answer |\n|---|:--|---|\n| hub | tlp:amber | no |\nWater ISAC | tlp:red to:person:a@b|person:c@d | yes\n")
	if err != nil {
		t.Fatal(err)
	}
	if s := fmt.Sprint(got); s != "[{5 {hub tlp:amber} false} {6 {Water ISAC tlp:red to:person:a@b|person:c@d} true}]" {
		t.Error(s)
	}
	for _, text := range []string{"", "# nothing\n", "hub tlp:amber no\n", "hub | tlp:amber | maybe\n", "| | tlp:amber | no |\n"} {
		if got, err := parseExpectations(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

func FuzzParseExpectations(f *testing.F) {
	f.Add("| reader | class | answer |\n|---|---|---|\n| hub | tlp:amber | no |\n")
	f.Add("a | tlp:red to:org:x|org:y | yes")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := parseExpectations(text)
		if err != nil {
			return
		}
		for _, e := range all {
			again, err := parseExpectations(fmt.Sprintf("%s | %s | no", e.As, e.Class))
			if err == nil && len(again) == 1 && again[0].PolicyCase != e.PolicyCase {
				t.Fatalf("%+v is read as %+v", e, again[0])
			}
		}
	})
}
