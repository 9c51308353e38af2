package author_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"entente/internal/exchange"
	"entente/internal/practice/author"
	"entente/internal/trust/handling"
	"entente/stix"
)

// marked brings one of the own member's tools in, TLP:GREEN, parts of which are marked
// TLP:AMBER.
func (o *office) marked(more string, selectors ...string) (id string) {
	o.t.Helper()
	id = stix.NewID("tool")
	o.publish("default", fmt.Sprintf(`{"type":"tool","spec_version":"2.1","id":%q,"created_by_ref":%q,"created":%q,"modified":%q,"name":"x",%s,"object_marking_refs":[%q],"granular_markings":[{"marking_ref":%q,"selectors":["%s"]}]}`,
		id, ownID, theirsAt, theirsAt, more, handling.Green.Definition(), handling.Amber.Definition(), strings.Join(selectors, `","`)))
	return id
}

const threeAliases = `"aliases":["one","secret","three"]`

// selectors are those of the one marking that an object's parts have.
func selectors(t *testing.T, raw []byte) string {
	t.Helper()
	marks := property(t, raw, "granular_markings")
	if marks == "" {
		return ""
	}
	var list []struct {
		Selectors []string `json:"selectors"`
	}
	if err := json.Unmarshal([]byte(marks), &list); err != nil || len(list) != 1 {
		t.Fatalf("the markings are %s", marks)
	}
	return strings.Join(list[0].Selectors, " ")
}

func TestAMarkingFollowsWhatItIsOn(t *testing.T) {
	const refs = `"external_references":[{"source_name":"a","url":"https://a.example/"},{"source_name":"b","url":"https://secret.example/"}]`
	for name, c := range map[string]struct {
		more, on string
		edit     author.Edit
		want     string // selectors
		told     string
	}{
		"an element before it is taken away": {threeAliases, "aliases.[1]", author.Edit{Unset: []string{"aliases[0]"}}, "aliases.[0]", "the marking of aliases.[1] is on aliases.[0] now"},
		"one behind it":                      {threeAliases, "aliases.[1]", author.Edit{Unset: []string{"aliases[2]"}}, "aliases.[1]", ""},
		"itself":                             {threeAliases, "aliases.[1]", author.Edit{Unset: []string{"aliases[1]"}}, "", "aliases.[1] is gone, and its marking with it"},
		"itself, and all of the list":        {`"aliases":["secret"]`, "aliases.[0]", author.Edit{Unset: []string{"aliases[0]"}}, "", ""},
		"two before it":                      {`"aliases":["a","b","secret"]`, "aliases.[2]", author.Edit{Unset: []string{"aliases[0]", "aliases[0]"}}, "aliases.[0]", ""},
		"all inside one before it":           {refs, "external_references.[1].url", author.Edit{Unset: []string{"external_references[0].url", "external_references[0].source_name"}}, "external_references.[0].url", ""},
		"its property":                       {`"description":"secret"`, "description", author.Edit{Unset: []string{"description"}}, "", ""},
		"its property, for another":          {`"description":"secret"`, "description", author.Edit{Unset: []string{"description"}, Set: []string{"description=other"}}, "description", ""},
		"it is said otherwise":               {threeAliases, "aliases.[1]", author.Edit{Set: []string{"aliases[1]=public"}}, "aliases.[1]", ""},
		"another is said otherwise":          {threeAliases, "aliases.[1]", author.Edit{Set: []string{"aliases[0]=public"}}, "aliases.[1]", ""},
		"several are":                        {threeAliases, "aliases.[1]", author.Edit{Set: []string{"aliases[0]=a", "aliases[1]=b", "aliases[2]=c"}}, "aliases.[1]", ""},
		"one is added":                       {threeAliases, "aliases.[1]", author.Edit{Set: []string{"aliases[]=four"}}, "aliases.[1]", ""},
		"one goes and one is added":          {threeAliases, "aliases.[1]", author.Edit{Unset: []string{"aliases[1]"}, Set: []string{"aliases[]=four"}}, "", ""},
		"the list is set in another order":   {threeAliases, "aliases.[1]", author.Edit{Set: []string{`aliases:=["secret","three","one"]`}}, "aliases.[0]", ""},
		"a patch puts one before it":         {threeAliases, "aliases.[1]", author.Edit{Patch: []byte(`{"aliases":["new","one","secret","three"]}`)}, "aliases.[2]", ""},
		"a patch leaves it out":              {threeAliases, "aliases.[1]", author.Edit{Patch: []byte(`{"aliases":["three","one"]}`)}, "", "is gone"},
		"a patch has it twice":               {threeAliases, "aliases.[1]", author.Edit{Patch: []byte(`{"aliases":["secret","secret"]}`)}, "aliases.[0] aliases.[1]", ""},
		"it may be any of the new ones":      {threeAliases, "aliases.[1]", author.Edit{Patch: []byte(`{"aliases":["secrets","three","four"]}`)}, "aliases.[0] aliases.[2]", "the marking of aliases.[1] is on aliases.[0], aliases.[2] now"},
		"it can only be the new one":         {refs, "external_references.[1].url", author.Edit{Patch: []byte(`{"external_references":[{"source_name":"b","url":"https://secrets.example/"},{"source_name":"a","url":"https://a.example/"}]}`)}, "external_references.[0].url", ""},
		"the list is one no more":            {`"x_list":["one","secret"]`, "x_list.[1]", author.Edit{Patch: []byte(`{"x_list":"secret"}`)}, "x_list", ""},
		"in a list in a list":                {`"x_list":[{"in":["a","secret"]},{"in":["b"]}]`, "x_list.[0].in.[1]", author.Edit{Patch: []byte(`{"x_list":[{"in":["b"]},{"in":["secret","a","c"]}]}`)}, "x_list.[1].in.[0]", ""},
		"its place is said, too":             {threeAliases, "aliases.[1]", author.Edit{Patch: []byte(`{"aliases":["secret","three"],"granular_markings":[{"marking_ref":"` + handling.Amber.Definition() + `","selectors":["aliases.[0]"]}]}`)}, "aliases.[0]", ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t)
			w := o.edit(o.marked(c.more, c.on), c.edit)
			if got := selectors(t, w.Object); got != c.want {
				t.Errorf("marked is %q, want %q: %s", got, c.want, w.Object)
			}
			if !strings.Contains(strings.Join(w.Told, "\n"), c.told) {
				t.Errorf("told is %q, want %q", w.Told, c.told)
			}
		})
	}
}

