// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"path"
	"strings"
)

// Static decides what needs no evidence, so that it costs no request: a question that can't be answered, a policy that has expired, is too old or not
// fit for the environment, an artifact that was revoked, a repository from which no kind of artifact may come. Where done is false nothing speaks
// against so far, and Check has to say. What Static refuses, Check refuses too, with these reasons among its own.
func (p *Policy) Static(req Request, version string) (d Decision, done bool) {
	x := &decider{p: p, req: req, inputs: map[string]Input{}}
	x.d = newDecision(p, req, version)
	if x.checkRequest() {
		x.checkPolicy()
		if r := p.revokedSubject(req.Subject); r != nil {
			x.d.refuse(*r)
		}
		if req.Environment != "" && req.Repository != "" {
			x.checkPlace()
		}
	}
	if len(x.d.Reasons) == 0 {
		return Decision{}, false
	}
	x.d.conclude(checks{})
	return x.d, true
}

// checkPlace refuses a repository from which no kind of artifact may come.
func (x *decider) checkPlace() {
	var all []string
	for _, kind := range sortedKeys(x.p.Artifacts) {
		allowed := x.p.Artifacts[kind].Repositories
		if len(allowed) == 0 || matchesAny(allowed, x.req.Repository) {
			return
		}
		all = append(all, allowed...)
	}
	x.d.refuse(Reason{Code: CodeRepository, Message: "artifacts may not come from this repository", Expected: list(all), Found: x.req.Repository})
}

// NamesHost reports whether the policy itself leads to the host of a repository: a pattern of its artifacts matches the repository, and the host
// stands in that pattern as it is.
func (p *Policy) NamesHost(repository string) bool {
	for _, a := range p.Artifacts {
		for _, pattern := range a.Repositories {
			host, _, _ := strings.Cut(pattern, "/")
			if ok, err := path.Match(pattern, repository); err == nil && ok && !strings.ContainsAny(host, `*?[\`) {
				return true
			}
		}
	}
	return false
}

// TrustRoot names by what evidence is verified, as every decision does.
func (p *Policy) TrustRoot() string { return p.trustRoot() }

func matchesAny(patterns []string, s string) bool {
	for _, pattern := range patterns {
		if ok, err := path.Match(pattern, s); err == nil && ok {
			return true
		}
	}
	return false
}
