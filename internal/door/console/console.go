package console

import (
	"context"
	"embed"
	"html/template"
	"log/slog"
	"net/http"

	"entente/internal/trust/account"
)

//go:embed page
var files embed.FS

// Invitations open accounts for those who hold a code. Errors: account.ErrNotFound
// for a code that is none, ErrExists and ErrInvalid for the name.
type Invitations interface {
	Invited(ctx context.Context, code string) error
	Accept(ctx context.Context, code, name string) (account.Account, string, error)
}

// Options configure the console. The zero value is right.
type Options struct {
	Member string // whose node it is, for people
	Logger *slog.Logger
}

// console answers pages.
type console struct {
	invitations Invitations
	opts        Options
	pages       map[string]*template.Template
}

// New makes the console's handler.
func New(in Invitations, o Options) http.Handler {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	c := &console{invitations: in, opts: o, pages: map[string]*template.Template{}}
	for _, name := range []string{"front", "setup", "token", "gone"} {
		c.pages[name] = template.Must(template.ParseFS(files, "page/layout.html", "page/"+name+".html"))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", c.front)
	mux.HandleFunc("GET /setup/{code}", c.setup)
	mux.HandleFunc("POST /setup/{code}", c.accept)
	mux.HandleFunc("GET /console.css", c.style)
	return guard(http.NewCrossOriginProtection().Handler(mux))
}

// guard sends the headers that keep pages to themselves.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer") // a set-up address is a secret
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// show writes a page.
func (c *console) show(w http.ResponseWriter, status int, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	page := struct {
		Member string
		Data   any
	}{c.opts.Member, data}
	if err := c.pages[name].ExecuteTemplate(w, "layout.html", page); err != nil {
		c.opts.Logger.Debug("a page was not written whole", "page", name, "err", err)
	}
}

func (c *console) front(w http.ResponseWriter, _ *http.Request) {
	c.show(w, http.StatusOK, "front", nil)
}

func (c *console) style(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "max-age=3600")
	http.ServeFileFS(w, r, files, "page/console.css")
}
