package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"entente/client"
	"entente/internal/door/api"
)

// The same request with the same key is done once and answered the same, but for
// the token, which is shown once.
func TestIdempotencyKey(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	ada := n.account(t, client.NewAccount{Name: "ada", Role: "admin"})
	eve := n.account(t, client.NewAccount{Name: "eve", Role: "admin"})
	keyed := ada.with("Idempotency-Key", "8e03978e-40d5-43dd-bc93-6894a57f9324")
	hub := client.NewAccount{Name: "hub"}
	first, a := keyed.send(t, http.MethodPost, "/accounts", hub)
	again, b := keyed.send(t, http.MethodPost, "/accounts", hub)
	if first.StatusCode != http.StatusCreated || again.StatusCode != http.StatusCreated || !bytes.Equal(withoutToken(t, a), withoutToken(t, b)) ||
		!strings.Contains(string(a), `"token":"ent_a_`) || strings.Contains(string(b), "ent_a_") {
		t.Errorf("%s %s, again %s %s", first.Status, a, again.Status, b)
	}
	if first.Header.Get("Idempotency-Replayed") != "" || again.Header.Get("Idempotency-Replayed") != "true" ||
		again.Header.Get("Location") != first.Header.Get("Location") {
		t.Errorf("headers %v, again %v", first.Header, again.Header)
	}
	keyed.refused(t, http.MethodPost, "/accounts", client.NewAccount{Name: "other"}, api.KeyReused)
	keyed.refused(t, http.MethodPost, "/orgs", client.NewOrg{Name: "hub"}, api.KeyReused)
	// Another account's key is another key, and what it holds is not shown.
	eve.with("Idempotency-Key", "8e03978e-40d5-43dd-bc93-6894a57f9324").refused(t, http.MethodPost, "/accounts", hub, api.Exists)
	ada.refused(t, http.MethodPost, "/accounts", hub, api.Exists)
	ada.with("Idempotency-Key", strings.Repeat("x", 256)).refused(t, http.MethodPost, "/accounts", hub, api.Invalid)
}

// withoutToken is an account as it is answered, without its token.
func withoutToken(t *testing.T, answer []byte) []byte {
	t.Helper()
	var a client.Account
	if err := json.Unmarshal(answer, &a); err != nil {
		t.Errorf("%s: %v", answer, err)
	}
	a.Token = ""
	b, err := json.Marshal(a)
	if err != nil {
		t.Error(err)
	}
	return b
}

// A refusal changed nothing and binds nothing.
func TestRefusedRequestMayComeAgain(t *testing.T) {
	n := open(t)
	keyed := n.operator.with("Idempotency-Key", "k")
	want := client.NewAccount{Name: "hub", Org: "Water ISAC"}
	keyed.refused(t, http.MethodPost, "/accounts", want, api.NotFound)
	n.operator.do(t, http.MethodPost, "/orgs", client.NewOrg{Name: "Water ISAC"}, nil)
	keyed.do(t, http.MethodPost, "/accounts", want, nil)
}

func TestSameKeyAtOnce(t *testing.T) {
	n := open(t)
	keyed := n.operator.with("Idempotency-Key", "k")
	answers := make([]string, 8)
	var tokens atomic.Int32
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			resp, b := keyed.send(t, http.MethodPost, "/accounts", client.NewAccount{Name: "hub"})
			if strings.Contains(string(b), "ent_a_") {
				tokens.Add(1)
			}
			answers[i] = resp.Status + string(withoutToken(t, b))
		})
	}
	all.Wait()
	if n := tokens.Load(); n != 1 {
		t.Errorf("the token is shown %d times", n)
	}
	for _, a := range answers {
		if a != answers[0] || !strings.HasPrefix(a, "201") {
			t.Errorf("%s beside %s", a, answers[0])
		}
	}
}
