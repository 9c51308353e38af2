package stix_test

import (
	"slices"
	"testing"

	"entente/stix"
)

func TestPropertiesAreThoseOfTheSpecification(t *testing.T) {
	required := func(typ string) (names []string) {
		for _, p := range stix.Properties(typ) {
			if p.Required && !p.Common {
				names = append(names, p.Name)
			}
		}
		return names
	}
	if got := required("indicator"); !slices.Equal(got, []string{"pattern", "pattern_type", "valid_from"}) {
		t.Errorf("an indicator must have %v", got)
	}
	if stix.Properties("bundle") != nil || stix.Properties("x-else") != nil {
		t.Error("what is no object of the specification has properties")
	}
	for _, typ := range stix.Types() {
		if len(stix.Properties(typ)) == 0 {
			t.Errorf("%s has no properties", typ)
		}
	}
	if !stix.IsObservable("file") || stix.IsObservable("indicator") || stix.IsObservable("x-else") {
		t.Error("observables are not told from other objects")
	}
}

func TestDerivedIDsAreTheSameForTheSameParts(t *testing.T) {
	const ana, bo = "identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", "identity--9e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
	id := func(typ, space, name string) string {
		id, err := stix.DerivedID(typ, space, name)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	same := id("note", ana, "one")
	if same != id("note", ana, "one") || same == id("note", bo, "one") || same == id("note", ana, "two") {
		t.Error("identifiers do not follow from their parts")
	}
	if _, err := stix.DerivedID("note", "ana", "one"); err == nil {
		t.Error("what is no identifier is taken for a name space")
	}
}
