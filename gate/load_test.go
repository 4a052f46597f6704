// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// badPolicies are changes of the shop's policy that must not load, with the whole message, or its beginning where package rules has the word.
var badPolicies = []struct {
	name   string
	change []string
	want   string
}{
	{"unknown key", []string{"expires: 2027", "expire: 2027"}, "policy/policy.yaml:5:1: unknown key \"expire\"\nhint: did you mean \"expires\"?"},
	{"unknown key far from all", []string{"trust: none", "zzz: none"}, "policy/policy.yaml:6:1: unknown key \"zzz\"\nhint: known here: apiVersion, artifacts, attached, baseline, configRules, environmentRules, environments, expires, flows, identities, kind, maxWaiver, name, people, rules, stages, trust, version, vex"},
	{"unknown key in a stage", []string{"stages:\n  source: {signedBy", "stages:\n  source: {signedby"}, "policy/policy.yaml:21:12: stages.source: unknown key \"signedby\"\nhint: did you mean \"signedBy\"?"},
	{"duplicate key", []string{"trust: none", "version: 4"}, "policy/policy.yaml:6:1: key \"version\" stands twice"},
	{"duplicate stage", []string{"  scan: {after", "  source: {after"}, "policy/policy.yaml:23:3: stages: key \"source\" stands twice"},
	{"S-17 anchor", []string{"threshold: 2,", "threshold: &x 2,"}, "policy/policy.yaml:32:42: environments.prod.approvals.threshold: anchors and aliases are not allowed here\nhint: write the value out"},
	{"S-17 alias", []string{"trust: none", "trust: *x"}, "policy/policy.yaml: is not YAML: unknown anchor 'x' referenced"},
	{"S-17 merge key", []string{"trust: none", "<<: {trust: none}"}, "policy/policy.yaml:6:1: merge keys, anchors and complex keys are not allowed here\nhint: write the keys out"},
	{"S-17 two documents", []string{"trust: none\n", "trust: none\n---\nname: other\n"}, "policy/policy.yaml: holds more than one YAML document, expected one"},
	{"S-17 tab", []string{"trust: none", "\ttrust: none"}, "policy/policy.yaml: is not YAML: line 5: found a tab character that violates indentation"},
	{"YAML 1.1 boolean", []string{"  staging: {from: dev,", "  staging: {protected: yes, from: dev,"}, "policy/policy.yaml:28:24: environments.staging.protected: expected true or false, found \"yes\""},
	{"list for a mapping", []string{"rules:\n  vulnerabilities: {refuse: high}", "rules: [a]"}, "policy/policy.yaml:33:8: rules: expected a mapping, found a list"},
	{"text for a list", []string{"signedBy: [source-job]", "signedBy: source-job"}, "policy/policy.yaml:21:22: stages.source.signedBy: expected a list, found \"source-job\""},
	{"mapping for text", []string{"name: shop", "name: {a: b}"}, "policy/policy.yaml:3:7: name: expected text, found a mapping"},
	{"nothing for text", []string{"name: shop", "name:"}, "policy/policy.yaml:3:6: name: expected text, found nothing"},
	{"text for a number", []string{"version: 3", "version: three"}, "policy/policy.yaml:4:10: version: expected a whole number, found \"three\""},
	{"number too large", []string{"version: 3", "version: 99999999999"}, "policy/policy.yaml:4:10: version: expected a whole number, found \"99999999999\""},
	{"fraction for a number", []string{"version: 3", "version: 3.0"}, "policy/policy.yaml:4:10: version: expected a whole number, found \"3.0\""},
	{"a day for a time", []string{"expires: 2027-06-30T00:00:00Z", "expires: 2027-06-30"}, "policy/policy.yaml:5:10: expires: expected a time with zone such as 2027-06-30T00:00:00Z, found \"2027-06-30\""},
	{"a time without zone", []string{"expires: 2027-06-30T00:00:00Z", "expires: 2027-06-30T00:00:00"}, "policy/policy.yaml:5:10: expires: expected a time with zone such as 2027-06-30T00:00:00Z, found \"2027-06-30T00:00:00\""},
	{"not a duration", []string{"validFor: 72h", "validFor: 3 days"}, "policy/policy.yaml:32:55: environments.prod.approvals.validFor: expected a duration such as 24h or 7d, found \"3 days\""},
	{"negative duration", []string{"validFor: 72h", "validFor: -72h"}, "policy/policy.yaml:32:55: environments.prod.approvals.validFor: expected a duration such as 24h or 7d, found \"-72h\""},
	{"maximum age of nothing", []string{"maxAge: {enter: 24h, stay: 720h}", "maxAge: 0s"}, "policy/policy.yaml:23:75: stages.scan.maxAge.enter: a maximum age of nothing could be read as no bound at all\nhint: leave it out where there is to be no bound"},
	{"maximum age of nothing, to stay", []string{"stay: 720h", "stay: 0d"}, "policy/policy.yaml:23:94: stages.scan.maxAge.stay: a maximum age of nothing could be read as no bound at all\nhint: leave it out where there is to be no bound"},
	{"another version of the format", []string{"sealock/v1", "sealock/v2"}, "policy/policy.yaml:1:13: apiVersion: is \"sealock/v2\", expected \"sealock/v1\""},
	{"another kind of file", []string{"kind: Policy", "kind: Pipeline"}, "policy/policy.yaml:2:7: kind: is \"Pipeline\", expected \"Policy\""},
	{"no name", []string{"name: shop\n", ""}, "policy/policy.yaml: name: a policy needs a name\nhint: lower-case letters, digits, . _ -"},
	{"a name with a slash", []string{"name: shop", "name: acme/shop"}, "policy/policy.yaml:3:7: name: a policy needs a name\nhint: lower-case letters, digits, . _ -"},
	{"version zero", []string{"version: 3", "version: 0"}, "policy/policy.yaml:4:10: version: expected a whole number from 1\nhint: raise it with each change"},
	{"no end", []string{"expires: 2027-06-30T00:00:00Z\n", ""}, "policy/policy.yaml: expires: a policy needs a day on which it expires\nhint: for example expires: 2027-06-30T00:00:00Z"},
	{"trust in certificates", []string{"trust: none", "trust: {sigstore: public-good}"}, "policy/policy.yaml:6:19: trust.sigstore: certificates, logs and time stamps are not accepted here\nhint: write trust: none and use keys"},
	{"trust in a file", []string{"trust: none", "trust: trusted_root.json"}, "policy/policy.yaml:6:8: trust.sigstore: certificates, logs and time stamps are not accepted here\nhint: write trust: none and use keys"},
	{"V-44 identity with nothing", []string{"outsider: {key: keys/outsider.pub}", "outsider: {}"}, "policy/policy.yaml:14:13: identities.outsider: expected exactly one of: key; issuer and subject; anyOf"},
	{"V-44 identity with an empty group", []string{"{anyOf: [alice, alice-laptop, bob, carol]}", "{anyOf: []}"}, "policy/policy.yaml:19:13: identities.managers: expected exactly one of: key; issuer and subject; anyOf"},
	{"V-44 identity with issuer only", []string{"outsider: {key: keys/outsider.pub}", "outsider: {issuer: https://token.example.com}"}, "policy/policy.yaml:14:13: identities.outsider: an identity needs both issuer and subject: without one of them it would match strangers"},
	{"V-44 identity with subject only", []string{"outsider: {key: keys/outsider.pub}", "outsider: {subjectPattern: .*}"}, "policy/policy.yaml:14:13: identities.outsider: an identity needs both issuer and subject: without one of them it would match strangers"},
	{"identity of a certificate", []string{"outsider: {key: keys/outsider.pub}", "outsider: {issuer: https://token.example.com, subject: https://example.com/build}"}, "policy/policy.yaml:14:13: identities.outsider: trust is none, so no certificate could ever be verified\nhint: name the trust root: trust: {sigstore: public-good}, or a trusted_root.json of the policy"},
	{"identity with key and issuer", []string{"outsider: {key: keys/outsider.pub}", "outsider: {key: keys/outsider.pub, issuer: https://token.example.com}"}, "policy/policy.yaml:14:13: identities.outsider: expected exactly one of: key; issuer and subject; anyOf"},
	{"identity that ends before it begins", []string{"outsider: {key: keys/outsider.pub}", "outsider: {key: keys/outsider.pub, notBefore: 2027-01-01T00:00:00Z, notAfter: 2026-01-01T00:00:00Z}"}, "policy/policy.yaml:14:13: identities.outsider: notAfter is before notBefore"},
	{"group of nobody known", []string{"anyOf: [alice,", "anyOf: [alise,"}, "policy/policy.yaml:19:22: identities.managers.anyOf[0]: unknown identity \"alise\"\nhint: did you mean \"alice\"?"},
	{"group of itself only", []string{"{anyOf: [alice, alice-laptop, bob, carol]}", "{anyOf: [managers]}"}, "policy/policy.yaml:19:13: identities.managers: anyOf names nobody in the end"},
	{"no key file", []string{"keys/outsider.pub", "keys/outsidr.pub"}, "policy/policy.yaml:14:19: identities.outsider.key: no file \"keys/outsidr.pub\" in the policy\nhint: paths are relative to the policy folder"},
	{"key file outside", []string{"keys/outsider.pub", "../keys/outsider.pub"}, "policy/policy.yaml:14:19: identities.outsider.key: no file \"../keys/outsider.pub\" in the policy\nhint: paths are relative to the policy folder"},
	{"key of the user's folder", []string{"keys/outsider.pub", "local:outsider"}, "policy/policy.yaml:14:19: identities.outsider.key: keys of the user's own folder are not accepted here\nhint: put the public key into the policy folder: mkdir -p keys && sealock keys show outsider > keys/outsider.pub, and name it here: keys/outsider.pub"},
	{"V-44 stage signed by nobody", []string{"signedBy: [scan-job]", "signedBy: []"}, "policy/policy.yaml:23:36: stages.scan.signedBy: nobody is named: nothing could ever be allowed"},
	{"V-44 stage without signers", []string{"signedBy: [scan-job], ", ""}, "policy/policy.yaml:23:9: stages.scan.signedBy: nobody is named: nothing could ever be allowed"},
	{"stage signed by somebody unknown", []string{"signedBy: [scan-job]", "signedBy: [scan-jobs]"}, "policy/policy.yaml:23:37: stages.scan.signedBy[0]: unknown identity \"scan-jobs\"\nhint: did you mean \"scan-job\"?"},
	{"stage with an unknown kind of evidence", []string{"evidence: [vulns]", "evidence: [vuln]"}, "policy/policy.yaml:23:59: stages.scan.evidence[0]: unknown kind of evidence \"vuln\"\nhint: did you mean \"vulns\"?"},
	{"stage after an unknown one", []string{"after: [build]", "after: [biuld]"}, "policy/policy.yaml:23:18: stages.scan.after[0]: unknown stage \"biuld\"\nhint: did you mean \"build\"?"},
	{"stage after itself", []string{"after: [build]", "after: [scan]"}, "policy/policy.yaml:23:17: stages.scan.after: stage \"scan\" comes after itself"},
	{"stages in a circle", []string{"source: {signedBy", "source: {after: [scan], signedBy"}, "policy/policy.yaml:22:18: stages.build.after: stage \"build\" comes after itself"},
	{"stage about something unknown", []string{"source: {signedBy", "source: {about: gti, signedBy"}, "policy/policy.yaml:21:19: stages.source.about: unknown kind of subject \"gti\": expected git\nhint: did you mean \"git\"?"},
	{"threshold that can't be met", []string{"signedBy: [scan-job]", "threshold: 2, signedBy: [scan-job]"}, "policy/policy.yaml:23:9: stages.scan: a threshold is above the number of identities in signedBy: it could never be met"},
	{"negative threshold", []string{"signedBy: [scan-job]", "threshold: -1, signedBy: [scan-job]"}, "policy/policy.yaml:23:9: stages.scan: a threshold is above the number of identities in signedBy: it could never be met"},
	{"kind of artifact without a stage", []string{"product: build", "product: biuld"}, "policy/policy.yaml:25:22: artifacts.service.product: unknown stage \"biuld\"\nhint: did you mean \"build\"?"},
	{"kind of artifact without a name", []string{"  service: {", "  \"\": {"}, "policy/policy.yaml:25:7: artifacts.: \"\" is no name for a kind of artifact\nhint: lower-case letters, digits, . _ -"},
	{"V-44 no repositories", []string{"repositories: [\"registry.example.com/shop/*\"]", "repositories: []"}, "policy/policy.yaml:25:43: artifacts.service.repositories: no repository is listed: nothing could ever be allowed\nhint: leave it out where any will do"},
	{"repository pattern that is none", []string{"registry.example.com/shop/*", "registry.example.com/[shop"}, "policy/policy.yaml:25:44: artifacts.service.repositories[0]: \"registry.example.com/[shop\" is no pattern for repositories\nhint: * stands for one segment of the path"},
	{"S-17 tag", []string{"threshold: 2,", "threshold: !!int 2,"}, "policy/policy.yaml:32:42: environments.prod.approvals.threshold: tags such as !!int are not allowed here\nhint: write the value alone"},
	{"S-17 tag on a parameter", []string{"{refuse: high}", "{refuseExploited: !!bool yes}"}, "policy/policy.yaml:34:38: rules.vulnerabilities.refuseExploited: tags such as !!bool are not allowed here\nhint: write the value alone"},
	{"P-23 two kinds of one product", []string{"artifacts:", "artifacts:\n  other: {product: build}"}, "policy/policy.yaml:26:22: artifacts.service.product: stage \"build\" makes \"other\" already:…"},
	{"environment from nowhere", []string{"from: dev", "from: dve"}, "policy/policy.yaml:28:19: environments.staging.from: unknown environment \"dve\"\nhint: did you mean \"dev\"?"},
	{"environment from itself", []string{"dev: {stages", "dev: {from: staging, stages"}, "policy/policy.yaml:27:15: environments.dev.from: environment \"dev\" comes from itself"},
	{"environment that asks for nothing", []string{"dev: {stages: [source, build],", "dev: {stages: [],"}, "policy/policy.yaml:27:8: environments.dev: environment \"dev\" asks for nothing\nhint: name stages, or the environment it comes from"},
	{"environment with an unknown stage", []string{"stages: [source, build]", "stages: [source, biuld]"}, "policy/policy.yaml:27:26: environments.dev.stages[1]: unknown stage \"biuld\"\nhint: did you mean \"build\"?"},
	{"environment with an unknown kind", []string{"stages: [source, build]", "stages: {servce: [source, build]}"}, "policy/policy.yaml:27:26: environments.dev.stages.servce: unknown kind of artifact \"servce\"\nhint: did you mean \"service\"?"},
	{"V-44 environment promoted by nobody", []string{"promotedBy: [build-job]", "promotedBy: []"}, "policy/policy.yaml:27:46: environments.dev.promotedBy: nobody is named: nothing could ever be allowed"},
	{"approvals of nobody", []string{"by: managers,", "by: mangers,"}, "policy/policy.yaml:32:21: environments.prod.approvals.by[0]: unknown identity \"mangers\"\nhint: did you mean \"managers\"?"},
	{"approvals without a threshold", []string{"threshold: 2, validFor", "validFor"}, "policy/policy.yaml:32:16: environments.prod.approvals.threshold: expected a whole number from 1"},
	{"more approvals than people", []string{"threshold: 2, validFor", "threshold: 5, validFor"}, "policy/policy.yaml:32:42: environments.prod.approvals.threshold: 5 approvals are asked for, but \"managers\" are only 4 identities"},
	{"approvals that never expire", []string{"validFor: 72h, ", ""}, "policy/policy.yaml:32:16: environments.prod.approvals.validFor: approvals must expire\nhint: for example validFor: 72h"},
	{"approvals that forbid somebody unknown", []string{"notBy: [build-job, carol]", "notBy: [build-job, karol]"}, "policy/policy.yaml:32:79: environments.prod.approvals.notBy[1]: unknown identity \"karol\"\nhint: did you mean \"carol\"?"},
	{"approvals bound to something else", []string{"validFor: 72h", "validFor: 72h, bindPolicy: version"}, "policy/policy.yaml:32:72: environments.prod.approvals.bindPolicy: is \"version\", expected name or digest"},
	{"approvals of nothing", []string{"approvals: {by: managers, threshold: 2, validFor: 72h, notBy: [build-job, carol]}", "approvals:"}, "policy/policy.yaml:32:15: environments.prod.approvals.by[0]: unknown identity \"\"\nhint: known here: alice, alice-laptop, auditor, bob, build-job, build-two, carol, managers, outsider, release-job, scan-job, source-job"},
	{"V-44 attached without signers", []string{"artifacts:", "attached:\n  - {type: vulns}\nartifacts:"}, "policy/policy.yaml:25:5: attached[0].signedBy: nobody is named: nothing could ever be allowed"},
	{"attached of an unknown kind", []string{"artifacts:", "attached:\n  - {type: sboms, signedBy: [auditor]}\nartifacts:"}, "policy/policy.yaml:25:12: attached[0].type[0]: unknown kind of evidence \"sboms\"\nhint: did you mean \"sbom\"?"},
	{"V-44 attached for no kind of artifact", []string{"artifacts:", "attached:\n  - {type: vulns, signedBy: [auditor], artifacts: []}\nartifacts:"}, "policy/policy.yaml:25:51: attached[0].artifacts: no kind of artifact is listed\nhint: leave it out where all kinds need it"},
	{"rule that nobody knows", []string{"vulnerabilities: {refuse: high}", "vulnerabilites: {refuse: high}"}, "policy/policy.yaml:34:3: rules: vulnerabilites:…"},
	{"rule with an unknown parameter", []string{"vulnerabilities: {refuse: high}", "vulnerabilities: {refused: high}"}, "policy/policy.yaml:34:3: rules: vulnerabilities.refused:…"},
	{"rule with an unknown level", []string{"vulnerabilities: {refuse: high}", "vulnerabilities: {refuse: hihg}"}, "policy/policy.yaml:34:3: rules: vulnerabilities.refuse:…"},
	{"rules of an unknown environment", []string{"people:", "environmentRules: {prd: {vulnerabilities: {refuse: low}}}\npeople:"}, "policy/policy.yaml:35:25: environmentRules.prd: unknown environment \"prd\"\nhint: did you mean \"prod\"?"},
	{"rule of an environment with a wrong value", []string{"people:", "environmentRules: {prod: {vulnerabilities: {refuse: 7}}}\npeople:"}, "policy/policy.yaml:35:26: environmentRules.prod: vulnerabilities.refuse:…"},
	{"person who is nobody", []string{"alice: [alice, keys/alice-laptop.pub]", "alice: []"}, "policy/policy.yaml:36:10: people.alice: a person needs at least one identity"},
	{"person misspelt", []string{"alice: [alice, keys/alice-laptop.pub]", "alice: [alice, keys/alice-lapto.pub]"}, "policy/policy.yaml:36:18: people.alice[1]: \"keys/alice-lapto.pub\" is neither an identity of the policy, nor a key file, nor the subject of a certificate\nhint: did you mean \"keys/alice-laptop.pub\"?"},
	{"person who is a group", []string{"alice: [alice, keys/alice-laptop.pub]", "alice: [managers]"}, "policy/policy.yaml:36:11: people.alice[0]: \"managers\" is neither an identity of the policy, nor a key file, nor the subject of a certificate\nhint: known here: alice, alice-laptop, auditor, bob, build-job, build-two, carol, keys/alice-laptop.pub, keys/alice.pub, keys/auditor.pub, keys/bob.pub, keys/build-job.pub, keys/build-two.pub, keys/carol.pub, keys/outsider.pub, keys/release-job.pub, keys/scan-job.pub, keys/source-job.pub, outsider, release-job, scan-job, source-job"},
	{"two people with one key", []string{"alice: [alice, keys/alice-laptop.pub]", "alice: [alice]\n  bob: [bob, ./keys/alice.pub]"}, "policy/policy.yaml:37:14: people.bob[1]: \"./keys/alice.pub\" belongs to \"alice\" already"},
}

