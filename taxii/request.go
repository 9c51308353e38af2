package taxii

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// What is asked for: exactly TAXII 2.1 first; a server that answers 406 to
// that is asked again with whatever might be it.
const (
	acceptStrict = MediaTAXII
	acceptLax    = MediaTAXII + ", application/taxii+json;q=0.9, application/json;q=0.5"
)

// request is one exchange with the server, repeated as Retry says.
type request struct {
	method string
	url    *url.URL
	body   []byte
	into   []byte             // buffer for the answer's body; nil for a new one
	accept func(answer) error // looks at a successful answer; its error may be worth retrying
}

// answer is a successful answer, read whole.
type answer struct {
	url    string
	code   int
	header http.Header
	body   []byte
}

// do sends r until it succeeds, the error is final or the attempts are used up.
func (c *Client) do(ctx context.Context, r request) (answer, error) {
	for attempt := 0; ; attempt++ {
		a, err := c.try(ctx, r)
		if err == nil && r.accept != nil {
			err = r.accept(a)
		}
		if err == nil {
			return a, nil
		}
		if c.relax(err) {
			attempt--
			continue
		}
		if ctx.Err() != nil {
			return answer{}, fmt.Errorf("%s %s: %w", r.method, r.url.Redacted(), context.Cause(ctx))
		}
		if attempt+1 >= c.retry.Attempts || !worthRetrying(ctx, err) {
			return answer{}, err
		}
		if waitErr := c.wait(ctx, c.retry.pause(attempt, retryAfter(a.header, c.now()))); waitErr != nil {
			return answer{}, fmt.Errorf("%w, after: %w", waitErr, err)
		}
	}
}

// relax turns to the wider Accept header on the first 406.
func (c *Client) relax(err error) bool {
	refused, ok := errors.AsType[*HTTPError](err)
	if !ok || refused.Code != http.StatusNotAcceptable {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lax {
		return false
	}
	c.lax = true
	return true
}

// try sends r once. Of a failed answer the header is returned too.
func (c *Client) try(ctx context.Context, r request) (answer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.requestTimeout,
		fmt.Errorf("no whole answer within %s", c.requestTimeout))
	defer cancel()
	h, err := http.NewRequestWithContext(ctx, r.method, r.url.String(), bytes.NewReader(r.body))
	if err != nil {
		return answer{}, err
	}
	c.mu.Lock()
	h.Header.Set("Accept", acceptStrict)
	if c.lax {
		h.Header.Set("Accept", acceptLax)
	}
	c.mu.Unlock()
	h.Header.Set("User-Agent", c.userAgent)
	if r.body != nil {
		h.Header.Set("Content-Type", MediaTAXII)
	}
	if c.authorise != nil {
		c.authorise(h)
	}
	resp, err := c.http.Do(h)
	if err != nil {
		return answer{}, withCause(ctx, err)
	}
	defer resp.Body.Close()
	a := answer{url: r.url.Redacted(), code: resp.StatusCode, header: resp.Header}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		const most = 64 << 10
		refused := &HTTPError{Method: r.method, URL: a.url, Code: resp.StatusCode}
		body, _ := io.ReadAll(io.LimitReader(resp.Body, most)) // the status says it; the body only explains
		refused.explain(body)
		return a, refused
	}
	if resp.ContentLength > c.maxPageBytes {
		return a, &tooLargeError{a.url, c.maxPageBytes}
	}
	a.body, err = readBounded(resp.Body, r.into, c.maxPageBytes)
	switch {
	case errors.Is(err, errTooLarge):
		return a, &tooLargeError{a.url, c.maxPageBytes}
	case err != nil:
		return a, &brokenError{a.url, withCause(ctx, err)}
	}
	return a, checkMedia(a)
}

// withCause puts the reason of a time limit in place of "context deadline
// exceeded".
func withCause(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, context.DeadlineExceeded) {
		return cause
	}
	return err
}

var errTooLarge = errors.New("too large")

// readBounded reads r to its end into buf's storage, which grows as needed.
func readBounded(r io.Reader, buf []byte, most int64) ([]byte, error) {
	buf = buf[:0]
	for {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, max(32<<10, len(buf)))
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > most {
			return buf, errTooLarge
		}
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
	}
}

// checkMedia refuses a successful answer that cannot be TAXII 2.1: TAXII 2.0,
// and pages for people. Wrong headers on JSON are let through, for the body
// decides.
func checkMedia(a answer) error {
	contentType := a.header.Get("Content-Type")
	m, _, err := parseRange(contentType)
	if strings.HasPrefix(m.Name, "application/vnd.oasis.") || (err == nil && m.Name == taxiiAnyName && m.Version == "2.0") {
		return &unreadableError{a.url, fmt.Sprintf("the server speaks TAXII 2.0 (%.80s); this client speaks 2.1: ask its operator for the 2.1 address", contentType)}
	}
	if body := bytes.TrimLeft(a.body, " \t\r\n\ufeff"); len(body) > 0 && body[0] != '{' {
		return &unreadableError{a.url, fmt.Sprintf("no TAXII 2.1 but %.80q, which begins: %s", contentType, excerpt(string(body[:min(len(body), 4096)])))}
	}
	return nil
}

// getJSON reads a resource. doing names the act in errors.
func (c *Client) getJSON(ctx context.Context, doing string, u *url.URL, into any) error {
	_, err := c.getWithHeader(ctx, doing, u, into)
	return err
}

func (c *Client) getWithHeader(ctx context.Context, doing string, u *url.URL, into any) (http.Header, error) {
	a, err := c.do(ctx, request{method: http.MethodGet, url: u, accept: func(a answer) error {
		return decode(a, into)
	}})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	return a.header, nil
}

// decode reads a JSON body; an empty one leaves into as it is.
func decode(a answer, into any) error {
	body := bytes.TrimPrefix(a.body, []byte("\ufeff"))
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	err := json.Unmarshal(body, into)
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		return &brokenError{a.url, err}
	}
	if err != nil {
		return &unreadableError{a.url, err.Error()}
	}
	return nil
}
