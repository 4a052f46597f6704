// SPDX-License-Identifier: Apache-2.0

package main

import (
	"sort"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/rules"
)

// policyView is the effective policy in JSON.
type policyView struct {
	Name         string            `json:"name"`
	Version      int               `json:"version"`
	URI          string            `json:"uri"`
	Digest       string            `json:"digest"` // empty where keys are absent: it depends on them
	Expires      string            `json:"expires"`
	TrustRoot    string            `json:"trustRoot"` // digest of the trust root, or of the keys; empty like the digest
	Trust        trustView         `json:"trust"`
	Rules        string            `json:"rulesDigest"`
	Absent       []string          `json:"absentKeys"` // local keys that this machine does not have
	Files        []fileView        `json:"files"`
	Identities   []identityView    `json:"identities"`
	Artifacts    []artifactView    `json:"artifacts"`
	Stages       []stageView       `json:"stages"`
	Attached     []attachedView    `json:"attached"`
	Environments []environmentView `json:"environments"`
	Parameters   []ruleView        `json:"rules"`
	Waivers      []gate.Waiver     `json:"waivers"`
	Revoked      []revocationView  `json:"revoked"`
}

type fileView struct {
	Path   string `json:"path"`
	Digest string `json:"digest"`
}

type trustView struct {
	Sigstore   string `json:"sigstore"`
	Logs       int    `json:"logs"`
	Timestamps int    `json:"timestamps"`
	Degraded   string `json:"degraded,omitempty"`
}

type identityView struct {
	Name    string                 `json:"name"`
	Key     string                 `json:"key,omitempty"`
	Digest  string                 `json:"digest,omitempty"`
	Issuer  string                 `json:"issuer,omitempty"`
	Subject string                 `json:"subject,omitempty"`
	Pattern string                 `json:"subjectPattern,omitempty"`
	Claims  map[string]gate.Values `json:"claims,omitempty"`
	Builder string                 `json:"builder,omitempty"`
	From    string                 `json:"notBefore,omitempty"`
	Until   string                 `json:"notAfter,omitempty"`
	AnyOf   []string               `json:"anyOf,omitempty"`
}

type artifactView struct {
	Name         string   `json:"name"`
	Product      string   `json:"product"`
	Repositories []string `json:"repositories,omitempty"`
}

type stageView struct {
	Name      string   `json:"name"`
	After     []string `json:"after"`
	SignedBy  []string `json:"signedBy"`
	Signers   []string `json:"signers"` // signedBy with groups resolved
	Threshold int      `json:"threshold"`
	Builders  int      `json:"builders"`
	Evidence  []string `json:"evidence"`
	MaxEnter  string   `json:"maxAgeEnter,omitempty"`
	MaxStay   string   `json:"maxAgeStay,omitempty"`
}

type attachedView struct {
	Type      string   `json:"type"`
	SignedBy  []string `json:"signedBy"`
	Artifacts []string `json:"artifacts,omitempty"`
}

type environmentView struct {
	Name       string              `json:"name"`
	Path       []string            `json:"path"` // environments on the way, this one last
	Protected  bool                `json:"protected"`
	PromotedBy []string            `json:"promotedBy"`
	Stages     map[string][]string `json:"stages"` // by kind of artifact, inherited ones included
	Approvals  *approvalsView      `json:"approvals,omitempty"`
}

type approvalsView struct {
	By        []string `json:"by"`
	Threshold int      `json:"threshold"`
	ValidFor  string   `json:"validFor"`
	NotBy     []string `json:"notBy,omitempty"`
}

type ruleView struct {
	ID         string          `json:"id"`
	Title      string          `json:"title"`
	Builtin    bool            `json:"builtin"`
	Parameters []parameterView `json:"parameters"`
}

type parameterView struct {
	Environment string `json:"environment,omitempty"` // empty: everywhere
	Name        string `json:"name"`
	Value       any    `json:"value"`
	From        string `json:"from"` // default, rules, or environmentRules.NAME
}

type revocationView struct {
	What   string `json:"what"`
	From   string `json:"from,omitempty"`
	Reason string `json:"reason"`
}