func TestPolicyErrors(t *testing.T) {
	for _, c := range badPolicies {
		t.Run(c.name, func(t *testing.T) {
			p, err := newWorld(t).policyText(c.change...).parse()
			if err == nil || p != nil {
				t.Fatalf("it was loaded")
			}
			var place *ConfigError
			if !errors.As(err, &place) || place.File != "policy/policy.yaml" {
				t.Errorf("an error without a place: %v", err)
			}
			if rest, cut := strings.CutSuffix(c.want, "…"); err.Error() != c.want && (!cut || !strings.HasPrefix(err.Error(), rest)) {
				t.Errorf("said\n%s\nexpected\n%s", err, c.want)
			}
		})
	}
}

func TestWaiverErrors(t *testing.T) {
	const sound = "rule: vulnerabilities, scope: {advisory: CVE-2026-0001, everywhere: true}, reason: r, owner: o, expires: 2027-01-01T00:00:00Z"
	if _, err := newWorld(t).waive("{" + sound + "}").parse(); err != nil {
		t.Fatalf("a sound waiver: %v", err)
	}
	purl := strings.Replace(sound, "advisory: CVE-2026-0001, everywhere: true", `purl: "pkg:deb/debian/openssl@3.0?arch=amd64&distro=debian-12"`, 1)
	if _, err := newWorld(t).waive("{" + purl + "}").parse(); err != nil {
		t.Fatalf("a package URL with qualifiers: %v", err)
	}
	for name, c := range map[string]struct{ old, new, want string }{
		"no rule":                      {"rule: vulnerabilities, ", "", "a waiver needs the rule it is about"},
		"unknown rule":                 {"rule: vulnerabilities", "rule: vulnerabilitys", `waivers[0].rule: unknown rule "vulnerabilitys"`},
		"no scope":                     {"scope: {advisory: CVE-2026-0001, everywhere: true}, ", "", "a waiver needs a scope"},
		"empty scope":                  {"{advisory: CVE-2026-0001, everywhere: true}", "{}", "a waiver needs a scope"},
		"scope of nothing":             {"CVE-2026-0001, everywhere: true", `""`, "a waiver needs a scope"},
		"P-19 not in so many words":    {", everywhere: true", "", "the waiver would accept CVE-2026-0001 wherever it turns up"},
		"P-19 not quite everywhere":    {"everywhere: true", "everywhere: false", "the waiver would accept CVE-2026-0001 wherever it turns up"},
		"P-19 everywhere and there":    {"everywhere: true", "everywhere: true, path: a", "contradict each other"},
		"P-19 everywhere in one":       {"everywhere: true", `everywhere: true, subject: "sha256:` + strings.Repeat("a", 64) + `"`, "contradict each other"},
		"P-19 a whole rule":            {"advisory: CVE-2026-0001, everywhere: true", "everywhere: true", "everywhere needs the advisory or the artifact"},
		"P-19 in a fingerprint":        {"advisory: CVE-2026-0001, everywhere: true", `fingerprint: "ab*"`, "wildcards are not allowed in a waiver"},
		"ends before it begins":        {"expires: 2027-01-01T00:00:00Z", "from: 2027-01-02T00:00:00Z, expires: 2027-01-01T00:00:00Z", "it expires before it begins"},
		"begins on a day without zone": {"expires:", "from: 2026-12-01, expires:", "expected a time with zone"},
		"unknown scope":                {"advisory:", "cve:", `unknown key "cve"`},
		"a blank reason":               {"reason: r", "reason: \" \"", "a waiver needs a reason and an owner"},
		"no reason":                    {"reason: r, ", "", "a waiver needs a reason and an owner"},
		"no owner":                     {"owner: o, ", "", "a waiver needs a reason and an owner"},
		"no end":                       {", expires: 2027-01-01T00:00:00Z", "", "a waiver needs a day on which it expires"},
		"P-19 wildcard":                {"CVE-2026-0001", `"CVE-*"`, "wildcards are not allowed in a waiver"},
		"P-19 question mark":           {"CVE-2026-0001", `"CVE-2026-000?"`, "wildcards are not allowed in a waiver"},
		"P-19 in a path":               {"advisory: CVE-2026-0001, everywhere: true", `path: "src/**"`, "wildcards are not allowed in a waiver"},
		"P-19 in a purl":               {"advisory: CVE-2026-0001, everywhere: true", `purl: "pkg:npm/*"`, "wildcards are not allowed in a waiver"},
		"subject no digest":            {"advisory: CVE-2026-0001, everywhere: true", "subject: shop", "waivers[0].scope.subject: digest"},
		"until a day unclear":          {"2027-01-01T00:00:00Z", "2027", "expected a time with zone"},
	} {
		_, err := newWorld(t).waive("{" + strings.Replace(sound, c.old, c.new, 1) + "}").parse()
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "policy/waivers.yaml:4:") {
			t.Errorf("%s: %v, expected %s at its place", name, err, c.want)
		}
	}
	for name, text := range map[string]string{"empty": "", "another kind": "apiVersion: sealock/v1\nkind: Revocations\nrevoked: []\n", "list of nothing": "apiVersion: sealock/v1\nkind: Waivers\nwaivers:\n"} {
		if _, err := newWorld(t).file("waivers.yaml", text).parse(); err == nil {
			t.Errorf("%s: it was loaded", name)
		}
	}
}

