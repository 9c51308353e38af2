package node

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// keys is a keyring on files, with a clock that the test moves and a listener
// that real handshakes reach.
type keys struct {
	*keyring
	t    *testing.T
	at   time.Time
	out  bytes.Buffer
	addr string
	made int
}

func newKeys(t *testing.T) *keys {
	t.Helper()
	dir := t.TempDir()
	k := &keys{t: t, at: time.Now()}
	k.keyring = &keyring{cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem")}
	k.write(k.at)
	ring, err := newKeyring(k.cert, k.key, slog.New(slog.NewTextHandler(&k.out, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ring.now = func() time.Time { return k.at }
	k.keyring = ring
	l, err := tls.Listen("tcp", "127.0.0.1:0", ring.config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.(*tls.Conn).Handshake() // the client tells how it went
			conn.Close()
		}
	}()
	k.addr = l.Addr().String()
	return k
}

// write puts a new pair, valid from a time on, in the files' place.
func (k *keys) write(from time.Time) (serial string) {
	k.t.Helper()
	cert, key, err := selfSigned("CERT Example", []string{"127.0.0.1"}, from)
	if err != nil {
		k.t.Fatal(err)
	}
	k.put(k.cert, cert)
	k.put(k.key, key)
	block, _ := pem.Decode(cert)
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		k.t.Fatal(err)
	}
	return leaf.SerialNumber.String()
}

func (k *keys) put(path string, content []byte) {
	k.t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		k.t.Fatal(err)
	}
	k.made++ // coarse clocks of file systems must not hide a change
	if err := os.Chtimes(path, time.Time{}, time.Unix(int64(k.made), 0)); err != nil {
		k.t.Fatal(err)
	}
}

// served is the serial number of the certificate that a handshake is answered
// with.
func (k *keys) served(c *tls.Config) (string, error) {
	c.InsecureSkipVerify = true
	conn, err := tls.DialWithDialer(&net.Dialer{Timeout: 10 * time.Second}, "tcp", k.addr, c)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.String(), nil
}

// pass lets time pass. The clock and the log are the handshakes' too, under the
// keyring's own lock.
func (k *keys) pass(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at = k.at.Add(d)
}

func (k *keys) told() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.out.String()
}

func (k *keys) serves(want string) {
	k.t.Helper()
	got, err := k.served(&tls.Config{})
	if err != nil || got != want {
		k.t.Errorf("certificate %s is served, want %s; %v", got, want, err)
	}
}

func TestNewCertificateIsTakenWithoutARestart(t *testing.T) {
	k := newKeys(t)
	first, err := k.served(&tls.Config{})
	if err != nil {
		t.Fatal(err)
	}
	second := k.write(k.at)
	k.serves(first) // the files were asked a moment ago
	k.pass(lookEvery)
	k.serves(second)
	third := k.write(k.at)
	k.look(true)
	k.serves(third)
}

func TestBrokenCertificateKeepsTheOldOne(t *testing.T) {
	k := newKeys(t)
	first, err := k.served(&tls.Config{})
	if err != nil {
		t.Fatal(err)
	}
	k.put(k.key, []byte("not a key"))
	k.pass(lookEvery)
	k.serves(first)
	if k.failed() == nil || !strings.Contains(k.told(), "the old one stays") {
		t.Errorf("a broken pair is not told: %v; log: %s", k.failed(), k.told())
	}
	if got := strings.Join(k.warnings(), " "); !strings.Contains(got, "new TLS certificate cannot be used") || strings.Contains(got, k.key) {
		t.Errorf("readiness warns %q; want a word on the certificate, and no path", got)
	}
	times := strings.Count(k.told(), "the old one stays")
	k.pass(lookEvery)
	k.serves(first)
	if again := strings.Count(k.told(), "the old one stays"); again != times {
		t.Errorf("the same broken pair is told again at each look")
	}
	mended := k.write(k.at)
	k.pass(lookEvery)
	k.serves(mended)
	if k.failed() != nil || len(k.warnings()) > 0 {
		t.Errorf("after mending: %v, %v", k.failed(), k.warnings())
	}
}

func TestExpiryIsWarnedOf(t *testing.T) {
	k := newKeys(t)
	if w := k.warnings(); len(w) > 0 {
		t.Errorf("a new certificate is warned of: %v", w)
	}
	k.pass(k.expires().Add(-72 * time.Hour).Sub(k.at))
	if w := strings.Join(k.warnings(), " "); !strings.Contains(w, "expires in 3 days") {
		t.Errorf("three days before its end: %q", w)
	}
	k.pass(k.expires().Add(time.Hour).Sub(k.at))
	if w := strings.Join(k.warnings(), " "); !strings.Contains(w, "has expired") {
		t.Errorf("after its end: %q", w)
	}
	k.look(true)
	if !strings.Contains(k.told(), "the certificate has expired") {
		t.Errorf("taking an expired certificate is not logged: %s", k.told())
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	k := newKeys(t)
	if _, err := k.served(&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		if _, err := k.served(&tls.Config{MinVersion: version, MaxVersion: version}); err != nil {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
	}
}
