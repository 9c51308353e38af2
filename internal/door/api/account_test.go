package api_test

import (
	"net/http"
	"testing"
	"time"

	"entente/client"
	"entente/internal/door/api"
)

func TestAccounts(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	admin := n.account(t, client.NewAccount{Name: "ada", Role: "admin"})
	var org client.Org
	admin.do(t, http.MethodPost, "/orgs", client.NewOrg{Name: "Water ISAC"}, &org)
	var hub client.Account
	resp := admin.do(t, http.MethodPost, "/accounts", client.NewAccount{Name: "hub", Org: "Water ISAC", ExpiresIn: 3600,
		Grants: []client.Grant{{Collection: "feeds", Access: "r"}}}, &hub)
	if resp.StatusCode != http.StatusCreated || resp.Header.Get("Location") != "/api/v1/accounts/hub" || hub.Token == "" ||
		hub.Own || hub.Expires.Sub(hub.Created) != time.Hour || len(hub.Grants) != 1 || hub.Grants[0].Alias != "feeds" {
		t.Errorf("%s: %+v at %q", resp.Status, hub, resp.Header.Get("Location"))
	}
	reader := n.stranger.with("Authorization", "Bearer "+hub.Token)
	reader.do(t, http.MethodGet, "/collections/feeds", nil, nil)

	var got client.Account
	admin.do(t, http.MethodGet, "/accounts/hub", nil, &got)
	if got.Token != "" || got.State != "active" {
		t.Errorf("hub is %+v", got)
	}
	admin.do(t, http.MethodPost, "/accounts/hub/revoke", nil, nil)
	admin.do(t, http.MethodGet, "/accounts/hub", nil, &got)
	if got.State != "revoked" {
		t.Errorf("after the revocation hub is %s", got.State)
	}
	reader.refused(t, http.MethodGet, "/me", nil, api.Unauthorized)
	admin.do(t, http.MethodDelete, "/accounts/hub", nil, nil)
	admin.refused(t, http.MethodGet, "/accounts/hub", nil, api.NotFound)

	var orgs client.List[client.Org]
	admin.do(t, http.MethodGet, "/orgs?limit=1", nil, &orgs)
	if len(orgs.Items) != 1 || !orgs.Items[0].Own || orgs.Next == "" {
		t.Errorf("the first of the organisations: %+v", orgs)
	}
	admin.do(t, http.MethodGet, "/orgs?next="+orgs.Next, nil, &orgs)
	if len(orgs.Items) != 1 || orgs.Items[0].Name != "Water ISAC" {
		t.Errorf("the others: %+v", orgs)
	}
}

// Who else has an account is for admins alone, curators included.
func TestOnlyAdminsAdminister(t *testing.T) {
	n := open(t)
	for _, role := range []string{"contributor", "curator"} {
		c := n.account(t, client.NewAccount{Name: role, Role: role})
		for _, ask := range []struct {
			method, path string
			in           any
		}{
			{"GET", "/accounts", nil}, {"GET", "/accounts/curator", nil}, {"GET", "/accounts/nobody", nil}, {"GET", "/orgs", nil},
			{"POST", "/accounts", client.NewAccount{Name: "more"}}, {"POST", "/orgs", client.NewOrg{Name: "More"}},
			{"POST", "/accounts/nobody/revoke", nil}, {"DELETE", "/accounts/contributor", nil},
		} {
			c.refused(t, ask.method, ask.path, ask.in, api.Forbidden)
		}
	}
}

func TestAccountsThatAreNotOpened(t *testing.T) {
	n := open(t)
	for _, c := range []struct {
		want client.NewAccount
		code api.Code
	}{
		{client.NewAccount{Name: ""}, api.Invalid},
		{client.NewAccount{Name: "operator"}, api.Invalid},
		{client.NewAccount{Name: "a", Role: "king"}, api.Invalid},
		{client.NewAccount{Name: "a", ExpiresIn: -1}, api.Invalid},
		{client.NewAccount{Name: "a", ExpiresIn: 1 << 62}, api.Invalid},
		{client.NewAccount{Name: "a", Org: "Nobody"}, api.NotFound},
		{client.NewAccount{Name: "a", Grants: []client.Grant{{Collection: "x", Access: "r"}}}, api.NotFound},
	} {
		n.operator.refused(t, http.MethodPost, "/accounts", c.want, c.code)
	}
	n.account(t, client.NewAccount{Name: "a"})
	n.operator.refused(t, http.MethodPost, "/accounts", client.NewAccount{Name: "A"}, api.Exists)
}
