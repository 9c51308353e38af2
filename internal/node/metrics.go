package node

import (
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// latencies are the bounds of the histograms of time, in seconds.
var latencies = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// newRegistry makes the metrics that are there for as long as a node is served.
// docs/reference/metrics.md is made from what it gathers.
func newRegistry(state *stateMetrics) (*prometheus.Registry, *httpMetrics) {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), state)
	h := &httpMetrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "entente_http_requests_total",
			Help: "Requests answered, by door, route, method and status; status 0 was not answered."}, []string{"door", "route", "method", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "entente_http_request_duration_seconds",
			Help: "Time from a request's header to the end of its answer.", Buckets: latencies}, []string{"door", "route"}),
		inFlight: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "entente_http_requests_in_flight",
			Help: "Requests under way, by listener."}, []string{"listener"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "entente_http_response_bytes_total",
			Help: "Bytes of answers' bodies as sent, by door."}, []string{"door"}),
		denied: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "entente_auth_failures_total",
			Help: "Requests with credentials that are no account's, by door."}, []string{"door"}),
		limited: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "entente_rate_limited_total",
			Help: "Requests refused because their account sent too many, by door."}, []string{"door"}),
	}
	reg.MustRegister(h.requests, h.duration, h.inFlight, h.bytes, h.denied, h.limited)
	return reg, h
}

// scraped answers /metrics.
func scraped(reg *prometheus.Registry) http.Handler {
	return promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
}

// httpMetrics is what is counted of requests.
type httpMetrics struct {
	requests, bytes, denied, limited *prometheus.CounterVec
	duration                         *prometheus.HistogramVec
	inFlight                         *prometheus.GaugeVec
}

// on gives what a listener counts by. Its requests are of the door, or, when
// none is named, of the door that their routes lead to.
func (m *httpMetrics) on(listener, door string) *requestMetrics {
	return &requestMetrics{all: m, door: door, inFlight: m.inFlight.WithLabelValues(listener), known: map[kind]*counted{}}
}

// requestMetrics counts the requests of one listener. What a kind of request is
// counted by is looked up once.
type requestMetrics struct {
	all      *httpMetrics
	door     string
	inFlight prometheus.Gauge

	mu    sync.RWMutex
	known map[kind]*counted
}

// kind is what tells requests apart.
type kind struct {
	pattern, method string
	status          int
}

type counted struct {
	requests, bytes prometheus.Counter
	duration        prometheus.Observer
	denied, limited prometheus.Counter // nil for other statuses
}

func (m *requestMetrics) count(r *http.Request, w *observedWriter, took time.Duration) {
	k := kind{r.Pattern, methodOf(r.Method), w.status}
	m.mu.RLock()
	c := m.known[k]
	m.mu.RUnlock()
	if c == nil {
		c = m.learn(k, routeOf(r))
	}
	c.requests.Inc()
	c.bytes.Add(float64(w.bytes))
	c.duration.Observe(took.Seconds())
	if c.denied != nil && len(r.Header["Authorization"]) > 0 {
		c.denied.Inc()
	}
	if c.limited != nil {
		c.limited.Inc()
	}
}

func (m *requestMetrics) learn(k kind, route string) *counted {
	door := m.door
	if door == "" {
		door = doorOf(route)
	}
	c := &counted{
		requests: m.all.requests.WithLabelValues(door, route, k.method, strconv.Itoa(k.status)),
		bytes:    m.all.bytes.WithLabelValues(door),
		duration: m.all.duration.WithLabelValues(door, route),
	}
	switch k.status {
	case http.StatusUnauthorized:
		c.denied = m.all.denied.WithLabelValues(door)
	case http.StatusTooManyRequests:
		c.limited = m.all.limited.WithLabelValues(door)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known[k] = c
	return c
}

// methodOf keeps clients from making up methods to count by.
func methodOf(method string) string {
	known := []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}
	if slices.Contains(known, method) {
		return method
	}
	return "other"
}
