package taxii

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"entente/internal/exchange"
	"entente/internal/trust/account"
	"entente/internal/trust/guard"
	"entente/taxii"
)

// Root is the path of the one API root.
const Root = "/taxii2/root/"

// Options configure a server. The zero value is right.
type Options struct {
	Title       string // of the server and its API root; "Entente" when empty
	Description string
	Contact     string // whom to ask, for people

	MaxBody   int64         // octets of a request's body, as sent and as unpacked; 16 MiB when 0
	MaxObject int           // octets of one object; 1 MiB when 0
	MaxPage   int           // objects in one answer; 1,000 when 0
	MaxQuery  int           // octets of a query string; 48 KiB when 0, which leaves room for headers in 64 KiB
	Patience  time.Duration // how long a POST waits for its batch before it answers "pending"; 5 s when 0

	Logger *slog.Logger
	Now    func() time.Time
}

func (o Options) withDefaults() Options {
	if o.Title == "" {
		o.Title = "Entente"
	}
	if o.MaxBody == 0 {
		o.MaxBody = 16 << 20
	}
	if o.MaxObject == 0 {
		o.MaxObject = 1 << 20
	}
	if o.MaxPage == 0 {
		o.MaxPage = 1000
	}
	if o.MaxQuery == 0 {
		o.MaxQuery = 48 << 10
	}
	if o.Patience == 0 {
		o.Patience = 5 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Server answers TAXII requests. Close it before the exchange.
type Server struct {
	exchange *exchange.Exchange
	guard    *guard.Guard
	opts     Options
	intake   intake
	batches  batches
	sweeper  sweeper
	packer   packer
}

// New makes a server on an exchange, for those whom the guard admits.
func New(x *exchange.Exchange, g *guard.Guard, o Options) *Server {
	o = o.withDefaults()
	return &Server{
		exchange: x,
		guard:    g,
		opts:     o,
		intake:   intake{perAccount: 4 * o.MaxBody, total: 16 * o.MaxBody, byAccount: map[string]int64{}},
		batches:  newBatches(),
		packer:   newPacker(),
	}
}

// Close waits for the batches that were answered "pending", as long as the
// context allows. Requests must have ended before.
func (s *Server) Close(ctx context.Context) error { return s.batches.wait(ctx) }

// request is one request on its way, with what has been found out about it.
type request struct {
	*http.Request
	w    http.ResponseWriter
	who  account.Principal
	view *exchange.View
	route
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := request{Request: r, w: w}
	if err := s.serve(&q); err != nil {
		s.fail(&q, err)
	}
}

func (s *Server) serve(r *request) error {
	common(r.w.Header())
	route, ok := parsePath(r.URL.EscapedPath())
	r.Pattern = discovery.pattern // for whoever counts requests
	if ok {
		r.Pattern = route.endpoint.pattern
	}
	var err error
	// Discovery, too, is for accounts only: a stranger learns no more than that a
	// server is here.
	if r.who, err = s.guard.Admit(r.Request); err != nil {
		return err
	}
	if len(r.URL.RawQuery) > s.opts.MaxQuery {
		return faultf(http.StatusRequestURITooLong, "the query has %d octets; at most %d are taken", len(r.URL.RawQuery), s.opts.MaxQuery)
	}
	if !ok {
		return faultf(http.StatusNotFound, "nothing is at this path; discovery is at /taxii2/")
	}
	r.route = route
	handle := route.endpoint.handler(r.Method)
	if handle == nil {
		r.w.Header().Set("Allow", route.endpoint.allow())
		return faultf(http.StatusMethodNotAllowed, "%s is not for this endpoint; it takes %s", r.Method, route.endpoint.allow())
	}
	if !acceptable(r.Header["Accept"]) {
		return faultf(http.StatusNotAcceptable, "answers are %s; none of the Accept header's media types includes it", taxii.MediaTAXII)
	}
	r.view = s.exchange.View(r.who)
	return handle(s, r)
}
