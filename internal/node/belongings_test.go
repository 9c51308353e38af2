package node_test

import (
	"strings"
	"testing"

	"entente/internal/node"
	"entente/internal/practice/author"
	"entente/internal/practice/lookup"
	"entente/internal/practice/webhook"
	"entente/internal/trust/account"
)

// Of whatever a node keeps for an account nothing is left once it is removed.
func TestWhatBelongsToARemovedAccountGoes(t *testing.T) {
	dir, _ := newNode(t)
	n, err := node.Open(t.Context(), dir, node.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	acc, _, err := n.Accounts.Add(t.Context(), n.Operator(), account.Application{Name: "ana", Role: account.Curator})
	if err != nil {
		t.Fatal(err)
	}
	ana, err := n.Accounts.Principal(&acc)
	if err != nil {
		t.Fatal(err)
	}
	desk := author.New(n.Exchange, author.Member{Name: n.Member.Name, ID: n.Member.Identity, Since: n.Member.Created}, nil)
	if _, err := desk.AddDraft(t.Context(), ana, author.NewObject{Type: "tool", Set: []string{"name=x"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := lookup.NewWatches(n.Exchange, nil).Add(t.Context(), ana, "vpn", []string{"192.0.2.1"}); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Webhooks.Add(t.Context(), ana, webhook.Wanted{URL: "https://soc.example/hook"}); err != nil {
		t.Fatal(err)
	}
	rows := func() (all []string) {
		for _, table := range []string{"draft", "draft-drawer", "watch", "watch-known", "webhook", "webhook-failed"} {
			for row, err := range n.Store.Rows(table, "") {
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, table+" "+strings.TrimPrefix(row.Key, ana.ID))
			}
		}
		return all
	}
	if got := rows(); len(got) != 5 {
		t.Fatalf("kept are %q", got)
	}
	if err := n.Accounts.Remove(t.Context(), n.Operator(), "ana"); err != nil {
		t.Fatal(err)
	}
	if got := rows(); len(got) != 0 {
		t.Errorf("left are %q", got)
	}
}
