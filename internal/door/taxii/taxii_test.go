package taxii_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"testing"

	"entente/internal/door/taxii"
	"entente/internal/door/taxii/conformance"
	"entente/internal/exchange"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
	"entente/internal/trust/guard"
)

const own = "cert-example"

// node is a server over real parts.
type node struct {
	*httptest.Server
	door     *taxii.Server
	exchange *exchange.Exchange
	accounts *account.Accounts
	operator account.Principal
}

// open starts a node with an empty store that ends with the test.
func open(t testing.TB, o taxii.Options) *node {
	t.Helper()
	return openAt(t, -1, o)
}

// openAt starts one that takes so many requests a second of an account.
func openAt(t testing.TB, rate float64, o taxii.Options) *node {
	t.Helper()
	ctx := context.Background()
	db, err := pebble.Open(ctx, t.TempDir(), pebble.Options{CacheBytes: 16 << 20, MemTable: 4 << 20})
	if err != nil {
		t.Fatal(err)
	}
	x, err := exchange.Open(ctx, db, exchange.Options{Own: own})
	if err != nil {
		t.Fatal(err)
	}
	n := &node{exchange: x, accounts: account.New(db, own, nil), operator: account.Operator(own)}
	if o.Logger == nil {
		o.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	n.door = taxii.New(x, guard.New(n.accounts, rate), o)
	n.Server = httptest.NewServer(n.door)
	t.Cleanup(func() {
		n.Server.Close()
		if err := n.door.Close(ctx); err != nil {
			t.Error(err)
		}
		x.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// collection makes an empty collection.
func (n *node) collection(t testing.TB, alias string) exchange.Collection {
	t.Helper()
	c, err := n.exchange.AddCollection(t.Context(), n.operator, exchange.Collection{Alias: alias})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// account opens an account with one kind of access to collections.
func (n *node) account(t testing.TB, name string, access account.Access, to ...exchange.Collection) conformance.Account {
	t.Helper()
	grants := map[string]account.Access{}
	for _, c := range to {
		if access != 0 {
			grants[c.ID] = access
		}
	}
	_, token, err := n.accounts.Add(t.Context(), n.operator, account.Application{Name: name, Grants: grants})
	if err != nil {
		t.Fatal(err)
	}
	return conformance.Account{Name: name, Token: token}
}

func TestConformance(t *testing.T) {
	const maxBody = 2 << 20
	n := open(t, taxii.Options{MaxBody: maxBody})
	target := conformance.Target{URL: n.URL, MaxBody: maxBody, MaxPage: 1000}
	var all []exchange.Collection
	for i := range conformance.Needed {
		c := n.collection(t, fmt.Sprintf("feed-%02d", i))
		all = append(all, c)
		target.Collections = append(target.Collections, conformance.Collection{ID: c.ID, Alias: c.Alias})
	}
	target.Ana = n.account(t, "ana", account.Read|account.Write, all...)
	target.Ben = n.account(t, "ben", account.Read|account.Write, all...)
	target.Rita = n.account(t, "rita", account.Read, all...)
	target.Will = n.account(t, "will", account.Write, all...)
	target.Otto = n.account(t, "otto", 0)
	conformance.Run(t, target)
}
