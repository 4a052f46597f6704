// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"slices"
	"sort"

	"github.com/sealock-dev/sealock/attest"
)

// Reason codes of the gate. They are stable; rules add their own.
const (
	CodeNoEvidence         = "NO_EVIDENCE"
	CodeStageMissing       = "STAGE_MISSING"
	CodeStageFailed        = "STAGE_FAILED"
	CodeStageTooOld        = "STAGE_TOO_OLD"
	CodeStageSubject       = "STAGE_SUBJECT"
	CodeUnknownStage       = "UNKNOWN_STAGE"
	CodeUnknownEnvironment = "UNKNOWN_ENVIRONMENT"
	CodeSigner             = "SIGNER_NOT_ALLOWED"
	CodeClaim              = "CLAIM_MISMATCH"
	CodeUnlogged           = "UNLOGGED"
	CodeDegraded           = "DEGRADED"
	CodeBuilderID          = "BUILDER_MISMATCH"
	CodeThreshold          = "THRESHOLD"
	CodeBuilders           = "BUILDERS_THRESHOLD"
	CodeUpstreamMissing    = "UPSTREAM_MISSING"
	CodeUpstreamUnlinked   = "UPSTREAM_UNLINKED"
	CodeNotSameRun         = "NOT_SAME_RUN"
	CodeEvidenceMissing    = "EVIDENCE_MISSING"
	CodeEvidenceType       = "EVIDENCE_TYPE"
	CodeEvidenceSubject    = "EVIDENCE_SUBJECT"
	CodeTimeInconsistent   = "TIME_INCONSISTENT"
	CodeTimeInFuture       = "TIME_IN_FUTURE"
	CodeNoTrustedTime      = "NO_TRUSTED_TIME"
	CodeKeyExpired         = "KEY_EXPIRED"
	CodeRevoked            = "REVOKED"
	CodeApprovalMissing    = "APPROVAL_MISSING"
	CodeSelfApproval       = "SELF_APPROVAL"
	CodeApprovalExpired    = "APPROVAL_EXPIRED"
	CodeApprovalScope      = "APPROVAL_SCOPE"
	CodePromotionMissing   = "PROMOTION_MISSING"
	CodeVSAScope           = "VSA_SCOPE"
	CodeNotPromoter        = "NOT_PROMOTER"
	CodeRollback           = "ROLLBACK"
	CodePolicyExpired      = "POLICY_EXPIRED"
	CodePolicyRollback     = "POLICY_ROLLBACK"
	CodePolicyFromTree     = "POLICY_FROM_TREE"
	CodePolicyUnsigned     = "POLICY_UNSIGNED"
	CodePolicyIntegrity    = "POLICY_INTEGRITY"
	CodePolicyLocalKeys    = "POLICY_LOCAL_KEYS"
	CodeRoleKeyReuse       = "ROLE_KEY_REUSE"
	CodeInsecureFlag       = "INSECURE_FLAG"
	CodeStore              = "STORE_UNREADABLE"
	CodeTimeout            = "TIMEOUT"
	CodeLedger             = "LEDGER"
	CodeRepository         = "REPOSITORY_NOT_ALLOWED"
	CodeVendor             = "VENDOR_NOT_ALLOWED"
	CodeVendorSignature    = "VENDOR_SIGNATURE"
	CodeRejected           = "EVIDENCE_REJECTED"
	CodeExpiredWaiver      = "WAIVER_EXPIRED"
	CodeUnusedWaiver       = "WAIVER_UNUSED"
	CodeEarlyWaiver        = "WAIVER_NOT_YET"
	CodeVEXUnreadable      = "VEX_UNREADABLE"
	CodeVEXProduct         = "VEX_PRODUCT"
	CodeVEXJustification   = "VEX_JUSTIFICATION"
	CodeVEXStatus          = "VEX_STATUS"
	CodeVEXStale           = "VEX_STALE"
	CodeVEXContradicted    = "VEX_CONTRADICTED"
	CodeBaselined          = "BASELINE"
	CodeBaselineOver       = "BASELINE_EXPIRED"
	CodeBaselineGone       = "BASELINE_GONE"
)

// CodeDoc says what a reason code means and what to do about it.
type CodeDoc struct {
	Code    string
	Meaning string
	Fix     string
}

