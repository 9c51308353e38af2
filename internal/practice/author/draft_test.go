package author_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/practice/author"
)

func TestDraftsAreTheirAccountsUntilTheyArePublished(t *testing.T) {
	o := open(t)
	d, err := o.desk.AddDraft(t.Context(), o.ana, author.NewObject{Type: "indicator", Set: []string{"name=Half done"}})
	if err != nil {
		t.Fatal(err)
	}
	if d.ID != "1" || d.Name != "Half done" || len(d.Problems) != 1 || !strings.Contains(d.Problems[0], "pattern is missing") {
		t.Errorf("the draft is %+v", d)
	}
	if list, err := o.desk.Drafts(o.cy); err != nil || len(list) != 0 {
		t.Errorf("another account has %v, %v", list, err)
	}
	_, err = o.desk.Draft(o.cy, "1")
	o.refused(err, exchange.ErrNotFound)
	_, err = o.desk.PublishDraft(t.Context(), o.ana, "1")
	o.refused(err, exchange.ErrInvalid, "pattern is missing")

	changed, err := o.desk.EditDraft(t.Context(), o.ana, "1", d.Changed, author.Edit{Set: []string{"pattern=[url:value = 'http://evil.example/']"}})
	if err != nil || len(changed.Problems) != 0 || !changed.Changed.After(d.Changed) {
		t.Fatalf("%v %+v", err, changed)
	}
	_, err = o.desk.EditDraft(t.Context(), o.ana, "1", d.Changed, author.Edit{Set: []string{"name=x"}})
	o.refused(err, exchange.ErrStale, "draft 1 was changed")

	if second, err := o.desk.AddDraft(t.Context(), o.ana, author.NewObject{Type: "tool", Set: []string{"name=x"}}); err != nil || second.ID != "2" {
		t.Errorf("the second draft is %+v, %v", second, err)
	}
	w, err := o.desk.PublishDraft(t.Context(), o.ana, "1")
	if err != nil || w.Name != "Half done" || len(o.versions("default", w.ID)) != 1 {
		t.Fatalf("%v %+v", err, w)
	}
	list, err := o.desk.Drafts(o.ana)
	if err != nil || len(list) != 1 || list[0].ID != "2" {
		t.Errorf("the drafts are %+v, %v", list, err)
	}
	if err := o.desk.DropDraft(t.Context(), o.ana, "2"); err != nil {
		t.Error(err)
	}
	o.refused(o.desk.DropDraft(t.Context(), o.ana, "2"), exchange.ErrNotFound, "draft list")
}

func TestANameGivenAnewInheritsNoDrafts(t *testing.T) {
	o := open(t)
	if _, err := o.desk.AddDraft(t.Context(), o.ana, author.NewObject{Type: "tool", Set: []string{"name=x"}}); err != nil {
		t.Fatal(err)
	}
	next := o.ana
	next.ID = "ana-2"
	if list, err := o.desk.Drafts(next); err != nil || len(list) != 0 {
		t.Errorf("who has the name next has %v, %v", list, err)
	}
	o.refused(o.desk.DropDraft(t.Context(), next, "1"), exchange.ErrNotFound)

	partner := o.ana
	partner.Own, partner.Org = false, "Brookwater"
	_, err := o.desk.Drafts(partner)
	o.refused(err, exchange.ErrForbidden)
	_, err = o.desk.Draft(partner, "1")
	o.refused(err, exchange.ErrForbidden)
	_, err = o.desk.EditDraft(t.Context(), partner, "1", time.Time{}, author.Edit{Set: []string{"name=y"}})
	o.refused(err, exchange.ErrForbidden)
	o.refused(o.desk.DropDraft(t.Context(), partner, "1"), exchange.ErrForbidden)
}

