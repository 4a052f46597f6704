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

// The way of a kubelet: the CRI image service of a real containerd pulls through the transfer service, which asks "sealock admit". What was promoted comes onto
// the node; all else stays out, and the kubelet is told why.
func TestNode(t *testing.T) {
	c := &cluster{world: newWorld(t, stack.Memory), log: &lines{}}
	dir, err := os.MkdirTemp("", "node-*") // a socket's path is short
	c.must(err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	d, err := stack.StartNode(t.Context(), dir, os.Stderr)
	skipUnbuilt(t, err)
	t.Cleanup(d.Stop)
	c.private = c.also(stack.DistAuth)
	c.promoted()
	verifier := filepath.Join(d.Verifiers, "sealock")
	c.write(verifier, fmt.Sprintf("#!/bin/sh\nexport HOME=%q\nexec %q admit --policy %q --env staging \"$@\"\n", c.home, c.sealock, filepath.Join(c.shop, "policy")))
	c.must(os.Chmod(verifier, 0o755))

	if _, err := d.PullImage(t.Context(), c.bare); err == nil || !strings.Contains(err.Error(), "image verifier bindir blocked pull") || !strings.Contains(err.Error(), "STAGE_MISSING") {
		t.Errorf("an image without evidence: expected STAGE_MISSING by the image verifier, found %v", err)
	}
	if there, err := d.Images(t.Context()); err != nil || strings.TrimSpace(there) != "" {
		t.Errorf("what was refused is on the node: %v\n%s", err, there)
	}
	id, err := d.PullImage(t.Context(), c.image)
	if err != nil {
		t.Fatalf("%s was promoted, and is refused: %v", c.image, err)
	}
	if there, err := d.Images(t.Context()); err != nil || !strings.Contains(there, c.image) || id == "" {
		t.Errorf("%s was pulled as %q, and is not on the node: %v\n%s", c.image, id, err, there)
	}
	c.Registry.Stop()
	if _, err := d.PullImage(t.Context(), strings.Replace(c.image, "@", ":down@", 1)); err == nil {
		t.Error("nothing could be found out, and it was pulled")
	}
}
