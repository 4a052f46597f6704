// SPDX-License-Identifier: Apache-2.0

package stack_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/testdata/stack"
)

// A real containerd asks "sealock admit" before it pulls: what was promoted comes onto the node, all else stays out with its reason.
func TestContainerd(t *testing.T) {
	c := &cluster{world: newWorld(t, stack.Memory), log: &lines{}}
	dir, err := os.MkdirTemp("", "ctd-*") // a socket's path is short
	c.must(err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	d, err := stack.StartContainerd(t.Context(), dir, os.Stderr)
	skipUnbuilt(t, err)
	t.Cleanup(d.Stop)
	c.private = c.also(stack.DistAuth)
	c.promoted()
	verifier := filepath.Join(d.Verifiers, "sealock")
	script := func(more string) {
		c.write(verifier, fmt.Sprintf("#!/bin/sh\nexport HOME=%q\nexec %q admit --policy %q --env staging %s \"$@\"\n", c.home, c.sealock, filepath.Join(c.shop, "policy"), more))
		c.must(os.Chmod(verifier, 0o755))
	}
	script("")
	pull := func(ref string) (string, bool) {
		t.Helper()
		out, err := d.Command(t.Context(), "image", "pull", "--plain-http", ref).CombinedOutput()
		return string(out), err == nil
	}
	refused := func(ref string, texts ...string) {
		t.Helper()
		out, ok := pull(ref)
		for _, text := range append([]string{"image verifier bindir blocked pull"}, texts...) {
			if ok || !strings.Contains(out, text) {
				t.Errorf("%s: expected %q in\n%s", ref, text, out)
			}
		}
		if out, err := d.Command(t.Context(), "image", "ls", "-q").Output(); err != nil || strings.Contains(string(out), ref) {
			t.Errorf("%s was refused, and is on the node: %v\n%s", ref, err, out)
		}
	}
	refused(c.bare, "exit code 1", "STAGE_MISSING")
	refused(c.Host+"/shop:v1", "exit code 1", "STAGE_MISSING") // the tag was moved to the image without evidence
	for _, ref := range []string{c.image, c.Host + "/shop:attested"} {
		c.exit(0, c.dir, c.crane, "tag", c.image, "attested")
		if out, ok := pull(ref); !ok {
			t.Errorf("%s was promoted, and is refused:\n%s", ref, out)
		}
	}
	script("--env prod")
	refused(strings.Replace(c.image, "@", ":other@", 1), "exit code 1", "VSA_SCOPE")
	script("--policy nowhere")
	refused(strings.Replace(c.image, "@", ":again@", 1), "exit code 3")
	script("")
	c.Registry.Stop()
	if out, ok := pull(strings.Replace(c.image, "@", ":down@", 1)); ok {
		t.Errorf("nothing could be found out, and it was pulled:\n%s", out)
	}
}
