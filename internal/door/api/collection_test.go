package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"entente/client"
	"entente/internal/door/api"
)

func TestCollections(t *testing.T) {
	n := open(t)
	made := n.collection(t, "feeds")
	if made.ID == "" || made.Title != "feeds" || made.Marking != "amber" || !made.CanRead || !made.CanWrite {
		t.Errorf("made %+v", made)
	}
	var got client.Collection
	for _, name := range []string{"feeds", made.ID} {
		if n.operator.do(t, http.MethodGet, "/collections/"+name, nil, &got); got != made {
			t.Errorf("%s is %+v, want %+v", name, got, made)
		}
	}
	// What it holds goes with it only for who says how much that is.
	n.operator.bring(t, "feeds", `{"type":"campaign","spec_version":"2.1","id":"campaign--00000000-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":"x"}`)
	n.operator.refused(t, http.MethodDelete, "/collections/feeds", nil, api.HoldsMore)
	n.operator.refused(t, http.MethodDelete, "/collections/feeds?objects=0", nil, api.HoldsMore)
	n.operator.refused(t, http.MethodDelete, "/collections/feeds?objects=-1", nil, api.Invalid)
	if n.operator.do(t, http.MethodGet, "/collections/feeds", nil, &got); got.Objects != 1 {
		t.Errorf("it holds %d", got.Objects)
	}
	resp := n.operator.do(t, http.MethodDelete, "/collections/feeds?objects=1", nil, nil)
	if resp.StatusCode != http.StatusNoContent {
		t.Errorf("the removal is answered %s", resp.Status)
	}
	n.operator.refused(t, http.MethodGet, "/collections/feeds", nil, api.NotFound)
}

// A collection without a grant is not there; acts on one that is take an admin.
func TestCollectionsOfAnAccount(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	n.collection(t, "secret")
	ana := n.account(t, client.NewAccount{Name: "ana"}, "feeds:w")
	cy := n.account(t, client.NewAccount{Name: "cy", Role: "curator"})
	var list client.List[client.Collection]
	ana.do(t, http.MethodGet, "/collections", nil, &list)
	if len(list.Items) != 1 || list.Items[0].Alias != "feeds" || list.Items[0].CanRead || !list.Items[0].CanWrite {
		t.Errorf("ana has %+v", list.Items)
	}
	for _, path := range []string{"/collections/secret", "/collections/secret/conflicts"} {
		ana.refused(t, http.MethodGet, path, nil, api.NotFound)
	}
	ana.refused(t, http.MethodDelete, "/collections/secret", nil, api.NotFound)
	ana.refused(t, http.MethodGet, "/collections/feeds/conflicts", nil, api.Forbidden)
	for _, c := range []*caller{ana, cy} {
		c.refused(t, http.MethodDelete, "/collections/feeds", nil, api.Forbidden)
		c.refused(t, http.MethodPost, "/collections", client.NewCollection{Alias: "more"}, api.Forbidden)
	}
	cy.do(t, http.MethodGet, "/collections/secret/conflicts", nil, nil)
}

// A limit beside what one sees tells how much one does not see.
func TestLimitsAreShownToAdminsAlone(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	n.operator.do(t, http.MethodPatch, "/collections/feeds", map[string]any{"keep": "90d", "max_objects": 5, "max_bytes": 6, "source_quota": 7}, nil)
	admin := n.account(t, client.NewAccount{Name: "ada", Role: "admin"})
	for _, c := range []*caller{n.account(t, client.NewAccount{Name: "ana"}, "feeds:rw"), n.account(t, client.NewAccount{Name: "cy", Role: "curator"}), n.operator, admin} {
		want := client.Collection{}
		if c == n.operator || c == admin {
			want = client.Collection{Keep: "90d", MaxObjects: 5, MaxBytes: 6, SourceQuota: 7}
		}
		var one client.Collection
		var list client.List[client.Collection]
		c.do(t, http.MethodGet, "/collections/feeds", nil, &one)
		c.do(t, http.MethodGet, "/collections", nil, &list)
		for _, got := range append(list.Items, one) {
			if (client.Collection{Keep: got.Keep, MaxObjects: got.MaxObjects, MaxBytes: got.MaxBytes, SourceQuota: got.SourceQuota}) != want {
				t.Errorf("shown %+v, want the limits %+v", got, want)
			}
		}
	}
}

func TestListsArePages(t *testing.T) {
	n := open(t)
	for i := range 7 {
		n.collection(t, fmt.Sprintf("c%d", i))
	}
	var got []string
	path := "/collections?limit=3"
	for range 3 {
		var page client.List[client.Collection]
		n.operator.do(t, http.MethodGet, path, nil, &page)
		for _, c := range page.Items {
			got = append(got, c.Alias)
		}
		if page.Next == "" {
			break
		}
		path = "/collections?limit=3&next=" + page.Next
		n.operator.do(t, http.MethodDelete, "/collections/"+page.Items[0].Alias, nil, nil) // shifts nothing
	}
	if fmt.Sprint(got) != "[c0 c1 c2 c3 c4 c5 c6]" {
		t.Errorf("the pages hold %v", got)
	}
}
