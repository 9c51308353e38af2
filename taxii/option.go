package taxii

import (
	"context"
	"net/http"
	"time"

	"entente/stix"
)

// An Option changes how a Client works.
type Option func(*Client)

// WithBasicAuth sends a user name and password (section 1.6.9).
func WithBasicAuth(user, password string) Option {
	return func(c *Client) {
		c.authorise = func(r *http.Request) { r.SetBasicAuth(user, password) }
	}
}

// WithBearerToken sends a token.
func WithBearerToken(token string) Option {
	return func(c *Client) {
		c.authorise = func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	}
}

// WithHTTPClient uses h for every connection instead of a client of its own.
// Its redirect policy is replaced by that of this package: never to another
// host.
func WithHTTPClient(h *http.Client) Option {
	return func(c *Client) {
		own := *h
		c.http = &own
	}
}

// WithUserAgent names the program to servers.
func WithUserAgent(name string) Option {
	return func(c *Client) { c.userAgent = name }
}

// WithPageLimit sets how many objects to ask for at a time, 1000 unless set.
// Zero asks for whatever the server gives. Servers may give fewer.
func WithPageLimit(n int) Option {
	return func(c *Client) { c.pageLimit = n }
}

// WithBatchSize sets how many objects a Batch of Pull holds at most, 1000
// unless set.
func WithBatchSize(n int) Option {
	return func(c *Client) { c.batchSize = max(n, 1) }
}

// WithMaxPageBytes sets the largest answer that is read, decompressed; 64 MiB
// unless set. Pull asks for fewer objects when a page is larger.
func WithMaxPageBytes(n int64) Option {
	return func(c *Client) { c.maxPageBytes = n }
}

// WithMaxObjectBytes sets the largest object that Pull reads, 1 MiB unless
// set; a larger one is left out and told as a problem.
func WithMaxObjectBytes(n int) Option {
	return func(c *Client) { c.scan = append(c.scan, stix.MaxObject(n)) }
}

// WithRequestTimeout bounds each request with its answer; 2 minutes unless
// set.
func WithRequestTimeout(d time.Duration) Option {
	return func(c *Client) { c.requestTimeout = d }
}

// WithTimeLimit bounds a whole Pull or Push; none unless set.
func WithTimeLimit(d time.Duration) Option {
	return func(c *Client) { c.timeLimit = d }
}

// WithRetry sets what to do about servers that are busy or out of order.
func WithRetry(r Retry) Option {
	return func(c *Client) { c.retry = r.withDefaults() }
}

// WithClock replaces time.Now and the way to wait, for tests. Wait returns
// early, with the context's error, when ctx ends.
func WithClock(now func() time.Time, wait func(ctx context.Context, d time.Duration) error) Option {
	return func(c *Client) { c.now, c.wait = now, wait }
}