func TestRevocationErrors(t *testing.T) {
	digest := "sha256:" + strings.Repeat("a", 64)
	for _, c := range []struct{ in, want string }{
		{"{identity: build-job, reason: r}", ""},
		{"{identity: managers, from: 2026-01-01T00:00:00Z}", ""},
		{"{identity: \"" + digest + "\"}", ""},
		{"{subject: \"" + digest + "\"}", ""},
		{"{subject: \"gitCommit:" + strings.Repeat("a", 40) + "\"}", ""},
		{"{statement: \"" + digest + "\"}", ""},
		{"{serial: 0123abcdef}", ""},
		{"{reason: r}", "expected exactly one of subject, statement, identity, serial"},
		{"{subject: \"" + digest + "\", serial: 01}", "expected exactly one of subject, statement, identity, serial"},
		{"{identity: biuld-job}", `unknown identity "biuld-job"`},
		{"{identity: \"sha512:" + strings.Repeat("a", 128) + "\"}", "unknown identity"},
		{"{subject: shop}", "expected algorithm:hex"},
		{"{subject: \"sha256:AA\"}", "expected lower-case hex"},
		{"{statement: \"sha512:" + strings.Repeat("a", 128) + "\"}", "is not sha256:…"},
		{"{statement: \"" + strings.ToUpper(digest) + "\"}", "is not sha256:…"},
		{"{serial: \"01:AB\"}", "expected lower-case hex without separators"},
		{"{subject: \"" + digest + "\", from: 2026-01-01T00:00:00Z}", "`from` belongs to identities and serials"},
		{"{identity: build-job, since: 2026-01-01T00:00:00Z}", `unknown key "since"`},
	} {
		p, err := newWorld(t).revoke(c.in).parse()
		switch {
		case c.want == "" && (err != nil || len(p.Revoked) != 1):
			t.Errorf("%s: %v", c.in, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "policy/revoked.yaml:4:")):
			t.Errorf("%s: %v, expected %s at its place", c.in, err, c.want)
		}
	}
}

