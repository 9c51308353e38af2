package api

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"entente/internal/exchange"
	"entente/internal/practice/asset"
	"entente/internal/practice/author"
	"entente/internal/practice/device"
	"entente/internal/practice/intake"
	"entente/internal/practice/lookup"
	"entente/internal/practice/playbook"
	"entente/internal/practice/seen"
	"entente/internal/practice/warninglist"
	"entente/internal/practice/webhook"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/agreement"
	"entente/internal/trust/guard"
)

// Root is the path of the API, on every listener.
const Root = "/api/v1/"

// Node is what the API gives access to.
type Node struct {
	Exchange *exchange.Exchange
	Accounts *account.Accounts
	Member   author.Member // in whose name accounts of the own member write
	Store    store.Store   // for the API's own rows
	Logger   *slog.Logger
	Files    string       // folder of the API's own for bodies on their way in, emptied at start; that of temporary files when empty
	Room     func() error // why the store takes nothing more now; not asked when nil

	Agreements *agreement.Book       // of the own member with others
	Assets     *asset.Register       // one of its own when nil
	Lists      *warninglist.Register // likewise
	Devices    *device.Devices       // one that hears no indicators when nil
	Webhooks   *webhook.Hooks        // likewise; to those nothing is sent
	Seen       *seen.Seen            // what was seen in events; nothing is taken when nil
}

// Server is the API. [Server.Public] and [Server.Local] are its two doors.
type Server struct {
	Node
	mux      *http.ServeMux
	api      huma.API
	desk     *author.Desk
	watches  *lookup.Watches
	assets   *asset.Register
	lists    *warninglist.Register
	models   *lookup.Models
	bringing chan struct{} // one in it for each body of objects on its way in
	sensed   chan struct{} // likewise, of events
	onces    onces
	jobs     jobs
	open     openStreams
	webhooks *webhook.Hooks
	ticks    *playbook.Ticks
}

