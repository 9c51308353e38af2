package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// Client asks one node. Its methods are safe for concurrent use; a refusal is
// an *[Error], found by errors.As.
type Client struct {
	root   string // ends in /api/v1
	http   *http.Client
	header http.Header
}

// Option changes how a client asks.
type Option func(*Client)

// WithToken signs in by an account's token.
func WithToken(token string) Option {
	return func(c *Client) { c.header.Set("Authorization", "Bearer "+token) }
}

// WithHTTPClient asks through another client than http.DefaultClient, as for a
// certificate that this machine does not know.
func WithHTTPClient(h *http.Client) Option { return func(c *Client) { c.http = h } }

// New gives a client of the node at an address, as https://node.example:8470.
func New(address string, opts ...Option) (*Client, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("the address of a node is written as https://node.example:8470")
	}
	c := &Client{root: strings.TrimRight(address, "/") + "/api/v1", http: http.DefaultClient, header: http.Header{}}
	for _, o := range opts {
		o(c)
	}
	return c, nil
}

// Once gives a client whose POSTs that write carry an Idempotency-Key: the same
// request with the same key is done once within a day, and answered the same,
// however often it is sent. Each act takes a key of its own.
func (c *Client) Once(key string) *Client {
	other := *c
	other.header = c.header.Clone()
	other.header.Set("Idempotency-Key", key)
	return &other
}

// Do asks for a path below /api/v1, as "/me". It sends in as JSON unless it is
// nil, and reads the answer into out unless that is.
func (c *Client) Do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
		body = bytes.NewReader(b)
	}
	r, err := c.send(ctx, method, path, "application/json", "application/json", body)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if out == nil {
		_, err = io.Copy(io.Discard, r.Body)
	} else {
		err = json.NewDecoder(r.Body).Decode(out)
	}
	if err != nil {
		return fmt.Errorf("%s %s: read the answer: %w", method, path, err)
	}
	return nil
}

// send asks and gives an answer that is not a refusal; its body is the caller's
// to close.
func (c *Client) send(ctx context.Context, method, path, accept, mediaType string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.root+path, body)
	if err != nil {
		return nil, err
	}
	req.Header = c.header.Clone()
	req.Header.Set("Accept", accept)
	if body != nil {
		req.Header.Set("Content-Type", mediaType)
	}
	r, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	if r.StatusCode < 300 {
		return r, nil
	}
	defer r.Body.Close()
	return nil, refusal(r)
}

// refusal reads a problem; an answer of something in between, as a proxy, is
// one without a code.
func refusal(r *http.Response) error {
	e := &Error{}
	if t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); t == "application/problem+json" {
		if json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(e) == nil && e.Code != "" {
			return e
		}
	}
	return &Error{Status: r.StatusCode, Title: http.StatusText(r.StatusCode)}
}

// pages gives the items of a listing, page by page.
func pages[T any](ctx context.Context, c *Client, path string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for next := ""; ; {
			var page List[T]
			if err := c.Do(ctx, http.MethodGet, path+next, nil, &page); err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			next = "?next=" + url.QueryEscape(page.Next)
		}
	}
}

// get gives one resource.
func get[T any](ctx context.Context, c *Client, method, path string, in any) (out T, err error) {
	err = c.Do(ctx, method, path, in, &out)
	return out, err
}
