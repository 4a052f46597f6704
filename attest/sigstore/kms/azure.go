// SPDX-License-Identifier: Apache-2.0

package kms

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

// The names of public clouds that vaults lie under, and the scope of each.
var azureVault = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-zA-Z0-9-]+\.(vault\.azure\.net|vault\.azure\.cn|vault\.usgovcloudapi\.net|managedhsm\.azure\.net)$`)
})

var azureName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z0-9-]+$`) })

const azureVersion = "?api-version=7.4"

// openAzure uses Azure Key Vault (https://learn.microsoft.com/rest/api/keyvault/keys/sign/sign).
func openAzure(ctx context.Context, ref string, opt Options) (sigstore.RemoteKey, error) {
	parts := strings.Split(ref, "/")
	if len(parts) < 2 || len(parts) > 3 || !named(azureVault(), parts[0], 160) || !named(azureName(), parts[1], 127) || (len(parts) == 3 && !named(azureName(), parts[2], 127)) {
		return nil, errors.New("expected azurekms://VAULT.vault.azure.net/KEY or …/KEY/VERSION")
	}
	base := "https://" + parts[0]
	_, cloud, _ := strings.Cut(parts[0], ".")
	s := service{"Azure Key Vault", opt}
	call := func(ctx context.Context, method, url string, in, out any) error {
		token, err := s.azureToken(ctx, "https://"+cloud)
		if err != nil {
			return err
		}
		return s.call(ctx, method, url, http.Header{"Authorization": {"Bearer " + token}}, in, out, token)
	}
	var found struct {
		Key struct {
			ID    string `json:"kid"`
			Curve string `json:"crv"`
			X     string `json:"x"`
			Y     string `json:"y"`
		} `json:"key"`
	}
	if err := call(ctx, http.MethodGet, base+"/keys/"+strings.Join(parts[1:], "/")+azureVersion, nil, &found); err != nil {
		return nil, err
	}
	curve := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384()}[found.Key.Curve]
	version := found.Key.ID[strings.LastIndex(found.Key.ID, "/")+1:]
	if curve == nil || !named(azureName(), version, 127) {
		return nil, fmt.Errorf("it is on the curve %q, expected P-256 or P-384", found.Key.Curve)
	}
	pub, err := point(curve, found.Key.X, found.Key.Y)
	if err != nil {
		return nil, err
	}
	return remote{pub, func(ctx context.Context, digest []byte) ([]byte, error) {
		var out struct {
			Value string `json:"value"`
		}
		in := map[string]string{"alg": byHash(digest, "ES256", "ES384"), "value": base64.RawURLEncoding.EncodeToString(digest)}
		if err := call(ctx, http.MethodPost, base+"/keys/"+parts[1]+"/"+version+"/sign"+azureVersion, in, &out); err != nil {
			return nil, err
		}
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(out.Value, "="))
		if err != nil || len(raw) == 0 || len(raw)%2 != 0 {
			return nil, errors.New("the signature that Azure Key Vault gave is malformed")
		}
		half := len(raw) / 2 // r and s, one after the other (RFC 7518, 3.4)
		return asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:half]), new(big.Int).SetBytes(raw[half:])})
	}}, nil
}

// point reads a JSON Web Key's coordinates.
func point(curve elliptic.Curve, x, y string) (*ecdsa.PublicKey, error) {
	size := (curve.Params().BitSize + 7) / 8
	raw := []byte{4}
	for _, c := range []string{x, y} {
		b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(c, "="))
		if err != nil || len(b) > size {
			return nil, errors.New("its public key is malformed")
		}
		raw = append(append(raw, make([]byte, size-len(b))...), b...)
	}
	pub, err := ecdsa.ParseUncompressedPublicKey(curve, raw)
	if err != nil {
		return nil, fmt.Errorf("reading the public key: %w", err)
	}
	return pub, nil
}

// azureToken is an access token for key vaults: of a workload identity, a client secret, or the machine.
func (s service) azureToken(ctx context.Context, resource string) (string, error) {
	tenant, client := s.Getenv("AZURE_TENANT_ID"), s.Getenv("AZURE_CLIENT_ID")
	host := s.Getenv("AZURE_AUTHORITY_HOST")
	if host == "" {
		host = "https://login.microsoftonline.com"
	}
	at := strings.TrimSuffix(host, "/") + "/" + url.PathEscape(tenant) + "/oauth2/v2.0/token"
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {client}, "scope": {resource + "/.default"}}
	entra := service{"Microsoft Entra ID", s.Options}
	if file := s.Getenv("AZURE_FEDERATED_TOKEN_FILE"); file != "" && tenant != "" && client != "" {
		token, err := readFile(file)
		if err != nil {
			return "", fmt.Errorf("reading AZURE_FEDERATED_TOKEN_FILE: %w", err)
		}
		form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		form.Set("client_assertion", strings.TrimSpace(string(token)))
		return entra.grant(ctx, at, form, form.Get("client_assertion"))
	}
	if secret := s.Getenv("AZURE_CLIENT_SECRET"); secret != "" && tenant != "" && client != "" {
		form.Set("client_secret", secret)
		return entra.grant(ctx, at, form, secret)
	}
	base := s.Getenv("AZURE_POD_IDENTITY_AUTHORITY_HOST")
	if base == "" {
		base = "http://169.254.169.254"
	}
	q := url.Values{"api-version": {"2018-02-01"}, "resource": {resource}}
	if client != "" {
		q.Set("client_id", client)
	}
	var t struct {
		Token string `json:"access_token"`
	}
	data, err := s.metadata(ctx, http.MethodGet, strings.TrimSuffix(base, "/")+"/metadata/identity/oauth2/token?"+q.Encode(), http.Header{"Metadata": {"true"}})
	if err != nil || attest.DecodeJSON(data, &t) != nil || t.Token == "" {
		return "", errors.New("no Azure credential found\nhint: set AZURE_TENANT_ID and AZURE_CLIENT_ID, and AZURE_FEDERATED_TOKEN_FILE or AZURE_CLIENT_SECRET")
	}
	return t.Token, nil
}
