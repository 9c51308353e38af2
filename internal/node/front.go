package node

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
)

// front is a listener, its server and its address as a URL.
type front struct {
	listener net.Listener
	server   *http.Server
	url      string
}

// listen opens a listener for a server; with keys it speaks TLS.
func (s *serving) listen(server *http.Server, address string, keys *keyring) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	url := "http://" + l.Addr().String()
	if keys != nil {
		secure := keys.config()
		secure.NextProtos = []string{"h2", "http/1.1"}
		l = tls.NewListener(l, secure)
		url = "https://" + url[len("http://"):]
	}
	s.fronts = append(s.fronts, front{l, server, url})
	return nil
}

// Check refuses options that could not be served in dir, before anything is.
func (o ServeOptions) Check(dir string) error {
	if err := o.Limits.withDefaults().check(); err != nil {
		return err
	}
	cert, key, err := o.certificate(dir)
	if err != nil || cert == "" {
		return err
	}
	_, err = tls.LoadX509KeyPair(cert, key)
	return o.badCertificate(err)
}

// keyring is the certificate that listeners beyond loopback speak TLS with; nil
// when plain HTTP is spoken.
func (o ServeOptions) keyring(dir string, log *slog.Logger) (*keyring, error) {
	if err := o.Limits.check(); err != nil {
		return nil, err
	}
	cert, key, err := o.certificate(dir)
	if err != nil || cert == "" {
		return nil, err
	}
	k, err := newKeyring(cert, key, log)
	return k, o.badCertificate(err)
}

func (o ServeOptions) badCertificate(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("serve: certificate for %s: %w", o.Listen, err)
}

// certificate says how the listeners talk: in plain HTTP on loopback or behind a
// proxy (no files), in TLS everywhere else.
func (o ServeOptions) certificate(dir string) (cert, key string, err error) {
	if o.Listen == "" {
		o.Listen = DefaultListen
	}
	for setting, address := range map[string]string{"listen": o.Listen, "metrics-listen": o.MetricsListen} {
		if _, _, err := net.SplitHostPort(address); address != "" && err != nil {
			return "", "", fmt.Errorf("serve: %s %q: give HOST:PORT, as %s", setting, address, DefaultListen)
		}
	}
	switch {
	case (o.TLSCert == "") != (o.TLSKey == ""):
		return "", "", fmt.Errorf("serve: a certificate and its key go together; give both --tls-cert and --tls-key")
	case o.TLSCert != "" && o.BehindProxy:
		return "", "", fmt.Errorf("serve: behind a proxy the proxy does TLS; give either --behind-proxy or --tls-cert")
	case o.TLSCert != "":
		return o.TLSCert, o.TLSKey, nil
	case o.BehindProxy:
		return "", "", nil
	case !loopback(o.Listen):
		cert, key = certificatePaths(dir)
		return cert, key, nil
	case o.MetricsListen != "" && !loopback(o.MetricsListen):
		return "", "", fmt.Errorf("serve: metrics at %s could be read on the way: give --tls-cert and --tls-key, or --behind-proxy when a proxy does TLS, or an address on loopback", o.MetricsListen)
	}
	return "", "", nil
}
