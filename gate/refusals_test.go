// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// refusal is one way not to be allowed: what is done to a world that would be, the verdict and the code.
type refusal struct {
	name    string
	make    func(t testing.TB) *world
	req     Request
	verdict Verdict
	code    string
}

// onRun is a world in which the runs of one stage are changed before they are signed.
func onRun(stage string, change func(w *world, r *run)) func(testing.TB) *world {
	return func(t testing.TB) *world {
		w := newWorld(t)
		return w.mod(stage, func(r *run) { change(w, r) }).chain()
	}
}

func onLink(stage string, change func(w *world, l *predicate.Link)) func(testing.TB) *world {
	return onRun(stage, func(w *world, r *run) { r.edit = func(l *predicate.Link) { change(w, l) } })
}

// onPolicy is a world whose policy text is changed.
func onPolicy(pairs ...string) func(testing.TB) *world {
	return func(t testing.TB) *world { return newWorld(t).policyText(pairs...).chain() }
}

func onVSA(change func(*predicate.VSA)) func(testing.TB) *world {
	return func(t testing.TB) *world { return bare(t).promote("dev", "build-job", change) }
}

// onApproval has one sound approval and a second that is changed.
func onApproval(by string, change func(*predicate.SVR)) func(testing.TB) *world {
	return func(t testing.TB) *world {
		return bare(t).promote("staging", "release-job").approve("alice").approve(by, change)
	}
}

func same(*predicate.SVR) {}

func protectedProd(change func(*world)) func(testing.TB) *world {
	return func(t testing.TB) *world {
		w := newWorld(t).policyText("    from: staging\n", "    from: staging\n    protected: true\n")
		w.origin = Origin{Signed: true}
		change(w)
		return w.chain().promote("dev", "build-job").promote("staging", "release-job").approve("alice").approve("bob")
	}
}

