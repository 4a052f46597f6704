// SPDX-License-Identifier: Apache-2.0

package stack_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/testdata/stack"
)

// world is a registry of one kind, sealock, the tools that check it, and a home for all of them.
type world struct {
	*testing.T
	*stack.Registry
	dir, home                        string
	sealock, cosign2, cosign3, crane string
	env                              []string
}

// newWorld starts a registry. It skips the test if SEALOCK_BIN names no binary, or a tool can't be built here.
func newWorld(t *testing.T, kind string) *world {
	t.Helper()
	w := &world{T: t, dir: t.TempDir(), sealock: os.Getenv("SEALOCK_BIN")}
	if w.sealock == "" {
		t.Skip("SEALOCK_BIN names no sealock to test; .ci/interop builds one")
	}
	for name, at := range map[string]*string{"cosign2": &w.cosign2, "cosign3": &w.cosign3, "crane": &w.crane} {
		*at = tool(t, name)
	}
	servers, err := os.MkdirTemp(w.dir, "servers-*")
	w.must(err)
	w.Registry, err = stack.Start(t.Context(), kind, stack.Options{Dir: servers, Now: time.Now})
	skipUnbuilt(t, err)
	t.Cleanup(w.Stop)
	w.home = filepath.Join(w.dir, "home")
	docker := filepath.Join(w.home, ".docker")
	w.must(os.MkdirAll(docker, 0o755))
	config := map[string]any{}
	if w.User != "" {
		auth := base64.StdEncoding.EncodeToString([]byte(w.User + ":" + w.Password))
		config["auths"] = map[string]any{w.Host: map[string]string{"auth": auth}}
	}
	raw, err := json.Marshal(config)
	w.must(err)
	w.write(filepath.Join(docker, "config.json"), string(raw))
	w.env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.home, "TMPDIR=" + w.dir, "COSIGN_PASSWORD=", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=alice", "GIT_AUTHOR_EMAIL=alice@example.org", "GIT_COMMITTER_NAME=alice", "GIT_COMMITTER_EMAIL=alice@example.org"}
	for _, name := range []string{"GOMODCACHE", "GOCACHE", "GOPROXY", "GOFLAGS"} { // the sample is built; not into a cache of its own
		out, err := exec.Command("go", "env", name).Output()
		w.must(err)
		w.env = append(w.env, name+"="+strings.TrimSpace(string(out)))
	}
	if w.CA != "" {
		w.env = append(w.env, "SSL_CERT_FILE="+w.CA)
	}
	w.write(filepath.Join(w.dir, "root.json"), `{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}`)
	w.write(filepath.Join(w.dir, "signing.json"), `{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json"}`)
	return w
}

func tool(t *testing.T, name string) string {
	t.Helper()
	file, err := stack.Ensure(t.Context(), name, io.Discard)
	skipUnbuilt(t, err)
	return file
}

func skipUnbuilt(t *testing.T, err error) {
	t.Helper()
	if errors.Is(err, stack.ErrNotBuilt) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) write(file, text string) {
	w.Helper()
	w.must(os.MkdirAll(filepath.Dir(file), 0o755))
	w.must(os.WriteFile(file, []byte(text), 0o644))
}

// command is a program in a folder of this world.
func (w *world) command(dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(w.Context(), args[0], args[1:]...)
	cmd.Dir, cmd.Env = dir, w.env
	return cmd
}

