// SPDX-License-Identifier: Apache-2.0

package attesttest

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// tree is a Merkle tree in memory (RFC 6962, 2.1). A few leaves are in it from the beginning, so that proofs have hashes.
type tree struct {
	mu     sync.Mutex
	leaves [][]byte
}

func newTree() *tree {
	t := &tree{}
	for i := range 5 {
		t.leaves = append(t.leaves, leafHash([]byte{byte(i)}))
	}
	return t
}

// add puts a leaf into the tree and gives its index, the proof, the root and the size.
func (t *tree) add(body []byte) (index int, proof [][]byte, root []byte, size int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.leaves = append(t.leaves, leafHash(body))
	index = len(t.leaves) - 1
	return index, path(t.leaves, index), treeHash(t.leaves), len(t.leaves)
}

func leafHash(body []byte) []byte { return sum(append([]byte{0}, body...)) }

func treeHash(leaves [][]byte) []byte {
	if len(leaves) == 1 {
		return leaves[0]
	}
	k := split(len(leaves))
	return sum(append(append([]byte{1}, treeHash(leaves[:k])...), treeHash(leaves[k:])...))
}

func path(leaves [][]byte, i int) [][]byte {
	if len(leaves) == 1 {
		return [][]byte{}
	}
	k := split(len(leaves))
	if i < k {
		return append(path(leaves[:k], i), treeHash(leaves[k:]))
	}
	return append(path(leaves[k:], i-k), treeHash(leaves[:k]))
}

// split is the largest power of two below n.
func split(n int) int {
	k := 1
	for k*2 < n {
		k *= 2
	}
	return k
}

// logged is what goes into a log.
type logged struct {
	sig        []byte
	verifier   []byte // PEM of the certificate or key (version 1), its DER (version 2)
	isKey      bool
	envelope   []byte // the JSON of the envelope, nil for a bare signature
	payload    []byte
	message    []byte // what the signature is over
	digest     []byte // its sha256, where only that is known
	at         time.Time
	noPromise  bool
	noProof    bool
	integrated time.Time // what the entry claims, if not at
}

// over is the sha256 of what was signed.
func (l logged) over() []byte {
	if l.digest != nil {
		return l.digest
	}
	return sum(l.message)
}

// entryV1 is an entry of Rekor v1: the kinds dsse and hashedrekord 0.0.1.
func (s *Sigstore) entryV1(t testing.TB, l logged) map[string]any {
	t.Helper()
	kind := "dsse"
	spec := map[string]any{"envelopeHash": hashed(l.envelope), "payloadHash": hashed(l.payload), "signatures": []any{map[string]any{"signature": l.sig, "verifier": l.verifier}}}
	if l.envelope == nil {
		kind = "hashedrekord"
		spec = map[string]any{"data": map[string]any{"hash": map[string]any{"algorithm": "sha256", "value": hex.EncodeToString(l.over())}}, "signature": map[string]any{"content": l.sig, "publicKey": map[string]any{"content": l.verifier}}}
	}
	return s.provenV1(t, l, kind, "0.0.1", spec)
}

// entryIntoto is an entry of Rekor v1 of the kind intoto 0.0.2, as the log keeps it: without the payload.
func (s *Sigstore) entryIntoto(t testing.TB, l logged) map[string]any {
	t.Helper()
	signature := map[string]any{"publicKey": l.verifier, "sig": []byte(base64.StdEncoding.EncodeToString(l.sig))}
	return s.provenV1(t, l, "intoto", "0.0.2", map[string]any{"content": map[string]any{"envelope": map[string]any{"payloadType": attest.PayloadInToto, "signatures": []any{signature}},
		"hash": hashed(l.envelope), "payloadHash": hashed(l.payload)}})
}

// provenV1 puts an entry into the log of version 1.
func (s *Sigstore) provenV1(t testing.TB, l logged, kind, version string, spec map[string]any) map[string]any {
	t.Helper()
	body := encode(t, map[string]any{"apiVersion": version, "kind": kind, "spec": spec})
	id := sum(spki(t, &s.v1Key.PublicKey))
	index, proof, root, size := s.v1.add(body)
	e := map[string]any{"logIndex": fmt.Sprint(index), "logId": map[string]any{"keyId": id}, "kindVersion": map[string]any{"kind": kind, "version": version},
		"integratedTime": fmt.Sprint(l.at.Unix()), "canonicalizedBody": body}
	if !l.noPromise {
		promise := encode(t, map[string]any{"body": body, "integratedTime": l.at.Unix(), "logID": hex.EncodeToString(id), "logIndex": index})
		e["inclusionPromise"] = map[string]any{"signedEntryTimestamp": s.signV1(t, promise)}
	}
	if !l.noProof {
		note := fmt.Sprintf("log1.example - 1234\n%d\n%s\n", size, base64.StdEncoding.EncodeToString(root))
		e["inclusionProof"] = proofOf(index, size, root, proof, sealed(note, "log1.example", binary.BigEndian.Uint32(id), s.signV1(t, []byte(note))))
	}
	if !l.integrated.IsZero() {
		e["integratedTime"] = fmt.Sprint(l.integrated.Unix())
	}
	return e
}

