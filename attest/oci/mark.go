// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
)

// Mark is the digest of the evidence list about a subject, as the registry tells it in one small request; the zero Digest if there is none. It changes when
// sealock adds evidence, and serves to learn when to look again. It proves nothing, and what other tools attach does not change it.
func (s *Store) Mark(ctx context.Context, subject attest.Digest) (attest.Digest, error) {
	d, err := s.repo.Head(ctx, tagOf(subject, tagList))
	if registry.IsNotFound(err) {
		return attest.Digest{}, nil
	}
	if err != nil {
		return attest.Digest{}, s.failed("asking whether there is new evidence about "+subject.Short(), err)
	}
	return d.Digest, nil
}
