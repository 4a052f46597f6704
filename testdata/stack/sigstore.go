// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The servers of a private Sigstore, as Sigstore.StopServer names them.
const (
	ServerCA    = "fulcio"
	ServerLog   = "rekor"
	ServerTSA   = "tsa"
	ServerCTLog = "ctlog"
)

// The issuers of tokens: for CI jobs, and for people by their mail address.
const (
	hostGitHub = "token.actions.githubusercontent.com"
	hostGitLab = "gitlab.com"
	hostPeople = "login.example.org"
)

// URLs are where the servers answer.
type URLs struct {
	CA     string `json:"ca"`
	Log    string `json:"log"`
	TSA    string `json:"tsa"`
	CTLog  string `json:"ctlog"`
	Issuer string `json:"issuer"` // where simulated jobs get their tokens
}

// Sigstore is a running private instance: Fulcio, Rekor v2, a certificate transparency log, a time stamp authority, and OIDC issuers in this
// process. Everything listens on free ports of 127.0.0.1, but for the metrics of Fulcio, which has no flag for their host.
//
// Its issuers have the names of GitHub's and GitLab's, so that policies need nothing that is only for tests: Fulcio alone reaches them through a
// proxy of this process, and trusts a TLS root of its own.
type Sigstore struct {
	URLs          `json:"urls"`
	TrustedRoot   string         `json:"trustedRoot"`   // file
	SigningConfig string         `json:"signingConfig"` // file
	PIDs          map[string]int `json:"pids"`
	GitHub        *Issuer        `json:"-"`
	GitLab        *Issuer        `json:"-"`
	People        *Issuer        `json:"-"`

	servers map[string]*server
	stop    []func()
	since   time.Time
}

// SigstoreOptions of StartSigstore.
type SigstoreOptions struct {
	Source string           // folder of the module testdata/stack/sigstore
	Dir    string           // for keys, logs and configurations; it must exist, and outlive the servers
	Now    func() time.Time // for certificates and tokens
	Log    io.Writer        // what building prints
}

// StartSigstore builds what is missing, starts all servers and waits until they answer.
func StartSigstore(ctx context.Context, o SigstoreOptions) (*Sigstore, error) {
	bin, err := EnsureSigstore(ctx, o.Source, o.Log)
	if err != nil {
		return nil, err
	}
	s := &Sigstore{TrustedRoot: filepath.Join(o.Dir, "trusted_root.json"), SigningConfig: filepath.Join(o.Dir, "signing_config.json"), PIDs: map[string]int{}, servers: map[string]*server{}}
	if err := s.start(ctx, bin, o); err != nil {
		s.Stop()
		return nil, fmt.Errorf("starting a private Sigstore: %w", err)
	}
	return s, nil
}

func (s *Sigstore) start(ctx context.Context, bin string, o SigstoreOptions) error {
	p, err := pki(o.Dir, o.Now())
	if err != nil {
		return fmt.Errorf("making keys: %w", err)
	}
	if s.GitHub, err = newIssuer("https://"+hostGitHub, gitHubClaims(), o.Now); err != nil {
		return err
	}
	if s.GitLab, err = newIssuer("https://"+hostGitLab, gitLabClaims(), o.Now); err != nil {
		return err
	}
	if s.People, err = newIssuer("https://"+hostPeople, map[string]any{"email_verified": true}, o.Now); err != nil {
		return err
	}
	proxy, err := s.serveIssuers(p)
	if err != nil {
		return err
	}
	if err := s.define(bin, p, proxy); err != nil {
		return err
	}
	if err := p.writeTrustedRoot(s.TrustedRoot, s.URLs); err != nil {
		return err
	}
	s.since = p.validFrom
	if err := s.WriteSigningConfig(s.SigningConfig, s.URLs); err != nil {
		return err
	}
	for name := range s.servers { // all at once; then wait for each
		if err := s.servers[name].run(); err != nil {
			return err
		}
	}
	for name, srv := range s.servers {
		if err := srv.wait(ctx); err != nil {
			return err
		}
		s.PIDs[name] = srv.cmd.Process.Pid
	}
	return nil
}

// serveIssuers answers jobs at s.Issuer, and Fulcio under the issuers' names through the proxy whose URL it gives.
func (s *Sigstore) serveIssuers(p *sigstorePKI) (proxy string, err error) {
	jobs, stop, err := listen(s.GitHub)
	if err != nil {
		return "", err
	}
	s.stop = append(s.stop, stop)
	s.Issuer = "http://" + jobs
	s.GitHub.jobs = s.Issuer
	named, stop, err := listenTLS(p, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		issuers := map[string]*Issuer{hostGitHub: s.GitHub, hostGitLab: s.GitLab, hostPeople: s.People}
		if i := issuers[r.Host]; i != nil {
			i.ServeHTTP(w, r)
			return
		}
		http.NotFound(w, r)
	}))
	if err != nil {
		return "", err
	}
	s.stop = append(s.stop, stop)
	at, stop, err := listen(connectProxy{hosts: []string{hostGitHub, hostGitLab, hostPeople}, to: named})
	if err != nil {
		return "", err
	}
	s.stop = append(s.stop, stop)
	return "http://" + at, nil
}

