// SPDX-License-Identifier: Apache-2.0

package kms

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/sigstore/keyless"
)

// Options are what the services need of the program.
type Options struct {
	Getenv func(string) string
	HTTP   http.RoundTripper // to the services; metadata servers on the link are asked directly
	Now    func() time.Time
	Budget time.Duration // how long each is asked again; default keyless.DefaultBudget
	Root   string        // the folder that stands for / when files of the machine are looked for; default /
	// Environ is what programs that are started see: plugins, and kubectl.
	Environ []string
}

// Signer signs with a key in a service. It implements attest.Signer.
type Signer interface {
	attest.Signer
	PublicKey() crypto.PublicKey
	SignBlob(ctx context.Context, blob []byte) ([]byte, error)
}

// schemes are those that need no plugin.
var schemes = []string{"awskms", "gcpkms", "azurekms", "hashivault", "k8s"}

// SecretVariables are the variables with credentials for the services that a text, such as a command line, names keys of: who has them can sign.
func SecretVariables(text string) []string {
	var out []string
	for scheme, names := range map[string][]string{
		"awskms":     {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"},
		"gcpkms":     {"GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_OAUTH_ACCESS_TOKEN", "CLOUDSDK_AUTH_ACCESS_TOKEN"},
		"azurekms":   {"AZURE_CLIENT_SECRET", "AZURE_FEDERATED_TOKEN_FILE"},
		"hashivault": {"VAULT_TOKEN"},
	} {
		if strings.Contains(text, scheme+"://") {
			out = append(out, names...)
		}
	}
	return out
}

// Named reports whether a reference to a key names a service: one of ours, or one for which there is a plugin in PATH.
func Named(ref string) bool {
	scheme, _, ok := strings.Cut(ref, "://")
	if !ok {
		return false
	}
	return slices.Contains(schemes, scheme) || (named(pluginName(), scheme, 63) && found(scheme))
}

func found(scheme string) bool {
	_, err := exec.LookPath(pluginPrefix + scheme)
	return err == nil
}

// Open finds the key and its public half.
func Open(ctx context.Context, ref string, opt Options) (Signer, error) {
	if opt.Getenv == nil || opt.HTTP == nil || opt.Now == nil {
		return nil, errors.New("a key management service needs the environment, a way to send requests and a clock")
	}
	scheme, rest, ok := strings.Cut(ref, "://")
	if !ok || rest == "" {
		return nil, fmt.Errorf("key %q: expected SCHEME://…, with one of %s", ref, strings.Join(schemes, ", "))
	}
	open := map[string]func(context.Context, string, Options) (sigstore.RemoteKey, error){"awskms": openAWS, "gcpkms": openGCP, "azurekms": openAzure, "hashivault": openVault}[scheme]
	var key sigstore.RemoteKey
	var err error
	switch {
	case scheme == "k8s":
		return openSecret(ctx, rest, opt)
	case open != nil:
		key, err = open(ctx, rest, opt)
	default:
		key, err = openPlugin(ctx, scheme, ref, opt)
	}
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", ref, err)
	}
	s, err := sigstore.NewRemoteSigner(key)
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", ref, err)
	}
	return s, nil
}

// service asks one service over HTTP.
type service struct {
	name string
	Options
}

// call sends JSON and reads JSON. The secrets are in no message.
func (s service) call(ctx context.Context, method, url string, header http.Header, in, out any, secrets ...string) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
		if header == nil {
			header = http.Header{}
		}
		if header.Get("Content-Type") == "" {
			header.Set("Content-Type", "application/json")
		}
	}
	return s.exchange(ctx, method, url, header, body, out, secrets...)
}

func (s service) exchange(ctx context.Context, method, url string, header http.Header, body []byte, out any, secrets ...string) error {
	a, err := keyless.Ask(ctx, s.HTTP, s.Budget, s.name, method, url, header, body)
	if err != nil {
		return err
	}
	if a.Status < 200 || a.Status > 299 {
		return a.Refused(s.name, url, "check the key's name, and that the credential may read its public half and sign with it", secrets...)
	}
	if err := attest.DecodeJSON(a.Body, out); err != nil {
		return fmt.Errorf("the answer of %s is malformed", s.name) // it may hold a secret
	}
	return nil
}

// direct is a transport without a proxy: metadata servers are on the link.
func direct() http.RoundTripper { return &http.Transport{DisableKeepAlives: true} }

// metadata asks a metadata server on the link, which speaks plain HTTP.
func (s service) metadata(ctx context.Context, method, url string, header http.Header) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header = header
	resp, err := direct().RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxFile))
	if err != nil || resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	return data, nil
}

// named reports whether a name is of a form and no longer than a service allows. (Counted repetitions are slow to compile, at every start.)
func named(form *regexp.Regexp, name string, limit int) bool {
	return len(name) <= limit && form.MatchString(name)
}

// maxFile bounds what is read of files with credentials.
const maxFile = 1 << 20

func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("%s has more than %d bytes", name, maxFile)
	}
	return data, err
}

// parsePublic reads the public half as PEM or DER.
func parsePublic(data []byte) (*ecdsa.PublicKey, error) {
	if block, _ := pem.Decode(data); block != nil {
		data = block.Bytes
	}
	key, err := x509.ParsePKIXPublicKey(data)
	if err != nil {
		return nil, fmt.Errorf("reading the public key: %w", err)
	}
	return ecdsaOf(key)
}

func ecdsaOf(key crypto.PublicKey) (*ecdsa.PublicKey, error) {
	pub, ok := key.(*ecdsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("it is a %T, expected ECDSA on P-256 or P-384", key)
	}
	return pub, nil
}

// remote is a key whose service signs digests.
type remote struct {
	pub  *ecdsa.PublicKey
	sign func(ctx context.Context, digest []byte) ([]byte, error)
}

func (r remote) Public() crypto.PublicKey { return r.pub }

func (r remote) SignDigest(ctx context.Context, digest []byte) ([]byte, error) {
	return r.sign(ctx, digest)
}

// byHash is one of two names, by the length of a digest.
func byHash(digest []byte, sha256, sha384 string) string {
	if len(digest) == 48 {
		return sha384
	}
	return sha256
}
