// SPDX-License-Identifier: Apache-2.0

package stack_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/testdata/stack"
)

// also starts a second registry, which the same home knows the credentials and the authority of.
func (w *world) also(kind string) *stack.Registry {
	w.Helper()
	servers, err := os.MkdirTemp(w.dir, "servers-*")
	w.must(err)
	r, err := stack.Start(w.Context(), kind, stack.Options{Dir: servers, Now: time.Now})
	skipUnbuilt(w.T, err)
	w.Cleanup(r.Stop)
	auths := map[string]any{}
	var roots []byte
	for _, x := range []*stack.Registry{w.Registry, r} {
		if x.User != "" {
			auths[x.Host] = map[string]string{"auth": base64.StdEncoding.EncodeToString([]byte(x.User + ":" + x.Password))}
		}
		if x.CA != "" {
			pem, err := os.ReadFile(x.CA)
			w.must(err)
			roots = append(roots, pem...)
		}
	}
	config, err := json.Marshal(map[string]any{"auths": auths})
	w.must(err)
	w.write(filepath.Join(w.home, ".docker", "config.json"), string(config))
	if len(roots) > 0 {
		w.write(filepath.Join(w.dir, "roots.pem"), string(roots))
		w.env = append(w.env, "SSL_CERT_FILE="+filepath.Join(w.dir, "roots.pem"))
	}
	return r
}

// The sample is promoted from one real registry to another of each kind: its image, every platform, and the evidence behind it arrive, the tag
// is moved, and what lies at the destination decides by itself once the first registry is gone. cosign accepts what arrived.
func TestPromotionBetweenRegistries(t *testing.T) {
	pairs := [][2]string{{stack.Distribution, stack.DistAuth}, {stack.DistAuth, stack.DistToken}, {stack.DistToken, stack.Cue}, {stack.Cue, stack.Memory}, {stack.Memory, stack.Distribution}}
	for _, pair := range pairs {
		t.Run(pair[0]+" to "+pair[1], func(t *testing.T) {
			w := newWorld(t, pair[0])
			to := w.also(pair[1]).Host + "/live/shop"
			shop := w.sample()
			w.exit(0, shop, w.sealock, "run", "source", "-q")
			w.exit(0, shop, w.sealock, "run", "build", "-q")
			image := w.push(filepath.Join(shop, "out", "shop"), "shop")
			w.exit(0, shop, w.sealock, "run", "scan", "--subject", image, "-q")
			w.exit(1, shop, w.sealock, "promote", image, "--to", "staging", "--dest", to+":v1", "-q") // not in dev yet
			w.refuses(w.dir, w.crane, "digest", to+":v1")
			w.exit(0, shop, w.sealock, "promote", image, "--to", "dev", "-q")
			w.exit(0, shop, w.sealock, "promote", image, "--to", "staging", "--dest", to+":v1", "--dry-run", "-q")
			w.refuses(w.dir, w.crane, "digest", to+":v1")

			w.exit(0, shop, w.sealock, "promote", image, "--to", "staging", "--dest", to+":v1", "-q")
			w.exit(0, shop, w.sealock, "promote", image, "--to", "staging", "--dest", to+":v1", "-q") // again: all is there
			digest := strings.TrimSpace(w.exit(0, w.dir, w.crane, "digest", to+":v1"))
			if want := image[strings.Index(image, "@")+1:]; digest != want {
				t.Fatalf("the tag is %s, expected %s", digest, want)
			}
			w.Stop()
			there := to + "@" + digest
			w.exit(0, shop, w.sealock, "verify", there, "--env", "staging", "--promoted", "--store", "oci://"+to, "-q")
			w.exit(1, shop, w.sealock, "verify", there, "--env", "prod", "--store", "oci://"+to, "-q")
			w.accepts(w.pub("shop-build"), typeLink, there)
			w.accepts(w.pub("shop-release"), typeVSA, there)
			for _, platform := range w.children(there) {
				w.exit(0, w.dir, w.crane, "validate", "--remote", platform)
				w.accepts(w.pub("shop-scan"), typeVulns, platform)
			}
		})
	}
}
