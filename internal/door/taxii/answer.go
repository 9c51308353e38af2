package taxii

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/taxii"
)

// Header values that do not change are shared between answers, which saves
// their allocation. Nothing appends to them. Names are written as their
// standards have them, for clients that compare letters.
var (
	taxiiType   = []string{taxii.MediaTAXII}
	private     = []string{"private, no-cache"} // kept by clients alone, and asked again each time
	noStore     = []string{"no-store"}
	nosniff     = []string{"nosniff"}
	noReferrer  = []string{"no-referrer"}
	noContent   = []string{"default-src 'none'; frame-ancestors 'none'"}
	varies      = []string{"Accept, Accept-Encoding, Authorization"}
	zero        = []string{"0"}
	challenges  = []string{`Basic realm="TAXII 2.1", charset="UTF-8"`, `Bearer realm="TAXII 2.1"`}
	unpackables = []string{"gzip, zstd"}
)

// common sets what every answer has.
func common(h http.Header) {
	h["Content-Type"] = taxiiType
	h["Cache-Control"] = private
	h["Vary"] = varies
	h["X-Content-Type-Options"] = nosniff
	h["Referrer-Policy"] = noReferrer
	h["Content-Security-Policy"] = noContent
}

// answerPage answers with a page of objects, records or versions, and with the
// dates added of its first and last (section 3.2); an empty page has none.
func (s *Server) answerPage(r *request, q exchange.Query, name string, item encoder) error {
	page, err := s.page(r, q)
	if err != nil {
		return err
	}
	defer page.Close()
	n := page.len()
	if n == 0 && r.object != "" {
		if err := s.missing(r, q); err != nil {
			return err
		}
	}
	if n > 0 {
		h := r.w.Header()
		h[taxii.HeaderDateAddedFirst] = []string{tickText(page.Date(page.at(0)))}
		h[taxii.HeaderDateAddedLast] = []string{tickText(page.Date(page.at(n - 1)))}
	}
	buf := getBuffer()
	defer putBuffer(buf)
	*buf = appendPage(*buf, page, name, item)
	return s.answer(r, http.StatusOK, *buf)
}

func tickText(t store.Tick) string {
	var b [27]byte
	return string(appendTick(b[:0], t))
}

// answerJSON answers with one of the small resources.
func (s *Server) answerJSON(r *request, resource any) error {
	body, err := marshal(resource)
	if err != nil {
		return err
	}
	return s.answer(r, http.StatusOK, body)
}

// marshal is json.Marshal without escapes for HTML.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// answer writes a body, packed if the client takes it, or 304 when the client
// has it already. The body is not kept.
func (s *Server) answer(r *request, status int, body []byte) error {
	h := r.w.Header()
	if status == http.StatusOK {
		mark := s.packer.mark(body)
		tag := mark.etag()
		h["ETag"] = []string{tag}
		if has(r.Header["If-None-Match"], tag) {
			r.w.WriteHeader(http.StatusNotModified)
			return nil
		}
		if packed, name := s.packer.pack(r.Header["Accept-Encoding"], mark, body); packed != nil {
			h["Content-Encoding"] = name
			body = packed
		}
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	r.w.WriteHeader(status)
	r.w.Write(body)
	return nil
}
