package node_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"entente/internal/exchange"
	"entente/internal/node"
	"entente/internal/practice/author"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

// What is one's own reaches a partner under an agreement and no longer than that, by
// every door: before it and after it, no answer holds anything of it.
func TestAssetsAreToldUnderAgreementsAlone(t *testing.T) {
	dir, _ := newNode(t)
	h := serve(t, dir, node.ServeOptions{})
	ctx, op := t.Context(), h.Operator()
	c, err := h.Exchange.AddCollection(ctx, op, exchange.Collection{Alias: "feed", Marking: handling.Green})
	if err != nil {
		t.Fatal(err)
	}
	tokens := map[string]string{}
	for _, org := range []string{"Brookwater", "Mallow"} {
		if _, err := h.Accounts.AddOrg(ctx, op, org, ""); err != nil {
			t.Fatal(err)
		}
		name := strings.ToLower(org)
		if _, tokens[name], err = h.Accounts.Add(ctx, op, account.Application{Name: name, Org: org, Grants: map[string]account.Access{c.ID: account.Read}}); err != nil {
			t.Fatal(err)
		}
	}
	desk := author.New(h.Exchange, author.Member{Name: h.Member.Name, ID: h.Member.Identity, Since: h.Member.Created}, nil)
	own := []stix.Asset{{Kind: "prefix", Value: "198.51.100.0/24"}, {Kind: "domain", Value: "estmark.example"}}
	if _, err := desk.Tell(ctx, op, author.Telling{Assets: own, Register: own, Collection: "feed"}); err != nil {
		t.Fatal(err)
	}
	paths := map[string]string{
		"TAXII":          "/taxii2/root/collections/" + c.ID + "/objects/?match[type]=note",
		"TAXII manifest": "/taxii2/root/collections/" + c.ID + "/manifest/?match[type]=note",
		"objects":        "/api/v1/collections/feed/objects?type=note",
		"find":           "/api/v1/find?value=198.51.100.7&value=" + url.QueryEscape("https://www.estmark.example/"),
	}
	get := func(name, path string) string {
		resp, body := h.ask(http.DefaultClient, h.url+path, tokens[name], "Accept", "application/taxii+json;version=2.1, application/json")
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s: %s", path, resp.Status, body)
		}
		return body
	}
	gives := func(when, name string, want bool) {
		t.Helper()
		for door, path := range paths {
			got := get(name, path)
			if there := strings.Contains(got, `note--`); there != want {
				t.Errorf("%s, %s gives %s %v of it, want %v: %s", when, door, name, there, want, got)
			}
			if strings.Contains(got, `"told"`) {
				t.Errorf("%s tells a partner who brought it: %s", door, got)
			}
		}
	}
	gives("before", "brookwater", false)
	a := handling.Agreement{Name: "with-brook", Kind: handling.Bilateral, To: []handling.Name{"org:brookwater"}, TLP: handling.Amber, PAP: handling.PAPRed, Purposes: handling.Defence, Grounds: 1}
	if _, err := h.Agreements.Add(ctx, op, a, 0); err != nil {
		t.Fatal(err)
	}
	gives("under the agreement", "brookwater", true)
	gives("under the agreement of another", "mallow", false)
	if _, err := h.Agreements.End(ctx, op, a.Name); err != nil {
		t.Fatal(err)
	}
	gives("after it", "brookwater", false)
	for _, path := range []string{"/api/v1/assets", "/api/v1/assets/told"} {
		if resp, _ := h.ask(http.DefaultClient, h.url+path, tokens["mallow"]); resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s answers a partner %s", path, resp.Status)
		}
	}
}