var refusals = []refusal{
	// the question
	{"no such environment", bare, enter("prdo"), Refused, CodeUnknownEnvironment},
	{"no such stage", bare, stage("biuld"), Refused, CodeUnknownStage},
	{"neither environment nor stage", bare, Request{Question: Enter}, Refused, CodeUnknownEnvironment},
	{"environment and stage", bare, Request{Question: Enter, Environment: "dev", Stage: "build"}, Refused, CodeUnknownEnvironment},
	{"no question", bare, Request{Environment: "dev"}, Refused, CodeUnknownEnvironment},
	{"another question", bare, Request{Environment: "dev", Question: "leave"}, Refused, CodeUnknownEnvironment},
	{"subject without a strong digest", bare, Request{Environment: "dev", Question: Enter, Subject: attest.Subject{Name: "x", Digest: attest.DigestSet{"sha1": "da39a3ee5e6b4b0d3255bfef95601890afd80709"}}}, Refused, attest.CodeWeakDigest},

	// nothing, or not enough
	{"T-12 no evidence at all", newWorldOnly, enter("dev"), Refused, CodeStageMissing},
	{"another artifact", bare, Request{Environment: "dev", Question: Enter, Subject: attesttest.Artifact("shop", "another")}, Refused, CodeStageMissing},
	{"V-36 named by a weak digest only", onRun("build", func(w *world, r *run) {
		r.subjects = []attest.Subject{{Name: "shop", Digest: attest.DigestSet{"sha1": "da39a3ee5e6b4b0d3255bfef95601890afd80709"}}, attesttest.Artifact("other", "other")}
	}), Request{Environment: "dev", Question: Enter, Subject: weakImage()}, Refused, attest.CodeWeakDigest},
	{"receipt of the product deleted", func(t testing.TB) *world { return bare(t).drop("build") }, enter("dev"), Refused, CodeStageMissing},
	{"scan deleted", func(t testing.TB) *world {
		return bare(t).promote("dev", "build-job").drop("scan")
	}, enter("staging"), Refused, CodeStageMissing},
	{"evidence of the product deleted", func(t testing.TB) *world { return bare(t).drop("build/sbom") }, enter("dev"), Refused, CodeEvidenceMissing},
	{"evidence of the source deleted", func(t testing.TB) *world { return bare(t).drop("source/secrets") }, enter("dev"), Refused, CodeEvidenceMissing},
	{"receipt of the source deleted", func(t testing.TB) *world { return bare(t).drop("source") }, enter("dev"), Refused, CodeUpstreamMissing},

	// who signed
	{"C-20 scan by a release that is not trusted", onPolicy("vulnerabilities: {refuse: high}", "vulnerabilities: {refuse: high}\n  scanners: {untrusted: {sealock: [\"<=1.0.0\"]}}"), enter("staging"), Refused, "TOOL_NOT_TRUSTED"},
	{"C-20 scan by a tool that is not listed", onPolicy("vulnerabilities: {refuse: high}", "vulnerabilities: {refuse: high}\n  scanners: {trusted: {grype: [\"*\"]}}"), enter("staging"), Refused, "TOOL_NOT_TRUSTED"},
	{"V-44 product signed by nobody of the stage", onRun("build", func(_ *world, r *run) { r.by = []string{"scan-job"} }), enter("dev"), Refused, CodeSigner},
	{"product signed by somebody of the policy without a role", onRun("build", func(_ *world, r *run) { r.by = []string{"outsider"} }), enter("dev"), Refused, CodeSigner},
	{"product signed by a stranger", onRun("build", func(_ *world, r *run) { r.by = []string{"stranger"} }), enter("dev"), Refused, CodeStageMissing},
	{"evidence signed by another stage", onRun("build", func(_ *world, r *run) { r.evidence[1].by = "scan-job" }), enter("dev"), Refused, CodeSigner},
	{"source signed by the build", onRun("source", func(_ *world, r *run) { r.by = []string{"build-job"} }), enter("dev"), Refused, CodeSigner},
	{"one signature where two are asked for", onPolicy("signedBy: [build-job, build-two]", "threshold: 2, signedBy: [build-job, build-two]"), enter("dev"), Refused, CodeThreshold},
	{"one builder where two are asked for", onPolicy("evidence: [provenance, sbom]}", "evidence: [provenance, sbom], builders: {threshold: 2}}"), enter("dev"), Refused, CodeBuilders},
	{"V-59 key past its validity", onPolicy("keys/build-job.pub}", "keys/build-job.pub, notAfter: 2026-11-22T11:59:59Z}"), enter("dev"), Refused, CodeKeyExpired},
	{"V-59 key before its validity", onPolicy("keys/build-job.pub}", "keys/build-job.pub, notBefore: 2026-11-22T12:00:01Z}"), enter("dev"), Refused, CodeKeyExpired},
	{"V-59 key past its validity in this role, valid in another", onPolicy("keys/build-job.pub}", "keys/build-job.pub, notAfter: 2026-11-22T11:59:59Z}\n  build-elsewhere: {key: keys/build-job.pub}"),
		enter("dev"), Refused, CodeKeyExpired},

	// C-30: trust taken back
	{"C-30 artifact revoked", revoked(func(w *world) string { return "{subject: \"" + w.image.Digest.Primary().String() + "\", reason: r}" }), enter("dev"), Refused, CodeRevoked},
	{"C-30 source revoked", revoked(func(w *world) string {
		return "{subject: \"gitTree256:" + w.source.Digest["gitTree256"] + "\", reason: r}"
	}), enter("dev"), Refused, CodeRevoked},
	{"C-30 key revoked by name", revoked(func(*world) string { return "{identity: build-job, reason: r}" }), enter("dev"), Refused, CodeRevoked},
	{"C-30 key revoked by id", revoked(func(*world) string { return "{identity: \"" + testKeys()["build-job"].ID + "\", reason: r}" }), enter("dev"), Refused, CodeRevoked},
	{"C-30 key revoked by its group", revoked(func(*world) string { return "{identity: builders, reason: r}" }, "  managers:", "  builders: {anyOf: [build-job, build-two]}\n  managers:"), enter("dev"), Refused, CodeRevoked},
	{"C-30 key revoked from a time, signature only claims an earlier one", revoked(func(*world) string { return "{identity: build-job, from: 2026-11-22T11:00:00Z, reason: r}" }), enter("dev"), Refused, CodeRevoked},
	{"C-30 receipt revoked", revokedItem("build"), enter("dev"), Refused, CodeRevoked},
	{"C-30 source receipt revoked", revokedItem("source"), enter("dev"), Refused, CodeRevoked},
	{"C-30 evidence revoked", revokedItem("build/sbom"), enter("dev"), Refused, CodeRevoked},
	{"C-30 base image revoked", func(t testing.TB) *world {
		base := attesttest.Artifact("base", "base")
		w := newWorld(t).revoke("{subject: \"" + base.Digest.Primary().String() + "\", reason: r}")
		return w.mod("build", func(r *run) { r.materials = append(r.materials, attesttest.Material(base)) }).chain()
	}, enter("dev"), Refused, CodeRevoked},

	// how the receipts are linked
	{"command failed", onRun("build", func(_ *world, r *run) { r.exit = 1 }), enter("dev"), Refused, CodeStageFailed},
	{"command of the source failed", onRun("source", func(_ *world, r *run) { r.exit = 2 }), enter("dev"), Refused, CodeStageFailed},
	{"names no receipt of the stage before", onRun("build", func(_ *world, r *run) { r.materials = r.materials[:1] }), enter("dev"), Refused, CodeUpstreamMissing},
	{"C-08 names the stage before with an empty name", onRun("build", func(_ *world, r *run) { r.materials[1].Name = "receipt:" }), enter("dev"), Refused, CodeUpstreamMissing},
	{"C-08 receipt with an empty name", onRun("build", func(_ *world, r *run) { r.edit = func(l *predicate.Link) { l.Name = "" } }), enter("dev"), Refused, CodeStageMissing},
	{"V-26 receipt of a stage in other case", onLink("build", func(_ *world, l *predicate.Link) { l.Name = "Build" }), enter("dev"), Refused, CodeStageMissing},
	{"names the receipt under another stage", onRun("build", func(_ *world, r *run) { r.materials[1].Name = "receipt:scan" }), enter("dev"), Refused, CodeUpstreamMissing},
	{"used nothing of the stage before", onRun("build", func(_ *world, r *run) { r.materials = r.materials[1:] }), enter("dev"), Refused, CodeUpstreamUnlinked},
	{"V-36 used another tree of the same commit", onRun("build", func(w *world, r *run) {
		r.materials[0].Digest = attest.DigestSet{"gitCommit": w.source.Digest["gitCommit"], "gitTree256": attest.SHA256([]byte("other")).Hex}
	}), enter("dev"), Refused, CodeUpstreamUnlinked},
	{"V-36 used the same commit, no tree", onRun("build", func(w *world, r *run) {
		r.materials[0].Digest = attest.DigestSet{"gitCommit": w.source.Digest["gitCommit"]}
	}), enter("dev"), Refused, CodeUpstreamUnlinked},
	{"another pipeline run", onRun("build", func(_ *world, r *run) { r.ci = "run-9" }), enter("dev"), Refused, CodeNotSameRun},
	{"no pipeline run", onRunBoth(func(r *run) { r.ci = "" }), enter("dev"), Refused, CodeNotSameRun},

	// what the evidence is
	{"evidence not listed in the receipt", onRun("build", func(_ *world, r *run) { r.evidence[1].unnamed = true }), enter("dev"), Refused, CodeEvidenceMissing},
	{"kind of evidence not made", onRun("source", func(_ *world, r *run) { r.evidence = r.evidence[:1] }), enter("dev"), Refused, CodeEvidenceMissing},
	{"C-08 evidence with an empty name", onLink("build", func(_ *world, l *predicate.Link) { l.Byproducts.Evidence[1].Name = "" }), enter("dev"), Refused, CodeEvidenceMissing},
	{"V-24 evidence of another type under the name", onRun("build", func(w *world, r *run) {
		r.evidence[1] = proof{kind: "sbom", typ: predicate.TypeVEX, doc: map[string]any{"statements": []any{}}}
	}), enter("dev"), Refused, CodeEvidenceType},
	{"V-24 configuration findings as secrets", onRun("source", func(_ *world, r *run) { r.evidence[0].doc = r.evidence[1].doc }), enter("dev"), Refused, CodeEvidenceType},
	{"V-26 receipt claims a near type", onRun("build", func(_ *world, r *run) { r.evidence[1].listedAs = predicate.TypeCycloneDX + "/" }), enter("dev"), Refused, CodeEvidenceType},
	{"V-26 evidence has a near type", onRun("build", func(_ *world, r *run) {
		r.evidence[1].typ, r.evidence[1].listedAs = "https://cyclonedx.org/Bom", predicate.TypeCycloneDX
	}), enter("dev"), Refused, CodeEvidenceType},
	{"evidence about another artifact", onRun("build", func(_ *world, r *run) {
		r.evidence[0].subjects = []attest.Subject{attesttest.Artifact("shop", "another")}
	}), enter("dev"), Refused, CodeEvidenceSubject},
	{"SBOM about another product of the same build", otherProduct("sbom"), enter("dev"), Refused, CodeEvidenceMissing},
	{"provenance about another product of the same build", otherProduct("provenance"), enter("dev"), Refused, CodeEvidenceSubject},
	{"stage after the build ran about the source only", func(t testing.TB) *world {
		w := newWorld(t).policyText("evidence: [vulns], maxAge: {enter: 24h, stay: 720h}", "evidence: [test]")
		return w.mod("scan", func(r *run) {
			r.subjects = []attest.Subject{w.source}
			r.evidence = []proof{{kind: "test", typ: predicate.TypeTest, doc: attesttest.TestResult("PASSED")}}
		}).chain().promote("dev", "build-job")
	}, enter("staging"), Refused, CodeStageMissing},
	{"secrets looked for in another source only", onRun("source", func(_ *world, r *run) {
		other := attesttest.Source("git+https://example.com/other", "other")
		r.subjects = append(r.subjects, other)
		r.evidence[0].subjects = []attest.Subject{other}
	}), enter("dev"), Refused, CodeEvidenceSubject},
	{"one platform without an SBOM", func(t testing.TB) *world {
		w := newWorld(t)
		return w.mod("build", func(r *run) {
			r.subjects = append([]attest.Subject{w.image}, indexLeaves...)
			r.evidence[1].doc, r.evidence[1].subjects = attesttest.SBOM(indexLeaves[0], "pkg:npm/a@1.0.0"), indexLeaves[:1]
		}).chain()
	}, Request{Environment: "dev", Question: Enter, Leaves: indexLeaves}, Refused, CodeEvidenceMissing},
	{"attached evidence missing", onPolicy("artifacts:", "attached:\n  - {type: vulns, signedBy: [auditor]}\nartifacts:"), enter("dev"), Refused, CodeEvidenceMissing},
	{"attached evidence by somebody else", attachedBy("outsider", nil, 0), enter("dev"), Refused, CodeEvidenceMissing},
	{"attached evidence about something else", attachedBy("auditor", []attest.Subject{attesttest.Artifact("shop", "another")}, 0), enter("dev"), Refused, CodeEvidenceMissing},
	{"attached evidence of the future", attachedBy("auditor", nil, time.Hour), enter("dev"), Refused, CodeTimeInFuture},
	{"attached evidence about one platform of two", func(t testing.TB) *world {
		w := newWorld(t).policyText("artifacts:", "attached:\n  - {type: vulns, signedBy: [auditor]}\nartifacts:")
		copyOf := indexWorld(t)
		w.items = copyOf.items
		w.sign("attached", "auditor", predicate.TypeVulns, attesttest.Vulns(w.at), indexLeaves[:1], false)
		return w
	}, Request{Environment: "dev", Question: Enter, Leaves: indexLeaves}, Refused, CodeEvidenceMissing},
	{"C-25 rule input only of verified evidence", func(t testing.TB) *world {
		w := newWorld(t).policyText("artifacts:", "attached:\n  - {type: vulns, signedBy: [auditor]}\nartifacts:").chain()
		w.sign("attached", "stranger", predicate.TypeVulns, attesttest.Vulns(w.at), []attest.Subject{w.image}, false)
		return w
	}, enter("dev"), Refused, CodeEvidenceMissing},

	// time
	{"C-05 finished before started", onLink("build", func(_ *world, l *predicate.Link) { l.Environment.StartedOn = "2026-11-22T11:30:00Z" }), enter("dev"), Refused, CodeTimeInconsistent},
	{"C-05 no time", onLink("build", func(_ *world, l *predicate.Link) { l.Environment.FinishedOn = "yesterday" }), enter("dev"), Refused, CodeTimeInconsistent},
	{"C-05 receipt of the future", onLink("build", func(_ *world, l *predicate.Link) { l.Environment.FinishedOn = "2026-11-22T12:05:01Z" }), enter("dev"), Refused, CodeTimeInFuture},
	{"C-05 scan of 2099", scanDoc(func(v *predicate.Vulns) { v.Metadata.ScanFinishedOn = "2099-01-01T00:00:00Z" }), enter("staging"), Refused, CodeTimeInconsistent},
	{"S-24 the scan of one folder", func(t testing.TB) *world { return ofOneFolder(t).chain() }, enter("dev"), Refused, CodeStageSubject},
	{"scan too old to enter", func(t testing.TB) *world {
		w := newWorld(t)
		w.mod("scan", func(r *run) { r.finished = w.at.Add(-25 * time.Hour) }).mod("build", func(r *run) { r.finished = w.at.Add(-26 * time.Hour) }).mod("source", func(r *run) { r.finished = w.at.Add(-27 * time.Hour) })
		return w.chain().promote("dev", "build-job")
	}, enter("staging"), Refused, CodeStageTooOld},
	{"scan too old to stay", func(t testing.TB) *world {
		w := newWorld(t)
		w.mod("scan", func(r *run) { r.finished = w.at.Add(-721 * time.Hour) }).mod("build", func(r *run) { r.finished = w.at.Add(-722 * time.Hour) }).mod("source", func(r *run) { r.finished = w.at.Add(-723 * time.Hour) })
		return w.chain().promote("staging", "release-job")
	}, stay("staging"), Refused, CodeStageTooOld},

	// promotions
	{"not promoted to the environment before", bare, enter("staging"), Refused, CodePromotionMissing},
	{"not promoted to this one, to stay", bare, stay("prod"), Refused, CodePromotionMissing},
	{"C-11 promotion to the environment before, to stay", prodWorld, stay("prod"), Refused, CodeVSAScope},
	{"C-11 promotion to another environment", onVSA(func(v *predicate.VSA) { v.VerifiedLevels = []string{predicate.EnvironmentLevel + "prod"} }), enter("staging"), Refused, CodeVSAScope},
	{"C-11 promotion by another verifier", onVSA(func(v *predicate.VSA) { v.Verifier.ID = "https://example.com/verifier" }), enter("staging"), Refused, CodeVSAScope},
	{"C-11 promotion of another artifact", onVSA(func(v *predicate.VSA) {
		v.ResourceURI = "registry.example.com/shop/shop@" + attest.SHA256([]byte("another")).String()
	}), enter("staging"), Refused, CodeVSAScope},
	{"C-11 promotion without an artifact", onVSA(func(v *predicate.VSA) { v.ResourceURI = "registry.example.com/shop/shop@" }), enter("staging"), Refused, CodeVSAScope},
	{"C-11 promotion under another policy", onVSA(func(v *predicate.VSA) { v.Policy.Name = "cart" }), enter("staging"), Refused, CodeVSAScope},
	{"C-12 promotion that failed", onVSA(func(v *predicate.VSA) { v.VerificationResult = "FAILED" }), enter("staging"), Refused, CodeVSAScope},
	{"C-12 promotion without a result", onVSA(func(v *predicate.VSA) { v.VerificationResult = "" }), enter("staging"), Refused, CodeVSAScope},
	{"C-12 promotion of the future", onVSA(func(v *predicate.VSA) { v.TimeVerified = "2026-11-22T12:06:00Z" }), enter("staging"), Refused, CodeTimeInFuture},
	{"C-12 promotion without a time", onVSA(func(v *predicate.VSA) { v.TimeVerified = "" }), enter("staging"), Refused, CodeTimeInconsistent},
	{"C-12 promotion by somebody else", func(t testing.TB) *world { return bare(t).promote("dev", "outsider") }, enter("staging"), Refused, CodeSigner},
	{"C-12 promotion by the promoter of another environment", func(t testing.TB) *world { return bare(t).promote("dev", "release-job") }, enter("staging"), Refused, CodeSigner},
	{"C-12 promotion forged", func(t testing.TB) *world { return bare(t).promote("dev", "stranger") }, enter("staging"), Refused, CodePromotionMissing},
	{"C-12 promotion with another predicate", func(t testing.TB) *world {
		w := bare(t)
		w.sign("promotion", "build-job", predicate.TypeVSA, []string{"PASSED"}, []attest.Subject{w.image}, false)
		return w
	}, enter("staging"), Refused, attest.CodeMalformedStatement},
	{"C-12 promotion never replaces a check", func(t testing.TB) *world {
		return bare(t).promote("staging", "release-job").promote("prod", "release-job").drop("scan")
	}, stay("prod"), Refused, CodeStageMissing},
	{"promotion revoked", func(t testing.TB) *world {
		w := bare(t).promote("dev", "build-job")
		return w.revoke("{statement: \"" + w.idOf("promotion:dev") + "\", reason: r}")
	}, enter("staging"), Refused, CodeRevoked},

	// approvals
	{"no approval", func(t testing.TB) *world { return bare(t).promote("staging", "release-job") }, enter("prod"), Refused, CodeApprovalMissing},
	{"one approval of two", func(t testing.TB) *world { return bare(t).promote("staging", "release-job").approve("alice") }, enter("prod"), Refused, CodeApprovalMissing},
	{"C-10 one approver twice", onApproval("alice", func(v *predicate.SVR) { v.Reason = "again" }), enter("prod"), Refused, CodeApprovalMissing},
	{"C-10 two keys of one person", onApproval("alice-laptop", same), enter("prod"), Refused, CodeApprovalMissing},
	{"C-10 approval by somebody in notBy", onApproval("carol", same), enter("prod"), Refused, CodeSelfApproval},
	{"C-10 approval by another key of a person in notBy", func(t testing.TB) *world {
		w := newWorld(t).policyText("notBy: [build-job, carol]", "notBy: [alice]").chain()
		return w.promote("staging", "release-job").approve("bob").approve("alice-laptop")
	}, enter("prod"), Refused, CodeSelfApproval},
	{"approval by somebody else", onApproval("outsider", same), enter("prod"), Refused, CodeSigner},
	{"approval for another environment", onApproval("bob", func(v *predicate.SVR) { v.Properties = []string{predicate.ApproveProperty + "staging"} }), enter("prod"), Refused, CodeApprovalScope},
	{"approval for another policy", onApproval("bob", func(v *predicate.SVR) { v.Verifier.Policies[0].Name = "cart" }), enter("prod"), Refused, CodeApprovalScope},
	{"approval for no policy", onApproval("bob", func(v *predicate.SVR) { v.Verifier.Policies = nil }), enter("prod"), Refused, CodeApprovalScope},
	{"approval by another verifier", onApproval("bob", func(v *predicate.SVR) { v.Verifier.ID = "" }), enter("prod"), Refused, CodeApprovalScope},
	{"approval for another build", onApproval("bob", func(v *predicate.SVR) { v.Receipt = attest.SHA256([]byte("x")).String() }), enter("prod"), Refused, CodeApprovalScope},
	{"approval for an earlier policy digest", func(t testing.TB) *world {
		w := newWorld(t).policyText("validFor: 72h,", "validFor: 72h, bindPolicy: digest,").chain()
		return w.promote("staging", "release-job").approve("alice").approve("bob")
	}, enter("prod"), Refused, CodeApprovalScope},
	{"approval expired by itself", onApproval("bob", func(v *predicate.SVR) { v.Expires = "2026-11-22T12:00:00Z" }), enter("prod"), Refused, CodeApprovalExpired},
	{"approval older than validFor", onApproval("bob", func(v *predicate.SVR) {
		v.TimeCreated, v.Expires = "2026-11-19T11:59:59Z", "2099-01-01T00:00:00Z"
	}), enter("prod"), Refused, CodeApprovalExpired},
	{"approval without times", onApproval("bob", func(v *predicate.SVR) { v.Expires = "" }), enter("prod"), Refused, CodeTimeInconsistent},
	{"approval of the future", onApproval("bob", func(v *predicate.SVR) { v.TimeCreated = "2026-11-22T12:05:01Z" }), enter("prod"), Refused, CodeTimeInFuture},
	{"approval with another predicate", func(t testing.TB) *world {
		w := bare(t).promote("staging", "release-job")
		w.sign("approval", "bob", predicate.TypeSVR, []int{1}, []attest.Subject{w.image}, false)
		return w
	}, enter("prod"), Refused, attest.CodeMalformedStatement},

	// the policy itself
	{"P-25 policy expired", func(t testing.TB) *world {
		w := bare(t)
		w.at = time.Date(2027, 6, 30, 0, 0, 0, 0, time.UTC)
		return w
	}, enter("dev"), Refused, CodePolicyExpired},
	{"C-31 policy older than asked for", bare, Request{Environment: "dev", Question: Enter, MinVersion: 4}, Refused, CodePolicyRollback},
	{"policy from the tree under judgement", protectedProd(func(w *world) { w.origin.FromTree = true }), enter("prod"), Refused, CodePolicyFromTree},
	{"policy not signed", protectedProd(func(w *world) { w.origin.Signed = false }), enter("prod"), Refused, CodePolicyUnsigned},
	{"P-15 protected with a weakened check", protectedProd(func(*world) {}), Request{Environment: "prod", Question: Enter, Insecure: []string{"--insecure-test"}}, Refused, CodeInsecureFlag},
	{"V-17 one key in two roles", protectedProd(func(w *world) { w.policyText("signedBy: [scan-job]", "signedBy: [build-job]") }), enter("prod"), Refused, CodeRoleKeyReuse},
	{"V-17 one key in two roles under two names", protectedProd(func(w *world) { w.files["keys/scan-job.pub"] = testKeys()["build-job"].PEM }), enter("prod"), Refused, CodeRoleKeyReuse},
	{"protected and times only claimed", protectedProd(func(*world) {}), enter("prod"), Refused, CodeNoTrustedTime},
	{"repository not listed", bare, Request{Environment: "dev", Question: Enter, Repository: "registry.example.com/other/shop"}, Refused, CodeRepository},
	{"P-19 repository one segment deeper", bare, Request{Environment: "dev", Question: Enter, Repository: "registry.example.com/shop/a/b"}, Refused, CodeRepository},

	// the rules
	{"P-21 vulnerability of the severity refused", vulnerable("high"), enter("staging"), Refused, "VULNERABILITY"},
	{"P-21 severity in other case", vulnerable("CRITICAL "), enter("staging"), Refused, "VULNERABILITY"},
	{"P-21 severity that nobody knows", vulnerable("crit"), enter("staging"), Refused, "VULNERABILITY"},
	{"P-21 no severity", vulnerable(""), enter("staging"), Refused, "VULNERABILITY"},
	{"P-23 a warning of one environment hides nothing of another", func(t testing.TB) *world {
		return relaxed(vulnerable("high")(t), "staging: {vulnerabilities: {mode: warn}}")
	}, enter("staging"), Refused, "VULNERABILITY"},
	{"P-14 the mode of a later environment doesn't loosen an earlier one", func(t testing.TB) *world {
		w := onRun("source", func(w *world, r *run) {
			r.evidence[0].doc = attesttest.Findings("secrets", r.finished, predicate.Finding{Rule: "key", Severity: "critical", Message: "a key", Path: "a.txt", Line: 1, Fingerprint: "f"})
		})(t)
		return relaxed(w.promote("dev", "build-job"), "staging: {secrets: {mode: warn}}")
	}, enter("staging"), Refused, "SECRET_FOUND"},
	{"P-14 the first environment doesn't loosen what holds everywhere", func(t testing.TB) *world {
		w := onRun("source", func(w *world, r *run) {
			r.evidence[0].doc = attesttest.Findings("secrets", r.finished, predicate.Finding{Rule: "key", Severity: "critical", Message: "a key", Path: "a.txt", Line: 1, Fingerprint: "f"})
		})(t)
		return relaxed(w, "dev: {secrets: {mode: warn}}")
	}, enter("dev"), Refused, "SECRET_FOUND"},
	{"C-14 provenance of other materials", onRun("build", func(_ *world, r *run) {
		r.evidence[0].doc = attesttest.Provenance("https://example.com/builder", "run-1", r.finished, attesttest.Material(attesttest.Source("git+https://example.com/shop", "evil")))
	}), enter("dev"), Refused, "MATERIAL_MISMATCH"},
	{"C-24 right signer, another builder", onPolicy("rules:", "rules:\n  provenance: {builders: [\"https://example.com/the-other\"]}"), enter("dev"), Refused, "PROVENANCE_BUILDER"},
	{"C-16 SBOM of nothing", onRun("build", func(w *world, r *run) { r.evidence[1].doc = attesttest.SBOM(w.image) }), enter("dev"), Refused, "SBOM_EMPTY"},
	{"SBOM of another artifact under this subject", onRun("build", func(w *world, r *run) {
		r.evidence[1].doc = attesttest.SBOM(attesttest.Artifact("shop", "another"), "pkg:npm/a@1.0.0")
	}), enter("dev"), Refused, "SBOM_ROOT_MISMATCH"},
	{"waiver expired", func(t testing.TB) *world {
		return vulnerable("high")(t).waive("{rule: vulnerabilities, scope: {advisory: CVE-2026-0001, everywhere: true}, reason: r, owner: o, expires: 2026-11-22T12:00:00Z}")
	}, enter("staging"), Refused, "VULNERABILITY"},
	{"waiver of another package", func(t testing.TB) *world {
		return vulnerable("high")(t).waive("{rule: vulnerabilities, scope: {advisory: CVE-2026-0001, purl: \"pkg:npm/right-pad@1.0.0\"}, reason: r, owner: o, expires: 2027-01-01T00:00:00Z}")
	}, enter("staging"), Refused, "VULNERABILITY"},

	// bounds
	{"C-13 chain too deep", func(t testing.TB) *world { return deepWorld(t, MaxDepth+1) }, enter("dev"), Undecided, attest.CodeLimit},
	{"C-13 too many receipts", func(t testing.TB) *world { return wideWorld(t, MaxReceipts+1) }, enter("dev"), Undecided, attest.CodeLimit},
}

