// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

const leftPad = "pkg:npm/left-pad@1.0.0"

// vexed is a world with one high vulnerability, CVE-2026-0001 in left-pad, and a policy in which auditor and carol write VEX.
func vexed(t testing.TB, pairs ...string) *world {
	return vulnerable("high")(t).policyText(append([]string{"artifacts:", "vex: {signedBy: [auditor, carol], maxAge: 90d}\nartifacts:"}, pairs...)...)
}

// vexSaid is one OpenVEX statement about left-pad in the world's image, an hour old.
func (w *world) vexSaid(status string, change ...func(map[string]any)) map[string]any {
	s := map[string]any{"vulnerability": map[string]any{"name": "CVE-2026-0001"}, "status": status, "timestamp": predicate.Time(w.at.Add(-time.Hour)),
		"products": []any{map[string]any{"@id": "pkg:oci/shop@" + w.image.Digest.Primary().String(), "subcomponents": []any{map[string]any{"@id": leftPad}}}}}
	if status == predicate.VEXNotAffected {
		s["justification"] = "vulnerable_code_not_in_execute_path"
	}
	for _, c := range change {
		c(s)
	}
	return s
}

func openVEX(statements ...map[string]any) map[string]any {
	return map[string]any{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.com/vex/1", "author": "Example Security", "timestamp": "2026-11-01T00:00:00Z", "version": 1, "statements": statements}
}

// sayVEX signs a VEX document about the world's image.
func (w *world) sayVEX(by string, statements ...map[string]any) *world {
	w.sign("vex:"+by, by, predicate.TypeVEX, openVEX(statements...), []attest.Subject{w.image}, false)
	return w
}

func having(path string, v any) func(map[string]any) {
	return func(s map[string]any) { s[path] = v }
}

func inProducts(ids ...any) func(map[string]any) {
	var list []any
	for _, id := range ids {
		if text, ok := id.(string); ok {
			id = map[string]any{"@id": text}
		}
		list = append(list, id)
	}
	return having("products", list)
}

func TestVEX(t *testing.T) {
	w := vexed(t)
	wantNot(t, w.check(enter("staging")), Refused, "VULNERABILITY")
	d := w.sayVEX("auditor", w.vexSaid(predicate.VEXNotAffected)).check(enter("staging"))
	wantAllowed(t, d)
	if len(d.Waived) != 1 || d.Waived[0].By != "vex" || d.Waived[0].VEX == nil {
		t.Fatalf("waived: %+v", d.Waived)
	}
	got := *d.Waived[0].VEX
	want := VEXUse{Statement: w.idOf("vex:auditor"), SignedBy: "auditor", Author: "Example Security", Format: "OpenVEX", Where: "statements[0]", Product: "pkg:oci/shop@" + w.image.Digest.Primary().String(),
		Status: predicate.VEXNotAffected, Justification: "vulnerable_code_not_in_execute_path", Time: "2026-11-22T11:00:00Z"}
	if got != want {
		t.Errorf("found %+v, expected %+v", got, want)
	}
	if !slices.ContainsFunc(d.Inputs, func(in Input) bool { return in.Digest == want.Statement && !in.Linked }) {
		t.Errorf("the decision does not name the VEX document among its inputs: %+v", d.Inputs)
	}
	if why := d.Waived[0].Why(); !strings.Contains(why, "VEX by auditor says not_affected: vulnerable_code_not_in_execute_path") {
		t.Errorf("it says %q", why)
	}
}

// What VEX says counts for the artifact by its digest, wholly or for some packages, and for a package by its exact purl; in all three formats.
func TestVEXThatCounts(t *testing.T) {
	digest := newWorld(t).image.Digest.Primary()
	for name, change := range map[string]func(map[string]any){
		"the whole artifact":         inProducts("pkg:oci/shop@" + digest.String()),
		"escaped digest":             inProducts("pkg:oci/shop@sha256%3A" + digest.Hex + "?repository_url=registry.example.com"),
		"by hash":                    inProducts(map[string]any{"@id": "https://example.com/shop", "hashes": map[string]any{"sha-256": digest.Hex}}),
		"by digest alone":            inProducts(digest.String()),
		"the package":                inProducts(leftPad),
		"the package, spelled apart": inProducts("pkg:NPM/left%2Dpad@1.0.0"),
		"one of several":             inProducts("pkg:npm/other@1.0.0", leftPad),
		"fixed":                      func(s map[string]any) { s["status"] = predicate.VEXFixed; delete(s, "justification") },
	} {
		w := vexed(t)
		if d := w.sayVEX("auditor", w.vexSaid(predicate.VEXNotAffected, change)).check(enter("staging")); d.Verdict != Allowed || len(d.Waived) != 1 {
			t.Errorf("%s: %s%s", name, d.Verdict, explain(d))
		}
	}
	w := vexed(t)
	cdx := map[string]any{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": map[string]any{"timestamp": "2026-11-22T10:00:00Z"},
		"components": []any{map[string]any{"bom-ref": "lp", "name": "left-pad", "version": "1.0.0", "purl": leftPad}},
		"vulnerabilities": []any{map[string]any{"id": "CVE-2026-0001", "analysis": map[string]any{"state": "not_affected", "justification": "code_not_reachable"},
			"affects": []any{map[string]any{"ref": "lp"}}}}}
	w.sign("cdx", "auditor", predicate.TypeVEXCycloneDX, cdx, []attest.Subject{w.image}, false)
	if d := w.check(enter("staging")); d.Verdict != Allowed || d.Waived[0].VEX.Format != "CycloneDX" {
		t.Errorf("CycloneDX: %s%s", d.Verdict, explain(d))
	}
	w = vexed(t)
	csaf := map[string]any{"document": map[string]any{"category": "csaf_vex", "csaf_version": "2.0", "publisher": map[string]any{"name": "Example"},
		"tracking": map[string]any{"status": "final", "current_release_date": "2026-11-22T10:00:00Z"}},
		"product_tree": map[string]any{"full_product_names": []any{map[string]any{"product_id": "P1", "name": "left-pad", "product_identification_helper": map[string]any{"purl": leftPad}}}},
		"vulnerabilities": []any{map[string]any{"cve": "CVE-2026-0001", "product_status": map[string]any{"known_not_affected": []any{"P1"}},
			"flags": []any{map[string]any{"label": "component_not_present", "product_ids": []any{"P1"}}}}}}
	w.sign("csaf", "auditor", predicate.TypeVEXCSAF, csaf, []attest.Subject{w.image}, false)
	if d := w.check(enter("staging")); d.Verdict != Allowed || d.Waived[0].VEX.Format != "CSAF" {
		t.Errorf("CSAF: %s%s", d.Verdict, explain(d))
	}
}

// P-22: every way in which VEX by a stranger, or VEX that is stretched, fails, and what is said of it.
func TestP22_VEXAbuse(t *testing.T) {
	other := attest.SHA256([]byte("other")).String()
	said := func(change ...func(map[string]any)) func(*world) {
		return func(w *world) { w.sayVEX("auditor", w.vexSaid(predicate.VEXNotAffected, change...)) }
	}
	for name, c := range map[string]struct {
		do   func(*world)
		code string // of the warning; "": none, since nothing there is about the finding
	}{
		"signed by somebody who writes no VEX": {func(w *world) { w.sayVEX("outsider", w.vexSaid(predicate.VEXNotAffected)) }, CodeSigner},
		"signed by the job that built it":      {func(w *world) { w.sayVEX("build-job", w.vexSaid(predicate.VEXNotAffected)) }, CodeSigner},
		"signed by a stranger":                 {func(w *world) { w.sayVEX("stranger", w.vexSaid(predicate.VEXNotAffected)) }, CodeRejected},
		"no VEX author in the policy": {func(w *world) {
			w.policyText("vex: {signedBy: [auditor, carol], maxAge: 90d}\n", "").sayVEX("auditor", w.vexSaid(predicate.VEXNotAffected))
		}, CodeSigner},
		"revoked author": {func(w *world) {
			w.revoke("{identity: auditor, reason: left}").sayVEX("auditor", w.vexSaid(predicate.VEXNotAffected))
		}, CodeRevoked},
		"revoked statement": {func(w *world) {
			w.sayVEX("auditor", w.vexSaid(predicate.VEXNotAffected)).revoke("{statement: \"" + w.idOf("vex:auditor") + "\", reason: wrong}")
		}, CodeRevoked},
		"expired key": {func(w *world) {
			w.policyText("keys/auditor.pub}", "keys/auditor.pub, notAfter: 2026-11-22T11:00:00Z}").sayVEX("auditor", w.vexSaid(predicate.VEXNotAffected))
		}, CodeKeyExpired},
		"signed about another artifact": {func(w *world) {
			w.sign("vex:auditor", "auditor", predicate.TypeVEX, openVEX(w.vexSaid(predicate.VEXNotAffected)), []attest.Subject{attesttest.Artifact("shop", "other")}, false)
			w.items[len(w.items)-1].subjects = []attest.Subject{w.image}
		}, ""},
		"signed about the source": {func(w *world) {
			w.sign("vex:auditor", "auditor", predicate.TypeVEX, openVEX(w.vexSaid(predicate.VEXNotAffected)), []attest.Subject{w.source}, false)
		}, ""},
		"product with another digest":    {said(inProducts("pkg:oci/shop@" + other)), CodeVEXProduct},
		"product with another hash":      {said(inProducts(map[string]any{"@id": leftPad + "x", "hashes": map[string]any{"sha-256": other[7:]}})), CodeVEXProduct},
		"product by a weak hash":         {said(inProducts(map[string]any{"@id": "x", "hashes": map[string]any{"sha1": strings.Repeat("a", 40)}})), CodeVEXProduct},
		"other package of the artifact":  {said(inProducts(map[string]any{"@id": "pkg:oci/shop@" + newWorld(t).image.Digest.Primary().String(), "subcomponents": []any{map[string]any{"@id": "pkg:npm/yaml@1.0.0"}}})), CodeVEXProduct},
		"B-03 other version":             {said(inProducts("pkg:npm/left-pad@1.0.1")), CodeVEXProduct},
		"B-03 no version":                {said(inProducts("pkg:npm/left-pad")), CodeVEXProduct},
		"B-03 wildcard version":          {said(inProducts("pkg:npm/left-pad@*")), CodeVEXProduct},
		"B-03 wildcard product":          {said(inProducts("*")), CodeVEXProduct},
		"B-03 other type":                {said(inProducts("pkg:pypi/left-pad@1.0.0")), CodeVEXProduct},
		"B-03 escaped slash":             {said(inProducts("pkg:npm/%2Fleft-pad@1.0.0")), CodeVEXProduct},
		"B-03 other qualifiers":          {said(inProducts(leftPad + "?arch=amd64")), CodeVEXProduct},
		"package with a part named":      {said(inProducts(map[string]any{"@id": leftPad, "subcomponents": []any{map[string]any{"@id": "pkg:npm/yaml@1.0.0"}}})), CodeVEXProduct},
		"product by a word":              {said(inProducts("shop")), CodeVEXProduct},
		"image without a digest":         {said(inProducts("pkg:oci/shop?tag=latest")), CodeVEXProduct},
		"no product":                     {said(having("products", []any{})), CodeVEXProduct},
		"no justification":               {said(func(s map[string]any) { delete(s, "justification") }), CodeVEXJustification},
		"justification of its own":       {said(having("justification", "we looked at it")), CodeVEXJustification},
		"impact statement alone":         {said(func(s map[string]any) { delete(s, "justification"); s["impact_statement"] = "none" }), CodeVEXJustification},
		"another vulnerability":          {said(having("vulnerability", map[string]any{"name": "CVE-2026-9999"})), ""},
		"vulnerability in other letters": {said(having("vulnerability", map[string]any{"name": "cve-2026-0001"})), ""},
		"every vulnerability":            {said(having("vulnerability", map[string]any{"name": "*"})), CodeVEXUnreadable},
		"no vulnerability":               {said(having("vulnerability", map[string]any{})), CodeVEXUnreadable},
		"status of its own":              {said(having("status", "NOT_AFFECTED")), CodeVEXUnreadable},
		"no status":                      {said(having("status", "")), CodeVEXUnreadable},
		"no time":                        {said(having("timestamp", "yesterday")), CodeVEXUnreadable},
		"under investigation":            {func(w *world) { w.sayVEX("auditor", w.vexSaid(predicate.VEXUnderInvestigation)) }, CodeVEXStatus},
		"affected":                       {func(w *world) { w.sayVEX("auditor", w.vexSaid(predicate.VEXAffected)) }, CodeVEXContradicted},
		"in the future":                  {said(having("timestamp", "2026-11-22T12:06:00Z")), CodeTimeInFuture},
		"too old":                        {said(having("timestamp", "2026-08-01T00:00:00Z")), CodeVEXStale},
		"no document at all": {func(w *world) {
			w.sign("vex", "auditor", predicate.TypeVEX, map[string]any{"statements": "none"}, []attest.Subject{w.image}, false)
		}, CodeVEXUnreadable},
		"version of OpenVEX that is not known": {func(w *world) {
			d := openVEX(w.vexSaid(predicate.VEXNotAffected))
			d["@context"] = "https://openvex.dev/ns/v9.0.0"
			w.sign("vex", "auditor", predicate.TypeVEX, d, []attest.Subject{w.image}, false)
		}, CodeVEXUnreadable},
		"type of VEX that is not known": {func(w *world) {
			w.sign("vex", "auditor", "https://openvex.dev/nsx", openVEX(w.vexSaid(predicate.VEXNotAffected)), []attest.Subject{w.image}, false)
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := vexed(t)
			c.do(w)
			d := w.check(enter("staging"))
			wantNot(t, d, Refused, "VULNERABILITY")
			if c.code != "" && !contains(codes(d.Warnings), c.code) {
				t.Errorf("no warning %s:%s", c.code, explain(d))
			}
			if c.code == "" && slices.ContainsFunc(codes(d.Warnings), func(c string) bool { return strings.HasPrefix(c, "VEX_") }) {
				t.Errorf("it is not about the finding, and is told:%s", explain(d))
			}
			if len(d.Waived) != 0 {
				t.Errorf("waived: %+v", d.Waived)
			}
		})
	}
}

// B-11: what a bill of materials says about vulnerabilities hides none, whoever signed it.
func TestB11_AnalysisInTheSBOM(t *testing.T) {
	bom := func(w *world) map[string]any {
		doc := attesttest.SBOM(w.image, leftPad, "pkg:npm/yaml@1.0.0")
		doc["vulnerabilities"] = []any{map[string]any{"id": "CVE-2026-0001", "analysis": map[string]any{"state": "not_affected", "justification": "code_not_present"}, "affects": []any{map[string]any{"ref": leftPad}}}}
		return doc
	}
	w := vexed(t)
	w.sign("sbom", "auditor", predicate.TypeCycloneDX, bom(w), []attest.Subject{w.image}, false)
	wantNot(t, w.check(enter("staging")), Refused, "VULNERABILITY")
	inside := newWorld(t)
	inside.mods = append(inside.mods, func(r *run) {
		for i, e := range r.evidence {
			if e.kind == "sbom" {
				r.evidence[i].doc = bom(inside)
			}
			if e.kind == "vulns" {
				r.evidence[i].doc = attesttest.Vulns(r.finished, attesttest.Vulnerability("CVE-2026-0001", "high", leftPad))
			}
		}
	})
	inside.policyText("artifacts:", "vex: {signedBy: [build-job]}\nartifacts:").chain().promote("dev", "build-job")
	wantNot(t, inside.check(enter("staging")), Refused, "VULNERABILITY")
}

// Of one author the newest word counts; a listed author who says affected outweighs all others.
func TestVEXThatContradicts(t *testing.T) {
	at := func(text string) func(map[string]any) { return having("timestamp", text) }
	const older, newer = "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"
	not, yes, unsure := predicate.VEXNotAffected, predicate.VEXAffected, predicate.VEXUnderInvestigation
	for name, c := range map[string]struct {
		do      func(*world)
		allowed bool
		code    string
	}{
		"taken back": {func(w *world) {
			w.sayVEX("auditor", w.vexSaid(not, at(older))).sayVEX("auditor", w.vexSaid(yes, at(newer)))
		}, false, CodeVEXContradicted},
		"found harmless":  {func(w *world) { w.sayVEX("auditor", w.vexSaid(yes, at(older)), w.vexSaid(not, at(newer))) }, true, ""},
		"at one time":     {func(w *world) { w.sayVEX("auditor", w.vexSaid(not, at(older)), w.vexSaid(yes, at(older))) }, false, CodeVEXContradicted},
		"looked at again": {func(w *world) { w.sayVEX("auditor", w.vexSaid(not, at(older)), w.vexSaid(unsure, at(newer))) }, false, CodeVEXStatus},
		"by another author": {func(w *world) {
			w.sayVEX("auditor", w.vexSaid(not, at(newer))).sayVEX("carol", w.vexSaid(yes, at(older)))
		}, false, CodeVEXContradicted},
		"another is unsure": {func(w *world) {
			w.sayVEX("auditor", w.vexSaid(not, at(older))).sayVEX("carol", w.vexSaid(unsure, at(newer)))
		}, true, ""},
		"a stranger objects": {func(w *world) {
			w.sayVEX("auditor", w.vexSaid(not, at(older))).sayVEX("outsider", w.vexSaid(yes, at(newer)))
		}, true, ""},
		"about something else": {func(w *world) {
			w.sayVEX("auditor", w.vexSaid(not)).sayVEX("carol", w.vexSaid(yes, inProducts("pkg:npm/yaml@1.0.0")))
		}, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := vexed(t)
			c.do(w)
			d := w.check(enter("staging"))
			if (d.Verdict == Allowed) != c.allowed || c.code != "" && !contains(codes(d.Warnings), c.code) {
				t.Errorf("%s, expected allowed %v with %q:%s", d.Verdict, c.allowed, c.code, explain(d))
			}
		})
	}
}

