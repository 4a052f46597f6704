// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// fixture is a question that is answered with allowed.
type fixture struct {
	name string
	make func(t testing.TB) *world
	req  Request
}

func bare(t testing.TB) *world { return newWorld(t).chain() }

var fixtures = []fixture{
	{"stage source", bare, Request{Stage: "source", Question: Enter, Subject: attesttest.Source("git+https://example.com/shop", "main")}},
	{"stage build", bare, stage("build")},
	{"enter dev", bare, enter("dev")},
	{"enter staging", func(t testing.TB) *world { return bare(t).promote("dev", "build-job") }, enter("staging")},
	{"stay staging", func(t testing.TB) *world { return bare(t).promote("staging", "release-job") }, stay("staging")},
	{"enter prod", prodWorld, enter("prod")},
	{"enter prod with certificates", certifiedWorld, enter("prod")},
	{"stay prod", func(t testing.TB) *world { return bare(t).promote("prod", "release-job") }, stay("prod")},
	{"two builders", twoBuilders, enter("dev")},
	{"two signatures", func(t testing.TB) *world {
		return newWorld(t).policyText("signedBy: [build-job, build-two]", "threshold: 2, signedBy: [build-job, build-two]").mod("build", func(r *run) { r.by = []string{"build-job", "build-two"} }).chain()
	}, enter("dev")},
	{"attached", attachedWorld, enter("dev")},
	{"two products of one build", twoProducts, enter("dev")},
	{"index", indexWorld, Request{Environment: "dev", Question: Enter, Leaves: indexLeaves}},
}

func twoBuilders(t testing.TB) *world {
	w := newWorld(t).policyText("evidence: [provenance, sbom]}", "evidence: [provenance, sbom], builders: {threshold: 2}}")
	source := w.record(w.sourceRun())
	w.record(w.buildRun(source))
	second := w.buildRun(source)
	second.by = []string{"build-two"}
	second.evidence[0].doc = attesttest.Provenance("https://example.com/builder-two", "run-1", second.finished, attesttest.Material(w.source))
	second.evidence[1].doc.(map[string]any)["version"] = 2
	w.record(second)
	return w
}

func attachedWorld(t testing.TB) *world {
	w := newWorld(t).policyText("artifacts:", "attached:\n  - {type: vulns, signedBy: [auditor]}\nartifacts:").chain()
	w.sign("attached", "auditor", predicate.TypeVulns, attesttest.Vulns(w.at.Add(-3e12)), []attest.Subject{w.image}, false)
	return w
}

// twoProducts is a build of two artifacts, each with evidence of its own.
func twoProducts(t testing.TB) *world {
	cart := attesttest.Artifact("cart", "cart")
	return newWorld(t).mod("build", func(r *run) {
		r.evidence[0].subjects = []attest.Subject{r.subjects[0], cart}
		r.evidence[1].subjects = r.subjects
		r.subjects = append(r.subjects[:1:1], cart)
		r.evidence = append(r.evidence, proof{kind: "sbom", typ: predicate.TypeCycloneDX, doc: attesttest.SBOM(cart, "pkg:npm/yaml@1.0.0"), subjects: []attest.Subject{cart}})
	}).chain()
}

var indexLeaves = []attest.Subject{attesttest.Artifact("shop (linux/amd64)", "amd64"), attesttest.Artifact("shop (linux/arm64)", "arm64")}

// indexWorld builds an index of two platforms; each has an SBOM of its own.
func indexWorld(t testing.TB) *world {
	w := newWorld(t)
	return w.mod("build", func(r *run) {
		r.subjects = append([]attest.Subject{w.image}, indexLeaves...)
		sboms := []proof{r.evidence[0]}
		for _, leaf := range indexLeaves {
			sboms = append(sboms, proof{kind: "sbom", typ: predicate.TypeCycloneDX, doc: attesttest.SBOM(leaf, "pkg:npm/left-pad@1.0.0"), subjects: []attest.Subject{leaf}})
		}
		r.evidence = sboms
	}).chain()
}

// TestAllowedFixtures is the control: a gate that refuses everything must fail.
func TestAllowedFixtures(t *testing.T) {
	for _, f := range fixtures {
		t.Run(f.name, func(t *testing.T) {
			d := f.make(t).check(f.req)
			wantAllowed(t, d)
			if len(d.Inputs) == 0 || d.ID == "" || len(d.Reasons) != 0 {
				t.Errorf("an allowed decision names its inputs and id, and no reason: %+v", d)
			}
		})
	}
}