// unreached has the code of a row where the store is asked: a walk from the artifact does not find what no receipt leads to.
var unreached = map[string]string{
	"V-36 named by a weak digest only":          CodeStageMissing,
	"used nothing of the stage before":          CodeUpstreamMissing,
	"V-36 used another tree of the same commit": CodeUpstreamMissing,
	"V-36 used the same commit, no tree":        CodeUpstreamMissing,
	"evidence about another artifact":           CodeEvidenceMissing,
}

func newWorldOnly(t testing.TB) *world { return newWorld(t) }

func weakImage() attest.Subject {
	s := attesttest.Artifact("shop", "image")
	s.Digest["sha1"] = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
	s.Digest["sha512"] = "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
	return s
}

func revoked(entry func(*world) string, policy ...string) func(testing.TB) *world {
	return func(t testing.TB) *world {
		w := newWorld(t).policyText(policy...).chain()
		return w.revoke(entry(w))
	}
}

func revokedItem(name string) func(testing.TB) *world {
	return revoked(func(w *world) string { return "{statement: \"" + w.idOf(name) + "\", reason: r}" })
}

// onRunBoth changes source and build alike.
func onRunBoth(change func(*run)) func(testing.TB) *world {
	return func(t testing.TB) *world { return newWorld(t).mod("source", change).mod("build", change).chain() }
}