// P-22: a later version of a document replaces the earlier ones by the same author about the same artifact, also in what it no longer says.
func TestP22_VEXThatWasReplaced(t *testing.T) {
	version := func(id, issued string, said ...map[string]any) map[string]any {
		doc := openVEX(said...)
		doc["@id"], doc["last_updated"] = id, issued
		return doc
	}
	const id, first, second = "https://example.com/vex/1", "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"
	for name, c := range map[string]struct {
		by      string
		doc     func(*world) map[string]any
		allowed bool
	}{
		"it no longer says so":         {"auditor", func(*world) map[string]any { return version(id, second) }, false},
		"it still says so":             {"auditor", func(w *world) map[string]any { return version(id, second, w.vexSaid(predicate.VEXNotAffected)) }, true},
		"of the same time":             {"auditor", func(*world) map[string]any { return version(id, first) }, true},
		"an earlier one":               {"auditor", func(*world) map[string]any { return version(id, "2026-11-19T00:00:00Z") }, true},
		"another document":             {"auditor", func(*world) map[string]any { return version(id+"0", second) }, true},
		"another author":               {"carol", func(*world) map[string]any { return version(id, second) }, true},
		"a stranger":                   {"outsider", func(*world) map[string]any { return version(id, second) }, true},
		"a document without an id":     {"auditor", func(*world) map[string]any { return version("", second) }, true},
		"one that does not say when":   {"auditor", func(*world) map[string]any { d := version(id, ""); delete(d, "timestamp"); return d }, true},
		"of a time that can't be read": {"auditor", func(*world) map[string]any { d := version(id, "tomorrow"); delete(d, "timestamp"); return d }, true},
	} {
		w := vexed(t)
		w.sign("vex 1", "auditor", predicate.TypeVEX, version(id, first, w.vexSaid(predicate.VEXNotAffected)), []attest.Subject{w.image}, false)
		w.sign("vex 2", c.by, predicate.TypeVEX, c.doc(w), []attest.Subject{w.image}, false)
		d := w.check(enter("staging"))
		if (d.Verdict == Allowed) != c.allowed || !c.allowed && countCode(d.Warnings, CodeVEXStale) != 1 {
			t.Errorf("%s: %s%s", name, d.Verdict, explain(d))
		}
	}
	w := vexed(t)
	w.sign("vex 1", "auditor", predicate.TypeVEX, version(id, first, w.vexSaid(predicate.VEXNotAffected)), []attest.Subject{w.image}, false)
	w.sign("vex 2", "auditor", predicate.TypeVEX, version(id, second), []attest.Subject{attesttest.Artifact("other", "other")}, false)
	wantAllowed(t, w.check(enter("staging")))
}

