package node_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"entente/client"
	"entente/internal/node"
)

// BenchmarkHiddenAgainstAbsent asks, in turn, for what is hidden from the reader
// and for what is not there, and tells by how many percent of the mean the two
// differ, with the slowest hundredth of each left out: it is the machine's. Both
// are asked for afresh each time, as somebody would who tries names.
func BenchmarkHiddenAgainstAbsent(b *testing.B) {
	w := benchWorld(b)
	for _, kind := range []struct{ name, path string }{
		{"api object", "/api/v1/objects/indicator--%08x-0000-4000-8000-00000000000%d"},
		{"api show", "/api/v1/objects/indicator--%08x-0000-4000-8000-00000000000%d/show"},
		{"api find", "/api/v1/find?value=h%d.%d.example"},
		{"taxii object", taxiiRoot + "collections/feed/objects/indicator--%08x-0000-4000-8000-00000000000%d/"},
	} {
		b.Run(kind.name, func(b *testing.B) {
			var took [2][]time.Duration
			n := 0
			ask := func(which int) {
				r := httptest.NewRequest(http.MethodGet, fmt.Sprintf(kind.path, n%benchObjects, which), http.NoBody)
				r.SetBasicAuth("brook", w.tokens["brook"])
				rec := httptest.NewRecorder()
				began := time.Now()
				w.public.ServeHTTP(rec, r)
				took[which] = append(took[which], time.Since(began))
			}
			for b.Loop() {
				n += 7919 // all over the store
				ask(n & 1)
				ask(1 - n&1)
			}
			if len(took[0]) < 1000 {
				return // too few to tell
			}
			hidden, absent := trimmedMean(took[0]), trimmedMean(took[1])
			b.ReportMetric(hidden, "hidden-ns")
			b.ReportMetric(absent, "absent-ns")
			b.ReportMetric(100*(hidden-absent)/absent, "%apart")
		})
	}
}

func trimmedMean(all []time.Duration) float64 {
	slices.Sort(all)
	all = all[:len(all)-len(all)/100]
	var sum time.Duration
	for _, d := range all {
		sum += d
	}
	return float64(sum) / float64(len(all))
}

const benchObjects = 20_000

// benchWorld has as many hidden objects as visible ones. What is absent differs
// from a hidden object's name in its last digit.
func benchWorld(b *testing.B) *world {
	dir := b.TempDir() + "/data"
	if _, err := node.Init(b.Context(), dir, node.InitOptions{Name: "CERT Example"}); err != nil {
		b.Fatal(err)
	}
	n, err := node.Open(b.Context(), dir, node.Options{})
	if err != nil {
		b.Fatal(err)
	}
	public, end := n.Public(node.ServeOptions{Limits: node.Limits{Rate: -1}})
	b.Cleanup(func() { end(b.Context()); n.Close() })
	w := &world{n: n, public: public, local: n.Admin(), tokens: map[string]string{}}
	send := func(path string, body any) []byte {
		raw, err := json.Marshal(body)
		if err != nil {
			b.Fatal(err)
		}
		rec := w.do(ask{local: true, method: "POST", path: path, body: string(raw), header: map[string]string{"Content-Type": "application/json"}})
		if rec.Code >= 300 {
			b.Fatalf("%s: %d %s", path, rec.Code, rec.Body)
		}
		return rec.Body.Bytes()
	}
	send("/api/v1/orgs", client.NewOrg{Name: "Brookwater"})
	send("/api/v1/collections", client.NewCollection{Alias: "feed", Marking: "green"})
	var made client.Account
	if err := json.Unmarshal(send("/api/v1/accounts", client.NewAccount{Name: "brook", Org: "Brookwater", Grants: []client.Grant{{Collection: "feed", Access: "r"}}}), &made); err != nil {
		b.Fatal(err)
	}
	w.tokens["brook"] = made.Token
	var lines []byte
	for i := range benchObjects {
		for digit, marking := range map[int]string{0: "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", 5: "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"} {
			lines = fmt.Appendf(lines, `{"type":"indicator","spec_version":"2.1","id":"indicator--%08x-0000-4000-8000-00000000000%d","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","pattern":"[domain-name:value = 'h%d.%d.example']","pattern_type":"stix","valid_from":"2024-01-01T00:00:00Z","object_marking_refs":[%q]}`+"\n", i, digit, i, digit, marking)
		}
	}
	if rec := w.do(ask{local: true, method: "POST", path: "/api/v1/collections/feed/objects", header: ndjsonBody, body: string(lines)}); rec.Code != 200 {
		b.Fatalf("%d %s", rec.Code, rec.Body)
	}
	return w
}
