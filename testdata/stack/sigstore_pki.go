// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// logOrigin is the name of both logs: the host of their URLs, which clients compare.
const logOrigin = "127.0.0.1"

// sigstorePKI are the keys and certificates of one private Sigstore, all made anew. Its files lie in dir.
type sigstorePKI struct {
	dir            string
	authority      []*x509.Certificate // intermediate, root
	stamper        []*x509.Certificate // leaf, root
	ctKey          *ecdsa.PublicKey
	logKey         ed25519.PublicKey
	tlsLeaf        *x509.Certificate
	tlsKey         *ecdsa.PrivateKey
	tlsRoot        string // PEM file
	validFrom, end time.Time
}

// Files of the private Sigstore that servers and clients read.
const (
	fileChain, fileRoot, fileCAKey = "fulcio-chain.pem", "fulcio-root.pem", "fulcio.key"
	fileCTKey, fileCTPub           = "ct.key", "ct.pub"
	fileLogKey                     = "rekor.key"
	fileTSAChain, fileTSAKey       = "tsa-chain.pem", "tsa.key"
)

// pki makes all keys, certificates and their files.
func pki(dir string, now time.Time) (*sigstorePKI, error) {
	p := &sigstorePKI{dir: dir, validFrom: now.Add(-time.Hour), end: now.Add(24 * time.Hour), tlsRoot: filepath.Join(dir, "tls-root.pem")}
	for _, step := range []func() error{p.makeAuthority, p.makeLogs, p.makeStamper, p.makeTLS} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *sigstorePKI) makeAuthority() error {
	rootKey, key, err := twoKeys()
	if err != nil {
		return err
	}
	root, err := p.issue(&x509.Certificate{Subject: pkix.Name{Organization: []string{"example"}, CommonName: "root"}, IsCA: true, MaxPathLen: 1}, rootKey.Public(), nil, rootKey)
	if err != nil {
		return err
	}
	middle, err := p.issue(&x509.Certificate{Subject: pkix.Name{Organization: []string{"example"}, CommonName: "intermediate"}, IsCA: true, MaxPathLenZero: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}}, key.Public(), root, rootKey)
	if err != nil {
		return err
	}
	p.authority = []*x509.Certificate{middle, root}
	if err := p.write(fileRoot, certificate(root)); err != nil {
		return err
	}
	if err := p.writeKey(fileCAKey, key); err != nil {
		return err
	}
	return p.write(fileChain, append(certificate(middle), certificate(root)...))
}

// makeLogs makes the key of the certificate transparency log, P-256, and that of the transparency log, Ed25519.
func (p *sigstorePKI) makeLogs() error {
	key, _, err := twoKeys()
	if err != nil {
		return err
	}
	p.ctKey = &key.PublicKey
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	if err := p.write(fileCTKey, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})); err != nil {
		return err
	}
	pub, err := x509.MarshalPKIXPublicKey(p.ctKey)
	if err != nil {
		return err
	}
	if err := p.write(fileCTPub, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pub})); err != nil {
		return err
	}
	logPub, logKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	p.logKey = logPub
	return p.writeKey(fileLogKey, logKey)
}

// makeStamper: the purpose of a time stamp authority's certificate is time stamping alone, and critical (RFC 3161, 2.3).
func (p *sigstorePKI) makeStamper() error {
	rootKey, key, err := twoKeys()
	if err != nil {
		return err
	}
	root, err := p.issue(&x509.Certificate{Subject: pkix.Name{Organization: []string{"example"}, CommonName: "time root"}, IsCA: true, MaxPathLenZero: true}, rootKey.Public(), nil, rootKey)
	if err != nil {
		return err
	}
	purpose, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		return err
	}
	leaf, err := p.issue(&x509.Certificate{Subject: pkix.Name{Organization: []string{"example"}, CommonName: "time"},
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: purpose}}}, key.Public(), root, rootKey)
	if err != nil {
		return err
	}
	p.stamper = []*x509.Certificate{leaf, root}
	if err := p.writeKey(fileTSAKey, key); err != nil {
		return err
	}
	return p.write(fileTSAChain, append(certificate(leaf), certificate(root)...))
}

// makeTLS makes a certificate for the issuers' real names.
func (p *sigstorePKI) makeTLS() error {
	rootKey, key, err := twoKeys()
	if err != nil {
		return err
	}
	root, err := p.issue(&x509.Certificate{Subject: pkix.Name{CommonName: "tls root"}, IsCA: true, MaxPathLenZero: true}, rootKey.Public(), nil, rootKey)
	if err != nil {
		return err
	}
	p.tlsKey = key
	p.tlsLeaf, err = p.issue(&x509.Certificate{Subject: pkix.Name{CommonName: "issuers"}, DNSNames: []string{hostGitHub, hostGitLab, hostPeople},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, key.Public(), root, rootKey)
	if err != nil {
		return err
	}
	return p.write(filepath.Base(p.tlsRoot), certificate(root))
}

// issue signs a certificate; without a parent it signs itself.
func (p *sigstorePKI) issue(c *x509.Certificate, pub crypto.PublicKey, parent *x509.Certificate, signer crypto.Signer) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	c.SerialNumber, c.NotBefore, c.NotAfter, c.BasicConstraintsValid, c.KeyUsage = serial, p.validFrom, p.end, true, x509.KeyUsageDigitalSignature
	if c.IsCA {
		c.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	}
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, pub, signer)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func (p *sigstorePKI) file(name string) string { return filepath.Join(p.dir, name) }

func (p *sigstorePKI) write(name string, data []byte) error {
	return os.WriteFile(p.file(name), data, 0o600)
}

func (p *sigstorePKI) writeKey(name string, key any) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return p.write(name, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// logID is the id of a checkpoint's key, as C2SP's signed-note writes it for Ed25519, not shortened.
func (p *sigstorePKI) logID() []byte {
	sum := sha256.Sum256(append([]byte(logOrigin+"\n\x01"), p.logKey...))
	return sum[:]
}

func certificate(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

func twoKeys() (a, b *ecdsa.PrivateKey, err error) {
	if a, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, nil, err
	}
	b, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return a, b, err
}