func TestADraftThatChangesWhileItIsPublishedStays(t *testing.T) {
	o := open(t)
	d, err := o.desk.AddDraft(t.Context(), o.ana, author.NewObject{Type: "tool", Set: []string{"name=x"}})
	if err != nil {
		t.Fatal(err)
	}
	// The desk asks for the time after it has read the draft.
	desk := author.New(o.x, author.Member{Name: ownName, ID: ownID, Since: o.now}, func() time.Time {
		if d.Name == "x" {
			d.Name = "y"
			if _, err := o.desk.EditDraft(t.Context(), o.ana, d.ID, d.Changed, author.Edit{Set: []string{"name=y"}}); err != nil {
				t.Error(err)
			}
		}
		return o.now
	})
	if _, err := desk.PublishDraft(t.Context(), o.ana, d.ID); err != nil {
		t.Fatal(err)
	}
	if kept, err := o.desk.Draft(o.ana, d.ID); err != nil || kept.Name != "y" {
		t.Errorf("the draft is %+v, %v", kept, err)
	}
}

// Writers at once neither lose each other's changes nor make the count wrong: an
// edit without a base is made again on what it finds.
func TestEditsOfADraftAtOnceAllHold(t *testing.T) {
	o := open(t)
	d, err := o.desk.AddDraft(t.Context(), o.ana, author.NewObject{Type: "tool", Set: []string{"name=x"}})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			set := fmt.Sprintf("x_part_%d=here", i)
			if _, err := o.desk.EditDraft(t.Context(), o.ana, d.ID, time.Time{}, author.Edit{Set: []string{set}}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	d, err = o.desk.Draft(o.ana, d.ID)
	if err != nil || strings.Count(string(d.Wanted.Properties), "x_part_") != 8 {
		t.Errorf("the draft is %s (%v)", d.Wanted.Properties, err)
	}
}

func TestAnAccountsDraftsAreBounded(t *testing.T) {
	o := open(t)
	big := "description=" + strings.Repeat("x", 1<<20-1000)
	add := func(set string) (author.Draft, error) {
		return o.desk.AddDraft(t.Context(), o.ana, author.NewObject{Type: "tool", Set: []string{"name=x", set}})
	}
	for i := range 15 {
		if _, err := add(big); err != nil {
			t.Fatalf("draft %d: %v", i+1, err)
		}
	}
	small, err := add("confidence=1")
	if err != nil || small.ID != "16" {
		t.Fatalf("the small one is %s (%v)", small.ID, err)
	}
	if _, err := add(big); err != nil {
		t.Fatal(err)
	}
	_, err = add(big)
	o.refused(err, exchange.ErrInvalid, "your drafts would have", "16777216 are allowed")
	_, err = o.desk.EditDraft(t.Context(), o.ana, small.ID, time.Time{}, author.Edit{Set: []string{big}})
	o.refused(err, exchange.ErrInvalid, "your drafts would have")
	if _, err := o.desk.EditDraft(t.Context(), o.ana, "1", time.Time{}, author.Edit{Set: []string{"description=short"}}); err != nil {
		t.Fatal(err)
	}
	if err := o.desk.DropDraft(t.Context(), o.ana, "17"); err != nil {
		t.Fatal(err)
	}
	if again, err := add(big); err != nil || again.ID != "18" {
		t.Errorf("once there is room the draft is %s (%v), want 18: no number comes twice", again.ID, err)
	}
}

func TestAnAccountHasAThousandDrafts(t *testing.T) {
	o := open(t)
	for range 1000 {
		if _, err := o.desk.AddDraft(t.Context(), o.ana, author.NewObject{Type: "tool", Set: []string{"name=x"}}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := o.desk.AddDraft(t.Context(), o.ana, author.NewObject{Type: "tool", Set: []string{"name=x"}})
	o.refused(err, exchange.ErrInvalid, "you have 1000 drafts")
	if err := o.desk.DropDraft(t.Context(), o.ana, "1000"); err != nil {
		t.Fatal(err)
	}
	if d, err := o.desk.AddDraft(t.Context(), o.ana, author.NewObject{Type: "tool", Set: []string{"name=x"}}); err != nil || d.ID != "1001" {
		t.Errorf("the draft after one was dropped is %s (%v)", d.ID, err)
	}
}
