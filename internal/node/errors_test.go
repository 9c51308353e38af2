package node_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"entente/internal/node"
)

// Who is refused, with an account or without, follows the problem's link on the
// listener that refused.
func TestTheLinkOfAProblemLeadsSomewhere(t *testing.T) {
	dir, _ := newNode(t)
	h := serve(t, dir, node.ServeOptions{})
	local := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", dir+"/admin.sock")
	}}}
	for base, client := range map[string]*http.Client{h.url: http.DefaultClient, "http://admin": local} {
		refused, err := client.Get(base + "/api/v1/collections/nothing")
		if err != nil {
			t.Fatal(err)
		}
		var problem struct{ Type, Code string }
		err = json.NewDecoder(refused.Body).Decode(&problem)
		refused.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		link, err := refused.Request.URL.Parse(problem.Type)
		if err != nil {
			t.Fatal(err)
		}
		page, err := client.Get((&url.URL{Scheme: link.Scheme, Host: link.Host, Path: link.Path}).String())
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(page.Body)
		page.Body.Close()
		if err != nil || page.StatusCode != http.StatusOK || link.Fragment != problem.Code || !strings.Contains(string(text), `id="`+link.Fragment+`"`) {
			t.Errorf("%s leads to %d, %v:\n%s", problem.Type, page.StatusCode, err, text)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Content-Type": "text/html; charset=utf-8"} {
			if got := page.Header.Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
	}
}
