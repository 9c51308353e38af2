package node_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	dto "github.com/prometheus/client_model/go"

	"entente/internal/node"
)

var update = flag.Bool("update", false, "rewrite docs/reference/metrics.md")

// scraped is what a node that has done a little of everything tells Prometheus,
// by name.
func scraped(t *testing.T) map[string]*dto.MetricFamily {
	t.Helper()
	dir, _ := newNode(t)
	h := serve(t, dir, node.ServeOptions{Listen: "0.0.0.0:0", MetricsListen: "127.0.0.1:0", Limits: node.Limits{Rate: 0.01}})
	client, root := h.ownClient(dir)
	token := h.account("reader")
	for range 3 {
		h.ask(client, root+"/taxii2/", token)
	}
	h.ask(client, root+"/taxii2/", "wrong")
	return h.scrape(dir)
}

func TestMetricsAreWhatTheReferenceSays(t *testing.T) {
	families := scraped(t)
	for name, want := range map[string]float64{
		"entente_ready": 1, "entente_rate_limited_total": 2, "entente_auth_failures_total": 1, "entente_log_leaves": 1,
	} {
		if got := valueOf(families[name]); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	var b strings.Builder
	b.WriteString(metricsHead)
	for _, name := range slices.Sorted(maps.Keys(families)) {
		if f := families[name]; strings.HasPrefix(name, "entente_") {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", name, strings.ToLower(f.GetType().String()), labelsOf(f), f.GetHelp())
		}
	}
	golden(t, "../../docs/reference/metrics.md", b.String())
}

const metricsHead = `# Metrics

<!-- Made by go test ./internal/node -run Metrics -update; do not edit. -->

What a node tells Prometheus at ` + "`/metrics`" + `, on the admin socket and on
` + "`--metrics-listen`" + `. Beside these come Go's own (` + "`go_*`" + `) and the process's
(` + "`process_*`" + `). Counters begin at 0 when the program starts. A name or a label
changes only with a word in CHANGELOG.md. ` + "`packaging/grafana/entente.json`" + ` shows
them.

| metric | type | labels | what it is |
|---|---|---|---|
`

// Whatever the dashboard asks for is there.
func TestDashboardNamesOnlyMetricsThatAre(t *testing.T) {
	b, err := os.ReadFile("../../packaging/grafana/entente.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Title  string
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(b, &board); err != nil {
		t.Fatal(err)
	}
	families := scraped(t)
	shown := map[string]bool{}
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			for _, name := range regexp.MustCompile(`\b(entente|go|process)_[a-z0-9_]+`).FindAllString(target.Expr, -1) {
				family := regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")
				if families[name] == nil && families[family] == nil {
					t.Errorf("panel %q asks for %s, which no node tells", p.Title, name)
				}
				shown[family], shown[name] = true, true
			}
		}
		if len(p.Targets) == 0 {
			t.Errorf("panel %q asks for nothing", p.Title)
		}
	}
	for name := range families {
		if strings.HasPrefix(name, "entente_") && !shown[name] {
			t.Errorf("no panel shows %s", name)
		}
	}
}

// Metrics count what nobody in particular may see: beyond loopback they are told
// in TLS alone, and never on the public listener.
func TestMetricsAreNotForStrangers(t *testing.T) {
	dir, _ := newNode(t)
	if err := (node.ServeOptions{MetricsListen: "0.0.0.0:0"}).Check(dir); err == nil || !strings.Contains(err.Error(), "could be read on the way") {
		t.Errorf("metrics in the open: %v", err)
	}
	if err := (node.ServeOptions{MetricsListen: "0.0.0.0:0", BehindProxy: true}).Check(dir); err != nil {
		t.Errorf("behind a proxy: %v", err)
	}
	if err := (node.ServeOptions{Listen: "0.0.0.0:0", MetricsListen: "0.0.0.0:0"}).Check(dir); err != nil {
		t.Errorf("with the certificate made at init: %v", err)
	}
	h := serve(t, dir, node.ServeOptions{})
	if code, body := h.get("/metrics"); code == http.StatusOK || strings.Contains(body, "entente_") {
		t.Errorf("the public listener answers /metrics: %d %s", code, body)
	}
}

func (h *house) scrape(dir string) map[string]*dto.MetricFamily {
	h.t.Helper()
	resp, err := h.admin(dir).Get("http://entente/metrics")
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return families
}

func valueOf(f *dto.MetricFamily) (sum float64) {
	for _, m := range f.GetMetric() {
		sum += m.GetGauge().GetValue() + m.GetCounter().GetValue()
	}
	return sum
}

func labelsOf(f *dto.MetricFamily) string {
	var names []string
	for _, m := range f.GetMetric() {
		for _, l := range m.GetLabel() {
			if !slices.Contains(names, "`"+l.GetName()+"`") {
				names = append(names, "`"+l.GetName()+"`")
			}
		}
	}
	return strings.Join(names, ", ")
}

// golden compares what the code says with a page, or writes it there.
func golden(t *testing.T, path, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s is not what the code says (%v); run this test with -update and read the difference", path, err)
	}
}

// Requests to the API are counted by operation, so that a slow or failing one
// is told apart.
func TestOperationsOfTheAPIAreCountedApart(t *testing.T) {
	dir, _ := newNode(t)
	h := serve(t, dir, node.ServeOptions{Listen: "0.0.0.0:0", MetricsListen: "127.0.0.1:0"})
	client, root := h.ownClient(dir)
	token := h.account("reader")
	h.ask(client, root+"/api/v1/me", token)
	h.ask(client, root+"/api/v1/find?value=198.51.100.7", token)
	h.ask(client, root+"/api/v1/nothing", token)
	routes := map[string]bool{}
	for _, m := range h.scrape(dir)["entente_http_requests_total"].GetMetric() {
		for _, l := range m.GetLabel() {
			if l.GetName() == "route" {
				routes[l.GetValue()] = true
			}
		}
	}
	for _, want := range []string{"/api/v1/me", "/api/v1/find", "/api/v1/"} {
		if !routes[want] {
			t.Errorf("no route %s among %v", want, slices.Sorted(maps.Keys(routes)))
		}
	}
}
