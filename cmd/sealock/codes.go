// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"slices"
	"sync"

	"github.com/sealock-dev/sealock/attest/registry"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/sigstore/keyless"
	"github.com/sealock-dev/sealock/attest/sigstore/tufroot"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/admission"
	"github.com/sealock-dev/sealock/gate/drift"
	"github.com/sealock-dev/sealock/gate/promotion"
	"github.com/sealock-dev/sealock/rules"
)

// ruleCodes documents the codes of the gate's own rules, and those of rules that can't be evaluated.
var ruleCodes = []gate.CodeDoc{
	{Code: "CONFIG_FINDING", Meaning: "The configuration scan found something at or above the level that is refused.", Fix: "Change the file as the finding says, or waive the finding."},
	{Code: "DB_STALE", Meaning: "The vulnerability data of the scan is older than the policy allows.", Fix: "sealock db update, then run the scan again."},
	{Code: "EVIDENCE_MALFORMED", Meaning: "Evidence lacks something that a rule must know, or has it in a form that can't be read.", Fix: "Run the stage again with a tool that writes its type as specified."},
	{Code: "EVIDENCE_STALE", Meaning: "Evidence of a kind is older than the policy allows.", Fix: "Run the stage again."},
	{Code: "LICENSE_NOT_ALLOWED", Meaning: "A package is under a license that the policy does not allow.", Fix: "Replace the package, or allow its license."},
	{Code: "LICENSE_UNKNOWN", Meaning: "It can't be told under which license a package is.", Fix: "Find out and use a tool that records it, or set the rule's parameter unknown."},
	{Code: "TOOL_NOT_TRUSTED", Meaning: "Evidence was made by a tool, or a version of one, that the policy does not trust.", Fix: "Run the stage again with a tool and a version that the rule scanners lists."},
	{Code: "MATERIAL_MISMATCH", Meaning: "Provenance says that the build used something else than its receipt says.", Fix: "Run the build again, and let one tool write both."},
	{Code: "PARAMETERS", Meaning: "The build had external parameters that the policy does not accept.", Fix: "Build with the accepted parameters."},
	{Code: "PROVENANCE_BUILDER", Meaning: "Provenance names a builder that the policy does not list.", Fix: "Build with a listed builder."},
	{Code: "PROVENANCE_SOURCE", Meaning: "Provenance names a source that the policy does not list, or none.", Fix: "Build from a listed repository."},
	{Code: "SBOM_EMPTY", Meaning: "An SBOM lists no component.", Fix: "Make it with a tool that sees the packages, or set allowEmpty if there are none."},
	{Code: "SBOM_INCOMPLETE", Meaning: "An SBOM says of itself that it is incomplete, or that this is not known.", Fix: "Make it with a tool that sees all of the artifact, or set the rule's parameter incomplete."},
	{Code: "SBOM_INVALID", Meaning: "An SBOM is not CycloneDX that can be read.", Fix: "Make it again, as CycloneDX JSON."},
	{Code: "SBOM_MISSES_PACKAGE", Meaning: "The vulnerability scan saw a package that the SBOM does not list.", Fix: "Make the SBOM and scan it in the same stage run."},
	{Code: "SBOM_MISSING", Meaning: "A platform of the artifact has no SBOM.", Fix: "Run the stage that makes it for every platform."},
	{Code: "SBOM_ROOT_MISMATCH", Meaning: "The root component of an SBOM does not carry the artifact's digest.", Fix: "Make the SBOM of this very artifact."},
	{Code: "SCAN_INCOMPLETE", Meaning: "A scan did not look at everything.", Fix: "Find out what stopped it, and run it again."},
	{Code: "REPORT_INVALID", Meaning: "A report of another tool is not what its format asks for, or says too little to count.", Fix: "Have the tool write it anew; the message says what is wrong with it."},
	{Code: "REPORT_SUBJECT", Meaning: "A bill of materials by another tool is of another artifact, or does not say of which.", Fix: "Make it of this very artifact, with its digest in the root component."},
	{Code: "CODE_FINDING", Meaning: "A scanner of code, whose report was imported, found a flaw at or above the policy's level.", Fix: "Change the code as the tool says; or waive the finding, or say in signed configuration of the tool that it is none."},
	{Code: "SERVICE_FINDING", Meaning: "A scanner of the running system, whose report was imported, found a flaw at or above the policy's level.", Fix: "Change the service as the tool says, or waive the finding."},
	{Code: "TOOL_NOT_ALLOWED", Meaning: "A report is by a tool that is not in the rule's parameter tools.", Fix: "Scan with a tool that the policy lists, or list this one."},
	{Code: "TOOL_MISSING", Meaning: "The report of a tool in the rule's parameter required is not there.", Fix: "Import its report too: imports in sealock.yaml."},
	{Code: "SECRET_FOUND", Meaning: "The secret scan found something that looks like a secret.", Fix: "Revoke it where it was issued, then remove it from the tree and its history."},
	{Code: "SUPPRESSION_FOUND", Meaning: "The tree asks scanners to ignore findings. They were looked at all the same.", Fix: "Remove the marker; waive the finding in the policy if it is accepted."},
	{Code: "TEST_FAILED", Meaning: "A test result is other than PASSED, or names failed tests.", Fix: "Make the tests pass, and run the stage again."},
	{Code: "VULNERABILITY", Meaning: "A package has a vulnerability at or above the level that is refused, or one that is likely to be exploited.", Fix: "Upgrade the package, or waive the finding."},
	{Code: "VULNERABILITY_EXPLOITED", Meaning: "A package has a vulnerability that is known to be exploited.", Fix: "Upgrade the package now."},
	{Code: rules.CodeNoRules, Meaning: "There is no rule to evaluate.", Fix: "Use a policy that compiles."},
	{Code: rules.CodeParameters, Meaning: "Parameters do not fit the rule that they are for.", Fix: "Correct them; docs/rules.md lists what each rule takes."},
	{Code: rules.CodeInput, Meaning: "The rules could not be given the evidence in the form they expect.", Fix: "Report it: the gate and its rules do not fit together."},
	{Code: rules.CodeRule, Meaning: "A rule failed while it was evaluated.", Fix: "Mend the rule; nothing is allowed while one can't be evaluated."},
	{Code: rules.CodeUndefined, Meaning: "A rule's allow has no value.", Fix: "Write default allow := false in the rule."},
	{Code: rules.CodeType, Meaning: "A rule decides with something that is no set of reasons and no true or false.", Fix: "Give refuse and warn objects with code and message."},
	{Code: rules.CodeRefused, Meaning: "A rule of the policy refuses without a code of its own.", Fix: "See the message; it is the policy's."},
	{Code: rules.CodeWarned, Meaning: "A rule of the policy warns without a code of its own.", Fix: "See the message; it is the policy's."},
}

