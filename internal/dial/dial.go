package dial

import (
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"
)

// Options of a client. The zero value reaches public addresses, trusts the
// system's authorities and has the limits below.
type Options struct {
	// AllowPrivate permits loopback and private addresses. Set it only for an
	// address that an operator typed, never for one that came over a wire.
	AllowPrivate bool

	// OnlyPrivate permits nothing but loopback and private addresses: for what goes in the
	// clear. An operator typed it, as for AllowPrivate.
	OnlyPrivate bool

	// Proxy is the HTTP or SOCKS5 proxy to go through, none by default. The
	// proxy then resolves names, so it, not this package, guards addresses.
	Proxy *url.URL

	CAFile      string // PEM file of the authorities to trust instead of the system's
	Fingerprint string // SHA-256 of the server's certificate in hex, colons allowed: trust this one alone

	ConnectTimeout time.Duration // of connection and TLS handshake, each; 10 s
	HeaderTimeout  time.Duration // from the request written to the answer's header; 60 s
	Timeout        time.Duration // of one request with its whole answer; 10 min, negative for none
	MaxBytes       int64         // of one answer's body, decompressed; 256 MiB, negative for none
}

func (o Options) withDefaults() Options {
	if o.ConnectTimeout == 0 {
		o.ConnectTimeout = 10 * time.Second
	}
	if o.HeaderTimeout == 0 {
		o.HeaderTimeout = time.Minute
	}
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Minute
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 256 << 20
	}
	return o
}

// New makes a client. It opens no connection; errors concern Options. Close
// its idle connections when done with it.
func New(o Options) (*http.Client, error) {
	o = o.withDefaults()
	secure, err := tlsConfig(o)
	if err != nil {
		return nil, err
	}
	// Through a proxy, the one address dialled is the proxy's, which an
	// operator typed.
	allowPrivate := o.AllowPrivate || o.OnlyPrivate || o.Proxy != nil
	dialer := &net.Dialer{
		Timeout:   o.ConnectTimeout,
		KeepAlive: 30 * time.Second,
		Control: func(_, address string, _ syscall.RawConn) error {
			return check(address, allowPrivate, !o.OnlyPrivate)
		},
	}
	transport := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        secure,
		TLSHandshakeTimeout:    o.ConnectTimeout,
		ResponseHeaderTimeout:  o.HeaderTimeout,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        90 * time.Second,
		ForceAttemptHTTP2:      true,
	}
	if o.Proxy != nil {
		transport.Proxy = http.ProxyURL(o.Proxy)
	}
	return &http.Client{
		Transport:     &bounded{next: transport, most: o.MaxBytes},
		CheckRedirect: SameHost,
		Timeout:       max(o.Timeout, 0),
	}, nil
}

// SameHost is the redirect policy: at most three, and only to the same host
// and port, or from http to https on the same host.
func SameHost(next *http.Request, via []*http.Request) error {
	if len(via) > 3 {
		return errors.New("more than 3 redirects")
	}
	from, to := via[len(via)-1].URL, next.URL
	same := from.Scheme == to.Scheme && from.Host == to.Host
	upgrade := from.Scheme == "http" && to.Scheme == "https" && from.Hostname() == to.Hostname()
	if !same && !upgrade {
		return fmt.Errorf("redirect to %s://%s is not followed; use that address itself if it is right", to.Scheme, to.Host)
	}
	return nil
}

func tlsConfig(o Options) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CAFile != "" {
		pem, err := os.ReadFile(o.CAFile)
		if err != nil {
			return nil, fmt.Errorf("authorities to trust: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("authorities to trust: %s holds no certificate in PEM form", o.CAFile)
		}
	}
	if o.Fingerprint == "" {
		return config, nil
	}
	want, err := hex.DecodeString(strings.ReplaceAll(o.Fingerprint, ":", ""))
	if err != nil || len(want) != sha256.Size {
		return nil, fmt.Errorf("certificate fingerprint %.100q is not a SHA-256 in hexadecimal (64 digits)", o.Fingerprint)
	}
	// The pin replaces the chain: it is stronger, and serves the certificate
	// that a node made for itself.
	config.InsecureSkipVerify = true
	config.VerifyConnection = func(state tls.ConnectionState) error {
		got := sha256.Sum256(state.PeerCertificates[0].Raw)
		if subtle.ConstantTimeCompare(got[:], want) != 1 {
			return &CertificateError{Server: state.ServerName, Got: hex.EncodeToString(got[:])}
		}
		return nil
	}
	return config, nil
}

// CertificateError reports a server whose certificate is not the pinned one.
type CertificateError struct {
	Server string
	Got    string // SHA-256 of the certificate that it showed, in hex
}

func (e *CertificateError) Error() string {
	return fmt.Sprintf("the certificate of %s has fingerprint %s, not the pinned one; ask its operator before changing the pin", e.Server, e.Got)
}

// Permanent says that trying again is no use.
func (e *CertificateError) Permanent() bool { return true }
