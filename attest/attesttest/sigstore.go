// SPDX-License-Identifier: Apache-2.0

package attesttest

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

// Sigstore is an instance of Sigstore in memory: a certificate authority with its certificate log, a transparency log of each version, and a time
// stamp authority. What it makes is real: certificates, proofs, checkpoints and time stamps verify with any client that has its trusted root.
type Sigstore struct {
	At       time.Time // when things are signed, unless Signing says another time
	root     *x509.Certificate
	rootKey  *ecdsa.PrivateKey
	between  *x509.Certificate // the intermediate that issues
	issuer   *ecdsa.PrivateKey
	ctKey    *ecdsa.PrivateKey
	v1       *tree
	v2       *tree
	v1Key    *ecdsa.PrivateKey
	v2Key    ed25519.PrivateKey
	tsaRoot  *x509.Certificate
	tsaLeaf  *x509.Certificate
	tsaKey   *ecdsa.PrivateKey
	from, to time.Time // when all of it is valid
}

// NewSigstore makes an instance that nothing else trusts, valid for a year around a time.
func NewSigstore(t testing.TB, at time.Time) *Sigstore {
	t.Helper()
	at = at.UTC().Truncate(time.Second)
	s := &Sigstore{At: at, from: at.AddDate(0, -6, 0), to: at.AddDate(0, 6, 0), v1: newTree(), v2: newTree()}
	rootKey, tsaRootKey := p256(t), p256(t)
	s.rootKey, s.issuer, s.ctKey, s.v1Key, s.tsaKey = rootKey, p256(t), p256(t), p256(t), p256(t)
	var err error
	if _, s.v2Key, err = ed25519.GenerateKey(rand.Reader); err != nil {
		t.Fatalf("making a key: %v", err)
	}
	// Time stamps are valid as the trusted root says; their certificates are so for a century, since what makes them writes the clock's time beside.
	century, end := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	ca := func(name string, usage ...x509.ExtKeyUsage) *x509.Certificate {
		return &x509.Certificate{SerialNumber: number(t), Subject: pkix.Name{CommonName: name, Organization: []string{"example"}}, NotBefore: s.from, NotAfter: s.to,
			IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, ExtKeyUsage: usage}
	}
	s.root = certificate(t, ca("example root"), nil, rootKey, rootKey)
	s.between = certificate(t, ca("example intermediate", x509.ExtKeyUsageCodeSigning), s.root, s.issuer, rootKey)
	above := ca("example time root")
	above.NotBefore, above.NotAfter = century, end
	s.tsaRoot = certificate(t, above, nil, tsaRootKey, tsaRootKey)
	s.tsaLeaf = certificate(t, timestampTemplate(t, century, end), s.tsaRoot, s.tsaKey, tsaRootKey)
	return s
}

// Intermediate is another certificate of the intermediate that issues, valid for another time, as an entry of a trusted root.
func (s *Sigstore) Intermediate(t testing.TB, from, to time.Time) map[string]any {
	t.Helper()
	template := *s.between
	template.SerialNumber, template.NotBefore, template.NotAfter = number(t), from, to
	c := certificate(t, &template, s.root, s.issuer, s.rootKey)
	return map[string]any{"uri": "https://ca.example", "certChain": map[string]any{"certificates": []any{map[string]any{"rawBytes": c.Raw}, map[string]any{"rawBytes": s.root.Raw}}},
		"validFor": map[string]any{"start": s.from.Format(time.RFC3339)}}
}

