// SPDX-License-Identifier: Apache-2.0

package kms_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/sigstore/sigstore/pkg/signature/kms/cliplugin/handler"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/sigstore/kms"
)

const secret = "s3cret-credential-of-the-job"

var at = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)

// cloud answers for every host; a request for anything else is not found. The key signs digests as the services do.
type cloud struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	mux  *http.ServeMux
	vars map[string]string
	root string
}

func newCloud(t *testing.T, curve elliptic.Curve) *cloud {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &cloud{t: t, key: key, mux: http.NewServeMux(), vars: map[string]string{"HOME": t.TempDir(), "AWS_EC2_METADATA_DISABLED": "true"}, root: t.TempDir()}
}

// RoundTrip implements http.RoundTripper: hosts are patterns of the mux.
func (c *cloud) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	r = r.Clone(r.Context())
	r.Host, r.RequestURI = r.URL.Host, r.URL.RequestURI()
	c.mux.ServeHTTP(w, r)
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

func (c *cloud) options() kms.Options {
	return kms.Options{Getenv: func(n string) string { return c.vars[n] }, HTTP: c, Now: func() time.Time { return at }, Budget: time.Second, Root: c.root,
		Environ: []string{"PATH=" + os.Getenv("PATH")}}
}

func (c *cloud) sign(digest []byte) []byte {
	sig, err := ecdsa.SignASN1(rand.Reader, c.key, digest)
	if err != nil {
		c.t.Error(err)
	}
	return sig
}

func (c *cloud) der() []byte {
	der, err := x509.MarshalPKIXPublicKey(&c.key.PublicKey)
	if err != nil {
		c.t.Error(err)
	}
	return der
}

func (c *cloud) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: c.der()}))
}

// handle answers JSON, or a refusal that quotes the credential.
func (c *cloud) handle(pattern string, f func(r *http.Request, in map[string]any) any) {
	c.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		in := map[string]any{}
		if strings.Contains(r.Header.Get("Content-Type"), "json") {
			_ = json.NewDecoder(r.Body).Decode(&in)
		}
		out := f(r, in)
		if out == nil {
			http.Error(w, `{"message":"not with `+secret+`"}`, http.StatusForbidden)
			return
		}
		_ = json.NewEncoder(w).Encode(out)
	})
}

// works opens a key, and what it signs verifies as any other key's signature.
func (c *cloud) works(ref string) {
	c.t.Helper()
	s, err := kms.Open(c.t.Context(), ref, c.options())
	if err != nil {
		c.t.Fatalf("%s: %v", ref, err)
	}
	want, err := sigstore.KeyID(&c.key.PublicKey)
	if err != nil || s.Identity().Key != want {
		c.t.Errorf("%s: signs as %s, expected %s", ref, s.Identity(), want)
	}
	st, err := attest.EncodeStatement("https://example.com/p", map[string]any{}, attest.Subject{Digest: attest.DigestSet{"sha256": strings.Repeat("ab", 32)}})
	if err != nil {
		c.t.Fatal(err)
	}
	b, err := s.Sign(c.t.Context(), st)
	if err != nil {
		c.t.Fatalf("%s: %v", ref, err)
	}
	a, err := sigstore.NewAuthenticator([]crypto.PublicKey{s.PublicKey()})
	if err != nil {
		c.t.Fatal(err)
	}
	got, err := a.Authenticate(c.t.Context(), b)
	if err != nil || got.Signer.Key != want || string(got.Payload) != string(st) {
		c.t.Errorf("%s: does not verify: %v", ref, err)
	}
	sig, err := s.SignBlob(c.t.Context(), []byte("hello"))
	if err != nil || !sigstore.VerifyBlob(s.PublicKey(), []byte("hello"), sig) {
		c.t.Errorf("%s: a plain signature does not verify: %v", ref, err)
	}
}

// refuses is a key that can't be used; the message says why and holds no credential.
func (c *cloud) refuses(ref, why string) {
	c.t.Helper()
	_, err := kms.Open(c.t.Context(), ref, c.options())
	if err == nil || !strings.Contains(err.Error(), why) || strings.Contains(err.Error(), secret) {
		c.t.Errorf("%s: expected %q, got %v", ref, why, err)
	}
}

