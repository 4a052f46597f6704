// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"fmt"
	"sort"
	"strings"
)

// Digest is one hash of one artifact: an algorithm name and lower-case hex of that algorithm's length.
type Digest struct {
	Algorithm string
	Hex       string
}

// hexLen holds the accepted lengths, in hex digits, of each algorithm's value. The names are those of in-toto's DigestSet
// (https://github.com/in-toto/attestation/blob/main/spec/v1/digest_set.md); gitTree256 is a Git tree id in the SHA-256 object format.
var hexLen = map[string][]int{
	"sha256": {64}, "sha384": {96}, "sha512": {128},
	"gitCommit": {40, 64}, "gitTree256": {64}, "dirHash": {64},
	"sha1": {40}, "md5": {32}, "sha224": {56}, "gitTree": {40, 64}, "gitBlob": {40, 64}, "gitTag": {40, 64},
}

// strong are the algorithms by which two artifacts may be called the same.
var strong = map[string]bool{"sha256": true, "sha384": true, "sha512": true, "gitTree256": true}

// ParseDigest reads "algorithm:hex".
func ParseDigest(s string) (Digest, error) {
	alg, hex, ok := strings.Cut(s, ":")
	if !ok {
		return Digest{}, fmt.Errorf("digest %q: expected algorithm:hex, for example sha256:…", s)
	}
	d := Digest{alg, hex}
	if err := d.Validate(); err != nil {
		return Digest{}, err
	}
	return d, nil
}

// Validate reports whether the algorithm is known and the value is lower-case hex of its length.
func (d Digest) Validate() error {
	lengths, known := hexLen[d.Algorithm]
	if !known {
		return fmt.Errorf("digest algorithm %q is not known", d.Algorithm)
	}
	if !isLowerHex(d.Hex) {
		return fmt.Errorf("digest %s:%.80q: expected lower-case hex", d.Algorithm, d.Hex)
	}
	for _, n := range lengths {
		if len(d.Hex) == n {
			return nil
		}
	}
	return fmt.Errorf("digest %s:%.80q: has %d hex digits, expected %d", d.Algorithm, d.Hex, len(d.Hex), lengths[0])
}

// Known reports whether the algorithm is one this package can check the form of.
func (d Digest) Known() bool { return hexLen[d.Algorithm] != nil }

// Strong reports whether the algorithm resists collisions, so that equal values mean the same artifact.
func (d Digest) Strong() bool { return strong[d.Algorithm] }

// IsZero reports whether d holds nothing.
func (d Digest) IsZero() bool { return d == Digest{} }

func (d Digest) String() string {
	if d.IsZero() {
		return ""
	}
	return d.Algorithm + ":" + d.Hex
}

// Short is the digest cut to twelve hex digits, for messages.
func (d Digest) Short() string {
	if len(d.Hex) <= 12 {
		return d.String()
	}
	return d.Algorithm + ":" + d.Hex[:12]
}

func isLowerHex(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return s != ""
}

// DigestSet is in-toto's map of algorithm to hex value, all of one artifact.
type DigestSet map[string]string

// Digests lists the set in order of algorithm name.
func (s DigestSet) Digests() []Digest {
	out := make([]Digest, 0, len(s))
	for alg, hex := range s {
		out = append(out, Digest{alg, hex})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Algorithm < out[j].Algorithm })
	return out
}

// Validate checks each value's form. Algorithms that are not known may stand in a set; they never match anything.
func (s DigestSet) Validate() error {
	if len(s) > MaxDigests {
		return &Reject{Code: CodeLimit, Detail: fmt.Sprintf("%d digests of one artifact, limit %d", len(s), MaxDigests)}
	}
	for _, d := range s.Digests() {
		if d.Hex == "" {
			return fmt.Errorf("digest %s is empty", d.Algorithm)
		}
		if !d.Known() {
			continue
		}
		if err := d.Validate(); err != nil {
			return err
		}
	}
	return nil
}

// Primary is the digest by which the artifact is named and looked up: sha256 first, then the other strong ones.
// The zero Digest says that nothing strong is there.
func (s DigestSet) Primary() Digest {
	for _, alg := range []string{"sha256", "gitTree256", "sha512", "sha384"} {
		if hex, ok := s[alg]; ok {
			return Digest{alg, hex}
		}
	}
	return Digest{}
}

// Matches reports whether two sets name the same artifact: at least one strong algorithm is in both, and no algorithm that is
// in both differs. A Git source is matched by commit and tree together: where one
// set names a commit, the other must name the same.
func (s DigestSet) Matches(other DigestSet) bool {
	_, a := s["gitCommit"]
	_, b := other["gitCommit"]
	if a != b {
		return false
	}
	same := false
	for alg, hex := range s {
		o, both := other[alg]
		if !both {
			continue
		}
		if o != hex {
			return false
		}
		same = same || strong[alg]
	}
	return same
}

// Overlaps reports whether any algorithm has the same value in both sets, strong or not. It tells a subject that is named by a weak
// digest only (a refusal worth naming) from one that is not named at all.
func (s DigestSet) Overlaps(other DigestSet) bool {
	for alg, hex := range s {
		if other[alg] == hex {
			return true
		}
	}
	return false
}
