// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/gate"
)

// anyCertificate reports whether one of the identities is that of a certificate.
func (a *app) anyCertificate(names []string) bool {
	return slices.ContainsFunc(a.gate.Policy.Expand(names), func(name string) bool { return a.gate.Policy.Identities[name].Issuer != "" })
}

// keylessSigner signs with a certificate, as the trust of the policy asks for it.
func (a *app) keylessSigner() (attest.Signer, error) {
	if a.gate == nil {
		return nil, usagef("--key keyless needs a policy that says which certificates are trusted\nhint: name it with --policy")
	}
	need, err := needOf(a.gate.Policy)
	if err != nil {
		return nil, err
	}
	return a.keys.keyless(a.keyless, need)
}

// needOf is what the policy will ask of keyless signatures.
func needOf(p *gate.Policy) (keylessNeed, error) {
	if p.Trust.Sigstore == gate.TrustNone {
		return keylessNeed{}, usagef("the policy trusts no certificates (trust: none)\nhint: sign with a key, or write trust: {sigstore: public-good} or the name of a trusted_root.json in the policy")
	}
	need := keylessNeed{logs: p.Trust.Logs, timestamps: p.Trust.Timestamps, degraded: time.Duration(p.Trust.Degraded) > 0}
	if data := p.TrustedRoot(); data != nil {
		root, err := sigstore.LoadTrustedRoot(data)
		if err != nil {
			return keylessNeed{}, usageError{err}
		}
		need.root = root
	}
	return need, nil
}