// An editor and --file give all of an object, its markings as they were.
func TestAMarkingFollowsInAWholeObject(t *testing.T) {
	o := open(t)
	id := o.marked(threeAliases, "aliases.[1]")
	whole := strings.Replace(o.latest("default", id), `["one","secret","three"]`, `["secret","one","three"]`, 1)
	sheet, err := author.Sheet("", []byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := author.FromSheet(sheet, []byte(whole), o.now)
	if err != nil {
		t.Fatal(err)
	}
	w := o.edit(id, author.Edit{Object: raw})
	if got := selectors(t, w.Object); got != "aliases.[0]" || property(t, w.Object, "aliases") != `["secret","one","three"]` {
		t.Errorf("marked is %q: %s", got, w.Object)
	}
	// Said once more, it is as it is said.
	back := strings.Replace(string(w.Object), "aliases.[0]", "aliases.[2]", 1)
	if got := selectors(t, o.edit(id, author.Edit{Object: []byte(back)}).Object); got != "aliases.[2]" {
		t.Errorf("marked is %q", got)
	}
}

// As many marked elements as fit are followed in about the time that any edit of such
// an object takes; what would take longer is refused.
func TestManyMarkedElementsAreFollowedAtOnce(t *testing.T) {
	o := open(t)
	const elements = 20_000
	list, on := make([]string, elements), make([]string, elements)
	for i := range elements {
		list[i], on[i] = fmt.Sprintf(`"a%d"`, i), fmt.Sprintf("aliases.[%d]", i)
	}
	id := o.marked(`"aliases":[`+strings.Join(list, ",")+`]`, on...)
	begun := time.Now()
	o.edit(id, author.Edit{Set: []string{"name=y"}})
	still := time.Since(begun)
	slices.Reverse(list)
	begun = time.Now()
	w := o.edit(id, author.Edit{Patch: []byte(`{"aliases":[` + strings.Join(list[:elements-1], ",") + `]}`)})
	if moved := time.Since(begun); moved > 4*still {
		t.Errorf("it takes %v, and %v when the elements move", still, moved)
	}
	if n := strings.Count(selectors(t, w.Object), "aliases"); n != elements-1 || len(w.Told) != 6 {
		t.Errorf("%d are marked; told is %q", n, w.Told)
	}
	_, err := o.desk.Edit(t.Context(), o.ana, id, author.Edit{Unset: slices.Repeat([]string{"aliases[0]"}, 1001)})
	o.refused(err, exchange.ErrInvalid, "1001 paths", "1000")
	all := `{"aliases":[` + strings.TrimSuffix(strings.Repeat(`"a1",`, elements), ",") + `]}`
	o.edit(id, author.Edit{Patch: []byte(all)})
	_, err = o.desk.Edit(t.Context(), o.ana, id, author.Edit{Patch: []byte(`{"aliases":["b1","b2","b3","b4","b5","b6"]}`)})
	o.refused(err, exchange.ErrInvalid, "in granular_markings, in the same edit")
}

// What is marked goes out in no tear-line, whatever else is left out of its list.
func TestATearLineLeavesOutWhatMoved(t *testing.T) {
	o := open(t)
	for name, c := range map[string]struct {
		ask  author.TearLine
		want string
	}{
		"one before it":         {author.TearLine{Unset: []string{"aliases[0]"}}, `["three"]`},
		"one behind it":         {author.TearLine{Unset: []string{"aliases[2]"}}, `["one"]`},
		"both":                  {author.TearLine{Unset: []string{"aliases[0]", "aliases[1]"}}, ``},
		"another in its place":  {author.TearLine{Set: []string{"aliases[1]=public"}}, `["one","public","three"]`},
		"another in one's":      {author.TearLine{Unset: []string{"aliases[0]"}, Set: []string{"aliases[1]=public"}}, `["public"]`},
		"one more":              {author.TearLine{Set: []string{"aliases[]=public"}}, `["one","three","public"]`},
		"one of those kept":     {author.TearLine{Keep: []string{"name", "aliases"}, Unset: []string{"aliases[0]"}}, `["three"]`},
		"all that is kept goes": {author.TearLine{Keep: []string{"name"}}, ``},
	} {
		w, err := o.desk.TearLine(t.Context(), o.ana, o.marked(threeAliases, "aliases.[1]"), c.ask)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := property(t, w.Object, "aliases"); got != c.want || property(t, w.Object, "granular_markings") != "" {
			t.Errorf("%s: the aliases are %s, want %s", name, got, c.want)
		}
	}
}

func TestALabelThatGoesLeavesTheMarkingOfTheNext(t *testing.T) {
	o := open(t)
	id := o.marked(`"labels":["one","secret","three"]`, "labels.[1]")
	if tagged, err := o.desk.Tag(t.Context(), o.ana, author.Tagging{IDs: []string{id}, Remove: []string{"one"}, Add: []string{"four"}, Apply: true}); err != nil || tagged.Changing != 1 {
		t.Fatal(tagged, err)
	}
	if got := o.latest("default", id); selectors(t, []byte(got)) != "labels.[0]" || property(t, []byte(got), "labels") != `["secret","three","four"]` {
		t.Errorf("it is %s", got)
	}
}

func TestADraftKeepsItsMarkings(t *testing.T) {
	o := open(t)
	draft, err := o.desk.AddDraft(t.Context(), o.ana, author.NewObject{Type: "tool", Set: []string{"name=x", `aliases:=["one","secret"]`,
		`granular_markings:=[{"marking_ref":"` + handling.Red.Definition() + `","selectors":["aliases.[1]"]}]`}})
	if err != nil {
		t.Fatal(err)
	}
	if draft, err = o.desk.EditDraft(t.Context(), o.ana, draft.ID, draft.Changed, author.Edit{Unset: []string{"aliases[0]"}}); err != nil {
		t.Fatal(err)
	}
	if got := selectors(t, draft.Wanted.Properties); got != "aliases.[0]" || len(draft.Problems) > 0 {
		t.Errorf("marked is %q: %s %v", got, draft.Wanted.Properties, draft.Problems)
	}
}

// One side's markings of parts are about the other's list only as it was.
func TestNoMergeOfAListAndMarkingsOfItsElements(t *testing.T) {
	o := open(t)
	id := o.marked(threeAliases+`,"description":"secret"`, "description")
	o.edit(id, author.Edit{Set: []string{"granular_markings[0].selectors[]=aliases.[1]"}})
	_, err := o.desk.Edit(t.Context(), o.ana, id, author.Edit{Base: theirsAt, Merge: true, Unset: []string{"aliases[0]"}})
	o.refused(err, exchange.ErrStale, "Look at what is there now")
	w := o.edit(id, author.Edit{Base: theirsAt, Merge: true, Set: []string{"name=y"}})
	if got := selectors(t, w.Object); got != "description aliases.[1]" {
		t.Errorf("marked is %q", got)
	}
}

func TestASelectorIsNotCountedInAnEditThatMovesIt(t *testing.T) {
	o := open(t)
	id := o.marked(threeAliases, "aliases.[1]", "aliases.[2]")
	_, err := o.desk.Edit(t.Context(), o.ana, id, author.Edit{Unset: []string{"aliases[1]"}, Set: []string{"granular_markings[0].selectors[0]=name"}})
	o.refused(err, exchange.ErrInvalid, "granular_markings[0].selectors[0]", "one after the other")
	all := `granular_markings:=[{"marking_ref":"` + handling.Amber.Definition() + `","selectors":["aliases.[0]"]}]`
	if got := selectors(t, o.edit(id, author.Edit{Set: []string{all, `aliases:=["secret","one"]`}}).Object); got != "aliases.[0]" {
		t.Errorf("marked is %q", got)
	}
}

// Whatever is done to a list, what was marked in it and is still there is marked, and
// a tear-line does not hold it.
func TestNothingMarkedLosesItsMarkingByAnEdit(t *testing.T) {
	o := open(t)
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(2, 6).Draw(rt, "elements")
		var list, on []string
		shown, secret := map[string]bool{}, map[string]bool{}
		for i := range n {
			v := fmt.Sprintf("alias-%d", rapid.IntRange(0, 9).Draw(rt, "value"))
			if i == 0 || rapid.Bool().Draw(rt, "marked") {
				on, secret[v] = append(on, fmt.Sprintf("aliases.[%d]", i)), true
			} else {
				shown[v] = true
			}
			list = append(list, v)
		}
		maps.DeleteFunc(secret, func(v string, _ bool) bool { return shown[v] }) // it is no secret
		raw, _ := json.Marshal(list)
		id := o.marked(`"aliases":`+string(raw), on...)
		var unset, set []string
		var patch []byte
		if rapid.Bool().Draw(rt, "patched") {
			other := rapid.Permutation(list).Draw(rt, "order")[:rapid.IntRange(1, n).Draw(rt, "left")]
			n = len(other)
			raw, _ := json.Marshal(other)
			patch = []byte(`{"aliases":` + string(raw) + `}`)
		}
		for n > 1 && rapid.Bool().Draw(rt, "one more goes") {
			unset = append(unset, fmt.Sprintf("aliases[%d]", rapid.IntRange(0, n-1).Draw(rt, "place")))
			n--
		}
		if rapid.Bool().Draw(rt, "one is said") {
			set = append(set, fmt.Sprintf("aliases[%d]=said", rapid.IntRange(0, n).Draw(rt, "where")))
		}
		if patch == nil {
			w, err := o.desk.TearLine(t.Context(), o.ana, id, author.TearLine{Unset: unset, Set: set})
			if err != nil {
				rt.Fatal(err)
			}
			for v := range secret {
				if strings.Contains(string(w.Object), v) {
					rt.Fatalf("the tear-line has %s: %s", v, w.Object)
				}
			}
		}
		w := o.edit(id, author.Edit{Patch: patch, Unset: unset, Set: set})
		var is []string
		if err := json.Unmarshal([]byte(property(t, w.Object, "aliases")), &is); err != nil {
			rt.Fatal(err)
		}
		marked := strings.Fields(selectors(t, w.Object))
		for i, v := range is {
			if secret[v] && !slices.Contains(marked, fmt.Sprintf("aliases.[%d]", i)) {
				rt.Fatalf("%s is not marked any more: %s", v, w.Object)
			}
		}
	})
}
