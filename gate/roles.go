// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"maps"
	"slices"
	"strings"
)

// Role is one thing that identities may sign for.
type Role struct {
	Name  string   `json:"name"` // "stage build", "approval for prod", "promotion", "attached sbom"
	Names []string `json:"-"`    // the identities, as the policy lists them
}

// Roles lists what there is to sign for: stages in order, promotions, approvals, attached evidence, VEX.
func (p *Policy) Roles() []Role {
	var out []Role
	all := map[string]bool{}
	for name := range p.Stages {
		all[name] = true
	}
	for _, name := range p.StageOrder(all) {
		out = append(out, Role{"stage " + name, p.Stages[name].SignedBy})
	}
	promoters := map[string]bool{}
	for _, name := range p.EnvironmentOrder() {
		for _, n := range p.Environments[name].PromotedBy {
			promoters[n] = true
		}
	}
	out = append(out, Role{"promotion", sortedKeys(promoters)})
	for _, name := range p.EnvironmentOrder() {
		if a := p.Environments[name].Approvals; a != nil {
			out = append(out, Role{"approval for " + name, []string{a.By}})
		}
		if b := p.Environments[name].BreakGlass; b != nil {
			out = append(out, Role{"break-glass for " + name, b.By})
		}
	}
	for _, name := range sortedKeys(p.Stages) {
		for _, v := range p.Stages[name].Vendors {
			if !v.Unsigned {
				out = append(out, Role{"vendor of " + list(v.Repositories), v.SignedBy})
			}
		}
	}
	for _, a := range p.Attached {
		out = append(out, Role{"attached " + a.Type, a.SignedBy})
	}
	if len(p.VEX.SignedBy) > 0 {
		out = append(out, Role{"vex", p.VEX.SignedBy})
	}
	return out
}

// Shared is a signer who may speak for several roles: one identity of the policy, or several that one key or one certificate would satisfy.
type Shared struct {
	Names []string
	Roles []string
	Apart bool // the policy names them apart and gives them different roles: it claims a separation that it does not have
}

func (s Shared) String() string { return list(s.Names) + ": " + list(s.Roles) }

// Shared lists who may speak for more than one role: a stage, a promotion, an approval. Of two identities of certificates it is enough that a certificate
// could be both: equal issuers, subjects that can be equal, and no claim that must differ. Evidence that is attached is no role of its own.
func (p *Policy) Shared() []Shared {
	roles := map[string]map[string]bool{} // identity → roles
	for _, r := range p.Roles() {
		if strings.HasPrefix(r.Name, "attached ") {
			continue
		}
		for n := range p.expand(r.Names) {
			if roles[n] == nil {
				roles[n] = map[string]bool{}
			}
			roles[n][r.Name] = true
		}
	}
	var out []Shared
	add := func(names ...string) {
		together, apart := map[string]bool{}, false
		for _, n := range names {
			for r := range roles[n] {
				together[r] = true
			}
			apart = apart || !maps.Equal(roles[n], roles[names[0]])
		}
		if len(together) > 1 && !p.keptApart(together) {
			out = append(out, Shared{names, sortedKeys(together), apart})
		}
	}
	for _, id := range sortedKeys(p.names) {
		used := slices.DeleteFunc(slices.Clone(p.names[id]), func(n string) bool { return roles[n] == nil })
		add(used...)
	}
	for i := range p.certificates {
		a := &p.certificates[i]
		if roles[a.name] == nil {
			continue
		}
		add(a.name)
		for j := range p.certificates[:i] {
			if b := &p.certificates[j]; roles[b.name] != nil && !maps.Equal(roles[a.name], roles[b.name]) && a.couldBe(b) {
				add(b.name, a.name)
			}
		}
	}
	return out
}

// keptApart reports whether each decision keeps the roles apart by itself: one approval, and stages whose signers its notBy excludes.
func (p *Policy) keptApart(roles map[string]bool) bool {
	for _, env := range p.EnvironmentOrder() {
		if a := p.Environments[env].Approvals; a != nil && roles["approval for "+env] {
			for r := range roles {
				stage, isStage := strings.CutPrefix(r, "stage ")
				if r != "approval for "+env && (!isStage || !contains(a.NotBy, stagePrefix+stage)) {
					return false
				}
			}
			return true
		}
	}
	return false
}

// SharedRoles writes Shared for people.
func (p *Policy) SharedRoles() []string {
	var out []string
	for _, s := range p.Shared() {
		out = append(out, s.String())
	}
	return out
}

// couldBe reports whether one certificate could be both identities. It looks at each claim by itself, so it may say yes where claims depend on each other.
func (c *certificate) couldBe(other *certificate) bool {
	if c.issuer != other.issuer || !overlaps(c.subjects(), other.subjects()) {
		return false
	}
	for name, values := range c.claims {
		if others, both := other.claims[name]; both && !slices.ContainsFunc(values, func(v string) bool { return slices.Contains(others, v) }) {
			return false
		}
	}
	return true
}

func (c *certificate) subjects() string {
	if c.pattern != nil {
		return c.pattern.text
	}
	return c.subject
}
