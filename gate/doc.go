// SPDX-License-Identifier: Apache-2.0

// Package gate decides: may this artifact enter, or stay in, this environment, by this policy, on this evidence, at this time.
//
// Use: LoadPolicy, New, and Gate.Check, which gathers evidence from a store, verifies it and calls Decide. Decide is pure: no clock, no
// network, no environment; equal inputs give equal bytes.
//
// Guarantees: a decision allows only after every group of checks ran and nothing speaks against (Decision.conclude is the one place); what
// could not be found out is undecided, never allowed; taking evidence away never turns a refusal into an allow, but that losing the newest
// run of a stage exposes the one before it, within maxAge.
//
// Who signed is a key, or a certificate whose issuer, subject and claims the policy names; thresholds count people and jobs, not signatures. That a
// certificate is genuine, and when it signed, is proven before: attest/sigstore does so with the trust that the policy states (Policy.Trust).
//
// Limits: MaxReceipts receipts and MaxDepth of them one after the other; times are what signers claim unless an authority vouches for them.
package gate
