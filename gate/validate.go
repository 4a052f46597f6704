// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"path"
	"strings"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// maxName is the length of a name, in bytes.
const maxName = 63

// isName reports whether s begins with a lower-case letter or a digit and goes on with those, upper-case letters, and . _ -
func isName(s string) bool {
	for i, c := range []byte(s) {
		low := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		inside := c >= 'A' && c <= 'Z' || c == '.' || c == '_' || c == '-'
		if !low && (i == 0 || !inside) {
			return false
		}
	}
	return s != "" && len(s) <= maxName
}

// validate checks what the form of the file can't say. The first thing wrong is the error.
func (p *Policy) validate(places Places) error {
	if err := checkHeader(places, p.APIVersion, p.Kind, KindPolicy); err != nil {
		return err
	}
	switch {
	case !isName(p.Name):
		return places.Errorf("name", "lower-case letters, digits, . _ -", "a policy needs a name")
	case p.Version < 1:
		return places.Errorf("version", "raise it with each change", "expected a whole number from 1")
	case p.Expires.IsZero():
		return places.Errorf("expires", "for example expires: 2027-06-30T00:00:00Z", "a policy needs a day on which it expires")
	case len(p.Stages) == 0:
		return places.Errorf("stages", "", "no stages: nothing could ever be allowed")
	case len(p.Environments) == 0:
		return places.Errorf("environments", "", "no environments: nothing could ever be allowed")
	case len(p.Artifacts) == 0:
		return places.Errorf("artifacts", "for example artifacts: {service: {product: build}}", "no kind of artifact: say which stage makes the product")
	}
	for _, check := range []func(Places) error{p.checkTrust, p.checkIdentities, p.checkStages, p.checkArtifacts, p.checkEnvironments, p.checkAttached, p.checkVEX, p.checkMaxWaiver, p.checkBaseline, p.checkFlows} {
		if err := check(places); err != nil {
			return err
		}
	}
	return nil
}

// checkNames reports names that are no identities. Where somebody must be named, an empty list is an error.
func (p *Policy) checkNames(places Places, at string, names []string, must bool) error {
	if must && len(names) == 0 {
		return places.Errorf(at, "", "nobody is named: nothing could ever be allowed")
	}
	for i, n := range names {
		if _, ok := p.Identities[n]; !ok {
			return places.Errorf(fmt.Sprintf("%s[%d]", at, i), Suggest(n, sortedKeys(p.Identities)), "unknown identity %q", n)
		}
	}
	return nil
}

func (p *Policy) checkStages(places Places) error {
	for _, name := range sortedKeys(p.Stages) {
		s, at := p.Stages[name], "stages."+name
		if !isName(name) {
			return places.Errorf(at, "lower-case letters, digits, . _ -", "%q is no name for a stage", name)
		}
		if err := p.checkNames(places, at+".signedBy", s.SignedBy, true); err != nil {
			return err
		}
		if s.About != "" && s.About != AboutGit {
			return places.Errorf(at+".about", Suggest(s.About, []string{AboutGit}), "unknown kind of subject %q: expected %s", s.About, AboutGit)
		}
		signers := len(p.expand(s.SignedBy))
		if s.Threshold < 0 || (s.Threshold > signers && !p.open(s.SignedBy)) || s.Builders.Threshold < 0 || s.Builders.Threshold > signers {
			return places.Errorf(at, "", "a threshold is above the number of identities in signedBy: it could never be met")
		}
		if err := checkKinds(places, at+".evidence", s.Evidence); err != nil {
			return err
		}
		if zero := at + ".maxAge.enter"; s.MaxAge.Enter == 0 && places.has(zero) {
			return places.Errorf(zero, "leave it out where there is to be no bound", "a maximum age of nothing could be read as no bound at all")
		}
		if zero := at + ".maxAge.stay"; s.MaxAge.Stay == 0 && places.has(zero) {
			return places.Errorf(zero, "leave it out where there is to be no bound", "a maximum age of nothing could be read as no bound at all")
		}
		for i, a := range s.After {
			if _, ok := p.Stages[a.Stage]; !ok {
				return places.Errorf(fmt.Sprintf("%s.after[%d]", at, i), Suggest(a.Stage, sortedKeys(p.Stages)), "unknown stage %q", a.Stage)
			}
		}
		if err := p.checkVendors(places, at, s); err != nil {
			return err
		}
		if p.reaches(name, name, map[string]bool{}) {
			return places.Errorf(at+".after", "", "stage %q comes after itself", name)
		}
	}
	return nil
}

