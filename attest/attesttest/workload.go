// SPDX-License-Identifier: Apache-2.0

package attesttest

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// Workload is whom a certificate names. Claims have the names that attest.Identity gives them.
type Workload struct {
	Issuer  string
	Subject string // a URI, or an email address
	Claims  map[string]string
}

// GitHubJob is a job of a workflow file in a repository such as acme/shop on GitHub.
func GitHubJob(repository, workflow, ref string) Workload {
	owner, _, _ := strings.Cut(repository, "/")
	base := "https://github.com/" + repository
	file := base + "/.github/workflows/" + workflow + "@" + ref
	return Workload{Issuer: "https://token.actions.githubusercontent.com", Subject: file, Claims: map[string]string{
		"githubWorkflowTrigger": "push", "githubWorkflowSHA": commit(repository), "githubWorkflowName": "Build", "githubWorkflowRepository": repository, "githubWorkflowRef": ref,
		"buildSignerURI": file, "buildSignerDigest": commit(repository), "runnerEnvironment": "github-hosted",
		"sourceRepositoryURI": base, "sourceRepositoryDigest": commit(repository), "sourceRepositoryRef": ref, "sourceRepositoryIdentifier": "4711",
		"sourceRepositoryOwnerURI": "https://github.com/" + owner, "sourceRepositoryOwnerIdentifier": "42",
		"buildConfigURI": file, "buildConfigDigest": commit(repository), "buildTrigger": "push", "runInvocationURI": base + "/actions/runs/1/attempts/1",
		"sourceRepositoryVisibilityAtSigning": "public", "tokenSubject": "repo:" + repository + ":ref:" + ref}}
}

// GitLabJob is a job of a project such as acme/shop on gitlab.com.
func GitLabJob(project, ref string) Workload {
	owner, _, _ := strings.Cut(project, "/")
	base := "https://gitlab.com/" + project
	file := base + "//.gitlab-ci.yml@" + ref
	return Workload{Issuer: "https://gitlab.com", Subject: file, Claims: map[string]string{
		"buildSignerURI": file, "buildSignerDigest": commit(project), "runnerEnvironment": "gitlab-hosted",
		"sourceRepositoryURI": base, "sourceRepositoryDigest": commit(project), "sourceRepositoryRef": ref, "sourceRepositoryIdentifier": "815",
		"sourceRepositoryOwnerURI": "https://gitlab.com/" + owner, "sourceRepositoryOwnerIdentifier": "16",
		"buildConfigURI": file, "buildConfigDigest": commit(project), "buildTrigger": "push", "runInvocationURI": base + "/-/jobs/1",
		"sourceRepositoryVisibilityAtSigning": "private", "tokenSubject": "project_path:" + project + ":ref_type:branch:ref:main"}}
}

// Person is somebody who logged in with an address.
func Person(email string) Workload {
	return Workload{Issuer: "https://accounts.example", Subject: email}
}

// With is the workload with other claims; an empty one is left out.
func (w Workload) With(claims map[string]string) Workload {
	w.Claims = maps.Clone(w.Claims)
	if w.Claims == nil {
		w.Claims = map[string]string{}
	}
	maps.Copy(w.Claims, claims)
	maps.DeleteFunc(w.Claims, func(_, v string) bool { return v == "" })
	return w
}

func commit(of string) string { return Source("", of).Digest["gitCommit"] }

// Fulcio's extensions by name; those up to 6 hold bare text.
var extensionNumbers = map[string]int{"githubWorkflowTrigger": 2, "githubWorkflowSHA": 3, "githubWorkflowName": 4, "githubWorkflowRepository": 5, "githubWorkflowRef": 6,
	"buildSignerURI": 9, "buildSignerDigest": 10, "runnerEnvironment": 11, "sourceRepositoryURI": 12, "sourceRepositoryDigest": 13, "sourceRepositoryRef": 14,
	"sourceRepositoryIdentifier": 15, "sourceRepositoryOwnerURI": 16, "sourceRepositoryOwnerIdentifier": 17, "buildConfigURI": 18, "buildConfigDigest": 19, "buildTrigger": 20,
	"runInvocationURI": 21, "sourceRepositoryVisibilityAtSigning": 22, "deploymentEnvironment": 23, "tokenSubject": 24}