// Authority is a further time stamp authority: an entry of a trusted root, and what stamps. The certificate may be changed before it is issued.
func (s *Sigstore) Authority(t testing.TB, uri string, edit func(c *x509.Certificate)) (entry map[string]any, stamp func(over []byte, when time.Time) []byte) {
	t.Helper()
	key := p256(t)
	template := timestampTemplate(t, s.tsaRoot.NotBefore, s.tsaRoot.NotAfter)
	if edit != nil {
		edit(template)
	}
	rootKey := p256(t)
	above := &x509.Certificate{SerialNumber: number(t), Subject: pkix.Name{CommonName: "root of " + uri}, NotBefore: s.tsaRoot.NotBefore, NotAfter: s.tsaRoot.NotAfter, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	root := certificate(t, above, nil, rootKey, rootKey)
	leaf := certificate(t, template, root, key, rootKey)
	entry = map[string]any{"uri": uri, "certChain": map[string]any{"certificates": []any{map[string]any{"rawBytes": leaf.Raw}, map[string]any{"rawBytes": root.Raw}}},
		"validFor": map[string]any{"start": s.from.Format(time.RFC3339)}}
	return entry, func(over []byte, when time.Time) []byte { t.Helper(); return stampWith(t, leaf, key, over, when) }
}

// timestampTemplate is a certificate that may stamp times and nothing else; the usage must be critical (RFC 3161, 2.3).
func timestampTemplate(t testing.TB, from, to time.Time) *x509.Certificate {
	t.Helper()
	usage, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		t.Fatalf("encoding a certificate: %v", err)
	}
	return &x509.Certificate{SerialNumber: number(t), Subject: pkix.Name{CommonName: "example time"}, NotBefore: from, NotAfter: to, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: usage}}}
}

// Where things are said to be.
const (
	logV1URL = "https://log1.example"
	logV2URL = "https://log2.example"
)

// RootJSON is the instance's trusted_root.json; edits change it before it is written.
func (s *Sigstore) RootJSON(t testing.TB, edits ...func(root map[string]any)) []byte {
	t.Helper()
	window := func() map[string]any {
		return map[string]any{"start": s.from.Format(time.RFC3339), "end": s.to.Format(time.RFC3339)}
	}
	log := func(url string, key []byte, details string, id []byte) map[string]any {
		return map[string]any{"baseUrl": url, "hashAlgorithm": "SHA2_256", "logId": map[string]any{"keyId": id},
			"publicKey": map[string]any{"rawBytes": key, "keyDetails": details, "validFor": window()}}
	}
	authority := func(url string, chain ...*x509.Certificate) map[string]any {
		certificates := []any{}
		for _, c := range chain {
			certificates = append(certificates, map[string]any{"rawBytes": c.Raw})
		}
		return map[string]any{"uri": url, "subject": map[string]any{"commonName": "example"}, "certChain": map[string]any{"certificates": certificates}, "validFor": window()}
	}
	v1, ct, v2 := spki(t, &s.v1Key.PublicKey), spki(t, &s.ctKey.PublicKey), spki(t, s.v2Key.Public())
	root := map[string]any{
		"mediaType":              "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
		"tlogs":                  []any{log(logV1URL, v1, "PKIX_ECDSA_P256_SHA_256", sum(v1)), log(logV2URL, v2, "PKIX_ED25519", s.v2ID())},
		"ctlogs":                 []any{log("https://ct.example", ct, "PKIX_ECDSA_P256_SHA_256", sum(ct))},
		"certificateAuthorities": []any{authority("https://ca.example", s.between, s.root)},
		"timestampAuthorities":   []any{authority("https://time.example", s.tsaLeaf, s.tsaRoot)},
	}
	for _, edit := range edits {
		edit(root)
	}
	out, err := attest.EncodeJSON(root)
	if err != nil {
		t.Fatalf("writing a trusted root: %v", err)
	}
	return out
}

// Root is the instance's trusted root.
func (s *Sigstore) Root(t testing.TB, edits ...func(root map[string]any)) *sigstore.TrustedRoot {
	t.Helper()
	r, err := sigstore.LoadTrustedRoot(s.RootJSON(t, edits...))
	if err != nil {
		t.Fatalf("loading a trusted root: %v", err)
	}
	return r
}

func p256(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatalf("making a key: %v", err)
	}
	return k
}

func number(t testing.TB) *big.Int {
	t.Helper()
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		t.Fatalf("making a serial number: %v", err)
	}
	return n.SetBit(n, 120, 1)
}

func sum(b []byte) []byte {
	h := sha256.Sum256(b)
	return h[:]
}

func spki(t testing.TB, pub any) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		t.Fatalf("encoding a key: %v", err)
	}
	return der
}

// certificate issues one; without a parent it signs itself.
func certificate(t testing.TB, template, parent *x509.Certificate, subject, by *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &subject.PublicKey, by)
	if err != nil {
		t.Fatalf("issuing a certificate: %v", err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatalf("reading a certificate: %v", err)
	}
	return c
}