func text(in map[string]any, name string) string { s, _ := in[name].(string); return s }

func bytesOf(in map[string]any, name string) []byte {
	b, _ := base64.StdEncoding.DecodeString(text(in, name))
	return b
}

func (c *cloud) write(name, content string) string {
	c.t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		c.t.Fatal(err)
	}
	return name
}

func TestAWS(t *testing.T) {
	t.Parallel()
	for _, curve := range []elliptic.Curve{elliptic.P256(), elliptic.P384()} {
		c := newCloud(t, curve)
		c.handle("POST kms.eu-west-1.amazonaws.com/", func(r *http.Request, in map[string]any) any {
			auth := r.Header.Get("Authorization")
			if !strings.HasPrefix(auth, "AWS4-HMAC-SHA256 Credential=AKID/20261122/eu-west-1/kms/aws4_request, SignedHeaders=content-type;host;x-amz-date;") || r.Header.Get("X-Amz-Date") != "20261122T060000Z" || strings.Contains(auth, secret) {
				return nil
			}
			switch {
			case r.Header.Get("X-Amz-Target") == "TrentService.GetPublicKey":
				return map[string]any{"PublicKey": c.der(), "KeySpec": "ECC_NIST_P256"}
			case r.Header.Get("X-Amz-Target") == "TrentService.Sign" && text(in, "MessageType") == "DIGEST" && strings.HasPrefix(text(in, "SigningAlgorithm"), "ECDSA_SHA_"):
				return map[string]any{"Signature": c.sign(bytesOf(in, "Message"))}
			}
			return nil
		})
		const arn = "awskms:///arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
		c.refuses(arn, "no AWS credential")
		c.vars["AWS_ACCESS_KEY_ID"], c.vars["AWS_SECRET_ACCESS_KEY"] = "AKID", secret
		c.works(arn)
		c.refuses("awskms:///alias/release", "region")
		c.vars["AWS_REGION"] = "eu-west-1"
		c.works("awskms:///alias/release")
		c.refuses("awskms://release", "expected awskms")
		c.vars["AWS_ACCESS_KEY_ID"] = "OTHER"
		c.refuses(arn, "refused with status 403")
		delete(c.vars, "AWS_ACCESS_KEY_ID")
		c.write(filepath.Join(c.vars["HOME"], ".aws", "credentials"), "[other]\naws_access_key_id = NO\n[default]\naws_access_key_id = AKID\naws_secret_access_key = "+secret+"\n")
		c.works(arn)
		c.vars["AWS_PROFILE"] = "absent"
		c.refuses(arn, "no AWS credential")
		c.handle("POST sts.eu-west-1.amazonaws.com/", func(r *http.Request, _ map[string]any) any {
			if r.FormValue("WebIdentityToken") != secret || r.FormValue("RoleArn") != "arn:aws:iam::1:role/ci" || r.FormValue("Action") != "AssumeRoleWithWebIdentity" {
				return nil
			}
			return map[string]any{"AssumeRoleWithWebIdentityResponse": map[string]any{"AssumeRoleWithWebIdentityResult": map[string]any{"Credentials": map[string]any{"AccessKeyId": "AKID", "SecretAccessKey": "x", "SessionToken": "session", "Expiration": 1.7e9}}}}
		})
		c.vars["AWS_ROLE_ARN"], c.vars["AWS_WEB_IDENTITY_TOKEN_FILE"] = "arn:aws:iam::1:role/ci", c.write(filepath.Join(t.TempDir(), "token"), secret+"\n")
		c.works(arn)
	}
}