// VEX about one platform says nothing about the others.
func TestVEXOfOnePlatform(t *testing.T) {
	w := indexWorld(t)
	w.policyText("artifacts:", "vex: {signedBy: [auditor]}\nartifacts:").promote("dev", "build-job")
	build, err := attest.ParseDigest(w.idOf("build"))
	if err != nil {
		t.Fatal(err)
	}
	scan := w.scanRun(build)
	scan.subjects, scan.evidence = append([]attest.Subject{w.image}, indexLeaves...), nil
	for _, leaf := range indexLeaves {
		scan.evidence = append(scan.evidence, proof{kind: "vulns", typ: predicate.TypeVulns, doc: attesttest.Vulns(scan.finished, attesttest.Vulnerability("CVE-2026-0001", "high", leftPad)), subjects: []attest.Subject{leaf}})
	}
	w.record(scan)
	req := enter("staging")
	req.Leaves = indexLeaves
	about := func(subject attest.Subject) *world {
		c := w.clone()
		said := c.vexSaid(predicate.VEXNotAffected, inProducts(leftPad))
		c.sign("vex", "auditor", predicate.TypeVEX, openVEX(said), []attest.Subject{subject}, false)
		return c
	}
	if d := about(indexLeaves[0]).check(req); d.Verdict != Refused || len(d.Waived) != 1 || countCode(d.Reasons, "VULNERABILITY") != 1 {
		t.Errorf("about one platform: %s, %d waived:%s", d.Verdict, len(d.Waived), explain(d))
	}
	if d := about(w.image).check(req); d.Verdict != Allowed || len(d.Waived) != 2 {
		t.Errorf("about the index: %s, %d waived:%s", d.Verdict, len(d.Waived), explain(d))
	}
}

