// SPDX-License-Identifier: Apache-2.0

package stack_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/testdata/stack"
)

// keylessPipeline writes a folder with one stage about an image, which a job on GitHub may sign; more is put into the policy below its stages.
func (c *ci) keylessPipeline(name, image, identities, more string) string {
	c.Helper()
	dir := filepath.Join(c.dir, name)
	c.write(filepath.Join(dir, "sealock.yaml"), "apiVersion: sealock/v1\nkind: Pipeline\nname: small\npolicy: ./policy\nstages:\n  build: {subjects: [\""+image+"\"]}\n")
	c.write(filepath.Join(dir, "policy", "policy.yaml"), "apiVersion: sealock/v1\nkind: Policy\nname: small\nversion: 1\nexpires: 2100-01-01T00:00:00Z\ntrust: {sigstore: trusted_root.json}\n"+
		"identities:\n"+identity("job", gitHubIssuer, gitHubSubject, nil)+identities+"stages:\n  build: {signedBy: [job]}\nartifacts:\n  service: {product: build}\n"+
		"environments:\n  dev: {stages: [build], promotedBy: [job]}\n"+more)
	root, err := os.ReadFile(c.TrustedRoot)
	c.must(err)
	c.write(filepath.Join(dir, "policy", "trusted_root.json"), string(root))
	return dir
}

// cosignVerify is what cosign needs to verify an attestation that a certificate signed.
func (c *ci) cosignVerify(binary, issuer, subject, kind, image string) []string {
	args := []string{binary, "verify-attestation", "--trusted-root", c.TrustedRoot, "--certificate-oidc-issuer", issuer, "--certificate-identity", subject, "--type", kind}
	if binary == c.cosign2 {
		args = append(args, "--new-bundle-format", "--use-signed-timestamps")
	}
	return append(args, image)
}

// cosign v3 and v2 accept, with the private trusted root, what a job signed, as that job's and nobody else's.
func TestKeylessEvidenceInCosign(t *testing.T) {
	for _, kind := range []string{stack.Memory, stack.Distribution} {
		t.Run(kind, func(t *testing.T) {
			c := newCI(t, kind)
			image := c.smallImage("ours")
			dir := c.keylessPipeline("ours", image, "", "")
			c.job(0, dir, c.gitHubJob(nil), c.sealock, "run", "build")
			c.job(0, dir, nil, c.sealock, "verify", image, "--env", "dev")
			c.job(0, dir, c.gitHubJob(nil), c.sealock, "promote", image, "--to", "dev")
			for _, binary := range []string{c.cosign3, c.cosign2} {
				for _, of := range []string{typeLink, typeVSA} {
					c.exit(0, c.dir, c.cosignVerify(binary, gitHubIssuer, gitHubSubject, of, image)...)
					c.refuses(c.dir, c.cosignVerify(binary, gitHubIssuer, strings.Replace(gitHubSubject, "build", "other", 1), of, image)...)
					c.refuses(c.dir, c.cosignVerify(binary, gitLabIssuer, gitHubSubject, of, image)...)
				}
			}
			c.noToken(dir)
		})
	}
}

// What cosign v3 signs with a job's certificate counts, if the policy names that job.
func TestKeylessEvidenceOfCosign(t *testing.T) {
	for _, kind := range []string{stack.Memory, stack.Distribution} {
		t.Run(kind, func(t *testing.T) {
			c := newCI(t, kind)
			image := c.smallImage("theirs")
			tester := identity("tester", gitLabIssuer, gitLabSubject, map[string]string{"sourceRepositoryIdentifier": "20"})
			dir := c.keylessPipeline("theirs", image, tester, "attached:\n  - {type: test, signedBy: [tester]}\n")
			c.job(0, dir, c.gitHubJob(nil), c.sealock, "run", "build")
			c.job(1, dir, nil, c.sealock, "verify", image, "--env", "dev")
			attest := []string{c.cosign3, "attest", "--yes", "--type", typeTest, "--predicate", c.predicate(1), "--signing-config", c.SigningConfig, "--trusted-root", c.TrustedRoot, image}
			c.job(0, c.dir, c.gitLabJob("sigstore", map[string]any{"project_id": "21"}), attest...)
			if out := c.job(1, dir, nil, c.sealock, "verify", image, "--env", "dev"); !strings.Contains(out, `sourceRepositoryIdentifier: expected "20", found "21"`) {
				t.Errorf("of another project: the message does not say which\n%s", out)
			}
			c.job(0, c.dir, c.gitLabJob("sigstore", nil), attest...)
			c.job(0, dir, nil, c.sealock, "verify", image, "--env", "dev")
		})
	}
}

// sealock sign leaves a signature with a certificate that both versions of cosign look for.
func TestKeylessPlainSignature(t *testing.T) {
	c := newCI(t, stack.Memory)
	image := c.smallImage("signed")
	dir := c.keylessPipeline("signed", image, "", "")
	verify := func(binary, subject string) []string {
		args := []string{binary, "verify", "--trusted-root", c.TrustedRoot, "--certificate-oidc-issuer", gitHubIssuer, "--certificate-identity", subject}
		if binary == c.cosign2 {
			args = append(args, "--new-bundle-format", "--use-signed-timestamps")
		}
		return append(args, image)
	}
	c.refuses(c.dir, verify(c.cosign3, gitHubSubject)...)
	c.job(0, dir, c.gitHubJob(nil), c.sealock, "sign", image, "--key", "keyless")
	for _, binary := range []string{c.cosign3, c.cosign2} {
		c.exit(0, c.dir, verify(binary, gitHubSubject)...)
		c.refuses(c.dir, verify(binary, strings.Replace(gitHubSubject, "build", "other", 1))...)
	}
}

// One file is signed and verified by either of them.
func TestKeylessBlob(t *testing.T) {
	c := newCI(t, stack.Memory)
	file, bundle := filepath.Join(c.dir, "file"), filepath.Join(c.dir, "file.sigstore.json")
	c.write(file, "a file\n")
	ours := []string{c.sealock, "bundle", "verify", file, "--bundle", bundle, "--trusted-root", c.TrustedRoot, "--certificate-identity", gitHubSubject, "--certificate-oidc-issuer", gitHubIssuer}
	theirs := []string{c.cosign3, "verify-blob", "--bundle", bundle, "--trusted-root", c.TrustedRoot, "--certificate-identity", gitHubSubject, "--certificate-oidc-issuer", gitHubIssuer, file}
	for _, sign := range [][]string{
		{c.sealock, "bundle", "sign", file, "--bundle", bundle, "--trusted-root", c.TrustedRoot, "--signing-config", c.SigningConfig},
		{c.cosign3, "sign-blob", "--yes", "--bundle", bundle, "--trusted-root", c.TrustedRoot, "--signing-config", c.SigningConfig, file},
	} {
		_ = os.Remove(bundle)
		c.write(file, "a file\n")
		c.job(0, c.dir, c.gitHubJob(nil), sign...)
		c.job(0, c.dir, nil, ours...)
		c.job(0, c.dir, nil, theirs...)
		c.write(file, "another\n")
		c.refuses(c.dir, ours...)
		c.refuses(c.dir, theirs...)
	}
}