// otherProduct is a build of two artifacts in which one kind of evidence is about the other one only.
func otherProduct(kind string) func(testing.TB) *world {
	return onRun("build", func(_ *world, r *run) {
		other := attesttest.Artifact("cart", "cart")
		r.subjects = append(r.subjects, other)
		for i := range r.evidence {
			if r.evidence[i].kind == kind {
				r.evidence[i].subjects = []attest.Subject{other}
			} else {
				r.evidence[i].subjects = r.subjects[:1]
			}
		}
	})
}

func attachedBy(by string, about []attest.Subject, later time.Duration) func(testing.TB) *world {
	return func(t testing.TB) *world {
		w := newWorld(t).policyText("artifacts:", "attached:\n  - {type: vulns, signedBy: [auditor]}\nartifacts:").chain()
		if about == nil {
			about = []attest.Subject{w.image}
		}
		w.sign("attached", by, predicate.TypeVulns, attesttest.Vulns(w.at.Add(later)), about, false)
		return w
	}
}

func scanDoc(change func(*predicate.Vulns)) func(testing.TB) *world {
	return func(t testing.TB) *world {
		return onRun("scan", func(_ *world, r *run) {
			v := attesttest.Vulns(r.finished)
			change(&v)
			r.evidence[0].doc = v
		})(t).promote("dev", "build-job")
	}
}