func (p *Policy) reaches(from, to string, seen map[string]bool) bool {
	for _, a := range p.Stages[from].After {
		if a.Stage == to {
			return true
		}
		if !seen[a.Stage] {
			seen[a.Stage] = true
			if p.reaches(a.Stage, to, seen) {
				return true
			}
		}
	}
	return false
}

func checkKinds(places Places, at string, kinds []string) error {
	for i, k := range kinds {
		if predicate.Types[k] == nil {
			return places.Errorf(fmt.Sprintf("%s[%d]", at, i), Suggest(k, append([]string(nil), predicate.Kinds...)), "unknown kind of evidence %q", k)
		}
	}
	return nil
}

func (p *Policy) checkArtifacts(places Places) error {
	madeBy := map[string]string{} // product stage → kind of artifact
	for _, name := range sortedKeys(p.Artifacts) {
		product, at := p.Artifacts[name].Product, "artifacts."+name
		if !isName(name) {
			return places.Errorf(at, "lower-case letters, digits, . _ -", "%q is no name for a kind of artifact", name)
		}
		if len(p.Artifacts[name].Repositories) == 0 && places.has(at+".repositories") {
			return places.Errorf(at+".repositories", "leave it out where any will do", "no repository is listed: nothing could ever be allowed")
		}
		for i, pattern := range p.Artifacts[name].Repositories {
			if _, err := path.Match(pattern, ""); err != nil || pattern == "" {
				return places.Errorf(fmt.Sprintf("%s.repositories[%d]", at, i), "* stands for one segment of the path", "%q is no pattern for repositories", pattern)
			}
		}
		if _, ok := p.Stages[product]; !ok {
			return places.Errorf("artifacts."+name+".product", Suggest(product, sortedKeys(p.Stages)), "unknown stage %q", product)
		}
		if other, taken := madeBy[product]; taken && (len(p.Artifacts[name].Repositories) == 0 || len(p.Artifacts[other].Repositories) == 0) {
			return places.Errorf("artifacts."+name+".product", "give each kind a stage of its own, or repositories that tell them apart",
				"stage %q makes %q already: whatever it makes would be both, and the kind that asks less would count", product, other)
		}
		madeBy[product] = name
	}
	return nil
}

func (p *Policy) checkEnvironments(places Places) error {
	for _, name := range sortedKeys(p.Environments) {
		e, at := p.Environments[name], "environments."+name
		if !isName(name) {
			return places.Errorf(at, "lower-case letters, digits, . _ -", "%q is no name for an environment", name)
		}
		if _, ok := p.Environments[e.From]; e.From != "" && !ok {
			return places.Errorf(at+".from", Suggest(e.From, sortedKeys(p.Environments)), "unknown environment %q", e.From)
		}
		if len(p.Path(name)) > len(p.Environments) {
			return places.Errorf(at+".from", "", "environment %q comes from itself", name)
		}
		if err := p.checkNames(places, at+".promotedBy", e.PromotedBy, true); err != nil {
			return err
		}
		if err := p.checkEnvironmentStages(places, at, name); err != nil {
			return err
		}
		if e.Rollback != "" && e.Rollback != RollbackRefuse && e.Rollback != RollbackAllow {
			return places.Errorf(at+".rollback", Suggest(e.Rollback, []string{RollbackRefuse, RollbackAllow}), "rollback %q: expected %s or %s", e.Rollback, RollbackRefuse, RollbackAllow)
		}
		if e.Approvals != nil {
			if err := p.checkApprovals(places, at+".approvals", *e.Approvals); err != nil {
				return err
			}
		}
		if e.BreakGlass != nil {
			if err := p.checkBreakGlass(places, at+".breakGlass", *e.BreakGlass); err != nil {
				return err
			}
		}
	}
	for _, env := range sortedKeys(p.EnvironmentRules) {
		if _, ok := p.Environments[env]; !ok {
			return places.Errorf("environmentRules."+env, Suggest(env, sortedKeys(p.Environments)), "unknown environment %q", env)
		}
	}
	return nil
}