// A machine of EC2 gives the credential of its role, version 2 of the metadata service.
func TestAWSMachine(t *testing.T) {
	t.Parallel()
	c := newCloud(t, elliptic.P256())
	c.handle("POST kms.eu-west-1.amazonaws.com/", func(r *http.Request, in map[string]any) any {
		if r.Header.Get("X-Amz-Security-Token") != "session" {
			return nil
		}
		if r.Header.Get("X-Amz-Target") == "TrentService.Sign" {
			return map[string]any{"Signature": c.sign(bytesOf(in, "Message"))}
		}
		return map[string]any{"PublicKey": c.der()}
	})
	machine := http.NewServeMux()
	machine.HandleFunc("PUT /latest/api/token", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "imds") })
	machine.HandleFunc("GET /latest/meta-data/iam/security-credentials/{role...}", func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("X-Aws-Ec2-Metadata-Token") != "imds":
			http.Error(w, "", http.StatusUnauthorized)
		case r.PathValue("role") == "":
			fmt.Fprint(w, "ci\n")
		default:
			fmt.Fprint(w, `{"AccessKeyId":"AKID","SecretAccessKey":"x","Token":"session"}`)
		}
	})
	srv := httptest.NewServer(machine)
	defer srv.Close()
	c.vars["AWS_EC2_METADATA_DISABLED"], c.vars["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "", srv.URL
	c.works("awskms:///arn:aws:kms:eu-west-1:111122223333:key/1")
}

func TestVault(t *testing.T) {
	t.Parallel()
	for _, curve := range []elliptic.Curve{elliptic.P256(), elliptic.P384()} {
		c := newCloud(t, curve)
		c.handle("GET vault.example/v1/team/transit/keys/release", func(r *http.Request, _ map[string]any) any {
			if r.Header.Get("X-Vault-Token") != secret || r.Header.Get("X-Vault-Namespace") != "acme" {
				return nil
			}
			return map[string]any{"data": map[string]any{"latest_version": 2, "keys": map[string]any{"1": map[string]any{"public_key": "old"}, "2": map[string]any{"public_key": c.pem()}}}}
		})
		c.handle("POST vault.example/v1/team/transit/sign/release/{hash}", func(r *http.Request, in map[string]any) any {
			digest := bytesOf(in, "input")
			if r.Header.Get("X-Vault-Token") != secret || in["prehashed"] != true || in["marshaling_algorithm"] != "asn1" || r.PathValue("hash") != fmt.Sprintf("sha2-%d", 8*len(digest)) {
				return nil
			}
			return map[string]any{"data": map[string]any{"signature": "vault:v2:" + base64.StdEncoding.EncodeToString(c.sign(digest))}}
		})
		c.refuses("hashivault://release", "VAULT_ADDR")
		c.vars["VAULT_ADDR"], c.vars["VAULT_TOKEN"], c.vars["VAULT_NAMESPACE"], c.vars["TRANSIT_SECRET_ENGINE_PATH"] = "https://vault.example", secret, "acme", "team/transit"
		c.works("hashivault://release")
		c.refuses("hashivault://other", "404")
		c.refuses("hashivault://../sys", "expected hashivault")
		c.vars["VAULT_TOKEN"] = ""
		c.write(filepath.Join(c.vars["HOME"], ".vault-token"), secret+"\n")
		c.works("hashivault://release")
		c.vars["VAULT_NAMESPACE"] = ""
		c.refuses("hashivault://release", "403")
		c.vars["VAULT_ADDR"] = "http://vault.example"
		c.refuses("hashivault://release", "expected https")
	}
}

