package node_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"testing"

	"entente/internal/node"
)

// A refusal does not wait for a body of which it was asked whether it may come
// (RFC 9110 section 10.1.1): it is answered, and the connection is closed.
func TestRefusalsDoNotWaitForBodies(t *testing.T) {
	dir, _ := newNode(t)
	h := serve(t, dir, node.ServeOptions{})
	token, _ := h.writer("ana")
	for _, c := range []struct {
		why, token, contentType string
		length, status          int
	}{
		{"no token", "nobody", "application/taxii+json;version=2.1", 1000, http.StatusUnauthorized},
		{"another media type", token, "text/plain", 1000, http.StatusUnsupportedMediaType},
		{"too large", token, "application/taxii+json;version=2.1", 500_000_000, http.StatusRequestEntityTooLarge},
	} {
		conn := h.dial()
		fmt.Fprintf(conn, "POST /taxii2/root/collections/default/objects/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"+
			"Accept: application/taxii+json\r\nContent-Type: %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", c.token, c.contentType, c.length)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%s: no answer: %v", c.why, err)
			continue
		}
		if resp.StatusCode != c.status || !resp.Close {
			t.Errorf("%s: answered %s, the connection closes: %v; want %d", c.why, resp.Status, resp.Close, c.status)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Errorf("%s: the answer is not whole: %v", c.why, err)
		}
	}
}

// Who asks for TAXII at another root is answered in TAXII (section 3.6.1).
func TestTAXIIIsAnsweredAtEveryRoot(t *testing.T) {
	dir, _ := newNode(t)
	h := serve(t, dir, node.ServeOptions{})
	token := h.account("reader")
	for path, want := range map[string]string{"/nope/collections/": "application/taxii+json;version=2.1", "/healthz": "text/plain; charset=utf-8"} {
		resp, _ := h.ask(http.DefaultClient, h.url+path, token, "Accept", "application/taxii+json;version=2.1")
		if got := resp.Header.Get("Content-Type"); got != want {
			t.Errorf("%s is answered %s as %q; want %q", path, resp.Status, got, want)
		}
	}
}
