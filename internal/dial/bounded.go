package dial

import (
	"fmt"
	"io"
	"net/http"
)

// TooLargeError reports an answer cut off because it was larger than allowed.
type TooLargeError struct {
	URL  string
	Most int64 // bytes
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the answer of %s is larger than %d bytes", e.URL, e.Most)
}

// Permanent says that trying again is no use.
func (e *TooLargeError) Permanent() bool { return true }

// bounded limits the size of bodies. It stands outside http.Transport and so
// counts bytes after decompression: a small bomb is no way around it.
type bounded struct {
	next *http.Transport
	most int64
}

func (b *bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(r)
	if err != nil || b.most < 0 {
		return resp, err
	}
	tooLarge := &TooLargeError{URL: r.URL.Redacted(), Most: b.most}
	if resp.ContentLength > b.most {
		resp.Body.Close()
		return nil, tooLarge
	}
	resp.Body = &boundedBody{ReadCloser: resp.Body, left: b.most, tooLarge: tooLarge}
	return resp, nil
}

// CloseIdleConnections serves http.Client's method of that name.
func (b *bounded) CloseIdleConnections() { b.next.CloseIdleConnections() }

type boundedBody struct {
	io.ReadCloser
	left     int64
	tooLarge error
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1] // one more byte tells an exact fit from an excess
	}
	n, err := b.ReadCloser.Read(p)
	if int64(n) > b.left {
		n, err = int(b.left), b.tooLarge
	}
	b.left -= int64(n)
	return n, err
}