// exit runs a program, demands its exit code, and gives its standard output.
func (w *world) exit(want int, dir string, args ...string) string {
	w.Helper()
	cmd := w.command(dir, args...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	err := cmd.Run()
	if cmd.ProcessState == nil {
		w.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != want {
		w.Fatalf("%s\nexit code %d, expected %d\n%s%s", strings.Join(args, " "), got, want, out.String(), said.String())
	}
	return out.String()
}

// refuses runs a program that must fail, whatever its exit code.
func (w *world) refuses(dir string, args ...string) {
	w.Helper()
	if out, err := w.command(dir, args...).CombinedOutput(); err == nil {
		w.Fatalf("%s\nsucceeded, and must not\n%s", strings.Join(args, " "), out)
	}
}

// push pushes an OCI layout and gives its reference by digest.
func (w *world) push(layout, repo string) string {
	w.Helper()
	w.exit(0, w.dir, w.crane, "push", layout, w.Host+"/"+repo+":v1")
	return w.Host + "/" + repo + "@" + strings.TrimSpace(w.exit(0, w.dir, w.crane, "digest", w.Host+"/"+repo+":v1"))
}

// smallImage pushes an image of one file.
func (w *world) smallImage(repo string) string {
	w.Helper()
	w.write(filepath.Join(w.dir, "files", "hello"), "hello\n")
	w.exit(0, w.dir, "tar", "-c", "-f", "layer.tar", "--mtime=@0", "-C", "files", "hello")
	w.exit(0, w.dir, w.crane, "append", "--oci-empty-base", "-f", "layer.tar", "-t", w.Host+"/"+repo+":v1")
	return w.Host + "/" + repo + "@" + strings.TrimSpace(w.exit(0, w.dir, w.crane, "digest", w.Host+"/"+repo+":v1"))
}

// accepts demands that both versions of cosign accept attestations of a type that a key signed.
func (w *world) accepts(pub, kind, image string) {
	w.Helper()
	w.exit(0, w.dir, w.cosign3, "verify-attestation", "--key", pub, "--insecure-ignore-tlog", "--type", kind, image)
	w.exit(0, w.dir, w.cosign2, "verify-attestation", "--key", pub, "--insecure-ignore-tlog", "--new-bundle-format", "--trusted-root", "root.json", "--type", kind, image)
}

// in is the same world for a part of the test.
func (w *world) in(t *testing.T) *world {
	part := *w
	part.T = t
	return &part
}

// attestWith is the start of a command with which cosign attests a test result; att and bundle are whole but for the image.
func (w *world) attestWith(binary, key string) []string {
	return []string{binary, "attest", "--yes", "--key", key, "--type", typeTest, "--predicate", w.predicate(1)}
}

func (w *world) att(key string) []string {
	return append(w.attestWith(w.cosign2, key), "--tlog-upload=false")
}

func (w *world) bundle(key string) []string {
	return append(w.attestWith(w.cosign3, key), "--signing-config", "signing.json", "--trusted-root", "root.json")
}

// pub is the public key of a local key pair of sealock.
func (w *world) pub(name string) string {
	return filepath.Join(w.home, ".config", "sealock", "keys", name+".pub")
}

// cosignKeys makes NAME.key and NAME.pub.
func (w *world) cosignKeys(name string) {
	w.Helper()
	w.exit(0, w.dir, w.cosign2, "generate-key-pair", "--output-key-prefix", name)
}

// predicate writes a test result, each with bytes of its own.
func (w *world) predicate(n int) string {
	w.Helper()
	file := filepath.Join(w.dir, fmt.Sprintf("predicate-%d.json", n))
	w.write(file, fmt.Sprintf(`{"result":"PASSED","configuration":[],"passedTests":["test %d"]}`, n))
	return file
}

// pipeline writes a folder with one stage about an image; its policy asks for a test result that cosign.pub signed, if attached.
func (w *world) pipeline(name, image string, attached bool) string {
	w.Helper()
	dir := filepath.Join(w.dir, name)
	w.write(filepath.Join(dir, "sealock.yaml"), "apiVersion: sealock/v1\nkind: Pipeline\nname: small\npolicy: ./policy\nstages:\n  build: {subjects: [\""+image+"\"]}\n")
	policy := []string{"apiVersion: sealock/v1", "kind: Policy", "name: small", "version: 1", "expires: 2100-01-01T00:00:00Z", "trust: none",
		"identities:", `  builder: {key: "local:builder"}`, `  release: {key: "local:release"}`, "  cosign: {key: keys/cosign.pub}",
		"stages:", "  build: {signedBy: [builder]}",
		"artifacts:", "  service: {product: build}", "environments:", "  dev: {stages: [build], promotedBy: [release]}"}
	if attached {
		policy = append(policy, "attached:", "  - {type: test, signedBy: [cosign]}")
	}
	w.write(filepath.Join(dir, "policy", "policy.yaml"), strings.Join(policy, "\n")+"\n")
	key, err := os.ReadFile(filepath.Join(w.dir, "cosign.pub"))
	w.must(err)
	w.write(filepath.Join(dir, "policy", "keys", "cosign.pub"), string(key))
	return dir
}
