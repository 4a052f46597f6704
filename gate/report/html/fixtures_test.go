// SPDX-License-Identifier: Apache-2.0

package html_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report/html"
)

var (
	at  = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	app = attesttest.Artifact("shop", "image")
)

// maker signs evidence for cases.
type maker struct {
	t   testing.TB
	key attesttest.Key
}

func newMaker(t testing.TB) *maker {
	return &maker{t, attesttest.NewKey(t, sigstore.Ed25519)}
}

func (m *maker) evidence(predicateType string, p any) attest.Evidence {
	m.t.Helper()
	return m.about(app, predicateType, p)
}

func (m *maker) about(s attest.Subject, predicateType string, p any) attest.Evidence {
	m.t.Helper()
	return attesttest.Verify(m.t, m.key.Attest(m.t, predicateType, p, s), m.key)
}

// stage adds a stage with its receipt and evidence to a case.
func (m *maker) stage(c *html.Case, name string, evidence []attest.Evidence, after ...attest.ResourceDescriptor) attest.ResourceDescriptor {
	m.t.Helper()
	link := predicate.Link{Name: name, Materials: after, Environment: predicate.Environment{StartedOn: predicate.Time(at), FinishedOn: predicate.Time(at)}}
	status := gate.StageStatus{Name: name, Status: "ok", FinishedAt: predicate.Time(at)}
	for _, e := range evidence {
		status.Evidence = append(status.Evidence, gate.EvidenceEntry{Type: predicate.KindOf(e.Statement()), Digest: e.ID().String()})
		m.input(c, e, name+"-job")
	}
	receipt := m.evidence(predicate.TypeLink, link)
	status.Receipt, status.Signer = receipt.ID().String(), receipt.Signer()
	m.input(c, receipt, name+"-job")
	c.Decision.Stages = append(c.Decision.Stages, status)
	return attesttest.Receipt(name, receipt.ID())
}

func (m *maker) input(c *html.Case, e attest.Evidence, signer string) {
	c.Evidence = append(c.Evidence, e)
	c.Decision.Inputs = append(c.Decision.Inputs, gate.Input{Digest: e.ID().String(), PredicateType: e.Statement().PredicateType, Signer: signer,
		Time: gate.InputTime{Value: predicate.Time(at), Source: attest.Log}, Linked: true})
}

func decision(verdict gate.Verdict) gate.Decision {
	digest := attest.SHA256([]byte("policy"))
	return gate.Decision{Schema: gate.DecisionSchema, ID: attest.SHA256([]byte("decision")).String(), Verdict: verdict, Question: gate.Enter, Subject: app, Environment: "prod", At: predicate.Time(at),
		Policy:    gate.PolicyRef{Name: "shop", Version: 3, URI: "./policy", Digest: attest.DigestSet{"sha256": digest.Hex}},
		Evaluator: gate.Evaluator{Version: "1.0.0", Rules: attest.SHA256([]byte("rules")).String()}, TrustRoot: attest.SHA256([]byte("root")).String()}
}

// sample is a case with something of everything: a missing stage, vulnerabilities of every outcome, a flow that is not declared.
func sample(t testing.TB) html.Case {
	m := newMaker(t)
	c := html.Case{Decision: decision(gate.Refused), Named: "registry.example.com/shop@sha256:1"}
	config := attesttest.Findings(predicate.KindConfig, at)
	config.Graph = graph()
	source := m.stage(&c, "source", []attest.Evidence{m.evidence(predicate.TypeFindings, config)})
	purl := func(name string) string { return "pkg:golang/example.com/" + name + "@v1.0.0" }
	build := m.stage(&c, "build", []attest.Evidence{m.evidence(predicate.TypeCycloneDX, bill("module", 12, 2))}, source)
	results := []predicate.VulnResult{}
	for i, word := range []string{"low", "critical", "high", "medium", "unknown", "negligible"} {
		r := attesttest.Vulnerability(fmt.Sprintf("CVE-2026-%04d", i+1), word, purl(fmt.Sprintf("module-%d", i%4)))
		r.Annotations[0].Name, r.Annotations[0].Version, r.Annotations[0].KEV, r.Annotations[0].EPSS = fmt.Sprintf("example.com/module-%d", i%4), "v1.0.0", word == "critical", float64(i)/20
		results = append(results, r)
	}
	vulns := m.evidence(predicate.TypeVulns, attesttest.Vulns(at, results...))
	m.stage(&c, "scan", []attest.Evidence{vulns}, build)
	key := func(i int) *gate.WaiverScope {
		return &gate.WaiverScope{Advisory: results[i].ID, PURL: results[i].Annotations[0].PURL, Subject: app.Digest.Primary().String()}
	}
	d := &c.Decision
	d.Stages = append(d.Stages, gate.StageStatus{Name: "test", Status: "missing"})
	d.Reasons = []gate.Reason{
		{Code: gate.CodeStageMissing, Stage: "test", Message: `stage "test" has no receipt about shop`, Expected: "a receipt signed by test-job", Found: "none", Fix: "run the stage: sealock run test"},
		{Code: "VULNERABILITY_EXPLOITED", Rule: "vulnerabilities", Message: "CVE-2026-0002 in example.com/module-1 is known to be exploited", Expected: "no vulnerability that is known to be exploited",
			Found: "severity critical", Fix: "upgrade example.com/module-1 to 2.0.0", Evidence: []string{vulns.ID().String()}, Key: key(1)},
		{Code: gate.CodeApprovalMissing, Message: "prod asks for 2 approvals by managers and has 0", Expected: "2 distinct people of alice, bob", Found: "0", Fix: `sealock approve SUBJECT --env prod --reason "…"`},
	}
	d.Warnings = []gate.Reason{{Code: "VULNERABILITY", Rule: "vulnerabilities", Message: "CVE-2026-0004 in example.com/module-3 is medium", Key: key(3)}}
	d.Waived = []gate.Waived{
		{By: "waiver", Reason: gate.Reason{Code: "VULNERABILITY", Rule: "vulnerabilities", Message: "CVE-2026-0003 in example.com/module-2 is high", Key: key(2)}, Waiver: gate.Waiver{Owner: "alice", Reason: "not reachable", Expires: at.AddDate(0, 1, 0)}},
		{By: "vex", Reason: gate.Reason{Code: "VULNERABILITY", Rule: "vulnerabilities", Message: "CVE-2026-0005 in example.com/module-0 is unknown", Key: key(4)}, VEX: &gate.VEXUse{SignedBy: "auditor", Status: "not_affected", Justification: "vulnerable_code_not_in_execute_path"}},
	}
	m.input(&c, m.evidence(predicate.TypeVSA, predicate.VSA{Verifier: predicate.VSAVerifier{ID: predicate.VerifierID}, VerifiedLevels: []string{predicate.EnvironmentLevel + "prod"}, VerificationResult: "PASSED"}), "release-job")
	return c
}