func (p *Policy) checkEnvironmentStages(places Places, at, name string) error {
	e := p.Environments[name]
	if _, short := e.Stages[""]; short && len(p.Artifacts) > 1 {
		return places.Errorf(at+".stages", "write stages: {KIND: […]}", "there are several kinds of artifact, so the stages must say which kind they are for")
	}
	for _, kind := range sortedKeys(e.Stages) {
		sub := at + ".stages"
		if kind != "" {
			sub += "." + kind
		}
		if _, ok := p.Artifacts[kind]; kind != "" && !ok {
			return places.Errorf(sub, Suggest(kind, sortedKeys(p.Artifacts)), "unknown kind of artifact %q", kind)
		}
		for i, s := range e.Stages[kind] {
			if _, ok := p.Stages[s]; !ok {
				return places.Errorf(fmt.Sprintf("%s[%d]", sub, i), Suggest(s, sortedKeys(p.Stages)), "unknown stage %q", s)
			}
		}
	}
	asked := 0
	for _, stages := range e.Stages {
		asked += len(stages)
	}
	if e.From == "" && asked == 0 {
		return places.Errorf(at, "name stages, or the environment it comes from", "environment %q asks for nothing", name)
	}
	return nil
}

func (p *Policy) checkApprovals(places Places, at string, a Approvals) error {
	if err := p.checkNames(places, at+".by", []string{a.By}, true); err != nil {
		return err
	}
	for i, name := range a.NotBy {
		stage, isStage := strings.CutPrefix(name, stagePrefix)
		where := fmt.Sprintf("%s.notBy[%d]", at, i)
		if _, ok := p.Stages[stage]; isStage && !ok {
			return places.Errorf(where, Suggest(stage, sortedKeys(p.Stages)), "unknown stage %q", stage)
		}
		if _, ok := p.Identities[name]; !isStage && !ok {
			return places.Errorf(where, Suggest(name, sortedKeys(p.Identities)), "unknown identity %q", name)
		}
	}
	switch {
	case a.Threshold < 1:
		return places.Errorf(at+".threshold", "", "expected a whole number from 1")
	case a.Threshold > len(p.expand([]string{a.By})) && !p.open([]string{a.By}):
		return places.Errorf(at+".threshold", "", "%d approvals are asked for, but %q are only %d identities", a.Threshold, a.By, len(p.expand([]string{a.By})))
	case a.ValidFor <= 0:
		return places.Errorf(at+".validFor", "for example validFor: 72h", "approvals must expire")
	case a.BindPolicy != "" && a.BindPolicy != "name" && a.BindPolicy != "digest":
		return places.Errorf(at+".bindPolicy", "", "is %q, expected name or digest", a.BindPolicy)
	}
	return nil
}

func (p *Policy) checkVEX(places Places) error {
	switch {
	case !places.has("vex"):
		return nil
	case p.VEX.MaxAge == 0 && places.has("vex.maxAge"):
		return places.Errorf("vex.maxAge", "leave it out where there is to be no bound", "a maximum age of nothing could be read as no bound at all")
	}
	return p.checkNames(places, "vex.signedBy", p.VEX.SignedBy, true)
}

func (p *Policy) checkFlows(places Places) error {
	for i, f := range p.Flows {
		if err := f.Check(); err != nil {
			message, hint, _ := strings.Cut(err.Error(), "\nhint: ")
			return places.Errorf(fmt.Sprintf("flows[%d]", i), hint, "%s", message)
		}
	}
	if err := predicate.CheckDeclared(p.Flows); err != nil {
		return places.Errorf("flows", "", "%v", err)
	}
	return nil
}

func (p *Policy) checkMaxWaiver(places Places) error {
	if p.MaxWaiver == 0 && places.has("maxWaiver") {
		return places.Errorf("maxWaiver", "leave it out where there is to be no bound", "a bound of nothing could be read as no bound at all")
	}
	return nil
}

func (p *Policy) checkAttached(places Places) error {
	for i, a := range p.Attached {
		at := fmt.Sprintf("attached[%d]", i)
		if err := checkKinds(places, at+".type", []string{a.Type}); err != nil {
			return err
		}
		if err := p.checkNames(places, at+".signedBy", a.SignedBy, true); err != nil {
			return err
		}
		if len(a.Artifacts) == 0 && places.has(at+".artifacts") {
			return places.Errorf(at+".artifacts", "leave it out where all kinds need it", "no kind of artifact is listed")
		}
		for _, kind := range a.Artifacts {
			if _, ok := p.Artifacts[kind]; !ok {
				return places.Errorf(at+".artifacts", Suggest(kind, sortedKeys(p.Artifacts)), "unknown kind of artifact %q", kind)
			}
		}
	}
	return nil
}
