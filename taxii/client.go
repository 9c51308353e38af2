package taxii

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"entente/stix"
)

// Client talks to one TAXII 2.1 server. It may be used by several goroutines
// at once.
type Client struct {
	given          *url.URL
	http           *http.Client
	authorise      func(*http.Request)
	userAgent      string
	pageLimit      int
	batchSize      int
	maxPageBytes   int64
	scan           []stix.ScanOption
	requestTimeout time.Duration
	timeLimit      time.Duration
	retry          Retry
	now            func() time.Time
	wait           func(context.Context, time.Duration) error

	mu   sync.Mutex
	root *url.URL // the API root, once found
	lax  bool     // the server refused the strict Accept header
}

// New makes a client for the server at address: the URL of its discovery
// (https://taxii.example/taxii2/), of one of its API roots, or of the bare
// host. Which of them it is, is found out by the first request that needs the
// API root; a discovery's default root is used, or else its first. No
// connection is opened here.
func New(address string, opts ...Option) (*Client, error) {
	given, err := url.Parse(address)
	if refused, ok := errors.AsType[*url.Error](err); ok {
		err = refused.Err // without the address, which may hold a password
	}
	if err != nil && strings.Contains(address, "://") {
		return nil, fmt.Errorf("address of the TAXII server: %w", err)
	}
	if err != nil || given.Scheme != "http" && given.Scheme != "https" || given.Host == "" {
		return nil, errors.New("address of the TAXII server: it does not begin with http:// or https:// and a host; write it as https://host/taxii2/")
	}
	c := &Client{
		userAgent:      "entente-taxii",
		pageLimit:      1000,
		batchSize:      1000,
		maxPageBytes:   64 << 20,
		requestTimeout: 2 * time.Minute,
		retry:          Retry{}.withDefaults(),
		now:            time.Now,
		wait:           wait,
	}
	if given.User != nil {
		password, _ := given.User.Password()
		WithBasicAuth(given.User.Username(), password)(c)
		given.User = nil
	}
	if given.Path == "" || given.Path == "/" {
		given.Path = "/taxii2/"
	}
	given.RawQuery, given.Fragment = "", ""
	c.given = withSlash(given)
	for _, opt := range opts {
		opt(c)
	}
	if c.http == nil {
		c.http = defaultHTTP()
	}
	c.http.CheckRedirect = sameHost
	return c, nil
}

// defaultHTTP makes the client for programs that bring none: no proxy of the
// environment, TLS 1.2 or newer, nothing without a time limit.
func defaultHTTP() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  time.Minute,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConnsPerHost:    4,
		MaxResponseHeaderBytes: 64 << 10,
		ForceAttemptHTTP2:      true,
	}}
}

// CloseIdleConnections closes what is kept open for the next request.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// redirectError is a redirect that was not followed; asking again is no use.
type redirectError struct{ reason string }

func (e *redirectError) Error() string   { return e.reason }
func (e *redirectError) Permanent() bool { return true }

// sameHost follows redirects within one origin, so that neither credentials
// nor requests go where nobody sent them.
func sameHost(next *http.Request, via []*http.Request) error {
	if len(via) > 3 {
		return &redirectError{"more than 3 redirects"}
	}
	if from := via[len(via)-1].URL; !sameOrigin(from, next.URL) {
		return &redirectError{fmt.Sprintf("the server redirects to %s://%s, which is not followed; use that address itself if it is right",
			next.URL.Scheme, next.URL.Host)}
	}
	return nil
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host)
}

// withSlash gives a URL the final slash that TAXII endpoints have.
func withSlash(u *url.URL) *url.URL {
	if strings.HasSuffix(u.Path, "/") {
		return u
	}
	return u.JoinPath("/")
}

// apiRoot returns the URL of the API root, asking the server once which kind
// of address New was given. hint is the root a cursor was made with; it saves
// the question.
func (c *Client) apiRoot(ctx context.Context, hint string) (*url.URL, error) {
	c.mu.Lock()
	root := c.root
	c.mu.Unlock()
	if root != nil {
		return root, nil
	}
	if hint != "" {
		if u, err := url.Parse(hint); err == nil && sameOrigin(u, c.given) {
			return withSlash(u), nil
		}
	}
	root, err := c.findRoot(ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.root = root
	c.mu.Unlock()
	return root, nil
}

func (c *Client) findRoot(ctx context.Context) (*url.URL, error) {
	var either struct {
		Discovery
		Versions []string `json:"versions"`
	}
	if err := c.getJSON(ctx, "find the API root", c.given, &either); err != nil {
		return nil, err
	}
	if len(either.Versions) > 0 {
		return c.given, nil
	}
	chosen := either.Default
	if chosen == "" && len(either.APIRoots) > 0 {
		chosen = either.APIRoots[0]
	}
	if chosen == "" {
		return nil, fmt.Errorf("find the API root: %s names none to this account; ask its operator, or give the API root's own URL", c.given)
	}
	return c.resolveRoot(chosen)
}

// resolveRoot makes the URL of an API root from what a discovery says. A root
// on another host is refused: the credentials were meant for this one.
func (c *Client) resolveRoot(named string) (*url.URL, error) {
	root, err := c.given.Parse(named)
	if err != nil {
		return nil, fmt.Errorf("find the API root: %s names %.100q: %w", c.given, named, err)
	}
	if !sameOrigin(root, c.given) {
		return nil, &OtherHostError{Discovery: c.given.String(), Root: root.Redacted()}
	}
	return withSlash(root), nil
}

// OtherHostError reports a discovery whose API root lies on another host,
// which is not followed.
type OtherHostError struct{ Discovery, Root string }

func (e *OtherHostError) Error() string {
	return fmt.Sprintf("%s names the API root %s on another host; give that URL itself if you trust it with the credentials", e.Discovery, e.Root)
}

// wait is time.Sleep that a context can end.
func wait(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return errors.Join(context.DeadlineExceeded, fmt.Errorf("the server asks to wait %s, longer than there is time", d.Round(time.Millisecond)))
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
