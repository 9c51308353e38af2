package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	wire "entente/client"
	"entente/internal/trust/account"
)

func (s *Server) accounts() {
	tags := []string{"accounts"}
	register(s, huma.Operation{OperationID: "getMe", Method: http.MethodGet, Path: "/me", Tags: tags,
		Summary: "Tell who asks, and what that account may do"}, s.getMe)
	register(s, huma.Operation{OperationID: "listAccounts", Method: http.MethodGet, Path: "/accounts", Tags: tags,
		Summary: "List accounts by name", Description: "For admins. Tokens are not kept and cannot be listed."}, s.listAccounts, Forbidden, BadCursor)
	register(s, huma.Operation{OperationID: "getAccount", Method: http.MethodGet, Path: "/accounts/{account}", Tags: tags,
		Summary: "Get one account", Description: "For admins."}, s.getAccount, Forbidden, NotFound)
	register(s, huma.Operation{OperationID: "addAccount", Method: http.MethodPost, Path: "/accounts", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Open an account", Description: "For admins. The answer holds the account's token, which is kept nowhere and never shown again: the same request with the same Idempotency-Key is answered without it. When the first answer was lost, remove the account and open it anew."},
		s.addAccount, Forbidden, NotFound, Exists, StorageFull)
	register(s, huma.Operation{OperationID: "revokeAccount", Method: http.MethodPost, Path: "/accounts/{account}/revoke", Tags: tags,
		Summary: "End an account's token at once", Description: "For admins. The account stays listed."}, s.revokeAccount, Forbidden, NotFound, StorageFull)
	register(s, huma.Operation{OperationID: "removeAccount", Method: http.MethodDelete, Path: "/accounts/{account}", Tags: tags,
		Summary: "End an account's token at once and forget the account", Description: "For admins."}, s.removeAccount, Forbidden, NotFound, StorageFull)
	register(s, huma.Operation{OperationID: "listOrgs", Method: http.MethodGet, Path: "/orgs", Tags: tags,
		Summary: "List organisations", Description: "For admins. The node's own member and its partners, by name."}, s.listOrgs, Forbidden, BadCursor)
	register(s, huma.Operation{OperationID: "addOrg", Method: http.MethodPost, Path: "/orgs", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Make a partner organisation known", Description: "For admins. Accounts may belong to it then."}, s.addOrg, Forbidden, Exists, StorageFull)
}

func (s *Server) getMe(ctx context.Context, _ *struct{}) (*struct{ Body wire.Me }, error) {
	p := who(ctx)
	me := wire.Me{Account: p.Account, Org: p.Org, Own: p.Own, Role: string(p.Role),
		Curates: p.Curates(), Administers: p.Administers(), Collections: []wire.Collection{},
		Groups: p.Groups, Purpose: string(cmp.Or(p.Purpose, account.Purposes[0])), Use: string(cmp.Or(p.Use, account.Uses[0]))}
	for _, c := range s.view(ctx).Collections() {
		me.Collections = append(me.Collections, showCollection(c, p))
	}
	return &struct{ Body wire.Me }{me}, nil
}

// administers lets admins alone see who else has an account.
func administers(ctx context.Context) error {
	if who(ctx).Administers() {
		return nil
	}
	return problemf(Forbidden, "this takes an admin of the node's own member; %sme tells what this account may do", Root)
}

// InAccount is the input of what is done to one account.
type InAccount struct {
	Account string `path:"account" doc:"Name of an account."`
}

type oneAccount struct{ Body wire.Account }

func (s *Server) listAccounts(ctx context.Context, in *Paging) (*listing[wire.Account], error) {
	if err := administers(ctx); err != nil {
		return nil, err
	}
	accounts, err := s.Accounts.List()
	if err != nil {
		return nil, err
	}
	all := make([]wire.Account, len(accounts))
	for i := range accounts {
		all[i] = s.showAccount(ctx, &accounts[i])
	}
	slices.SortFunc(all, func(a, b wire.Account) int { return cmp.Compare(a.Name, b.Name) })
	return pageOf(all, func(a *wire.Account) string { return a.Name }, *in)
}

func (s *Server) getAccount(ctx context.Context, in *InAccount) (*oneAccount, error) {
	if err := administers(ctx); err != nil {
		return nil, err
	}
	a, err := s.Accounts.Get(in.Account)
	if err != nil {
		return nil, err
	}
	return &oneAccount{s.showAccount(ctx, &a)}, nil
}

// showAccount names the collections of an account's grants as people know them.
func (s *Server) showAccount(ctx context.Context, a *account.Account) wire.Account {
	shown := wire.Account{Name: a.Name, Org: a.Org, Own: a.Own, Role: string(a.Role), State: a.State(time.Now()),
		Created: a.Created, Expires: a.Expires, Grants: []wire.Grant{},
		Groups: a.Groups, Purpose: string(cmp.Or(a.Purpose, account.Purposes[0])), Use: string(cmp.Or(a.Use, account.Uses[0]))}
	view := s.view(ctx)
	for _, id := range a.Collections() {
		g := wire.Grant{Collection: id, Access: a.Grants[id].String()}
		if c, err := view.Collection(id); err == nil {
			g.Alias = c.Alias
		}
		shown.Grants = append(shown.Grants, g)
	}
	slices.SortFunc(shown.Grants, func(a, b wire.Grant) int { return cmp.Compare(a.Alias, b.Alias) })
	return shown
}

func (s *Server) addAccount(ctx context.Context, in *struct{ Body wire.NewAccount }) (*struct {
	Location string `header:"Location"`
	Body     wire.Account
}, error) {
	if err := administers(ctx); err != nil {
		return nil, err
	}
	want := in.Body
	grants := map[string]account.Access{}
	for _, g := range want.Grants {
		c, err := s.view(ctx).Collection(g.Collection)
		if err != nil {
			return nil, fmt.Errorf("grant: %w", err)
		}
		access, err := account.ParseAccess(g.Access)
		if err != nil {
			return nil, fmt.Errorf("grant on collection %q: %w", g.Collection, err)
		}
		grants[c.ID] |= access
	}
	const longest = 1 << 33 // seconds; beyond any life, and far from overflow
	a, token, err := s.Accounts.Add(ctx, who(ctx), account.Application{Name: want.Name, Org: want.Org, Role: account.Role(want.Role),
		Grants: grants, Life: time.Duration(min(want.ExpiresIn, longest)) * time.Second,
		Groups: want.Groups, Purpose: account.Purpose(want.Purpose), Use: account.Use(want.Use)})
	if err != nil {
		return nil, err
	}
	shown := s.showAccount(ctx, &a)
	callOf(ctx).lasting = shown
	shown.Token = token
	return &struct {
		Location string `header:"Location"`
		Body     wire.Account
	}{Root + "accounts/" + url.PathEscape(a.Name), shown}, nil
}

func (s *Server) revokeAccount(ctx context.Context, in *InAccount) (*struct{}, error) {
	return nil, s.Accounts.Revoke(ctx, who(ctx), in.Account)
}

func (s *Server) removeAccount(ctx context.Context, in *InAccount) (*struct{}, error) {
	return nil, s.Accounts.Remove(ctx, who(ctx), in.Account)
}

func (s *Server) listOrgs(ctx context.Context, in *Paging) (*listing[wire.Org], error) {
	if err := administers(ctx); err != nil {
		return nil, err
	}
	orgs, err := s.Accounts.Orgs()
	if err != nil {
		return nil, err
	}
	all := make([]wire.Org, len(orgs))
	for i, o := range orgs {
		all[i] = wire.Org{Name: o.Name, Own: o.Own, Created: o.Created}
	}
	// The own member comes first, whatever its name.
	slices.SortFunc(all, func(a, b wire.Org) int { return cmp.Compare(orgKey(&a), orgKey(&b)) })
	return pageOf(all, orgKey, *in)
}

func orgKey(o *wire.Org) string {
	if o.Own {
		return ""
	}
	return o.Name
}

func (s *Server) addOrg(ctx context.Context, in *struct{ Body wire.NewOrg }) (*struct{ Body wire.Org }, error) {
	o, err := s.Accounts.AddOrg(ctx, who(ctx), in.Body.Name)
	if err != nil {
		return nil, err
	}
	return &struct{ Body wire.Org }{wire.Org{Name: o.Name, Own: o.Own, Created: o.Created}}, nil
}
