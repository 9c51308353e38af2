package taxii_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"entente/internal/door/taxii"
	"entente/internal/exchange"
	"entente/internal/trust/account"
	"entente/stix"
)

// BenchmarkServe compares answers over HTTP with net/http serving the same
// bytes from memory; ns/op of door and static are to be compared. What each
// must reach stands in docs/performance.md.
func BenchmarkServe(b *testing.B) {
	n := open(b, taxii.Options{})
	c := n.collection(b, "bench")
	ana := n.account(b, "ana", account.Read|account.Write, c)
	last := n.fill(b, c, 20_000)
	base := taxii.Root + "collections/" + c.ID
	for _, bench := range []struct{ name, path string }{
		{"page of 100", base + "/objects/?limit=100&match[type]=indicator"},
		{"page of 100, no filter", base + "/objects/?limit=100"},
		{"manifest of 1000", base + "/manifest/?limit=1000"},
		{"object", base + "/objects/" + last + "/"},
	} {
		for _, packing := range []string{"", "gzip", "zstd"} {
			body := fetch(b, n.URL+bench.path, ana.Name, ana.Token, packing)
			static := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", strconv.Itoa(len(body)))
				w.Write(body)
			}))
			for _, side := range []struct{ name, url string }{{"static", static.URL + bench.path}, {"door", n.URL + bench.path}} {
				b.Run(strings.TrimSpace(fmt.Sprintf("%s %s/%s", bench.name, packing, side.name)), func(b *testing.B) {
					b.SetBytes(int64(len(body)))
					for b.Loop() {
						if got := fetch(b, side.url, ana.Name, ana.Token, packing); len(got) != len(body) {
							b.Fatalf("%d octets, not %d", len(got), len(body))
						}
					}
				})
			}
			static.Close()
		}
	}
}

var plain = &http.Client{Transport: &http.Transport{DisableCompression: true}}

func fetch(b *testing.B, url, name, token, packing string) []byte {
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Accept", "application/taxii+json;version=2.1")
	r.SetBasicAuth(name, token)
	if packing != "" {
		r.Header.Set("Accept-Encoding", packing)
	}
	resp, err := plain.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		b.Fatalf("status %d, %v", resp.StatusCode, err)
	}
	return body
}

// fill brings in objects of 800 octets and gives the id of the last.
func (n *node) fill(b testing.TB, c exchange.Collection, count int) (id string) {
	b.Helper()
	for done := 0; done < count; done += 1000 {
		var batch []stix.Object
		for i := range 1000 {
			id = stix.NewID("indicator")
			raw := fmt.Sprintf(`{"type":"indicator","spec_version":"2.1","id":%q,"created":"2024-05-06T07:08:09.123Z",`+
				`"modified":"2024-05-06T07:08:09.123Z","pattern_type":"stix","valid_from":"2024-05-06T07:08:09.123Z",`+
				`"pattern":"[ipv4-addr:value = '10.%d.%d.%d']","name":"`, id, done>>16&255, (done+i)>>8&255, (done+i)&255)
			raw += strings.Repeat("known as a proxy ", 60)[:800-len(raw)-2] + `"}`
			o, err := stix.Read([]byte(raw))
			if err != nil {
				b.Fatal(err)
			}
			batch = append(batch, o)
		}
		if _, err := n.exchange.Publish(b.Context(), n.operator, exchange.Publication{Collection: c.ID, Objects: batch}); err != nil {
			b.Fatal(err)
		}
	}
	return id
}

// BenchmarkHandler is what the door itself takes, without a network.
func BenchmarkHandler(b *testing.B) {
	n := open(b, taxii.Options{})
	c := n.collection(b, "bench")
	ana := n.account(b, "ana", account.Read|account.Write, c)
	last := n.fill(b, c, 20_000)
	base := taxii.Root + "collections/" + c.ID
	for _, bench := range []struct{ name, path string }{
		{"page of 100", base + "/objects/?limit=100"},
		{"manifest of 1000", base + "/manifest/?limit=1000"},
		{"object", base + "/objects/" + last + "/"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			r := httptest.NewRequest(http.MethodGet, bench.path, nil)
			r.Header.Set("Accept", "application/taxii+json;version=2.1")
			r.SetBasicAuth(ana.Name, ana.Token)
			w := &sink{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				n.door.ServeHTTP(w, r)
			}
			if w.status != http.StatusOK {
				b.Fatal(w.status)
			}
			b.SetBytes(int64(w.n))
		})
	}
}

// sink is a writer of answers that go nowhere.
type sink struct {
	header    http.Header
	status, n int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Write(b []byte) (int, error) { s.n = len(b); return len(b), nil }
