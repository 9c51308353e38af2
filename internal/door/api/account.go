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
	"entente/internal/trust/handling"
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
	register(s, huma.Operation{OperationID: "changeAccount", Method: http.MethodPatch, Path: "/accounts/{account}", Tags: tags,
		Summary: "Change an account's role, grants, groups, purpose or use", Description: "For admins. It holds from the account's next request on. What it may read from then on and was added before stands where it always stood: who polls by date added begins anew to get it."},
		s.changeAccount, Forbidden, NotFound, StorageFull)
	register(s, huma.Operation{OperationID: "renewAccount", Method: http.MethodPost, Path: "/accounts/{account}/renew", Tags: tags,
		Summary: "End an account's token at once and give it another", Description: "For admins. The token is in the answer alone; the same request with the same Idempotency-Key is answered without it. An account that was revoked or has expired is open again."},
		s.renewAccount, Forbidden, NotFound, StorageFull)
	register(s, huma.Operation{OperationID: "revokeAccount", Method: http.MethodPost, Path: "/accounts/{account}/revoke", Tags: tags,
		Summary: "End an account's token at once", Description: "For admins. The account stays listed."}, s.revokeAccount, Forbidden, NotFound, StorageFull)
	register(s, huma.Operation{OperationID: "removeAccount", Method: http.MethodDelete, Path: "/accounts/{account}", Tags: tags,
		Summary: "End an account's token at once and forget the account", Description: "For admins."}, s.removeAccount, Forbidden, NotFound, StorageFull)
	register(s, huma.Operation{OperationID: "listOrgs", Method: http.MethodGet, Path: "/orgs", Tags: tags,
		Summary: "List organisations", Description: "For admins. The node's own member and its partners, by name."}, s.listOrgs, Forbidden, BadCursor)
	register(s, huma.Operation{OperationID: "addOrg", Method: http.MethodPost, Path: "/orgs", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Make a partner organisation known", Description: "For admins. Accounts may belong to it then."}, s.addOrg, Forbidden, Exists, StorageFull)
	register(s, huma.Operation{OperationID: "changeOrg", Method: http.MethodPatch, Path: "/orgs/{org}", Tags: tags,
		Summary: "Say in which country an organisation is", Description: "For admins. Where the node's own member is in the EEA, personal data goes to a partner that is not, or of which nobody knows, only by an agreement with a ground for the transfer. In force with the next request."},
		s.changeOrg, Forbidden, NotFound, StorageFull)
}

func (s *Server) getMe(ctx context.Context, _ *struct{}) (*struct{ Body wire.Me }, error) {
	p := who(ctx)
	me := wire.Me{Account: p.Account, Org: p.Org, Own: p.Own, Role: string(p.Role),
		Curates: p.Curates(), Administers: p.Administers(), Collections: []wire.Collection{},
		Groups: p.Groups, Purpose: string(cmp.Or(p.Purpose, account.Purposes[0])), Use: string(cmp.Or(p.Use, account.Uses[0]))}
	for _, c := range s.view(ctx).Collections() {
		me.Collections = append(me.Collections, showCollection(c, p))
	}
	me.Agreements = s.allowances(p)
	return &struct{ Body wire.Me }{me}, nil
}

// allowances are what agreements in force release to somebody.
func (s *Server) allowances(p account.Principal) []wire.Allowance {
	list, now, reader := []wire.Allowance{}, time.Now(), handling.ProfileOf(p).Reader()
	for _, a := range s.Agreements.Policy().With(reader) {
		if a.From.After(now) || !a.Until.IsZero() && !a.Until.After(now) || a.Purposes&reader.Purpose == 0 {
			continue
		}
		within := s.readableOf(&a, p)
		if len(a.Collections) > 0 && len(within) == 0 {
			continue // what it is for does not exist for the account
		}
		list = append(list, wire.Allowance{Name: a.Name, TLP: a.TLP.String(), PAP: a.PAP.String(), Terms: names(a.Terms.String()),
			Purposes: names(a.Purposes.String()), LegalGrounds: names(a.GroundsFor(&handling.Class{}, &reader, now).String()), Review: a.Review, ReviewBeforeUse: a.ReviewBeforeUse, RetentionDays: a.RetentionDays, Collections: within, Until: a.Until})
	}
	return list
}

// readableOf are the collections that an agreement names and somebody may read.
func (s *Server) readableOf(a *handling.Agreement, p account.Principal) (aliases []string) {
	if len(a.Collections) == 0 {
		return nil
	}
	for _, c := range s.Exchange.View(p).Collections() {
		if c.CanRead && slices.Contains(a.Collections, c.Number) {
			aliases = append(aliases, c.Alias)
		}
	}
	return aliases
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
	grants, err := s.grantsOf(ctx, want.Grants)
	if err != nil {
		return nil, err
	}
	a, token, err := s.Accounts.Add(ctx, who(ctx), account.Application{Name: want.Name, Org: want.Org, Role: account.Role(want.Role),
		Grants: grants, Life: lifeOf(want.ExpiresIn),
		Groups: want.Groups, Purpose: account.Purpose(want.Purpose), Use: account.Use(want.Use)})
	if err != nil {
		return nil, err
	}
	return &struct {
		Location string `header:"Location"`
		Body     wire.Account
	}{Root + "accounts/" + url.PathEscape(a.Name), s.withToken(ctx, &a, token)}, nil
}

// withToken shows an account with its token, which the answer to the same request
// made again has not.
func (s *Server) withToken(ctx context.Context, a *account.Account, token string) wire.Account {
	shown := s.showAccount(ctx, a)
	callOf(ctx).lasting = shown
	shown.Token = token
	return shown
}

func lifeOf(seconds int64) time.Duration {
	const longest = 1 << 33 // seconds; beyond any life, and far from overflow
	return time.Duration(min(seconds, longest)) * time.Second
}

// noAccess takes a grant away, in a change.
const noAccess = "-"

// grantsOf reads grants by collection id. One that is taken away is 0, which only
// a change has a use for.
func (s *Server) grantsOf(ctx context.Context, list []wire.Grant) (map[string]account.Access, error) {
	grants := map[string]account.Access{}
	for _, g := range list {
		c, err := s.view(ctx).Collection(g.Collection)
		if err != nil {
			return nil, fmt.Errorf("grant: %w", err)
		}
		var access account.Access
		if g.Access != noAccess {
			if access, err = account.ParseAccess(g.Access); err != nil {
				return nil, fmt.Errorf("grant on collection %q: %w", g.Collection, err)
			}
		}
		grants[c.ID] |= access
	}
	return grants, nil
}

func (s *Server) changeAccount(ctx context.Context, in *struct {
	InAccount
	Body wire.AccountChange
}) (*oneAccount, error) {
	if err := administers(ctx); err != nil {
		return nil, err
	}
	grants, err := s.grantsOf(ctx, in.Body.Grants)
	if err != nil {
		return nil, err
	}
	a, err := s.Accounts.Change(ctx, who(ctx), in.Account, account.Change{Grants: grants, Groups: in.Body.Groups,
		Role: (*account.Role)(in.Body.Role), Purpose: (*account.Purpose)(in.Body.Purpose), Use: (*account.Use)(in.Body.Use)})
	if err != nil {
		return nil, err
	}
	return &oneAccount{s.showAccount(ctx, &a)}, nil
}

func (s *Server) renewAccount(ctx context.Context, in *struct {
	InAccount
	Body wire.Renewal
}) (*oneAccount, error) {
	a, token, err := s.Accounts.Renew(ctx, who(ctx), in.Account, lifeOf(in.Body.ExpiresIn))
	if err != nil {
		return nil, err
	}
	return &oneAccount{s.withToken(ctx, &a, token)}, nil
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
		all[i] = showOrg(&o)
	}
	return pageOf(all, orgKey, *in)
}

