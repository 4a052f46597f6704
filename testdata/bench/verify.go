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
	statementSize = 8 << 10 // bytes of each statement, about
	slow          = 20 * time.Millisecond
	testResult    = "https://in-toto.io/attestation/test-result/v0.1"
)

// Ratios to keep to (verification against cosign v2).
const (
	targetOne  = 0.5 // one statement
	targetMany = 0.2 // fifty
	targetSlow = 0.3 // with 20 ms added to each request
)

// statements in a chain, in the rows of the table.
var chainLengths = []int{1, 10, 50}

// verification is the set-up of all verify rows.
type verification struct {
	*bench
	registry stack.Registry
	proxy    *stack.Proxy
	digest   string // of the image

	cosign2, cosign3, crane string
}

// verify compares the verification of chains and attestations that lie beside an image, against Rego policies.
func verify(ctx context.Context, b *bench) error {
	v := &verification{bench: b}
	for name, at := range map[string]*string{"cosign2": &v.cosign2, "cosign3": &v.cosign3, "crane": &v.crane} {
		file, err := b.tool(ctx, name)
		if errors.Is(err, stack.ErrNotBuilt) {
			b.add(Row{Case: "verify", Note: err.Error()})
			return nil
		}
		if err != nil {
			return err
		}
		*at = file
	}
	if err := v.keys(ctx); err != nil {
		return err
	}
	for _, kind := range []string{stack.Memory, stack.Distribution} {
		found, stop, err := b.registries(ctx, kind)
		if err != nil {
			b.add(Row{Case: "verify, " + kind, Note: err.Error()})
			continue
		}
		v.registry = found[0]
		if v.proxy, err = stack.NewProxy(v.registry.Host); err == nil {
			err = v.rowsOf(ctx)
			v.proxy.Stop()
		}
		stop()
		if err != nil {
			return fmt.Errorf("registry %s: %w", kind, err)
		}
	}
	return nil
}

