// SPDX-License-Identifier: Apache-2.0

package kms

import (
	"bytes"
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

var kubernetesName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*$`) })

const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount"

// secret is what is read of a Secret of Kubernetes.
type secret struct {
	Data map[string][]byte `json:"data"`
}

// openSecret reads cosign's key pair from a Secret (cosign.key, cosign.password): with the pod's own service account, else with kubectl and what it is
// configured with. Unlike in the other services, the key comes here to sign.
func openSecret(ctx context.Context, ref string, opt Options) (Signer, error) {
	namespace, name, ok := strings.Cut(ref, "/")
	if !ok || !named(kubernetesName(), namespace, 63) || !named(kubernetesName(), name, 253) {
		return nil, errors.New("key: expected k8s://NAMESPACE/NAME")
	}
	read := readWithKubectl
	if opt.Getenv("KUBERNETES_SERVICE_HOST") != "" {
		read = readInCluster
	}
	s, err := read(ctx, namespace, name, opt)
	if err != nil {
		return nil, fmt.Errorf("key k8s://%s: %w", ref, err)
	}
	if len(s.Data["cosign.key"]) == 0 {
		return nil, fmt.Errorf("key k8s://%s: the Secret has no cosign.key", ref)
	}
	key, err := sigstore.ParsePrivateKey(s.Data["cosign.key"], s.Data["cosign.password"])
	if err != nil {
		return nil, fmt.Errorf("key k8s://%s: %w", ref, err)
	}
	signer, err := sigstore.NewSigner(key)
	if err != nil {
		return nil, fmt.Errorf("key k8s://%s: %w", ref, err)
	}
	return secretSigner{signer, key.Public()}, nil
}

// secretSigner gives a key signer the shape of the others.
type secretSigner struct {
	*sigstore.KeySigner
	pub crypto.PublicKey
}

func (s secretSigner) PublicKey() crypto.PublicKey { return s.pub }

func (s secretSigner) SignBlob(_ context.Context, blob []byte) ([]byte, error) {
	return s.KeySigner.SignBlob(blob)
}

func readInCluster(ctx context.Context, namespace, name string, opt Options) (secret, error) {
	dir := filepath.Join("/", opt.Root, serviceAccount)
	token, err := readFile(filepath.Join(dir, "token"))
	if err != nil {
		return secret{}, fmt.Errorf("reading the service account's token: %w", err)
	}
	ca, err := readFile(filepath.Join(dir, "ca.crt"))
	if err != nil {
		return secret{}, fmt.Errorf("reading the cluster's certificate authority: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		return secret{}, errors.New("the cluster's certificate authority can't be read")
	}
	opt.HTTP = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, DisableKeepAlives: true}
	target := "https://" + net.JoinHostPort(opt.Getenv("KUBERNETES_SERVICE_HOST"), opt.Getenv("KUBERNETES_SERVICE_PORT")) + "/api/v1/namespaces/" + namespace + "/secrets/" + name
	bearer := strings.TrimSpace(string(token))
	var s secret
	err = service{"Kubernetes API", opt}.call(ctx, http.MethodGet, target, http.Header{"Authorization": {"Bearer " + bearer}}, nil, &s, bearer)
	return s, err
}

func readWithKubectl(ctx context.Context, namespace, name string, opt Options) (secret, error) {
	cmd := exec.CommandContext(ctx, "kubectl", "get", "secret", "--namespace", namespace, name, "--output", "json") //nolint:gosec // names were checked
	cmd.Env = opt.Environ
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		text := strings.Join(strings.Fields(stderr.String()), " ")
		return secret{}, fmt.Errorf("asking kubectl: %w %.300s", err, text)
	}
	var s secret
	if len(out) > maxFile || attest.DecodeJSON(out, &s) != nil {
		return secret{}, errors.New("the answer of kubectl is malformed") // it holds a key
	}
	return s, nil
}
