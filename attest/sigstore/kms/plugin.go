// SPDX-License-Identifier: Apache-2.0

package kms

import (
	"context"
	"crypto"
	"crypto/elliptic"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/sigstore/sigstore/pkg/signature/kms/cliplugin"
	"github.com/sigstore/sigstore/pkg/signature/options"

	"github.com/sealock-dev/sealock/attest/sigstore"
)

const pluginPrefix = cliplugin.PluginBinaryPrefix

var pluginName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9-]*$`) })

// openPlugin uses the program sigstore-kms-NAME for NAME://… (https://github.com/sigstore/sigstore/blob/main/pkg/signature/kms/cliplugin/README.md).
func openPlugin(ctx context.Context, scheme, ref string, _ Options) (sigstore.RemoteKey, error) {
	if !named(pluginName(), scheme, 63) || !found(scheme) {
		return nil, fmt.Errorf("no such key management service, and no program %s%s in PATH\nhint: expected one of %s", pluginPrefix, scheme, strings.Join(schemes, ", "))
	}
	sv, err := cliplugin.LoadSignerVerifier(ctx, ref, crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("program %s%s: %w", pluginPrefix, scheme, err)
	}
	key, err := sv.PublicKey(options.WithContext(ctx))
	if err != nil {
		return nil, fmt.Errorf("program %s%s: %w", pluginPrefix, scheme, err)
	}
	pub, err := ecdsaOf(key)
	if err != nil {
		return nil, err
	}
	if pub.Curve != elliptic.P256() { // the hash was settled before the key was known
		return nil, errors.New("keys of plugins must be ECDSA on P-256")
	}
	return remote{pub, func(ctx context.Context, digest []byte) ([]byte, error) {
		sig, err := sv.SignMessage(strings.NewReader(""), options.WithContext(ctx), options.WithDigest(digest), options.WithCryptoSignerOpts(crypto.SHA256))
		if err != nil {
			return nil, fmt.Errorf("program %s%s: %w", pluginPrefix, scheme, err)
		}
		return sig, nil
	}}, nil
}
