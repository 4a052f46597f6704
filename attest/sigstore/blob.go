// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"bytes"
	"fmt"
)

// SignBlob signs bytes as they are, without an envelope: what cosign's signature on an image is.
func (s *KeySigner) SignBlob(blob []byte) ([]byte, error) {
	sig, err := s.pair.sv.SignMessage(bytes.NewReader(blob))
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return sig, nil
}