func TestV60_KeysOfThePolicy(t *testing.T) {
	for name, file := range map[string]string{"empty": "", "text": "key", "two keys": string(testKeys()["alice"].PEM) + string(testKeys()["bob"].PEM)} {
		_, err := newWorld(t).file("keys/outsider.pub", file).parse()
		if err == nil || !strings.HasPrefix(err.Error(), "policy/policy.yaml:14:19: identities.outsider.key: keys/outsider.pub: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLocalKeys(t *testing.T) {
	w := newWorld(t).policyText("keys/outsider.pub", "local:me")
	opt := LoadOptions{ParseKey: parseKey, LocalKey: func(name string) ([]byte, error) {
		if name != "me" {
			return nil, errors.New("no such key")
		}
		return testKeys()["outsider"].PEM, nil
	}}
	p, err := parsePolicy("policy", w.files, opt, compileOnce)
	if err != nil || strings.Join(p.LocalKeys(), " ") != "outsider" || p.LocalName("outsider") != "me" {
		t.Fatalf("%v", err)
	}
	if _, in := p.Files["local:me"]; !in {
		t.Error("the key is no part of the policy's digest")
	}
	w.chain()
	protected := newWorld(t).policyText("keys/outsider.pub", "local:me", "    from: staging\n", "    from: staging\n    protected: true\n")
	q, err := parsePolicy("policy", protected.files, opt, compileOnce)
	if err != nil {
		t.Fatal(err)
	}
	wantAllowed(t, w.gate(p, w.store()).Check(t.Context(), w.fill(enter("dev"))))
	wantNot(t, w.gate(q, w.store()).Check(t.Context(), w.fill(enter("prod"))), Refused, CodePolicyLocalKeys)
	w.policyText("local:me", "local:you")
	if _, err := parsePolicy("policy", w.files, opt, compileOnce); err == nil || !strings.Contains(err.Error(), "hint: make it with 'sealock keys generate you'") {
		t.Errorf("%v", err)
	}
}

func TestGroupsOfGroups(t *testing.T) {
	var b strings.Builder
	for i := range 30 {
		fmt.Fprintf(&b, "  g%d: {anyOf: [g%d, g%d, g%d]}\n", i, i+1, i+1, (i+15)%31)
	}
	p := newWorld(t).policyText("stages:", b.String()+"  g30: {anyOf: [alice, g0]}\nstages:").load()
	if got := strings.Join(p.Expand([]string{"g0"}), " "); got != "alice" {
		t.Errorf("a group 30 levels deep, with circles, is %q", got)
	}
}

// The digest names everything that decides, and nothing else.
func TestPolicyDigest(t *testing.T) {
	base := newWorld(t).load()
	if again := newWorld(t).load(); again.Digest != base.Digest {
		t.Error("equal files have different digests")
	}
	if p := newWorld(t).file("README.md", "x").load(); p.Digest != base.Digest {
		t.Error("a README is part of the digest")
	}
	for name, w := range map[string]*world{
		"a comment":        newWorld(t).file("policy.yaml", shopPolicy+"# x\n"),
		"a key":            newWorld(t).file("keys/outsider.pub", string(testKeys()["stranger"].PEM)),
		"an unused key":    newWorld(t).file("keys/more.pub", "x"),
		"a waiver":         newWorld(t).waive("{rule: vulnerabilities, scope: {advisory: A, everywhere: true}, reason: r, owner: o, expires: 2027-01-01T00:00:00Z}"),
		"a revocation":     newWorld(t).revoke("{serial: 01}"),
		"a trust root":     newWorld(t).file("trusted_root.json", "{}"),
		"a rule's test":    newWorld(t).file("x_test.rego", "package policy.x_test\n"),
		"a rule elsewhere": newWorld(t).file("own/x.rego", ownRule("false")),
	} {
		if p := w.load(); p.Digest == base.Digest {
			t.Errorf("%s is no part of the digest", name)
		}
	}
}

// ownRule is a rule of the policy's own that refuses on a condition.
func ownRule(when string) string {
	return `# METADATA
# title: Own rule
# custom:
#   id: own
#   severity: high
package own

refuse contains {"code": "OWN", "message": "no"} if { ` + when + " }\n"
}

func TestOwnRules(t *testing.T) {
	wantAllowed(t, bare(t).file("own.rego", ownRule("false")).check(enter("dev")))
	wantNot(t, bare(t).file("own.rego", ownRule("input.environment == \"dev\"")).check(enter("dev")), Refused, "OWN")
	// P-24: an error in one rule is an error of all.
	wantNot(t, bare(t).file("own.rego", ownRule(`time.parse_rfc3339_ns("soon") > 0`)).check(enter("dev")), Undecided, "RULE_ERROR")
	if _, err := bare(t).file("own.rego", "package own\n\nrefuse contains 1 if {").parse(); err == nil {
		t.Error("a rule that does not compile was loaded")
	}
}

// YAML reads the same word in several ways; none of them is turned into its opposite.
func TestTruthInRuleParameters(t *testing.T) {
	for word, want := range map[string]any{"true": true, "True": true, "TRUE": true, "false": false, "False": false, "FALSE": false} {
		p, err := newWorld(t).policyText("{refuse: high}", "{refuse: high, refuseExploited: "+word+"}").parse()
		if err != nil {
			continue // refused is fine
		}
		if got := p.Params("")["vulnerabilities"]["refuseExploited"]; got != want {
			t.Errorf("%s was read as %v", word, got)
		}
	}
}

func TestFreeValuesOfYAML(t *testing.T) {
	for in, want := range map[string]string{"1": "1", "-7": "-7", "1.5": "1.5", "2027-01-01": `"2027-01-01"`, "text": `"text"`, `"1"`: `"1"`, "[1, a]": `[1,"a"]`, "{a: {b: true}}": `{"a":{"b":true}}`, "~": "null", "": "null"} {
		var v struct {
			P map[string]any `yaml:"p"`
		}
		if _, err := DecodeYAML("f", []byte("p:\n  x: "+in+"\n"), &v); err != nil {
			t.Errorf("%s: %v", in, err)
		} else if got, err := attest.EncodeJSON(v.P["x"]); err != nil || string(got) != want {
			t.Errorf("%s was read as %s", in, got)
		}
	}
	for _, in := range []string{"0x10", "0o17", "1_000", ".inf", "-.inf", ".nan", "&a 1", "{a: 1, a: 2}", "{a: &b 1}", "[&b 1]", "{<<: {a: 1}}", "{? [a] : 1}", strings.Repeat("[", 30) + strings.Repeat("]", 30)} {
		var v struct {
			P map[string]any `yaml:"p"`
		}
		if _, err := DecodeYAML("f", []byte("p:\n  x: "+in+"\n"), &v); err == nil {
			t.Errorf("%s was read as %v", in, v.P["x"])
		}
	}
}

func TestYAMLBounds(t *testing.T) {
	var v PolicyFile
	for name, in := range map[string]string{"empty": "", "comment": "# x\n", "null": "~\n", "text": "shop\n", "list": "- a\n", "too large": "name: " + strings.Repeat("a", maxYAML), "binary": "\x00\x01", "invalid UTF-8": "name: \xff\n",
		"S-17 bomb": "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]\n"} {
		if _, err := DecodeYAML("f", []byte(in), &v); err == nil && name != "null" {
			t.Errorf("%s was read", name)
		}
	}
	if _, err := newWorld(t).file("policy.yaml", "~\n").parse(); err == nil {
		t.Error("a policy of nothing was loaded")
	}
}

func TestDurations(t *testing.T) {
	for in, want := range map[string]string{"24h": "1d", "7d": "7d", "90m": "1h30m0s", "25h": "25h", "0s": "0h", "65535d": "65535d"} {
		d, err := ParseDuration(in)
		if err != nil || d.String() != want {
			t.Errorf("%s: %s, %v; expected %s", in, d, err, want)
		}
		if again, err := ParseDuration(d.String()); err != nil || again != d {
			t.Errorf("%s does not come back: %s, %v", in, again, err)
		}
	}
	for _, in := range []string{"", "d", "1", "-1d", "1.5d", "-1h", "65536d", "1w", "9999999999h", "1d12h", " 1h"} {
		if d, err := ParseDuration(in); err == nil {
			t.Errorf("%q was read as %s", in, d)
		}
	}
}

// entry is one member of an archive.
type entry struct {
	name string
	kind byte
	body string
}

func archive(t *testing.T, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(z)
	for _, e := range entries {
		if e.kind == 0 {
			e.kind = tar.TypeReg
		}
		h := &tar.Header{Name: e.name, Typeflag: e.kind, Mode: 0o644, Size: int64(len(e.body)), Linkname: "policy.yaml"}
		if e.kind != tar.TypeReg {
			h.Size = 0
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if e.kind == tar.TypeReg {
			if _, err := w.Write([]byte(e.body)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "policy.tar.gz")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func soundArchive(t *testing.T) []entry {
	out := []entry{{name: "./", kind: tar.TypeDir}, {name: "keys/", kind: tar.TypeDir}}
	w := newWorld(t)
	for _, n := range sortedKeys(w.files) {
		out = append(out, entry{name: "./" + n, body: string(w.files[n])})
	}
	return out
}

func TestLoadPolicy(t *testing.T) {
	opt := LoadOptions{ParseKey: parseKey}
	dir := t.TempDir()
	w := newWorld(t)
	for name, data := range w.files {
		if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755), os.WriteFile(filepath.Join(dir, name), data, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	fromDir, err := LoadPolicy(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	fromArchive, err := LoadPolicy(archive(t, soundArchive(t)...), opt)
	if err != nil {
		t.Fatal(err)
	}
	if fromDir.Digest != fromArchive.Digest || fromDir.Digest != w.load().Digest || fromDir.Digest.IsZero() {
		t.Error("one policy has several digests")
	}
	t.Run("hidden folders are no part", func(t *testing.T) {
		if err := errors.Join(os.MkdirAll(filepath.Join(dir, ".git"), 0o755), os.WriteFile(filepath.Join(dir, ".git", "x.rego"), []byte("no rego"), 0o600)); err != nil {
			t.Fatal(err)
		}
		if p, err := LoadPolicy(dir, opt); err != nil || p.Digest != fromDir.Digest {
			t.Errorf("%v", err)
		}
	})
	for name, want := range map[string]string{".own/x.rego": "in a hidden folder", "x.Rego": "in lower case", "revoked.yml": "name it revoked.yaml", "Waivers.yaml": "name it waivers.yaml"} {
		t.Run("nothing of a policy is passed over: "+name, func(t *testing.T) {
			stray := filepath.Join(dir, filepath.FromSlash(name))
			if err := errors.Join(os.MkdirAll(filepath.Dir(stray), 0o755), os.WriteFile(stray, []byte("package policy.x\n"), 0o600)); err != nil {
				t.Fatal(err)
			}
			if _, err := LoadPolicy(dir, opt); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("folder: %v", err)
			}
			if _, err := LoadPolicy(archive(t, append(soundArchive(t), entry{name: name, body: "package policy.x\n"})...), opt); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("archive: %v", err)
			}
			if err := os.Remove(stray); err != nil {
				t.Fatal(err)
			}
		})
	}
	t.Run("S-16 link", func(t *testing.T) {
		link := filepath.Join(dir, "waivers.yaml")
		if err := os.Symlink("/etc/hostname", link); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadPolicy(dir, opt); err == nil || !strings.Contains(err.Error(), "waivers.yaml is not a regular file") {
			t.Errorf("%v", err)
		}
		if err := os.Remove(link); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("too large", func(t *testing.T) {
		big := filepath.Join(dir, "big.bin")
		if err := errors.Join(os.WriteFile(big, nil, 0o600), os.Truncate(big, maxPolicyBytes+1)); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadPolicy(dir, opt); err == nil || !strings.Contains(err.Error(), "policy holds more than") {
			t.Errorf("%v", err)
		}
	})
	for _, uri := range []string{"oci://registry.example.com/policy", "https://example.com/policy", "HTTP://example.com", filepath.Join(dir, "none"), ""} {
		if _, err := LoadPolicy(uri, opt); err == nil {
			t.Errorf("P-18 %q was loaded", uri)
		}
	}
	if _, err := LoadPolicy(t.TempDir(), opt); err == nil || !strings.Contains(err.Error(), "holds no policy.yaml") {
		t.Errorf("an empty folder: %v", err)
	}
}

func TestS15_Archives(t *testing.T) {
	sound := slices.Clip(soundArchive(t))
	many := []entry{}
	for i := range maxPolicyFiles + 1 {
		many = append(many, entry{name: fmt.Sprint(i)})
	}
	folders := []entry{}
	for i := range maxPolicyArchive/512 + 1 {
		folders = append(folders, entry{name: fmt.Sprintf("%d/", i), kind: tar.TypeDir})
	}
	for name, c := range map[string]struct {
		entries []entry
		want    string
	}{
		"upwards":         {append(sound, entry{name: "../evil", body: "x"}), "only regular files inside the archive"},
		"upwards inside":  {append(sound, entry{name: "keys/../../evil", body: "x"}), "only regular files inside the archive"},
		"absolute":        {append(sound, entry{name: "/etc/passwd", body: "x"}), "only regular files inside the archive"},
		"link":            {append(sound, entry{name: "waivers.yaml", kind: tar.TypeSymlink}), "only regular files inside the archive"},
		"hard link":       {append(sound, entry{name: "waivers.yaml", kind: tar.TypeLink}), "only regular files inside the archive"},
		"device":          {append(sound, entry{name: "waivers.yaml", kind: tar.TypeChar}), "only regular files inside the archive"},
		"twice":           {append(sound, entry{name: "policy.yaml", body: "x"}), "stands twice"},
		"twice, spelt":    {append(sound, entry{name: "keys/../policy.yaml", body: "x"}), "stands twice"},
		"S-14 too large":  {append(sound, entry{name: "big", body: strings.Repeat("a", maxPolicyBytes)}), "holds more than"},
		"S-14 too many":   {many, "holds more than"},
		"S-14 folders":    {folders, "unpacks to more than"},
		"no policy in it": {sound[:2], "holds no policy.yaml"},
	} {
		_, err := LoadPolicy(archive(t, c.entries...), LoadOptions{ParseKey: parseKey})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, expected %s", name, err, c.want)
		}
	}
	whole, err := os.ReadFile(archive(t, sound...))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"cut": whole[:len(whole)/2], "not gzip": []byte("policy"), "empty": nil, "no tar": gzipped(t, "policy.yaml")} {
		file := filepath.Join(t.TempDir(), "policy.tar.gz")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadPolicy(file, LoadOptions{ParseKey: parseKey}); err == nil {
			t.Errorf("%s was loaded", name)
		}
	}
}

func gzipped(t *testing.T, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The policy that the documentation shows, with keys where it shows certificates.
const documentedPolicy = `apiVersion: sealock/v1
kind: Policy
name: shop
version: 12
expires: 2027-06-30T00:00:00Z
trust: none
identities:
  source-job: {key: keys/source-job.pub}
  build-job: {key: keys/build-job.pub}
  scan-job: {key: keys/scan-job.pub}
  release-job: {key: keys/release-job.pub}
  platform-job: {key: keys/auditor.pub}
  alice: {key: keys/alice.pub}
  bob: {key: keys/bob.pub}
  carol: {key: keys/carol.pub}
  managers: {anyOf: [alice, bob, carol]}
stages:
  source: {signedBy: [source-job], evidence: [secrets, config]}
  build:  {after: [{stage: source, sameRun: true}], signedBy: [build-job], evidence: [provenance, sbom]}
  scan:   {after: [build], signedBy: [scan-job], evidence: [vulns], maxAge: {enter: 24h, stay: 720h}}
  import: {signedBy: [platform-job], evidence: [sbom, vulns]}        # third-party images: no after
attached:
  - {type: vulns, signedBy: [scan-job], artifacts: [vendor]}
artifacts:
  service: {product: build, repositories: ["registry.acme.io/shop/*"]}
  vendor:  {product: import, repositories: ["registry.acme.io/mirror/*"]}
environments:
  dev:     {stages: {service: [source, build]}, promotedBy: [build-job]}
  staging: {from: dev, stages: {service: [scan]}, promotedBy: [release-job]}
  prod:    {from: staging, promotedBy: [release-job], protected: true,
            approvals: {by: managers, threshold: 2, validFor: 72h, notBy: [build-job]}}
rules:
  vulnerabilities: {refuse: high, refuseExploited: true, grace: 7d, onStay: warn}
  config: {refuse: high, effective: 2027-01-01}
environmentRules:
  prod: {vulnerabilities: {refuse: medium}}
people: {alice: [alice@acme.io, keys/alice.pub]}
`

func TestDocumentedPolicy(t *testing.T) {
	p := newWorld(t).file("policy.yaml", documentedPolicy).load()
	if got := strings.Join(p.RequiredStages("prod", "service"), " "); got != "source build scan" {
		t.Errorf("prod asks services for %q", got)
	}
	if got := strings.Join(p.RequiredStages("prod", "vendor"), " "); got != "import" {
		t.Errorf("prod asks vendors for %q", got)
	}
	if got := strings.Join(p.Path("prod"), " "); got != "dev staging prod" {
		t.Errorf("the way to prod is %q", got)
	}
	if got := strings.Join(p.EnvironmentOrder(), " "); got != "dev staging prod" {
		t.Errorf("the environments are %q", got)
	}
	if a := p.Stages["scan"].MaxAge; time.Duration(a.Enter) != 24*time.Hour || time.Duration(a.Stay) != 720*time.Hour {
		t.Errorf("maxAge %+v", a)
	}
	if got := p.Params("prod")["vulnerabilities"]["refuse"]; got != "medium" {
		t.Errorf("prod refuses %v", got)
	}
	if got := p.Params("dev")["vulnerabilities"]["refuse"]; got != "high" {
		t.Errorf("dev refuses %v", got)
	}
	if !p.MaySign(attest.Identity{Key: testKeys()["bob"].ID}, []string{"managers"}) || p.MaySign(attest.Identity{Key: testKeys()["build-job"].ID}, []string{"managers"}) {
		t.Error("managers are others than the policy says")
	}
}

// A rule in a test file would look like one and never be evaluated.
func TestTestFilesDecideNothing(t *testing.T) {
	if _, err := newWorld(t).file("own_test.rego", "package policy.own_test\n\nrefuse contains \"never\" if true\n").parse(); err == nil || !strings.Contains(err.Error(), "a test file can't define refuse") {
		t.Errorf("%v", err)
	}
	w := newWorld(t).file("own_test.rego", "package policy.own_test\n\ntest_nothing if true\n")
	if p, err := w.parse(); err != nil || p.Files["own_test.rego"].IsZero() {
		t.Errorf("%v", err)
	}
}
