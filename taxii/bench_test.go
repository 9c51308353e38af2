package taxii_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"entente/taxii"
)

// BenchmarkPull reads a collection of 20,000 indicators of 800 bytes, a
// thousand a page, from a server that has each page ready in memory.
// BenchmarkReadPages, the baseline, reads the same pages and looks at nothing.
func BenchmarkPull(b *testing.B) {
	server, total, size := staticServer(b)
	client, err := taxii.New(server.URL + "/api/")
	if err != nil {
		b.Fatal(err)
	}
	defer client.CloseIdleConnections()
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		count := 0
		for batch, err := range client.Pull(b.Context(), "c", taxii.Cursor{}, taxii.Filter{}) {
			if err != nil {
				b.Fatal(err)
			}
			count += len(batch.Objects)
		}
		if count != total {
			b.Fatalf("%d objects, want %d", count, total)
		}
	}
	b.ReportMetric(float64(total)*float64(b.N)/b.Elapsed().Seconds(), "objects/s")
}

func BenchmarkReadPages(b *testing.B) {
	server, total, size := staticServer(b)
	b.SetBytes(size)
	for b.Loop() {
		for next := 0; next < total; next += 1000 {
			resp, err := http.Get(server.URL + "/api/collections/c/objects/?next=" + strconv.Itoa(next))
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, resp.Body); err != nil {
				b.Fatal(err)
			}
			resp.Body.Close()
		}
	}
	b.ReportMetric(float64(total)*float64(b.N)/b.Elapsed().Seconds(), "objects/s")
}

// staticServer has its pages ready and dates every object apart.
func staticServer(b *testing.B) (server *httptest.Server, total int, size int64) {
	const pages, each = 20, 1000
	bodies := make([][]byte, pages)
	for p := range pages {
		var page strings.Builder
		page.WriteString(`{"objects":[`)
		for i := range each {
			if i > 0 {
				page.WriteByte(',')
			}
			n := p*each + i
			object := fmt.Sprintf(`{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-%012d",`+
				`"created_by_ref":"identity--00000000-0000-4000-8000-000000000001","created":"2024-01-01T00:00:00.000Z",`+
				`"modified":"2024-01-01T00:00:00.000Z","name":"Address %d","indicator_types":["malicious-activity"],`+
				`"pattern":"[ipv4-addr:value = '198.51.%d.%d']","pattern_type":"stix","valid_from":"2024-01-01T00:00:00Z",`+
				`"object_marking_refs":["marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"],"description":"`, n, n, n/256%256, n%256)
			page.WriteString(object)
			page.WriteString(strings.Repeat("x", 800-len(object)-2))
			page.WriteString(`"}`)
		}
		page.WriteByte(']')
		if p < pages-1 {
			fmt.Fprintf(&page, `,"more":true,"next":"%d"`, (p+1)*each)
		}
		page.WriteByte('}')
		bodies[p] = []byte(page.String())
		size += int64(page.Len())
	}
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", taxii.MediaTAXII)
		if r.URL.Path == "/api/" {
			fmt.Fprintf(w, `{"title":"Static","versions":[%q],"max_content_length":1}`, taxii.MediaTAXII)
			return
		}
		n, _ := strconv.Atoi(r.URL.Query().Get("next"))
		w.Header().Set(taxii.HeaderDateAddedFirst, dateOf(n))
		w.Header().Set(taxii.HeaderDateAddedLast, dateOf(n+each-1))
		w.Write(bodies[n/each])
	}))
	b.Cleanup(server.Close)
	return server, pages * each, size
}

func dateOf(n int) string { return taxii.FormatTime(sameDateAs(n)(0)) }
