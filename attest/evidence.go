// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Identity is who signed: a key, or a name that an issuer vouched for in a certificate.
type Identity struct {
	Key     string            `json:"key,omitempty"`     // sha256:… of the public key's PKIX DER
	Issuer  string            `json:"issuer,omitempty"`  // OIDC issuer
	Subject string            `json:"subject,omitempty"` // certificate subject alternative name
	Serial  string            `json:"serial,omitempty"`  // certificate serial number, lower-case hex
	Claims  map[string]string `json:"claims,omitempty"`  // further claims of the certificate
}

// Principal is what makes two identities the same signer: the key, or issuer and subject.
func (i Identity) Principal() string {
	if i.Key != "" {
		return i.Key
	}
	return fmt.Sprintf("%d:%s%s", len(i.Issuer), i.Issuer, i.Subject)
}

// IsZero reports whether nobody is named.
func (i Identity) IsZero() bool { return i.Key == "" && i.Issuer == "" && i.Subject == "" }

func (i Identity) String() string {
	switch {
	case i.Key != "":
		if len(i.Key) > 19 {
			return "key " + i.Key[:19] + "…"
		}
		return "key " + i.Key
	case i.IsZero():
		return "nobody"
	}
	return i.Subject + " (" + i.Issuer + ")"
}

// TimeSource says who vouches for a time.
type TimeSource string

// The sources of a time, best first. Only Authority and Log are trusted; Claimed is what the signer wrote.
const (
	Authority TimeSource = "tsa"
	Log       TimeSource = "log"
	Claimed   TimeSource = "claimed"
)

// Authenticated is what an Authenticator proved: these very payload bytes were signed by this identity.
type Authenticated struct {
	PayloadType string
	Payload     []byte
	Signer      Identity
	Time        time.Time  // trusted signing time, zero if there is none
	TimeSource  TimeSource // empty if Time is zero
	// Logged: as many transparency logs as are asked for were proven to hold the signature. An Authenticator that lets a certificate
	// through on time stamps alone leaves it false; the gate then judges whether, and for how long, that may do.
	Logged bool
}

// Authenticator proves who signed one bundle. It returns a Reject where the bundle proves nothing.
type Authenticator interface {
	Authenticate(ctx context.Context, bundle []byte) (Authenticated, error)
}

// Evidence is a verified statement. Only Verifier.Verify makes one that is not empty.
type Evidence struct {
	id, bundleID Digest
	bundle       []byte
	payload      []byte
	statement    Statement
	signer       Identity
	time         time.Time
	source       TimeSource
	logged       bool
}

// ID is the sha256 of the statement's bytes as they were signed.
func (e Evidence) ID() Digest { return e.id }

// BundleID is the sha256 of the bundle's bytes. Two bundles of one statement are two signatures on it.
func (e Evidence) BundleID() Digest { return e.bundleID }

// Bundle is the bundle's bytes; they must not be changed.
func (e Evidence) Bundle() []byte { return e.bundle }

// Payload is the statement's bytes as they were signed; they must not be changed.
func (e Evidence) Payload() []byte { return e.payload }

// Statement is the verified statement; it must not be changed.
func (e Evidence) Statement() Statement { return e.statement }

// Signer is the identity that the signature proved.
func (e Evidence) Signer() Identity { return e.signer }

// Time is the trusted signing time and its source, or the zero time.
func (e Evidence) Time() (time.Time, TimeSource) { return e.time, e.source }

// Logged reports whether the transparency logs that are asked for were proven to hold the signature.
func (e Evidence) Logged() bool { return e.logged }

// Verifier turns bundles into evidence.
type Verifier struct{ auth Authenticator }

// NewVerifier needs the part that checks signatures.
func NewVerifier(a Authenticator) (*Verifier, error) {
	if a == nil {
		return nil, errors.New("verifier needs an authenticator")
	}
	return &Verifier{a}, nil
}

// Verify checks one bundle: signature, payload type, statement. The statement is parsed from the bytes that were verified.
// A Reject says why the bundle is no evidence; any other error that nothing could be found out.
func (v *Verifier) Verify(ctx context.Context, bundle []byte) (Evidence, error) {
	if err := ctx.Err(); err != nil {
		return Evidence{}, err
	}
	if len(bundle) > MaxBundle {
		return Evidence{}, &Reject{Code: CodeLimit, Detail: fmt.Sprintf("bundle has %d bytes, limit %d", len(bundle), MaxBundle)}
	}
	a, err := v.auth.Authenticate(ctx, bundle)
	if err != nil {
		return Evidence{}, err
	}
	if a.Signer.IsZero() {
		return Evidence{}, &Reject{Code: CodeSignatureInvalid, Detail: "no signer was proven"}
	}
	if a.PayloadType != PayloadInToto {
		return Evidence{}, &Reject{Code: CodePayloadType, Detail: fmt.Sprintf("payload type is %.100q, expected %q", a.PayloadType, PayloadInToto)}
	}
	st, err := DecodeStatement(a.Payload)
	if err != nil {
		return Evidence{}, err
	}
	return Evidence{id: SHA256(a.Payload), bundleID: SHA256(bundle), bundle: bundle, payload: a.Payload, statement: st, signer: a.Signer, time: a.Time, source: a.TimeSource, logged: a.Logged}, nil
}
