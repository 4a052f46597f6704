// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// webhook is one running "sealock serve" of a script.
type webhook struct {
	cmd    *exec.Cmd
	client *http.Client
	url    string
	mu     sync.Mutex
	log    []string
}

const webhooksKey = "webhooks"

// cmdServe starts "sealock serve" on a free port with a fresh certificate: serve NAME FLAG…. "serve NAME stop" ends it with SIGTERM, and "serve NAME log PATTERN"
// waits until a line of its log matches.
func cmdServe(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: serve NAME FLAG…|stop|log PATTERN")
	}
	all, _ := ts.Value(webhooksKey).(map[string]*webhook)
	w := all[args[0]]
	switch {
	case args[1] == "stop":
		ts.Check(w.cmd.Process.Signal(os.Interrupt))
		ts.Check(w.cmd.Wait())
		return
	case args[1] == "log" && len(args) == 3:
		w.waitFor(ts, args[2])
		return
	}
	dir := filepath.Join(ts.Getenv("WORK"), "webhook-"+args[0])
	ts.Check(os.MkdirAll(dir, 0o700))
	pool := writeCertificate(ts, dir)
	binary, err := exec.LookPath("sealock")
	ts.Check(err)
	w = &webhook{client: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}, Timeout: 30 * time.Second}}
	w.cmd = exec.Command(binary, append([]string{"serve", "--listen", "127.0.0.1:0", "--tls-cert", filepath.Join(dir, "tls.crt"), "--tls-key", filepath.Join(dir, "tls.key")}, args[1:]...)...)
	w.cmd.Dir, w.cmd.Env = ts.MkAbs("."), append(scriptEnv(ts), "TMPDIR="+ts.Getenv("TMPDIR"))
	stderr, err := w.cmd.StderrPipe()
	ts.Check(err)
	ts.Check(w.cmd.Start())
	go w.read(stderr)
	ts.Defer(func() { _ = w.cmd.Process.Kill(); _ = w.cmd.Wait() })
	all[args[0]] = w
	found := w.waitFor(ts, `"msg":"serving","address":"([^"]+)"`)
	w.url = "https://" + found[1]
}

func (w *webhook) read(r io.Reader) {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		w.mu.Lock()
		w.log = append(w.log, lines.Text())
		w.mu.Unlock()
	}
}

func (w *webhook) waitFor(ts *testscript.TestScript, pattern string) []string {
	re := regexp.MustCompile(pattern)
	for range 600 {
		w.mu.Lock()
		for _, line := range w.log {
			if m := re.FindStringSubmatch(line); m != nil {
				w.mu.Unlock()
				return m
			}
		}
		w.mu.Unlock()
		time.Sleep(50 * time.Millisecond)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	ts.Fatalf("no line of the log matches %q:\n%s", pattern, strings.Join(w.log, "\n"))
	return nil
}

func writeCertificate(ts *testscript.TestScript, dir string) *x509.CertPool {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "webhook"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	ts.Check(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	ts.Check(os.WriteFile(filepath.Join(dir, "tls.crt"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	ts.Check(os.WriteFile(filepath.Join(dir, "tls.key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	cert, err := x509.ParseCertificate(der)
	ts.Check(err)
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return pool
}

// cmdReview asks about a pod: review NAME allowed|denied NAMESPACE IMAGE [ANNOTATION=VALUE]. What was answered is the file review.json.
func cmdReview(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 || len(args) > 5 {
		ts.Fatalf("usage: review NAME allowed|denied NAMESPACE IMAGE [ANNOTATION=VALUE]")
	}
	all, _ := ts.Value(webhooksKey).(map[string]*webhook)
	meta := map[string]any{"name": "web", "namespace": args[2]}
	if len(args) == 5 {
		name, value, _ := strings.Cut(args[4], "=")
		meta["annotations"] = map[string]string{name: value}
	}
	pod := map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": map[string]any{"containers": []any{map[string]any{"name": "web", "image": args[3]}}}}
	body, err := json.Marshal(map[string]any{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": map[string]any{"uid": "u-1", "operation": "CREATE", "namespace": args[2], "name": "web",
		"kind": map[string]any{"group": "", "version": "v1", "kind": "Pod"}, "userInfo": map[string]any{"username": "alice"}, "object": pod}})
	ts.Check(err)
	w := all[args[0]]
	status, raw := w.do(ts, http.MethodPost, "/validate?timeout=10s", body)
	if status != http.StatusOK {
		ts.Fatalf("status %d: %s", status, raw)
	}
	var got struct {
		Response struct {
			UID     string `json:"uid"`
			Allowed bool   `json:"allowed"`
		} `json:"response"`
	}
	ts.Check(json.Unmarshal(raw, &got))
	ts.Check(os.WriteFile(ts.MkAbs("review.json"), raw, 0o644))
	if got.Response.UID != "u-1" || got.Response.Allowed != (args[1] == "allowed") {
		ts.Fatalf("expected %s: %s", args[1], raw)
	}
}

// cmdGet fetches a page of the webhook into a file: get NAME PATH STATUS FILE
func cmdGet(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: get NAME PATH STATUS FILE")
	}
	all, _ := ts.Value(webhooksKey).(map[string]*webhook)
	status, raw := all[args[0]].do(ts, http.MethodGet, args[1], nil)
	if fmt.Sprint(status) != args[2] {
		ts.Fatalf("%s: status %d, expected %s: %s", args[1], status, args[2], raw)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[3]), raw, 0o644))
}

func (w *webhook) do(ts *testscript.TestScript, method, path string, body []byte) (int, []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, w.url+path, bytes.NewReader(body))
	ts.Check(err)
	req.Header.Set("Content-Type", "application/json")
	res, err := w.client.Do(req)
	if err != nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		ts.Check(errors.Join(err, errors.New(strings.Join(w.log, "\n"))))
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	ts.Check(err)
	return res.StatusCode, raw
}

// cmdGlass puts the value of the annotation that was printed last into a variable: glass NAME
func cmdGlass(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: glass NAME")
	}
	_, value, ok := strings.Cut(strings.TrimSpace(ts.ReadFile("stdout")), ": ")
	if !ok {
		ts.Fatalf("no annotation was printed")
	}
	ts.Setenv(args[0], value)
}