// define says how each server is started.
func (s *Sigstore) define(bin string, p *sigstorePKI, proxy string) error {
	ports, err := freePorts(8)
	if err != nil {
		return err
	}
	url := func(i int) string { return "http://127.0.0.1:" + ports[i] }
	s.CA, s.Log, s.CTLog, s.TSA = url(0), url(1), url(2), url(3)+"/api/v1/timestamp"
	for _, dir := range []string{"ct", "rekor"} {
		if err := os.MkdirAll(p.file(dir), 0o700); err != nil {
			return err
		}
	}
	if err := fulcioConfig(p.file("fulcio.yaml"), filepath.Join(bin, fileClaims)); err != nil {
		return err
	}
	s.add(p, ServerCA, filepath.Join(bin, "fulcio"), url(0)+"/healthz", []string{"serve", "--host=127.0.0.1", "--port=" + ports[0], "--grpc-host=127.0.0.1", "--grpc-port=" + ports[4],
		"--metrics-port=" + ports[5], "--ca=fileca", "--fileca-cert=" + p.file(fileChain), "--fileca-key=" + p.file(fileCAKey), "--fileca-key-passwd=x", "--fileca-watch=false",
		"--ct-log-url=" + s.CTLog, "--ct-log-public-key-path=" + p.file(fileCTPub), "--config-path=" + p.file("fulcio.yaml"), "--legacy-unix-domain-socket=" + p.file("f.sock"), "--log_type=prod"},
		"HTTPS_PROXY="+proxy, "SSL_CERT_FILE="+p.tlsRoot)
	s.servers[ServerCA].socket = p.file("f.sock")
	s.add(p, ServerLog, filepath.Join(bin, "posix"), url(1)+"/healthz", []string{"serve", "--http-address=127.0.0.1", "--http-port=" + ports[1], "--grpc-address=127.0.0.1", "--grpc-port=" + ports[6],
		"--http-metrics-port=" + ports[7], "--hostname=" + logOrigin, "--storage-dir=" + p.file("rekor"), "--signer-filepath=" + p.file(fileLogKey), "--checkpoint-interval=100ms", "--batch-max-age=20ms", "--log-level=warn"})
	s.add(p, ServerCTLog, filepath.Join(bin, "ctlog"), url(2)+"/healthz", []string{"-listen", "127.0.0.1:" + ports[2], "-origin", logOrigin, "-dir", p.file("ct"), "-key", p.file(fileCTKey), "-roots", p.file(fileRoot)})
	s.add(p, ServerTSA, filepath.Join(bin, "tsa"), url(3)+"/ping", []string{"-port", ports[3], "-key", p.file(fileTSAKey), "-chain", p.file(fileTSAChain)})
	return nil
}

func (s *Sigstore) add(p *sigstorePKI, name, binary, health string, args []string, env ...string) {
	s.servers[name] = &server{name: name, binary: binary, args: args, health: health, log: p.file(name + ".log"), env: append(env, "HOME="+p.dir, "OTEL_SDK_DISABLED=true", "PATH="+os.Getenv("PATH"))}
}

// fulcioConfig names the issuers, those of CI tokens with the claims that production has.
func fulcioConfig(file, claims string) error {
	metadata, err := os.ReadFile(claims)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("oidc-issuers:\n")
	for _, i := range [][2]string{{hostGitHub, "github-workflow"}, {hostGitLab, "gitlab-pipeline"}} {
		fmt.Fprintf(&b, "  https://%[1]s: {issuer-url: \"https://%[1]s\", client-id: sigstore, type: ci-provider, ci-provider: %[2]s}\n", i[0], i[1])
	}
	fmt.Fprintf(&b, "  https://%[1]s: {issuer-url: \"https://%[1]s\", client-id: sigstore, type: email}\n", hostPeople)
	b.Write(metadata)
	return os.WriteFile(file, []byte(b.String()), 0o600)
}

// WriteSigningConfig writes a signing configuration with other URLs, for servers that stand before these.
func (s *Sigstore) WriteSigningConfig(file string, u URLs) error {
	return writeSigningConfig(file, u, s.since)
}

// StopServer ends one server, as if it had crashed.
func (s *Sigstore) StopServer(name string) { s.servers[name].kill() }

// RestartServer starts a server that was stopped, at the same address and with what it had stored.
func (s *Sigstore) RestartServer(ctx context.Context, name string) error {
	srv := s.servers[name]
	if err := srv.run(); err != nil {
		return err
	}
	return srv.wait(ctx)
}

// Stop ends all of it.
func (s *Sigstore) Stop() {
	for _, srv := range s.servers {
		srv.kill()
	}
	for _, stop := range s.stop {
		stop()
	}
	s.stop = nil
}

// ServeSigstore starts a private Sigstore, writes to out as one line of JSON where everything is and what the sample jobs of GitHub and GitLab have
// in their environment, and runs until in ends or ctx is done.
func ServeSigstore(ctx context.Context, o SigstoreOptions, in io.Reader, out io.Writer) (err error) {
	if o.Dir, err = os.MkdirTemp(o.Dir, "sigstore-*"); err != nil {
		return err
	}
	defer os.RemoveAll(o.Dir)
	s, err := StartSigstore(ctx, o)
	if err != nil {
		return err
	}
	defer s.Stop()
	url, token := s.GitHub.Job(nil)
	gitlab, err := s.GitLab.Mint("sigstore", nil)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(map[string]any{"sigstore": s, "environment": map[string]map[string]string{
		"github": {"ACTIONS_ID_TOKEN_REQUEST_URL": url, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": token}, "gitlab": {"SIGSTORE_ID_TOKEN": gitlab}}}); err != nil {
		return fmt.Errorf("writing where the servers are: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, in)
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	return nil
}

// freePorts are n different ports of 127.0.0.1.
func freePorts(n int) (ports []string, err error) {
	for range n {
		l, listenErr := net.Listen("tcp", "127.0.0.1:0")
		if listenErr != nil {
			return nil, errors.Join(err, listenErr)
		}
		defer l.Close()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		ports = append(ports, port)
	}
	return ports, nil
}