// keys makes the key pair that cosign signs with, and what cosign needs to stay off the network.
func (v *verification) keys(ctx context.Context) error {
	for name, text := range map[string]string{
		"policy.rego":  "package signature\nimport rego.v1\ndefault allow := false\nallow if input.predicate.result == \"PASSED\"\n",
		"signing.json": `{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json"}`,
		"root.json":    `{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}`,
	} {
		if err := os.WriteFile(filepath.Join(v.dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	if _, err := os.Stat(filepath.Join(v.dir, "cosign.key")); err == nil {
		return nil
	}
	return v.do(ctx, v.step(v.cosign2, "generate-key-pair"))
}

func (v *verification) rowsOf(ctx context.Context) error {
	kind := "with a referrers API"
	if !v.registry.Referrers {
		kind = "without a referrers API"
	}
	for _, n := range chainLengths {
		v.say("writing chains of %d statements, %s", n, kind)
		if err := v.chain(ctx, n); err != nil {
			return err
		}
		if err := v.attest(ctx, n); err != nil {
			return err
		}
		name := fmt.Sprintf("verify (gateonly), N = %d, %s", n, kind)
		target := map[int]float64{1: targetOne, 50: targetMany}[n]
		if err := v.row(ctx, name, "cosign2", target, 0, v.ours(n), v.theirs2(n)); err != nil {
			return err
		}
		if err := v.row(ctx, name+", 20 ms a request", "cosign2", targetSlow, slow, v.ours(n), v.theirs2(n)); err != nil {
			return err
		}
		if err := v.row(ctx, fmt.Sprintf("verify (full build), N = %d, %s", n, kind), "cosign2", 0, 0, v.full(n), v.theirs2(n)); err != nil {
			return err
		}
		if err := v.row(ctx, name, "cosign3", 0, 0, v.ours(n), v.theirs3(n)); err != nil {
			return err
		}
		if err := v.foreign(ctx, n, name); err != nil {
			return err
		}
	}
	return nil
}

// job is a verification of what lies at a host: the registry itself, or the proxy before it.
type job func(host string) Job

func (v *verification) repo(host, who string, n int) string {
	return fmt.Sprintf("%s/%s/n%d@%s", host, who, n, v.digest)
}

// judge asks one of our builds as an enforcer does: with the policy from outside, in a folder without a pipeline.
func (v *verification) judge(binary, policyOf, repo string, n int) job {
	return func(host string) Job {
		return Job{v.step(binary, "verify", "--policy", filepath.Join(v.folder(policyOf, n), "policy"), v.repo(host, repo, n), "--env", "dev", "-q")}
	}
}

func (v *verification) ours(n int) job { return v.judge(v.gate, "written", "ours", n) }
func (v *verification) full(n int) job { return v.judge(v.sealock, "written", "ours", n) }

func (v *verification) theirs2(n int) job {
	return func(host string) Job {
		return Job{v.step(v.cosign2, "verify-attestation", "--key", "cosign.pub", "--insecure-ignore-tlog", "--private-infrastructure", "--type", testResult, "--policy", "policy.rego", v.repo(host, "cosign2", n))}
	}
}

func (v *verification) theirs3(n int) job {
	return func(host string) Job {
		return Job{v.step(v.cosign3, "verify-attestation", "--key", "cosign.pub", "--insecure-ignore-tlog", "--trusted-root", "root.json", "--type", testResult, "--policy", "policy.rego", v.repo(host, "cosign3", n))}
	}
}

// row measures both sides, straight from the registry or through the slow proxy, and counts requests in one more run of each.
func (v *verification) row(ctx context.Context, name, peer string, target float64, delay time.Duration, a, b job) error {
	host := v.registry.Host
	if delay > 0 {
		host = v.proxy.Host
	}
	v.proxy.SetDelay(delay)
	pair, err := compare(ctx, v.k, Side{Name: "sealock", Job: a(host)}, Side{Name: peer, Job: b(host)})
	v.proxy.SetDelay(0)
	if err != nil {
		return err
	}
	var counts [2]stack.Counts
	for i, side := range []job{a, b} {
		v.proxy.Take()
		if err := v.do(ctx, side(v.proxy.Host)...); err != nil {
			return err
		}
		counts[i] = v.proxy.Take()
		if v.verbose {
			v.say("%s", strings.Join(counts[i].Log, "\n"))
		}
	}
	v.add(Row{Case: name, Peer: peer, Pair: pair, Target: target, Requests: &counts})
	return nil
}

// foreign measures sealock reading the attestations that cosign wrote beside a receipt of our own, without an evidence list.
func (v *verification) foreign(ctx context.Context, n int, name string) error {
	for _, peer := range []struct {
		who    string
		theirs job
	}{{"cosign2", v.theirs2(n)}, {"cosign3", v.theirs3(n)}} {
		repo := "receipt-" + peer.who
		if err := v.row(ctx, name+", written by "+peer.who, peer.who, 0, 0, v.judge(v.gate, repo, repo, n), peer.theirs); err != nil {
			return err
		}
	}
	return nil
}

func (v *verification) folder(who string, n int) string {
	return filepath.Join(v.dir, fmt.Sprintf("%s-%s-%d", v.registry.Kind, who, n))
}

// chain writes a chain of n receipts about an image: stage k comes after stage k/2, so all hang together by digest.
func (v *verification) chain(ctx context.Context, n int) error {
	for _, who := range []string{"ours", "cosign2", "cosign3", "receipt-cosign2", "receipt-cosign3"} {
		var err error
		if v.digest, err = pushImage(ctx, fmt.Sprintf("%s/%s/n%d:v1", v.registry.Host, who, n)); err != nil {
			return err
		}
	}
	if err := v.ourChain(ctx, n); err != nil {
		return err
	}
	for _, who := range []string{"receipt-cosign2", "receipt-cosign3"} {
		if err := v.receipts(ctx, who, n, 1); err != nil {
			return err
		}
	}
	return nil
}

// ourChain writes a chain of n receipts. It is written elsewhere and copied in one go: each run leaves its own evidence list behind, which makes
// registries slow that look through all that they hold.
func (v *verification) ourChain(ctx context.Context, n int) error {
	if _, err := pushImage(ctx, v.repoName("written", n)+":v1"); err != nil {
		return err
	}
	if err := v.receipts(ctx, "written", n, n); err != nil {
		return err
	}
	return v.do(ctx, v.step(v.sealock, "evidence", "copy", "-C", v.folder("written", n), v.repo(v.registry.Host, "written", n), "--to-store", "oci://"+v.repoName("ours", n), "-q"))
}

func (v *verification) repoName(who string, n int) string {
	return fmt.Sprintf("%s/%s/n%d", v.registry.Host, who, n)
}

// receipts runs the stages of a pipeline about the image in a repository.
func (v *verification) receipts(ctx context.Context, who string, n, stages int) error {
	dir := v.folder(who, n)
	if err := v.pipelineFolder(dir, v.repo(v.registry.Host, who, n), stages, who != "written"); err != nil {
		return err
	}
	for i := 1; i <= stages; i++ {
		if err := v.do(ctx, v.step(v.sealock, "run", stageName(i), "-C", dir, "-q")); err != nil {
			return err
		}
	}
	return nil
}

func stageName(i int) string { return fmt.Sprintf("s%03d", i) }

// pipelineFolder writes a pipeline of n stages about one image, and its policy with keys.
func (b *bench) pipelineFolder(dir, image string, n int, attached bool) error {
	pub, err := os.ReadFile(filepath.Join(b.dir, "cosign.pub"))
	if err != nil {
		return err
	}
	more := ""
	if attached {
		more = "attached:\n  - {type: test, signedBy: [cosign]}\n"
	}
	if err := b.pipelineFiles(dir, image, n, "none", "  builder: {key: \"local:builder\"}\n  cosign: {key: keys/cosign.pub}\n", "builder", more); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "policy", "keys", "cosign.pub"), pub, 0o644)
}

// pipelineFiles writes a pipeline and its policy. The command of each stage is long enough to make its receipt as long as the statements that cosign
// signs here.
func (b *bench) pipelineFiles(dir, image string, n int, trust, identities, signer, more string) error {
	if err := os.MkdirAll(filepath.Join(dir, "policy", "keys"), 0o755); err != nil {
		return err
	}
	var pipe, policy strings.Builder
	pipe.WriteString("apiVersion: sealock/v1\nkind: Pipeline\nname: chain\npolicy: ./policy\nstages:\n")
	fmt.Fprintf(&policy, "apiVersion: sealock/v1\nkind: Policy\nname: chain\nversion: 1\nexpires: 2100-01-01T00:00:00Z\ntrust: %s\nidentities:\n%sstages:\n", trust, identities)
	var all []string
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&pipe, "  %s: {run: [\"true\", %q], subjects: [%q]}\n", stageName(i), strings.Repeat("x", statementSize-1200), image)
		after := ""
		if i > 1 {
			after = "after: [" + stageName(i/2) + "], "
		}
		fmt.Fprintf(&policy, "  %s: {%ssignedBy: [%s]}\n", stageName(i), after, signer)
		all = append(all, stageName(i))
	}
	fmt.Fprintf(&policy, "%sartifacts:\n  service: {product: s001}\nenvironments:\n  dev: {stages: [%s], promotedBy: [%s]}\n", more, strings.Join(all, ", "), signer)
	if err := os.WriteFile(filepath.Join(dir, "sealock.yaml"), []byte(pipe.String()), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "policy", "policy.yaml"), []byte(policy.String()), 0o644)
}