// C-25: VEX only ever takes reasons away, so losing all of it, or what hides something, never allows more. Losing an author's newest word exposes the one
// before, as with renewed scans: maxAge bounds that and a revocation closes it.
func TestVEXIsMonotone(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	statuses := []string{predicate.VEXNotAffected, predicate.VEXFixed, predicate.VEXUnderInvestigation, predicate.VEXAffected}
	for round := range 40 {
		w := vexed(t)
		without := w.check(enter("staging"))
		hides := map[string]bool{}
		for i := range 1 + r.IntN(5) {
			status, by := statuses[r.IntN(4)], []string{"auditor", "carol", "outsider"}[r.IntN(3)]
			said := w.vexSaid(status, having("timestamp", predicate.Time(now.Add(-time.Duration(1+r.IntN(100))*time.Hour))))
			if r.IntN(4) == 0 {
				inProducts("pkg:npm/yaml@1.0.0")(said)
			}
			name := fmt.Sprintf("vex %d", i)
			w.sign(name, by, predicate.TypeVEX, openVEX(said), []attest.Subject{w.image}, false)
			hides[name] = status == predicate.VEXNotAffected || status == predicate.VEXFixed
		}
		with := w.check(enter("staging"))
		for _, reason := range with.Reasons {
			if !slices.ContainsFunc(without.Reasons, func(x Reason) bool { return x.Message == reason.Message }) {
				t.Fatalf("round %d: VEX added a reason: %s", round, reason.Message)
			}
		}
		for name, hide := range hides {
			if d := w.clone().drop(name).check(enter("staging")); hide && with.Verdict != Allowed && d.Verdict == Allowed {
				t.Fatalf("round %d: without %s, which hides something, it is allowed:%s", round, name, explain(with))
			}
		}
	}
}

