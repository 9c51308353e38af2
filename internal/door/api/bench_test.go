package api_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"entente/client"
)

// BenchmarkFrame is what a small answer costs beside net/http with the same
// body: through the whole server, and through the handler alone.
func BenchmarkFrame(b *testing.B) { beside(b, "/collections/feeds") }

// BenchmarkFind is the same of a look-up that finds one object.
func BenchmarkFind(b *testing.B) { beside(b, "/find?value=192.0.2.1") }

func beside(b *testing.B, path string) {
	n := open(b)
	n.collection(b, "feeds")
	ana := n.account(b, client.NewAccount{Name: "ana"}, "feeds:rw")
	ana.bring(b, "feeds", `{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--5853f6a4-638f-5b4e-9b0f-ded361ae3812","value":"192.0.2.1"}`)
	_, body := ana.send(b, http.MethodGet, path, nil)
	static := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(body)
	})
	plain := httptest.NewServer(static)
	defer plain.Close()
	over := func(url string) func(*testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				req, _ := http.NewRequest(http.MethodGet, url+"/api/v1"+path, nil)
				req.Header = ana.header
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					b.Fatal(err)
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		}
	}
	within := func(h http.Handler) func(*testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				req := httptest.NewRequest(http.MethodGet, "/api/v1"+path, nil)
				req.Header = ana.header
				h.ServeHTTP(httptest.NewRecorder(), req)
			}
		}
	}
	b.Run("over HTTP/net-http", over(plain.URL))
	b.Run("over HTTP/api", over(n.public.URL))
	b.Run("handler/net-http", within(static))
	b.Run("handler/api", within(n.public.Config.Handler))
}
