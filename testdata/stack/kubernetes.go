// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// kubernetesVersion is what the API server says that it is; the module testdata/stack/kubernetes has the sources of that version.
const kubernetesVersion = "v1.36.0"

// kubernetesTime bounds how long an API server may take until it is ready: on a machine that does much else it takes minutes.
const kubernetesTime = 4 * time.Minute

var kubernetesPackages = map[string]string{"kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver", "kubectl": "k8s.io/kubernetes/cmd/kubectl", "etcd": "go.etcd.io/etcd/server/v3"}

// EnsureKubernetes builds an API server, etcd and kubectl once into the user's cache, and gives their folder. source is the folder of the module
// testdata/stack/kubernetes. It takes minutes and gigabytes of the build cache. An error wraps ErrNotBuilt if they can't be had here.
func EnsureKubernetes(ctx context.Context, source string, log io.Writer) (string, error) {
	return builtOnce("kubernetes", source, func(bin string) error {
		const v = "k8s.io/component-base/version"
		flags := fmt.Sprintf("-s -w -X %s.gitVersion=%s -X %s.gitMajor=1 -X %s.gitMinor=36", v, kubernetesVersion, v, v)
		for name, pkg := range kubernetesPackages {
			fmt.Fprintf(log, "building %s of Kubernetes %s\n", name, kubernetesVersion)
			if err := goIn(ctx, source, name, log, log, "build", "-trimpath", "-ldflags", flags, "-o", filepath.Join(bin, name), pkg); err != nil {
				return err
			}
		}
		return nil
	})
}

// Kubernetes is an API server on loopback with its store. Nothing runs pods and nothing makes any but who asks for them.
type Kubernetes struct {
	URL        string
	CA         string // PEM file; it also vouches for Certificate
	Kubectl    string
	Kubeconfig string // of an administrator
	AuditLog   string
	etcd, api  *server
	ca         *x509.Certificate
	caKey      *ecdsa.PrivateKey
	serial     int64
	dir        string
}

// StartKubernetes starts one with the programs in bin and its files in dir. An audit log keeps the metadata of what is written.
func StartKubernetes(ctx context.Context, bin, dir string, now time.Time) (*Kubernetes, error) {
	k := &Kubernetes{Kubectl: filepath.Join(bin, "kubectl"), dir: dir, CA: filepath.Join(dir, "ca.crt"), Kubeconfig: filepath.Join(dir, "admin.kubeconfig"), AuditLog: filepath.Join(dir, "audit.log")}
	if err := k.authority(now); err != nil {
		return nil, err
	}
	ports := make([]string, 3)
	for i := range ports {
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		ports[i] = port
	}
	k.URL = "https://" + ports[2]
	if err := k.files(now); err != nil {
		return nil, err
	}
	client, peer := "http://"+ports[0], "http://"+ports[1]
	k.etcd = &server{name: "etcd", binary: filepath.Join(bin, "etcd"), health: client + "/health", log: filepath.Join(dir, "etcd.log"), env: []string{},
		args: []string{"--name=e", "--data-dir=" + filepath.Join(dir, "etcd"), "--listen-client-urls=" + client, "--advertise-client-urls=" + client, "--listen-peer-urls=" + peer,
			"--initial-advertise-peer-urls=" + peer, "--initial-cluster=e=" + peer, "--unsafe-no-fsync"}}
	if err := errors.Join(k.etcd.run(), k.etcd.wait(ctx)); err != nil {
		k.Stop()
		return nil, err
	}
	file := func(name string) string { return filepath.Join(dir, name) }
	_, port, _ := net.SplitHostPort(ports[2])
	k.api = &server{name: "kube-apiserver", binary: filepath.Join(bin, "kube-apiserver"), log: file("apiserver.log"), env: []string{},
		args: []string{"--etcd-servers=" + client, "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--secure-port=" + port, "--tls-cert-file=" + file("apiserver.crt"), "--tls-private-key-file=" + file("apiserver.key"),
			"--client-ca-file=" + k.CA, "--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file=" + file("sa.key"), "--service-account-signing-key-file=" + file("sa.key"),
			"--service-cluster-ip-range=10.0.0.0/24", "--endpoint-reconciler-type=none", "--authorization-mode=RBAC", "--disable-admission-plugins=ServiceAccount", "--profiling=false",
			"--audit-policy-file=" + file("audit.yaml"), "--audit-log-path=" + k.AuditLog}}
	if err := k.api.run(); err != nil {
		k.Stop()
		return nil, err
	}
	if err := k.ready(ctx); err != nil {
		k.Stop()
		return nil, err
	}
	return k, nil
}

// ready waits for the API server.
func (k *Kubernetes) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, kubernetesTime)
	defer cancel()
	roots := x509.NewCertPool()
	roots.AddCert(k.ca)
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, k.URL+"/readyz", nil)
		if err != nil {
			return err
		}
		if res, err := client.Do(req); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the API server is not ready after %s: %s", kubernetesTime, k.api.said())
		case <-k.api.exited:
			return fmt.Errorf("the API server ended: %s", k.api.said())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// Stop ends the API server and then its store.
func (k *Kubernetes) Stop() {
	for _, s := range []*server{k.api, k.etcd} {
		if s != nil {
			s.kill()
		}
	}
}

func (k *Kubernetes) authority(now time.Time) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test cluster"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	k.caKey, k.serial = key, 1
	if k.ca, err = x509.ParseCertificate(der); err != nil {
		return err
	}
	return os.WriteFile(k.CA, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600)
}

// Certificate writes NAME.crt and NAME.key, for 127.0.0.1, vouched for by the cluster's authority, and gives their names.
func (k *Kubernetes) Certificate(name string, who pkix.Name, now time.Time) (cert, key string, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	k.serial++
	template := &x509.Certificate{SerialNumber: big.NewInt(k.serial), Subject: who, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}, DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, k.ca, private.Public(), k.caKey)
	if err != nil {
		return "", "", err
	}
	raw, err := x509.MarshalECPrivateKey(private) // the form that the API server reads for service accounts
	if err != nil {
		return "", "", err
	}
	cert, key = filepath.Join(k.dir, name+".crt"), filepath.Join(k.dir, name+".key")
	return cert, key, errors.Join(os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600),
		os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: raw}), 0o600))
}

// files writes what the API server reads, and the administrator's configuration.
func (k *Kubernetes) files(now time.Time) error {
	if _, _, err := k.Certificate("apiserver", pkix.Name{CommonName: "kube-apiserver"}, now); err != nil {
		return err
	}
	if _, _, err := k.Certificate("sa", pkix.Name{CommonName: "service accounts"}, now); err != nil {
		return err
	}
	cert, key, err := k.Certificate("admin", pkix.Name{CommonName: "admin", Organization: []string{"system:masters"}}, now)
	if err != nil {
		return err
	}
	config := fmt.Sprintf(`{"apiVersion":"v1","kind":"Config","clusters":[{"name":"c","cluster":{"server":%q,"certificate-authority":%q}}],"users":[{"name":"u","user":{"client-certificate":%q,"client-key":%q}}],`+
		`"contexts":[{"name":"x","context":{"cluster":"c","user":"u"}}],"current-context":"x"}`, k.URL, k.CA, cert, key)
	const audit = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n  verbs: [create, update, patch]\n- level: None\n"
	return errors.Join(os.WriteFile(k.Kubeconfig, []byte(config), 0o600), os.WriteFile(filepath.Join(k.dir, "audit.yaml"), []byte(audit), 0o600))
}