// codeDocs documents every code that the gate and the reading of evidence give. The rules' codes are documented in their METADATA.
var codeDocs = []CodeDoc{
	{CodeNoEvidence, "There is no evidence about the subject at all.", "Run the stages: sealock run --all. Or name the store that holds the evidence with --store."},
	{CodeStageMissing, "No receipt of a required stage is in the chain of the subject.", "Run the stage: sealock run STAGE."},
	{CodeStageFailed, "The receipt records a command that exited with something other than 0.", "Mend the stage and run it again."},
	{CodeStageSubject, "A stage that the policy wants to be about commits of Git was about something else, such as one folder.", "Name git:HEAD as its subject in sealock.yaml, and run it again."},
	{CodeStageTooOld, "The newest run of the stage is older than maxAge allows.", "Run the stage again: sealock run STAGE."},
	{CodeUnknownStage, "The policy does not know a stage of that name.", "Correct the name, or add the stage to the policy."},
	{CodeUnknownEnvironment, "The policy does not know an environment of that name.", "Correct the name; sealock policy show lists the environments."},
	{CodeSigner, "The statement is signed, but not by an identity that may sign it.", "Sign with an identity in signedBy, promotedBy or approvals.by, or add the signer to the policy."},
	{CodeClaim, "The certificate has the issuer and subject of a listed identity, but another claim differs: source repository, runner, trigger, ….", "Run the job as the policy asks. sealock identity test BUNDLE compares claim by claim; sealock identity show BUNDLE prints them for policy.yaml."},
	{CodeUnlogged, "The signature is in no transparency log, and the time for which the policy does without one (trust.degraded) is over, or there is none.", "Run the stage again now that the log can be reached."},
	{CodeDegraded, "A warning: the decision rests on a signature with a time stamp only, as trust.degraded allows for some hours.", "Run the stage again once the log can be reached."},
	{CodeBuilderID, "The provenance names another builder than its signer may speak for (identities.NAME.builder).", "Build on the builder that the policy names."},
	{CodeThreshold, "Fewer distinct identities signed than the policy asks for.", "Let another listed identity sign the same statement."},
	{CodeBuilders, "Fewer independent builders made this digest than the policy asks for.", "Build it on another listed builder; the digests must be equal."},
	{CodeUpstreamMissing, "The receipt does not name a sound receipt of a stage that must come before it.", "Run the earlier stage, then this one again."},
	{CodeUpstreamUnlinked, "The receipt names the earlier run, but used none of its products.", "Make the earlier stage's product an input of this one."},
	{CodeNotSameRun, "The earlier stage ran in another pipeline run.", "Run both stages in one pipeline run."},
	{CodeEvidenceMissing, "A statement that the receipt names, or that the stage needs, is not there.", "Run the stage again; restore the evidence if it was deleted."},
	{CodeEvidenceType, "A statement is of another type than the receipt says or the stage needs.", "Run the stage again."},
	{CodeEvidenceSubject, "A statement is about something else than the products of the stage.", "Run the stage again."},
	{CodeTimeInconsistent, "Times contradict each other: finished before started, or not a time.", "Check the clock of the runner and run the stage again."},
	{CodeTimeInFuture, "A time lies in the future by more than five minutes.", "Check the clocks of signer and verifier."},
	{CodeNoTrustedTime, "The environment is protected and the time of a statement is only claimed by its signer.", "Have the evidence time-stamped."},
	{CodeKeyExpired, "The key was used outside its time of validity.", "Sign again with a valid key."},
	{CodeRevoked, "revoked.yaml of the policy takes back the artifact, the statement or its signer.", "Build and promote another artifact, or sign again with another identity."},
	{CodeApprovalMissing, "Fewer people approved than the environment asks for.", "sealock approve SUBJECT --env ENV --reason …, by other people."},
	{CodeSelfApproval, "An approval is by somebody who may not approve this (notBy).", "Let somebody else approve."},
	{CodeApprovalExpired, "An approval is past its time.", "Approve again."},
	{CodeApprovalScope, "An approval is for another environment, policy or build of the artifact.", "Approve this one."},
	{CodePromotionMissing, "The artifact was not promoted to the environment before, or not to this one.", "sealock promote SUBJECT --to ENV."},
	{CodeVSAScope, "There is a promotion, but for another environment, policy, verifier or artifact.", "Promote this artifact under this policy."},
	{CodeNotPromoter, "The signer may not promote to this environment.", "Promote with an identity in promotedBy."},
	{CodeRollback, "The artifact is an older release than the one that the destination holds, or another version than the name says; or, in a protected environment, no evidence says how old what the destination holds is.", "Promote a newer release; to go back on the record: sealock rollback SUBJECT --to ENV --dest … --reason …."},
	{CodePolicyExpired, "The policy itself is past its expiry.", "Review the policy, raise version and expires."},
	{CodePolicyRollback, "The policy is older than the enforcer asks for.", "Use the current policy."},
	{CodePolicyFromTree, "The environment is protected and the policy comes from the tree under judgement.", "Name the policy from outside: --policy."},
	{CodePolicyIntegrity, "The policy is not signed by who must have signed it, or is not what was signed.", "Name the right signer, or build and sign the policy again."},
	{CodePolicyUnsigned, "The environment is protected and nobody vouches for the policy.", "Give a signed policy and its key."},
	{CodePolicyLocalKeys, "The environment is protected and the policy takes keys from the user's own folder.", "Put the public keys into the policy."},
	{CodeRoleKeyReuse, "The environment is protected and one key, or one certificate, could speak for two roles.", "Give each role its own key, workflow file, or claim that differs."},
	{CodeInsecureFlag, "The environment is protected and a check was weakened by a flag.", "Leave the --insecure-… flag out."},
	{CodeStore, "The store could not be read, so nothing is known.", "Check the store and try again."},
	{CodeTimeout, "Time ran out before all was checked.", "Try again; raise --timeout if it happens often."},
	{CodeLedger, "The decision could not be recorded in the ledger, so it does not count.", "Make the ledger writable, name another with --ledger, or do without: --ledger none."},
	{CodeRepository, "The artifact lies in a repository that its kind may not come from.", "Use a listed repository, or list this one in artifacts."},
	{CodeVendor, "A stage was to take in an image from a repository for which the policy names no vendor.", "List the repository under vendors of the stage, with who signs there."},
	{CodeVendorSignature, "An image of a vendor is not signed by who must have signed it.", "Get the image from where the vendor publishes it, or correct the vendor's identity in the policy."},
	{CodeRejected, "Something in the store is not evidence. It was ignored.", "See the code in the message; delete the file if it is not yours."},
	{CodeExpiredWaiver, "A waiver is past its day and no longer counts.", "Remove it, or review and renew it."},
	{CodeUnusedWaiver, "A warning: a waiver accepts nothing that was found in this artifact.", "Remove it from waivers.yaml, unless it is for another artifact."},
	{CodeEarlyWaiver, "A waiver begins in the future and does not count yet.", "Wait, or correct its `from`."},
	{CodeVEXUnreadable, "A warning: a VEX document, or a statement in it, can't be read, so it hides nothing.", "Write OpenVEX 0.2.0, CycloneDX or CSAF 2.0 (csaf_vex)."},
	{CodeVEXProduct, "A warning: a VEX statement names the vulnerability, but another product: another digest, another purl, one without a version, a wildcard.", "Name the artifact by its digest, or the package by the exact purl of the finding."},
	{CodeVEXJustification, "A warning: a VEX statement says not_affected without a justification that its format knows.", "Give the statement a justification."},
	{CodeVEXStatus, "A warning: a VEX statement says that the vulnerability is still being looked into. That hides nothing.", "Wait for its author, or waive the finding."},
	{CodeVEXStale, "A warning: a VEX statement is older than vex.maxAge of the policy, or its author signed a later version of the document.", "Have its author look again and sign a new document."},
	{CodeVEXContradicted, "A warning: a VEX author of the policy says that the artifact is affected. That outweighs what others say.", "Upgrade, or settle it with that author."},
	{CodeBaselined, "A warning: the finding was there when the baseline was made, so it does not refuse yet.", "Mend it before the baseline ends (baseline.until of the policy)."},
	{CodeBaselineOver, "The baseline is past its day: what it lists refuses again.", "Mend what is left, and remove baseline.yaml."},
	{CodeBaselineGone, "A warning: findings of the baseline are no longer there.", "sealock waive --baseline --decision FILE takes them out, so that they can't come back."},
	{attest.CodeLimit, "A bound was hit; the message names it.", "Find out who sends so much."},
	{attest.CodeMalformedBundle, "A stored file is not a Sigstore bundle.", "Delete it, or restore it."},
	{attest.CodeMalformedStatement, "A signed payload is not an in-toto statement.", "Ask its maker."},
	{attest.CodePayloadType, "A signed payload is of another type than in-toto statements are.", "Ask its maker."},
	{attest.CodeNoSubject, "A statement is about nothing.", "Ask its maker."},
	{attest.CodeSubjectNoDigest, "A statement names a subject without a digest.", "Ask its maker."},
	{attest.CodeWeakDigest, "A statement matches only by a weak digest.", "Use sha256."},
	{attest.CodeSignatureInvalid, "A signature verifies with no key of the policy.", "It was changed, or its signer is not in the policy."},
	{attest.CodeSignatureCount, "An envelope in a bundle has not exactly one signature.", "Write one bundle for each signature."},
	{attest.CodeKeyPolicy, "A key is of a kind that is not accepted.", "Use ECDSA P-256 or Ed25519."},
	{attest.CodeUnsupported, "A form of evidence that this version can't verify.", "Sign with a key."},
	{attest.CodeIncomplete, "Evidence does not lie in the store as it was put there: a copy is missing or differs.", "Restore the store, or run the stage again."},
}

// Codes lists the documentation of every reason code, sorted.
func Codes() []CodeDoc {
	out := slices.Concat(codeDocs, breakGlassDocs)
	sort.Slice(out, func(i, j int) bool { return out[i].Code < out[j].Code })
	return out
}