// attest lets both versions of cosign sign n statements about the image.
func (v *verification) attest(ctx context.Context, n int) error {
	for i := 1; i <= n; i++ {
		var tests []string
		for t := range statementSize / 80 {
			tests = append(tests, fmt.Sprintf("%q", fmt.Sprintf("test %04d of run %04d %s", t, i, strings.Repeat("x", 52))))
		}
		file := filepath.Join(v.dir, "predicate.json")
		if err := os.WriteFile(file, []byte(`{"result":"PASSED","configuration":[],"passedTests":[`+strings.Join(tests, ",")+`]}`), 0o644); err != nil {
			return err
		}
		if err := v.signWithCosign(ctx, file, n); err != nil {
			return err
		}
	}
	from, to := fmt.Sprintf("%s/cosign2/n%d", v.registry.Host, n), fmt.Sprintf("%s/receipt-cosign2/n%d", v.registry.Host, n)
	tag := ":" + strings.Replace(v.digest, ":", "-", 1) + ".att"
	if err := v.do(ctx, v.step(v.crane, "copy", from+tag, to+tag)); err != nil {
		return err
	}
	// Without the evidence list that our receipt left, everything is fetched singly.
	list := ":" + strings.Replace(v.digest, ":", "-", 1) + ".sealock"
	return v.do(ctx, v.step(v.crane, "delete", to+list), v.step(v.crane, "delete", fmt.Sprintf("%s/receipt-cosign3/n%d%s", v.registry.Host, n, list)))
}

// signWithCosign attests a predicate with v2 as a layer of the .att image, and with v3 as a bundle. The former is copied later: where there
// are bundles too, cosign v2 reads nothing else.
func (v *verification) signWithCosign(ctx context.Context, file string, n int) error {
	job := Job{v.step(v.cosign2, "attest", "--yes", "--key", "cosign.key", "--tlog-upload=false", "--type", testResult, "--predicate", file, v.repo(v.registry.Host, "cosign2", n))}
	for _, who := range []string{"cosign3", "receipt-cosign3"} {
		job = append(job, v.step(v.cosign3, "attest", "--yes", "--key", "cosign.key", "--signing-config", "signing.json", "--trusted-root", "root.json", "--type", testResult, "--predicate", file,
			v.repo(v.registry.Host, who, n)))
	}
	return v.do(ctx, job...)
}
