// SPDX-License-Identifier: Apache-2.0

package attest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
)

var (
	hex64 = strings.Repeat("0123456789abcdef", 4)
	other = strings.Repeat("fedcba9876543210", 4)
	hex40 = hex64[:40]
)

func TestV38_DigestSpelling(t *testing.T) {
	for _, ok := range []string{"sha256:" + hex64, "sha384:" + hex64 + hex64[:32], "sha512:" + hex64 + hex64, "gitCommit:" + hex40, "gitCommit:" + hex64, "gitTree256:" + hex64, "dirHash:" + hex64,
		"sha1:" + hex40, "md5:" + hex64[:32], "sha224:" + hex64[:56], "gitTree:" + hex40, "gitBlob:" + hex64, "gitTag:" + hex40} {
		d, err := attest.ParseDigest(ok)
		if err != nil || d.String() != ok {
			t.Errorf("%s: %s, %v", ok, d, err)
		}
	}
	for _, bad := range []string{"", "sha256", "sha256:", ":" + hex64, hex64, "sha256:" + strings.ToUpper(hex64), "SHA256:" + hex64, "sha-256:" + hex64, "sha256:" + hex64 + "0", "sha256:" + hex64[1:],
		"sha256:sha256:" + hex64, "sha256: " + hex64[1:], "sha256:" + hex64[1:] + " ", "sha256:" + hex64[1:] + "\n", "sha256:" + hex64[1:] + "g", "sha256:0x" + hex64[2:], "sha256:" + hex64 + hex64,
		"gitCommit:" + hex64[:41], "gitTree256:" + hex40, "foo:" + hex64, "sha256:" + strings.Repeat("\u0660", 32)} {
		if d, err := attest.ParseDigest(bad); err == nil || !d.IsZero() {
			t.Errorf("%q was read as %s", bad, d)
		}
	}
}

func TestDigestMessagesAreBounded(t *testing.T) {
	_, err := attest.ParseDigest("sha256:" + strings.Repeat("A", 1<<20))
	if err == nil || len(err.Error()) > 200 {
		t.Errorf("a message of %d bytes", len(fmt.Sprint(err)))
	}
}

// Two sets name one artifact if a strong algorithm says so and none denies it; a Git commit needs its tree, and the other way round.
func TestV36_Matches(t *testing.T) {
	type set = attest.DigestSet
	for _, c := range []struct {
		name string
		a, b set
		want bool
	}{
		{"same", set{"sha256": hex64}, set{"sha256": hex64}, true},
		{"another", set{"sha256": hex64}, set{"sha256": other}, false},
		{"one of two known to both", set{"sha256": hex64, "sha512": hex64 + hex64}, set{"sha256": hex64}, true},
		{"one agrees, one denies", set{"sha256": hex64, "sha512": hex64 + hex64}, set{"sha256": hex64, "sha512": other + other}, false},
		{"a weak one denies", set{"sha256": hex64, "md5": hex64[:32]}, set{"sha256": hex64, "md5": other[:32]}, false},
		{"nothing in common", set{"sha256": hex64}, set{"sha512": hex64 + hex64}, false},
		{"weak only", set{"sha1": hex40}, set{"sha1": hex40}, false},
		{"unknown only", set{"blake3": hex64}, set{"blake3": hex64}, false},
		{"dirHash only", set{"dirHash": hex64}, set{"dirHash": hex64}, false},
		{"commit only", set{"gitCommit": hex40}, set{"gitCommit": hex40}, false},
		{"commit and tree", set{"gitCommit": hex40, "gitTree256": hex64}, set{"gitCommit": hex40, "gitTree256": hex64}, true},
		{"commit differs", set{"gitCommit": hex40, "gitTree256": hex64}, set{"gitCommit": other[:40], "gitTree256": hex64}, false},
		{"tree differs", set{"gitCommit": hex40, "gitTree256": hex64}, set{"gitCommit": hex40, "gitTree256": other}, false},
		{"commit on one side only", set{"gitCommit": hex40, "gitTree256": hex64}, set{"gitTree256": hex64}, false},
		{"trees without commits", set{"gitTree256": hex64}, set{"gitTree256": hex64}, true},
		{"empty", set{}, set{}, false},
		{"nil", nil, set{"sha256": hex64}, false},
		{"empty values", set{"sha256": ""}, set{"sha256": ""}, true}, // can't be read from a statement: Validate refuses them
	} {
		if got := c.a.Matches(c.b); got != c.want {
			t.Errorf("%s: %v, expected %v", c.name, got, c.want)
		}
		if got := c.b.Matches(c.a); got != c.want {
			t.Errorf("%s, the other way round: %v", c.name, got)
		}
	}
}

func TestOverlapsNamesWeakMatches(t *testing.T) {
	a, b := attest.DigestSet{"sha1": hex40, "sha256": hex64}, attest.DigestSet{"sha1": hex40}
	if a.Matches(b) || !a.Overlaps(b) || !b.Overlaps(a) || a.Overlaps(attest.DigestSet{"sha256": other}) {
		t.Error("a weak digest in common overlaps and does not match")
	}
}

func TestPrimaryIsStrong(t *testing.T) {
	for _, c := range []struct {
		in   attest.DigestSet
		want string
	}{
		{attest.DigestSet{"sha512": hex64 + hex64, "sha256": hex64}, "sha256:" + hex64},
		{attest.DigestSet{"gitCommit": hex40, "gitTree256": hex64}, "gitTree256:" + hex64},
		{attest.DigestSet{"gitCommit": hex40, "sha1": hex40}, ""},
		{nil, ""},
	} {
		if got := c.in.Primary(); got.String() != c.want || (c.want != "" && !got.Strong()) {
			t.Errorf("%v: %s, expected %s", c.in, got, c.want)
		}
	}
}