func TestGoogle(t *testing.T) {
	t.Parallel()
	for _, curve := range []elliptic.Curve{elliptic.P256(), elliptic.P384()} {
		c := newCloud(t, curve)
		const path = "cloudkms.googleapis.com/v1/projects/p/locations/global/keyRings/r/cryptoKeys/k/cryptoKeyVersions/3"
		c.handle("GET "+path+"/publicKey", func(r *http.Request, _ map[string]any) any {
			if r.Header.Get("Authorization") != "Bearer access" {
				return nil
			}
			return map[string]any{"pem": c.pem(), "algorithm": "EC_SIGN_P256_SHA256"}
		})
		c.handle("POST "+strings.TrimSuffix(path, "3")+"{version}", func(r *http.Request, in map[string]any) any {
			digest, _ := in["digest"].(map[string]any)
			for name, value := range digest {
				b := bytesOf(map[string]any{"x": value}, "x")
				if r.Header.Get("Authorization") == "Bearer access" && name == fmt.Sprintf("sha%d", 8*len(b)) && r.PathValue("version") == "3:asymmetricSign" {
					return map[string]any{"signature": c.sign(b)}
				}
			}
			return nil
		})
		const ref = "gcpkms://projects/p/locations/global/keyRings/r/cryptoKeys/k/versions/3"
		c.vars["GCE_METADATA_HOST"] = "127.0.0.1:1"
		c.refuses(ref, "no Google credential")
		c.vars["GOOGLE_OAUTH_ACCESS_TOKEN"] = "access"
		c.works(ref)
		c.works(strings.Replace(ref, "/versions/", "/cryptoKeyVersions/", 1))
		c.refuses("gcpkms://projects/p/locations/global/keyRings/r/cryptoKeys/k", "expected gcpkms")
		c.vars["GOOGLE_OAUTH_ACCESS_TOKEN"] = secret
		c.refuses(ref, "403")
		delete(c.vars, "GOOGLE_OAUTH_ACCESS_TOKEN")
		grants := map[string]func(r *http.Request) bool{"a": nil, "u": nil, "x": nil}
		c.handle("POST token.example/{kind}", func(r *http.Request, _ map[string]any) any {
			if f := grants[r.PathValue("kind")]; f == nil || !f(r) {
				return nil
			}
			return map[string]any{"access_token": map[string]string{"a": "access", "u": "access", "x": "exchanged"}[r.PathValue("kind")]}
		})
		file := filepath.Join(t.TempDir(), "credential.json")
		c.vars["GOOGLE_APPLICATION_CREDENTIALS"] = file
		c.refuses(ref, "GOOGLE_APPLICATION_CREDENTIALS")
		c.write(file, `{"type":"authorized_user","client_id":"i","client_secret":"`+secret+`","refresh_token":"r","token_uri":"https://token.example/u"}`)
		c.refuses(ref, "403")
		grants["u"] = func(r *http.Request) bool {
			return r.FormValue("client_secret") == secret && r.FormValue("grant_type") == "refresh_token"
		}
		c.works(ref)
		rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.MarshalPKCS8PrivateKey(rsaKey)
		if err != nil {
			t.Fatal(err)
		}
		account, err := json.Marshal(map[string]string{"type": "service_account", "client_email": "ci@p.iam.example", "private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "token_uri": "https://token.example/a"})
		if err != nil {
			t.Fatal(err)
		}
		c.write(file, string(account))
		grants["a"] = func(r *http.Request) bool { return verifyRS256(&rsaKey.PublicKey, r.FormValue("assertion")) }
		c.works(ref)
		c.handle("GET oidc.example/token", func(r *http.Request, _ map[string]any) any {
			if r.Header.Get("Authorization") != "Bearer request" {
				return nil
			}
			return map[string]any{"value": "a.job.token"}
		})
		c.handle("POST iamcredentials.example/impersonate", func(r *http.Request, _ map[string]any) any {
			if r.Header.Get("Authorization") != "Bearer exchanged" {
				return nil
			}
			return map[string]any{"accessToken": "access"}
		})
		grants["x"] = func(r *http.Request) bool {
			return r.FormValue("subject_token") == "a.job.token" && r.FormValue("audience") == "//pool"
		}
		c.write(file, `{"type":"external_account","audience":"//pool","subject_token_type":"urn:ietf:params:oauth:token-type:jwt","token_url":"https://token.example/x","service_account_impersonation_url":"https://iamcredentials.example/impersonate",
"credential_source":{"url":"https://oidc.example/token","headers":{"Authorization":"Bearer request"},"format":{"type":"json","subject_token_field_name":"value"}}}`)
		c.works(ref)
		c.write(file, `{"type":"other","x":"`+secret+`"}`)
		c.refuses(ref, "of type")
		c.write(file, `{"`+secret)
		c.refuses(ref, "malformed")
	}
}

func verifyRS256(pub *rsa.PublicKey, token string) bool {
	at := strings.LastIndex(token, ".")
	if at < 0 {
		return false
	}
	sig, err := base64.RawURLEncoding.DecodeString(token[at+1:])
	digest := sha256.Sum256([]byte(token[:at]))
	return err == nil && rsa.VerifyPKCS1v15(pub, 5, digest[:], sig) == nil // 5: SHA-256
}

func TestAzure(t *testing.T) {
	t.Parallel()
	for _, curve := range []elliptic.Curve{elliptic.P256(), elliptic.P384()} {
		c := newCloud(t, curve)
		raw, err := c.key.PublicKey.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		size := len(raw) / 2
		b64 := base64.RawURLEncoding.EncodeToString
		key := func(r *http.Request, _ map[string]any) any {
			if r.Header.Get("Authorization") != "Bearer access" {
				return nil
			}
			return map[string]any{"key": map[string]any{"kid": "https://acme.vault.azure.net/keys/release/v1", "kty": "EC", "crv": curve.Params().Name, "x": b64(raw[1 : 1+size]), "y": b64(raw[1+size:])}}
		}
		c.handle("GET acme.vault.azure.net/keys/release", key)
		c.handle("GET acme.vault.azure.net/keys/release/v1", key)
		c.handle("POST acme.vault.azure.net/keys/release/v1/sign", func(r *http.Request, in map[string]any) any {
			digest, err := base64.RawURLEncoding.DecodeString(text(in, "value"))
			if err != nil || r.URL.Query().Get("api-version") == "" || text(in, "alg") != fmt.Sprintf("ES%d", 8*len(digest)) {
				return nil
			}
			var rs struct{ R, S *big.Int }
			if _, err := asn1.Unmarshal(c.sign(digest), &rs); err != nil {
				return nil
			}
			return map[string]any{"value": b64(append(rs.R.FillBytes(make([]byte, size)), rs.S.FillBytes(make([]byte, size))...))}
		})
		c.handle("POST login.microsoftonline.com/tenant/oauth2/v2.0/token", func(r *http.Request, _ map[string]any) any {
			if (r.FormValue("client_secret") != secret && r.FormValue("client_assertion") != secret) || r.FormValue("scope") != "https://vault.azure.net/.default" || r.FormValue("client_id") != "client" {
				return nil
			}
			return map[string]any{"access_token": "access"}
		})
		const ref = "azurekms://acme.vault.azure.net/release"
		c.vars["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = "http://127.0.0.1:1"
		c.refuses(ref, "no Azure credential")
		c.vars["AZURE_TENANT_ID"], c.vars["AZURE_CLIENT_ID"], c.vars["AZURE_CLIENT_SECRET"] = "tenant", "client", secret
		c.works(ref)
		c.works(ref + "/v1")
		delete(c.vars, "AZURE_CLIENT_SECRET")
		c.vars["AZURE_FEDERATED_TOKEN_FILE"] = c.write(filepath.Join(t.TempDir(), "token"), secret)
		c.works(ref)
		c.refuses("azurekms://evil.example/release", "expected azurekms")
		c.refuses("azurekms://acme.vault.azure.net/../release", "expected azurekms")
		c.refuses("azurekms://acme.vault.azure.net/other", "404")
	}
}

func TestKubernetes(t *testing.T) {
	t.Parallel()
	pair, err := sigstore.Generate(sigstore.ECDSAP256, []byte("pw"))
	if err != nil {
		t.Fatal(err)
	}
	c := newCloud(t, elliptic.P256())
	pub, err := sigstore.ParsePublicKey(pair.Public)
	if err != nil {
		t.Fatal(err)
	}
	c.key.PublicKey = *(pub.(*ecdsa.PublicKey)) //nolint:forcetypeassert // it was made a moment ago
	body, err := json.Marshal(map[string]any{"data": map[string][]byte{"cosign.key": pair.Private, "cosign.password": []byte("pw")}})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/namespaces/ci/secrets/release" || r.Header.Get("Authorization") != "Bearer "+secret {
			http.Error(w, `{"message":"no `+secret+`"}`, http.StatusForbidden)
			return
		}
		_, _ = w.Write(body)
	}))
	defer srv.Close()
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(c.root, "var/run/secrets/kubernetes.io/serviceaccount")
	c.write(filepath.Join(dir, "token"), secret)
	c.write(filepath.Join(dir, "ca.crt"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})))
	c.vars["KUBERNETES_SERVICE_HOST"], c.vars["KUBERNETES_SERVICE_PORT"] = u.Hostname(), u.Port()
	c.works("k8s://ci/release")
	c.refuses("k8s://ci/other", "403")
	c.refuses("k8s://ci", "expected k8s")
	c.refuses("k8s://ci/--all", "expected k8s")
}

