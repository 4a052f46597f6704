// SPDX-License-Identifier: Apache-2.0

package kms

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/sealock-dev/sealock/attest/sigstore"
)

var vaultKey = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9._-]+$`) })

// openVault uses the transit engine (https://developer.hashicorp.com/vault/api-docs/secret/transit): VAULT_ADDR, VAULT_TOKEN or ~/.vault-token,
// VAULT_NAMESPACE, TRANSIT_SECRET_ENGINE_PATH.
func openVault(ctx context.Context, name string, opt Options) (sigstore.RemoteKey, error) {
	addr, token := opt.Getenv("VAULT_ADDR"), opt.Getenv("VAULT_TOKEN")
	if token == "" {
		if data, err := readFile(filepath.Join(opt.Getenv("HOME"), ".vault-token")); err == nil {
			token = strings.TrimSpace(string(data))
		}
	}
	switch {
	case !named(vaultKey(), name, 128):
		return nil, errors.New("expected hashivault://KEY")
	case addr == "" || token == "":
		return nil, errors.New("VAULT_ADDR and VAULT_TOKEN (or ~/.vault-token) are needed")
	}
	engine := strings.Trim(opt.Getenv("TRANSIT_SECRET_ENGINE_PATH"), "/")
	if engine == "" {
		engine = "transit"
	}
	base := strings.TrimSuffix(addr, "/") + "/v1/" + (&url.URL{Path: engine}).EscapedPath()
	s := service{"Vault", opt}
	header := func() http.Header {
		h := http.Header{"X-Vault-Token": {token}, "X-Vault-Request": {"true"}}
		if ns := opt.Getenv("VAULT_NAMESPACE"); ns != "" {
			h.Set("X-Vault-Namespace", ns)
		}
		return h
	}
	var found struct {
		Data struct {
			Latest int `json:"latest_version"`
			Keys   map[string]struct {
				Public string `json:"public_key"`
			} `json:"keys"`
		} `json:"data"`
	}
	if err := s.call(ctx, http.MethodGet, base+"/keys/"+name, header(), nil, &found, token); err != nil {
		return nil, err
	}
	version := strconv.Itoa(found.Data.Latest)
	pub, err := parsePublic([]byte(found.Data.Keys[version].Public))
	if err != nil {
		return nil, err
	}
	return remote{pub, func(ctx context.Context, digest []byte) ([]byte, error) {
		in := map[string]any{"input": digest, "prehashed": true, "marshaling_algorithm": "asn1", "key_version": found.Data.Latest}
		var out struct {
			Data struct {
				Signature string `json:"signature"`
			} `json:"data"`
		}
		if err := s.call(ctx, http.MethodPost, base+"/sign/"+name+"/"+byHash(digest, "sha2-256", "sha2-384"), header(), in, &out, token); err != nil {
			return nil, err
		}
		parts := strings.Split(out.Data.Signature, ":") // vault:v1:base64
		sig, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
		if err != nil {
			return nil, fmt.Errorf("the signature that Vault gave is malformed")
		}
		return sig, nil
	}}, nil
}
