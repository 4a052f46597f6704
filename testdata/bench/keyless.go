// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/testdata/stack"
)

const (
	keylessStages = 6
	typeLink      = "https://in-toto.io/attestation/link/v0.3"

	// Whom the certificates of the simulated job name.
	jobIssuer  = "https://token.actions.githubusercontent.com"
	jobSubject = "https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/main"
)

// keyless compares the verification of a chain of stages that a CI job signed with certificates of a private Sigstore: sealock and cosign v3 read the
// very same bundles, with the same trusted root.
func keyless(ctx context.Context, b *bench) error {
	v := &verification{bench: b}
	var err error
	if v.cosign3, err = b.tool(ctx, "cosign3"); err != nil {
		return b.unbuilt("verify, keyless", err)
	}
	dir := filepath.Join(b.dir, "sigstore")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	sigstore, err := stack.StartSigstore(ctx, stack.SigstoreOptions{Source: filepath.Join(b.root, "testdata", "stack", "sigstore"), Dir: dir, Now: time.Now, Log: b.log})
	if err != nil {
		return b.unbuilt("verify, keyless", err)
	}
	defer sigstore.Stop()
	found, stop, err := b.registries(ctx, stack.Memory)
	if err != nil {
		return err
	}
	defer stop()
	v.registry = found[0]
	if v.proxy, err = stack.NewProxy(v.registry.Host); err != nil {
		return err
	}
	defer v.proxy.Stop()
	if err := v.keylessChain(ctx, sigstore); err != nil {
		return err
	}
	name := fmt.Sprintf("verify (gateonly), %d keyless stages, the same bundles", keylessStages)
	ours := func(binary string) job { return v.judge(binary, "keyless", "keyless", keylessStages) }
	if err := v.row(ctx, name, "cosign3", 0, 0, ours(v.gate), v.theirsKeyless(sigstore)); err != nil {
		return err
	}
	if err := v.row(ctx, name+", 20 ms a request", "cosign3", 0, slow, ours(v.gate), v.theirsKeyless(sigstore)); err != nil {
		return err
	}
	return v.row(ctx, strings.Replace(name, "gateonly", "full build", 1), "cosign3", 0, 0, ours(v.sealock), v.theirsKeyless(sigstore))
}

// unbuilt makes a part that needs what can't be built here a row that says so.
func (b *bench) unbuilt(name string, err error) error {
	if errors.Is(err, stack.ErrNotBuilt) {
		b.add(Row{Case: name, Note: err.Error()})
		return nil
	}
	return err
}

// keylessChain runs the stages of a pipeline about an image in a simulated job of GitHub Actions.
func (v *verification) keylessChain(ctx context.Context, sigstore *stack.Sigstore) (err error) {
	v.say("writing a chain of %d keyless stages", keylessStages)
	if v.digest, err = pushImage(ctx, v.repoName("keyless", keylessStages)+":v1"); err != nil {
		return err
	}
	dir, image := v.folder("keyless", keylessStages), v.repo(v.registry.Host, "keyless", keylessStages)
	root, err := os.ReadFile(sigstore.TrustedRoot)
	if err != nil {
		return err
	}
	signer := fmt.Sprintf("  job: {issuer: %q, subject: %q}\n", jobIssuer, jobSubject)
	if err := v.pipelineFiles(dir, image, keylessStages, "{sigstore: trusted_root.json}", signer, "job", ""); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "policy", "trusted_root.json"), root, 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(v.dir, "link.rego"), []byte("package signature\nimport rego.v1\ndefault allow := false\nallow if input.predicate.name != \"\"\n"), 0o644); err != nil {
		return err
	}
	url, token := sigstore.GitHub.Job(nil)
	for i := 1; i <= keylessStages; i++ {
		s := v.step(v.sealock, "run", stageName(i), "-C", dir, "-q")
		s.Env = append(s.Env[:len(s.Env):len(s.Env)], "GITHUB_ACTIONS=true", "ACTIONS_ID_TOKEN_REQUEST_URL="+url, "ACTIONS_ID_TOKEN_REQUEST_TOKEN="+token)
		if err := v.do(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (v *verification) theirsKeyless(sigstore *stack.Sigstore) job {
	return func(host string) Job {
		return Job{v.step(v.cosign3, "verify-attestation", "--trusted-root", sigstore.TrustedRoot, "--certificate-oidc-issuer", jobIssuer, "--certificate-identity", jobSubject,
			"--type", typeLink, "--policy", "link.rego", v.repo(host, "keyless", keylessStages))}
	}
}