func viewPolicy(p *gate.Policy, env string, absent []string) (policyView, error) {
	v := policyView{Name: p.Name, Version: p.Version, URI: p.URI, Expires: predicate.Time(p.Expires), Rules: p.RuleSet().Digest(), Absent: append([]string{}, absent...),
		Trust: trustView{p.Trust.Sigstore, p.Trust.Logs, p.Trust.Timestamps, durationText(p.Trust.Degraded)}, Files: []fileView{}, Artifacts: []artifactView{}, Stages: []stageView{}, Attached: []attachedView{}, Environments: []environmentView{},
		Waivers: append([]gate.Waiver{}, p.Waivers...), Revoked: []revocationView{}}
	if len(absent) == 0 {
		v.Digest = p.Digest.String()
		// A decision names the trust root; that of one without a question does too.
		v.TrustRoot = p.Failed(gate.Request{Subject: attest.Subject{Digest: attest.DigestSet{}}}, version, false, gate.Reason{}).TrustRoot
	}
	missing := map[string]bool{}
	for _, name := range absent {
		missing["local:"+name] = true
	}
	for _, name := range sorted(p.Files) {
		f := fileView{Path: name}
		if !missing[name] {
			f.Digest = p.Files[name].String()
		}
		v.Files = append(v.Files, f)
	}
	var err error
	if v.Identities, err = viewIdentities(p, missing); err != nil {
		return v, err
	}
	envs := p.EnvironmentOrder()
	if env != "" {
		envs = p.Path(env)
	}
	v.addStages(p, envs, env)
	for _, name := range envs {
		v.Environments = append(v.Environments, viewEnvironment(p, name))
	}
	for _, a := range p.Attached {
		v.Attached = append(v.Attached, attachedView{a.Type, a.SignedBy, a.Artifacts})
	}
	for _, name := range sorted(p.Artifacts) {
		v.Artifacts = append(v.Artifacts, artifactView{name, p.Artifacts[name].Product, p.Artifacts[name].Repositories})
	}
	for _, r := range p.Revoked {
		what := r.Subject + r.Statement // exactly one of the four is given
		if r.Identity != "" {
			what = "identity " + r.Identity
		} else if r.Serial != "" {
			what = "serial " + r.Serial
		}
		v.Revoked = append(v.Revoked, revocationView{what, timeText(r.From), r.Reason})
	}
	for _, r := range p.RuleSet().Rules() {
		v.Parameters = append(v.Parameters, viewRule(p, r, envs))
	}
	return v, nil
}

// viewIdentities lists the identities. Policy.Keys gives one key for each identity that has one, in order of name.
func viewIdentities(p *gate.Policy, missing map[string]bool) ([]identityView, error) {
	keys := p.Keys()
	var out []identityView
	for _, name := range sorted(p.Identities) {
		id := p.Identities[name]
		x := identityView{Name: name, Key: id.Key, Issuer: id.Issuer, Subject: id.Subject, Pattern: id.SubjectPattern, Claims: id.Claims, Builder: id.Builder, From: timeText(id.NotBefore), Until: timeText(id.NotAfter), AnyOf: id.AnyOf}
		if id.Key != "" && len(keys) > 0 {
			keyID, err := sigstore.KeyID(keys[0])
			if err != nil {
				return nil, err
			}
			if keys = keys[1:]; !missing[id.Key] {
				x.Digest = keyID
			}
		}
		out = append(out, x)
	}
	return out, nil
}

// addStages lists the stages in order: all, or those that an artifact needs for one environment.
func (v *policyView) addStages(p *gate.Policy, envs []string, env string) {
	need := map[string]bool{}
	for name := range p.Stages {
		need[name] = env == ""
	}
	for _, e := range envs {
		for kind := range p.Artifacts {
			for _, s := range p.RequiredStages(e, kind) {
				need[s] = true
			}
		}
	}
	for _, name := range p.StageOrder(need) {
		s := p.Stages[name]
		x := stageView{Name: name, After: []string{}, SignedBy: s.SignedBy, Signers: p.Expand(s.SignedBy), Threshold: max(s.Threshold, 1), Builders: max(s.Builders.Threshold, 1),
			Evidence: append([]string{}, s.Evidence...), MaxEnter: durationText(s.MaxAge.Enter), MaxStay: durationText(s.MaxAge.Stay)}
		for _, a := range s.After {
			after := a.Stage
			if a.SameRun {
				after += " (same run)"
			}
			x.After = append(x.After, after)
		}
		if need[name] {
			v.Stages = append(v.Stages, x)
		}
	}
}

func viewEnvironment(p *gate.Policy, name string) environmentView {
	e := p.Environments[name]
	x := environmentView{Name: name, Path: p.Path(name), Protected: e.Protected, PromotedBy: p.Expand(e.PromotedBy), Stages: map[string][]string{}}
	for kind := range p.Artifacts {
		x.Stages[kind] = p.RequiredStages(name, kind)
	}
	if a := e.Approvals; a != nil {
		x.Approvals = &approvalsView{p.Expand([]string{a.By}), a.Threshold, a.ValidFor.String(), a.NotBy}
	}
	return x
}

// viewRule lists what a rule's parameters are: everywhere, and where an environment on the way says something else.
func viewRule(p *gate.Policy, r rules.Rule, envs []string) ruleView {
	v := ruleView{ID: r.ID, Title: r.Title, Builtin: r.Builtin, Parameters: []parameterView{}}
	declared := map[string]any{}
	for _, a := range r.Accepts {
		declared[a.Name] = a.Default
	}
	set := map[string]any{}
	for name, value := range p.Rules[r.ID] {
		set[name] = value
		declared[name] = nil
	}
	for _, name := range sorted(declared) {
		if value, ok := set[name]; ok {
			v.Parameters = append(v.Parameters, parameterView{Name: name, Value: value, From: "rules"})
		} else {
			v.Parameters = append(v.Parameters, parameterView{Name: name, Value: declared[name], From: "default"})
		}
	}
	for _, env := range envs {
		over := p.EnvironmentRules[env][r.ID]
		for _, name := range sorted(over) {
			v.Parameters = append(v.Parameters, parameterView{env, name, over[name], "environmentRules." + env})
		}
	}
	return v
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return predicate.Time(t)
}

func durationText(d gate.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func sorted[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
