// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// startTimeout bounds how long a registry may take until it answers.
const startTimeout = 30 * time.Second

// distribution starts distribution's registry as a child process.
func (r *Registry) distribution(ctx context.Context, dir string, o Options) error {
	log := o.Log
	if log == nil {
		log = io.Discard
	}
	binary, err := Ensure(ctx, "registry", log)
	if err != nil {
		return err
	}
	certs, err := makeCertificates(dir, o.Now())
	if err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	r.Host = port
	config, err := r.distributionConfig(dir, certs, o.Now)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "config.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return err
	}
	out, err := os.Create(filepath.Join(dir, "registry.log"))
	if err != nil {
		return err
	}
	cmd := exec.Command(binary, "serve", file)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.Env = []string{"OTEL_TRACES_EXPORTER=none", "PATH=" + os.Getenv("PATH")}
	dieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		return errors.Join(err, out.Close())
	}
	exited := make(chan struct{})
	go func() { _ = cmd.Wait(); _ = out.Close(); close(exited) }()
	r.stop = append(r.stop, func() { _ = cmd.Process.Kill(); <-exited })
	if err := r.wait(ctx, exited); err != nil {
		said, _ := os.ReadFile(out.Name())
		return fmt.Errorf("%w: %s", err, lastLine(string(said)))
	}
	return nil
}

// distributionConfig is the configuration file for the kind; it starts what that needs.
func (r *Registry) distributionConfig(dir string, certs *certificates, now func() time.Time) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage:\n  filesystem: {rootdirectory: %q}\n  delete: {enabled: true}\n", filepath.Join(dir, "data"))
	tlsPart := ""
	switch r.Kind {
	case DistAuth:
		hash, err := bcrypt.GenerateFromPassword([]byte(Password), bcrypt.MinCost)
		if err != nil {
			return "", err
		}
		users := filepath.Join(dir, "htpasswd")
		if err := os.WriteFile(users, []byte(User+":"+string(hash)+"\n"), 0o600); err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "auth:\n  htpasswd: {realm: test, path: %q}\n", users)
		tlsPart = fmt.Sprintf(", tls: {certificate: %q, key: %q}", certs.Server, certs.ServerKey)
		r.CA, r.User, r.Password = certs.CA, User, Password
	case DistToken:
		host, stop, err := listen(&tokenServer{certs, now})
		if err != nil {
			return "", err
		}
		r.stop = append(r.stop, stop)
		// By name: clients refuse a realm that is an internal address.
		realm := "http://localhost:" + host[strings.LastIndexByte(host, ':')+1:] + "/token"
		fmt.Fprintf(&b, "auth:\n  token: {realm: %q, service: %s, issuer: %s, rootcertbundle: %q}\n", realm, tokenService, tokenIssuer, certs.CA)
		r.User, r.Password = User, Password
	}
	fmt.Fprintf(&b, "http: {addr: %q, secret: x%s}\n", r.Host, tlsPart)
	return b.String(), nil
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// wait asks for /v2/ until there is an answer.
func (r *Registry) wait(ctx context.Context, exited <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	client, scheme, err := r.client()
	if err != nil {
		return err
	}
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+r.Host+"/v2/", nil)
		if err != nil {
			return err
		}
		if res, err := client.Do(req); err == nil {
			_ = res.Body.Close()
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no answer from %s in %s", r.Host, startTimeout)
		case <-exited:
			return errors.New("it ended at once")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// client trusts the registry's authority.
func (r *Registry) client() (client *http.Client, scheme string, err error) {
	if r.CA == "" {
		return http.DefaultClient, "http", nil
	}
	pem, err := os.ReadFile(r.CA)
	if err != nil {
		return nil, "", err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}, "https", nil
}
