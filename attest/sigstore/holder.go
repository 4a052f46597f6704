// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"crypto/x509"

	"github.com/sealock-dev/sealock/attest"
)

// Holder reads who a certificate names, with all claims, as Authenticate gives it for a signature that verifies. It says nothing about whether the
// certificate is to be believed: it is for who has just been given one.
func Holder(cert *x509.Certificate) (attest.Identity, error) { return identityOf(cert) }
