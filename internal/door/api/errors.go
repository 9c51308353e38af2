package api

import (
	"html"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// errorsPage begins the type of a problem, which its code ends: an anchor of the
// page that ErrorsPage answers there.
const errorsPage = "/docs/reference/errors#"

// ErrorsPage answers GET /docs/reference/errors: what each code means, to anybody: who has
// no account is refused too, and follows the link. docs/reference/errors.md says the same.
func ErrorsPage() http.Handler {
	page := []byte(errorsHTML())
	length := []string{strconv.Itoa(len(page))}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h["Content-Type"] = []string{"text/html; charset=utf-8"}
		h["Content-Length"] = length
		h["Cache-Control"] = []string{"max-age=3600"}
		h["X-Content-Type-Options"] = nosniff
		h["Referrer-Policy"] = noReferrer
		h["Content-Security-Policy"] = noContent
		w.Write(page)
	})
}

// errorsIntro is what the page and the reference begin with.
const errorsIntro = "A refused request is answered with `application/problem+json` (RFC 9457). Programs decide on\n" +
	"its `code`, which never changes its meaning; `detail` and `errors` are for people."

// inCode is what the reference sets in code.
var inCode = regexp.MustCompile("`([^`]*)`")

func errorsHTML() string {
	var b strings.Builder
	b.WriteString("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Errors of the JSON API</title>\n" +
		"<h1>Errors of the JSON API</h1>\n<p>" + errorsIntro + "</p>\n")
	for _, m := range codes {
		b.WriteString(`<h2 id="` + string(m.Code) + `">` + string(m.Code) + "</h2>\n<p>" + strconv.Itoa(m.status) + " " +
			html.EscapeString(m.title+". "+m.what) + "</p>\n")
	}
	return inCode.ReplaceAllString(b.String(), "<code>$1</code>")
}
