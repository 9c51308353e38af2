package node

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"entente/internal/door/taxii"
	"entente/internal/exchange"
	"entente/internal/trust/account"
	"entente/internal/trust/guard"
	"entente/stix"
)

// BenchmarkObservedPage measures what ids, metrics and lines cost a TAXII page
// of 100 objects over HTTP: compare observed with bare.
func BenchmarkObservedPage(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "data")
	if _, err := Init(b.Context(), dir, InitOptions{Name: "CERT Example"}); err != nil {
		b.Fatal(err)
	}
	n, err := Open(b.Context(), dir, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer n.Close()
	c, err := n.Exchange.View(n.Operator()).Collection(DefaultCollection)
	if err != nil {
		b.Fatal(err)
	}
	var objects []stix.Object
	for i := range 100 {
		o, err := stix.Read([]byte(fmt.Sprintf(`{"type":"note","spec_version":"2.1","id":"note--0c7b5b88-8ff7-4a4d-aa9d-%012d","created":"2026-03-10T09:05:00.000Z","modified":"2026-03-10T09:05:00.000Z","content":%q,"object_refs":["identity--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061"]}`, i, strings.Repeat("text ", 100))))
		if err != nil {
			b.Fatal(err)
		}
		objects = append(objects, o)
	}
	if _, err := n.Exchange.Publish(b.Context(), n.Operator(), exchange.Publication{Collection: c.ID, Objects: objects}); err != nil {
		b.Fatal(err)
	}
	_, token, err := n.Accounts.Add(b.Context(), n.Operator(), account.Application{Name: "reader", Org: n.Member.Name,
		Grants: map[string]account.Access{c.ID: account.Read}})
	if err != nil {
		b.Fatal(err)
	}
	door := taxii.New(n.Exchange, guard.New(n.Accounts, -1), taxii.Options{})
	_, metrics := newRegistry(&stateMetrics{node: n, ready: &readiness{}, crowd: newCrowd(1)})
	observed := &observer{next: door, metrics: metrics.on("public", ""), log: slog.New(requestLog{slog.DiscardHandler})}
	for name, h := range map[string]http.Handler{"bare": door, "observed": observed} {
		b.Run(name, func(b *testing.B) {
			s := httptest.NewServer(h)
			defer s.Close()
			client := s.Client()
			for b.Loop() {
				readPage(b, client, s.URL+"/taxii2/root/collections/"+c.ID+"/objects/?limit=100", token)
			}
		})
	}
}

func readPage(b *testing.B, client *http.Client, url, token string) {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/taxii+json;version=2.1")
	resp, err := client.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	if n, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK || n < 10_000 {
		b.Fatalf("%s, %d bytes, %v", resp.Status, n, err)
	}
}
