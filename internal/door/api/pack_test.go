package api_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"entente/client"
)

// Answers are packed as their client likes it, where that gains anything, and say
// the same as plain ones.
func TestLargeAnswersArePacked(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	ana := n.account(t, client.NewAccount{Name: "ana"}, "feeds:rw")
	var bundle []string
	for i := range 60 {
		bundle = append(bundle, campaign(i))
	}
	n.operator.with("Content-Type", "application/x-ndjson").do(t, http.MethodPost, "/collections/feeds/objects", []byte(strings.Join(bundle, "\n")), nil)
	for path, want := range map[string]bool{
		"/collections/feeds/objects": true,
		"/collections":               false, // short
		"/search":                    false, // refused, in short
		"/collections/feeds/objects/nothing?x=nothing": false,
		"/openapi.json": true,
	} {
		plain, body := ana.with("Accept-Encoding", "identity").send(t, http.MethodGet, path, nil)
		if plain.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s is packed for who does not take it", path)
		}
		for _, name := range []string{"gzip", "zstd"} {
			resp, packed := ana.with("Accept-Encoding", name).send(t, http.MethodGet, path, nil)
			if got := resp.Header.Get("Content-Encoding"); (got == name) != want {
				t.Errorf("%s of %d octets by %s is coded %q", path, len(body), name, got)
				continue
			}
			if resp.StatusCode != plain.StatusCode || !strings.Contains(resp.Header.Get("Vary"), "Accept-Encoding") {
				t.Errorf("%s by %s: %s, Vary %q", path, name, resp.Status, resp.Header.Get("Vary"))
			}
			if !want {
				continue
			}
			if len(packed) >= len(body) {
				t.Errorf("%s by %s has %d octets of %d", path, name, len(packed), len(body))
			}
			if got := unpacked(t, name, packed); !bytes.Equal(got, body) {
				t.Errorf("%s by %s says\n%s\nwant\n%s", path, name, got, body)
			}
		}
	}
	if resp, _ := n.operator.with("Accept-Encoding", "gzip").send(t, http.MethodGet, "/collections/feeds/objects", nil); resp.Header.Get("Content-Encoding") != "" {
		t.Error("the machine's own socket is packed")
	}
	if resp, body := ana.with("Accept-Encoding", "gzip").send(t, http.MethodHead, "/collections/feeds/objects", nil); resp.Header.Get("Content-Encoding") != "" || len(body) > 0 {
		t.Errorf("HEAD is answered %v", resp.Header)
	}
}

// The octets of an object are what its strong ETag stands for.
func TestWhatHasAStrongETagGoesAsItIs(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	ana := n.account(t, client.NewAccount{Name: "ana"}, "feeds:rw")
	large := strings.Replace(campaign(1), `"name":`, `"description":"`+strings.Repeat("x", 4000)+`","name":`, 1)
	n.operator.with("Content-Type", "application/x-ndjson").do(t, http.MethodPost, "/collections/feeds/objects", []byte(large), nil)
	_, id, _ := strings.Cut(large, `"id":"`)
	id, _, _ = strings.Cut(id, `"`)
	resp, body := ana.with("Accept-Encoding", "gzip").send(t, http.MethodGet, "/objects/"+id, nil)
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Encoding") != "" || !strings.HasPrefix(resp.Header.Get("ETag"), `"`) || string(body) != large {
		t.Errorf("%s %v: %s", resp.Status, resp.Header, body)
	}
}

func unpacked(t *testing.T, name string, packed []byte) []byte {
	t.Helper()
	var r io.Reader
	var err error
	if name == "gzip" {
		r, err = gzip.NewReader(bytes.NewReader(packed))
	} else {
		var z *zstd.Decoder
		z, err = zstd.NewReader(bytes.NewReader(packed))
		t.Cleanup(z.Close)
		r = z
	}
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}
