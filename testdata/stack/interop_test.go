// SPDX-License-Identifier: Apache-2.0

package stack_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/testdata/stack"
)

const (
	typeTest  = "https://in-toto.io/attestation/test-result/v0.1"
	typeLink  = "https://in-toto.io/attestation/link/v0.3"
	typeVSA   = "https://slsa.dev/verification_summary/v1"
	typeSBOM  = "https://cyclonedx.org/bom"
	typeVulns = "https://in-toto.io/attestation/vulns/v0.2"
)

// each runs a test with a registry of each kind.
func each(t *testing.T, kinds []string, test func(w *world)) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) { test(newWorld(t, kind)) })
	}
}

// The sample goes through its pipeline with all evidence in the registry, into dev and staging, and cosign accepts what was signed.
func TestSampleInEveryRegistry(t *testing.T) {
	each(t, stack.Kinds, func(w *world) {
		shop := w.sample()
		w.exit(0, shop, w.sealock, "run", "source", "-q")
		w.exit(0, shop, w.sealock, "run", "build", "-q")
		image := w.push(filepath.Join(shop, "out", "shop"), "shop")
		w.exit(1, shop, w.sealock, "verify", image, "--env", "staging", "-q")
		w.exit(0, shop, w.sealock, "run", "scan", "--subject", image, "-q")
		w.exit(0, shop, w.sealock, "verify", image, "--env", "dev", "-q")
		w.exit(1, shop, w.sealock, "verify", image, "--env", "staging", "-q") // not promoted to dev yet
		w.exit(0, shop, w.sealock, "promote", image, "--to", "dev", "-q")
		w.exit(0, shop, w.sealock, "promote", image, "--to", "staging", "-q")
		w.exit(0, shop, w.sealock, "verify", image, "--env", "staging", "--promoted", "-q")
		if _, err := os.Stat(filepath.Join(shop, ".sealock")); err == nil {
			t.Error("evidence was written to a folder too")
		}

		w.accepts(w.pub("shop-build"), typeLink, image)
		w.accepts(w.pub("shop-scan"), typeLink, image)
		w.accepts(w.pub("shop-release"), typeVSA, image)
		for _, platform := range w.children(image) {
			w.accepts(w.pub("shop-build"), typeSBOM, platform)
			w.accepts(w.pub("shop-scan"), typeVulns, platform)
			w.refuses(w.dir, w.cosign3, "verify-attestation", "--key", w.pub("shop-source"), "--insecure-ignore-tlog", "--type", typeVulns, platform)
		}
	})
}

// sample is a copy of testdata/shop as a repository of its own, whose store is the registry.
func (w *world) sample() string {
	w.Helper()
	shop := w.sampleFiles()
	w.edit(filepath.Join(shop, "sealock.yaml"), "store: .sealock ", "store: oci://"+w.Host+"/shop ")
	w.commit(shop)
	return shop
}

// sampleFiles copies testdata/shop, and the vulnerability data beside it.
func (w *world) sampleFiles() string {
	w.Helper()
	for _, name := range []string{"shop", "vulndb"} {
		from, err := filepath.Abs(filepath.Join("..", name))
		w.must(err)
		w.must(os.MkdirAll(filepath.Join(w.dir, "testdata"), 0o755))
		out, err := exec.CommandContext(w.Context(), "git", "-C", filepath.Dir(from), "ls-files", "-z", name).Output()
		w.must(err)
		for _, file := range strings.Split(strings.TrimRight(string(out), "\x00"), "\x00") {
			data, err := os.ReadFile(filepath.Join(filepath.Dir(from), file))
			w.must(err)
			w.write(filepath.Join(w.dir, "testdata", file), string(data))
		}
	}
	return filepath.Join(w.dir, "testdata", "shop")
}

// edit replaces text in a file, which must hold it.
func (w *world) edit(file, old, new string) {
	w.Helper()
	text, err := os.ReadFile(file)
	w.must(err)
	if !strings.Contains(string(text), old) {
		w.Fatalf("%s does not hold %q", file, old)
	}
	w.write(file, strings.ReplaceAll(string(text), old, new))
}