// Extension is one of Fulcio's extensions with a DER string.
func Extension(t testing.TB, number int, value string) pkix.Extension {
	t.Helper()
	der, err := asn1.MarshalWithParams(value, "utf8")
	if err != nil {
		t.Fatalf("encoding an extension: %v", err)
	}
	return BareExtension(number, []byte(value), der)
}

// BareExtension is one of Fulcio's extensions with bare text up to number 6, else with the bytes given last.
func BareExtension(number int, text, der []byte) pkix.Extension {
	e := pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, number}, Value: der}
	if number <= 6 {
		e.Value = text
	}
	return e
}

// template is the certificate that Fulcio would issue.
func (w Workload) template(t testing.TB, from time.Time) *x509.Certificate {
	t.Helper()
	c := &x509.Certificate{SerialNumber: number(t), NotBefore: from, NotAfter: from.Add(10 * time.Minute), KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}}
	if strings.Contains(w.Subject, "://") {
		u, err := url.Parse(w.Subject)
		if err != nil {
			t.Fatalf("subject of a certificate: %v", err)
		}
		c.URIs = []*url.URL{u}
	} else {
		c.EmailAddresses = []string{w.Subject}
	}
	if w.Issuer != "" {
		c.ExtraExtensions = append(c.ExtraExtensions, Extension(t, 1, w.Issuer), Extension(t, 8, w.Issuer))
	}
	for _, name := range slices.Sorted(maps.Keys(w.Claims)) {
		n, known := extensionNumbers[name]
		if !known {
			t.Fatalf("claim %q: Fulcio has none of that name", name)
		}
		c.ExtraExtensions = append(c.ExtraExtensions, Extension(t, n, w.Claims[name]))
	}
	return c
}

// issue makes a certificate for a key, logged unless it is not to be.
func (s *Sigstore) issue(t testing.TB, template *x509.Certificate, key *ecdsa.PrivateKey, logged bool) *x509.Certificate {
	t.Helper()
	before := certificate(t, template, s.between, key, s.issuer)
	if !logged {
		return before
	}
	final := *template
	final.ExtraExtensions = append(slices.Clone(template.ExtraExtensions), s.sct(t, before))
	return certificate(t, &final, s.between, key, s.issuer)
}

// sct is the extension that says the certificate log has seen a certificate (RFC 6962, 3.2 and 3.3): what is signed is the certificate without it.
func (s *Sigstore) sct(t testing.TB, before *x509.Certificate) pkix.Extension {
	t.Helper()
	at := binary.BigEndian.AppendUint64(nil, uint64(before.NotBefore.UnixMilli())) //nolint:gosec // after 1970
	issuer := sha256.Sum256(s.between.RawSubjectPublicKeyInfo)
	tbs := before.RawTBSCertificate
	signed := append([]byte{0, 0}, at...)
	signed = append(append(signed, 0, 1), issuer[:]...)
	signed = append(append(signed, byte(len(tbs)>>16), byte(len(tbs)>>8), byte(len(tbs))), tbs...)
	digest := sha256.Sum256(append(signed, 0, 0))
	sig, err := ecdsa.SignASN1(rand.Reader, s.ctKey, digest[:])
	if err != nil {
		t.Fatalf("signing: %v", err)
	}
	one := append([]byte{0}, sum(spki(t, &s.ctKey.PublicKey))...)
	one = append(append(one, at...), 0, 0, 4, 3)
	one = append(binary.BigEndian.AppendUint16(one, uint16(len(sig))), sig...)   //nolint:gosec // some seventy bytes
	list := binary.BigEndian.AppendUint16(nil, uint16(len(one)+2))               //nolint:gosec // see above
	list = append(binary.BigEndian.AppendUint16(list, uint16(len(one))), one...) //nolint:gosec // see above
	value, err := asn1.Marshal(list)
	if err != nil {
		t.Fatalf("encoding an SCT: %v", err)
	}
	return pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}, Value: value}
}
