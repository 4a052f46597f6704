// SPDX-License-Identifier: Apache-2.0

package predicate

import "github.com/sealock-dev/sealock/attest"

// VSA is SLSA's Verification Summary Attestation v1 (https://slsa.dev/spec/v1.0/verification_summary): one promotion.
type VSA struct {
	Verifier           VSAVerifier        `json:"verifier"`
	TimeVerified       string             `json:"timeVerified"` // RFC 3339
	ResourceURI        string             `json:"resourceUri"`
	Policy             VSAPolicy          `json:"policy"`
	InputAttestations  []InputAttestation `json:"inputAttestations"`
	VerificationResult string             `json:"verificationResult"` // PASSED or FAILED
	VerifiedLevels     []string           `json:"verifiedLevels"`
	SLSAVersion        string             `json:"slsaVersion,omitempty"`
	Rollback           *VSARollback       `json:"rollback,omitempty"` // sealock's addition: an older release took the place of a newer one, on purpose
}

// VSARollback says what a rollback replaced, and why.
type VSARollback struct {
	From   string `json:"from"` // sha256:… of what the destination held
	Reason string `json:"reason"`
}

// VSAVerifier names who verified.
type VSAVerifier struct {
	ID      string            `json:"id"`
	Version map[string]string `json:"version,omitempty"`
}

// VSAPolicy is the policy by which it was verified. Name is sealock's addition; a promotion counts for policies of that name.
type VSAPolicy struct {
	URI    string           `json:"uri"`
	Digest attest.DigestSet `json:"digest"`
	Name   string           `json:"name,omitempty"`
}

// InputAttestation is one statement that the verdict rests on.
type InputAttestation struct {
	URI    string           `json:"uri,omitempty"`
	Digest attest.DigestSet `json:"digest"`
}

// VerifierID is the verifier.id of every promotion and approval that sealock writes.
const VerifierID = "https://github.com/sealock-dev/sealock/gate/v1"

// EnvironmentLevel stands before the environment's name in verifiedLevels; ApproveProperty in an approval's properties.
const (
	EnvironmentLevel = "SEALOCK_ENVIRONMENT:"
	ApproveProperty  = "SEALOCK_APPROVE:"
)

// SVR is in-toto's Simple Verification Result v0.1
// (https://github.com/in-toto/attestation/blob/main/spec/predicates/svr.md), as an approval. The lower fields are sealock's.
type SVR struct {
	Verifier    SVRVerifier `json:"verifier"`
	TimeCreated string      `json:"timeCreated"` // RFC 3339
	Properties  []string    `json:"properties"`
	Reason      string      `json:"reason,omitempty"`
	Expires     string      `json:"expires,omitempty"` // RFC 3339
	Receipt     string      `json:"receipt,omitempty"` // sha256:… id of the product stage's receipt
}

// SVRVerifier is the approver's tool and the policy that the approval is for.
type SVRVerifier struct {
	ID       string      `json:"id"`
	Policies []VSAPolicy `json:"policies,omitempty"`
}