// New makes the API of a node. Each topic registers its operations here.
func New(n Node) *Server {
	if n.Logger == nil {
		n.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{Node: n, mux: http.NewServeMux(), bringing: make(chan struct{}, maxBodies), sensed: make(chan struct{}, maxBodies),
		desk: author.New(n.Exchange, n.Member, nil), watches: lookup.NewWatches(n.Exchange, nil), models: lookup.NewModels(n.Exchange), assets: cmp.Or(n.Assets, asset.NewRegister(n.Exchange, nil)), lists: cmp.Or(n.Lists, warninglist.NewRegister(n.Exchange, nil)),
		onces: onces{going: map[string]chan struct{}{}}}
	s.desk.WithNames(s.namesakes)
	s.open = openStreams{of: map[string]int{}, stopping: make(chan struct{})}
	if s.Devices == nil {
		s.Devices = device.NewDevices(device.NewChooser(device.Parts{Exchange: n.Exchange}), n.Accounts, n.Logger)
	}
	s.ticks = playbook.NewTicks(n.Exchange, nil)
	s.webhooks = cmp.Or(n.Webhooks, webhook.New(n.Exchange, webhook.Options{}))
	s.jobs = jobs{server: s, running: map[string]*job{}}
	s.emptyFiles()
	s.api = newAPI(s.mux)
	s.accounts()
	s.agreements()
	s.policy()
	s.collections()
	s.lookups()
	s.watching()
	s.hooking()
	s.playbooks()
	s.auditing()
	s.owning()
	s.warning()
	s.scoring()
	s.feedback()
	s.devices()
	s.sensing()
	s.previewing()
	s.privacy()
	s.objects()
	s.streaming()
	s.bulk()
	s.authoring()
	s.drafts()
	s.jobOperations()
	s.search()
	s.describe()
	return s
}

// Stop ends the open streams, whose readers are told and go on elsewhere or later.
// Other requests are taken as before.
func (s *Server) Stop() { s.open.stop() }

// Close ends the jobs and waits for them. Requests must have ended before; the
// exchange must still be open.
func (s *Server) Close() { s.jobs.close() }

// PublicOptions configure the API where anybody can reach it. The guard is
// needed; otherwise the zero value is right.
type PublicOptions struct {
	Guard     *guard.Guard
	Origins   []string // of web pages whose scripts may ask, as https://soc.example; none when empty
	MaxObject int      // octets of one object; 1 MiB when 0
	MaxBody   int64    // octets of a body, beside what its operation takes at most; 16 MiB when 0
	MaxBulk   int64    // octets of a body of addObjects, as sent and as unpacked; 256 MiB when 0
	MaxUpload int64    // octets of a file that is sent for a job; 1 GiB when 0

	Streams        int           // open at once; 2048 when 0
	AccountStreams int           // open at once of one account; 16 when 0
	StreamPatience time.Duration // how long a reader may leave what he was sent untaken; 10 s when 0
}

// Public is the API for accounts.
func (s *Server) Public(o PublicOptions) http.Handler {
	return &door{Server: s, origins: o.Origins, maxObject: cmp.Or(o.MaxObject, defaultObject),
		maxBody: cmp.Or(o.MaxBody, defaultBody), maxBulk: cmp.Or(o.MaxBulk, defaultBulk), maxUpload: cmp.Or(o.MaxUpload, defaultUpload),
		streams: streamLimits{cmp.Or(o.Streams, defaultStreams), cmp.Or(o.AccountStreams, defaultAccountStreams), cmp.Or(o.StreamPatience, defaultPatience)},
		again:   o.Guard.Again,
		admit: func(r *http.Request) (account.Principal, error) {
			if r.Header.Get(asHeader) != "" {
				return account.Principal{}, problemf(Forbidden, "%s is for the operator's socket alone; leave it out and sign in as that account", asHeader)
			}
			if r.URL.Path == Root+"events" {
				return o.Guard.Sends(r)
			}
			return o.Guard.Admit(r)
		}}
}

// Local is the API for whoever holds the data directory: the operator, or the
// account that the header Entente-As names.
func (s *Server) Local(operator account.Principal) http.Handler {
	admit := func(r *http.Request) (account.Principal, error) {
		name := r.Header.Get(asHeader)
		if name == "" {
			return operator, nil
		}
		a, err := s.Accounts.Get(name)
		if err != nil {
			return account.Principal{}, err
		}
		return s.Accounts.Principal(&a)
	}
	return &door{Server: s, local: true, maxObject: intake.LargestObject, admit: admit, again: admit,
		streams: streamLimits{defaultStreams, defaultStreams, defaultPatience},
		maxBody: defaultBody, maxBulk: intake.LargestInput, maxUpload: intake.LargestInput}
}

// asHeader names the account that the operator reads and writes as.
const asHeader = "Entente-As"

// How many octets an object and bodies may have that an account sends.
const (
	defaultObject = 1 << 20
	defaultBody   = 16 << 20
	defaultBulk   = 256 << 20
	defaultUpload = 1 << 30
)

// door is the API on one listener.
type door struct {
	*Server
	admit     func(*http.Request) (account.Principal, error)
	again     func(*http.Request) (account.Principal, error) // who that is by now, while its answer goes on
	local     bool
	origins   []string
	maxObject int

	maxBody, maxBulk, maxUpload int64 // as PublicOptions have them
	streams                     streamLimits
}

// call is one request on its way: who asks, and the plain request for what
// streams.
type call struct {
	*http.Request
	w    http.ResponseWriter
	who  account.Principal
	door *door

	// lasting, when set, is the answer's body without what is shown once.
	lasting any
}

type callKey struct{}

// callOf is the call that an operation's context belongs to.
func callOf(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

// who is the principal of a call.
func who(ctx context.Context) account.Principal { return callOf(ctx).who }

// view is what the principal of a call may read.
func (s *Server) view(ctx context.Context) *exchange.View { return s.Exchange.View(who(ctx)) }

// maxQuery is how long a query string may be. It leaves room for the other
// headers in the 64 KiB that a listener takes.
const maxQuery = 48 << 10

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Cache-Control"] = private
	h["Vary"] = varies
	h["X-Content-Type-Options"] = nosniff
	h["Referrer-Policy"] = noReferrer
	h["Content-Security-Policy"] = noContent
	end := func() {}
	if !d.local { // over a socket of the machine nothing is gained
		w, end = packing(w, r)
	}
	c := &call{Request: r, w: w, door: d}
	d.serve(c)
	end() // not after a panic: what was cut must look so
}

// serve answers a call.
func (d *door) serve(c *call) {
	if d.crossOrigin(c) {
		return
	}
	r := c.Request
	var err error
	if c.who, err = d.admit(r); err == nil && len(r.URL.RawQuery) > maxQuery {
		err = problemf(URITooLong, "the query has %d octets; at most %d are taken", len(r.URL.RawQuery), maxQuery)
	}
	if err != nil {
		d.fail(c, err)
		return
	}
	// The mux finds the pattern for its own request; whoever counts has r.
	inner := r.WithContext(context.WithValue(r.Context(), callKey{}, c))
	defer func() { r.Pattern = inner.Pattern }()
	c.Request = inner
	d.mux.ServeHTTP(c.w, inner)
}

// Header values that do not change are shared between answers. Nothing appends
// to them.
var (
	private     = []string{"private, no-cache"}
	noStore     = []string{"no-store"}
	nosniff     = []string{"nosniff"}
	noReferrer  = []string{"no-referrer"}
	noContent   = []string{"default-src 'none'; frame-ancestors 'none'"}
	varies      = []string{"Accept, Accept-Encoding, Authorization, Origin"}
	challenges  = []string{`Basic realm="Entente", charset="UTF-8"`, `Bearer realm="Entente"`}
	problemType = []string{"application/problem+json"}
)

// crossOrigin lets scripts of the allowed origins ask (the CORS protocol of the
// Fetch standard), without cookies, which nothing here reads. It tells whether
// the request was a preflight and is answered.
func (d *door) crossOrigin(c *call) bool {
	origin := c.Header.Get("Origin")
	if origin == "" || !slices.Contains(d.origins, origin) {
		return false
	}
	h := c.w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", "ETag, Idempotency-Replayed, Location, Retry-After")
	if c.Method != http.MethodOptions || c.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match")
	h.Set("Access-Control-Max-Age", "600")
	c.w.WriteHeader(http.StatusNoContent)
	return true
}

// nowhere answers what no operation is for: 405 where another method would do,
// else 404.
func (s *Server) nowhere(w http.ResponseWriter, r *http.Request) {
	var allow []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		if _, pattern := s.mux.Handler(&http.Request{Method: m, Host: r.Host, URL: r.URL}); pattern != Root {
			allow = append(allow, m)
		}
	}
	c := callOf(r.Context())
	if len(allow) == 0 {
		s.fail(c, problemf(NotFound, "nothing is at this path; %sopenapi.json tells what there is", Root))
		return
	}
	w.Header()["Allow"] = allow
	s.fail(c, problemf(MethodNotAllowed, "%s is not for this path; it takes %v", r.Method, allow))
}
