package node

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// keyring holds the certificate that TLS connections are answered with. When
// its files change it takes the new pair; one that cannot be read is told, and
// the old one stays.
type keyring struct {
	cert, key string // files
	log       *slog.Logger
	now       func() time.Time

	pair atomic.Pointer[tls.Certificate]

	mu     sync.Mutex
	looked time.Time // when the files were last asked
	stamp  string    // of the files as they were last read
	fault  error     // of the last reading
}

// lookEvery is how often, at most, connections make the files be asked.
const lookEvery = 2 * time.Second

// expiresSoon is how long before its end a certificate is warned of.
const expiresSoon = 14 * 24 * time.Hour

// newKeyring reads the pair; what cannot be read at the start is an error.
func newKeyring(cert, key string, log *slog.Logger) (*keyring, error) {
	k := &keyring{cert: cert, key: key, log: log, now: time.Now}
	k.stamp = k.stampFiles()
	if err := k.read(); err != nil {
		return nil, err
	}
	return k, nil
}

// config is for the listener.
func (k *keyring) config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			k.look(false)
			return k.pair.Load(), nil
		},
	}
}

// look reads the files anew when they have changed, or when it must.
func (k *keyring) look(must bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if now := k.now(); !must && now.Sub(k.looked) < lookEvery {
		return
	}
	k.looked = k.now()
	stamp := k.stampFiles()
	if stamp == k.stamp && !must {
		return
	}
	k.stamp = stamp
	k.fault = k.read()
	if k.fault != nil {
		k.log.Error("the new certificate cannot be used, the old one stays", "cert", k.cert, "key", k.key, "err", k.fault)
		return
	}
	k.log.Info("took the certificate anew", "cert", k.cert, "expires", k.expires())
}

// stampFiles tells one state of the files from another.
func (k *keyring) stampFiles() string {
	var stamp string
	for _, path := range []string{k.cert, k.key} {
		if info, err := os.Stat(path); err == nil {
			stamp += fmt.Sprint(info.ModTime().UnixNano(), info.Size(), " ")
		} else {
			stamp += "none "
		}
	}
	return stamp
}

// read takes the pair from its files.
func (k *keyring) read() error {
	pair, err := tls.LoadX509KeyPair(k.cert, k.key)
	if err != nil {
		return err
	}
	if left := pair.Leaf.NotAfter.Sub(k.now()); left < expiresSoon {
		k.log.Warn("the certificate "+endsIn(left), "cert", k.cert, "expires", pair.Leaf.NotAfter)
	}
	k.pair.Store(&pair)
	return nil
}

func (k *keyring) leaf() *x509.Certificate { return k.pair.Load().Leaf }

func (k *keyring) expires() time.Time { return k.leaf().NotAfter }

// failed is why the files could not be taken when they last changed.
func (k *keyring) failed() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.fault
}

// warnings are what an operator should mend before clients notice. They name no
// file: whoever asks for readiness reads them.
func (k *keyring) warnings() (all []string) {
	k.look(false)
	if k.failed() != nil {
		all = append(all, "the new TLS certificate cannot be used, the old one still is; see the log")
	}
	if left := k.expires().Sub(k.now()); left < expiresSoon {
		all = append(all, "the TLS certificate "+endsIn(left))
	}
	return all
}

func endsIn(left time.Duration) string {
	if left < 0 {
		return "has expired"
	}
	return fmt.Sprintf("expires in %d days", int(left.Hours()/24))
}
