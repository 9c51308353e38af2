package taxii

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// readBody reads a request's body, unpacked, within the limits on its size as
// sent and as unpacked; beyond either it is answered 413. The memory is counted
// in the hold, which the caller releases when the body is done with.
func (s *Server) readBody(r *request) ([]byte, *hold, error) {
	if r.ContentLength > s.opts.MaxBody {
		return nil, nil, s.tooLarge()
	}
	sent := &limited{r: r.Body, left: s.opts.MaxBody}
	plain, done, err := unpack(r, sent)
	if err != nil {
		return nil, nil, err
	}
	defer done()
	h := &hold{in: &s.intake, account: r.who.Account}
	body, err := h.readAll(plain, r.ContentLength, s.opts.MaxBody)
	if err == nil {
		return body, h, nil
	}
	h.release()
	switch f, ok := errors.AsType[*fault](err); {
	case ok:
		return nil, nil, f
	case sent.exceeded || errors.Is(err, errLarge):
		return nil, nil, s.tooLarge()
	case errors.Is(err, os.ErrDeadlineExceeded):
		// What follows on the connection would be read as the next request.
		r.w.Header().Set("Connection", "close")
		return nil, nil, faultf(http.StatusRequestTimeout, "the body did not come in time; nothing of it was kept, send it again")
	}
	return nil, nil, faultf(http.StatusBadRequest, "the body could not be read: %v; was it sent whole, and packed as Content-Encoding says?", err)
}

func (s *Server) tooLarge() error {
	return faultf(http.StatusRequestEntityTooLarge, "the body is larger than the %d octets of max_content_length; send the objects in several requests", s.opts.MaxBody)
}

// takeRest takes what is left of a refused body off the wire, since many
// clients read no answer before they have sent everything, and lose it when the
// connection is closed on them. That is for accounts alone, and only for bodies
// that end some time.
func (s *Server) takeRest(r *request) {
	if r.who.Account == "" || r.Body == nil || r.Header.Get("Expect") != "" {
		return
	}
	if most := 16 * s.opts.MaxBody; r.ContentLength <= most {
		if n, _ := io.CopyN(io.Discard, r.Body, most); n < most {
			return
		}
	}
	r.w.Header().Set("Connection", "close")
}

var errLarge = errors.New("larger than the limit")

// limited is a reader that fails beyond a number of octets.
type limited struct {
	r        io.Reader
	left     int64
	exceeded bool
}

func (l *limited) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.r.Read(p)
	if int64(n) > l.left {
		l.exceeded = true
		return int(l.left), errLarge
	}
	l.left -= int64(n)
	return n, err
}

// unpack reads through the body's Content-Encoding; an unknown one is answered
// 415 with those that are known (RFC 9110 section 12.5.3).
func unpack(r *request, sent io.Reader) (plain io.Reader, done func(), err error) {
	switch strings.ToLower(r.Header.Get("Content-Encoding")) {
	case "", "identity":
		return sent, func() {}, nil
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(sent)
		if err != nil {
			return nil, nil, faultf(http.StatusBadRequest, "the body is not gzip, as Content-Encoding says: %v", err)
		}
		return z, func() { z.Close() }, nil
	case "zstd":
		// RFC 8878 section 3.1.1.1.2 has 8 MiB as the window that all should take.
		z, err := zstd.NewReader(sent, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(8<<20))
		if err != nil {
			return nil, nil, faultf(http.StatusBadRequest, "the body is not zstd, as Content-Encoding says: %v", err)
		}
		return z, z.Close, nil
	}
	r.w.Header()["Accept-Encoding"] = unpackables
	return nil, nil, faultf(http.StatusUnsupportedMediaType, "Content-Encoding %.40q is not known; send the body plain, or as gzip or zstd", r.Header.Get("Content-Encoding"))
}

// intake counts the memory of bodies that are being read or written, so that
// no account, and not all of them together, can fill it.
type intake struct {
	perAccount, total int64 // limits, in octets

	mu        sync.Mutex
	held      int64
	byAccount map[string]int64
}

// hold is what one request has of the intake.
type hold struct {
	in      *intake
	account string
	octets  int64
}

var tooManyBodies = &fault{http.StatusTooManyRequests, "too much is being sent at once; wait until earlier requests are answered"}

func (h *hold) take(octets int64) error {
	in := h.in
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.held+octets > in.total || in.byAccount[h.account]+octets > in.perAccount {
		return tooManyBodies
	}
	in.held += octets
	in.byAccount[h.account] += octets
	h.octets += octets
	return nil
}

func (h *hold) release() {
	in := h.in
	in.mu.Lock()
	defer in.mu.Unlock()
	in.held -= h.octets
	if in.byAccount[h.account] -= h.octets; in.byAccount[h.account] == 0 {
		delete(in.byAccount, h.account)
	}
	h.octets = 0
}

// readAll reads to the end, taking memory as it comes: a length that a client
// only claims costs nothing.
func (h *hold) readAll(r io.Reader, claimed, most int64) ([]byte, error) {
	const first = 64 << 10
	size := int64(first)
	if claimed >= 0 {
		size = min(claimed+1, size) // one more, to see the end
	}
	if err := h.take(size); err != nil {
		return nil, err
	}
	b := make([]byte, 0, size)
	for {
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return nil, err
		}
		if int64(len(b)) > most {
			return nil, errLarge
		}
		if len(b) == cap(b) {
			grown := min(int64(2*cap(b)), most+1)
			if claimed > int64(cap(b)) && claimed <= most {
				grown = min(grown, claimed+1)
			}
			if err := h.take(grown - int64(cap(b))); err != nil {
				return nil, err
			}
			b = append(make([]byte, 0, grown), b...)
		}
	}
}
