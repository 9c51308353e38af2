package node

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// certificateLife is how long the certificate made at init holds. Clients pin
// it or are told to trust it, so that there is no authority to ask for another.
const certificateLife = 5 * 365 * 24 * time.Hour

// certificatePaths are the files of the certificate made at init.
func certificatePaths(dir string) (cert, key string) {
	return filepath.Join(dir, "tls", "cert.pem"), filepath.Join(dir, "tls", "key.pem")
}

// makeCertificate writes a self-signed certificate for the hosts unless one is
// there already, and gives its fingerprint.
func makeCertificate(dir, org string, hosts []string, now time.Time) (pin string, err error) {
	certFile, keyFile := certificatePaths(dir)
	cert, err := os.ReadFile(certFile)
	if errors.Is(err, fs.ErrNotExist) {
		var key []byte
		if cert, key, err = selfSigned(org, hosts, now); err != nil {
			return "", fmt.Errorf("make a certificate: %w", err)
		}
		// The certificate comes last: where it stands, its key does.
		if err = writePrivate(keyFile, key); err == nil {
			err = writePrivate(certFile, cert)
		}
	}
	if err != nil {
		return "", err
	}
	block, _ := pem.Decode(cert)
	if block == nil {
		return "", fmt.Errorf("%s is damaged; remove it and its key, and run init again", certFile)
	}
	return fmt.Sprintf("%x", sha256.Sum256(block.Bytes)), nil
}

func selfSigned(org string, hosts []string, now time.Time) (certPEM, keyPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "entente node", Organization: []string{org}},
		NotBefore:             now.Add(-time.Hour), // clocks differ
		NotAfter:              now.Add(certificateLife),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), nil
}

// ownHosts are the names that a node is reached by as far as it can know.
func ownHosts() []string {
	hosts := []string{"localhost", "127.0.0.1", "::1"}
	if name, err := os.Hostname(); err == nil && name != "" && name != "localhost" {
		hosts = append(hosts, name)
	}
	return hosts
}

// loopback tells whether an address to listen on can be reached from this
// machine alone. A name is believed only when all its addresses are loopback.
func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil || host == "" {
		return false
	}
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	ips, err := net.LookupIP(host)
	if err != nil || len(ips) == 0 {
		return false
	}
	for _, ip := range ips {
		if !ip.IsLoopback() {
			return false
		}
	}
	return true
}

// unfinished are the files of writes that were killed.
const unfinished = ".new-*"

// writePrivate writes a file that its owner alone can read, whole or not at all.
func writePrivate(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), unfinished) // made 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // once renamed, it is not there any more
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
