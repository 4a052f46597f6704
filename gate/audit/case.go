// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"
	"fmt"
	"strings"

	"github.com/sealock-dev/sealock/attest"
)

// readCase reads what a decision was made from, and the digests of the policy's files by name.
func readCase(digest string, document func(string) ([]byte, error)) (Case, map[string]string, error) {
	var c Case
	raw, err := document(digest)
	if err != nil {
		return c, nil, err
	}
	if err := attest.DecodeJSON(raw, &c); err != nil {
		return c, nil, fmt.Errorf("reading the list of evidence %s: %w", digest, err)
	}
	if c.Schema != CaseSchema {
		return c, nil, fmt.Errorf("the list of evidence %s is of schema %.40q, expected %q", digest, c.Schema, CaseSchema)
	}
	list, err := document(c.Policy.Files)
	if err != nil {
		return c, nil, fmt.Errorf("reading the policy: %w", err)
	}
	files, err := parseFiles(list)
	return c, files, err
}

// ReadDocument reads a JSON document of a ledger, whose content must have its digest.
func ReadDocument(ctx context.Context, l Ledger, digest string, into any) error {
	raw, err := read(ctx, l, digest)
	if err != nil {
		return err
	}
	if err := attest.DecodeJSON(raw, into); err != nil {
		return fmt.Errorf("reading document %s: %w", digest, err)
	}
	return nil
}

// documents are those that the list names itself.
func (c Case) documents() []string {
	out := []string{c.Policy.Files}
	for _, p := range c.Evidence {
		out = append(out, p.Bundle)
	}
	if c.TrustRoot != "" {
		out = append(out, c.TrustRoot)
	}
	return out
}

// parseFiles reads the canonical list of a policy's files.
func parseFiles(list []byte) (map[string]string, error) {
	out := map[string]string{}
	for line := range strings.Lines(string(list)) {
		hex, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok || name == "" || out[name] != "" {
			return nil, fmt.Errorf("the list of the policy's files has a line %.80q", line)
		}
		out[name] = "sha256:" + hex
	}
	return out, nil
}