// entryV2 is an entry of Rekor v2: the kind hashedrekord 0.0.2, over what was signed.
func (s *Sigstore) entryV2(t testing.TB, l logged) map[string]any {
	t.Helper()
	by := map[string]any{"keyDetails": "PKIX_ECDSA_P256_SHA_256", "x509Certificate": map[string]any{"rawBytes": l.verifier}}
	if l.isKey {
		by = map[string]any{"keyDetails": "PKIX_ECDSA_P256_SHA_256", "publicKey": map[string]any{"rawBytes": l.verifier}}
	}
	return s.provenV2(t, l, "hashedrekord", map[string]any{"hashedRekordV002": map[string]any{
		"data": map[string]any{"algorithm": "SHA2_256", "digest": l.over()}, "signature": map[string]any{"content": l.sig, "verifier": by}}})
}

// entryDSSE is an entry of Rekor v2 of the kind dsse 0.0.2, over the payload.
func (s *Sigstore) entryDSSE(t testing.TB, l logged) map[string]any {
	t.Helper()
	by := map[string]any{"keyDetails": "PKIX_ECDSA_P256_SHA_256", "x509Certificate": map[string]any{"rawBytes": l.verifier}}
	return s.provenV2(t, l, "dsse", map[string]any{"dsseV002": map[string]any{"payloadHash": map[string]any{"algorithm": "SHA2_256", "digest": sum(l.payload)},
		"signatures": []any{map[string]any{"content": l.sig, "verifier": by}}}})
}

// provenV2 puts an entry into the log of version 2.
func (s *Sigstore) provenV2(t testing.TB, l logged, kind string, spec map[string]any) map[string]any {
	t.Helper()
	body := encode(t, map[string]any{"apiVersion": "0.0.2", "kind": kind, "spec": spec})
	index, proof, root, size := s.v2.add(body)
	note := fmt.Sprintf("log2.example\n%d\n%s\n", size, base64.StdEncoding.EncodeToString(root))
	e := map[string]any{"logIndex": fmt.Sprint(index), "logId": map[string]any{"keyId": s.v2ID()}, "kindVersion": map[string]any{"kind": kind, "version": "0.0.2"}, "canonicalizedBody": body}
	if !l.noProof {
		e["inclusionProof"] = proofOf(index, size, root, proof, sealed(note, "log2.example", binary.BigEndian.Uint32(s.v2ID()), ed25519.Sign(s.v2Key, []byte(note))))
	}
	if !l.integrated.IsZero() {
		e["integratedTime"] = fmt.Sprint(l.integrated.Unix())
	}
	return e
}

// v2ID is the log's id: the hash of a verifier's name and key in signed notes (https://c2sp.org/signed-note).
func (s *Sigstore) v2ID() []byte {
	pub, _ := s.v2Key.Public().(ed25519.PublicKey)
	return sum(append([]byte("log2.example\n\x01"), pub...))
}

func (s *Sigstore) signV1(t testing.TB, message []byte) []byte {
	t.Helper()
	digest := sha256.Sum256(message)
	sig, err := ecdsa.SignASN1(rand.Reader, s.v1Key, digest[:])
	if err != nil {
		t.Fatalf("signing: %v", err)
	}
	return sig
}

func hashed(b []byte) map[string]any {
	return map[string]any{"algorithm": "sha256", "value": hex.EncodeToString(sum(b))}
}

func proofOf(index, size int, root []byte, hashes [][]byte, checkpoint string) map[string]any {
	return map[string]any{"logIndex": fmt.Sprint(index), "treeSize": fmt.Sprint(size), "rootHash": root, "hashes": hashes, "checkpoint": map[string]any{"envelope": checkpoint}}
}

// sealed is a signed note.
func sealed(note, name string, hint uint32, sig []byte) string {
	return note + "\n— " + name + " " + base64.StdEncoding.EncodeToString(append(binary.BigEndian.AppendUint32(nil, hint), sig...)) + "\n"
}

func encode(t testing.TB, v any) []byte {
	t.Helper()
	b, err := attest.EncodeJSON(v)
	if err != nil {
		t.Fatalf("encoding: %v", err)
	}
	return []byte(strings.TrimSpace(string(b)))
}
