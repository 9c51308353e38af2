package node

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"entente/internal/door/admin"
	"entente/internal/door/api"
	"entente/internal/door/console"
	"entente/internal/door/export"
	"entente/internal/door/taxii"
	"entente/internal/practice/seen"
	"entente/internal/trust/guard"
)

// ServeOptions say how a node is served. The zero value listens on loopback.
type ServeOptions struct {
	Listen      string // host:port; DefaultListen when empty
	TLSCert     string // PEM file; with TLSKey, TLS is spoken on any address
	TLSKey      string
	BehindProxy bool // a proxy in front does TLS; plain HTTP is spoken on any address

	Origins []string // of web pages whose scripts may use the API, as https://soc.example; none when empty

	// MetricsListen is a host:port on which metrics are answered besides the
	// admin socket; none when empty. They count what nobody in particular may
	// see, so that beyond loopback TLS or a proxy is needed.
	MetricsListen string

	// LogRequests writes the line of each request at the level of information
	// rather than of debugging.
	LogRequests bool

	// Ready, when set, is called once with the address when requests are taken;
	// Stopping once when readiness goes.
	Ready    func(url string)
	Stopping func()

	Limits Limits
	Seen   seen.Settings // of what is kept of events
	Events EventOptions
}

// DefaultListen is where a node listens unless told otherwise.
const DefaultListen = "127.0.0.1:8470"

// serving is a node while it is served.
type serving struct {
	*Node
	opts   ServeOptions
	ready  *readiness
	crowd  *crowd
	door   *taxii.Server
	fronts []front
}

// Serve serves the node until the context ends, then lets requests under way
// end: readiness goes first, the listeners next, the store is Close's. Options
// that cannot be served are an error before anything is listened on.
func (n *Node) Serve(ctx context.Context, o ServeOptions) error {
	o.Limits = o.Limits.withDefaults()
	if err := o.Events.check(); err != nil {
		return err
	}
	if o.Listen == "" {
		o.Listen = DefaultListen
	}
	keys, err := o.keyring(n.Dir, n.log)
	if err != nil {
		return err
	}
	s := n.serving(o)
	if keys != nil {
		s.ready.warnings = append(s.ready.warnings, keys.warnings)
		n.keys.Store(keys)
		defer n.keys.Store(nil)
	}
	defer s.close()
	// What a restored backup brought back, or a node was down for, is served to nobody.
	if _, err := n.Exchange.EraseDue(ctx, n.now()); err != nil {
		n.log.Error("erase personal data whose time is over; it is tried again in a minute", "err", err)
	}
	if err := s.open(keys); err != nil {
		return err
	}
	syslog, err := s.syslog(keys)
	if err != nil {
		return err
	}
	n.syslog.Store(syslog)
	defer n.syslog.Store(nil)
	var work sync.WaitGroup
	defer work.Wait()
	beside, stop := context.WithCancel(ctx)
	defer stop()
	work.Go(func() { n.keepMonths(beside) })
	work.Go(func() { n.Webhooks.Run(beside) })
	sensing, unsense := context.WithCancel(context.WithoutCancel(ctx)) // until no request is under way any more
	defer unsense()
	work.Go(func() { s.sense(sensing, syslog) })
	return s.run(ctx)
}

// serving is what a node is served by, before anything is listened on.
func (n *Node) serving(o ServeOptions) *serving {
	s := &serving{Node: n, opts: o, ready: &readiness{}, crowd: newCrowd(o.Limits.Connections)}
	s.ready.checks = []func() error{checkStore(n.Store)}
	s.ready.warnings = []func() []string{n.warnSpace, n.warnFollowers}
	return s
}

// Reload takes anew what can be taken while the node is served: the certificate.
func (n *Node) Reload() {
	if k := n.keys.Load(); k != nil {
		k.look(true)
	}
}

// handlers makes the door for TAXII and what the public listener answers, and
// tells what the listeners count by.
func (s *serving) handlers(keys *keyring) (public http.Handler, reg *prometheus.Registry, metrics *httpMetrics) {
	l := s.opts.Limits
	g := guard.New(s.Accounts, l.Rate)
	s.door = taxii.New(s.Exchange, g, taxii.Options{Title: s.Member.Name, Logger: s.log,
		MaxBody: l.Body, MaxObject: int(l.Object), MaxPage: l.Page, Patience: l.Patience})
	data := s.API.Public(api.PublicOptions{Guard: g, Origins: s.opts.Origins, MaxObject: int(l.Object),
		MaxBody: l.Body, MaxBulk: l.Bulk, MaxUpload: l.Upload,
		Streams: l.Streams, AccountStreams: l.AccountStreams, StreamPatience: l.StreamPatience})
	reg, metrics = newRegistry(&stateMetrics{node: s.Node, ready: s.ready, keys: keys, crowd: s.crowd})
	return s.observe(s.routes(data, export.Lists(s.Devices, g, s.log)), metrics.on("public", "")), reg, metrics
}

// open makes the handlers and opens the listeners.
func (s *serving) open(keys *keyring) error {
	h, reg, metrics := s.handlers(keys)
	if s.opts.BehindProxy {
		h = noteForwarded(h)
	}
	public := s.server(h)
	public.ConnState = s.crowd.state
	if err := s.listen(public, s.opts.Listen, keys); err != nil {
		return err
	}
	if s.opts.MetricsListen != "" {
		if loopback(s.opts.MetricsListen) {
			keys = nil
		}
		if err := s.listen(s.server(scraped(reg)), s.opts.MetricsListen, keys); err != nil {
			return fmt.Errorf("metrics: %w", err)
		}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", scraped(reg))
	mux.Handle("GET /readyz", s.ready)
	mux.Handle("/", s.Admin())
	local, err := admin.Listen(s.Dir)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	inner := &http.Server{Handler: s.observe(mux, metrics.on("admin", "admin")), ReadHeaderTimeout: s.opts.Limits.Header, ErrorLog: s.errorLog()}
	s.fronts = append(s.fronts, front{local, inner, ""})
	return nil
}

// run serves until the context ends or a listener fails, then drains.
func (s *serving) run(ctx context.Context) (err error) {
	failed := make(chan error, len(s.fronts))
	for _, f := range s.fronts {
		go func() { failed <- f.server.Serve(f.listener) }()
	}
	if s.opts.Ready != nil {
		s.opts.Ready(s.fronts[0].url)
	}
	select {
	case err = <-failed:
		err = fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
		s.log.Info("stopping: no new requests; those under way end first")
	}
	s.ready.stopping.Store(true)
	if s.opts.Stopping != nil {
		s.opts.Stopping()
	}
	if err == nil {
		<-time.After(s.opts.Limits.Notice)
	}
	return errors.Join(err, s.drain())
}

// drain lets requests under way end, and cuts them off when they take too long.
func (s *serving) drain() error {
	s.API.Stop()
	patience := s.opts.Limits.Drain
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var errs []error
	for _, f := range s.fronts {
		if err := f.server.Shutdown(ctx); err != nil {
			f.server.Close()
			errs = append(errs, fmt.Errorf("stop: requests were cut off after %v: %w", patience, err))
		}
	}
	if err := s.door.Close(ctx); err != nil {
		errs = append(errs, fmt.Errorf("stop: batches were cut off: %w", err))
	}
	return errors.Join(errs...)
}

// close gives up listeners that were not served.
func (s *serving) close() {
	for _, f := range s.fronts {
		f.listener.Close()
	}
}

// routes is everything that the node answers on its public listener: TAXII's
// door, the API, and what takes no account.
func (s *serving) routes(data, lists http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", alive)
	mux.Handle("GET /readyz", s.ready)
	mux.Handle(api.Root, data)
	mux.Handle("GET /export/v1", lists)
	mux.Handle("GET /export/v1/{token}", lists)
	mux.Handle("GET /export/v1/{token}/{file}", lists) // of a feed
	mux.Handle("GET /docs/reference/errors", api.ErrorsPage())
	mux.Handle("/", console.New(s.Accounts, console.Options{Member: s.Member.Name, Logger: s.log}))
	return atTAXII(s.door, mux)
}

// atTAXII leads what lies under /taxii2 to its door, and what a TAXII client asks of
// roots that are not here. The mux would do so too, but redirects paths that are not
// clean, and says in plain text that nothing is there, where such a client waits for
// TAXII.
func atTAXII(door, others http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rest, ok := strings.CutPrefix(r.URL.Path, "/taxii2"); ok && (rest == "" || rest[0] == '/') {
			door.ServeHTTP(w, r)
			return
		}
		if strings.HasSuffix(r.URL.Path, "/") && !strings.HasPrefix(r.URL.Path, api.Root) && strings.Contains(r.Header.Get("Accept"), "application/taxii+json") {
			door.ServeHTTP(w, r)
			return
		}
		others.ServeHTTP(w, r)
	})
}

// observe stands outside of all that a request passes on its way to a handler.
func (s *serving) observe(h http.Handler, m *requestMetrics) http.Handler {
	level := slog.LevelDebug
	if s.opts.LogRequests {
		level = slog.LevelInfo
	}
	return &observer{next: h, metrics: m, log: s.log, level: level}
}

// server holds clients to the limits.
func (s *serving) server(h http.Handler) *http.Server {
	l := s.opts.Limits
	return &http.Server{
		Handler:           steady(pace{l.Grace, l.Pace}, h),
		ConnContext:       noteSource,
		ReadHeaderTimeout: l.Header,
		IdleTimeout:       l.Idle,
		MaxHeaderBytes:    int(l.HeaderBytes),
		ErrorLog:          s.errorLog(),
	}
}

// Admin is the handler of administrative verbs, for the admin socket or for a
// verb in this process: the API as the operator has it, and what is the
// machine's operator's alone.
func (n *Node) Admin() http.Handler {
	mux := http.NewServeMux()
	mux.Handle(api.Root, n.API.Local(n.Operator()))
	mux.Handle("GET /docs/reference/errors", api.ErrorsPage())
	mux.Handle("/", admin.New(admin.Node{
		By: n.Operator(), Exchange: n.Exchange, Accounts: n.Accounts, Store: n.Store, Logger: n.log,
		Export: n.exportTo,
		Backup: n.backupTo,
	}))
	return mux
}

// errorLog takes net/http's own complaints, which clients cause, as debug lines.
func (n *Node) errorLog() *log.Logger { return slog.NewLogLogger(n.log.Handler(), slog.LevelDebug) }