func TestVEXInThePolicy(t *testing.T) {
	for old, want := range map[string]string{
		"vex: {signedBy: [auditr]}":                               `vex.signedBy[0]: unknown identity "auditr"` + "\nhint: did you mean \"auditor\"?",
		"vex: {signedBy: []}":                                     "nobody is named",
		"vex: {maxAge: 90d}":                                      "nobody is named",
		"vex: {signedBy: [auditor], maxAge: 0h}":                  "could be read as no bound at all",
		"vex: {signedby: [auditor]}":                              `unknown key "signedby"`,
		"maxWaiver: 0d":                                           "could be read as no bound at all",
		"baseline: {rules: [config]}":                             "a baseline needs a day on which it ends",
		"baseline: {until: 2027-01-01T00:00:00Z}":                 "a baseline needs the rules it is for",
		"baseline: {rules: [confg], until: 2027-01-01T00:00:00Z}": `unknown rule "confg"` + "\nhint: did you mean \"config\"?",
	} {
		_, err := newWorld(t).policyText("artifacts:", old+"\nartifacts:").parse()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, expected %s", old, err, want)
		}
	}
	roles := newWorld(t).policyText("artifacts:", "vex: {signedBy: [scan-job]}\nartifacts:").load().SharedRoles()
	if !slices.Contains(roles, "scan-job: stage scan, vex") {
		t.Errorf("a job that excuses what it finds is not told: %q", roles)
	}
}
