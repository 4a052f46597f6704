// SPDX-License-Identifier: Apache-2.0

package html

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
)

// policyView is the policy that applied.
type policyView struct {
	Name, Digest, URI, Rules, TrustRoot, Evaluator, Missing string
	Version                                                 int
	List                                                    []ruleView
}

type ruleView struct {
	ID, Title, Severity, Parameters, Link string
	Objections                            int
}

// inputView is one statement that the decision rests on.
type inputView struct {
	ID, Digest, Type, Detail, Signer, Time, Source, Linked string
}

// command is something to type.
type command struct {
	What, Line string
}

// replay is how to check the decision.
func (b *builder) replay() []command {
	if b.d.Preview {
		return []command{{"Preview it again, in the repository:", plain("sealock check --env " + word(b.d.Environment))}}
	}
	verify := "sealock verify " + b.subject() + " --env " + word(b.d.Environment)
	if b.d.Question == gate.Stay {
		verify += " --promoted"
	}
	if uri := b.d.Policy.URI; uri != "" {
		verify += " --policy " + word(uri)
	}
	var out []command
	if b.d.Environment != "" {
		out = append(out, command{"Decide again now, from the store and the policy of today:", plain(verify)})
	}
	return append(out, command{"Decide again as of then, where a ledger was kept (--ledger FILE):", plain("sealock audit replay " + word(b.d.ID))})
}

var plainWord = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`) })

// word quotes a text for a shell where it needs it.
func word(s string) string {
	if plainWord().MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func (b *builder) inputViews() []inputView {
	var out []inputView
	for i, in := range b.d.Inputs {
		v := inputView{ID: fmt.Sprintf("%s-input-%d", b.id, i), Digest: plain(in.Digest), Type: plain(in.PredicateType), Signer: plain(in.Signer), Time: clock(in.Time.Value), Linked: "bound by digest only"}
		v.Source = map[attest.TimeSource]string{attest.Authority: "time stamp authority", attest.Log: "transparency log", attest.Claimed: "claimed by the signer"}[in.Time.Source]
		if in.Linked {
			v.Linked = "part of the chain"
		}
		if st, ok := b.found.byID[in.Digest]; ok {
			word, detail := predicate.Describe(st)
			v.Detail = plain(strings.TrimSpace(word + " " + detail))
		}
		out = append(out, v)
	}
	return out
}

func (b *builder) policy() (policyView, error) {
	d := b.d
	v := policyView{Name: plain(d.Policy.Name), Version: d.Policy.Version, Digest: plain(d.Policy.Digest.Primary().String()), URI: plain(d.Policy.URI), Rules: plain(d.Evaluator.Rules),
		TrustRoot: plain(d.TrustRoot), Evaluator: plain(d.Evaluator.Version)}
	if b.p == nil {
		v.Missing = "The policy that decided is not at hand, so its rules can't be listed."
		return v, nil
	}
	objections := map[string]int{}
	for _, r := range slices.Concat(d.Reasons, d.Warnings) {
		objections[r.Rule]++
	}
	params := b.p.Params(d.Environment)
	for _, r := range b.p.RuleSet().Rules() {
		given := maps.Clone(r.Parameters)
		if given == nil {
			given = map[string]any{}
		}
		maps.Copy(given, params[r.ID])
		maps.DeleteFunc(given, func(_ string, v any) bool { return v == nil })
		text, err := json.Marshal(given)
		if err != nil {
			return v, fmt.Errorf("writing the parameters of rule %q: %w", r.ID, err)
		}
		x := ruleView{ID: plain(r.ID), Title: plain(r.Title), Severity: plain(r.Severity), Parameters: plain(string(text)), Objections: objections[r.ID]}
		for _, ref := range r.References {
			x.Link = cmp.Or(x.Link, webURL(ref.URL))
		}
		v.List = append(v.List, x)
	}
	return v, nil
}