func graph() *predicate.FlowGraph {
	tcp := predicate.FlowPort{Protocol: "TCP", Port: 8080}
	flow := func(from, to string) predicate.Flow {
		return predicate.Flow{From: from, To: to, FlowPort: tcp, Methods: []string{"GET"}, Paths: []string{"/v1/*"}}
	}
	g := &predicate.FlowGraph{Flows: []predicate.Flow{flow("ingress/gateway", "shop/web"), flow("shop/web", "shop/payments"), flow("shop/web", "shop/catalog"), flow("shop/payments", "shop/ledger"), flow("shop/ledger", "world"), flow("shop/catalog", "shop/web")},
		Endpoints: []predicate.FlowEndpoint{{Name: "ingress/gateway", Kind: predicate.EndpointPods}, {Name: "world", Kind: predicate.EndpointWorld}}, Rules: []predicate.FlowRule{}, Unread: []predicate.FlowFault{},
		Comparison: []predicate.FlowDifference{{Kind: predicate.FlowUndeclared, From: "shop/ledger", To: "world", FlowPort: tcp}, {Kind: predicate.FlowImpossible, From: "shop/catalog", To: "shop/ledger", FlowPort: tcp}}}
	for _, name := range []string{"web", "payments", "catalog", "ledger"} {
		g.Workloads = append(g.Workloads, predicate.FlowWorkload{Name: "shop/" + name, Kind: "Deployment", Ingress: true, Egress: name != "ledger"})
	}
	return g
}

// bill is CycloneDX with some packages of several kinds.
func bill(prefix string, n, kinds int) map[string]any {
	forms := []string{"pkg:golang/example.com/%s@%s", "pkg:deb/debian/%s@%s?arch=amd64&distro=debian-12", "pkg:npm/%%40example/%s@%s", "pkg:pypi/%s@%s"}
	components := make([]any, n)
	for i := range components {
		name, version := fmt.Sprintf("%s-%d", prefix, i), fmt.Sprintf("v%d.%d.%d", i%7, i%31, i%11)
		components[i] = map[string]any{"type": "library", "name": name, "version": version, "purl": fmt.Sprintf(forms[i%kinds], name, version),
			"licenses": []any{map[string]any{"license": map[string]any{"id": []string{"MIT", "Apache-2.0", "BSD-3-Clause"}[i%3]}}}}
	}
	return map[string]any{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components}
}

