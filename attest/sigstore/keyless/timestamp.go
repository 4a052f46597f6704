// SPDX-License-Identifier: Apache-2.0

package keyless

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"

	"github.com/digitorus/timestamp"
)

// stamperVersions are those of the API of time stamp authorities, as signing configurations count them: RFC 3161 over HTTP.
var stamperVersions = []uint32{1}

// stamp has a signature stamped.
func (s *Signer) stamp(ctx context.Context, t Service, sig []byte) ([]byte, error) {
	sum := sha256.Sum256(sig)
	query, err := (&timestamp.Request{HashAlgorithm: crypto.SHA256, HashedMessage: sum[:]}).Marshal()
	if err != nil {
		return nil, fmt.Errorf("asking for a time stamp: %w", err)
	}
	a, err := s.caller(stamper).ask(ctx, http.MethodPost, t.URL, http.Header{"Content-Type": {"application/timestamp-query"}}, query, "")
	if err != nil {
		return nil, err
	}
	stamped, err := timestamp.ParseResponse(a.body)
	if err == nil && !bytes.Equal(stamped.HashedMessage, sum[:]) {
		err = errors.New("its time stamp is one of something else")
	}
	if err != nil {
		return nil, fmt.Errorf("the %s %s: %w", stamper, redacted(t.URL), err)
	}
	return a.body, nil
}