func vulnerable(severity string) func(testing.TB) *world {
	return scanDoc(func(v *predicate.Vulns) {
		v.Scanner.Result = []predicate.VulnResult{attesttest.Vulnerability("CVE-2026-0001", severity, "pkg:npm/left-pad@1.0.0")}
	})
}

// ofOneFolder is a world whose policy wants commits of Git from the stage source, and whose pipeline has that stage look at a folder.
func ofOneFolder(t testing.TB) *world {
	w := newWorld(t).policyText("source: {signedBy", "source: {about: git, signedBy")
	w.source.Digest = attest.DigestSet{"gitTree256": w.source.Digest["gitTree256"]}
	return w
}

func relaxed(w *world, environmentRules string) *world {
	return w.policyText("people:", "environmentRules:\n  "+environmentRules+"\npeople:")
}

// deepWorld has a chain of n receipts one after the other, the product last.
func deepWorld(t testing.TB, n int) *world {
	w := newWorld(t).policyText("  build: {after:", "  step: {signedBy: [source-job]}\n  build: {after:")
	source := w.record(w.sourceRun())
	last, lastID := w.source, attest.Digest{}
	for i := range n - 2 {
		r := run{stage: "step", by: []string{"source-job"}, ci: "run-1", finished: w.at.Add(-150 * time.Minute), subjects: []attest.Subject{attesttest.Artifact("step", string(rune('a'+i)))},
			materials: []attest.ResourceDescriptor{attesttest.Material(last)}}
		if i == 0 {
			r.materials = append(r.materials, attesttest.Receipt("source", source))
		} else {
			r.materials = append(r.materials, attesttest.Receipt("step", lastID))
		}
		last, lastID = r.subjects[0], w.record(r)
	}
	b := w.buildRun(source)
	if !lastID.IsZero() {
		b.materials = append(b.materials, attesttest.Material(last), attesttest.Receipt("step", lastID))
	}
	w.record(b)
	return w
}

// wideWorld has n receipts about the artifact.
func wideWorld(t testing.TB, n int) *world {
	w := newWorld(t)
	build := w.record(w.buildRun(w.record(w.sourceRun())))
	for i := range n - 2 {
		r := w.scanRun(build)
		r.evidence = nil
		r.finished = r.finished.Add(time.Duration(i) * time.Second)
		w.record(r)
	}
	return w
}

func TestEveryWayToBeRefused(t *testing.T) {
	for _, c := range refusals {
		t.Run(c.name, func(t *testing.T) {
			w := c.make(t)
			p := w.load()
			evidence, rejected := w.evidence(p)
			wantNot(t, Decide(t.Context(), p, w.fill(c.req), evidence, rejected, "test"), c.verdict, c.code)
			code := c.code
			if other, ok := unreached[c.name]; ok {
				code = other
			}
			wantNot(t, w.gate(p, w.store()).Check(t.Context(), w.fill(c.req)), c.verdict, code)
		})
	}
}