// large is an index of four platforms with many packages, each twentieth of which has a vulnerability.
func large(t testing.TB, packages int) html.Case {
	const platforms = 4
	m := newMaker(t)
	c := html.Case{Decision: decision(gate.Allowed), Named: "oci-layout:out/shop"}
	var bills, scans []attest.Evidence
	for p := range platforms {
		leaf := attesttest.Artifact(fmt.Sprintf("shop (platform %d)", p), fmt.Sprint("leaf ", p))
		c.Decision.Leaves = append(c.Decision.Leaves, leaf)
		bills = append(bills, m.about(leaf, predicate.TypeCycloneDX, bill(fmt.Sprintf("module-%d", p), packages/platforms, 4)))
		var results []predicate.VulnResult
		for i := 0; i < packages/platforms; i += 20 {
			r := attesttest.Vulnerability(fmt.Sprintf("CVE-2026-%05d", i), []string{"low", "medium", "high"}[i/20%3], fmt.Sprintf("pkg:golang/example.com/module-%d-%d@v0.0.0", p, i))
			r.Annotations[0].Name = fmt.Sprintf("module-%d-%d", p, i)
			results = append(results, r)
		}
		scans = append(scans, m.about(leaf, predicate.TypeVulns, attesttest.Vulns(at, results...)))
	}
	build := m.stage(&c, "build", bills)
	m.stage(&c, "scan", scans, build)
	return c
}

// attacks are texts that try to be more than text, each in its own way. What runs calls pwned.
var attacks = []string{
	`<script>pwned()</script>`, `</script><script>pwned()</script>`, `</style><script>pwned()</script>`, `</title><script>pwned()</script>`, `<!--<script>`, `]]><script>pwned()</script>`,
	`<img src=x onerror=pwned()>`, `<svg onload=pwned()>`, `"><svg/onload=pwned()>`, `' autofocus onfocus=pwned() x='`, `javascript:pwned()`, `JaVaScRiPt:pwned()`, "java\tscript:pwned()", `data:text/html,<script>pwned()</script>`,
	`<a href="javascript:pwned()">x</a>`, `<base href=https://evil.example>`, `<meta http-equiv=refresh content="0;url=https://evil.example">`, `<iframe srcdoc="<script>pwned()</script>">`, `{{.Title}}`, "${pwned()}",
	"\u202egnp.exe", "a\u200bb", "\x1b[31mred", "\x00\x01\x02\x07", "\u2028pwned()\u2029", "line\nbreak", `https://user:secret@evil.example/`, `//evil.example`, `\u003cscript>`, strings.Repeat("A", 5000),
}

// fill puts a text into every string below a value; what is empty gets one element.
func fill(v reflect.Value, text string, depth int) {
	if depth > 12 || !v.CanSet() {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		fill(v.Elem(), text, depth+1)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), text, depth+1)
		}
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			return
		}
		if v.Len() == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		}
		for i := range v.Len() {
			fill(v.Index(i), text, depth+1)
		}
	case reflect.Map:
		if v.Type().Key().Kind() == reflect.String && v.Type().Elem().Kind() == reflect.String {
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(reflect.ValueOf(text).Convert(v.Type().Key()), reflect.ValueOf(text).Convert(v.Type().Elem()))
		}
	case reflect.Interface:
		if v.NumMethod() == 0 {
			v.Set(reflect.ValueOf(text))
		}
	case reflect.Bool:
		v.SetBool(true)
	default: // numbers stay what they are
	}
}

// hostile is a case in which every text, of the decision and of the evidence, is the same attack.
func hostile(t testing.TB, text string) html.Case {
	m := newMaker(t)
	c := html.Case{Named: text, Source: text}
	d := &c.Decision
	fill(reflect.ValueOf(d).Elem(), text, 0)
	d.Verdict = gate.Refused
	d.Inputs, d.Stages = nil, nil
	var vulns predicate.Vulns
	var findings predicate.Findings
	var link predicate.Link
	for _, p := range []any{&vulns, &findings, &link} {
		fill(reflect.ValueOf(p).Elem(), text, 0)
	}
	findings.Category = predicate.KindConfig
	findings.Graph.Comparison[0].Kind = predicate.FlowUndeclared
	vulns.Scanner.Result = append(vulns.Scanner.Result, attesttest.Vulnerability("CVE-2026-0001", "high", text))
	component := map[string]any{"type": text, "group": text, "name": text, "version": text, "purl": text, "licenses": []any{map[string]any{"expression": text}, map[string]any{"license": map[string]any{"name": text}}}}
	purl := map[string]any{"name": text, "version": text, "purl": "pkg:" + text + "/" + text + "@" + text}
	evidence := []attest.Evidence{m.evidence(predicate.TypeFindings, findings), m.evidence(predicate.TypeVulns, vulns),
		m.evidence(predicate.TypeCycloneDX, map[string]any{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []any{component, purl}})}
	receipt := m.stage(&c, text, evidence)
	m.input(&c, m.evidence(predicate.TypeLink, link), text)
	m.input(&c, m.evidence(predicate.TypeVSA, predicate.VSA{VerifiedLevels: []string{predicate.EnvironmentLevel + text}}), text)
	d.Stages[0].Evidence[0].Type = text
	_ = m.stage(&c, text+"2", nil, receipt)
	return c
}

// render writes a page.
func render(t testing.TB, cases ...html.Case) []byte {
	t.Helper()
	var b bytes.Buffer
	meaning := func(code string) string {
		for _, c := range gate.Codes() {
			if c.Code == code {
				return c.Meaning
			}
		}
		return ""
	}
	if err := html.Write(&b, html.Page{Cases: cases, Meaning: meaning}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
