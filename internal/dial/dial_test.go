package dial_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"entente/internal/dial"
)

// open makes a client and closes its connections with the test.
func open(t *testing.T, o dial.Options) *http.Client {
	t.Helper()
	client, err := dial.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server
}

func get(t *testing.T, client *http.Client, url string) (string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

func TestLoopbackIsReachedOnlyWhenAnOperatorTypedIt(t *testing.T) {
	reached := 0
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { reached++; io.WriteString(w, "here") })

	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"} {
		target := strings.Replace(server.URL, "127.0.0.1", host, 1)
		_, err := get(t, open(t, dial.Options{}), target)
		refused, ok := errors.AsType[*dial.AddressError](err)
		if !ok || !refused.Private {
			t.Errorf("%s: %v, want a refusal that names the private address", target, err)
		}
	}
	if reached != 0 {
		t.Errorf("the server was reached %d times", reached)
	}
	body, err := get(t, open(t, dial.Options{AllowPrivate: true}), server.URL)
	if err != nil || body != "here" {
		t.Errorf("with AllowPrivate: %q, %v", body, err)
	}
}

func TestReservedAddressesAreNeverReached(t *testing.T) {
	client := open(t, dial.Options{AllowPrivate: true, ConnectTimeout: time.Second})
	for _, host := range []string{
		"169.254.169.254", "0.0.0.0", "[::]", "192.0.0.8", "198.18.0.1", "224.0.0.1",
		"240.0.0.1", "255.255.255.255", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
		"[fe80::1]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[::ffff:169.254.169.254]", "[::127.0.0.1]",
	} {
		_, err := get(t, client, "http://"+host+"/")
		refused, ok := errors.AsType[*dial.AddressError](err)
		if !ok || refused.Private {
			t.Errorf("%s: %v, want a refusal", host, err)
		}
	}
}

func TestProxyOfTheEnvironmentIsIgnored(t *testing.T) {
	proxied := false
	proxy := serve(t, func(http.ResponseWriter, *http.Request) { proxied = true })
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("http_proxy", proxy.URL)
	_, err := get(t, open(t, dial.Options{ConnectTimeout: time.Second}), "http://198.18.0.1/")
	if _, ok := errors.AsType[*dial.AddressError](err); !ok || proxied {
		t.Errorf("%v, proxied: %v; want a direct connection, refused", err, proxied)
	}
}

func TestProxyThatWasSetIsUsed(t *testing.T) {
	var asked string
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) { asked = r.URL.String() })
	target, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := get(t, open(t, dial.Options{Proxy: target}), "http://taxii.example/taxii2/"); err != nil {
		t.Fatal(err)
	}
	if asked != "http://taxii.example/taxii2/" {
		t.Errorf("the proxy was asked for %q", asked)
	}
}

func TestRedirectToAnotherHostIsNotFollowed(t *testing.T) {
	reached := false
	other := serve(t, func(http.ResponseWriter, *http.Request) { reached = true })
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	})
	_, err := get(t, open(t, dial.Options{AllowPrivate: true}), server.URL)
	if err == nil || !strings.Contains(err.Error(), "is not followed") || reached {
		t.Errorf("%v, reached: %v", err, reached)
	}
}

func TestRedirectOnTheSameHostIsFollowedThreeTimes(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/a":
			http.Redirect(w, r, "/a/", http.StatusMovedPermanently)
		default:
			io.WriteString(w, "at "+r.URL.Path)
		}
	})
	client := open(t, dial.Options{AllowPrivate: true})
	if body, err := get(t, client, server.URL+"/a"); err != nil || body != "at /a/" {
		t.Errorf("/a: %q, %v", body, err)
	}
	if _, err := get(t, client, server.URL+"/round"); err == nil || !strings.Contains(err.Error(), "3 redirects") {
		t.Errorf("/round: %v", err)
	}
}

func TestAnswerIsBoundedAfterDecompression(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	z.Write(make([]byte, 1<<20))
	z.Close()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb.Bytes())
		case "/fits":
			w.Write(make([]byte, 64<<10))
		case "/chunked":
			w.Write(make([]byte, 32<<10))
			w.(http.Flusher).Flush()
			w.Write(make([]byte, 32<<10+1))
		default:
			w.Write(make([]byte, 64<<10+1))
		}
	})
	client := open(t, dial.Options{AllowPrivate: true, MaxBytes: 64 << 10})
	for _, path := range []string{"/bomb", "/over", "/chunked"} {
		body, err := get(t, client, server.URL+path)
		if _, ok := errors.AsType[*dial.TooLargeError](err); !ok || len(body) > 64<<10 {
			t.Errorf("%s: %d bytes, %v", path, len(body), err)
		}
	}
	if body, err := get(t, client, server.URL+"/fits"); err != nil || len(body) != 64<<10 {
		t.Errorf("/fits: %d bytes, %v", len(body), err)
	}
}

func TestAnswerThatNeverComesIsGivenUp(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = open(t, dial.Options{AllowPrivate: true, Timeout: 20 * time.Millisecond}).Do(r)
	if err == nil || ctx.Err() != nil {
		t.Errorf("%v after %v", err, ctx.Err())
	}
}

func TestCertificates(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "sealed") }))
	t.Cleanup(server.Close)
	der := server.Certificate().Raw
	print := sha256.Sum256(der)
	colons := strings.TrimSuffix(strings.ToUpper(string(bytes.Join(pairs(hex.EncodeToString(print[:])), []byte(":")))), ":")
	other := sha256.Sum256([]byte("another certificate"))
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		options dial.Options
		refusal string
	}{
		{"an unknown authority", dial.Options{}, "unknown authority"},
		{"the file's authority", dial.Options{CAFile: ca}, ""},
		{"the pinned certificate", dial.Options{Fingerprint: hex.EncodeToString(print[:])}, ""},
		{"the pinned certificate with colons", dial.Options{Fingerprint: colons}, ""},
		{"another certificate than the pinned one", dial.Options{Fingerprint: hex.EncodeToString(other[:])}, "not the pinned one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.options.AllowPrivate = true
			body, err := get(t, open(t, c.options), server.URL)
			if c.refusal == "" && (err != nil || body != "sealed") {
				t.Errorf("%q, %v", body, err)
			}
			if c.refusal != "" && (err == nil || !strings.Contains(err.Error(), c.refusal)) {
				t.Errorf("%v, want %q", err, c.refusal)
			}
		})
	}
}

func pairs(s string) (out [][]byte) {
	for ; len(s) >= 2; s = s[2:] {
		out = append(out, []byte(s[:2]))
	}
	return out
}

func TestOldTLSIsRefused(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	server.StartTLS()
	t.Cleanup(server.Close)
	print := sha256.Sum256(server.Certificate().Raw)
	_, err := get(t, open(t, dial.Options{AllowPrivate: true, Fingerprint: hex.EncodeToString(print[:])}), server.URL)
	if err == nil || !strings.Contains(err.Error(), "protocol version") {
		t.Errorf("%v, want a refusal of the protocol version", err)
	}
}

func TestOptionsThatCannotBeUsedAreTold(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]dial.Options{
		"holds no certificate":    {CAFile: empty},
		"authorities to trust":    {CAFile: empty + ".absent"},
		"is not a SHA-256":        {Fingerprint: "abcd"},
		"in hexadecimal (64 digi": {Fingerprint: strings.Repeat("z", 64)},
	} {
		if _, err := dial.New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", o, err, want)
		}
	}
}
