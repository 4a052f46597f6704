// SPDX-License-Identifier: Apache-2.0

package stack_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/testdata/stack"
)

// importing writes a folder with a stage that takes in what a vendor signed.
func (w *world) importing(name, vendor string) string {
	w.Helper()
	dir := filepath.Join(w.dir, name)
	w.write(filepath.Join(dir, "policy", "policy.yaml"), strings.Join([]string{"apiVersion: sealock/v1", "kind: Policy", "name: platform", "version: 1", "expires: 2100-01-01T00:00:00Z",
		"trust: none", "identities:", `  builder: {key: "local:builder"}`, "  vendor: {key: keys/vendor.pub}",
		"stages:", "  import: {signedBy: [builder], vendors: [{repositories: [\"" + vendor + "\"], signedBy: [vendor]}]}",
		"artifacts:", "  vendor: {product: import}", "environments:", "  dev: {stages: [import], promotedBy: [builder]}"}, "\n")+"\n")
	key, err := os.ReadFile(filepath.Join(w.dir, "cosign.pub"))
	w.must(err)
	w.write(filepath.Join(dir, "policy", "keys", "vendor.pub"), string(key))
	return dir
}

// An image that its vendor signed with cosign 2, which leaves no bundle, is taken in; one that others signed is not, nor under a signature of another image.
func TestVendorWithCosign2(t *testing.T) {
	each(t, stack.Kinds, func(w *world) {
		w.cosignKeys("cosign")
		w.cosignKeys("other")
		signed, foreign := w.smallImage("vendor/signed"), w.smallImage("vendor/foreign")
		moved := strings.TrimSpace(w.exit(0, w.dir, w.crane, "mutate", signed, "--label", "a=b", "-t", w.Host+"/vendor/moved:v1"))
		sign := func(key, image string) {
			w.exit(0, w.dir, w.cosign2, "sign", "--key", key, "--tlog-upload=false", "--yes", image)
		}
		sign("cosign.key", signed)
		sign("other.key", foreign)
		tag := func(image string) string {
			at, hex, _ := strings.Cut(image, "@sha256:")
			return at + ":sha256-" + hex + ".sig"
		}
		w.exit(0, w.dir, w.crane, "copy", tag(signed), tag(moved))
		dir := w.importing("import", w.Host+"/vendor/*")
		take := func(image string) []string {
			return []string{w.sealock, "run", "import", "--policy", "policy", "--subject", image, "--dest", w.Host + "/mirror/app:v1"}
		}
		w.exit(0, dir, w.sealock, "keys", "generate", "builder")
		w.exit(1, dir, take(foreign)...)
		w.exit(1, dir, take(moved)...)
		w.refuses(w.dir, w.crane, "digest", w.Host+"/mirror/app:v1")
		w.exit(0, dir, take(signed)...)
		w.exit(0, dir, w.sealock, "verify", w.Host+"/mirror/app:v1", "--env", "dev", "--policy", "policy", "-q")
	})
}
