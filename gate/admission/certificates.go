// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// maxCertificate bounds a file with a certificate or a key, in bytes.
const maxCertificate = 1 << 20

// Certificates is the server's own certificate, read anew when its files change.
type Certificates struct {
	certFile, keyFile string
	pair              atomic.Pointer[pair]
}

type pair struct {
	cert, key []byte
	tls       tls.Certificate
}

// LoadCertificates reads the certificate and its key, in PEM.
func LoadCertificates(certFile, keyFile string) (*Certificates, error) {
	c := &Certificates{certFile: certFile, keyFile: keyFile}
	_, err := c.Reload()
	return c, err
}

// Reload reads the files again and takes them if they changed and fit together. Else the pair that was read before stays.
func (c *Certificates) Reload() (changed bool, err error) {
	cert, err := readBounded(c.certFile)
	if err != nil {
		return false, err
	}
	key, err := readBounded(c.keyFile)
	if err != nil {
		return false, err
	}
	if old := c.pair.Load(); old != nil && bytes.Equal(old.cert, cert) && bytes.Equal(old.key, key) {
		return false, nil
	}
	p, err := tls.X509KeyPair(cert, key)
	if err == nil && p.Leaf == nil {
		err = errors.New("no certificate")
	}
	if err != nil {
		return false, fmt.Errorf("reading certificate %s and key %s: %w", c.certFile, c.keyFile, err)
	}
	c.pair.Store(&pair{cert, key, p})
	return true, nil
}

func readBounded(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxCertificate {
		return nil, fmt.Errorf("reading %s: expected a file of at most %d bytes", file, maxCertificate)
	}
	return os.ReadFile(file)
}

// Expiry is when the certificate expires.
func (c *Certificates) Expiry() time.Time {
	if p := c.pair.Load(); p != nil {
		return p.tls.Leaf.NotAfter
	}
	return time.Time{}
}

// TLS is the server's configuration: TLS 1.2 or later, and, where an authority is given, client certificates are verified against it. Who shows none may
// still ask for health and metrics.
func (c *Certificates) TLS(clients *x509.CertPool) *tls.Config {
	t := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &c.pair.Load().tls, nil }}
	if clients != nil {
		t.ClientCAs, t.ClientAuth = clients, tls.VerifyClientCertIfGiven
	}
	return t
}

// Watch reads the files anew at every interval until ctx ends, and tells what came of it.
func (c *Certificates) Watch(ctx context.Context, every time.Duration, tell func(changed bool, err error)) {
	for attest.Sleep(ctx, every) == nil {
		if changed, err := c.Reload(); changed || err != nil {
			tell(changed, err)
		}
	}
}
