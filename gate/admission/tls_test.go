// SPDX-License-Identifier: Apache-2.0

package admission

import (
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
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority makes certificates for tests.
type authority struct {
	t    testing.TB
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	a := &authority{t: t}
	_, _, a.cert, a.key = issue(t, nil, nil, 1, x509.ExtKeyUsageAny)
	return a
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// issue makes a certificate: by itself, or by an authority.
func issue(t testing.TB, parent *x509.Certificate, by *ecdsa.PrivateKey, serial int64, use x509.ExtKeyUsage) (certPEM, keyPEM []byte, cert *x509.Certificate, key *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		BasicConstraintsValid: true, IsCA: parent == nil, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{use}}
	if parent == nil {
		parent, by = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	if cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), cert, key
}

func writeFile(t testing.TB, file string, data []byte) {
	t.Helper()
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A new certificate is taken without a restart; half of one, or rubbish, leaves the old one in place.
func TestCertificatesAreReadAnew(t *testing.T) {
	ca, dir := newAuthority(t), t.TempDir()
	certFile, keyFile := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	if _, err := LoadCertificates(certFile, keyFile); err == nil {
		t.Error("nothing was there")
	}
	put := func(serial int64) {
		c, k, _, _ := issue(t, ca.cert, ca.key, serial, x509.ExtKeyUsageServerAuth)
		writeFile(t, certFile, c)
		writeFile(t, keyFile, k)
	}
	put(10)
	certs, err := LoadCertificates(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(o *Options) { o.ClientCA = true; o.Expiry = certs.Expiry })
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: w.server, TLSConfig: certs.TLS(ca.pool()), ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = srv.ServeTLS(listener, "", "") }()
	defer srv.Close()
	base := "https://" + listener.Addr().String()
	clientCert, clientKey, _, _ := issue(t, ca.cert, ca.key, 20, x509.ExtKeyUsageClientAuth)
	pair, err := tls.X509KeyPair(clientCert, clientKey)
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string, body []byte, with ...tls.Certificate) (int, int64) {
		t.Helper()
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: ca.pool(), Certificates: with, MinVersion: tls.VersionTLS12}}}
		method := http.MethodGet
		if body != nil {
			method = http.MethodPost
		}
		req, err := http.NewRequestWithContext(t.Context(), method, base+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := client.Do(req)
		if err != nil {
			return 0, 0
		}
		_ = res.Body.Close()
		return res.StatusCode, res.TLS.PeerCertificates[0].SerialNumber.Int64()
	}
	review := asks{object: pod(w.image("good", "prod").Ref())}.body(t)
	if status, serial := get(PathHealth, nil); status != 200 || serial != 10 {
		t.Errorf("%d, certificate %d", status, serial)
	}
	if status, _ := get(PathValidate, review); status != http.StatusUnauthorized {
		t.Errorf("without a certificate: %d", status)
	}
	if status, _ := get(PathValidate, review, pair); status != http.StatusOK {
		t.Errorf("with a certificate: %d", status)
	}
	stranger := newAuthority(t)
	c, k, _, _ := issue(t, stranger.cert, stranger.key, 30, x509.ExtKeyUsageClientAuth)
	if other, err := tls.X509KeyPair(c, k); err != nil {
		t.Fatal(err)
	} else if status, _ := get(PathValidate, review, other); status == http.StatusOK {
		t.Error("a stranger's certificate")
	}
	if changed, err := certs.Reload(); changed || err != nil {
		t.Errorf("%v, %v", changed, err)
	}
	writeFile(t, certFile, []byte("rubbish"))
	if _, err := certs.Reload(); err == nil {
		t.Error("rubbish was taken")
	}
	if _, serial := get(PathHealth, nil); serial != 10 {
		t.Errorf("certificate %d", serial)
	}
	put(11)
	ctx, cancel := context.WithCancel(t.Context())
	certs.Watch(ctx, time.Millisecond, func(changed bool, err error) {
		if !changed || err != nil {
			t.Errorf("%v, %v", changed, err)
		}
		cancel()
	})
	if _, serial := get(PathHealth, nil); serial != 11 {
		t.Errorf("certificate %d", serial)
	}
	if !strings.Contains(w.metrics(), "sealock_certificate_expires_timestamp_seconds ") {
		t.Error(w.metrics())
	}
}

// The labels of a namespace come from the API server, whose answer is looked at.
func TestAPI(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	writeFile(t, token, []byte("s3cret\n"))
	var status int
	var answer any
	var redirect string
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") != "Bearer s3cret":
			w.WriteHeader(http.StatusUnauthorized)
		case redirect != "":
			http.Redirect(w, r, redirect, http.StatusFound)
		case r.URL.EscapedPath() != "/api/v1/namespaces/team":
			w.WriteHeader(http.StatusNotFound)
		default:
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(answer)
		}
	}))
	defer srv.Close()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	api, err := NewAPI(srv.URL, ca, token)
	if err != nil {
		t.Fatal(err)
	}
	ns := func(name string) obj {
		return obj{"kind": "Namespace", "metadata": obj{"name": name, "labels": obj{LabelEnvironment: "prod"}}}
	}
	status, answer = 200, ns("team")
	labels, err := api.Namespace(t.Context(), "team")
	if err != nil || labels[LabelEnvironment] != "prod" {
		t.Errorf("%v, %v", labels, err)
	}
	for name, change := range map[string]func(){
		"status": func() { status, answer = 500, ns("team") }, "forbidden": func() { status = 403 }, "other": func() { status, answer = 200, ns("other") }, "kind": func() { answer = obj{"kind": "Status", "metadata": obj{"name": "team"}} },
		"text": func() { answer = "text" }, "huge": func() { answer = strings.Repeat("x", maxAPIBody+1) }, "redirect": func() { redirect = "https://example.com/" },
	} {
		status, answer, redirect = 200, ns("team"), ""
		change()
		if labels, err := api.Namespace(t.Context(), "team"); err == nil {
			t.Errorf("%s: %v", name, labels)
		} else if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	status, answer, redirect = 200, ns("../secrets"), ""
	if _, err := api.Namespace(t.Context(), "../secrets"); err == nil {
		t.Error("a path for a name")
	}
	for _, bad := range [][2]string{{"http://127.0.0.1", string(ca)}, {"127.0.0.1", string(ca)}, {srv.URL, "rubbish"}} {
		if _, err := NewAPI(bad[0], []byte(bad[1]), token); err == nil {
			t.Errorf("%s was taken", bad[0])
		}
	}
	if err := os.Remove(token); err != nil {
		t.Fatal(err)
	}
	if _, err := api.Namespace(t.Context(), "team"); err == nil {
		t.Error("without a token")
	}
}
