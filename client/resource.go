package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Me tells who asks, and what that account may do.
func (c *Client) Me(ctx context.Context) (Me, error) {
	return get[Me](ctx, c, http.MethodGet, "/me", nil)
}

// Collections gives the collections that the account has, by alias.
func (c *Client) Collections(ctx context.Context) iter.Seq2[Collection, error] {
	return pages[Collection](ctx, c, "/collections")
}

// Collection gives one collection, by id or alias.
func (c *Client) Collection(ctx context.Context, name string) (Collection, error) {
	return get[Collection](ctx, c, http.MethodGet, "/collections/"+url.PathEscape(name), nil)
}

// AddCollection adds a collection; it takes an admin.
func (c *Client) AddCollection(ctx context.Context, want NewCollection) (Collection, error) {
	return get[Collection](ctx, c, http.MethodPost, "/collections", want)
}

// RemoveCollection removes a collection and the versions of objects that it holds, unless
// it holds more than so many (Collection.Objects tells); it takes an admin.
func (c *Client) RemoveCollection(ctx context.Context, name string, objects int64) error {
	return c.Do(ctx, http.MethodDelete, "/collections/"+url.PathEscape(name)+"?objects="+strconv.FormatInt(objects, 10), nil, nil)
}

// Accounts gives all accounts by name; it takes an admin, as all that follows of
// accounts and organisations.
func (c *Client) Accounts(ctx context.Context) iter.Seq2[Account, error] {
	return pages[Account](ctx, c, "/accounts")
}

// AddAccount opens an account. Its token is in the answer, and nowhere else.
func (c *Client) AddAccount(ctx context.Context, want NewAccount) (Account, error) {
	return get[Account](ctx, c, http.MethodPost, "/accounts", want)
}

// RevokeAccount ends an account's token at once.
func (c *Client) RevokeAccount(ctx context.Context, name string) error {
	return c.Do(ctx, http.MethodPost, "/accounts/"+url.PathEscape(name)+"/revoke", nil, nil)
}

// RemoveAccount ends an account's token at once and forgets the account.
func (c *Client) RemoveAccount(ctx context.Context, name string) error {
	return c.Do(ctx, http.MethodDelete, "/accounts/"+url.PathEscape(name), nil, nil)
}

// Orgs gives the node's own member, then the partners by name.
func (c *Client) Orgs(ctx context.Context) iter.Seq2[Org, error] {
	return pages[Org](ctx, c, "/orgs")
}

// AddOrg makes a partner organisation known.
func (c *Client) AddOrg(ctx context.Context, want NewOrg) (Org, error) {
	return get[Org](ctx, c, http.MethodPost, "/orgs", want)
}

// ChangeOrg changes an organisation, the node's own member among them.
func (c *Client) ChangeOrg(ctx context.Context, name string, change OrgChange) (Org, error) {
	return get[Org](ctx, c, http.MethodPatch, "/orgs/"+url.PathEscape(name), change)
}

// Jobs gives the account's jobs, oldest first; to admins, all.
func (c *Client) Jobs(ctx context.Context) iter.Seq2[Job, error] {
	return pages[Job](ctx, c, "/jobs")
}

// Job gives one job as it stands.
func (c *Client) Job(ctx context.Context, id string) (Job, error) {
	return get[Job](ctx, c, http.MethodGet, "/jobs/"+url.PathEscape(id), nil)
}

// StartJob starts long work; it takes an admin.
func (c *Client) StartJob(ctx context.Context, want NewJob) (Job, error) {
	return get[Job](ctx, c, http.MethodPost, "/jobs", want)
}

// CancelJob asks a job to end.
func (c *Client) CancelJob(ctx context.Context, id string) (Job, error) {
	return get[Job](ctx, c, http.MethodPost, "/jobs/"+url.PathEscape(id)+"/cancel", nil)
}

// WaitJob asks every so often until a job has ended, whatever came of it.
func (c *Client) WaitJob(ctx context.Context, id string, every time.Duration) (Job, error) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		j, err := c.Job(ctx, id)
		if err != nil || j.State != "running" {
			return j, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return j, ctx.Err()
		}
	}
}
