// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/gate"
)

// rootOf reads a trusted_root.json; without one it is that of the public-good instance.
func (o *options) rootOf(json []byte) (*sigstore.TrustedRoot, error) {
	if json != nil {
		return sigstore.LoadTrustedRoot(json)
	}
	root, _, err := o.publicGoodRoot()
	return root, err
}

// trustRoot names the trust root of a policy, as gate.LoadOptions asks for it.
func (o *options) trustRoot(json []byte) (attest.Digest, error) {
	root, err := o.rootOf(json)
	if err != nil {
		return attest.Digest{}, err
	}
	return root.Digest(), nil
}

// policyTrust is whose certificates, logs and time stamps a policy believes.
func (o *options) policyTrust(p *gate.Policy) (sigstore.Trust, error) {
	if p.Trust.Sigstore == gate.TrustNone {
		return sigstore.Trust{}, nil
	}
	root, err := o.rootOf(p.TrustedRoot())
	if err != nil {
		return sigstore.Trust{}, err
	}
	return trustIn(p, root), nil
}

// trustIn is what a policy asks of signatures, by a trust root.
func trustIn(p *gate.Policy, root *sigstore.TrustedRoot) sigstore.Trust {
	return sigstore.Trust{Root: root, Logs: p.Trust.Logs, Timestamps: p.Trust.Timestamps, Degraded: p.Trust.Degraded > 0, SCT: root.CertificateLogs() > 0, KeyTimes: true}
}

// policyAuthenticator tells who signed, by the keys and the trust of a policy.
func (o *options) policyAuthenticator(p *gate.Policy) (*sigstore.Authenticator, error) {
	trust, err := o.policyTrust(p)
	if err != nil {
		return nil, usageError{err}
	}
	auth, err := sigstore.NewAuthenticator(p.Keys(), trust)
	if err != nil {
		return nil, usageError{err}
	}
	return auth, nil
}

// policyVerifier turns bundles into evidence by the keys and the trust of a policy.
func (o *options) policyVerifier(p *gate.Policy) (*attest.Verifier, error) {
	auth, err := o.policyAuthenticator(p)
	if err != nil {
		return nil, err
	}
	return attest.NewVerifier(auth)
}
