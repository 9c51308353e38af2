package console_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/door/console"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
)

// visitor is somebody with a browser.
type visitor struct {
	t        *testing.T
	console  http.Handler
	accounts *account.Accounts
	code     string
}

func newVisitor(t *testing.T) *visitor {
	st, err := pebble.Open(t.Context(), "store", pebble.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	accounts := account.New(st, "CERT <Example>", nil)
	code, err := accounts.Invite(t.Context(), account.Operator("CERT <Example>"), account.Curator)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, console.New(accounts, console.Options{Member: "CERT <Example>"}), accounts, code}
}

// ask sends a request as a browser does; a form makes it a POST.
func (v *visitor) ask(path string, form url.Values, header ...string) (*http.Response, string) {
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	v.console.ServeHTTP(w, r)
	resp := w.Result()
	if csp := resp.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") {
		v.t.Errorf("%s %s has policy %q, want one that begins with nothing allowed", method, path, csp)
	}
	return resp, w.Body.String()
}

func TestSetUpOpensOneAccount(t *testing.T) {
	v := newVisitor(t)
	path := "/setup/" + v.code
	for range 2 { // looking does not use it up
		if resp, page := v.ask(path, nil); resp.StatusCode != http.StatusOK || !strings.Contains(page, `<form method="post">`) {
			t.Fatalf("the page is %d %s", resp.StatusCode, page)
		}
	}
	resp, page := v.ask(path, url.Values{"name": {`"><script>alert(1)</script>`}})
	if resp.StatusCode != http.StatusUnprocessableEntity || strings.Contains(page, "<script>") {
		t.Errorf("a hostile name: %d %s", resp.StatusCode, page)
	}
	resp, page = v.ask(path, url.Values{"name": {"ana"}})
	token := regexp.MustCompile(`ent_a_[0-9A-Za-z]{36}`).FindString(page)
	if resp.StatusCode != http.StatusOK || token == "" || resp.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("the account: %d %s", resp.StatusCode, page)
	}
	if p, err := v.accounts.Basic(t.Context(), "ana", token); err != nil || !p.Curates() {
		t.Errorf("the token is %+v's, %v; want a curator's", p, err)
	}
	for _, form := range []url.Values{nil, {"name": {"bo"}}} {
		if resp, page := v.ask(path, form); resp.StatusCode != http.StatusNotFound || strings.Contains(page, token) {
			t.Errorf("the link again: %d %s, want 404", resp.StatusCode, page)
		}
	}
}

func TestOtherSitesCannotSetUp(t *testing.T) {
	v := newVisitor(t)
	resp, _ := v.ask("/setup/"+v.code, url.Values{"name": {"eve"}}, "Sec-Fetch-Site", "cross-site")
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("a form of another site: %d, want 403", resp.StatusCode)
	}
	if err := v.accounts.Invited(t.Context(), v.code); err != nil {
		t.Errorf("and the link is used up: %v", err)
	}
}

func TestWrongCodesOpenNothing(t *testing.T) {
	v := newVisitor(t)
	for _, code := range []string{"x", v.code[1:], strings.ToLower(v.code) + "x", "..%2f"} {
		if resp, _ := v.ask("/setup/"+code, nil); resp.StatusCode != http.StatusNotFound {
			t.Errorf("code %s: %d, want 404", code, resp.StatusCode)
		}
	}
}

func TestFrontEscapesItsMember(t *testing.T) {
	v := newVisitor(t)
	resp, page := v.ask("/", nil)
	if resp.StatusCode != http.StatusOK || !strings.Contains(page, "CERT &lt;Example&gt;") || strings.Contains(page, "<Example>") {
		t.Errorf("front is %d %s", resp.StatusCode, page)
	}
	if resp, _ := v.ask("/console.css", nil); resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/css") {
		t.Errorf("style is %d %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	if resp, _ := v.ask("/nothing", nil); resp.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown page is %d, want 404", resp.StatusCode)
	}
}
