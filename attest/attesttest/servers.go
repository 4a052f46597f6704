// SPDX-License-Identifier: Apache-2.0

package attesttest

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/digitorus/timestamp"
)

// The servers of an instance, as faults name them.
const (
	ServerCA    = "ca"
	ServerLogV1 = "log1"
	ServerLogV2 = "log2"
	ServerTime  = "time"
)

// Servers are the servers of an instance on loopback: they speak the protocols of Fulcio, Rekor v1 and v2, and RFC 3161. The certificate authority
// knows the tokens that Token made and no others.
type Servers struct {
	*httptest.Server
	s  *Sigstore
	tb testing.TB

	mu      sync.Mutex
	tokens  map[string]Workload
	entries map[string]any // of the log of version 1, by name
	known   map[string]bool
	asked   map[string]int
	faults  map[string]func(n int, w http.ResponseWriter) bool
	after   map[string]bool
}

// Serve starts the servers; they end with the test.
func (s *Sigstore) Serve(t testing.TB) *Servers {
	t.Helper()
	v := &Servers{s: s, tb: t, tokens: map[string]Workload{}, entries: map[string]any{}, known: map[string]bool{}, asked: map[string]int{},
		faults: map[string]func(int, http.ResponseWriter) bool{}, after: map[string]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /ca/api/v2/signingCert", v.faulty(ServerCA, v.certify))
	mux.HandleFunc("POST /log1/api/v1/log/entries", v.faulty(ServerLogV1, v.logV1))
	mux.HandleFunc("GET /log1/api/v1/log/entries/{id}", v.getV1)
	mux.HandleFunc("POST /log2/api/v2/log/entries", v.faulty(ServerLogV2, v.logV2))
	mux.HandleFunc("POST /time", v.faulty(ServerTime, v.stampRequest))
	v.Server = httptest.NewServer(mux)
	t.Cleanup(v.Close)
	return v
}

// SigningConfig is a signing_config.json that names the servers, with these logs (LogV1, LogV2).
func (v *Servers) SigningConfig(t testing.TB, logs ...string) []byte {
	t.Helper()
	service := func(path string, version int) map[string]any {
		return map[string]any{"url": v.URL + path, "majorApiVersion": version, "validFor": map[string]any{"start": "2020-01-01T00:00:00Z"}, "operator": "example"}
	}
	entries := []any{}
	for _, l := range logs {
		entries = append(entries, map[string]any{LogV1: service("/log1", 1), LogV2: service("/log2", 2)}[l])
	}
	return encode(t, map[string]any{"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json", "caUrls": []any{service("/ca", 1)},
		"rekorTlogUrls": entries, "tsaUrls": []any{service("/time", 1)}, "rekorTlogConfig": map[string]any{"selector": "ALL"}, "tsaConfig": map[string]any{"selector": "ANY"}})
}

// Token makes an identity token for a workload, for an hour from the instance's time. Claims are laid over its own.
func (v *Servers) Token(t testing.TB, w Workload, claims map[string]any) string {
	t.Helper()
	all := map[string]any{"iss": w.Issuer, "sub": w.Subject, "aud": "sigstore", "iat": v.s.At.Unix(), "nbf": v.s.At.Unix(), "exp": v.s.At.Unix() + 3600, "jti": rand.Text()}
	if !strings.Contains(w.Subject, "://") {
		all["email"], all["email_verified"] = w.Subject, true
	}
	maps.Copy(all, claims)
	b64 := base64.RawURLEncoding.EncodeToString
	token := b64(encode(t, map[string]any{"alg": "ES256", "typ": "JWT"})) + "." + b64(encode(t, all))
	digest := sha256.Sum256([]byte(token))
	r, s, err := ecdsa.Sign(rand.Reader, v.s.ctKey, digest[:])
	if err != nil {
		t.Fatalf("signing a token: %v", err)
	}
	token += "." + b64(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
	v.mu.Lock()
	defer v.mu.Unlock()
	v.tokens[token] = w
	return token
}

// Fault lets a server do something else than it should. The function gets the number of the request, from 1, and reports whether it answered.
func (v *Servers) Fault(server string, f func(n int, w http.ResponseWriter) bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.faults[server], v.asked[server] = f, 0
}

// LoseAnswer lets a server do its work and lose its first answer.
func (v *Servers) LoseAnswer(server string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.after[server] = true
}

// Asked is how often a server was asked.
func (v *Servers) Asked(server string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.asked[server]
}

// Status is a fault that answers with a status, and the header fields given, for the first requests (0: always).
func Status(status, first int, header ...string) func(int, http.ResponseWriter) bool {
	return func(n int, w http.ResponseWriter) bool {
		if first > 0 && n > first {
			return false
		}
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		http.Error(w, `{"code":3,"message":"the server says no"}`, status)
		return true
	}
}

func (v *Servers) faulty(server string, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v.mu.Lock()
		v.asked[server]++
		n, f, lose := v.asked[server], v.faults[server], v.after[server]
		v.after[server] = false
		v.mu.Unlock()
		if f != nil && f(n, w) {
			return
		}
		if lose {
			h(httptest.NewRecorder(), r)
			http.Error(w, "lost", http.StatusBadGateway)
			return
		}
		h(w, r)
	}
}

// certify checks the token and that the asker has the key, and issues.
func (v *Servers) certify(w http.ResponseWriter, r *http.Request) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	v.mu.Lock()
	who, ok := v.tokens[token]
	v.mu.Unlock()
	if !ok {
		http.Error(w, `{"code":16,"message":"there was an error processing the identity token `+token+`"}`, http.StatusUnauthorized)
		return
	}
	var q struct {
		Request struct {
			Key struct {
				Content string `json:"content"`
			} `json:"publicKey"`
			Proof []byte `json:"proofOfPossession"`
		} `json:"publicKeyRequest"`
	}
	block, key := (*pem.Block)(nil), (*ecdsa.PublicKey)(nil)
	if json.NewDecoder(r.Body).Decode(&q) == nil {
		block, _ = pem.Decode([]byte(q.Request.Key.Content))
	}
	if block != nil {
		if pub, err := x509.ParsePKIXPublicKey(block.Bytes); err == nil {
			key, _ = pub.(*ecdsa.PublicKey)
		}
	}
	digest := sha256.Sum256([]byte(who.Subject))
	if key == nil || !ecdsa.VerifyASN1(key, digest[:], q.Request.Proof) {
		http.Error(w, `{"code":3,"message":"the key could not be verified"}`, http.StatusBadRequest)
		return
	}
	leaf := v.s.issue(v.tb, who.template(v.tb, v.s.At), &ecdsa.PrivateKey{PublicKey: *key}, true)
	text := func(c *x509.Certificate) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	write(w, http.StatusOK, map[string]any{"signedCertificateEmbeddedSct": map[string]any{"chain": map[string]any{"certificates": []any{text(leaf), text(v.s.between), text(v.s.root)}}}})
}

