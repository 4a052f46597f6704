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
	sig, err := s.pair.sv.SignMessage(bytes.NewReader(blob))
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return sig, nil
}

// VerifyBlob reports whether the key of that id, if it is among those given, made a signature on bytes as they are.
func VerifyBlob(keys []crypto.PublicKey, id string, blob, sig []byte) bool {
	for _, key := range keys {
		if got, err := KeyID(key); err != nil || got != id {
			continue
		}
		v, err := signature.LoadDefaultVerifier(key)
		return err == nil && v.VerifySignature(bytes.NewReader(sig), bytes.NewReader(blob)) == nil
	}
	return false
}
