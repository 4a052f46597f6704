// SPDX-License-Identifier: Apache-2.0

package gate

import "fmt"

// checkPolicy judges the policy itself, and what a protected environment asks of everything around it.
func (x *decider) checkPolicy() {
	x.did.policy = true
	p := x.p
	if !x.req.At.Before(p.Expires) {
		x.d.refuse(Reason{Code: CodePolicyExpired, Message: "the policy has expired", Expected: "a policy valid at " + rfc3339(x.req.At),
			Found: "expires " + rfc3339(p.Expires), Fix: "review the policy, raise its version and expires"})
	}
	if p.Version < x.req.MinVersion {
		x.d.refuse(Reason{Code: CodePolicyRollback, Message: "the policy is older than asked for", Expected: fmt.Sprintf("version %d or later", x.req.MinVersion),
			Found: fmt.Sprintf("version %d", p.Version), Fix: "use the current policy"})
	}
	for _, w := range p.Waivers {
		if !x.req.At.Before(w.Expires) {
			x.d.warn(Reason{Code: CodeExpiredWaiver, Rule: w.Rule, Message: fmt.Sprintf("a waiver by %s expired on %s and no longer counts", w.Owner, rfc3339(w.Expires)),
				Fix: "remove it from waivers.yaml, or review and renew it"})
		}
		if x.req.At.Before(w.From) {
			x.d.warn(Reason{Code: CodeEarlyWaiver, Rule: w.Rule, Message: fmt.Sprintf("a waiver by %s begins on %s and does not count yet", w.Owner, rfc3339(w.From))})
		}
	}
	if len(p.Known) > 0 && !x.req.At.Before(p.Baseline.Until) {
		x.d.warn(Reason{Code: CodeBaselineOver, Message: fmt.Sprintf("the baseline ended on %s: its %d findings refuse again", rfc3339(p.Baseline.Until), len(p.Known)), Fix: "mend what is left, and remove baseline.yaml"})
	}
	if x.req.Environment == "" || !p.Environments[x.req.Environment].Protected {
		return
	}
	x.checkProtected()
}

func (x *decider) checkProtected() {
	p, env := x.p, x.req.Environment
	if p.Origin.FromTree {
		x.d.refuse(Reason{Code: CodePolicyFromTree, Message: fmt.Sprintf("environment %q is protected and the policy comes from the tree under judgement", env),
			Fix: "name a policy from outside with --policy"})
	}
	if !p.Origin.Signed {
		x.d.refuse(Reason{Code: CodePolicyUnsigned, Message: fmt.Sprintf("environment %q is protected and the policy is not signed", env), Fix: "give a signed policy and its key with --policy-key"})
	}
	if names := p.LocalKeys(); len(names) > 0 {
		x.d.refuse(Reason{Code: CodePolicyLocalKeys, Message: fmt.Sprintf("environment %q is protected and the policy takes keys from the user's own folder", env),
			Found: list(names), Fix: "put the public keys into keys/ of the policy"})
	}
	for _, flag := range x.req.Insecure {
		x.d.refuse(Reason{Code: CodeInsecureFlag, Message: fmt.Sprintf("environment %q is protected and %s is in force", env, flag), Fix: "leave the flag out"})
	}
	for _, shared := range p.SharedRoles() {
		x.d.refuse(Reason{Code: CodeRoleKeyReuse, Message: fmt.Sprintf("environment %q is protected and one signer speaks for several roles", env), Found: shared, Fix: "give each role an identity of its own: another key, another workflow file, or a claim that differs"})
	}
}
