// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"

	"github.com/sealock-dev/sealock/attest"
)

// MaxTrustedRoot bounds the bytes of a trusted_root.json; that of the public-good instance has 7 KB.
const MaxTrustedRoot = 1 << 20

// publicGood is trusted_root.json of Sigstore's public-good instance (https://github.com/sigstore/root-signing), as its TUF repository with root
// version 16 served it in November 2026: the same bytes as in @sigstore/tuf 5.0.1 on npm. Only public keys and certificates are in it.
//
//go:embed publicgood.json
var publicGood []byte

// TrustedRoot is a parsed trusted_root.json: the certificate authorities, logs and time stamp authorities of Sigstore instances.
type TrustedRoot struct {
	digest attest.Digest
	json   []byte
	root   *root.TrustedRoot
}

// LoadTrustedRoot reads a trusted_root.json. One that names nobody is an error: it would verify nothing.
func LoadTrustedRoot(json []byte) (*TrustedRoot, error) {
	if len(json) > MaxTrustedRoot {
		return nil, reject(CodeTrustRoot, "trusted root has %d bytes, limit %d", len(json), MaxTrustedRoot)
	}
	if err := attest.CheckJSON(json); err != nil {
		return nil, &attest.Reject{Code: CodeTrustRoot, Detail: "trusted root is not sound JSON", Cause: err}
	}
	r, err := root.NewTrustedRootFromJSON(json)
	if err != nil {
		return nil, &attest.Reject{Code: CodeTrustRoot, Detail: "reading trusted root", Cause: err}
	}
	if len(r.FulcioCertificateAuthorities())+len(r.RekorLogs())+len(r.TimestampingAuthorities()) == 0 {
		return nil, reject(CodeTrustRoot, "trusted root names no certificate authority, no log and no time stamp authority: it would verify nothing")
	}
	return &TrustedRoot{digest: attest.SHA256(json), json: json, root: r}, nil
}

// PublicGood is the trusted root of Sigstore's public-good instance that this program carries. It is never fetched while verifying.
func PublicGood() (*TrustedRoot, error) { return LoadTrustedRoot(publicGood) }

// Digest is the sha256 of the file.
func (r *TrustedRoot) Digest() attest.Digest { return r.digest }

// JSON is the file as it was read; it must not be changed.
func (r *TrustedRoot) JSON() []byte { return r.json }

// Material is what sigstore-go takes to verify what it signs.
func (r *TrustedRoot) Material() root.TrustedMaterial { return r.root }

// Logs counts the transparency logs.
func (r *TrustedRoot) Logs() int { return len(r.root.RekorLogs()) }

// Timestamps counts the time stamp authorities.
func (r *TrustedRoot) Timestamps() int { return len(r.root.TimestampingAuthorities()) }

// Certificates counts the certificate authorities.
func (r *TrustedRoot) Certificates() int { return len(r.root.FulcioCertificateAuthorities()) }

// CertificateLogs counts the certificate transparency logs.
func (r *TrustedRoot) CertificateLogs() int { return len(r.root.CTLogs()) }

// Newest is the latest time at which something in the trusted root begins to count: the file is at least as young. It is for showing its age.
func (r *TrustedRoot) Newest() time.Time {
	var newest time.Time
	later := func(t time.Time) {
		if t.After(newest) {
			newest = t
		}
	}
	for _, ca := range r.root.FulcioCertificateAuthorities() {
		if f, ok := ca.(*root.FulcioCertificateAuthority); ok {
			later(f.ValidityPeriodStart)
		}
	}
	for _, tsa := range r.root.TimestampingAuthorities() {
		if s, ok := tsa.(*root.SigstoreTimestampingAuthority); ok {
			later(s.ValidityPeriodStart)
		}
	}
	for _, logs := range []map[string]*root.TransparencyLog{r.root.RekorLogs(), r.root.CTLogs()} {
		for _, l := range logs {
			later(l.ValidityPeriodStart)
		}
	}
	return newest
}

// String tells for people what is in it.
func (r *TrustedRoot) String() string {
	return fmt.Sprintf("certificate authorities: %d, transparency logs: %d, time stamp authorities: %d, certificate logs: %d, newest from %s (%s)",
		r.Certificates(), r.Logs(), r.Timestamps(), r.CertificateLogs(), r.Newest().UTC().Format(time.DateOnly), r.digest.Short())
}

// Trust says which certificates, logs and time stamps are believed. It comes from the policy or the command line, never from the evidence.
type Trust struct {
	// Root holds the authorities. Without one, only keys are believed.
	Root *TrustedRoot
	// Logs is how many distinct transparency logs must hold the signature of a certificate. Zero (`log: none`) needs time stamps.
	Logs int
	// Timestamps is how many distinct authorities must have stamped the signature of a certificate.
	Timestamps int
	// Degraded lets a certificate through whose signature lacks log entries and has a time stamp. What it proves then says that it is not logged, and
	// the gate judges for how long that may do.
	Degraded bool
	// SCT asks that a certificate transparency log vouches for each certificate.
	SCT bool
	// KeyTimes gives signatures of keys a trusted time too, where a log entry or time stamp in the bundle verifies. Anybody can have an old
	// signature stamped: such a time says that the signature existed by then, and nothing about how fresh it is.
	KeyTimes bool
}

// DefaultTrust asks of a certificate what a Sigstore client asks: one log entry where the root has logs, else one time stamp, and an SCT where the
// root has certificate logs.
func DefaultTrust(r *TrustedRoot) Trust {
	t := Trust{Root: r, SCT: r.CertificateLogs() > 0}
	if r.Logs() > 0 {
		t.Logs = 1
	} else {
		t.Timestamps = 1
	}
	return t
}

// check refuses what could never be met, and what would ask for nothing.
func (t Trust) check() error {
	if t.Root == nil {
		if t.Logs != 0 || t.Timestamps != 0 || t.SCT || t.KeyTimes {
			return errors.New("trust asks for logs or time stamps and names no trusted root")
		}
		return nil
	}
	switch {
	case t.Logs < 0 || t.Timestamps < 0:
		return reject(CodeTrustRoot, "trust asks for %d log entries and %d time stamps, expected none or more", t.Logs, t.Timestamps)
	case t.Logs == 0 && t.Timestamps == 0:
		return reject(CodeTrustRoot, "trust asks for no log entry and no time stamp: without either, nobody knows whether a certificate was valid when it signed")
	case t.Logs > t.Root.Logs():
		return reject(CodeTrustRoot, "trust asks for entries in %d transparency logs, and the trusted root names %d", t.Logs, t.Root.Logs())
	case t.Timestamps > t.Root.Timestamps():
		return reject(CodeTrustRoot, "trust asks for %d time stamps, and the trusted root names %d authorities", t.Timestamps, t.Root.Timestamps())
	case t.Degraded && (t.Logs == 0 || t.Root.Timestamps() == 0):
		return reject(CodeTrustRoot, "trust does without the log where it is down, but asks for none, or names no time stamp authority that could stand in")
	case t.SCT && t.Root.CertificateLogs() == 0:
		return reject(CodeTrustRoot, "trust asks for certificates in a certificate log, and the trusted root names none")
	}
	return nil
}
