// SPDX-License-Identifier: Apache-2.0

package kms

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/sigstore/keyless"
)

var gcpKey = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+)/(?:cryptoKeyVersions|versions)/([0-9]+)$`)
})

// openGCP uses Google Cloud KMS (https://cloud.google.com/kms/docs/reference/rest).
func openGCP(ctx context.Context, ref string, opt Options) (sigstore.RemoteKey, error) {
	m := gcpKey().FindStringSubmatch(ref)
	if m == nil {
		return nil, errors.New("expected gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K/versions/V")
	}
	name := "https://cloudkms.googleapis.com/v1/" + (&url.URL{Path: m[1]}).EscapedPath() + "/cryptoKeyVersions/" + m[2]
	s := service{"Google Cloud KMS", opt}
	call := func(ctx context.Context, method, url string, in, out any) error {
		token, err := s.gcpToken(ctx)
		if err != nil {
			return err
		}
		return s.call(ctx, method, url, http.Header{"Authorization": {"Bearer " + token}}, in, out, token)
	}
	var found struct {
		PEM string `json:"pem"`
	}
	if err := call(ctx, http.MethodGet, name+"/publicKey", nil, &found); err != nil {
		return nil, err
	}
	pub, err := parsePublic([]byte(found.PEM))
	if err != nil {
		return nil, err
	}
	return remote{pub, func(ctx context.Context, digest []byte) ([]byte, error) {
		var out struct {
			Signature []byte `json:"signature"`
		}
		err := call(ctx, http.MethodPost, name+":asymmetricSign", map[string]any{"digest": map[string]any{byHash(digest, "sha256", "sha384"): digest}}, &out)
		return out.Signature, err
	}}, nil
}

// gcpFile is a file with a credential, of any kind.
type gcpFile struct {
	Type         string `json:"type"`
	Email        string `json:"client_email"`
	Key          string `json:"private_key"`
	TokenURI     string `json:"token_uri"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	RefreshToken string `json:"refresh_token"`

	Audience         string `json:"audience"`
	SubjectTokenType string `json:"subject_token_type"`
	TokenURL         string `json:"token_url"`
	Impersonate      string `json:"service_account_impersonation_url"`
	Source           struct {
		File    string            `json:"file"`
		URL     string            `json:"url"`
		Headers map[string]string `json:"headers"`
		Format  struct {
			Type  string `json:"type"`
			Field string `json:"subject_token_field_name"`
		} `json:"format"`
	} `json:"credential_source"`
}

const gcpScope = "https://www.googleapis.com/auth/cloudkms"

// gcpToken is an access token: one that was given, of the credential file, or of the machine.
func (s service) gcpToken(ctx context.Context) (string, error) {
	for _, v := range []string{"GOOGLE_OAUTH_ACCESS_TOKEN", "CLOUDSDK_AUTH_ACCESS_TOKEN"} {
		if t := s.Getenv(v); t != "" {
			return t, nil
		}
	}
	name := s.Getenv("GOOGLE_APPLICATION_CREDENTIALS")
	named := name != ""
	if !named {
		name = filepath.Join(s.Getenv("HOME"), ".config", "gcloud", "application_default_credentials.json")
	}
	data, err := readFile(name)
	if err == nil {
		var f gcpFile
		if err := attest.DecodeJSON(data, &f); err != nil {
			return "", fmt.Errorf("credential file %s is malformed", name) // the reason might quote it
		}
		return s.gcpFileToken(ctx, f)
	}
	if named {
		return "", fmt.Errorf("reading GOOGLE_APPLICATION_CREDENTIALS: %w", err)
	}
	host := s.Getenv("GCE_METADATA_HOST")
	if host == "" {
		host = "metadata.google.internal"
	}
	var t struct {
		Token string `json:"access_token"`
	}
	data, err = s.metadata(ctx, http.MethodGet, "http://"+host+"/computeMetadata/v1/instance/service-accounts/default/token", http.Header{"Metadata-Flavor": {"Google"}})
	if err != nil || attest.DecodeJSON(data, &t) != nil || t.Token == "" {
		return "", errors.New("no Google credential found\nhint: set GOOGLE_APPLICATION_CREDENTIALS to a credential file")
	}
	return t.Token, nil
}