// commit makes a folder a repository of its own, with all that it holds.
func (w *world) commit(dir string) {
	w.Helper()
	w.exit(0, dir, "git", "init", "-q")
	w.exit(0, dir, "git", "add", "-A")
	w.exit(0, dir, "git", "commit", "-q", "-m", "sample")
}

// children are the platform images of an index, by digest.
func (w *world) children(image string) []string {
	w.Helper()
	var index struct {
		Manifests []struct{ Digest string }
	}
	w.must(json.Unmarshal([]byte(w.exit(0, w.dir, w.crane, "manifest", image)), &index))
	if len(index.Manifests) == 0 {
		w.Fatalf("%s is no index", image)
	}
	var out []string
	for _, m := range index.Manifests {
		out = append(out, strings.Split(image, "@")[0]+"@"+m.Digest)
	}
	return out
}

// What cosign signed counts as evidence in each of its layouts, and only if the right key signed it.
func TestEvidenceOfCosign(t *testing.T) {
	each(t, stack.Kinds, func(w *world) {
		w.cosignKeys("cosign")
		w.cosignKeys("other")
		for _, c := range []struct {
			name   string
			attest []string
			want   int
		}{
			{"att-v2", w.att("cosign.key"), 0},
			{"bundle-v2", append(w.attestWith(w.cosign2, "cosign.key"), "--new-bundle-format", "--signing-config", "signing.json"), 0},
			{"bundle-v3", w.bundle("cosign.key"), 0},
			{"att-of-other-key", w.att("other.key"), 1},
			{"bundle-of-other-key", w.bundle("other.key"), 1},
		} {
			w.Run(c.name, func(t *testing.T) {
				w := w.in(t)
				image := w.smallImage(c.name)
				dir := w.pipeline(c.name, image, true)
				w.exit(0, w.dir, append(c.attest, image)...)
				w.exit(0, dir, w.sealock, "run", "build", "-q")
				w.exit(c.want, dir, w.sealock, "verify", image, "--env", "dev", "-q")
			})
		}
	})
}

// Evidence that cosign adds after ours, so that our evidence list does not name it, counts too.
func TestV66_EvidenceOfCosignAfterTheList(t *testing.T) {
	each(t, []string{stack.Memory, stack.Cue, stack.Distribution}, func(w *world) {
		w.cosignKeys("cosign")
		for name, attest := range map[string][]string{"att": w.att("cosign.key"), "bundle": w.bundle("cosign.key")} {
			w.Run(name, func(t *testing.T) {
				w := w.in(t)
				image := w.smallImage(name)
				dir := w.pipeline(name, image, true)
				w.exit(0, dir, w.sealock, "run", "build", "-q")
				if out := w.exit(1, dir, w.sealock, "verify", image, "--env", "dev"); !strings.Contains(out, "EVIDENCE_MISSING") {
					t.Errorf("without the attestation the reason is\n%s", out)
				}
				w.exit(0, w.dir, append(attest, image)...)
				w.exit(0, dir, w.sealock, "verify", image, "--env", "dev", "-q")
			})
		}
	})
}

// sealock's plain signature is what both versions of cosign look for.
func TestPlainSignature(t *testing.T) {
	each(t, stack.Kinds, func(w *world) {
		w.cosignKeys("cosign")
		image := w.smallImage("signed")
		dir := w.pipeline("signed", image, false)
		w.refuses(w.dir, w.cosign2, "verify", "--key", "cosign.pub", "--insecure-ignore-tlog", "--private-infrastructure", image)
		w.exit(0, dir, w.sealock, "keys", "generate", "builder")
		w.exit(0, dir, w.sealock, "keys", "generate", "release")
		w.exit(0, dir, w.sealock, "sign", image, "--key", filepath.Join(w.dir, "cosign.key"))
		w.exit(0, w.dir, w.cosign2, "verify", "--key", "cosign.pub", "--insecure-ignore-tlog", "--new-bundle-format", "--trusted-root", "root.json", image)
		w.exit(0, w.dir, w.cosign3, "verify", "--key", "cosign.pub", "--insecure-ignore-tlog", image)
		w.cosignKeys("other")
		w.refuses(w.dir, w.cosign3, "verify", "--key", "other.pub", "--insecure-ignore-tlog", image)
	})
}
