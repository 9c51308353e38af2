package admin

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"

	"entente/internal/trust/account"
)

// Account is an account as it is listed.
type Account struct {
	Name    string    `json:"name"`
	Org     string    `json:"org"`
	Own     bool      `json:"own"`
	Role    string    `json:"role"`
	State   string    `json:"state"` // active, expired or revoked
	Grants  []Grant   `json:"grants"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
	Token   string    `json:"token,omitempty"` // once, when the account was added
}

// Grant is what an account may do in a collection.
type Grant struct {
	Collection string `json:"collection"` // id, or alias in requests
	Alias      string `json:"alias,omitempty"`
	Access     string `json:"access"` // r, w or rw
}

// NewAccount is a request to add an account.
type NewAccount struct {
	Name   string        `json:"name"`
	Role   string        `json:"role,omitempty"`
	Org    string        `json:"org,omitempty"`
	Grants []Grant       `json:"grants,omitempty"`
	Life   time.Duration `json:"life,omitempty"` // nanoseconds; the longest when 0
}

func (n Node) listAccounts(w http.ResponseWriter, _ *http.Request) error {
	accounts, err := n.Accounts.List()
	if err != nil {
		return err
	}
	shown := make([]Account, len(accounts))
	for i, a := range accounts {
		shown[i] = n.show(a)
	}
	answer(w, http.StatusOK, shown)
	return nil
}

// show names the collections of an account's grants as people know them.
func (n Node) show(a account.Account) Account {
	s := Account{Name: a.Name, Org: a.Org, Own: a.Own, Role: string(a.Role), State: a.State(time.Now()),
		Created: a.Created, Expires: a.Expires, Grants: []Grant{}}
	view := n.Exchange.View(n.By)
	for _, id := range a.Collections() {
		g := Grant{Collection: id, Access: a.Grants[id].String()}
		if c, err := view.Collection(id); err == nil {
			g.Alias = c.Alias
		}
		s.Grants = append(s.Grants, g)
	}
	slices.SortFunc(s.Grants, func(a, b Grant) int { return cmp.Compare(a.Alias, b.Alias) })
	return s
}

func (n Node) addAccount(w http.ResponseWriter, r *http.Request) error {
	var want NewAccount
	if err := read(r, &want); err != nil {
		return err
	}
	grants := map[string]account.Access{}
	for _, g := range want.Grants {
		c, err := n.Exchange.View(n.By).Collection(g.Collection)
		if err != nil {
			return fmt.Errorf("grant: %w", err)
		}
		access, err := account.ParseAccess(g.Access)
		if err != nil {
			return fmt.Errorf("grant on collection %q: %w", g.Collection, err)
		}
		grants[c.ID] |= access
	}
	a, token, err := n.Accounts.Add(r.Context(), n.By, account.Application{
		Name: want.Name, Org: want.Org, Role: account.Role(want.Role), Grants: grants, Life: want.Life,
	})
	if err != nil {
		return err
	}
	shown := n.show(a)
	shown.Token = token
	answer(w, http.StatusCreated, shown)
	return nil
}

func (n Node) revokeAccount(w http.ResponseWriter, r *http.Request) error {
	if err := n.Accounts.Revoke(r.Context(), n.By, r.PathValue("name")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (n Node) removeAccount(w http.ResponseWriter, r *http.Request) error {
	if err := n.Accounts.Remove(r.Context(), n.By, r.PathValue("name")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (n Node) listOrgs(w http.ResponseWriter, _ *http.Request) error {
	orgs, err := n.Accounts.Orgs()
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, list(orgs))
	return nil
}

func (n Node) addOrg(w http.ResponseWriter, r *http.Request) error {
	var want struct {
		Name string `json:"name"`
	}
	if err := read(r, &want); err != nil {
		return err
	}
	org, err := n.Accounts.AddOrg(r.Context(), n.By, want.Name)
	if err != nil {
		return err
	}
	answer(w, http.StatusCreated, org)
	return nil
}
