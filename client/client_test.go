package client_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"entente/client"
	"entente/internal/door/api"
	"entente/internal/exchange"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
	"entente/internal/trust/agreement"
	"entente/internal/trust/guard"
)

// node serves the API of an empty store, and gives an admin's client of it.
func node(t *testing.T) (url, token string, admin *client.Client) {
	t.Helper()
	const own = "CERT Example"
	db, err := pebble.Open(t.Context(), t.TempDir(), pebble.Options{CacheBytes: 16 << 20, MemTable: 4 << 20})
	if err != nil {
		t.Fatal(err)
	}
	x, err := exchange.Open(t.Context(), db, exchange.Options{Own: own})
	if err != nil {
		t.Fatal(err)
	}
	accounts := account.New(db, own, nil)
	book, err := agreement.Open(db, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := api.New(api.Node{Exchange: x, Accounts: accounts, Agreements: book, Store: db})
	server := httptest.NewServer(s.Public(api.PublicOptions{Guard: guard.New(accounts, -1)}))
	t.Cleanup(func() {
		server.Close()
		s.Close()
		x.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	c, err := x.AddCollection(t.Context(), account.Operator(own), exchange.Collection{Alias: "feeds"})
	if err != nil {
		t.Fatal(err)
	}
	_, token, err = accounts.Add(t.Context(), account.Operator(own), account.Application{Name: "ada", Role: account.Admin,
		Grants: map[string]account.Access{c.ID: account.Read | account.Write}})
	if err != nil {
		t.Fatal(err)
	}
	admin, err = client.New(server.URL+"/", client.WithToken(token))
	if err != nil {
		t.Fatal(err)
	}
	return server.URL, token, admin
}

func campaign(i int) string {
	return fmt.Sprintf(`{"type":"campaign","spec_version":"2.1","id":"campaign--00000000-0000-4000-8000-%012d","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":"c%d"}`, i, i)
}

func TestAdministration(t *testing.T) {
	_, _, ada := node(t)
	ctx := t.Context()
	if _, err := ada.AddOrg(ctx, client.NewOrg{Name: "Water ISAC"}); err != nil {
		t.Fatal(err)
	}
	want := client.NewAccount{Name: "hub", Org: "Water ISAC", Grants: []client.Grant{{Collection: "feeds", Access: "r"}}}
	once := ada.Once("one act")
	hub, err := once.AddAccount(ctx, want)
	if err != nil {
		t.Fatal(err)
	}
	// The token is kept nowhere, so that the same act again is told without it.
	if again, err := once.AddAccount(ctx, want); err != nil || again.Name != "hub" || again.Token != "" || hub.Token == "" {
		t.Errorf("the same act again: %+v, %v", again, err)
	}
	_, err = ada.AddAccount(ctx, want)
	if e, ok := errors.AsType[*client.Error](err); !ok || e.Code != string(api.Exists) || e.Status != http.StatusConflict {
		t.Errorf("another such account: %v", err)
	}
	var names []string
	for a, err := range ada.Accounts(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, a.Name)
	}
	if fmt.Sprint(names) != "[ada hub]" {
		t.Errorf("accounts are %v", names)
	}
	if _, err := ada.AddCollection(ctx, client.NewCollection{Alias: "more"}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(ada.RemoveCollection(ctx, "more", 0), ada.RevokeAccount(ctx, "hub"), ada.RemoveAccount(ctx, "hub")); err != nil {
		t.Error(err)
	}
	if me, err := ada.Me(ctx); err != nil || me.Account != "ada" || !me.Administers {
		t.Errorf("ada is %+v, %v", me, err)
	}
	j, err := ada.StartJob(ctx, client.NewJob{Kind: "verify"})
	if err == nil {
		j, err = ada.WaitJob(ctx, j.ID, 5*time.Millisecond)
	}
	if err != nil || j.State != "done" {
		t.Errorf("the verification: %+v, %v", j, err)
	}
}

func TestObjects(t *testing.T) {
	_, _, ada := node(t)
	ctx := t.Context()
	long := strings.Replace(campaign(2), "c2", strings.Repeat("long ", 40_000), 1) // beyond any buffer
	var verdicts []string
	tally, err := ada.AddObjects(ctx, "feeds", strings.NewReader(campaign(1)+"\n"+long+"\n"+`{"type":"campaign"}`), func(r client.Result) { verdicts = append(verdicts, r.Verdict) })
	if err != nil || fmt.Sprint(verdicts) != "[new new refused]" || tally.New != 2 {
		t.Errorf("%v, %+v, %v", verdicts, tally, err)
	}
	var got []string
	for o, err := range ada.Objects(ctx, "feeds", client.Query{Types: []string{"campaign"}}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(o))
	}
	if len(got) != 2 || got[0] != campaign(1) || got[1] != long {
		t.Errorf("%d objects came back", len(got))
	}
	id := "campaign--00000000-0000-4000-8000-000000000001"
	if b, err := ada.Object(ctx, id); err != nil || string(b) != campaign(1) {
		t.Errorf("%s, %v", b, err)
	}
	if v, err := ada.Versions(ctx, id); err != nil || len(v) != 1 {
		t.Errorf("versions: %+v, %v", v, err)
	}
	if err := ada.DeleteObject(ctx, "feeds", id); err != nil {
		t.Error(err)
	}
	_, err = ada.Object(ctx, id)
	if e, ok := errors.AsType[*client.Error](err); !ok || e.Code != string(api.NotFound) {
		t.Errorf("after its deletion: %v", err)
	}
	j, err := ada.Import(ctx, "feeds", strings.NewReader(campaign(3)))
	if err == nil {
		j, err = ada.WaitJob(ctx, j.ID, 5*time.Millisecond)
	}
	if err != nil || j.State != "done" {
		t.Errorf("the import: %+v, %v", j, err)
	}
}

// What a proxy says is an error with a status; an answer that ends early is no
// whole one.
func TestAnswersThatAreNone(t *testing.T) {
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/me") {
			http.Error(w, "<html>", http.StatusBadGateway)
			return
		}
		io.WriteString(w, `{"id":"1"}`+"\n"+`{"id":`)
	}))
	defer broken.Close()
	c, err := client.New(broken.URL)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Me(t.Context())
	if e, ok := errors.AsType[*client.Error](err); !ok || e.Status != http.StatusBadGateway || e.Code != "" || !strings.Contains(err.Error(), "502") {
		t.Errorf("a proxy's answer: %v", err)
	}
	n := 0
	for _, e := range c.Objects(t.Context(), "feeds", client.Query{}) {
		if err = e; e == nil {
			n++
		}
	}
	if n != 1 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%d objects, then %v", n, err)
	}
	for _, address := range []string{"", "node.example", "ftp://node.example"} {
		if _, err := client.New(address); err == nil {
			t.Errorf("%q is taken for an address", address)
		}
	}
}

// The example of docs/api.md is this one, and works.
func TestDocumentedExample(t *testing.T) {
	url, token, _ := node(t)
	if err := example(t.Context(), url, token, strings.NewReader(campaign(1))); err != nil {
		t.Error(err)
	}
	source, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(source), "func example(")
	if !strings.Contains(string(page), "func example("+shown) {
		t.Error("docs/api.md does not show the function example of client/example_test.go as it is")
	}
}
