// SPDX-License-Identifier: Apache-2.0

package predicate

// TypePolicy is the predicate of a signed policy bundle. Its subjects are the bundle's bytes and the manifest that holds it in a registry.
const TypePolicy = "https://github.com/sealock-dev/sealock/policy/v1"

// Policy says what a signed policy bundle holds, so that nothing of it needs to be evaluated to refuse it.
type Policy struct {
	Name    string `json:"name"`
	Version int    `json:"version"`
	Expires string `json:"expires"` // RFC 3339
	Digest  string `json:"digest"`  // sha256:… of the policy: rules, parameters, waivers, revocations, identities and keys
	Rules   string `json:"rules"`   // sha256:… of the gate's rules in it
}