// A plugin is a program that speaks Sigstore's protocol.
func TestPlugin(t *testing.T) {
	c := newCloud(t, elliptic.P256())
	c.refuses("nosuchkms://key", "sigstore-kms-nosuchkms")
	c.refuses("../x://key", "no such key management service")
	if kms.Named("nosuchkms://key") || !kms.Named("awskms:///x") || kms.Named("file.key") {
		t.Error("references are mistaken for each other")
	}
	dir := t.TempDir()
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, pluginProgram)); err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(c.key)
	if err != nil {
		t.Fatal(err)
	}
	slot := c.write(filepath.Join(t.TempDir(), "slot"), string(der))
	if !kms.Named("hsm://" + slot) {
		t.Error("the plugin is not found")
	}
	c.works("hsm://" + slot)
	c.refuses("hsm://"+slot+"2", pluginProgram)
}

// pluginProgram is this very test, under the name of a plugin for hsm://.
const pluginProgram = "sigstore-kms-hsm"

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == pluginProgram {
		if err := plugin(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// plugin speaks Sigstore's protocol, with a key in a file.
func plugin() error {
	args, err := handler.GetPluginArgs(os.Args)
	if err != nil {
		return err
	}
	der, err := os.ReadFile(args.InitOptions.KeyResourceID)
	if err != nil {
		return handler.WriteErrorResponse(os.Stdout, err)
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return err
	}
	sv, err := signature.LoadSignerVerifier(key, args.InitOptions.HashFunc)
	if err != nil {
		return err
	}
	_, err = handler.Dispatch(os.Stdout, os.Stdin, args, inFile{sv})
	return err
}

// inFile gives a signer the shape of a key management service.
type inFile struct{ signature.SignerVerifier }

func (inFile) CreateKey(context.Context, string) (crypto.PublicKey, error) {
	return nil, errors.New("no")
}
func (inFile) SupportedAlgorithms() []string { return nil }
func (inFile) DefaultAlgorithm() string      { return "" }
func (inFile) CryptoSigner(context.Context, func(error)) (crypto.Signer, crypto.SignerOpts, error) {
	return nil, nil, errors.New("no")
}

// A service that signs with another key than it showed is found out.
func TestSignatureOfAnotherKey(t *testing.T) {
	t.Parallel()
	c, other := newCloud(t, elliptic.P256()), newCloud(t, elliptic.P256())
	c.handle("GET vault.example/v1/transit/keys/k", func(*http.Request, map[string]any) any {
		return map[string]any{"data": map[string]any{"latest_version": 1, "keys": map[string]any{"1": map[string]any{"public_key": c.pem()}}}}
	})
	c.handle("POST vault.example/v1/transit/sign/k/sha2-256", func(_ *http.Request, in map[string]any) any {
		return map[string]any{"data": map[string]any{"signature": "vault:v1:" + base64.StdEncoding.EncodeToString(other.sign(bytesOf(in, "input")))}}
	})
	c.vars["VAULT_ADDR"], c.vars["VAULT_TOKEN"] = "https://vault.example", secret
	s, err := kms.Open(t.Context(), "hashivault://k", c.options())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.SignBlob(context.WithoutCancel(t.Context()), []byte("x")); err == nil || !strings.Contains(err.Error(), "does not verify") {
		t.Errorf("expected an error, got %v", err)
	}
}
