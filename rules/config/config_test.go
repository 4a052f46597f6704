// SPDX-License-Identifier: Apache-2.0

package config

import (
	"testing"

	"github.com/sealock-dev/sealock/rules"
)

// The digest without compiling is that of the compiled rules, and another policy has another.
func TestDigest(t *testing.T) {
	own := rules.Module{Path: "policy/lib.rego", Source: []byte("package policy.lib.names\n\ntext := \"no owner\"\n")}
	seen := map[string]bool{}
	for _, policy := range [][]rules.Module{nil, {own}} {
		set, err := Compile(policy)
		if err != nil {
			t.Fatal(err)
		}
		d, err := Digest(policy)
		if err != nil || d != set.Digest() || seen[d] {
			t.Errorf("found %s (%v), compiled %s", d, err, set.Digest())
		}
		seen[d] = true
	}
}
