package api

import (
	"net/http"
	"strings"

	"entente/internal/format/coding"
)

// smallest is from how many octets on an answer is packed: what is smaller leaves
// in two or three packets, and packing it would take a tenth of the time of a
// look-up.
const smallest = 4 << 10

// packer packs an answer for who takes that, once it is large enough. An answer
// with a strong ETag goes as it is: its octets are what the tag stands for (RFC
// 9110 section 8.8.1).
type packer struct {
	http.ResponseWriter
	coding string // empty when plain
	status int    // not written yet; 0 when none was set
	held   []byte // octets of the beginning, until there are enough
	sent   bool   // the header is out
	packed coding.Writer
}

// packing gives the writer of an answer, and what ends the answer when nothing
// has cut it.
func packing(w http.ResponseWriter, r *http.Request) (http.ResponseWriter, func()) {
	name := coding.Choose(r.Header["Accept-Encoding"])
	if name == "" || r.Method == http.MethodHead {
		return w, func() {}
	}
	p := &packer{ResponseWriter: w, coding: name}
	return p, p.end
}

// Unwrap lets http.ResponseController reach the connection.
func (p *packer) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// WriteHeader keeps the status until it is known whether the answer is packed.
func (p *packer) WriteHeader(status int) {
	switch {
	case p.sent || p.status != 0:
	case status < 200:
		p.ResponseWriter.WriteHeader(status)
	default:
		p.status = status
	}
}

func (p *packer) Write(b []byte) (int, error) {
	if !p.sent {
		if len(p.held)+len(b) < smallest {
			p.held = append(p.held, b...)
			return len(b), nil
		}
		if err := p.begin(p.packable()); err != nil {
			return 0, err
		}
	}
	if p.packed != nil {
		return p.packed.Write(b)
	}
	return p.ResponseWriter.Write(b)
}

// packable tells whether an answer gains by it and may be packed.
func (p *packer) packable() bool {
	h := p.Header()
	typ, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	text := strings.HasSuffix(typ, "json") || strings.HasPrefix(typ, "text/") && typ != eventStream
	for _, name := range []string{"Etag", "ETag"} { // as it is put into the map, and as the standard spells it
		for _, tag := range h[name] {
			text = text && !strings.HasPrefix(tag, `"`)
		}
	}
	return text && h.Get("Content-Encoding") == ""
}

// begin sends the header and what was held.
func (p *packer) begin(pack bool) (err error) {
	p.sent = true
	if pack {
		h := p.Header()
		h.Set("Content-Encoding", p.coding)
		h.Del("Content-Length")
		p.packed = coding.NewWriter(p.ResponseWriter, p.coding)
	}
	if p.status != 0 {
		p.ResponseWriter.WriteHeader(p.status)
	}
	held := p.held
	switch p.held = nil; {
	case len(held) == 0:
	case p.packed != nil:
		_, err = p.packed.Write(held)
	default:
		_, err = p.ResponseWriter.Write(held)
	}
	return err
}

// FlushError sends what was written so far; http.ResponseController asks for it.
func (p *packer) FlushError() error {
	if !p.sent {
		if err := p.begin(p.packable()); err != nil {
			return err
		}
	}
	if p.packed != nil {
		if err := p.packed.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(p.ResponseWriter).Flush()
}

// end sends what is held and ends the packing. An error is the client's going
// away.
func (p *packer) end() {
	if !p.sent {
		_ = p.begin(false)
	}
	if p.packed != nil {
		_ = p.packed.Close()
	}
}