// subjectCodes documents what can be wrong with an artifact before any evidence is looked at.
var subjectCodes = []gate.CodeDoc{
	{Code: string(subject.DirtyTree), Meaning: "The work tree differs from the commit that is meant.", Fix: "Commit or remove the changes, or name the folder as it is with dir:."},
	{Code: string(subject.AmbiguousRef), Meaning: "A reference could mean several things.", Fix: "Write the scheme (git:, dir:, file:, oci-layout:, docker-archive:) and, for a layout, the digest."},
	{Code: string(subject.AmbiguousManifest), Meaning: "A document of an image can be read in two ways.", Fix: "Make the image again with a tool that writes it soundly."},
	{Code: string(subject.DigestMismatch), Meaning: "Content does not have the digest under which it is named.", Fix: "Make or fetch the artifact again; find out who changed it."},
	{Code: string(subject.Changed), Meaning: "The artifact changed while it was looked at.", Fix: "Let nothing write there while sealock runs."},
	{Code: string(subject.TagMoved), Meaning: "The tag of a reference names another artifact than the digest beside it.", Fix: "Leave the tag out to mean the digest; find out who moved the tag."},
	{Code: string(stage.InputChanged), Meaning: "An input of a stage changed while the stage ran, so nothing was stored.", Fix: "Let nothing write there while the stage runs; what it makes belongs where git ignores it."},
	{Code: string(subject.Empty), Meaning: "The artifact holds nothing.", Fix: "Name what the stage made."},
	{Code: string(subject.NoGit), Meaning: "There is no git program in PATH.", Fix: "Install git, or name the folder as it is with dir:."},
	{Code: string(subject.UnsafeRepository), Meaning: "The Git repository belongs to another user.", Fix: "If you trust it, list it in safe.directory of your own Git configuration."},
}