func (s service) gcpFileToken(ctx context.Context, f gcpFile) (string, error) {
	switch f.Type {
	case "service_account":
		assertion, err := s.gcpAssertion(f)
		if err != nil {
			return "", err
		}
		return s.grant(ctx, f.TokenURI, url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion}}, assertion)
	case "authorized_user":
		at := f.TokenURI
		if at == "" {
			at = "https://oauth2.googleapis.com/token"
		}
		return s.grant(ctx, at, url.Values{"grant_type": {"refresh_token"}, "client_id": {f.ClientID}, "client_secret": {f.ClientSecret}, "refresh_token": {f.RefreshToken}}, f.ClientSecret, f.RefreshToken)
	case "external_account":
		return s.gcpFederated(ctx, f)
	}
	return "", fmt.Errorf("credential file of type %q, expected service_account, authorized_user or external_account", f.Type)
}

// gcpAssertion is a JWT by the key of a service account (RFC 7523).
func (s service) gcpAssertion(f gcpFile) (string, error) {
	block, _ := pem.Decode([]byte(f.Key))
	if block == nil {
		return "", errors.New("the credential file holds no private key")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	rsaKey, ok := key.(*rsa.PrivateKey)
	if err != nil || !ok {
		return "", errors.New("the private key of the credential file can't be read")
	}
	claims, err := json.Marshal(map[string]any{"iss": f.Email, "scope": gcpScope, "aud": f.TokenURI, "iat": s.Now().Unix(), "exp": s.Now().Unix() + 600})
	if err != nil {
		return "", err
	}
	enc := base64.RawURLEncoding.EncodeToString
	message := enc([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + enc(claims)
	digest := sha256.Sum256([]byte(message))
	sig, err := rsa.SignPKCS1v15(rand.Reader, rsaKey, crypto.SHA256, digest[:])
	if err != nil {
		return "", errors.New("signing with the key of the credential file failed")
	}
	return message + "." + enc(sig), nil
}

// gcpFederated exchanges a token of another issuer, from a file or URL (workload identity federation), as CI systems have it.
func (s service) gcpFederated(ctx context.Context, f gcpFile) (string, error) {
	var data []byte
	var err error
	switch {
	case f.Source.File != "":
		data, err = readFile(f.Source.File)
	case f.Source.URL != "":
		header := http.Header{}
		for k, v := range f.Source.Headers {
			header.Set(k, v)
		}
		var a keyless.Answer
		if a, err = keyless.Ask(ctx, s.HTTP, s.Budget, "token source", http.MethodGet, f.Source.URL, header, nil); err == nil && a.Status != http.StatusOK {
			err = a.Refused("token source", f.Source.URL, "check that the job may get ID tokens")
		}
		data = a.Body
	default:
		err = errors.New("expected a file or a URL as its source")
	}
	if err != nil {
		return "", fmt.Errorf("token of the workload: %w", err)
	}
	token := strings.TrimSpace(string(data))
	if f.Source.Format.Type == "json" {
		var fields map[string]json.RawMessage
		if json.Unmarshal(data, &fields) != nil || json.Unmarshal(fields[f.Source.Format.Field], &token) != nil {
			return "", errors.New("the source of the workload's token has no such field")
		}
	}
	access, err := s.grant(ctx, f.TokenURL, url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "audience": {f.Audience}, "scope": {"https://www.googleapis.com/auth/cloud-platform"},
		"requested_token_type": {"urn:ietf:params:oauth:token-type:access_token"}, "subject_token_type": {f.SubjectTokenType}, "subject_token": {token}}, token)
	if err != nil || f.Impersonate == "" {
		return access, err
	}
	var out struct {
		Token string `json:"accessToken"`
	}
	err = s.call(ctx, http.MethodPost, f.Impersonate, http.Header{"Authorization": {"Bearer " + access}}, map[string]any{"scope": []string{gcpScope}}, &out, access)
	return out.Token, err
}

// grant asks an OAuth 2.0 token endpoint.
func (s service) grant(ctx context.Context, at string, form url.Values, secrets ...string) (string, error) {
	var out struct {
		Token string `json:"access_token"`
	}
	err := s.exchange(ctx, http.MethodPost, at, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}}, []byte(form.Encode()), &out, secrets...)
	if err == nil && out.Token == "" {
		err = fmt.Errorf("the token endpoint of %s gave no token", s.name)
	}
	return out.Token, err
}