func (v *Servers) stampRequest(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	q, err := timestamp.ParseRequest(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	ts := timestamp.Timestamp{HashAlgorithm: q.HashAlgorithm, HashedMessage: q.HashedMessage, Time: v.s.At, Nonce: q.Nonce, Policy: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 2}, AddTSACertificate: true}
	out, err := ts.CreateResponseWithOpts(v.s.tsaLeaf, v.s.tsaKey, crypto.SHA256)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write(out)
}

// logV1 takes the kinds dsse and hashedrekord 0.0.1. What it has already it does not take again, and says where it is.
func (v *Servers) logV1(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var q struct {
		Kind string `json:"kind"`
		Spec struct {
			Proposed struct {
				Envelope  string   `json:"envelope"`
				Verifiers [][]byte `json:"verifiers"`
			} `json:"proposedContent"`
			Data struct {
				Hash struct {
					Value string `json:"value"`
				} `json:"hash"`
			} `json:"data"`
			Signature struct {
				Content []byte `json:"content"`
				Key     struct {
					Content []byte `json:"content"`
				} `json:"publicKey"`
			} `json:"signature"`
		} `json:"spec"`
	}
	var env struct {
		Type       string `json:"payloadType"`
		Payload    []byte `json:"payload"`
		Signatures []struct {
			Sig []byte `json:"sig"`
		} `json:"signatures"`
	}
	if json.Unmarshal(body, &q) != nil || (q.Kind == "dsse" && (json.Unmarshal([]byte(q.Spec.Proposed.Envelope), &env) != nil || len(env.Signatures) != 1 || len(q.Spec.Proposed.Verifiers) != 1)) {
		http.Error(w, `{"code":400,"message":"error processing entry"}`, http.StatusBadRequest)
		return
	}
	l := logged{at: v.s.At}
	if q.Kind == "dsse" {
		l.envelope, l.payload, l.sig, l.verifier = []byte(q.Spec.Proposed.Envelope), env.Payload, env.Signatures[0].Sig, q.Spec.Proposed.Verifiers[0]
		l.message = PAE(env.Type, env.Payload)
	} else {
		l.sig, l.verifier = q.Spec.Signature.Content, q.Spec.Signature.Key.Content
		digest, err := hex.DecodeString(q.Spec.Data.Hash.Value)
		if err != nil {
			http.Error(w, `{"code":400,"message":"error processing entry"}`, http.StatusBadRequest)
			return
		}
		l.digest = digest
	}
	if !proves(l, true) {
		http.Error(w, `{"code":400,"message":"signature does not verify"}`, http.StatusBadRequest)
		return
	}
	name := hex.EncodeToString(sum(body))
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, has := v.entries[name]; has {
		w.Header().Set("Location", "/log1/api/v1/log/entries/"+name)
		http.Error(w, `{"code":409,"message":"an equivalent entry already exists"}`, http.StatusConflict)
		return
	}
	v.entries[name] = anonymous(v.s.entryV1(v.tb, l))
	write(w, http.StatusCreated, map[string]any{name: v.entries[name]})
}