// registryCodes documents what can go wrong with a registry. Each leaves the answer open.
var registryCodes = []gate.CodeDoc{
	{Code: (&registry.Error{Code: registry.NotFound}).ReasonCode(), Meaning: "The registry does not have what was asked for.", Fix: "Check the name; push the image first."},
	{Code: (&registry.Error{Code: registry.Unauthorized}).ReasonCode(), Meaning: "The registry wants to know who asks, or does not accept the credential.", Fix: "Log in with 'docker login', or name a file with --registry-config; 'sealock doctor' says which credential is used."},
	{Code: (&registry.Error{Code: registry.Denied}).ReasonCode(), Meaning: "The credential may not do this in that repository.", Fix: "Ask for the right to read the repository, or to write to it; use another credential."},
	{Code: (&registry.Error{Code: registry.RateLimited}).ReasonCode(), Meaning: "The registry takes no more requests for now.", Fix: "Wait, log in, or name a mirror with --registry-mirror."},
	{Code: (&registry.Error{Code: registry.Unavailable}).ReasonCode(), Meaning: "The registry fails, or can not be reached.", Fix: "Try again; check the name, the network and the proxy."},
	{Code: (&registry.Error{Code: registry.Timeout}).ReasonCode(), Meaning: "The registry stalls, or takes too long.", Fix: "Try again, or raise --timeout."},
	{Code: (&registry.Error{Code: registry.Limit}).ReasonCode(), Meaning: "The registry sends more than is taken from one.", Fix: "See which bound it is; remove what newer evidence has replaced."},
	{Code: (&registry.Error{Code: registry.DigestMismatch}).ReasonCode(), Meaning: "The registry sends something else than what was asked for by digest.", Fix: "Find out who changed it; nothing from there counts until then."},
	{Code: (&registry.Error{Code: registry.Malformed}).ReasonCode(), Meaning: "The answer is none that a registry gives.", Fix: "Check the name: something else may listen there, such as a login page."},
	{Code: (&registry.Error{Code: registry.Unsupported}).ReasonCode(), Meaning: "The registry does not do this, or sealock does not.", Fix: "See the message."},
	{Code: (&registry.Error{Code: registry.Offline}).ReasonCode(), Meaning: "Requests are switched off by --offline.", Fix: "Leave --offline out, or use folders for subject and store."},
	{Code: (&registry.Error{Code: registry.RefusedAddress}).ReasonCode(), Meaning: "The registry leads to an internal address, or away from TLS.", Fix: "Nothing there is contacted because a registry says so; name the host yourself if it is meant."},
}

// promotionCodes documents what can go wrong while something is promoted.
var promotionCodes = []gate.CodeDoc{
	{Code: promotion.CodeIncomplete, Meaning: "The destination does not show what was stored there, so the tag was not moved.", Fix: "Promote again; if it stays so, the registry loses what it is given."},
	{Code: promotion.CodePack, Meaning: "A pack is not what its signed list says, or is not signed by who may promote.", Fix: "Make it again with 'sealock pack'; find out who changed it."},
}

// reasonCodes lists every code that a decision can have, sorted, each once.
func reasonCodes() []gate.CodeDoc {
	out := slices.Concat(gate.Codes(), admission.Codes(), drift.Codes(), ruleCodes, subjectCodes, registryCodes, promotionCodes)
	out = append(out, gate.CodeDoc{Code: tufroot.CodeUpdate, Meaning: "An update of the trusted root is rolled back, out of date, or not signed as it must be.",
		Fix: "Keep what is trusted; find out who changed the repository, or try again later."})
	for _, d := range keyless.Codes() {
		out = append(out, gate.CodeDoc(d))
	}
	for _, d := range sigstore.Codes() {
		out = append(out, gate.CodeDoc(d))
	}
	slices.SortStableFunc(out, func(a, b gate.CodeDoc) int { return cmp.Compare(a.Code, b.Code) })
	return slices.CompactFunc(out, func(a, b gate.CodeDoc) bool { return a.Code == b.Code })
}

// documented finds the text of a code. Renderers ask for each of thousands of reasons, so the texts are put in order once.
func documented(code string) (gate.CodeDoc, bool) {
	c, ok := codesByName()[code]
	return c, ok
}

var codesByName = sync.OnceValue(func() map[string]gate.CodeDoc {
	out := map[string]gate.CodeDoc{}
	for _, c := range reasonCodes() {
		out[c.Code] = c
	}
	return out
})
