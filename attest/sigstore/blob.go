// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"bytes"
	"crypto"
	"fmt"

	"github.com/sigstore/sigstore/pkg/signature"
)

// SignBlob signs bytes as they are, without an envelope: what cosign's signature on an image is.
func (s *KeySigner) SignBlob(blob []byte) ([]byte, error) {
	sig, err := s.key.SignMessage(bytes.NewReader(blob))
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return sig, nil
}

// VerifyBlob reports whether a key made a signature on bytes as they are.
func VerifyBlob(key crypto.PublicKey, blob, sig []byte) bool {
	v, err := signature.LoadDefaultVerifier(key)
	return err == nil && v.VerifySignature(bytes.NewReader(sig), bytes.NewReader(blob)) == nil
}
