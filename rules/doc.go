// SPDX-License-Identifier: Apache-2.0

// Package rules compiles and evaluates Rego: the gate's own rules, which are embedded here, and the rules of a policy.
//
// Use: Compile once, Check the parameters of a policy, then Eval many times, from many goroutines.
//
// Guarantees. A rule sees its input document, its parameters and the time it is given, nothing else: built-in functions are an allow-list, so
// that no rule reads a clock, a network, an environment or a time zone, and equal inputs give equal results. All rules are evaluated; one
// error, one undefined or mistyped decision, a deadline, a cancelled context or too much memory is an *Error and no result at all.
// An empty list of results without an error means that every rule ran and none objected.
//
// Limits. Memory and time are watched from outside: a single built-in call is not interrupted. If one does not stop within a second after
// the deadline, Eval returns the error and leaves it running. Memory is that of the whole process, so other work counts.
//
// # A rule
//
// A rule is a Rego v1 package. It defines any of
//
//	refuse contains {"code": "IMAGE_TOO_OLD", "message": "…"} if …   a set of reasons; plain strings will do
//	warn contains {"code": "IMAGE_OLD", "message": "…"} if …         the same, but only told
//	allow if …                                                        exactly true or false; undefined is an error (write `default allow := false`)
//
// A reason is an object with code, message, and optionally expected, found, fix, evidence (the digest of the statement) and key, which
// is what a waiver can be scoped to: {advisory, aliases, purl, path, resource, subject, fingerprint}. Messages should say what is wrong with which thing.
//
// METADATA before the package line gives id, severity, remediation, kinds and parameters (under custom), title and related_resources.
// Parameters have a type: level (critical, high, medium, low, negligible), enum (with values), boolean, number (with min and max), duration
// (text such as 7d, 24h, 1d12h, or none; the rule sees nanoseconds), durations (a map of those, with keys), strings, values (a map of name to one value or a list), string
// and any. A rule finds them in data.params.<id>: all that are declared, null if neither set nor defaulted.
//
// A rule over configuration defines `finding` instead, a set of {item, path, message} with, optionally, found, expected, fix and severity: see
// FindingRules, and the package rules/config. Those of a policy are packages below policy.config.
//
// The policy's own rules are any package that is not below sealock; their id is the package's path without a leading policy. Packages with a lib
// segment decide nothing. In *_test.rego, tests replace the document with `with input as …`; elsewhere `with` is an error.
//
// Beside OPA's functions (capabilities.go lists those allowed) there are evidence.read(e), which brings a piece of evidence to a form where every field is
// there (read.go describes it), receipt.times(stage), spdx.alternatives(expression) and source.repository(uri). Rules do well to judge data.sealock.lib.read("vulns") rather than
// raw predicates: in Rego what is missing makes a condition undefined, `not f(x.y)` too, and then a refusal is silent.
//
// # Reasons of the embedded rules
//
//	vulnerabilities  VULNERABILITY, VULNERABILITY_EXPLOITED, EVIDENCE_MALFORMED
//	secrets, config  SECRET_FOUND, CONFIG_FINDING, SUPPRESSION_FOUND, SCAN_INCOMPLETE, TOOL_NOT_ALLOWED, EVIDENCE_MALFORMED
//	sast, dast       CODE_FINDING, SERVICE_FINDING, TOOL_MISSING, and those of secrets
//	licenses         LICENSE_NOT_ALLOWED, LICENSE_UNKNOWN
//	scanners         TOOL_NOT_TRUSTED
//	freshness        EVIDENCE_STALE, DB_STALE, TIME_INCONSISTENT, EVIDENCE_MALFORMED
//	sbom             SBOM_MISSING, SBOM_INVALID, SBOM_EMPTY, SBOM_INCOMPLETE, SBOM_ROOT_MISMATCH, SBOM_MISSES_PACKAGE
//	provenance       PROVENANCE_BUILDER, PROVENANCE_SOURCE, PARAMETERS, MATERIAL_MISMATCH, TIME_INCONSISTENT, EVIDENCE_MALFORMED
//	test             TEST_FAILED
//
// # The input document of the gate
//
//	question      enter or stay
//	environment   name
//	at            RFC 3339; the same instant as time.now_ns()
//	policy        {name, version}
//	subject       {name, digest: {algorithm: hex}}
//	leaves        the platform manifests of an index, or the subject itself: [{name, digest}]
//	stages        [{name, startedOn, finishedOn, time, receipt, materials: [{name, digest}], subjects: [{name, digest}], claims}]
//	evidence      [{kind, predicateType, stage, linked, digest, subjects: [{name, digest}], signer, time, predicate}]
//
// Kinds of evidence are provenance, sbom, vulns, secrets, config, sast, dast and test. All of it was verified before; what a predicate says is still only what its
// signer said, so the rules refuse what they cannot read. That evidence of some kind is there at all is the stages' business, not the rules'.
package rules
