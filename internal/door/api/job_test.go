package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"entente/client"
	"entente/internal/door/api"
	"entente/internal/practice/intake"
	"entente/internal/trust/audit"
)

// ended waits for the end of a job.
func (c *caller) ended(t testing.TB, j client.Job) client.Job {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); j.State == "running"; {
		if time.Now().After(deadline) {
			t.Fatalf("the job does not end: %+v", j)
		}
		c.do(t, http.MethodGet, "/jobs/"+j.ID, nil, &j)
	}
	return j
}

func TestImportByAJob(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	ana := n.account(t, client.NewAccount{Name: "ana"}, "feeds:rw")
	bo := n.account(t, client.NewAccount{Name: "bo"}, "feeds:r")
	body := campaign(1) + "\n" + campaign(2) + "\n" + `{"type":"campaign"}`
	var j client.Job
	resp := ana.do(t, http.MethodPost, "/collections/feeds/imports", []byte(body), &j)
	if resp.StatusCode != http.StatusAccepted || resp.Header.Get("Location") != "/api/v1/jobs/"+j.ID || j.Kind != "import" || j.On != "feeds" || j.By != "ana" {
		t.Errorf("%s, %+v", resp.Status, j)
	}
	j = ana.ended(t, j)
	var sum intake.Summary
	if err := json.Unmarshal(j.Result, &sum); err != nil || j.State != "done" || sum.New != 2 || sum.Refused != 1 || j.Ended.IsZero() {
		t.Errorf("%+v: %s, %v", j, j.Result, err)
	}
	// A job is there for who started it, and for admins.
	bo.refused(t, http.MethodGet, "/jobs/"+j.ID, nil, api.NotFound)
	bo.refused(t, http.MethodPost, "/jobs/"+j.ID+"/cancel", nil, api.NotFound)
	bo.refused(t, http.MethodPost, "/collections/feeds/imports", []byte(body), api.Forbidden)
	for c, want := range map[*caller]int{ana: 1, bo: 0, n.operator: 1} {
		var list client.List[client.Job]
		c.do(t, http.MethodGet, "/jobs", nil, &list)
		if len(list.Items) != want {
			t.Errorf("listed are %+v, want %d", list.Items, want)
		}
	}
	ana.do(t, http.MethodPost, "/jobs/"+j.ID+"/cancel", nil, &j)
	if j.State != "done" {
		t.Errorf("a job that has ended is %s after it was cancelled", j.State)
	}
}

func TestMaintenanceByJobs(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	n.operator.bring(t, "feeds", campaign(1))
	ana := n.account(t, client.NewAccount{Name: "ana", Role: "curator"})
	ana.refused(t, http.MethodPost, "/jobs", client.NewJob{Kind: "verify"}, api.Forbidden)
	n.operator.refused(t, http.MethodPost, "/jobs", client.NewJob{Kind: "rebuild", On: "nothing"}, api.NotFound)
	n.operator.refused(t, http.MethodPost, "/jobs", client.NewJob{Kind: "party"}, api.Invalid)
	for _, want := range []client.NewJob{{Kind: "verify"}, {Kind: "rebuild", On: "markings"}} {
		var j client.Job
		n.operator.do(t, http.MethodPost, "/jobs", want, &j)
		if j = n.operator.ended(t, j); j.State != "done" {
			t.Errorf("%+v, %+v", j, j.Error)
		}
		if want.Kind == "verify" && string(j.Result) != `{"problems":[],"count":0}` {
			t.Errorf("the verification came to %s", j.Result)
		}
	}
	var acts []string
	for a, err := range audit.Acts(n.store) {
		if err != nil {
			t.Fatal(err)
		}
		acts = append(acts, a.Who+" "+a.What+" "+a.On)
	}
	if !slices.Contains(acts, "operator follower rebuild markings") {
		t.Errorf("the audit has %q", acts)
	}
}

// An account that is opened under a name that was another's has none of what
// was kept for that one.
func TestANameGivenAnewInheritsNothing(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	hub := n.account(t, client.NewAccount{Name: "hub", Role: "admin"}, "feeds:rw")
	var j client.Job
	hub.do(t, http.MethodPost, "/collections/feeds/imports", []byte(campaign(1)), &j)
	hub.ended(t, j)
	hub.with("Idempotency-Key", "k").do(t, http.MethodPost, "/orgs", client.NewOrg{Name: "Water ISAC"}, nil)
	hub.do(t, http.MethodPost, "/watches", api.NewWatch{Name: "vpn", Values: []string{"192.0.2.1"}}, nil)
	n.operator.do(t, http.MethodDelete, "/accounts/hub", nil, nil)
	hub = n.account(t, client.NewAccount{Name: "hub"}, "feeds:rw")
	hub.refused(t, http.MethodGet, "/jobs/"+j.ID, nil, api.NotFound)
	var list client.List[client.Job]
	if hub.do(t, http.MethodGet, "/jobs", nil, &list); len(list.Items) != 0 {
		t.Errorf("listed are %+v", list.Items)
	}
	hub.with("Idempotency-Key", "k").refused(t, http.MethodPost, "/orgs", client.NewOrg{Name: "Water ISAC"}, api.Forbidden)
	hub.refused(t, http.MethodGet, "/watches/vpn", nil, api.NotFound)
}

// A body that is cut starts no job.
func TestCutUploadStartsNothing(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, n.local.URL+"/api/v1/collections/feeds/imports",
		io.MultiReader(strings.NewReader(campaign(1)), brokenReader{}))
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := http.DefaultClient.Do(req); err == nil {
		resp.Body.Close()
		t.Errorf("it is answered %s", resp.Status)
	}
	var list client.List[client.Job]
	n.operator.do(t, http.MethodGet, "/jobs", nil, &list)
	if len(list.Items) != 0 {
		t.Errorf("jobs are %+v", list.Items)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }
