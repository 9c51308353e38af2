package node

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"entente/internal/door/admin"
	"entente/internal/door/api"
	"entente/internal/door/console"
	"entente/internal/door/export"
	"entente/internal/door/taxii"
	"entente/internal/exchange"
	"entente/internal/trust/guard"
)

// ServeOptions say how a node is served. The zero value listens on loopback.
type ServeOptions struct {
	Listen      string // host:port; 127.0.0.1:8470 when empty
	TLSCert     string // PEM file; with TLSKey, TLS is spoken on any address
	TLSKey      string
	BehindProxy bool // a proxy in front does TLS; plain HTTP is spoken on any address

	Origins []string // of web pages whose scripts may use the API, as https://soc.example; none when empty

	// Ready, when set, is called once with the address when requests are taken.
	Ready func(url string)

	Limits Limits
}

// DefaultListen is where a node listens unless told otherwise.
const DefaultListen = "127.0.0.1:8470"

// Serve serves the node until the context ends, then lets requests under way
// end: readiness goes first, the listener next, the store is Close's. Options
// that cannot be served are an error before anything is listened on.
func (n *Node) Serve(ctx context.Context, o ServeOptions) error {
	if o.Listen == "" {
		o.Listen = DefaultListen
	}
	limits := o.Limits.withDefaults()
	secure, err := o.transport(n.Dir)
	if err != nil {
		return err
	}
	l, url, err := listen(o.Listen, secure)
	if err != nil {
		return err
	}
	defer l.Close()
	local, err := admin.Listen(n.Dir)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	defer local.Close()

	ready := &readiness{checks: []func() error{checkStore(n.Store)}}
	g := guard.New(n.Accounts, limits.Rate)
	door := taxii.New(n.Exchange, g, taxii.Options{Title: n.Member.Name, Logger: n.log,
		MaxBody: limits.Body, MaxObject: int(limits.Object), MaxPage: limits.Page, Patience: limits.Patience})
	data := n.API.Public(api.PublicOptions{Guard: g, Origins: o.Origins, MaxObject: int(limits.Object)})
	public := n.server(n.routes(door, data, ready, o.BehindProxy, limits), limits)
	inner := &http.Server{Handler: n.Admin(), ReadHeaderTimeout: limits.Header, ErrorLog: n.errorLog()}

	failed := make(chan error, 2)
	go func() { failed <- public.Serve(l) }()
	go func() { failed <- inner.Serve(local) }()
	if o.Ready != nil {
		o.Ready(url)
	}
	select {
	case err = <-failed:
		err = fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
		n.log.Info("stopping: no new requests; those under way end first")
	}
	ready.stopping.Store(true)
	if err == nil {
		<-time.After(limits.Notice)
	}
	return errors.Join(err, n.drain(limits.Drain, public, inner, door))
}

// drain lets requests under way end, and cuts them off when they take too long.
func (n *Node) drain(patience time.Duration, public, inner *http.Server, door *taxii.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var errs []error
	for _, s := range []*http.Server{public, inner} {
		if err := s.Shutdown(ctx); err != nil {
			s.Close()
			errs = append(errs, fmt.Errorf("stop: requests were cut off after %v: %w", patience, err))
		}
	}
	if err := door.Close(ctx); err != nil {
		errs = append(errs, fmt.Errorf("stop: batches were cut off: %w", err))
	}
	return errors.Join(errs...)
}

// routes is everything that the node answers on its public listener: TAXII's
// door, the API, and what takes no account.
func (n *Node) routes(door, data, ready http.Handler, proxied bool, limits Limits) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", alive)
	mux.Handle("GET /readyz", ready)
	mux.Handle(api.Root, data)
	mux.Handle("/", console.New(n.Accounts, console.Options{Member: n.Member.Name, Logger: n.log}))
	h := steady(pace{limits.Grace, limits.Pace}, atTAXII(door, mux))
	if proxied {
		h = noteForwarded(h)
	}
	return h
}

// atTAXII leads what lies under /taxii2 to its door. The mux would do so too, but
// redirects paths that are not clean, where a TAXII client waits for TAXII.
func atTAXII(door, others http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rest, ok := strings.CutPrefix(r.URL.Path, "/taxii2"); ok && (rest == "" || rest[0] == '/') {
			door.ServeHTTP(w, r)
			return
		}
		others.ServeHTTP(w, r)
	})
}

func (n *Node) server(h http.Handler, limits Limits) *http.Server {
	return &http.Server{
		Handler:           h,
		ConnContext:       noteSource,
		ConnState:         newCrowd(limits.Connections).state,
		ReadHeaderTimeout: limits.Header,
		IdleTimeout:       limits.Idle,
		MaxHeaderBytes:    int(limits.HeaderBytes),
		ErrorLog:          n.errorLog(),
	}
}

// Admin is the handler of administrative verbs, for the admin socket or for a
// verb in this process: the API as the operator has it, and what is the
// machine's operator's alone.
func (n *Node) Admin() http.Handler {
	mux := http.NewServeMux()
	mux.Handle(api.Root, n.API.Local(n.Operator()))
	mux.Handle("/", admin.New(admin.Node{
		By: n.Operator(), Exchange: n.Exchange, Accounts: n.Accounts, Store: n.Store, Logger: n.log,
		Export: exportTo,
		Backup: n.backupTo,
	}))
	return mux
}

// exportTo leads the admin door's exports to the door that makes them.
func exportTo(ctx context.Context, w io.Writer, v *exchange.View, form string, collections []string, latest bool) error {
	f, err := export.ParseForm(form)
	if err != nil {
		return err
	}
	_, err = export.Write(ctx, w, v, export.Options{Form: f, Collections: collections, Latest: latest})
	return err
}

// listen opens the listener and tells its address as a URL.
func listen(address string, secure *tls.Config) (net.Listener, string, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, "", fmt.Errorf("serve: %w", err)
	}
	url := "http://" + l.Addr().String()
	if secure != nil {
		secure = secure.Clone()
		secure.NextProtos = []string{"h2", "http/1.1"}
		l = tls.NewListener(l, secure)
		url = "https://" + url[len("http://"):]
	}
	return l, url, nil
}

// errorLog takes net/http's own complaints, which clients cause, as debug lines.
func (n *Node) errorLog() *log.Logger { return slog.NewLogLogger(n.log.Handler(), slog.LevelDebug) }