func (v *Servers) getV1(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	e, has := v.entries[r.PathValue("id")]
	if !has {
		http.Error(w, `{"code":404,"message":"no such entry"}`, http.StatusNotFound)
		return
	}
	write(w, http.StatusOK, map[string]any{r.PathValue("id"): e})
}

// anonymous is an entry as Rekor v1 answers with it.
func anonymous(e map[string]any) map[string]any {
	number := func(m map[string]any, name string) int64 {
		n, _ := strconv.ParseInt(fmt.Sprint(m[name]), 10, 64)
		return n
	}
	child := func(name string) map[string]any { m, _ := e[name].(map[string]any); return m }
	id, _ := child("logId")["keyId"].([]byte)
	proof := child("inclusionProof")
	hashes := []string{}
	list, _ := proof["hashes"].([][]byte)
	for _, h := range list {
		hashes = append(hashes, hex.EncodeToString(h))
	}
	checkpoint, _ := proof["checkpoint"].(map[string]any)
	root, _ := proof["rootHash"].([]byte)
	return map[string]any{"body": e["canonicalizedBody"], "integratedTime": number(e, "integratedTime"), "logID": hex.EncodeToString(id), "logIndex": number(e, "logIndex"),
		"verification": map[string]any{"signedEntryTimestamp": child("inclusionPromise")["signedEntryTimestamp"],
			"inclusionProof": map[string]any{"checkpoint": checkpoint["envelope"], "hashes": hashes, "logIndex": number(proof, "logIndex"), "treeSize": number(proof, "treeSize"), "rootHash": hex.EncodeToString(root)}}}
}

// logV2 takes hashedrekord 0.0.2. What it has already it can't give again.
func (v *Servers) logV2(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Record struct {
			Digest    []byte `json:"digest"`
			Signature struct {
				Content  []byte `json:"content"`
				Verifier struct {
					Details     string `json:"keyDetails"`
					Certificate struct {
						Raw []byte `json:"rawBytes"`
					} `json:"x509Certificate"`
				} `json:"verifier"`
			} `json:"signature"`
		} `json:"hashedRekordRequestV002"`
	}
	err := json.NewDecoder(r.Body).Decode(&q)
	sig := q.Record.Signature
	l := logged{sig: sig.Content, verifier: sig.Verifier.Certificate.Raw, digest: q.Record.Digest}
	if err != nil || sig.Verifier.Details != "PKIX_ECDSA_P256_SHA_256" || !proves(l, false) {
		http.Error(w, `{"code":3,"message":"invalid hashedrekord request"}`, http.StatusBadRequest)
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.known[string(l.sig)] {
		http.Error(w, `{"code":6,"message":"an equivalent entry already exists"}`, http.StatusConflict)
		return
	}
	v.known[string(l.sig)] = true
	write(w, http.StatusCreated, v.s.entryV2(v.tb, l))
}

// proves reports whether the signature is that of the certificate's key.
func proves(l logged, armoured bool) bool {
	der := l.verifier
	if armoured {
		block, _ := pem.Decode(l.verifier)
		if block == nil {
			return false
		}
		der = block.Bytes
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return false
	}
	key, ok := c.PublicKey.(*ecdsa.PublicKey)
	return ok && ecdsa.VerifyASN1(key, l.over(), l.sig)
}

func write(w http.ResponseWriter, status int, v any) {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(v); err != nil {
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}
