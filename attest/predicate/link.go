// SPDX-License-Identifier: Apache-2.0

package predicate

import "github.com/sealock-dev/sealock/attest"

// Link is the receipt of one stage run: in-toto Link v0.3
// (https://github.com/in-toto/attestation/blob/main/spec/predicates/link.md). The subjects of its statement are the products.
type Link struct {
	Name        string                      `json:"name"`
	Command     []string                    `json:"command"`
	Materials   []attest.ResourceDescriptor `json:"materials"`
	Byproducts  Byproducts                  `json:"byproducts"`
	Environment Environment                 `json:"environment"`
}

// ReceiptPrefix stands before the stage name in the name of a material that is another receipt.
const ReceiptPrefix = "receipt:"

// Byproducts is what a stage run left beside its products.
type Byproducts struct {
	ExitCode int           `json:"exitCode"`
	Evidence []EvidenceRef `json:"evidence"`
	Outputs  []string      `json:"outputs,omitempty"` // left out of every dir: subject: the store, declared outputs
	Notes    []string      `json:"notes,omitempty"`   // what a reader should know: LFS pointers, skipped platforms
}

// EvidenceRef names one statement by the digest of its bytes.
type EvidenceRef struct {
	Name          string           `json:"name"` // kind of evidence
	PredicateType string           `json:"predicateType"`
	Digest        attest.DigestSet `json:"digest"`
}

// Environment says when, where and by what the stage ran. Times are RFC 3339, to the millisecond.
type Environment struct {
	Run        string           `json:"run,omitempty"` // the CI run, or a random id for a local one
	StartedOn  string           `json:"startedOn"`
	FinishedOn string           `json:"finishedOn"`
	Sealock    string           `json:"sealock"`
	Policy     attest.DigestSet `json:"policy,omitempty"` // information only, never compared
}
