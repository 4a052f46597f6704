// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/gate"
)

// big is a repository of 8,000 files, 70 of them configuration, that was checked before.
func big(b *testing.B) *clone {
	c := newClone(b)
	body := strings.Repeat("func f() string { return \"the quick brown fox jumps over the lazy dog\" }\n", 30)
	files := []string{"go.mod", goMod}
	for i := range 8000 {
		name, text := fmt.Sprintf("pkg%02d/sub%d/f%d.go", i/200, i/20%10, i), fmt.Sprintf("package sub // %d\n%s", i, body)
		if i%120 == 0 {
			name, text = fmt.Sprintf("deploy/%d.yaml", i), fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c%d, namespace: shop}\ndata: {}\n", i)
		}
		files = append(files, name, text)
	}
	c.commit(files...)
	c.git("branch", "base")
	p := policy(b)
	c.judge(p)
	wantVerdict(b, c.check(Scope{Kind: Since, Since: "base"}), gate.Allowed)
	wantVerdict(b, c.check(Scope{Kind: All}), gate.Allowed)
	return c
}

// ten changes ten files, of which the first n are configuration, in a commit.
func (c *clone) ten(round, n int) {
	var files []string
	for i := range 10 {
		name := fmt.Sprintf("pkg%02d/new%d.go", i, i)
		text := fmt.Sprintf("package sub // round %d\n", round)
		if i < n {
			name, text = fmt.Sprintf("deploy/%d.yaml", 120*i), fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c%d, namespace: shop}\ndata: {round: %q}\n", i, fmt.Sprint(round))
		}
		files = append(files, name, text)
	}
	c.commit(files...)
}

// BenchmarkTenFiles is one commit that touches ten files of 8,000, with a preview for two environments.
func BenchmarkTenFiles(b *testing.B) {
	for _, n := range []int{0, 1} {
		b.Run(fmt.Sprintf("configuration=%d", n), func(b *testing.B) {
			c := big(b)
			b.ResetTimer()
			for round := range b.N {
				b.StopTimer()
				c.ten(round, n)
				b.StartTimer()
				wantVerdict(b, c.check(Scope{Kind: Since, Since: "HEAD~1"}), gate.Allowed)
			}
		})
	}
}

// BenchmarkNothingNew is the same check again.
func BenchmarkNothingNew(b *testing.B) {
	c := big(b)
	c.ten(0, 0)
	c.check(Scope{Kind: Since, Since: "HEAD~1"})
	for b.Loop() {
		if !c.check(Scope{Kind: Since, Since: "HEAD~1"}).Cached {
			b.Fatal("looked at again")
		}
	}
}
