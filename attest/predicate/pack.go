// SPDX-License-Identifier: Apache-2.0

package predicate

// TypePack is the predicate of an evidence pack: what is in one file that carries an artifact, the evidence behind it and the policy to where there is no
// network. Its subjects are the artifact and, of an index, its platforms.
const TypePack = "https://github.com/sealock-dev/sealock/pack/v1"

// Pack lists all that a pack holds. What it says of times is its signer's word.
type Pack struct {
	Created     string     `json:"created"`     // RFC 3339
	Environment string     `json:"environment"` // that it was made for
	Artifact    string     `json:"artifact"`    // as it was named
	Policy      PackPolicy `json:"policy"`
	TrustRoot   string     `json:"trustRoot"` // sha256:… of what certificates were verified by
	Evidence    PackTimes  `json:"evidence"`
	Files       []PackFile `json:"files"`
}

// PackPolicy is the policy by which the artifact was allowed when it was packed.
type PackPolicy struct {
	URI string `json:"uri"`
	Policy
}

// PackTimes are those of the evidence.
type PackTimes struct {
	Oldest string `json:"oldest"` // RFC 3339
	Newest string `json:"newest"` // RFC 3339
}

// PackFile is one file of a pack.
type PackFile struct {
	Path   string `json:"path"`
	Digest string `json:"digest"` // sha256:…
	Size   int64  `json:"size"`
}
