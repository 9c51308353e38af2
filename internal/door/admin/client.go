package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	wire "entente/client"
)

// Client asks a node's local handler, wherever it runs: the API at /api/v1/ and
// what this door adds.
type Client struct {
	http  http.Client
	close func()
	as    string
}

// As gives a client whose requests to the API are answered as they would be to
// an account. An empty name is the operator.
func (c *Client) As(account string) *Client {
	other := *c
	other.as = account
	return &other
}

// Close waits for what was asked of a handler in this process.
func (c *Client) Close() { c.close() }

// Refusal is an answer of no: what was asked for is invalid, not there, or not
// allowed. Code is that of the API's problem.
type Refusal struct{ Code, Reason string }

func (r *Refusal) Error() string { return r.Reason }

// Connect gives a client of the server that runs on the directory. An error
// means that none answers there.
func Connect(ctx context.Context, dir string) (*Client, error) {
	c, err := dial(ctx, dir)
	if err != nil {
		return nil, err
	}
	c.Close()
	t := &http.Transport{
		DialContext:           func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, dir) },
		DisableCompression:    true,
		ExpectContinueTimeout: 10 * time.Second,
	}
	return &Client{http: http.Client{Transport: t}, close: t.CloseIdleConnections}, nil
}

// InProcess gives a client of a handler in this process.
func InProcess(h http.Handler) *Client {
	d := &direct{handler: h}
	return &Client{http: http.Client{Transport: d}, close: d.under.Wait}
}

// Do sends in, if not nil, as JSON, and reads the answer into out, if not nil.
func (c *Client) Do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	r, err := c.Stream(ctx, method, path, nil, "application/json", body)
	if err != nil {
		return err
	}
	defer r.Close()
	if out == nil {
		_, err = io.Copy(io.Discard, r)
		return err
	}
	if err := json.NewDecoder(r).Decode(out); err != nil {
		return fmt.Errorf("the node's answer ended early: %w", err)
	}
	return nil
}

// Stream sends a body and gives the answer's; the caller closes it. The path is
// escaped already.
func (c *Client) Stream(ctx context.Context, method, path string, query url.Values, mediaType string, body io.Reader) (io.ReadCloser, error) {
	answer, err := c.ask(ctx, method, path, query, mediaType, body)
	if err != nil {
		return nil, err
	}
	return answer.Body, nil
}

// Get gives the body of an answer, which the caller closes, and what its header says.
func (c *Client) Get(ctx context.Context, path string, query url.Values) (io.ReadCloser, http.Header, error) {
	answer, err := c.ask(ctx, http.MethodGet, path, query, "", nil)
	if err != nil {
		return nil, nil, err
	}
	return answer.Body, answer.Header, nil
}

// ask sends a request and gives its answer when that is no refusal.
func (c *Client) ask(ctx context.Context, method, path string, query url.Values, mediaType string, body io.Reader) (*http.Response, error) {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://entente"+path, body)
	if err != nil {
		return nil, err
	}
	if c.as != "" {
		req.Header.Set("Entente-As", c.as)
	}
	if body != nil {
		req.Header.Set("Content-Type", mediaType)
		if req.ContentLength <= 0 {
			// A long body is sent only when the node has agreed to take it, so
			// that a refusal is read and not lost in a broken pipe.
			req.Header.Set("Expect", "100-continue")
		}
	}
	answer, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the node: %w", err)
	}
	if answer.StatusCode < 300 {
		return answer, nil
	}
	defer answer.Body.Close()
	return nil, refusal(answer)
}

// refusal reads why an answer is no: a problem of the API, or this door's word.
func refusal(answer *http.Response) error {
	var fault struct {
		wire.Error
		Text string `json:"error"`
	}
	err := json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(&fault)
	if fault.Detail != "" {
		fault.Text = fault.Error.Error()
	}
	if err != nil || fault.Text == "" {
		fault.Text = "the node answered " + answer.Status
	}
	if rest, ok := strings.CutPrefix(fault.Text, "query."); ok { // verbs name their flags so
		name, why, _ := strings.Cut(rest, ":")
		fault.Text = "--" + strings.ReplaceAll(name, "_", "-") + ":" + why
	}
	if answer.StatusCode < 500 {
		return &Refusal{fault.Code, fault.Text}
	}
	return errors.New(fault.Text)
}

// cutCause is where a handler that cuts its answer short says why, to a caller in the
// same process: over a socket there is no place left for it.
type cutCause struct{}

// direct is a transport that calls a handler.
type direct struct {
	handler http.Handler
	under   sync.WaitGroup // requests under way
}

// RoundTrip runs the handler beside the reader of its answer, so that long
// answers stream.
func (d *direct) RoundTrip(req *http.Request) (*http.Response, error) {
	pr, pw := io.Pipe()
	w := &directWriter{header: http.Header{}, pipe: pw, ready: make(chan struct{})}
	var cause error
	r := req.Clone(context.WithValue(req.Context(), cutCause{}, &cause))
	if r.Body == nil {
		r.Body = http.NoBody
	}
	d.under.Go(func() {
		defer func() {
			if p := recover(); p != nil { // as net/http does
				w.WriteHeader(http.StatusInternalServerError)
				if cause == nil {
					cause = fmt.Errorf("%v", p)
				}
				pw.CloseWithError(cause)
			}
			w.WriteHeader(http.StatusOK)
			pw.Close()
			r.Body.Close()
		}()
		d.handler.ServeHTTP(w, r)
	})
	select {
	case <-w.ready:
	case <-req.Context().Done():
		// The handler sees its context end, or what it reads from or writes to.
		r.Body.Close()
		pr.CloseWithError(req.Context().Err())
		<-w.ready
	}
	return &http.Response{
		StatusCode: w.status, Status: fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: pr, ContentLength: -1, Request: req,
	}, nil
}

type directWriter struct {
	header http.Header
	pipe   *io.PipeWriter
	status int
	ready  chan struct{}
}

func (w *directWriter) Header() http.Header { return w.header }

func (w *directWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
		close(w.ready)
	}
}

func (w *directWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.pipe.Write(p)
}