// orgKey has the own member come first, whatever its name.
func orgKey(o *wire.Org) string {
	if o.Own {
		return ""
	}
	return o.Name
}

func showOrg(o *account.Organisation) wire.Org {
	return wire.Org{Name: o.Name, Own: o.Own, Created: o.Created, Country: o.Country}
}

type oneOrg struct{ Body wire.Org }

func (s *Server) addOrg(ctx context.Context, in *struct{ Body wire.NewOrg }) (*oneOrg, error) {
	o, err := s.Accounts.AddOrg(ctx, who(ctx), in.Body.Name, in.Body.Country)
	if err != nil {
		return nil, err
	}
	return &oneOrg{showOrg(&o)}, nil
}

func (s *Server) changeOrg(ctx context.Context, in *struct {
	Org  string `path:"org" doc:"Name of an organisation, the node's own member among them."`
	Body wire.OrgChange
}) (*oneOrg, error) {
	if err := administers(ctx); err != nil {
		return nil, err
	}
	if in.Body.Country == nil {
		return nil, fmt.Errorf("%w: say what is to be another: country", account.ErrInvalid)
	}
	o, err := s.Accounts.SetCountry(ctx, who(ctx), in.Org, *in.Body.Country)
	if err != nil {
		return nil, err
	}
	return &oneOrg{showOrg(&o)}, nil
}
